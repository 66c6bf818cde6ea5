//! Figures as they were known at an earlier moment are those that would have been read then.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use motcua::domain::period::office_date;
use motcua::domain::role::Role;
use motcua::state::Act;
use motcua::statistics::{
    Cell, Counting, DrillForm, Grouping, Map, RowKey, TableForm, dossiers_behind_as_of, tabulate_as_of, tally,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::properties::{a_life, a_period, start};
use super::system;
use crate::support::app::{TestApp, at};
use crate::support::db::Holds;
use crate::support::rows::{Counts, Deed, History, World, put};

/// A life as far as it was known at a moment.
fn until(life: &History, at: DateTime<Utc>) -> Option<History> {
    let deeds = life.deeds.iter().filter(|(when, _)| *when <= at).copied().collect();
    (life.accepted_at <= at).then(|| History { deeds, ..life.clone() })
}

/// What keeps a dossier out is not dated in these lives.
fn undated(life: History) -> History {
    match life.counts {
        Counts::Voided => History { counts: Counts::Yes, ..life },
        _ => life,
    }
}

#[test]
fn as_of_a_moment_is_what_was_read_then() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let lives = prop::collection::vec(a_life().prop_map(undated), 1..20);
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&(lives, a_period(), 0..200_000i64), |(lives, period, minute)| {
            let at = start() + TimeDelta::minutes(minute);
            if at > now || office_date(at) < period.from() {
                return Ok(());
            }
            let (counting, map, grouping) = (Counting::Dossiers, Map::Then, Grouping::Unit);
            let form = TableForm { counting, map, period, within: None, grouping };
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            for life in &lives {
                put(&mut conn, &world, &office.vault, life);
            }
            let known = tabulate_as_of(&mut conn, &act, &form, Some(at)).unwrap();
            for cell in Cell::ALL {
                let drill = DrillForm {
                    counting,
                    map,
                    cell: *cell,
                    period,
                    within: None,
                    row: RowKey::default(),
                    after: None,
                    limit: 200,
                };
                let behind = dossiers_behind_as_of(&mut conn, &act, &drill, Some(at)).unwrap().items.len();
                prop_assert_eq!(cell.of(&known.total.cells), i64::try_from(behind).unwrap(), "{}", cell);
            }
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            for life in lives.iter().filter_map(|life| until(life, at)) {
                put(&mut conn, &world, &office.vault, &life);
            }
            let read = tally(&mut conn, &Act { now: at, ..act }, &period, None, grouping).unwrap();
            prop_assert_eq!(known, read);
            Ok(())
        })
        .unwrap();
}

fn given() -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
        .then("2024-05-24 16:00", Deed::Refuse)
        .then("2024-06-20 08:00", Deed::Recall);
    put(&mut conn, &world, &app.state.vault, &life);
    app
}

#[actix_web::test]
async fn an_end_that_was_undone_later_was_one_then() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let june = "/statistics/units?month=2024-06";
    let counts =
        |body: &serde_json::Value| ["early", "refused", "pending"].map(|cell| body["total"][cell].as_i64().unwrap());
    assert_eq!(counts(&app.get(june, &token).await.expect(200).body), [0, 0, 1]);
    let then = app.get(&format!("{june}&as_of=2024-06-19"), &token).await.expect(200).body;
    assert_eq!((counts(&then), then["as_of"].as_str()), ([1, 1, 0], Some("2024-06-19T23:59:59+07:00")));
    let at = format!("{june}&as_of=2024-05-24T16:00:00%2B07:00");
    assert_eq!(counts(&app.get(&at, &token).await.expect(200).body), [1, 1, 0]);
    let before = format!("{june}&as_of=2024-05-24T15:59:00%2B07:00");
    assert_eq!(counts(&app.get(&before, &token).await.expect(200).body), [0, 0, 1]);
    let behind = "/statistics/dossiers?month=2024-06&cell=refused&as_of=2024-06-19";
    assert_eq!(app.get(behind, &token).await.expect(200).items().len(), 1);
}

#[actix_web::test]
async fn a_new_date_that_was_promised_later_was_not_promised_then() {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
        .then("2024-05-30 16:00", Deed::Finish)
        .then("2024-06-03 08:00", Deed::Recall)
        .then("2024-06-03 08:05", Deed::Extend(at("2024-06-04 17:00")))
        .then("2024-06-05 08:00", Deed::Finish);
    put(&mut conn, &world, &app.state.vault, &life);
    let token = app.sign_in(Role::Controller, "H21");
    let late = async |as_of: &str| {
        let path = format!("/statistics/units?month=2024-06{as_of}");
        let table = app.get(&path, &token).await.expect(200).body;
        ["late", "late_apologised"].map(|cell| table["total"][cell].as_i64().unwrap())
    };
    assert_eq!(late("").await, [1, 1]);
    assert_eq!(late("&as_of=2024-06-02").await, [1, 0]);
}

#[actix_web::test]
async fn nothing_is_known_of_the_future_or_before_the_period() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    for path in ["/statistics/units?month=2024-06", "/statistics/dossiers?month=2024-06&cell=late"] {
        for (as_of, code) in [
            ("2024-07-02", "as_of_in_future"),
            ("2024-05-14", "as_of_before_period"),
            ("yesterday", "not_a_moment"),
            ("2024-02-30", "not_a_moment"),
        ] {
            let refused = app.get(&format!("{path}&as_of={as_of}"), &token).await.expect(422);
            assert_eq!(refused.faults(), [("?as_of", code)], "{as_of}");
        }
    }
}
