//! How old what is pending is, and that each count leads to exactly its dossiers.

use std::collections::BTreeSet;

use diesel::prelude::*;
use motcua::domain::ids::UnitId;
use motcua::domain::period::{Period, office_date};
use motcua::domain::role::Role;
use motcua::http::page::Cursor;
use motcua::state::Act;
use motcua::statistics::ageing::{Age, AgeingBehind, AgeingCell, PendingCounts, ageing, ageing_behind};
use motcua::statistics::{Behind, Cell, Grouping, tally};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::properties::{a_life, a_period};
use super::system;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

#[test]
fn every_age_of_what_is_pending_leads_to_exactly_its_dossiers() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let lives = prop::collection::vec(a_life(), 5..30);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner
        .run(&(lives, a_period()), |(lives, period)| {
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            for life in lives.iter().filter(|life| life.deeds.iter().all(|(when, _)| *when <= now)) {
                put(&mut conn, &world, &office.vault, life);
            }
            for within in [None, Some(UnitId(world.units["H21.18"]))] {
                check(&mut conn, &act, (&period, within))?;
            }
            Ok(())
        })
        .unwrap();
}

fn check(conn: &mut PgConnection, act: &Act<'_>, scope: (&Period, Option<UnitId>)) -> Result<(), TestCaseError> {
    let ages = ageing(conn, act, scope).unwrap();
    let told: Vec<_> = ages.iter().map(|(age, _)| *age).collect();
    prop_assert_eq!(told, Age::ALL, "every age is told, also one of nothing");
    let table = tally(conn, act, scope.0, scope.1, Grouping::Unit).unwrap().total;
    for (cell, of_table) in [
        (AgeingCell::Pending, Cell::Pending),
        (AgeingCell::PendingInTime, Cell::PendingInTime),
        (AgeingCell::PendingOverdue, Cell::PendingOverdue),
    ] {
        let mut all = BTreeSet::new();
        for (age, counts) in &ages {
            let behind = behind(conn, act, scope, (cell, Some(*age)));
            prop_assert_eq!(count(cell, counts), i64::try_from(behind.len()).unwrap(), "{} of {}", cell, age);
            for dossier in behind {
                prop_assert_eq!(age_of(&dossier, scope.0, act), *age, "{}", &dossier.code);
                prop_assert!(all.insert(dossier.code), "it has one age");
            }
        }
        let total: BTreeSet<_> = behind(conn, act, scope, (cell, None)).into_iter().map(|found| found.code).collect();
        prop_assert_eq!(&all, &total, "{}", cell);
        prop_assert_eq!(of_table.of(&table.cells), i64::try_from(total.len()).unwrap(), "{} of the tables", cell);
    }
    Ok(())
}

fn count(cell: AgeingCell, counts: &PendingCounts) -> i64 {
    match cell {
        AgeingCell::Pending => counts.pending,
        AgeingCell::PendingInTime => counts.pending_in_time,
        AgeingCell::PendingOverdue => counts.pending_overdue,
    }
}

/// The age, found out slowly.
fn age_of(dossier: &Behind, period: &Period, act: &Act<'_>) -> Age {
    let end = period.bounds().1.min(act.now);
    let days = (office_date(end) - office_date(dossier.accepted_at)).num_days();
    match days {
        ..=5 => Age::UpTo5,
        6..=10 => Age::UpTo10,
        11..=20 => Age::UpTo20,
        21..=30 => Age::UpTo30,
        31..=60 => Age::UpTo60,
        61..=90 => Age::UpTo90,
        _ => Age::Over90,
    }
}

/// Reads the drill-down page by page.
fn behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
    (cell, age): (AgeingCell, Option<Age>),
) -> Vec<Behind> {
    let mut form = AgeingBehind { cell, age, after: None, limit: 4 };
    let mut found = Vec::new();
    loop {
        let page = ageing_behind(conn, act, scope, &form).unwrap();
        found.extend(page.items);
        match page.next_cursor {
            Some(cursor) => form.after = Some(Cursor::read(&cursor).unwrap()),
            None => return found,
        }
    }
}

fn given() -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for life in [
        History::new("H21.16", "2024-05-10 08:00", "2024-05-17 17:00"),
        History::new("H21.16", "2024-06-12 08:00", "2024-06-19 17:00"),
        History::new("H21.18", "2024-06-12 08:00", "2024-06-19 17:00"),
        History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00").then("2024-05-24 16:00", Deed::Finish),
    ] {
        put(&mut conn, &world, &app.state.vault, &life);
    }
    app
}

#[actix_web::test]
async fn an_age_names_its_days_and_leads_to_its_dossiers() {
    let app = given();
    let token = app.sign_in(Role::Officer, "H21.16");
    let table = app.get("/statistics/ageing?month=2024-06", &token).await.expect(200).body;
    assert_eq!((&table["unit"]["code"], &table["total"]["pending"]), (&json!("H21.16"), &json!(2)));
    let days = |age: &Value| (age["age"].clone(), age["from_days"].clone(), age["to_days"].clone());
    assert_eq!(days(&table["ages"][4]), (json!("31-60"), json!(31), json!(60)));
    assert_eq!(days(&table["ages"][6]), (json!("over-90"), json!(91), Value::Null));
    let path = table["dossiers"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
    for age in table["ages"].as_array().unwrap() {
        for cell in AgeingCell::WORDS {
            let asked = format!("{path}?month=2024-06&age={}&cell={cell}", age["age"].as_str().unwrap());
            let behind = app.get(&asked, &token).await.expect(200);
            assert_eq!(age[cell], behind.items().len(), "{asked}");
        }
    }
    assert_eq!((&table["ages"][0]["pending_in_time"], &table["ages"][4]["pending_overdue"]), (&json!(1), &json!(1)));
    let wrong = app.get(&format!("{path}?month=2024-06&age=old&cell=late"), &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?cell", "unknown_word"), ("?age", "unknown_word")]);
    app.get(&format!("{path}?month=2024-06&cell=pending&unit=H21.18"), &token).await.expect(404);
}
