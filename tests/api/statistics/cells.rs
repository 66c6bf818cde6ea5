//! What each cell counts: one life at a time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use motcua::domain::period::Period;
use motcua::domain::tally::Cells;
use motcua::error::AppError;
use motcua::state::Act;
use motcua::statistics::{Grouping, Table, tally};

use super::system;
use crate::support::app::{TestApp, at};
use crate::support::db::Holds;
use crate::support::rows::{Counts, Deed, History, World, put};

struct Given {
    app: TestApp,
    conn: PgConnection,
    world: World,
}

impl Given {
    fn new(now: &str) -> Self {
        let app = TestApp::over(Holds::Nothing, now, |_| {});
        let mut conn = app.db.connect();
        let world = World::lay(&mut conn);
        Self { app, conn, world }
    }

    fn with(now: &str, histories: &[History]) -> Self {
        let mut given = Self::new(now);
        for history in histories {
            put(&mut given.conn, &given.world, &given.app.state.vault, history);
        }
        given
    }

    fn table(&mut self, period: &Period, grouping: Grouping) -> Result<Table, AppError> {
        let now: DateTime<Utc> = self.app.state.clock.now();
        let office = self.app.state.office.in_force(&mut self.conn).unwrap();
        let by = system(self.world.units["H21"]);
        let act = Act { office: &office, by: &by, now };
        tally(&mut self.conn, &act, period, None, grouping)
    }

    fn june(&mut self) -> Cells {
        let june = Period::report_month(2024, 6).unwrap();
        self.table(&june, Grouping::Unit).unwrap().total.cells
    }
}

/// The cells of one life in the report month June 2024, seen in July.
fn june_of(history: History) -> Cells {
    Given::with("2024-07-01 08:00", &[history]).june()
}

fn life() -> History {
    History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
}

#[test]
fn an_early_end_is_received_and_resolved() {
    let cells = june_of(life().online().then("2024-05-24 16:00", Deed::Finish));
    let expected = Cells { received_online: 1, early: 1, ..Cells::default() };
    assert_eq!(cells, expected);
}

#[test]
fn the_due_date_itself_is_on_time_whatever_the_hour() {
    let cells = june_of(life().then("2024-05-27 20:00", Deed::Finish));
    assert_eq!((cells.on_time, cells.late), (1, 0));
    let cells = june_of(life().then("2024-05-28 07:00", Deed::Refuse));
    assert_eq!((cells.late, cells.refused), (1, 1));
}

#[test]
fn what_was_accepted_before_the_period_is_carried_over() {
    let history = History::new("H21.16", "2024-05-14 23:59", "2024-05-27 17:00");
    let cells = june_of(history.then("2024-05-20 08:00", Deed::Finish));
    assert_eq!((cells.carried_over, cells.received_direct_postal), (1, 0));
    let history = History::new("H21.16", "2024-05-15 00:00", "2024-05-27 17:00");
    assert_eq!(june_of(history).received_direct_postal, 1);
}

#[test]
fn an_end_before_the_period_leaves_nothing_in_it() {
    let history = History::new("H21.16", "2024-05-02 08:00", "2024-05-09 17:00");
    let cells = june_of(history.then("2024-05-14 23:59", Deed::Finish));
    assert_eq!(cells, Cells::default());
}

#[test]
fn an_end_after_the_period_is_pending_in_it() {
    let cells = june_of(life().then("2024-06-15 00:00", Deed::Finish));
    let expected = Cells { received_direct_postal: 1, pending_overdue: 1, ..Cells::default() };
    assert_eq!(cells, expected);
}

#[test]
fn due_on_the_last_day_of_the_period_and_not_done_is_overdue() {
    let on_the_last = History::new("H21.16", "2024-06-07 08:00", "2024-06-14 17:00");
    assert_eq!(june_of(on_the_last).pending_overdue, 1);
    let the_day_after = History::new("H21.16", "2024-06-10 08:00", "2024-06-15 17:00");
    assert_eq!(june_of(the_day_after).pending_in_time, 1);
}

#[test]
fn a_finish_that_was_recalled_is_no_end() {
    let cells = june_of(life().then("2024-05-24 16:00", Deed::Finish).then("2024-06-20 08:00", Deed::Recall));
    assert_eq!((cells.resolved(), cells.pending_overdue), (0, 1));
    let again = june_of(
        life()
            .then("2024-05-24 16:00", Deed::Finish)
            .then("2024-05-25 08:00", Deed::Recall)
            .then("2024-05-27 09:00", Deed::Finish),
    );
    assert_eq!((again.early, again.on_time, again.resolved()), (0, 1, 1));
}

#[test]
fn a_pause_keeps_a_dossier_in_time_unless_it_was_late_before() {
    let in_time = june_of(life().then("2024-05-27 16:00", Deed::Pause));
    assert_eq!((in_time.pending_in_time, in_time.pending_overdue), (1, 0));
    let late = june_of(life().then("2024-05-28 08:00", Deed::Pause));
    assert_eq!((late.pending_in_time, late.pending_overdue), (0, 1));
}

#[test]
fn the_due_date_in_force_at_the_end_of_the_period_decides() {
    let moved_later = june_of(life().then("2024-06-20 08:00", Deed::Extend(at("2024-06-30 17:00"))));
    assert_eq!(moved_later.pending_overdue, 1);
    let moved_in_time = june_of(life().then("2024-05-24 08:00", Deed::Extend(at("2024-06-30 17:00"))));
    assert_eq!(moved_in_time.pending_in_time, 1);
}

#[test]
fn an_end_within_an_extension_is_on_time_and_shown_apart() {
    let history =
        life().then("2024-05-24 08:00", Deed::Extend(at("2024-06-03 17:00"))).then("2024-06-03 09:00", Deed::Finish);
    let cells = june_of(history.clone());
    assert_eq!((cells.on_time, cells.apologised, cells.late), (1, 1, 0));

    let mut given = Given::with("2024-07-01 08:00", &[history]);
    let mut config = motcua::config::Config::defaults().unwrap();
    config.dossiers.apologised_counts_late = true;
    let mut office = (*given.app.state.office.in_force(&mut given.conn).unwrap()).clone();
    office.config = std::sync::Arc::new(config);
    let (by, now) = (system(given.world.units["H21"]), given.app.state.clock.now());
    let act = Act { office: &office, by: &by, now };
    let june = Period::report_month(2024, 6).unwrap();
    let strict = tally(&mut given.conn, &act, &june, None, Grouping::Unit).unwrap();
    assert_eq!((strict.total.cells.late, strict.total.cells.apologised), (1, 0));
}

#[test]
fn withdrawn_and_stopped_count_as_resolved() {
    let cells = june_of(life().then("2024-05-21 08:00", Deed::Withdraw));
    assert_eq!((cells.on_time, cells.withdrawn), (1, 1));
    let cells = june_of(life().then("2024-05-29 08:00", Deed::Stop));
    assert_eq!((cells.late, cells.stopped), (1, 1));
    let cells = june_of(life().then("2024-05-28 08:00", Deed::Pause).then("2024-05-29 08:00", Deed::Withdraw));
    assert_eq!((cells.late, cells.withdrawn), (1, 1));
}

#[test]
fn legs_mirrored_and_voided_dossiers_are_nowhere() {
    for counts in [Counts::Leg, Counts::Mirrored, Counts::Voided] {
        let cells = june_of(History { counts, ..life() });
        assert_eq!(cells, Cells::default(), "{counts:?}");
    }
}

#[test]
fn a_dossier_belongs_to_the_unit_that_resolves_it_at_the_end_of_the_period() {
    let history =
        life().then("2024-06-10 08:00", Deed::MoveTo("H21.18")).then("2024-06-20 08:00", Deed::MoveTo("H21.101"));
    let mut given = Given::with("2024-07-01 08:00", &[history]);
    let of = |given: &mut Given, month| {
        let period = Period::report_month(2024, month).unwrap();
        let table = given.table(&period, Grouping::Unit).unwrap();
        table.rows.into_iter().map(|row| row.key.code).collect::<Vec<_>>()
    };
    assert_eq!(of(&mut given, 6), ["H21.18"]);
    assert_eq!(of(&mut given, 7), ["H21.101"]);
}

#[test]
fn hour_terms_fall_due_by_the_minute() {
    let now = "2024-06-03 11:30";
    let hourly = |due| History { hourly: true, ..History::new("H21.16", "2024-06-03 08:00", due) };
    let cells = Given::with(now, &[hourly("2024-06-03 11:29"), hourly("2024-06-03 11:30")]).june();
    assert_eq!((cells.pending_overdue, cells.pending_in_time), (1, 1));
    let by_day = Given::with(now, &[History::new("H21.16", "2024-06-03 08:00", "2024-06-03 11:29")]).june();
    assert_eq!(by_day.pending_in_time, 1);
}

#[test]
fn a_period_that_is_not_over_ends_now() {
    let due_tomorrow = History::new("H21.16", "2024-05-20 08:00", "2024-06-04 17:00");
    let mut given = Given::with("2024-06-03 09:00", &[due_tomorrow]);
    assert_eq!(given.june().pending_in_time, 1);
    given.app.set("2024-06-05 09:00");
    assert_eq!(given.june().pending_overdue, 1);
}

#[test]
fn rows_are_made_by_unit_kind_field_or_parent() {
    let mut given = Given::with(
        "2024-07-01 08:00",
        &[
            History { hourly: true, ..life() },
            History { unit: "H21.24.01", ..life() },
            History { unit: "H21.24", ..life() },
        ],
    );
    let june = Period::report_month(2024, 6).unwrap();
    let mut keys = |grouping| {
        let table = given.table(&june, grouping).unwrap();
        assert_eq!(table.total.cells.received(), 3);
        let rows = table.rows.into_iter();
        rows.map(|row| (row.key.code, row.cells.received())).collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, i64)]| -> Vec<(String, i64)> {
        pairs.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect()
    };
    assert_eq!(keys(Grouping::Unit), pairs(&[("H21.16", 1), ("H21.24", 1), ("H21.24.01", 1)]));
    assert_eq!(keys(Grouping::Kind), pairs(&[("department", 1), ("land_office", 2)]));
    assert_eq!(keys(Grouping::Field), pairs(&[("G1", 2), ("G2", 1)]));
    assert_eq!(keys(Grouping::Parent), pairs(&[("H21", 1), ("H21.18", 1), ("H21.24", 1)]));
}

#[test]
fn figures_that_do_not_add_up_are_refused_by_the_name_of_the_unit() {
    let mut given = Given::with("2024-07-01 08:00", &[life().then("2024-05-24 16:00", Deed::Finish)]);
    diesel::sql_query("UPDATE dossiers SET ended_at = '2024-01-01'").execute(&mut given.conn).unwrap();
    let june = Period::report_month(2024, 6).unwrap();
    let refused = given.table(&june, Grouping::Kind).unwrap_err();
    assert_eq!(refused.code(), "figures_do_not_add_up");
    assert!(refused.to_string().contains("H21.16"), "{refused}");
}
