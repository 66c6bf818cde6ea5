//! Each figure of intake leads to exactly its dossiers: of each counter, of each unit and of all, over random lives.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::ids::UnitId;
use motcua::domain::period::Period;
use motcua::error::AppError;
use motcua::http::by_code::ByCode;
use motcua::state::Act;
use motcua::statistics::{IntakeBehind, IntakeCell, IntakeCounts, count_intake, intake_behind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::properties::{a_life, a_period};
use super::system;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Counts, History, UNITS, World, put};

const COUNTERS: [&str; 4] = ["H21.01", "H21.24", "H21.24.01", "H21.101"];

/// What came in at a counter.
#[derive(Debug, Clone)]
pub(super) struct Came {
    life: History,
    counter: &'static str,
    /// By when it was to be answered, if at all, and when it was.
    answer: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    /// How often papers were asked for.
    requests: i64,
}

impl Came {
    /// Whether a figure counts it, found out slowly.
    fn is_in(&self, cell: IntakeCell, now: DateTime<Utc>) -> bool {
        match (cell, self.answer) {
            (IntakeCell::AskedAgain, _) => self.requests > 1,
            (_, None) => false,
            (IntakeCell::Filed, Some(_)) => true,
            (IntakeCell::AnsweredInTime, Some((due, answered))) => answered.is_some_and(|at| at <= due),
            (IntakeCell::AnsweredLate, Some((due, answered))) => answered.is_some_and(|at| at > due),
            (IntakeCell::WaitingInTime, Some((due, answered))) => answered.is_none() && due >= now,
            (IntakeCell::WaitingLate, Some((due, answered))) => answered.is_none() && due < now,
        }
    }
}

pub(super) fn what_came() -> impl Strategy<Value = Came> {
    // Few hours, so that an answer is often given at the very moment at which it is due; or months, so that it still waits.
    let due = prop_oneof![4 => 0..4i64, 1 => Just(5000)];
    let answer = prop::option::weighted(0.8, (due, prop::option::of(0..5i64)));
    (a_life(), prop::sample::select(COUNTERS.to_vec()), answer, 0..4i64).prop_map(
        |(life, counter, answer, requests)| {
            let after = |hours| life.accepted_at + TimeDelta::hours(hours);
            let answer = answer.map(|(due, answered)| (after(due), answered.map(after)));
            Came { counter, answer, requests, life }
        },
    )
}

pub(super) fn came_in(
    conn: &mut PgConnection,
    world: &World,
    vault: &motcua::platform::secret::Vault,
    came: &Came,
) -> String {
    let dossier = put(conn, world, vault, &came.life);
    let written = |at: Option<DateTime<Utc>>| at.map_or("NULL".to_owned(), |at| format!("'{}'", at.to_rfc3339()));
    let (id, counter) = (dossier.id, world.units[came.counter]);
    let (due, answered) = (came.answer.map(|(due, _)| due), came.answer.and_then(|(_, answered)| answered));
    let at = came.life.accepted_at.to_rfc3339();
    let sql = format!(
        "UPDATE dossiers SET receiving_unit_id = '{counter}', answer_due_at = {}, answered_at = {} WHERE id = '{id}'; \
         INSERT INTO dossier_pauses (id, dossier_id, kind, effect, back_to, opened_at, closed_at, reason) \
         SELECT gen_random_uuid(), '{id}', 'supplement', 'resume', 'processing', '{at}', '{at}', 'thiếu' \
         FROM generate_series(1, {})",
        written(due),
        written(answered),
        came.requests
    );
    conn.batch_execute(&sql).unwrap();
    dossier.code
}

#[test]
fn every_figure_of_intake_leads_to_exactly_its_dossiers() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    runner
        .run(&(prop::collection::vec(what_came(), 5..25), a_period()), |(came, period)| {
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            let known: Vec<(String, Came)> =
                came.into_iter().map(|came| (came_in(&mut conn, &world, &office.vault, &came), came)).collect();
            let units = UNITS.iter().map(|(code, ..)| Some(UnitId(world.units[code])));
            for within in units.chain([None]) {
                check(&mut conn, &act, (&period, within), &known)?;
            }
            Ok(())
        })
        .unwrap();
}

fn check(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, within): (&Period, Option<UnitId>),
    known: &[(String, Came)],
) -> Result<(), TestCaseError> {
    let (from, to) = period.bounds();
    let is_there = |came: &Came| {
        let counter = act.catalogue().unit_by_code(came.counter).unwrap().id;
        let is_counted = came.life.counts == Counts::Yes && (from..to).contains(&came.life.accepted_at);
        is_counted && within.is_none_or(|unit| act.catalogue().is_within(counter, unit))
    };
    let there: Vec<&(String, Came)> = known.iter().filter(|(_, came)| is_there(came)).collect();
    let counted = count_intake(conn, act, period, within);
    // All have their dossiers taken in at H21.01; others have figures where something came in at theirs.
    let centre = act.catalogue().unit_by_code("H21.01").unwrap().id;
    if there.is_empty() && within.is_some_and(|unit| !act.catalogue().is_within(centre, unit)) {
        let Err(AppError::Invalid(faults)) = counted else { panic!("a table of zeros of {within:?}") };
        prop_assert_eq!(faults[0].said.code, "unit_has_no_counter");
        return Ok(());
    }
    let figures = counted.unwrap();
    let counters: BTreeSet<_> = there.iter().map(|(_, came)| came.counter.to_owned()).collect();
    let rows: BTreeSet<_> = figures.rows.iter().map(|(key, _)| key.code.clone()).collect();
    prop_assert_eq!(rows, counters, "a row for each counter at which anything came in");
    let rows = figures.rows.iter().map(|(key, counts)| (Some(key.code.clone()), counts));
    for (row, counts) in rows.chain([(None, &figures.total)]) {
        check_row(conn, act, ((period, within), row, counts), &there)?;
    }
    Ok(())
}

type RowOf<'a> = ((&'a Period, Option<UnitId>), Option<String>, &'a IntakeCounts);

fn check_row(
    conn: &mut PgConnection,
    act: &Act<'_>,
    ((period, within), row, counts): RowOf<'_>,
    there: &[&(String, Came)],
) -> Result<(), TestCaseError> {
    let of_row = |came: &Came| row.as_deref().is_none_or(|row| came.counter == row);
    for cell in IntakeCell::ALL {
        let counted = there.iter().filter(|(_, came)| of_row(came) && came.is_in(*cell, act.now));
        let expected: BTreeSet<String> = counted.map(|(code, _)| code.clone()).collect();
        let figure = i64::try_from(expected.len()).unwrap();
        prop_assert_eq!(cell.of(counts), figure, "{} of {:?} in {:?}", cell, row, within);
        let page = ByCode { after: None, limit: 4 };
        let form = IntakeBehind { cell: *cell, period: *period, within, row: row.clone(), page };
        prop_assert_eq!(behind(conn, act, form), expected, "behind {} of {:?} in {:?}", cell, row, within);
    }
    Ok(())
}

/// Reads the drill-down page by page.
fn behind(conn: &mut PgConnection, act: &Act<'_>, mut form: IntakeBehind) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    loop {
        let page = intake_behind(conn, act, &form).unwrap();
        for item in page.items {
            assert!(codes.insert(item.code().to_owned()), "{} comes twice", item.code());
        }
        match page.next_cursor {
            Some(cursor) => form.page = ByCode::read(Some(&cursor), Some(form.page.limit)).unwrap(),
            None => return codes,
        }
    }
}
