//! How long results took: working minutes in which the clock ran, by unit, procedure and step.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

/// Three results of 60, 90 and 120 working minutes, one of them with a pause between, and a dossier that is open.
async fn given() -> (Office, String) {
    let office = Office::at("2026-10-05 09:00").await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(office.in_process(TEN_DAYS).await);
    }
    let finish = async |code: &str, now: &str| {
        office.app.set(now);
        office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    };
    office.app.set("2026-10-05 09:30");
    let asked = json!({ "papers": [{ "name": "Bản sao CCCD" }], "reason": "Thiếu" });
    office.act(&codes[2], "request_supplement", &office.officer, asked).await.expect(200);
    finish(&codes[0], "2026-10-05 10:00").await;
    finish(&codes[1], "2026-10-05 11:00").await;
    office.app.set("2026-10-06 08:00");
    office.act(&codes[2], "supply", &office.clerk, json!({})).await.expect(200);
    finish(&codes[2], "2026-10-06 09:00").await;
    let token = office.app.sign_in(Role::Controller, "H21");
    (office, token)
}

const OCTOBER: &str = "/statistics/durations?calendar_month=2026-10";

fn measures(row: &Value) -> [i64; 4] {
    ["count", "p50_minutes", "p90_minutes", "average_minutes"].map(|name| row[name].as_i64().unwrap())
}

#[actix_web::test]
async fn median_ninth_decile_and_mean_leave_pauses_out() {
    let (office, token) = given().await;
    for (group, key) in [("unit", DEPARTMENT), ("procedure", TEN_DAYS)] {
        let table = office.app.get(&format!("{OCTOBER}&group={group}"), &token).await.expect(200).body;
        assert_eq!(table["rows"][0]["key"], key);
        assert_eq!(measures(&table["rows"][0]), [3, 90, 120, 90]);
        assert_eq!((measures(&table["total"]), &table["unmeasured"]), ([3, 90, 120, 90], &json!(0)));
    }
}

#[actix_web::test]
async fn steps_are_told_by_the_unit_that_did_them() {
    let (office, token) = given().await;
    let table = office.app.get(&format!("{OCTOBER}&group=step"), &token).await.expect(200).body;
    let rows = table["rows"].as_array().unwrap();
    let at = |unit: &str| rows.iter().filter(|row| row["unit"] == unit).collect::<Vec<_>>();
    assert_eq!(at(CENTRE).iter().map(|row| measures(row)).collect::<Vec<_>>(), [[3, 0, 0, 0]]);
    assert!(!at(DEPARTMENT).is_empty());
}

#[actix_web::test]
async fn without_results_there_is_no_median() {
    let (office, token) = given().await;
    let table = office.app.get("/statistics/durations?calendar_month=2026-09", &token).await.expect(200).body;
    assert_eq!((&table["rows"], &table["total"]["p50_minutes"]), (&json!([]), &Value::Null));
    let wrong = office.app.get(&format!("{OCTOBER}&group=shoe"), &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?group", "unknown_word")]);
}
