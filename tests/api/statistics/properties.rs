//! Over random lives the figures add up, equal a slow count, and lead to exactly their dossiers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use motcua::domain::deadline::{Standing, is_past};
use motcua::domain::period::Period;
use motcua::platform::progress::Progress;
use motcua::state::Act;
use motcua::statistics::{Cell, Counting, DrillForm, GroupKey, Grouping, Map, RowKey, dossiers_behind, tallies, tally};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::system;
use crate::support::app::{TestApp, at};
use crate::support::db::Holds;
use crate::support::rows::{Counts, Deed, History, RESOLVERS, Stand, World, put, term_unit};

pub(super) fn start() -> DateTime<Utc> {
    at("2024-04-01 08:00")
}

fn a_deed() -> impl Strategy<Value = (i64, Deed)> {
    // Gaps of 0 make two verbs fall into one moment.
    let gap = prop_oneof![Just(0), 1..600i64, 0..30_000i64];
    let deed = (0..11u8, 0..20_000i64, 0..RESOLVERS.len()).prop_map(|(which, minutes, unit)| {
        let due = start() + TimeDelta::minutes(minutes * 5);
        match which {
            0 | 1 => Deed::Pause,
            2 => Deed::PauseForPayment,
            3 | 4 => Deed::Resume(due),
            5 => Deed::Extend(due),
            6 => Deed::MoveTo(RESOLVERS[unit]),
            7 | 8 => Deed::Finish,
            9 => Deed::Recall,
            _ if minutes % 3 == 0 => Deed::Withdraw,
            _ if minutes % 3 == 1 => Deed::Stop,
            _ => Deed::Refuse,
        }
    });
    (gap, deed)
}

pub(super) fn a_life() -> impl Strategy<Value = History> {
    let start_minute = 0..90_000i64;
    let term = 0..20_000i64;
    let deeds = prop::collection::vec(a_deed(), 0..6);
    let counts = prop_oneof![
        8 => Just(Counts::Yes),
        1 => Just(Counts::Leg),
        1 => Just(Counts::Mirrored),
        1 => Just(Counts::Voided),
    ];
    let channel = prop::sample::select(vec!["online", "direct", "postal"]);
    (start_minute, term, deeds, counts, channel, 0..RESOLVERS.len(), any::<bool>()).prop_map(
        |(minute, term, deeds, counts, channel, unit, hourly)| {
            let accepted_at = start() + TimeDelta::minutes(minute);
            let mut when = accepted_at;
            let deeds = deeds.into_iter().map(|(gap, deed)| {
                when += TimeDelta::minutes(gap);
                (when, deed)
            });
            History {
                deeds: deeds.collect(),
                unit: RESOLVERS[unit],
                hourly,
                channel,
                accepted_at,
                due_at: accepted_at + TimeDelta::minutes(term),
                counts,
            }
        },
    )
}

pub(super) fn a_period() -> impl Strategy<Value = Period> {
    (0..120i64, 1..60i64).prop_map(|(first, length)| {
        let day = |n| NaiveDate::from_ymd_opt(2024, 3, 20).unwrap() + TimeDelta::days(n);
        Period::new(day(first), day(first + length)).unwrap()
    })
}

/// What a slow count says of one dossier: its unit and the cells it is in.
fn slowly(history: &History, period: &Period, now: DateTime<Utc>) -> Option<(&'static str, BTreeSet<Cell>)> {
    let (from, to) = period.bounds();
    if history.counts != Counts::Yes || history.accepted_at >= to {
        return None;
    }
    let unit = term_unit(history);
    let mut at_the_end = Stand::first(history);
    let mut last = at_the_end;
    for (when, deed) in &history.deeds {
        let Some(next) = last.after(unit, *when, *deed) else {
            continue;
        };
        last = next;
        if *when < to && *when <= now {
            at_the_end = next;
        }
    }
    // Only an end that stands to this day is one.
    let end = last.end;
    if end.is_some_and(|end| end.at < from) {
        return None;
    }
    let mut cells = BTreeSet::new();
    cells.insert(Cell::Received);
    cells.insert(match (history.accepted_at < from, history.channel) {
        (true, _) => Cell::CarriedOver,
        (false, "online") => Cell::ReceivedOnline,
        (false, _) => Cell::ReceivedDirectPostal,
    });
    match (history.accepted_at < from, history.channel) {
        (false, "direct") => drop(cells.insert(Cell::ReceivedDirect)),
        (false, "postal") => drop(cells.insert(Cell::ReceivedPostal)),
        _ => {}
    }
    match end.filter(|end| end.at < to) {
        Some(end) => {
            cells.insert(Cell::Resolved);
            cells.insert(match end.standing {
                Standing::Early => Cell::Early,
                Standing::OnTime => Cell::OnTime,
                Standing::Late => Cell::Late,
            });
            cells.extend((end.status == "withdrawn").then_some(Cell::Withdrawn));
            cells.extend((end.status == "stopped").then_some(Cell::Stopped));
            cells.extend(end.refused.then_some(Cell::Refused));
            cells.extend(end.apologised.then_some(Cell::Apologised));
            // Nothing shorter is pledged in these lives.
            cells.extend((end.standing == Standing::Late).then_some(Cell::LateStatutory));
            let has_result = end.status == "finished";
            cells.extend(has_result.then_some(Cell::WithResult));
            if end.standing == Standing::Late {
                cells.extend(has_result.then_some(Cell::LateWithResult));
                cells.insert(if last.extended { Cell::LateApologised } else { Cell::LateUnapologised });
            }
        }
        None => {
            cells.insert(Cell::Pending);
            let stopped_at = at_the_end.paused_at.filter(|_| at_the_end.end.is_none());
            let judged_at = stopped_at.unwrap_or(to.min(now));
            if stopped_at.is_some() {
                let waits_for = if at_the_end.for_payment { Cell::PausedPayment } else { Cell::PausedSupplement };
                cells.extend([Cell::Paused, waits_for]);
            }
            cells.insert(match is_past(unit, judged_at, at_the_end.due_at) {
                true => Cell::PendingOverdue,
                false => Cell::PendingInTime,
            });
        }
    }
    Some((at_the_end.unit, cells))
}

type Slow = BTreeMap<(&'static str, Cell), BTreeSet<String>>;

#[test]
fn figures_equal_a_slow_count_and_lead_to_their_dossiers() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let lives = prop::collection::vec(a_life(), 1..25);
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&(lives, a_period()), |(lives, period)| {
            // One database serves all cases: what one wrote goes with its connection.
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            // Nobody knows at `now` of what comes after it.
            let lives: Vec<_> =
                lives.into_iter().filter(|life| life.deeds.iter().all(|(when, _)| *when < now)).collect();
            check(&mut conn, &act, &world, (&lives, &period))
        })
        .unwrap();
}

fn check(
    conn: &mut PgConnection,
    act: &Act<'_>,
    world: &World,
    (lives, period): (&[History], &Period),
) -> Result<(), TestCaseError> {
    let mut slow = Slow::new();
    for life in lives {
        let code = put(conn, world, &act.office.vault, life).code;
        if let Some((unit, cells)) = slowly(life, period, act.now) {
            for cell in cells {
                slow.entry((unit, cell)).or_default().insert(code.clone());
            }
        }
    }
    agree(conn, act, period, &slow)?;
    // The same once the tallies have taken them all up, and beside the full classification for legs too.
    tallies::keep(conn, act, 0).unwrap();
    let found = tallies::verify::verify(conn, act, None, &[*period], &Progress::silent()).unwrap();
    prop_assert_eq!((&found.faults, found.wrong, found.waiting, found.tables), (&Vec::new(), 0, 0, 2));
    agree(conn, act, period, &slow)
}

fn agree(conn: &mut PgConnection, act: &Act<'_>, period: &Period, slow: &Slow) -> Result<(), TestCaseError> {
    let table = tally(conn, act, period, None, Grouping::Unit).unwrap();
    for cell in Cell::ALL {
        let all: BTreeSet<_> =
            RESOLVERS.iter().filter_map(|unit| slow.get(&(unit, *cell))).flatten().cloned().collect();
        prop_assert_eq!(cell.of(&table.total.cells), i64::try_from(all.len()).unwrap(), "{} in all", cell);
        prop_assert_eq!(behind(conn, act, period, (*cell, None)), all, "behind {}", cell);
    }
    for unit in RESOLVERS {
        let row = table.rows.iter().find(|row| row.key.code == unit);
        for cell in Cell::ALL {
            let codes = slow.get(&(unit, *cell)).cloned().unwrap_or_default();
            let counted = row.map_or(0, |row| cell.of(&row.cells));
            prop_assert_eq!(counted, i64::try_from(codes.len()).unwrap(), "{} of {}", cell, unit);
            if row.is_some() {
                prop_assert_eq!(behind(conn, act, period, (*cell, Some(unit))), codes, "{} of {}", cell, unit);
            }
        }
    }
    for grouping in [Grouping::Kind, Grouping::Field, Grouping::Parent] {
        let other = tally(conn, act, period, None, grouping).unwrap();
        prop_assert_eq!(other.total.cells, table.total.cells);
    }
    Ok(())
}

/// Reads the drill-down page by page.
fn behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
    (cell, unit): (Cell, Option<&str>),
) -> BTreeSet<String> {
    let mut form = DrillForm {
        counting: Counting::Dossiers,
        map: Map::Then,
        cell,
        period: *period,
        within: None,
        row: RowKey { group: unit.map(|code| GroupKey { grouping: Grouping::Unit, code: code.to_owned() }), row: None },
        after: None,
        limit: 4,
    };
    let mut codes = BTreeSet::new();
    loop {
        let page = dossiers_behind(conn, act, &form).unwrap();
        for item in page.items {
            assert!(codes.insert(item.code.clone()), "{} comes twice", item.code);
        }
        match page.next_cursor {
            Some(cursor) => form.after = Some(motcua::http::page::Cursor::read(&cursor).unwrap()),
            None => return codes,
        }
    }
}
