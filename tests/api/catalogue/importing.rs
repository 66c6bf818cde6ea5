//! `motcua import catalogue`.

use chrono::NaiveDate;
use motcua::catalogue::import::{ImportError, What};
use motcua::catalogue::{load, versions};
use motcua::domain::catalogue::Procedure;
use serde_json::json;

use super::given::{Copy, House, province};

fn faults(house: &House, copy: &Copy) -> Vec<String> {
    match house.load(copy.path()).unwrap_err() {
        ImportError::Rows(faults) => faults.iter().map(ToString::to_string).collect(),
        ImportError::App(err) => panic!("{err:?}"),
    }
}

fn procedure(house: &House, code: &str, day: &str) -> Procedure {
    let catalogue = load(&mut house.conn()).unwrap();
    catalogue.procedure_on(code, day.parse().unwrap()).unwrap().clone()
}

#[test]
fn the_demo_province_loads_whole() {
    let house = House::with_province();
    for (table, count) in [
        ("units", 41),
        ("fields", 31),
        ("procedures", 101),
        ("procedure_versions", 101),
        ("processes", 8),
        ("calendars", 1),
    ] {
        assert_eq!(house.count(table), count, "{table}");
    }
    let catalogue = load(&mut house.conn()).unwrap();
    assert_eq!(catalogue.units().len(), 41);
    let years: Vec<i32> = catalogue.calendar().years().keys().copied().collect();
    assert_eq!(years, (2023..=2029).collect::<Vec<_>>());
    let committee = procedure(&house, "1.115354", "2026-10-05");
    let process = catalogue.process(committee.process_id.unwrap()).unwrap();
    assert_eq!((process.code.as_str(), process.steps.len()), ("W4", 10));
}

#[test]
fn an_empty_database_has_an_empty_catalogue() {
    let house = House::empty();
    let catalogue = load(&mut house.conn()).unwrap();
    assert_eq!((catalogue.version(), catalogue.units().len()), (0, 0));
    assert!(catalogue.calendar().years().is_empty());
}

#[test]
fn the_tree_holds_every_unit_with_itself_and_all_above_it() {
    let house = House::with_province();
    let above = |unit: &str| {
        house.count(&format!("unit_tree JOIN units ON units.id = unit_tree.unit_id WHERE units.code = '{unit}'"))
    };
    assert_eq!(above("H21"), 1);
    assert_eq!(above("H21.16"), 2);
    assert_eq!(above("H21.24.02"), 4);
}

#[test]
fn importing_the_same_files_twice_changes_nothing() {
    let house = House::with_province();
    let before = versions(&mut house.conn()).unwrap().catalogue;
    let report = house.load(&province()).unwrap();
    assert!(report.changes_nothing(), "{report}");
    assert!(report.changes.is_empty(), "{report}");
    assert_eq!(versions(&mut house.conn()).unwrap().catalogue, before);
    assert_eq!(house.count("procedure_versions"), 101);
    assert_eq!(house.count("calendars"), 1);
}

#[test]
fn a_dry_run_lists_what_would_change_and_changes_nothing() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change_row("procedures.json", "1.004873", |row| row["term"]["amount"] = json!(2));
    copy.change_row("units.json", "H21.20", |row| row["name"] = json!("Thanh tra"));
    let report = house.try_out(copy.path()).unwrap();
    let lines: Vec<String> = report.changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "units.json: H21.20: changed: name",
            "procedures.json: 1.004873: version 2 from 2026-11-21: term 3 working_day → 2 working_day",
        ]
    );
    assert!(report.to_string().ends_with("a dry run, nothing was written"));
    assert!(house.load(&province()).unwrap().changes_nothing());
}

#[test]
fn a_wrong_row_loads_nothing_and_names_file_row_and_field() {
    let house = House::empty();
    let copy = Copy::new();
    copy.change_row("procedures.json", "1.115339", |row| row["term"]["amount"] = json!(4.8));
    let said = faults(&house, &copy);
    assert_eq!(
        said,
        ["procedures.json: item 46 (1.115339): /term/amount: a term of 4.8 working_day cannot be; working days go by \
          quarters, 0 to 1000"]
    );
    assert_eq!(house.count("units"), 0);
    assert_eq!(versions(&mut house.conn()).unwrap().catalogue, 0);
}

#[test]
fn every_fault_of_every_file_is_told_at_once() {
    let house = House::empty();
    let copy = Copy::new();
    copy.change_row("units.json", "H21.01", |row| {
        row["hard_area"] = json!("no");
        row["colour"] = json!("red");
    });
    copy.change_row("units.json", "H21.24", |row| row["parent"] = json!("H21.24.02"));
    copy.change_row("units.json", "H21.20", |row| row["receives_at"] = json!("H99"));
    copy.change_row("fields.json", "G15-TP07", |row| row["name"] = json!(" "));
    copy.change_row("processes.json", "W2", |row| row["steps"][2]["does"] = json!("look"));
    copy.change_row("processes.json", "W6", |row| row["legs"][1]["after"] = json!(["sleep"]));
    copy.change_row("procedures.json", "1.004873", |row| {
        row["cutoff"] = json!("at_15_00");
        row["resolved_by"] = json!(["commune", "village"]);
        row["process"] = json!("W99");
        row["fees"] = json!([{"name": "a", "amount_vnd": -1, "due": "at_intake"}]);
    });
    copy.change_row("procedures.json", "1.014755", |row| row["state"] = json!("published"));
    copy.change("calendar.json", |calendar| {
        calendar["years"].as_array_mut().unwrap().remove(2);
        calendar["years"][0]["off"] = json!(["2023-02-30"]);
    });
    let said = faults(&house, &copy);
    for start in [
        "units.json: item 2 (H21.01): /hard_area: invalid type",
        "units.json: item 2 (H21.01): /colour: is no field",
        "units.json: item 14 (H21.24): /parent: the unit lies below itself",
        "units.json: item 13 (H21.20): /receives_at: there is no unit H99",
        "fields.json: item 4 (G15-TP07): /name: must have",
        "processes.json: item 2 (W2): /steps/3/sends_back_to: `review` sends back to `examine`",
        "processes.json: item 6 (W6): /legs/1/after: there is no leg `sleep`",
        "procedures.json: item 4 (1.004873): /cutoff: at_15_00",
        "procedures.json: item 4 (1.004873): /resolved_by/1: `village`",
        "procedures.json: item 4 (1.004873): /process: there is no process W99",
        "procedures.json: item 4 (1.004873): /fees/0/amount_vnd: must not be negative",
        "procedures.json: item 55 (1.014755): /term: is missing",
        "calendar.json: item 1 (2023): /off",
        "calendar.json: /years: the year 2025 is missing",
    ] {
        assert!(said.iter().any(|line| line.starts_with(start)), "{start} in {said:#?}");
    }
    assert_eq!(said.len(), 16, "{said:#?}");
    assert!(said.iter().all(|line| !line.contains('\n')));
}

#[test]
fn files_that_are_missing_or_no_json_are_named() {
    let house = House::empty();
    let copy = Copy::new();
    std::fs::remove_file(copy.path().join("units.json")).unwrap();
    std::fs::write(copy.path().join("fields.json"), "[").unwrap();
    std::fs::write(copy.path().join("processes.json"), "{}").unwrap();
    let said = faults(&house, &copy);
    assert_eq!(said.len(), 3, "{said:#?}");
    for start in ["units.json: can't be read", "fields.json: is no JSON", "processes.json: must be a list"] {
        assert!(said.iter().any(|line| line.starts_with(start)), "{start} in {said:#?}");
    }
}

#[test]
fn a_changed_term_makes_a_new_version_and_the_old_one_ends() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change_row("procedures.json", "1.004873", |row| row["term"]["amount"] = json!(2));
    house.load(copy.path()).unwrap();
    let old = procedure(&house, "1.004873", "2026-11-20");
    let new = procedure(&house, "1.004873", "2026-11-21");
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    assert_eq!((old.version, old.valid_to), (1, Some(day)));
    assert_eq!((new.version, new.valid_from, new.valid_to), (2, day, None));
    assert_eq!(old.terms.unwrap().base.amount().units(), 3);
    assert_eq!(new.terms.unwrap().base.amount().units(), 2);
    assert_eq!(old.procedure_id, new.procedure_id);
    assert!(house.load(copy.path()).unwrap().changes_nothing());
    assert_eq!(house.count("procedure_versions"), 102);
}

#[test]
fn a_change_dated_ahead_holds_from_that_day() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change_row("procedures.json", "1.004873", |row| {
        row["term"]["amount"] = json!(2);
        row["valid_from"] = json!("2027-01-01");
    });
    house.load(copy.path()).unwrap();
    assert_eq!(procedure(&house, "1.004873", "2026-12-31").version, 1);
    assert_eq!(procedure(&house, "1.004873", "2027-01-01").version, 2);
    assert!(house.load(copy.path()).unwrap().changes_nothing());
}

#[test]
fn two_changes_on_one_day_leave_the_last_in_force() {
    let house = House::with_province();
    let copy = Copy::new();
    for amount in [2, 1] {
        copy.change_row("procedures.json", "1.004873", |row| row["term"]["amount"] = json!(amount));
        house.load(copy.path()).unwrap();
    }
    let held = procedure(&house, "1.004873", "2026-11-21");
    assert_eq!(held.version, 3);
    assert_eq!(held.terms.unwrap().base.amount().units(), 1);
}

#[test]
fn a_procedure_may_be_ended_without_a_new_version() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change_row("procedures.json", "1.004873", |row| row["valid_to"] = json!("2027-01-01"));
    house.load(copy.path()).unwrap();
    let catalogue = load(&mut house.conn()).unwrap();
    let on = |day: &str| catalogue.procedure_on("1.004873", day.parse().unwrap());
    assert_eq!(on("2026-12-31").unwrap().version, 1);
    assert!(on("2027-01-01").is_none());
}

#[test]
fn a_changed_process_carries_its_procedures_with_it() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change_row("processes.json", "W3", |row| row["steps"][0]["at_most_days"] = json!(0.25));
    let report = house.load(copy.path()).unwrap();
    let land = report.changes.iter().filter(|change| change.file == "procedures.json").count();
    assert_eq!(land, 11);
    assert_eq!(house.count("process_versions"), 9);
    let catalogue = load(&mut house.conn()).unwrap();
    let process_of = |day| catalogue.process(procedure(&house, "1.115343", day).process_id.unwrap());
    assert_eq!(process_of("2026-11-20").unwrap().version, 1);
    assert_eq!(process_of("2026-11-21").unwrap().version, 2);
}

#[test]
fn a_unit_keeps_its_key_under_a_new_code() {
    let house = House::with_province();
    let before = load(&mut house.conn()).unwrap().unit_by_code("H21.20").unwrap().id;
    let copy = Copy::new();
    copy.change_row("units.json", "H21.20", |row| {
        row["code"] = json!("H21.27");
        row["former_codes"] = json!([{"code": "H21.20", "valid_to": "2026-11-21"}]);
    });
    copy.change_row("procedures.json", "2.002407", |row| row["resolved_by"] = json!(["H21.27"]));
    let report = house.load(copy.path()).unwrap();
    assert_eq!(report.changes.len(), 1, "{report}");
    let catalogue = load(&mut house.conn()).unwrap();
    assert_eq!(catalogue.units().len(), 41);
    for code in ["H21.20", "H21.27"] {
        let unit = catalogue.unit_by_code(code).unwrap();
        assert_eq!((unit.id, unit.code.as_str()), (before, "H21.27"));
    }
    assert!(house.load(copy.path()).unwrap().changes_nothing());
}

#[test]
fn what_vanishes_from_the_files_is_kept() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change("units.json", |rows| {
        rows.as_array_mut().unwrap().retain(|row| row["code"] != "H21.236");
    });
    copy.change("procedures.json", |rows| {
        rows.as_array_mut().unwrap().retain(|row| row["code"] != "1.004873");
    });
    copy.change("calendar.json", |calendar| {
        calendar["years"].as_array_mut().unwrap().remove(0);
    });
    let report = house.load(copy.path()).unwrap();
    assert!(report.changes_nothing(), "{report}");
    let kept: Vec<_> =
        report.changes.iter().filter(|change| change.what == What::Kept).map(|change| change.code.as_str()).collect();
    assert_eq!(kept, ["H21.236", "1.004873", "2023"]);
    assert_eq!(house.count("units"), 41);
    assert_eq!(house.count("calendars"), 1);
}

#[test]
fn a_changed_calendar_is_published_under_a_new_number() {
    let house = House::with_province();
    let copy = Copy::new();
    copy.change("calendar.json", |calendar| {
        calendar["years"][4]["state"] = json!("published");
    });
    house.load(copy.path()).unwrap();
    let catalogue = load(&mut house.conn()).unwrap();
    assert_eq!(catalogue.calendar_version(), 2);
    assert_eq!(house.count("calendars"), 2);
}

#[test]
fn a_calendar_that_ends_too_soon_is_told() {
    let house = House::empty();
    assert!(house.try_out(&province()).unwrap().warnings.is_empty());
    house.app.set("2028-03-01 08:00");
    assert_eq!(house.try_out(&province()).unwrap().warnings.len(), 1);
}

#[test]
fn a_running_process_sees_an_import_at_once() {
    let house = House::with_province();
    let held = |house: &House| {
        let office = house.app.state.office.in_force(&mut house.conn()).unwrap();
        office.catalogue.unit_by_code("H21.20").unwrap().name.clone()
    };
    assert_eq!(held(&house), "Thanh tra tỉnh");
    let copy = Copy::new();
    copy.change_row("units.json", "H21.20", |row| row["name"] = json!("Thanh tra"));
    house.load(copy.path()).unwrap();
    assert_eq!(held(&house), "Thanh tra");
}

#[test]
fn hard_areas_cases_and_channels_come_back_as_they_were_written() {
    let house = House::with_province();
    let terms = |code| procedure(&house, code, "2026-11-21").terms.unwrap();
    assert_eq!(terms("1.115345").hard_area.unwrap().to_string(), "16.5");
    assert_eq!(terms("1.000603").by_channel.len(), 3);
    assert_eq!(terms("1.004859").cases.len(), 2);
    assert!(procedure(&house, "1.014755", "2026-11-21").terms.is_none());
}
