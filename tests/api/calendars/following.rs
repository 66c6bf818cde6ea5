//! The open dossiers follow a calendar: exactly those that it concerns, each once, wherever the one before stopped.

use diesel::prelude::*;
use motcua::calendars::{self, Step};
use motcua::dossiers::foresight::fill;
use motcua::schema::{dossier_foresight, dossier_states, dossiers};
use serde_json::{Value, json};

use super::given::{Given, November, counted_by, step, swap};
use crate::support::app::{TestApp, at};

/// Every dossier of November with its due date after the swap, and whether the swap moved it.
async fn expect_swapped(given: &Given, november: &November) {
    given.expect_due(&november.five, "2026-11-20 17:00").await;
    given.expect_due(&november.seven, "2026-11-26 17:00").await;
    given.expect_due(&november.ten, "2026-11-30 17:00").await;
    given.expect_due(&november.quarters, "2026-11-26 09:00").await;
    given.expect_due(&november.calendar, "2026-11-25 17:00").await;
    given.expect_due(&november.saturday, "2026-11-28 17:00").await;
    given.expect_due(&november.hours, "2026-11-25 09:00").await;
    given.expect_due(&november.consulted, "2026-11-28 17:00").await;
    let dates = |due: &str, unextended: &str| (Some(due.to_owned()), Some(unextended.to_owned()));
    assert_eq!(given.due(&november.extended).await, dates("2026-11-27 17:00", "2026-11-26 17:00"));
    assert_eq!(given.due(&november.rolled).await, dates("2026-11-25 17:00", "2026-11-20 17:00"));
    given.expect_due(&november.passed, "2026-11-18 17:00").await;
    given.expect_due(&november.ended, "2026-11-25 17:00").await;
    assert_eq!(given.due(&november.paused).await, (None, None));
    for code in november.moved() {
        assert_eq!(given.recalculations(code), 1, "{code}");
    }
    for code in [&november.five, &november.ten, &november.passed, &november.ended, &november.paused] {
        assert_eq!(given.recalculations(code), 0, "{code}");
    }
}

impl November {
    /// Those that the swap moves.
    fn moved(&self) -> [&str; 8] {
        [
            &self.hours,
            &self.calendar,
            &self.rolled,
            &self.quarters,
            &self.seven,
            &self.consulted,
            &self.extended,
            &self.saturday,
        ]
    }
}

#[actix_web::test]
async fn a_swap_moves_exactly_the_due_dates_that_it_concerns() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let slips = slips(&given);
    let published = given.swapped().await;
    expect_swapped(&given, &november).await;
    assert_eq!(slips, self::slips(&given), "what the slips say never moves");
    let counts = ["number", "total", "done", "moved"].map(|name| published[name].as_i64().unwrap());
    assert_eq!(counts, [2, 10, 10, 8]);
    assert!(published["finished_at"].is_string() && published["tells"] == false, "{published}");
    assert_eq!(counted_by(given.app(), at("2026-11-19 09:00")), vec![2; 10]);
}

fn slips(given: &Given) -> Vec<(String, Option<chrono::DateTime<chrono::Utc>>)> {
    let rows = dossiers::table.order(dossiers::id).select((dossiers::code, dossiers::due_first));
    rows.load(&mut given.app().db.connect()).unwrap()
}

#[actix_web::test]
async fn a_moved_due_date_leaves_an_event_a_state_and_an_explanation_by_the_new_calendar() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let (code, still) = (&november.seven, &november.ten);
    given.swapped().await;
    let events = given.app().get(&format!("/dossiers/{code}/events"), &given.office.clerk).await.expect(200).body;
    let last = events["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["number"], &last["verb"], &last["by"]), (&json!(3), &json!("recalculate"), &json!("motcua")));
    assert_eq!((&last["from"], &last["to"]), (&json!("processing"), &json!("processing")));
    assert_eq!(
        last["details"],
        json!({ "calendar_version": 2, "due_before": "2026-11-25T10:00:00Z", "due_at": "2026-11-26T10:00:00Z",
            "due_unextended_before": "2026-11-25T10:00:00Z", "due_unextended": "2026-11-26T10:00:00Z" })
    );
    let note = last["note"].as_str().unwrap();
    assert!(note.contains("23/11") && note.contains("NQ 28/2026/QH16"), "{note}");
    assert_eq!(given.office.show(code).await["version"], 3);
    assert_eq!(given.office.show(still).await["version"], 2, "what nobody can see is no new version");
    assert_eq!(states(&given, code), [("processing", false, "25 10:00"), ("processing", true, "26 10:00")].map(own));
    for code in [code, still] {
        let path = format!("/dossiers/{code}/deadline");
        let explained = given.app().get(&path, &given.office.clerk).await.expect(200).body;
        let text = explained.to_string();
        assert!(text.contains(r#""date":"2026-11-23","kind":"off""#), "{text}");
    }
}

fn own(state: (&str, bool, &str)) -> (String, bool, String) {
    (state.0.to_owned(), state.1, state.2.to_owned())
}

/// The last two states of a dossier: status, whether it is in force, when due.
fn states(given: &Given, code: &str) -> Vec<(String, bool, String)> {
    let in_force = diesel::dsl::sql::<diesel::sql_types::Bool>("valid_to IS NULL");
    let due =
        diesel::dsl::sql::<diesel::sql_types::Text>("to_char(dossier_states.due_at AT TIME ZONE 'UTC', 'DD HH24:MI')");
    let mut found: Vec<(String, bool, String)> = dossier_states::table
        .inner_join(dossiers::table)
        .filter(dossiers::code.eq(code))
        .order((dossier_states::valid_from.desc(), dossier_states::valid_to.desc()))
        .limit(2)
        .select((dossier_states::status, in_force, due))
        .load(&mut given.app().db.connect())
        .unwrap();
    found.reverse();
    found
}

#[actix_web::test]
async fn what_is_foreseen_is_looked_at_anew() {
    let given = Given::at("2026-11-10 08:00").await;
    given.november().await;
    given.swapped().await;
    assert_eq!(fill::tick(given.app().state.clone()).await.unwrap(), 10);
    let other_due = dossiers::table
        .inner_join(dossier_foresight::table)
        .filter(dossiers::due_at.is_distinct_from(dossier_foresight::due_at.nullable()));
    assert_eq!(other_due.count().get_result(&mut given.app().db.connect()), Ok(0));
}

#[actix_web::test]
async fn people_are_told_by_choice_and_only_of_due_dates_that_moved() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let before = given.app().notices().len();
    given.publish(&json!({ "calendar": swap(), "tell": true })).await.expect(201);
    calendars::tick(given.app().state.clone()).await.unwrap();
    let notices = given.app().notices();
    let told: Vec<_> = notices[before..].iter().map(|(purpose, ..)| purpose.as_str()).collect();
    assert_eq!(told, vec!["due_changed"; 2 * 7], "seven by SMS and mail; the extended one is due when it was");
    let path = format!("/notices?dossier={}", november.seven);
    let listed = given.app().get(&path, &given.office.clerk).await.expect(200);
    let id = listed.items().iter().find(|one| one["purpose"] == "due_changed" && one["channel"] == "email").unwrap();
    let path = format!("/notices/{}", id["id"].as_str().unwrap());
    let evidence = given.app().get(&path, &given.office.clerk).await.expect(200).body;
    let text = evidence["wording"]["text"].as_str().unwrap();
    assert!(text.contains("Ngày hẹn trả mới: 26/11/2026") && text.contains("NQ 28/2026/QH16"), "{text}");
    given.swapped_again_tells_nobody(notices.len()).await;
}

impl Given {
    /// The swap is taken back, without telling.
    async fn swapped_again_tells_nobody(&self, before: usize) {
        let mut calendar = swap();
        let year = &mut calendar["years"][0];
        year["off"].as_array_mut().unwrap().retain(|day| day != "2026-11-23");
        year["work"].as_array_mut().unwrap().retain(|day| day != "2026-11-28");
        self.publish(&json!({ "calendar": calendar })).await.expect(201);
        calendars::tick(self.app().state.clone()).await.unwrap();
        assert_eq!(self.publication(3).await["moved"], 8);
        assert_eq!(self.app().notices().len(), before);
    }
}

#[actix_web::test]
async fn a_run_broken_off_between_batches_goes_on_elsewhere_and_does_nothing_twice() {
    let given = Given::in_batches_of("2026-11-10 08:00", 3).await;
    let november = given.november().await;
    given.publish(&json!({ "calendar": swap() })).await.expect(201);
    assert_eq!(step(given.app()), Step::Batch(3));
    assert_eq!(progress(&given.publication(2).await), [10, 3]);
    // That process is gone; another one, which knows nothing of it, goes on.
    let other = TestApp::on_same_with(given.app(), |config| config.worker.calendar_batch = 3);
    assert_eq!(step(&other), Step::Batch(3));
    assert_eq!(progress(&given.publication(2).await), [10, 6]);
    let rest: Vec<Step> = std::iter::repeat_with(|| step(&other)).take_while(|step| *step != Step::Nothing).collect();
    assert_eq!(rest, [Step::Batch(3), Step::Batch(1), Step::SecondPass, Step::Finished]);
    expect_swapped(&given, &november).await;
}

fn progress(publication: &Value) -> [i64; 2] {
    assert!(publication["finished_at"].is_null());
    ["total", "done"].map(|name| publication[name].as_i64().unwrap())
}

#[actix_web::test]
async fn a_batch_that_fails_is_done_whole_by_the_next_try() {
    let given = Given::in_batches_of("2026-11-10 08:00", 4).await;
    let november = given.november().await;
    given.publish(&json!({ "calendar": swap() })).await.expect(201);
    let failed = given.app().state.act_here(&motcua::command::console(), at("2026-11-19 09:00"), |conn, act| {
        calendars::step(conn, act)?;
        Err::<(), _>(motcua::error::AppError::internal("killed before its end"))
    });
    assert!(failed.is_err());
    assert_eq!(progress(&given.publication(2).await), [10, 0]);
    calendars::tick(given.app().state.clone()).await.unwrap();
    expect_swapped(&given, &november).await;
}

#[actix_web::test]
async fn two_processes_at_once_share_the_batches() {
    let given = Given::in_batches_of("2026-11-10 08:00", 1).await;
    let november = given.november().await;
    given.publish(&json!({ "calendar": swap() })).await.expect(201);
    let other = TestApp::on_same_with(given.app(), |config| config.worker.calendar_batch = 1);
    let (here, there) = tokio::join!(calendars::tick(given.app().state.clone()), calendars::tick(other.state.clone()));
    assert_eq!(here.unwrap() + there.unwrap(), 10);
    assert!(given.publication(2).await["finished_at"].is_string());
    expect_swapped(&given, &november).await;
}
