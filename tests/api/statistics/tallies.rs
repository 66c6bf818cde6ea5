//! The tallies tell what a full recount does, whatever was done to dossiers, and say so where they don't.

mod recount;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::calendars;
use motcua::command::console;
use motcua::domain::code::DossierCode;
use motcua::domain::period::{Period, office_date};
use motcua::dossiers::action::{Action, Done};
use motcua::dossiers::{Ask, undo, void};
use motcua::error::AppError;
use motcua::http::etag::IfMatch;
use motcua::platform::db::Scope;
use motcua::platform::progress::Progress;
use motcua::schema::{tally_days, tally_marks, tally_totals, tally_waiting};
use motcua::state::Act;
use motcua::statistics::tallies::{self, verify::Findings};
use motcua::statistics::{Grouping, tally};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::calendars::given::{
    BY_HOURS, CONSULTED, FIVE_DAYS, Given, QUARTERS, TEN_CALENDAR_DAYS, TEN_WORKING_DAYS, THREE_DAYS, swap,
};
use crate::reorganisations::given::{Reorganised, split};
use crate::support::app::{TestApp, intake};
use crate::support::db::Holds;
use crate::support::program::motcua;
use crate::support::rows::{Deed, History, World, put};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn verified(app: &TestApp, periods: &[Period]) -> Findings {
    let (now, by) = (app.state.clock.now(), console());
    app.state
        .db
        .read_here(&Scope::system(), |conn| {
            let office = app.state.office.in_force(conn)?;
            tallies::verify::verify(conn, &Act { office: &office, by: &by, now }, None, periods, &Progress::silent())
        })
        .unwrap()
}

/// Expects no disagreement, in tables that the tallies told.
#[track_caller]
fn holds(app: &TestApp, periods: &[Period]) {
    let found = verified(app, periods);
    assert_eq!((&found.faults, found.wrong), (&Vec::new(), 0), "{found}");
    assert_eq!(found.tables, periods.len() * 2, "each is told by the tallies, of dossiers and of legs");
}

async fn kept(app: &TestApp) -> usize {
    tallies::tick(app.state.clone()).await.unwrap()
}

fn waiting(app: &TestApp) -> i64 {
    tally_waiting::table.count().get_result(&mut app.db.connect()).unwrap()
}

fn change(app: &TestApp, sql: &str) {
    app.db.connect().batch_execute(sql).unwrap();
}

const KINDS: [(&str, &str); 7] =
    [FIVE_DAYS, THREE_DAYS, TEN_WORKING_DAYS, QUARTERS, TEN_CALENDAR_DAYS, BY_HOURS, CONSULTED];

/// Dossiers to which anything is done at random.
struct Office {
    given: Given,
    rng: StdRng,
    codes: Vec<DossierCode>,
    done: BTreeSet<String>,
}

impl Office {
    async fn of_seed(seed: u64) -> Self {
        let given = Given::at("2026-11-09 08:00").await;
        Self { given, rng: StdRng::seed_from_u64(seed), codes: Vec::new(), done: BTreeSet::new() }
    }

    fn app(&self) -> &TestApp {
        self.given.app()
    }

    async fn turn(&mut self) {
        let minutes = *[0, 3, 40, 300, 1_000, 2_900].choose(&mut self.rng).unwrap();
        self.app().pass(TimeDelta::minutes(minutes) + TimeDelta::seconds(7));
        match self.rng.random_range(0..10) {
            0..=2 => self.receive().await,
            3..=8 => _ = (0..30).any(|_| self.acted()),
            _ => _ = kept(self.app()).await,
        }
    }

    async fn receive(&mut self) {
        let (procedure, unit) = *KINDS.choose(&mut self.rng).unwrap();
        let mut body = intake(procedure, unit);
        body["channel"] = json!(["direct", "online", "postal"].choose(&mut self.rng).unwrap());
        let answer = self.app().post("/dossiers", &self.given.office.clerk, &body).await;
        if answer.status == 201 {
            self.codes.push(DossierCode::read(&answer.field("code")).unwrap());
        }
    }

    /// Tries any deed on one of the newer dossiers; whether it was lawful.
    fn acted(&mut self) -> bool {
        let newer = self.codes.len().saturating_sub(12);
        let Some(code) = self.codes[newer..].choose(&mut self.rng).cloned() else { return false };
        let (verb, body) = self.deed();
        let act = |conn: &mut PgConnection, act: &Act<'_>| match verb {
            "void" => void::carry_out(conn, act, &code, "nhập nhầm").map(drop),
            "undo" => undo::carry_out(conn, act, &code, "kết thúc nhầm").map(drop),
            _ => {
                let ask = Ask { code: code.clone(), if_match: IfMatch::default() };
                let done = Action::read(verb, body.to_string().as_bytes())?.apply(conn, act, &ask)?;
                assert!(matches!(done, Done::Changed(_)), "{verb} is done by one");
                Ok(())
            }
        };
        let now = self.app().state.clock.now();
        match self.app().state.act_here(&console(), now, act) {
            Ok(()) => {
                self.done.insert(verb.to_owned());
                true
            }
            Err(AppError::Internal(err)) => panic!("{verb} on {code}: {err:?}"),
            Err(_) => false,
        }
    }

    fn deed(&mut self) -> (&'static str, Value) {
        // What ends a dossier without a result, or its end, is seldom.
        if self.rng.random_range(0..10) == 0 {
            let ends = ["withdraw", "undo", "undo", "void", "stop"];
            let verb = *ends.choose(&mut self.rng).unwrap();
            return (verb, if verb == "stop" { json!({ "reason": "thiếu căn cứ" }) } else { json!({}) });
        }
        let later = office_date(self.app().state.clock.now()) + TimeDelta::days(self.rng.random_range(1..9));
        let reason = "cần thêm thời gian";
        let paper = json!([{ "name": "Bản sao giấy khai sinh" }]);
        let unit = ["H21.11", "H21.16", "H21.13"].choose(&mut self.rng).unwrap();
        let deeds = [
            ("transfer", json!({})),
            ("transfer", json!({})),
            ("transfer", json!({})),
            ("request_supplement", json!({ "papers": paper, "reason": reason, "override_reason": reason })),
            ("supply", json!({})),
            ("lapse", json!({})),
            ("consult", json!({ "unit_code": "H21.11", "question": reason })),
            ("consult_answered", json!({})),
            ("request_payment", json!({ "amount_vnd": 50_000 })),
            ("confirm_payment", json!({ "voucher": "BL-1" })),
            ("suspend", json!({ "reason": reason })),
            ("resume", json!({})),
            ("extend", json!({ "new_due_on": later, "reason": reason })),
            ("apologise", json!({ "new_due_on": later, "reason": reason })),
            ("finish", json!({ "result": "granted" })),
            ("finish", json!({ "result": "refused", "reason": reason })),
            ("recall", json!({ "reason": reason })),
            ("recall", json!({ "reason": reason })),
            ("hand_over", json!({})),
            ("redirect", json!({ "unit_code": unit, "reason": reason })),
        ];
        deeds.choose(&mut self.rng).unwrap().clone()
    }

    fn some_period(&mut self) -> Period {
        let from = day("2026-11-02") + TimeDelta::days(self.rng.random_range(0..75));
        Period::new(from, from + TimeDelta::days(self.rng.random_range(1..50))).unwrap()
    }
}

#[actix_web::test]
async fn whatever_is_done_to_dossiers_the_tallies_are_a_full_recount() {
    let mut done = BTreeSet::new();
    for seed in 1..=3 {
        let mut office = Office::of_seed(seed).await;
        for turn in 0..240 {
            office.turn().await;
            if turn == 60 {
                office.given.publish(&json!({ "calendar": swap() })).await.expect(201);
            }
            if turn == 70 {
                calendars::tick(office.app().state.clone()).await.unwrap();
            }
            if turn % 12 == 11 {
                let periods = [office.some_period(), office.some_period()];
                holds(office.app(), &periods);
            }
        }
        office.app().pass(TimeDelta::minutes(1));
        kept(office.app()).await;
        assert_eq!(waiting(office.app()), 0);
        let periods: Vec<Period> = (0..20).map(|_| office.some_period()).collect();
        holds(office.app(), &periods);
        done.extend(office.done);
    }
    for verb in [
        "transfer",
        "request_supplement",
        "supply",
        "request_payment",
        "confirm_payment",
        "extend",
        "withdraw",
        "stop",
        "finish",
        "recall",
        "hand_over",
        "undo",
        "void",
    ] {
        assert!(done.contains(verb), "{verb} is among {done:?}");
    }
}

#[actix_web::test]
async fn after_a_reorganisation_each_unit_keeps_what_it_did() {
    let house = Reorganised::new().await;
    house.decided(&split()).await;
    house.dossiers().await;
    let app = &house.office.app;
    app.pass(TimeDelta::minutes(1));
    kept(app).await;
    house.new_year().await;
    let periods: Vec<Period> = ["2026-12-15", "2026-12-28", "2027-01-01", "2027-01-04"]
        .map(|from| Period::new(day(from), day("2027-01-15")).unwrap())
        .into();
    holds(app, &periods);
    let before = house.statistics("units?from=2026-12-28&to=2027-01-15&map=now").await;
    app.pass(TimeDelta::minutes(1));
    kept(app).await;
    holds(app, &periods);
    let after = house.statistics("units?from=2026-12-28&to=2027-01-15&map=now").await;
    assert_eq!(before["rows"], after["rows"]);
}

/// Three dossiers in as many months; one of them late.
fn with_three_dossiers() -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-08-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for (from, due, end) in [
        ("2024-05-20 08:00", "2024-05-27 17:00", "2024-05-29 16:00"),
        ("2024-06-20 08:00", "2024-06-27 17:00", "2024-06-25 16:00"),
        ("2024-07-20 08:00", "2024-07-26 17:00", "2024-07-26 16:00"),
    ] {
        let life = History::new("H21.16", from, due).then(end, Deed::Finish);
        put(&mut conn, &world, &app.state.vault, &life);
    }
    app
}

fn early_and_late(app: &TestApp) -> (i64, i64) {
    let period = Period::calendar_year(2024).unwrap();
    let by = console();
    let table =
        app.state.act_here(&by, app.state.clock.now(), |conn, act| tally(conn, act, &period, None, Grouping::Unit));
    let cells = table.unwrap().total.cells;
    (cells.early, cells.late)
}

#[actix_web::test]
async fn what_a_verb_did_shows_before_and_after_it_is_taken_up() {
    let app = with_three_dossiers();
    assert_eq!((waiting(&app), early_and_late(&app)), (3, (1, 1)));
    kept(&app).await;
    assert_eq!((waiting(&app), early_and_late(&app)), (0, (1, 1)));
    change(&app, "UPDATE dossiers SET status = 'voided' WHERE standing = 'late'");
    assert_eq!((waiting(&app), early_and_late(&app)), (1, (1, 0)));
    kept(&app).await;
    assert_eq!((waiting(&app), early_and_late(&app)), (0, (1, 0)));
}

#[actix_web::test]
async fn what_no_figure_looks_at_makes_nobody_wait() {
    let app = with_three_dossiers();
    kept(&app).await;
    change(&app, "UPDATE dossiers SET shelf_place = 'K1', progress = 100, version = version + 1");
    assert_eq!(waiting(&app), 0);
}

#[actix_web::test]
async fn a_dossier_is_left_alone_for_some_seconds_after_a_verb() {
    let app = with_three_dossiers();
    let ended = "2024-07-26 16:00";
    app.set(ended);
    assert_eq!(kept(&app).await, 3);
    assert_eq!(waiting(&app), 1);
    app.pass(TimeDelta::seconds(5));
    kept(&app).await;
    assert_eq!(waiting(&app), 0);
    // Whoever asks as of an earlier moment gets what was known then.
    app.set("2024-07-01 08:00");
    assert_eq!(verified(&app, &[Period::calendar_year(2024).unwrap()]).tables, 0);
    assert_eq!(verified(&app, &[Period::calendar_month(2024, 6).unwrap()]).tables, 2);
}

#[actix_web::test]
async fn a_sum_that_was_changed_is_named_and_made_right() {
    let app = with_three_dossiers();
    kept(&app).await;
    let verify = |more: &[&str]| motcua(&app.db, app.dir.path(), &[&["verify", "statistics"], more].concat());
    let whole = verify(&[]).succeeds();
    assert!(whole.out.starts_with("3 dossiers recounted, 0 with a wrong mark; 0 lines wait"), "{whole:?}");
    for connections in ["1", "3", "1000"] {
        assert_eq!(verify(&["--connections", connections]).succeeds().out, whole.out);
    }
    verify(&["--connections", "0"]).fails(2, "--connections");

    change(
        &app,
        "UPDATE tally_days SET late = late + 2 WHERE day = '2024-05-29' AND field_id <> '00000000-0000-0000-0000-000000000000'",
    );
    let wrong = verify(&[]).fails(1, "the tallies do not hold: make them anew with --repair");
    let lines: Vec<_> = wrong.out.lines().take(3).collect();
    assert_eq!(
        lines,
        [
            "unit H21.16, field G1, day 2024-05-29: late is 3, by its parts 1",
            "unit H21.16, field all, day 2024-05-29: late is 1, by its parts 3",
            "unit H21.16, field G1, carried forward to 2024-06-01: late is 1, by the days 3",
        ]
    );

    change(&app, "UPDATE tally_marks SET ended_as = 'early'");
    let wrong = verify(&[]).fails(1, "--repair");
    let told = "unit H21.16, field G1, marks of 2024-05-29: early is 1, by the history 0";
    assert!(wrong.out.contains(told), "{}", wrong.out);
    assert!(wrong.out.contains("2 with a wrong mark"), "{}", wrong.out);

    let repaired = verify(&["--repair"]).succeeds();
    assert!(repaired.out.starts_with("2 marks were wrong or missing and are made anew"), "{repaired:?}");
    assert_eq!(early_and_late(&app), (1, 1));
}

#[actix_web::test]
async fn what_was_there_before_is_taken_up_at_once_where_asked() {
    let app = with_three_dossiers();
    assert_eq!(tally_marks::table.count().get_result::<i64>(&mut app.db.connect()).unwrap(), 0);
    motcua(&app.db, app.dir.path(), &["verify", "statistics", "--repair"]).succeeds();
    assert_eq!(waiting(&app), 0);
    holds(&app, &[Period::calendar_year(2024).unwrap()]);
    // Sums are carried forward from the first day on.
    let mut conn = app.db.connect();
    let first: Option<NaiveDate> =
        tally_totals::table.select(diesel::dsl::min(tally_totals::until)).first(&mut conn).unwrap();
    assert_eq!(first, Some(day("2024-05-22")));
    let days: i64 = tally_days::table.count().get_result(&mut conn).unwrap();
    assert!(days >= 5, "{days}");
}
