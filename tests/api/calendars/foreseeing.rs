//! A dry run: what would move, from when to when.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::given::{Given, swap};

/// Everything that publishing writes.
fn written(given: &Given) -> Vec<i64> {
    let tables =
        ["calendars", "calendar_publications", "calendar_moves", "dossier_events", "dossier_states", "notices"];
    let mut conn = given.app().db.connect();
    let mut count = |table: &str| {
        let sql = format!("(SELECT count(*) FROM {table})");
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&sql)).get_result(&mut conn).unwrap()
    };
    tables.iter().map(|table| count(table)).collect()
}

/// `[code, before, after]`, with the due dates without extension where they are others.
fn lines(items: &[Value]) -> Vec<Vec<&str>> {
    items
        .iter()
        .map(|item| {
            let at = |name: &str| item[name].as_str().unwrap().get(..16).unwrap();
            let mut line = vec![item["code"].as_str().unwrap(), at("due_before"), at("due_after")];
            let unextended = [at("due_unextended_before"), at("due_unextended_after")];
            if unextended != line[1..] {
                line.extend(unextended);
            }
            line
        })
        .collect()
}

#[actix_web::test]
async fn a_dry_run_says_what_moves_from_when_to_when_and_writes_nothing() {
    let given = Given::at("2026-11-10 08:00").await;
    let november = given.november().await;
    let before = written(&given);
    let foreseen = given.publish(&json!({ "calendar": swap(), "dry_run": true })).await.expect(200).body;
    assert_eq!(written(&given), before);
    assert_eq!(given.office.show(&november.seven).await["due_at"], "2026-11-25T17:00:00+07:00");
    assert_eq!(
        lines(foreseen["items"].as_array().unwrap()),
        [
            vec![&*november.hours, "2026-11-23T09:00", "2026-11-25T09:00"],
            vec![&*november.calendar, "2026-11-23T17:00", "2026-11-25T17:00"],
            vec![&*november.rolled, "2026-11-23T17:00", "2026-11-25T17:00", "2026-11-20T17:00", "2026-11-20T17:00"],
            vec![&*november.quarters, "2026-11-25T09:00", "2026-11-26T09:00"],
            vec![&*november.seven, "2026-11-25T17:00", "2026-11-26T17:00"],
            vec![&*november.consulted, "2026-11-27T17:00", "2026-11-28T17:00"],
            vec![&*november.extended, "2026-11-27T17:00", "2026-11-27T17:00", "2026-11-25T17:00", "2026-11-26T17:00"],
            vec![&*november.saturday, "2026-11-30T17:00", "2026-11-28T17:00"],
        ]
    );
    let counts = ["number", "total", "moved", "paused", "passed"].map(|name| foreseen[name].as_i64().unwrap());
    assert_eq!(counts, [2, 10, 8, 1, 1]);
    let units: Vec<(&str, i64, i64)> = foreseen["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| {
            let count = |name: &str| unit[name].as_i64().unwrap();
            (unit["unit_code"].as_str().unwrap(), count("total"), count("moved"))
        })
        .collect();
    assert_eq!(units, [("H21.02", 1, 1), ("H21.05", 1, 1), ("H21.11", 5, 3), ("H21.16", 2, 2), ("H21.17", 1, 1)]);
    assert_eq!(foreseen["changes"][6], "calendar.json: 2026: changed: days off, make-up days, state or source");
}

#[actix_web::test]
async fn what_would_move_is_told_page_by_page_and_each_page_counts_the_whole() {
    let given = Given::at("2026-11-10 08:00").await;
    given.november().await;
    let body = json!({ "calendar": swap(), "dry_run": true });
    let whole = given.publish(&body).await.expect(200).body["items"].clone();
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/calendars/publications?limit=3{cursor}");
        let page = given.app().post(&path, &given.controller, &body).await.expect(200).body;
        assert_eq!((&page["total"], &page["moved"]), (&json!(10), &json!(8)));
        told.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(told), whole);
}

#[actix_web::test]
async fn publishing_does_what_was_foreseen() {
    let given = Given::at("2026-11-10 08:00").await;
    given.november().await;
    let foreseen = given.publish(&json!({ "calendar": swap(), "dry_run": true })).await.expect(200).body;
    given.swapped().await;
    let moved = given.app().get("/calendars/publications/2/moves", &given.controller).await.expect(200).body;
    assert_eq!(moved["items"], foreseen["items"]);
}
