//! When a result may be expected: by how long others took, never a promise, and nothing where few are known.

use diesel::prelude::*;
use motcua::schema::expected_times;
use motcua::statistics::expected;
use serde_json::{Value, json};

use crate::support::app::intake;
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

/// Three results that took one, two and four working days. It is the Monday after, and the house has counted.
async fn given(fewest: u32) -> Office {
    let office = Office::with("2026-10-05 09:00", |config| config.statistics.fewest_to_expect = fewest).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(office.in_process(TEN_DAYS).await);
    }
    for (code, ready) in codes.iter().zip(["2026-10-06 09:00", "2026-10-07 09:00", "2026-10-09 09:00"]) {
        office.app.set(ready);
        office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    }
    office.app.set("2026-10-12 09:00");
    assert_eq!(counted(&office).await, usize::from(fewest <= 3));
    office
}

async fn counted(office: &Office) -> usize {
    expected::tick(office.app.state.clone()).await.unwrap()
}

/// A dossier of now, under way in the department: its code and pin.
async fn slip(office: &Office) -> (String, String) {
    let slip = office.app.post("/dossiers", &office.clerk, &intake(TEN_DAYS, DEPARTMENT)).await.expect(201);
    let (code, pin) = (slip.field("code"), slip.field("lookup_pin"));
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    (code, pin)
}

async fn page(office: &Office, (code, pin): &(String, String), at: &str) -> Value {
    office.app.set(at);
    office.app.read(&format!("/public/dossiers/{code}?pin={pin}")).await.expect(200).body
}

fn dates(page: &Value) -> (Value, Value, Value) {
    let expected = &page["expected"];
    (expected["half_ready_by"].clone(), expected["most_ready_by"].clone(), expected["longer_than_usual"].clone())
}

#[actix_web::test]
async fn the_pin_shows_by_when_half_and_most_of_the_kind_are_ready_and_that_it_is_no_promise() {
    let office = given(3).await;
    let slip = slip(&office).await;
    let first = page(&office, &slip, "2026-10-12 09:00").await;
    assert_eq!(dates(&first), (json!("2026-10-14"), json!("2026-10-16"), json!(false)));
    assert_eq!(first["expected"]["counted_on"], "2026-10-12");
    assert_eq!(first["expected"]["definitions"], "/api/v1/statistics/definitions?topic=expected");
    let text = first["expected"]["text"].as_str().unwrap();
    assert!(text.contains("không phải cam kết") && text.contains("16/10/2026"), "{text}");
    assert_eq!(first["due_at"], "2026-10-22T17:00:00+07:00", "the promise stays as it is");

    let request = office.app.http.get(office.app.url(&format!("/public/dossiers/{}?pin={}", slip.0, slip.1)));
    let english = office.app.send(request.header("Accept-Language", "en")).await.expect(200).body;
    assert!(english["expected"]["text"].as_str().unwrap().contains("not a promise"), "{english}");
    let plain = office.app.read(&format!("/public/dossiers/{}", slip.0)).await.expect(200);
    assert_eq!(plain.body.get("expected"), None, "without the pin nothing more is said");
}

#[actix_web::test]
async fn a_date_that_has_passed_is_not_said_again_and_who_waits_long_is_told_so() {
    let office = given(3).await;
    let slip = slip(&office).await;
    let after_half = page(&office, &slip, "2026-10-14 14:00").await;
    assert_eq!(dates(&after_half), (Value::Null, json!("2026-10-16"), json!(false)));
    let after_most = page(&office, &slip, "2026-10-16 14:00").await;
    assert_eq!(dates(&after_most), (Value::Null, Value::Null, json!(true)));
    let text = after_most["expected"]["text"].as_str().unwrap();
    assert!(text.contains("lâu hơn phần lớn"), "{text}");
}

#[actix_web::test]
async fn nothing_is_expected_while_the_clock_stands_and_once_there_is_a_result() {
    let office = given(3).await;
    let slip = slip(&office).await;
    office.app.set("2026-10-12 10:00");
    let asked = json!({ "papers": [{ "name": "Bản sao CCCD" }], "reason": "Thiếu" });
    office.act(&slip.0, "request_supplement", &office.officer, asked).await.expect(200);
    assert_eq!(page(&office, &slip, "2026-10-13 09:00").await["expected"], Value::Null);
    office.app.set("2026-10-14 10:00");
    office.act(&slip.0, "supply", &office.clerk, json!({})).await.expect(200);
    // The two days in which the clock stood are added.
    let moved = page(&office, &slip, "2026-10-14 10:00").await;
    assert_eq!(dates(&moved), (json!("2026-10-16"), json!("2026-10-20"), json!(false)));
    office.app.set("2026-10-15 10:00");
    office.act(&slip.0, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    assert_eq!(page(&office, &slip, "2026-10-15 10:00").await["expected"], Value::Null);
}

#[actix_web::test]
async fn few_results_say_nothing_and_are_not_kept() {
    let office = given(4).await;
    let slip = slip(&office).await;
    assert_eq!(page(&office, &slip, "2026-10-12 09:00").await["expected"], Value::Null);
    let kept: i64 = expected_times::table.count().get_result(&mut office.app.db.connect()).unwrap();
    assert_eq!(kept, 0);
}

#[actix_web::test]
async fn its_people_see_it_too() {
    let office = given(3).await;
    let slip = slip(&office).await;
    let token = office.app.citizen_of(&slip.0).await;
    let shown = office.app.get(&format!("/citizen/dossiers/{}", slip.0), &token).await.expect(200).body;
    assert_eq!(shown["expected"]["most_ready_by"], "2026-10-16");
}

#[actix_web::test]
async fn it_is_counted_once_a_day_from_what_became_ready_before() {
    let office = given(3).await;
    let (code, _) = slip(&office).await;
    office.app.set("2026-10-12 16:00");
    office.act(&code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    assert_eq!(counted(&office).await, 0, "it was counted today");
    let results = || -> Vec<(i64, i64, i64)> {
        let columns = (expected_times::results, expected_times::p50_minutes, expected_times::p90_minutes);
        expected_times::table.select(columns).load(&mut office.app.db.connect()).unwrap()
    };
    assert_eq!(results(), [(3, 960, 1920)]);
    office.app.set("2026-10-13 07:30");
    assert_eq!(counted(&office).await, 1);
    assert_eq!(results(), [(4, 480, 1920)]);
    // A year later none of them is recent any more.
    office.app.set("2027-10-14 07:30");
    assert_eq!(counted(&office).await, 0);
    assert!(results().is_empty());
}
