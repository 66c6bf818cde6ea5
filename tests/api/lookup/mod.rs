//! The public page: what anyone sees, what the pin opens, and what nobody learns.

mod expected;

use std::time::Instant;

use chrono::NaiveDate;
use diesel::prelude::*;
use motcua::config::Config;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{self, Deed, History, Put, World, put};

fn app() -> TestApp {
    TestApp::over(Holds::Nothing, "2024-05-21 08:00", |_| {})
}

fn given(app: &TestApp, history: &History) -> Put {
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    put(&mut conn, &world, &app.state.vault, history)
}

fn life() -> History {
    History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
}

async fn plain(app: &TestApp, code: &str) -> Answer {
    app.read(&format!("/public/dossiers/{code}")).await
}

async fn pinned(app: &TestApp, code: &str, pin: &str, from: &str) -> Answer {
    app.read_from(from, &format!("/public/dossiers/{code}?pin={pin}")).await
}

#[actix_web::test]
async fn anyone_sees_code_status_and_progress_and_nothing_else() {
    let app = app();
    let put = given(&app, &life().then("2024-05-20 14:00", Deed::MoveTo("H21.16")));
    let answer = plain(&app, &put.code.to_lowercase()).await;
    let expected = json!({ "code": put.code, "status": "processing", "status_text": "Đang xử lý", "progress": 40 });
    assert_eq!(answer.body, expected);
    assert_eq!(answer.header("cache-control"), "private, max-age=0");
}

#[actix_web::test]
async fn the_pin_opens_unit_due_date_next_step_and_timeline_without_names() {
    let app = app();
    let put = given(&app, &life().then("2024-05-20 14:00", Deed::MoveTo("H21.16")));
    let answer = pinned(&app, &put.code, &put.pin.to_lowercase(), "203.0.113.1").await;
    let page = &answer.body;
    assert_eq!(page["unit"], json!({ "code": "H21.16", "name": "Cơ quan H21.16" }));
    assert_eq!(page["procedure"], "Thủ tục Đất đai");
    assert_eq!(page["due_at"], "2024-05-27T17:00:00+07:00");
    assert_eq!(page["next_step"]["action"], "wait");
    let statuses: Vec<_> = page["timeline"].as_array().unwrap().iter().map(|change| change["status"].clone()).collect();
    assert_eq!(statuses, ["received", "processing"]);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.text.contains("Bí Mật"));
}

#[actix_web::test]
async fn wrong_pin_unknown_code_and_malformed_code_are_one_answer() {
    let app = app();
    let put = given(&app, &life());
    let wrong = pinned(&app, &put.code, "0000-0000-0000", "203.0.113.1").await;
    assert_eq!(wrong.status, 404);
    let long = "9-".repeat(30_000);
    for (code, pin) in [
        ("H21.16-990101-0001", "0000-0000-0000"),
        ("ma%20ho%20so", "0000-0000-0000"),
        (put.code.as_str(), ""),
        (put.code.as_str(), "%F0%9F%98%80"),
        (long.as_str(), "1"),
    ] {
        let other = pinned(&app, code, pin, "203.0.113.2").await;
        assert_eq!((other.status, &other.text), (wrong.status, &wrong.text), "{code:.20} {pin}");
    }
    for code in ["H21.16-990101-0001", "ma%20ho%20so", "a%00b", "%2e%2e-etc"] {
        let other = plain(&app, code).await;
        assert_eq!((other.status, &other.text), (wrong.status, &wrong.text), "{code}");
    }
}

#[actix_web::test]
async fn a_refusal_takes_no_less_time_for_one_code_than_for_another() {
    let app = app();
    let put = given(&app, &life());
    for code in [put.code.as_str(), "H21.16-990101-0001"] {
        let begun = std::time::Instant::now();
        assert_eq!(pinned(&app, code, "0000-0000-0000", "203.0.113.1").await.status, 404);
        assert!(begun.elapsed() >= std::time::Duration::from_millis(20), "{code}");
    }
}

#[actix_web::test]
async fn wrong_pins_slow_down_their_address_and_nobody_else() {
    let app = app();
    let put = given(&app, &life());
    for _ in 0..5 {
        let answer = pinned(&app, &put.code, "0000-0000-0000", "203.0.113.7").await;
        assert_eq!(answer.status, 404);
    }
    let refused = pinned(&app, &put.code, &put.pin, "203.0.113.7").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "61"));
    assert_eq!(pinned(&app, &put.code, &put.pin, "203.0.113.8").await.status, 200);
    app.set("2024-05-21 08:02");
    assert_eq!(pinned(&app, &put.code, "1111-1111-1111", "203.0.113.7").await.status, 404);
    let longer = pinned(&app, &put.code, &put.pin, "203.0.113.7").await;
    assert_eq!(longer.header("retry-after"), "121");
    app.set("2024-05-21 08:05");
    assert_eq!(pinned(&app, &put.code, &put.pin, "203.0.113.7").await.status, 200);
}

#[actix_web::test]
async fn unknown_codes_slow_down_as_known_ones_do() {
    let app = app();
    given(&app, &life());
    for _ in 0..5 {
        pinned(&app, "H21.16-990101-0001", "0", "203.0.113.7").await;
    }
    assert_eq!(pinned(&app, "H21.16-990101-0001", "0", "203.0.113.7").await.status, 429);
}

#[actix_web::test]
async fn an_address_asks_sixty_times_a_minute() {
    let app = TestApp::over(Holds::Nothing, "2024-05-21 08:00", |config| {
        config.limits = Config::defaults().unwrap().limits;
    });
    let put = given(&app, &life());
    let begun = Instant::now();
    let mut answered = 0;
    let refused = loop {
        match plain(&app, &put.code).await {
            answer if answer.status == 200 => answered += 1,
            other => break other.expect(429),
        }
    };
    // One more each second.
    assert!((60..=61 + begun.elapsed().as_secs()).contains(&answered), "{answered}");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    app.read_from("203.0.113.8", &format!("/public/dossiers/{}", put.code)).await.expect(200);
}

#[actix_web::test]
async fn what_has_not_changed_is_not_sent_again() {
    let app = app();
    let put = given(&app, &life());
    let first = plain(&app, &put.code).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let again = |language: &str| {
        let request = app.http.get(app.url(&format!("/public/dossiers/{}", put.code)));
        app.send(request.header("If-None-Match", &tag).header("Accept-Language", language))
    };
    let same = again("vi").await;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(again("en").await.status, 200);
    diesel::sql_query("UPDATE dossiers SET progress = 55, version = 2").execute(&mut app.db.connect()).unwrap();
    assert_eq!(again("vi").await.body["progress"], 55);
}

#[actix_web::test]
async fn the_page_speaks_english_on_request() {
    let app = app();
    let put = given(&app, &life());
    let request = app.http.get(app.url(&format!("/public/dossiers/{}", put.code)));
    let answer = app.send(request.header("Accept-Language", "en-GB")).await;
    assert_eq!(answer.body["status_text"], "In progress");
    assert_eq!(answer.header("content-language"), "en");
}

#[actix_web::test]
async fn missing_papers_are_named_with_their_last_day() {
    let app = app();
    let put = given(&app, &life().then("2024-05-20 14:00", Deed::Pause));
    let by = NaiveDate::from_ymd_opt(2024, 6, 10).unwrap();
    rows::ask_papers(&mut app.db.connect(), put.id, &["Bản vẽ", "Giấy ủy quyền"], by);
    let page = pinned(&app, &put.code, &put.pin, "203.0.113.1").await.body;
    assert_eq!(page["due_at"], Value::Null);
    assert_eq!(page["next_step"]["action"], "supplement");
    assert_eq!(page["next_step"]["by"], "2024-06-10");
    let text = page["next_step"]["text"].as_str().unwrap();
    assert!(text.contains("10/06/2024: Bản vẽ; Giấy ủy quyền"), "{text}");
}

#[actix_web::test]
async fn money_owed_is_named_with_its_last_day() {
    let app = app();
    let put = given(&app, &life());
    let by = NaiveDate::from_ymd_opt(2024, 6, 10).unwrap();
    rows::ask_money(&mut app.db.connect(), put.id, Some(2_500_000), by);
    let page = pinned(&app, &put.code, &put.pin, "203.0.113.1").await.body;
    assert_eq!(page["next_step"]["action"], "pay");
    let text = page["next_step"]["text"].as_str().unwrap();
    assert!(text.contains("2.500.000 đồng chậm nhất ngày 10/06/2024"), "{text}");
}

#[actix_web::test]
async fn a_result_is_collected_once_it_is_at_the_counter() {
    let app = app();
    let put = given(&app, &life().then("2024-05-20 16:00", Deed::Finish));
    let page = pinned(&app, &put.code, &put.pin, "203.0.113.1").await.body;
    assert_eq!(page["next_step"]["action"], "wait");
    diesel::sql_query("UPDATE dossiers SET at_counter_at = finished_at").execute(&mut app.db.connect()).unwrap();
    let page = pinned(&app, &put.code, &put.pin, "203.0.113.1").await.body;
    assert_eq!(page["next_step"]["action"], "collect");
    assert!(page["next_step"]["text"].as_str().unwrap().contains("Cơ quan H21.01"));
}
