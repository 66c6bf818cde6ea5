//! What a calendar does not touch, and what follows it later: dossiers whose clock stands, that are past their due date, that
//! have ended, that came with a slip.

use diesel::connection::SimpleConnection;
use motcua::calendars;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::given::{CONSULTED, Given, SEVEN_DAYS, THREE_DAYS};

#[actix_web::test]
async fn a_clock_that_stands_is_counted_by_the_new_calendar_when_it_goes_on() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    given.swapped().await;
    given.app().set("2026-11-20 10:00");
    let supplied = given.act(&november.paused, "supply", &given.office.clerk, json!({})).await;
    assert_eq!(supplied["due_at"], "2026-11-27T17:00:00+07:00", "the 25th, 26th and 27th; the 26th by the old one");
}

#[actix_web::test]
async fn a_pause_before_the_swap_goes_on_counting_within_a_pause_after_it() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let officer = given.app().sign_in(Role::Officer, CONSULTED.1);
    given.swapped().await;
    given.app().set("2026-11-25 09:00");
    let question = json!({ "unit_code": "H21.90", "question": "Còn gì nữa?" });
    given.act(&november.consulted, "consult", &officer, question).await;
    given.app().set("2026-11-27 09:00");
    let answered = given.act(&november.consulted, "consult_answered", &officer, json!({})).await;
    assert_eq!(answered["due_at"], "2026-12-01T17:00:00+07:00", "the 28th and two working days, the 30th first");
}

/// Announced when it is over: on the 30th.
async fn swapped_too_late() -> (Given, String) {
    let given = Given::at("2026-11-10 08:00").await;
    let code = given.in_process("2026-11-13 09:00", SEVEN_DAYS).await;
    given.app().set("2026-11-30 09:00");
    let published = given.swapped().await;
    assert_eq!((&published["total"], &published["moved"]), (&json!(0), &json!(0)));
    given.expect_due(&code, "2026-11-25 17:00").await;
    (given, code)
}

#[actix_web::test]
async fn a_due_date_that_has_passed_stays_whatever_happens_to_the_dossier_afterwards() {
    let (given, code) = swapped_too_late().await;
    let leader = given.app().sign_in(Role::Leader, SEVEN_DAYS.1);
    given.act(&code, "suspend", &leader, json!({ "reason": "Quyết định của tòa án" })).await;
    assert_eq!(given.office.show(&code).await["left"]["kind"], "overdue");
    given.app().set("2026-12-02 09:00");
    let resumed = given.act(&code, "resume", &leader, json!({})).await;
    assert_eq!(resumed["due_at"], "2026-11-25T17:00:00+07:00");
    let path = format!("/dossiers/{code}/deadline");
    let explained = given.app().get(&path, &given.office.clerk).await.expect(200).body.to_string();
    assert!(explained.contains(r#""date":"2026-11-23","kind":"counted""#), "by the calendar of then: {explained}");
}

#[actix_web::test]
async fn a_result_taken_back_is_counted_by_the_calendar_that_came_meanwhile() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let leader = given.app().sign_in(Role::Leader, SEVEN_DAYS.1);
    given.swapped().await;
    let recalled = given.act(&november.ended, "recall", &leader, json!({ "reason": "Sai tên" })).await;
    assert_eq!(recalled["due_at"], "2026-11-26T17:00:00+07:00");
    assert_eq!(recalled["due_first"], "2026-11-25T17:00:00+07:00");
}

#[actix_web::test]
async fn a_due_date_taken_over_with_the_slip_of_an_old_system_stays() {
    let given = Given::at("2026-11-10 08:00").await;
    let code = given.in_process("2026-11-13 09:00", SEVEN_DAYS).await;
    let slip = format!(
        "UPDATE dossiers SET due_at = '2026-11-25T09:30:00Z', due_unextended = '2026-11-25T09:30:00Z', \
        due_first = '2026-11-25T09:30:00Z' WHERE code = '{code}'"
    );
    given.app().db.connect().batch_execute(&slip).unwrap();
    given.app().set("2026-11-19 09:00");
    let published = given.swapped().await;
    assert_eq!((&published["done"], &published["moved"]), (&json!(1), &json!(0)));
    given.expect_due(&code, "2026-11-25 16:30").await;
}

#[actix_web::test]
async fn a_year_that_is_announced_as_it_was_expected_moves_nothing_and_is_provisional_no_more() {
    let given = Given::at("2026-12-01 08:00").await;
    let late = given.in_process("2026-12-31 16:00", THREE_DAYS).await;
    assert_eq!(given.office.show(&late).await["provisional"], true);
    let mut calendar: Value = serde_json::from_str(include_str!("../../../config/province/calendar.json")).unwrap();
    calendar["years"] = json!([calendar["years"][4]]);
    calendar["years"][0]["state"] = json!("published");
    given.publish(&json!({ "calendar": calendar, "tell": true })).await.expect(201);
    let before = given.app().notices().len();
    calendars::tick(given.app().state.clone()).await.unwrap();
    let shown = given.office.show(&late).await;
    assert_eq!((&shown["provisional"], &shown["version"]), (&json!(false), &json!(3)));
    assert_eq!((given.recalculations(&late), given.publication(2).await["moved"].as_i64()), (1, Some(0)));
    assert_eq!(given.app().notices().len(), before);
}

#[actix_web::test]
async fn nobody_may_ask_for_a_recalculation() {
    let given = Given::at("2026-11-10 08:00").await;
    let code = given.in_process("2026-11-13 09:00", SEVEN_DAYS).await;
    let leader = given.app().sign_in(Role::Leader, SEVEN_DAYS.1);
    let refused = given.office.act(&code, "recalculate", &leader, json!({})).await.expect(404);
    assert_eq!(refused.code(), "no_such_verb");
    assert!(!refused.text.contains("recalculate, "), "{}", refused.text);
}
