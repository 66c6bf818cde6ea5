//! What is loaded, and what it counts for.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use motcua::command::console;
use motcua::domain::code::DossierCode;
use motcua::domain::period::Period;
use motcua::dossiers::Ask;
use motcua::dossiers::action::Action;
use motcua::dossiers::import::{COLUMNS, DryRun, Mode, What};
use motcua::dossiers::search::{Filter, search};
use motcua::http::etag::IfMatch;
use motcua::schema::{dossier_events, dossier_states, dossiers};
use motcua::statistics::{Grouping, tally};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::given::{Given, returned, row};
use crate::support::app::at;

#[test]
fn a_new_row_is_received_on_its_day_and_its_applicant_is_told() {
    let given = Given::new();
    let verdicts = given.load(&[row("A-1", &[])], Mode::AllOrNothing);
    assert_eq!(verdicts[0].what, What::Loaded("H21.16-240520-0001".to_owned()));
    assert_eq!(verdicts[0].row, 2);
    let (status, due_at, source): (String, Option<DateTime<Utc>>, Option<String>) = dossiers::table
        .select((diesel::dsl::sql::<diesel::sql_types::Text>("status"), dossiers::due_at, dossiers::source_code))
        .first(&mut given.app.db.connect())
        .unwrap();
    assert_eq!((status.as_str(), source.as_deref()), ("received", Some("A-1")));
    assert_eq!(due_at, Some(at("2024-05-30 17:00")));
    assert_eq!(given.told(), 1);
}

#[test]
fn an_ended_row_keeps_its_own_dates_and_history_and_nobody_is_told() {
    let given = Given::new();
    let late = row("A-2", &[("status", "finished"), ("due_first", "2024-05-24"), ("finished_at", "2024-05-27 09:00")]);
    let gone = row("A-3", &[("status", "withdrawn"), ("ended_at", "2024-05-22 09:00")]);
    given.load(&[returned("A-1"), late, gone], Mode::AllOrNothing);
    assert_eq!(given.told(), 0);
    let mut conn = given.app.db.connect();
    let standings: Vec<Option<String>> = dossiers::table
        .order(dossiers::source_code)
        .select(diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>("standing"))
        .load(&mut conn)
        .unwrap();
    let words: Vec<_> = standings.iter().map(|word| word.as_deref().unwrap()).collect();
    assert_eq!(words, ["early", "late", "on_time"]);

    let first: uuid::Uuid = dossiers::table
        .filter(dossiers::source_code.eq("A-1"))
        .select(diesel::dsl::sql::<diesel::sql_types::Uuid>("id"))
        .first(&mut conn)
        .unwrap();
    let events: Vec<(String, DateTime<Utc>, DateTime<Utc>, serde_json::Value)> = dossier_events::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("dossier_id = ").bind::<diesel::sql_types::Uuid, _>(first))
        .order(dossier_events::number)
        .select((
            diesel::dsl::sql::<diesel::sql_types::Text>("verb"),
            dossier_events::happened_at,
            dossier_events::recorded_at,
            dossier_events::details,
        ))
        .load(&mut conn)
        .unwrap();
    let verbs: Vec<_> = events.iter().map(|(verb, ..)| verb.as_str()).collect();
    assert_eq!(verbs, ["receive", "transfer", "finish", "hand_over"]);
    let happened: Vec<_> = events.iter().map(|(_, happened_at, ..)| *happened_at).collect();
    let day = |text| at(text);
    assert_eq!(happened[2..], [day("2024-05-28 10:00"), day("2024-05-29 14:30")]);
    assert!(
        events.iter().all(|(_, _, recorded_at, details)| {
            *recorded_at == at("2024-07-01 09:00") && details["imported"] == true
        })
    );
    let open: i64 =
        dossier_states::table.filter(dossier_states::valid_to.is_null()).count().get_result(&mut conn).unwrap();
    assert_eq!(open, 3, "one state in force a dossier");
}

#[test]
fn an_open_row_goes_on_here() {
    let given = Given::new();
    let open = row("A-1", &[("status", "processing"), ("due_first", "2024-07-10")]);
    let What::Loaded(code) = given.load(&[open], Mode::AllOrNothing).remove(0).what else { panic!() };
    let ask = Ask { code: DossierCode::read(&code).unwrap(), if_match: IfMatch::default() };
    for (verb, body) in [("advance", "{}"), ("finish", r#"{"result":"granted","at_counter":true}"#)] {
        given
            .app
            .state
            .act_here(&console(), at("2024-07-02 09:00"), |conn, act| {
                Action::read(verb, body.as_bytes())?.apply(conn, act, &ask).map(|_| ())
            })
            .unwrap();
    }
    let standing: Option<String> = dossiers::table
        .select(diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>("standing"))
        .first(&mut given.app.db.connect())
        .unwrap();
    assert_eq!(standing.as_deref(), Some("early"), "by the due date on its slip");
}

#[test]
fn imported_dossiers_count_in_the_months_in_which_they_came_and_ended() {
    let given = Given::new();
    let late = row("A-2", &[("status", "finished"), ("due_first", "2024-05-24"), ("finished_at", "2024-06-03 09:00")]);
    given.load(&[returned("A-1"), late, row("A-3", &[("status", "processing")])], Mode::AllOrNothing);
    let cells = |month| {
        let period = Period::calendar_month(2024, month).unwrap();
        given
            .app
            .state
            .act_here(&console(), at("2024-07-01 09:00"), |conn, act| tally(conn, act, &period, None, Grouping::Unit))
            .unwrap()
            .total
            .cells
    };
    let (may, june) = (cells(5), cells(6));
    assert_eq!((may.received(), may.early, may.late, may.pending()), (3, 1, 0, 2));
    assert_eq!((june.carried_over, june.early, june.late, june.pending_overdue), (2, 0, 1, 1));
}

#[test]
fn a_file_that_is_loaded_again_changes_nothing() {
    let given = Given::new();
    let rows = [row("A-1", &[]), returned("A-2")];
    let first = given.load(&rows, Mode::AllOrNothing);
    for mode in [Mode::AllOrNothing, Mode::RowByRow] {
        for (before, again) in first.iter().zip(given.load(&rows, mode)) {
            let What::Loaded(code) = &before.what else { panic!("{before:?}") };
            assert_eq!(again.what, What::There(Some(code.clone())));
        }
    }
    assert_eq!((given.count(), given.told()), (2, 1));
}

#[test]
fn a_dossier_is_found_by_its_code_in_the_old_system() {
    let given = Given::new();
    given.load(
        &[row("hs/2024 – 17", &[]), row("000.00.53.h48-240520-0099", &[]), row("cu-000123", &[])],
        Mode::RowByRow,
    );
    for code in ["000.00.53.h48-240520-0099", "cu-000123"] {
        let filter = Filter { q: Some(code.to_owned()), ..Filter::default() };
        let found =
            given.app.state.act_here(&console(), at("2024-07-01 09:00"), |conn, act| search(conn, act, &filter));
        assert_eq!(found.unwrap().items.len(), 1, "{code}");
    }
}

#[test]
fn a_spreadsheet_says_what_a_text_says() {
    let given = Given::new();
    let (mut book, path) = (Workbook::new(), given.path("dossiers.xlsx"));
    let sheet = book.add_worksheet();
    let format = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string(0, column, name).unwrap();
    }
    let cells = returned("A-1");
    for (column, name) in (0..).zip(COLUMNS) {
        let Some((_, cell)) = cells.iter().find(|(cell, _)| *cell == name) else { continue };
        if name == "received_at" {
            let moment = ExcelDateTime::parse_from_str("2024-05-20T08:15:00").unwrap();
            sheet.write_datetime_with_format(1, column, &moment, &format).unwrap();
        } else {
            sheet.write_string(1, column, *cell).unwrap();
        }
    }
    book.save(&path).unwrap();
    let verdicts = given.import(&path, Mode::AllOrNothing, DryRun::No).unwrap();
    assert_eq!(verdicts[0].what, What::Loaded("H21.16-240520-0001".to_owned()));
    let accepted: Option<DateTime<Utc>> =
        dossiers::table.select(dossiers::accepted_at).first(&mut given.app.db.connect()).unwrap();
    assert_eq!(accepted, Some(at("2024-05-20 08:15")));
}

#[test]
fn the_example_can_be_loaded_as_it_is() {
    let given = Given::new();
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/examples/dossiers.csv");
    let verdicts = given.import(&example, Mode::AllOrNothing, DryRun::No).unwrap();
    assert!(verdicts.iter().all(|verdict| matches!(verdict.what, What::Loaded(_))), "{verdicts:?}");
}
