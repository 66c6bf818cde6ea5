//! How long results took: working minutes in which the clock ran, by unit, procedure and step; and what each count is made of.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::ids::UnitId;
use motcua::domain::role::Role;
use motcua::http::page::Cursor;
use motcua::state::Act;
use motcua::statistics::durations::behind::{DurationCell, DurationRow, DurationsBehind, durations_behind};
use motcua::statistics::durations::{DurationGroup, durations};
use motcua::statistics::{AskedPeriod, PeriodRule};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::properties::{a_life, a_period};
use super::system;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};
use crate::support::rows::{History, RESOLVERS, World, put};

/// Three results of 60, 90 and 120 working minutes, one of them with a pause between, and a dossier that is open.
async fn given() -> (Office, String) {
    let office = Office::at("2026-10-05 09:00").await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(office.in_process(TEN_DAYS).await);
    }
    let finish = async |code: &str, now: &str| {
        office.app.set(now);
        office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    };
    office.app.set("2026-10-05 09:30");
    let asked = json!({ "papers": [{ "name": "Bản sao CCCD" }], "reason": "Thiếu" });
    office.act(&codes[2], "request_supplement", &office.officer, asked).await.expect(200);
    finish(&codes[0], "2026-10-05 10:00").await;
    finish(&codes[1], "2026-10-05 11:00").await;
    office.app.set("2026-10-06 08:00");
    office.act(&codes[2], "supply", &office.clerk, json!({})).await.expect(200);
    finish(&codes[2], "2026-10-06 09:00").await;
    let token = office.app.sign_in(Role::Controller, "H21");
    (office, token)
}

const OCTOBER: &str = "/statistics/durations?calendar_month=2026-10";

fn measures(row: &Value) -> [i64; 4] {
    ["count", "p50_minutes", "p90_minutes", "average_minutes"].map(|name| row[name].as_i64().unwrap())
}

#[actix_web::test]
async fn median_ninth_decile_and_mean_leave_pauses_out() {
    let (office, token) = given().await;
    let catalogue = office.app.state.office.in_force(&mut office.app.db.connect()).unwrap();
    let unit = catalogue.catalogue.unit_by_code(DEPARTMENT).unwrap().name.clone();
    let procedure = catalogue.catalogue.procedure_on(TEN_DAYS, "2026-10-05".parse().unwrap()).unwrap().name.clone();
    for (group, key, name) in [("unit", DEPARTMENT, unit), ("procedure", TEN_DAYS, procedure)] {
        let table = office.app.get(&format!("{OCTOBER}&group={group}"), &token).await.expect(200).body;
        assert_eq!((&table["rows"][0]["key"], &table["rows"][0]["name"]), (&json!(key), &json!(name)));
        assert_eq!(table["total"]["name"], "Tổng cộng");
        assert_eq!(measures(&table["rows"][0]), [3, 90, 120, 90]);
        assert_eq!((measures(&table["total"]), &table["unmeasured"]), ([3, 90, 120, 90], &json!(0)));
    }
}

#[actix_web::test]
async fn steps_are_told_by_the_unit_that_did_them() {
    let (office, token) = given().await;
    let table = office.app.get(&format!("{OCTOBER}&group=step"), &token).await.expect(200).body;
    let rows = table["rows"].as_array().unwrap();
    let at = |unit: &str| rows.iter().filter(|row| row["unit"] == unit).collect::<Vec<_>>();
    assert_eq!(at(CENTRE).iter().map(|row| measures(row)).collect::<Vec<_>>(), [[3, 0, 0, 0]]);
    assert!(!at(DEPARTMENT).is_empty());
    let is_named = |row: &Value| row["name"] == row["key"] && row["unit_name"].as_str().unwrap().len() > 5;
    assert!(rows.iter().all(is_named), "{rows:?}");
}

#[actix_web::test]
async fn the_index_of_service_quality_has_the_average_by_the_unit_of_the_term() {
    let (office, token) = given().await;
    let index = office.app.get("/statistics/quality?calendar_month=2026-10", &token).await.expect(200).body;
    let mut all = index["groups"].as_array().unwrap().iter().flat_map(|group| group["indicators"].as_array().unwrap());
    let average = all.find(|one| one["indicator"] == "average_time").unwrap();
    assert_eq!((&average["max"], &average["not_computable"]["code"]), (&Value::Null, &json!("no_points")));
    let of = |unit: &str, [vi, en]: [&str; 2], results: i64, minutes: Option<i64>| {
        json!({ "term_unit": unit, "vi": vi, "en": en, "cell": format!("timed_{unit}"), "results": results,
            "average_minutes": minutes })
    };
    let expected = [
        of("working_hour", ["Giờ làm việc", "Working hours"], 0, None),
        of("working_day", ["Ngày làm việc", "Working days"], 0, None),
        of("calendar_day", ["Ngày", "Calendar days"], 3, Some(90)),
        of("month", ["Tháng", "Months"], 0, None),
    ];
    assert_eq!(average["averages"], json!(expected));
    for row in &expected {
        let cell = row["cell"].as_str().unwrap();
        let behind = format!("/statistics/quality/dossiers?calendar_month=2026-10&cell={cell}");
        assert_eq!(json!(office.app.get(&behind, &token).await.expect(200).items().len()), row["results"], "{cell}");
    }
}

#[actix_web::test]
async fn without_results_there_is_no_median() {
    let (office, token) = given().await;
    let table = office.app.get("/statistics/durations?calendar_month=2026-09", &token).await.expect(200).body;
    assert_eq!((&table["rows"], &table["total"]["p50_minutes"]), (&json!([]), &Value::Null));
    let wrong = office.app.get(&format!("{OCTOBER}&group=shoe"), &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?group", "unknown_word")]);
}

#[actix_web::test]
async fn every_count_leads_to_what_it_counts() {
    let (office, token) = given().await;
    for group in ["unit", "procedure", "step"] {
        let table = office.app.get(&format!("{OCTOBER}&group={group}"), &token).await.expect(200).body;
        let path = table["dossiers"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
        let path = format!("{path}?calendar_month=2026-10");
        for row in table["rows"].as_array().unwrap() {
            let of_step = row["unit"].as_str().map_or(String::new(), |unit| format!("&row_key={unit}"));
            let asked = format!("{path}&cell=count&group={group}&group_key={}{of_step}", row["key"].as_str().unwrap());
            let behind = office.app.get(&asked, &token).await.expect(200);
            assert_eq!(row["count"], behind.items().len(), "{asked}");
            assert!(behind.items().iter().all(|item| item["does"].is_string() == (group == "step")), "{asked}");
        }
        for (cell, count) in [("count", &table["total"]["count"]), ("unmeasured", &table["unmeasured"])] {
            let behind = office.app.get(&format!("{path}&cell={cell}"), &token).await.expect(200);
            assert_eq!(count, behind.items().len(), "{cell}");
        }
    }
}

#[actix_web::test]
async fn a_row_that_no_table_of_working_times_can_have_is_a_fault() {
    let (office, token) = given().await;
    let table = office.app.get(&format!("{OCTOBER}&group=step"), &token).await.expect(200).body;
    let does = table["rows"][0]["key"].as_str().unwrap();
    let path = "/statistics/durations/dossiers?calendar_month=2026-10&cell";
    for (query, pointer, code) in [
        ("=count&group_key=H99".to_owned(), "?group_key", "group_not_found"),
        ("=count&group=procedure&group_key=9.999".to_owned(), "?group_key", "group_not_found"),
        (format!("=count&group=step&group_key=Pha%20trà&row_key={CENTRE}"), "?group_key", "group_not_found"),
        (format!("=count&group=step&group_key={does}&row_key=H99"), "?row_key", "group_not_found"),
        (format!("=count&group=step&group_key={does}"), "?row_key", "required"),
        (format!("=count&group_key={CENTRE}&row_key={CENTRE}"), "?row_key", "group_not_found"),
        ("=count&group=step".to_owned(), "?group_key", "required"),
        (format!("=unmeasured&group_key={DEPARTMENT}"), "?group_key", "group_not_found"),
        ("=p50_minutes".to_owned(), "?cell", "unknown_word"),
        ("=count&group=shoe&group_key=1".to_owned(), "?group", "unknown_word"),
    ] {
        let wrong = office.app.get(&format!("{path}{query}"), &token).await.expect(422);
        assert_eq!(wrong.faults(), [(pointer, code)], "{query}");
    }
    // Each could have had results, and had none.
    for none in [
        "group_key=H21.05",
        "group=procedure&group_key=2.002516",
        &format!("group=step&group_key={does}&row_key=H21.05"),
    ] {
        assert!(office.app.get(&format!("{path}=count&{none}"), &token).await.expect(200).items().is_empty(), "{none}");
    }
    let foreign = office.app.sign_in(Role::Leader, "H21.05");
    office.app.get(&format!("{OCTOBER}&unit={DEPARTMENT}"), &foreign).await.expect(200);
    office.app.get(&format!("{path}=count&unit={DEPARTMENT}"), &foreign).await.expect(404);
}

/// A hop through a step: what is done, by whom, minutes after the hop before, working minutes.
type Hop = (usize, usize, i64, i64);

fn a_measured_life() -> impl Strategy<Value = (History, Vec<Hop>)> {
    let hop = (0..2usize, 0..RESOLVERS.len(), 0..9_000i64, 0..3_000i64);
    (a_life(), prop::collection::vec(hop, 0..4))
}

fn put_measured(
    conn: &mut PgConnection,
    world: &World,
    vault: &motcua::platform::secret::Vault,
    (life, hops): &(History, Vec<Hop>),
) {
    let id = put(conn, world, vault, life).id;
    let mut at = life.accepted_at;
    for (number, (does, unit, gap, minutes)) in (1..).zip(hops) {
        let left = at + TimeDelta::minutes(*gap);
        let (does, unit) = (["Thẩm định", "Ký duyệt"][*does], world.units[RESOLVERS[*unit]]);
        let sql = format!(
            "INSERT INTO dossier_steps (id, dossier_id, number, step, unit_id, role, does, entered_at, left_at, \
               working_minutes, outcome) \
             VALUES (gen_random_uuid(), '{id}', {number}, 1, '{unit}', 'officer', '{does}', '{}', '{}', {minutes}, 'advanced')",
            at.to_rfc3339(),
            left.to_rfc3339()
        );
        conn.batch_execute(&sql).unwrap();
        at = left;
    }
}

#[test]
fn every_count_of_working_times_leads_to_exactly_what_it_counts() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let lives = prop::collection::vec(a_measured_life(), 10..40);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner
        .run(&(lives, a_period()), |(lives, period)| {
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            for life in lives.iter().filter(|(life, _)| life.deeds.iter().all(|(when, _)| *when <= now)) {
                put_measured(&mut conn, &world, &office.vault, life);
            }
            let asked = AskedPeriod { period, rule: PeriodRule::Dates, name: None };
            for within in [None, Some(UnitId(world.units["H21.18"]))] {
                for group in DurationGroup::ALL {
                    check(&mut conn, &act, (&asked, within), *group)?;
                }
            }
            Ok(())
        })
        .unwrap();
}

fn check(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (asked, within): (&AskedPeriod, Option<UnitId>),
    group: DurationGroup,
) -> Result<(), TestCaseError> {
    let table = serde_json::to_value(durations(conn, act, asked, (within, group)).unwrap()).unwrap();
    for row in table["rows"].as_array().unwrap() {
        let (key, unit) = (row["key"].as_str().unwrap().to_owned(), row["unit"].as_str().map(str::to_owned));
        let of = match group {
            DurationGroup::Unit => DurationRow::Unit(key),
            DurationGroup::Procedure => DurationRow::Procedure(key),
            DurationGroup::Step => DurationRow::Step(key, unit.unwrap()),
        };
        let minutes = behind(conn, act, (asked, within), (DurationCell::Count, of));
        prop_assert_eq!(measured(minutes), measures(row), "{} of {:?}", row, within);
    }
    let total = behind(conn, act, (asked, within), (DurationCell::Count, DurationRow::Total));
    prop_assert_eq!(i64::try_from(total.len()).unwrap(), table["total"]["count"].as_i64().unwrap());
    let unmeasured = behind(conn, act, (asked, within), (DurationCell::Unmeasured, DurationRow::Total));
    prop_assert!(unmeasured.iter().all(Option::is_none));
    prop_assert_eq!(i64::try_from(unmeasured.len()).unwrap(), table["unmeasured"].as_i64().unwrap());
    Ok(())
}

/// Count, median, ninth decile and mean of what is behind a row, as its measures are said to be made.
fn measured(minutes: Vec<Option<i64>>) -> [i64; 4] {
    let mut minutes: Vec<i64> = minutes.into_iter().map(Option::unwrap).collect();
    minutes.sort_unstable();
    let count = i64::try_from(minutes.len()).unwrap();
    // The first of which so many tenths are no longer.
    let tenths = |tenths: usize| minutes[(minutes.len() * tenths).div_ceil(10) - 1];
    let sum: i64 = minutes.iter().sum();
    [count, tenths(5), tenths(9), (2 * sum + count) / (2 * count)]
}

/// Reads what is behind a figure page by page; returns the minutes of each.
fn behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (asked, within): (&AskedPeriod, Option<UnitId>),
    (cell, row): (DurationCell, DurationRow),
) -> Vec<Option<i64>> {
    let mut form = DurationsBehind { cell, row, after: None, limit: 3 };
    let mut minutes = Vec::new();
    loop {
        let page = durations_behind(conn, act, (&asked.period, within), &form).unwrap();
        minutes.extend(page.items.iter().map(|item| item.minutes()));
        match page.next_cursor {
            Some(cursor) => form.after = Some(Cursor::read(&cursor).unwrap()),
            None => return minutes,
        }
    }
}
