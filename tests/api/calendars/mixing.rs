//! Two calendars can't mix, and no deed under way leaves a due date of the old one behind.

use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::PgConnection;
use motcua::calendars::{self, Step};
use motcua::catalogue::import::{self, DryRun, ImportError};
use motcua::catalogue::publication::Tell;
use motcua::command::console;
use motcua::domain::code::DossierCode;
use motcua::dossiers::action::Action;
use motcua::dossiers::{self, Ask, Intake};
use motcua::http::etag::IfMatch;
use motcua::platform::progress::Progress;
use motcua::state::Act;
use serde_json::{Value, json};

use super::given::{Given, SEVEN_DAYS, TEN_WORKING_DAYS, THREE_DAYS, counted_by, step, swap};
use crate::catalogue::given::Copy;
use crate::support::app::{TestApp, at, intake};
use crate::support::client::JsonBody;

/// 2027 as the government might announce it.
fn next_year() -> Value {
    let mut calendar: Value = serde_json::from_str(include_str!("../../../config/province/calendar.json")).unwrap();
    calendar["years"] = json!([calendar["years"][4]]);
    calendar["years"][0]["state"] = json!("published");
    calendar
}

#[actix_web::test]
async fn a_calendar_waits_until_the_one_before_is_followed() {
    let given = Given::in_batches_of("2026-11-10 08:00", 5).await;
    given.november().await;
    given.publish(&json!({ "calendar": swap() })).await.expect(201);
    assert_eq!(step(given.app()), Step::Batch(5));
    let refused = given.publish(&json!({ "calendar": next_year() })).await.expect(409);
    assert_eq!(refused.code(), "calendar_unfinished");
    given.app().get("/calendars/publications/3", &given.controller).await.expect(404);
    calendars::tick(given.app().state.clone()).await.unwrap();
    given.publish(&json!({ "calendar": next_year() })).await.expect(201);
    let listed = given.app().get("/calendars/publications?limit=2", &given.controller).await.expect(200).body;
    let numbers: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, [3, 2]);
    let path = format!("/calendars/publications?cursor={}", listed["next_cursor"].as_str().unwrap());
    let rest = given.app().get(&path, &given.controller).await.expect(200).body;
    assert_eq!((&rest["items"][0]["number"], &rest["next_cursor"]), (&json!(1), &json!(null)));
}

#[actix_web::test]
async fn of_two_that_are_published_at_once_one_is_refused() {
    let given = Given::at("2026-11-10 08:00").await;
    given.november().await;
    let (one, other) = (json!({ "calendar": swap() }), json!({ "calendar": next_year() }));
    let (one, other) = tokio::join!(given.publish(&one), given.publish(&other));
    let mut answers = [(one.status, one.code().to_owned()), (other.status, other.code().to_owned())];
    answers.sort();
    assert_eq!(answers, [(201, String::new()), (409, "calendar_unfinished".to_owned())]);
}

#[actix_web::test]
async fn a_catalogue_that_is_imported_publishes_its_calendar_the_same_way() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let copy = Copy::new();
    copy.change("calendar.json", |calendar| calendar["years"][3] = swap()["years"][0].clone());
    let load = || import::run(&given.app().state, copy.path(), DryRun::No, &Progress::silent());
    load().unwrap();
    let opened = given.publication(2).await;
    assert_eq!((&opened["total"], &opened["tells"]), (&json!(10), &json!(false)));
    copy.change("calendar.json", |calendar| calendar["years"][4]["state"] = json!("published"));
    match load() {
        Err(ImportError::App(err)) => assert_eq!(err.code(), "calendar_unfinished"),
        other => panic!("{other:?}"),
    }
    calendars::tick(given.app().state.clone()).await.unwrap();
    given.expect_due(&november.seven, "2026-11-26 17:00").await;
    load().unwrap();
}

#[actix_web::test]
async fn a_publishing_that_is_asked_for_twice_with_one_key_is_done_once() {
    let given = Given::at("2026-11-10 08:00").await;
    let ask = || {
        let app = given.app();
        let request = app.http.post(app.url("/calendars/publications")).bearer_auth(&given.controller);
        app.send(request.header("Idempotency-Key", "swap").json_body(&json!({ "calendar": swap() })))
    };
    let (first, again) = (ask().await.expect(201), ask().await.expect(201));
    assert_eq!((first.body, again.header("Idempotency-Replayed")), (again.body.clone(), "true"));
}

/// A deed that began before the swap was published and goes on when it is told to.
struct Underway {
    go_on: Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

impl Underway {
    async fn begin(app: &TestApp, deed: impl FnOnce(&mut PgConnection, &Act<'_>) + Send + 'static) -> Self {
        let ((go_on, told), (begun, has_begun)): ((_, Receiver<()>), (Sender<()>, _)) = (channel(), channel());
        let state = app.state.clone();
        let ended = tokio::task::spawn_blocking(move || {
            let done = state.act_here(&console(), state.clock.now(), |conn, act| {
                begun.send(()).unwrap();
                told.recv().unwrap();
                deed(conn, act);
                Ok(())
            });
            done.unwrap();
        });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        Self { go_on, ended }
    }

    async fn goes_on(self) {
        self.go_on.send(()).unwrap();
        self.ended.await.unwrap();
    }
}

fn publish(app: &TestApp) {
    let published = app
        .state
        .act_here(&console(), app.state.clock.now(), |conn, act| calendars::publish(conn, act, swap(), Tell::Nobody));
    published.unwrap().unwrap();
}

#[actix_web::test]
async fn a_dossier_received_meanwhile_by_the_old_calendar_follows_before_the_end() {
    let given = Given::at("2026-11-10 08:00").await;
    given.in_process("2026-11-13 09:00", TEN_WORKING_DAYS).await;
    given.app().set("2026-11-19 09:00");
    let receive = |conn: &mut PgConnection, act: &Act<'_>| {
        let form: Intake = serde_json::from_value(intake(THREE_DAYS.0, THREE_DAYS.1)).unwrap();
        let dossier = dossiers::receive(conn, act, &form).unwrap().dossier;
        assert_eq!(dossier.due_at, Some(at("2026-11-25 17:00")), "the 20th, 23rd and 25th");
    };
    let underway = Underway::begin(given.app(), receive).await;
    publish(given.app());
    assert_eq!([step(given.app()), step(given.app()), step(given.app())], [Step::Batch(1), Step::Waits, Step::Waits]);
    underway.goes_on().await;
    let rest: Vec<Step> =
        std::iter::repeat_with(|| step(given.app())).take_while(|step| *step != Step::Nothing).collect();
    assert_eq!(rest, [Step::SecondPass, Step::Batch(1), Step::Finished], "it is due before where the first pass ended");
    given.expect_due("H21.13-261119-0001", "2026-11-26 17:00").await;
    assert_eq!(given.office.show("H21.13-261119-0001").await["due_first"], "2026-11-25T17:00:00+07:00");
    assert_eq!(counted_by(given.app(), at("2026-11-19 09:00")), [2, 2]);
}

#[actix_web::test]
async fn a_verb_under_way_leaves_no_due_date_of_the_old_calendar_behind() {
    let given = Given::at("2026-11-10 08:00").await;
    let code = given.in_process("2026-11-13 09:00", SEVEN_DAYS).await;
    given.app().set("2026-11-19 09:00");
    let ask = Ask { code: DossierCode::read(&code).unwrap(), if_match: IfMatch::default() };
    let extend = move |conn: &mut PgConnection, act: &Act<'_>| {
        let form = json!({ "new_due_on": "2026-12-01", "reason": "Cần xác minh" }).to_string();
        Action::read("extend", form.as_bytes()).unwrap().apply(conn, act, &ask).map(drop).unwrap();
    };
    let underway = Underway::begin(given.app(), extend).await;
    publish(given.app());
    assert_eq!([step(given.app()), step(given.app())], [Step::Batch(1), Step::Waits]);
    given.expect_due(&code, "2026-11-26 17:00").await;
    underway.goes_on().await;
    let dates = |due: &str, unextended: &str| (Some(due.to_owned()), Some(unextended.to_owned()));
    assert_eq!(given.due(&code).await, dates("2026-12-01 17:00", "2026-11-25 17:00"), "counted by the old one");
    calendars::tick(given.app().state.clone()).await.unwrap();
    assert_eq!(given.due(&code).await, dates("2026-12-01 17:00", "2026-11-26 17:00"));
    let publication = given.publication(2).await;
    assert!(publication["finished_at"].is_string());
    assert_eq!(publication["moved"], 1, "one dossier, counted anew twice");
    let moved = given.app().get("/calendars/publications/2/moves", &given.controller).await.expect(200).body;
    assert_eq!(moved["items"][0]["due_unextended_before"], "2026-11-25T17:00:00+07:00");
    assert_eq!(moved["items"][0]["due_unextended_after"], "2026-11-26T17:00:00+07:00");
}

#[actix_web::test]
async fn what_begins_after_the_publishing_holds_nothing_up() {
    let given = Given::at("2026-11-10 08:00").await;
    given.in_process("2026-11-13 09:00", SEVEN_DAYS).await;
    given.app().set("2026-11-19 09:00");
    publish(given.app());
    let underway = Underway::begin(given.app(), |_, _| {}).await;
    calendars::tick(given.app().state.clone()).await.unwrap();
    assert!(given.publication(2).await["finished_at"].is_string());
    underway.goes_on().await;
}
