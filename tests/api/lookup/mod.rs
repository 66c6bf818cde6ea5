//! The public page: what anyone sees, what the pin opens, and what nobody learns.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::bare::{Answer, Ask, Bare};
use crate::support::rows::{self, Deed, History, Put, World, at, put};

fn bare() -> Bare {
    Bare::at(at("2024-05-21 08:00"))
}

fn given(bare: &Bare, history: &History) -> Put {
    let mut conn = bare.conn();
    let world = World::lay(&mut conn);
    put(&mut conn, &world, &bare.state.vault, history)
}

fn life() -> History {
    History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
}

async fn plain(bare: &Bare, code: &str) -> Answer {
    let path = format!("/api/v1/public/dossiers/{code}");
    bare.ask(Ask { path: &path, ..Ask::default() }).await
}

async fn pinned(bare: &Bare, code: &str, pin: &str, from: &str) -> Answer {
    let path = format!("/api/v1/public/dossiers/{code}?pin={pin}");
    bare.ask(Ask { path: &path, from: Some(from), ..Ask::default() }).await
}

#[actix_web::test]
async fn anyone_sees_code_status_and_progress_and_nothing_else() {
    let bare = bare();
    let put = given(&bare, &life().then("2024-05-20 14:00", Deed::MoveTo("H21.16")));
    let answer = plain(&bare, &put.code.to_lowercase()).await;
    let expected = json!({ "code": put.code, "status": "processing", "status_text": "Đang xử lý", "progress": 40 });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), "private, max-age=0");
}

#[actix_web::test]
async fn the_pin_opens_unit_due_date_next_step_and_timeline_without_names() {
    let bare = bare();
    let put = given(&bare, &life().then("2024-05-20 14:00", Deed::MoveTo("H21.16")));
    let answer = pinned(&bare, &put.code, &put.pin.to_lowercase(), "203.0.113.1").await;
    let page = answer.json();
    assert_eq!(page["unit"], json!({ "code": "H21.16", "name": "Cơ quan H21.16" }));
    assert_eq!(page["procedure"], "Thủ tục Đất đai");
    assert_eq!(page["due_at"], "2024-05-27T17:00:00+07:00");
    assert_eq!(page["next_step"]["action"], "wait");
    let statuses: Vec<_> = page["timeline"].as_array().unwrap().iter().map(|change| change["status"].clone()).collect();
    assert_eq!(statuses, ["received", "processing"]);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!String::from_utf8(answer.body).unwrap().contains("Bí Mật"));
}

#[actix_web::test]
async fn wrong_pin_unknown_code_and_malformed_code_are_one_answer() {
    let bare = bare();
    let put = given(&bare, &life());
    let wrong = pinned(&bare, &put.code, "0000-0000-0000", "203.0.113.1").await;
    assert_eq!(wrong.status.as_u16(), 404);
    let long = "9-".repeat(30_000);
    for (code, pin) in [
        ("H21.16-990101-0001", "0000-0000-0000"),
        ("ma%20ho%20so", "0000-0000-0000"),
        (put.code.as_str(), ""),
        (put.code.as_str(), "%F0%9F%98%80"),
        (long.as_str(), "1"),
    ] {
        let other = pinned(&bare, code, pin, "203.0.113.2").await;
        assert_eq!((other.status, &other.body), (wrong.status, &wrong.body), "{code:.20} {pin}");
    }
    for code in ["H21.16-990101-0001", "ma%20ho%20so", "a%00b", "%2e%2e-etc"] {
        let other = plain(&bare, code).await;
        assert_eq!((other.status, &other.body), (wrong.status, &wrong.body), "{code}");
    }
}

#[actix_web::test]
async fn wrong_pins_slow_down_their_address_and_nobody_else() {
    let bare = bare();
    let put = given(&bare, &life());
    for _ in 0..5 {
        let answer = pinned(&bare, &put.code, "0000-0000-0000", "203.0.113.7").await;
        assert_eq!(answer.status.as_u16(), 404);
    }
    let refused = pinned(&bare, &put.code, &put.pin, "203.0.113.7").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "61"));
    assert_eq!(pinned(&bare, &put.code, &put.pin, "203.0.113.8").await.status.as_u16(), 200);
    bare.state.clock.set(at("2024-05-21 08:02"));
    assert_eq!(pinned(&bare, &put.code, "1111-1111-1111", "203.0.113.7").await.status.as_u16(), 404);
    let longer = pinned(&bare, &put.code, &put.pin, "203.0.113.7").await;
    assert_eq!(longer.header("retry-after"), "121");
    bare.state.clock.set(at("2024-05-21 08:05"));
    assert_eq!(pinned(&bare, &put.code, &put.pin, "203.0.113.7").await.status.as_u16(), 200);
}

#[actix_web::test]
async fn unknown_codes_slow_down_as_known_ones_do() {
    let bare = bare();
    given(&bare, &life());
    for _ in 0..5 {
        pinned(&bare, "H21.16-990101-0001", "0", "203.0.113.7").await;
    }
    assert_eq!(pinned(&bare, "H21.16-990101-0001", "0", "203.0.113.7").await.status.as_u16(), 429);
}

#[actix_web::test]
async fn an_address_asks_sixty_times_a_minute() {
    let bare = bare();
    let put = given(&bare, &life());
    for _ in 0..60 {
        assert_eq!(plain(&bare, &put.code).await.status.as_u16(), 200);
    }
    let refused = plain(&bare, &put.code).await;
    assert_eq!(refused.status.as_u16(), 429);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[actix_web::test]
async fn what_has_not_changed_is_not_sent_again() {
    let bare = bare();
    let put = given(&bare, &life());
    let path = format!("/api/v1/public/dossiers/{}", put.code);
    let first = plain(&bare, &put.code).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let again = |language: &str| {
        let headers = vec![("If-None-Match", tag.clone()), ("Accept-Language", language.to_owned())];
        bare.ask(Ask { path: &path, headers, ..Ask::default() })
    };
    let same = again("vi").await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    assert_eq!(again("en").await.status.as_u16(), 200);
    diesel::sql_query("UPDATE dossiers SET progress = 55, version = 2").execute(&mut bare.conn()).unwrap();
    assert_eq!(again("vi").await.json()["progress"], 55);
}

#[actix_web::test]
async fn the_page_speaks_english_on_request() {
    let bare = bare();
    let put = given(&bare, &life());
    let path = format!("/api/v1/public/dossiers/{}", put.code);
    let headers = vec![("Accept-Language", "en-GB".to_owned())];
    let answer = bare.ask(Ask { path: &path, headers, ..Ask::default() }).await;
    assert_eq!(answer.json()["status_text"], "In progress");
    assert_eq!(answer.header("content-language"), "en");
}

#[actix_web::test]
async fn missing_papers_are_named_with_their_last_day() {
    let bare = bare();
    let put = given(&bare, &life().then("2024-05-20 14:00", Deed::Pause));
    let by = NaiveDate::from_ymd_opt(2024, 6, 10).unwrap();
    rows::ask_papers(&mut bare.conn(), put.id, &["Bản vẽ", "Giấy ủy quyền"], by);
    let page = pinned(&bare, &put.code, &put.pin, "203.0.113.1").await.json();
    assert_eq!(page["due_at"], Value::Null);
    assert_eq!(page["next_step"]["action"], "supplement");
    assert_eq!(page["next_step"]["by"], "2024-06-10");
    let text = page["next_step"]["text"].as_str().unwrap();
    assert!(text.contains("10/06/2024: Bản vẽ; Giấy ủy quyền"), "{text}");
}

#[actix_web::test]
async fn money_owed_is_named_with_its_last_day() {
    let bare = bare();
    let put = given(&bare, &life());
    let by = NaiveDate::from_ymd_opt(2024, 6, 10).unwrap();
    rows::ask_money(&mut bare.conn(), put.id, Some(2_500_000), by);
    let page = pinned(&bare, &put.code, &put.pin, "203.0.113.1").await.json();
    assert_eq!(page["next_step"]["action"], "pay");
    let text = page["next_step"]["text"].as_str().unwrap();
    assert!(text.contains("2.500.000 đồng trước hết ngày 10/06/2024"), "{text}");
}

#[actix_web::test]
async fn a_result_is_collected_once_it_is_at_the_counter() {
    let bare = bare();
    let put = given(&bare, &life().then("2024-05-20 16:00", Deed::Finish));
    let page = pinned(&bare, &put.code, &put.pin, "203.0.113.1").await.json();
    assert_eq!(page["next_step"]["action"], "wait");
    diesel::sql_query("UPDATE dossiers SET at_counter_at = finished_at").execute(&mut bare.conn()).unwrap();
    let page = pinned(&bare, &put.code, &put.pin, "203.0.113.1").await.json();
    assert_eq!(page["next_step"]["action"], "collect");
    assert!(page["next_step"]["text"].as_str().unwrap().contains("Cơ quan H21.01"));
}
