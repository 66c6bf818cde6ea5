//! Calendars that can't be: every fault is named with its place, and nothing is published.

use diesel::prelude::*;
use motcua::schema::calendars;
use serde_json::{Value, json};

use super::given::{Given, swap};
use crate::support::answer::Answer;

fn push(list: &mut Value, item: &str) {
    list.as_array_mut().unwrap().push(json!(item));
}

async fn refused(given: &Given, calendar: Value) -> Answer {
    given.publish(&json!({ "calendar": calendar, "dry_run": true })).await.expect(422);
    let refused = given.publish(&json!({ "calendar": calendar })).await.expect(422);
    let published: i64 = calendars::table.count().get_result(&mut given.app().db.connect()).unwrap();
    assert_eq!(published, 1);
    refused
}

/// What is wrong, where, and the code that says so.
type Fault = (fn(&mut Value), &'static str, &'static str);

const FAULTS: &[Fault] = &[
    (|all| push(&mut all["years"][0]["off"], "2026-11-28"), "/calendar/years/0/work/2", "off_and_worked"),
    (|all| push(&mut all["years"][0]["off"], "2027-01-04"), "/calendar/years/0/off/15", "foreign_year"),
    (|all| push(&mut all["years"][0]["work"], "2027-01-02"), "/calendar/years/0/work/3", "foreign_year"),
    (|all| push(&mut all["years"][0]["work"], "2026-11-26"), "/calendar/years/0/work/3", "works_anyway"),
    (|all| push(&mut all["years"][0]["off"], "2026-11-23"), "/calendar/years/0/off/15", "stands_twice"),
    (|all| push(&mut all["years"][0]["off"], "2026-02-30"), "/calendar/years/0/off/15", "wrong_field"),
    (|all| all["working_time"][1]["from"] = json!("11:00"), "/calendar/working_time/1", "overlapping_intervals"),
    (|all| all["working_time"][0]["to"] = json!("07:00"), "/calendar/working_time/0", "empty_interval"),
    (|all| all["working_time"] = json!([]), "/calendar/working_time", "no_working_time"),
    (|all| all["weekdays"] = json!([]), "/calendar/weekdays", "no_working_weekday"),
    (|all| all["timezone"] = json!("UTC"), "/calendar/timezone", "wrong_field"),
    (|all| all["colour"] = json!("red"), "/calendar/colour", "wrong_field"),
    (|all| all["years"][0]["year"] = json!(20_226), "/calendar/years", "wrong_field"),
    (
        |all| all["years"] = json!([{ "year": 2025, "state": "published", "off": [], "work": [], "source": "?" }]),
        "/calendar/years/0/year",
        "year_is_over",
    ),
];

#[actix_web::test]
async fn a_fault_is_named_with_its_place_and_nothing_is_published() {
    let given = Given::at("2026-11-19 09:00").await;
    for (spoil, pointer, code) in FAULTS {
        let mut calendar = swap();
        spoil(&mut calendar);
        let answer = refused(&given, calendar).await;
        assert!(answer.faults().contains(&(pointer, code)), "{pointer} {code}: {}", answer.text);
    }
}

#[actix_web::test]
async fn all_faults_are_named_at_once_in_the_language_asked_for() {
    let given = Given::at("2026-11-19 09:00").await;
    let mut calendar = swap();
    for (spoil, ..) in [FAULTS[0], FAULTS[3], FAULTS[6]] {
        spoil(&mut calendar);
    }
    let answer = refused(&given, calendar).await;
    assert_eq!(
        answer.faults(),
        [
            ("/calendar/working_time/1", "overlapping_intervals"),
            ("/calendar/years/0/work/2", "off_and_worked"),
            ("/calendar/years/0/work/3", "works_anyway"),
        ]
    );
    assert!(answer.text.contains("Ngày 2026-11-28 vừa được nghỉ vừa phải làm bù"), "{}", answer.text);
}

#[actix_web::test]
async fn a_calendar_that_changes_nothing_is_not_published() {
    let given = Given::at("2026-11-19 09:00").await;
    let shipped: Value = serde_json::from_str(include_str!("../../../config/province/calendar.json")).unwrap();
    let answer = refused(&given, shipped).await;
    assert_eq!(answer.faults(), [("/calendar", "nothing_changes")]);
    given.publish(&json!({})).await.expect(422);
    given.publish(&json!({ "calendar": [] })).await.expect(422);
    given.publish(&json!({ "calendar": swap(), "sea_monster": 1 })).await.expect(422);
}

#[actix_web::test]
async fn of_a_year_that_is_over_only_the_source_may_be_put_right() {
    let given = Given::at("2026-11-19 09:00").await;
    let mut calendar: Value = serde_json::from_str(include_str!("../../../config/province/calendar.json")).unwrap();
    calendar["years"] = json!([calendar["years"][0]]);
    calendar["years"][0]["source"] = json!("CV 8056/VPCP-KGVX");
    given.publish(&json!({ "calendar": calendar })).await.expect(201);
}

#[actix_web::test]
async fn a_calendar_that_there_is_not_is_not_shown() {
    let given = Given::at("2026-11-19 09:00").await;
    for number in ["7", "-1", "99999999999", "2026-11", "x"] {
        for path in ["", "/moves"] {
            let path = format!("/calendars/publications/{number}{path}");
            given.app().get(&path, &given.controller).await.expect(404);
        }
    }
    let first = given.publication(1).await;
    assert_eq!((&first["total"], &first["published_by"]), (&json!(0), &json!("motcua")));
    assert!(first["finished_at"].is_string(), "nobody was counted before the first");
}
