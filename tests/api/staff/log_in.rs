use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::json;

use super::house::House;

const SESSIONS: &str = "/api/v1/sessions";

#[actix_web::test]
async fn a_log_in_opens_the_doors_until_it_expires() {
    let house = House::open().await;
    let opened = house.log_in(" Leader ", &house.password("leader")).await;
    assert_eq!(opened.status, 201);
    assert_eq!(opened.body["expires_at"], "2026-11-20T21:00:00+07:00");
    assert_eq!(opened.body["staff"]["unit_code"], "H21.16");
    assert_eq!(opened.headers.get("Cache-Control").unwrap(), "no-store");
    let token = opened.text("token");
    let me = house.get(&token, "/api/v1/me").await;
    assert_eq!((me.status, me.text("role").as_str()), (200, "leader"));
    assert!(me.body["verbs"].as_array().unwrap().contains(&json!("extend")));
    house.later(TimeDelta::hours(12));
    assert_eq!(house.get(&token, "/api/v1/me").await.status, 401);
}

#[actix_web::test]
async fn whoever_may_not_come_in_gets_one_answer() {
    let house = House::open().await;
    house.sql("UPDATE staff SET disabled_at = created_at WHERE username = 'records'");
    let unknown = house.log_in("nobody", "a password of length").await;
    let wrong = house.log_in("clerk", "a password of length").await;
    let disabled = house.log_in("records", &house.password("records")).await;
    assert_eq!(unknown.code(), "wrong_credentials");
    for answer in [&unknown, &wrong, &disabled] {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, unknown.body);
        assert_eq!(answer.headers.get("WWW-Authenticate").unwrap(), "Bearer");
    }
}

#[actix_web::test]
async fn a_credential_that_opens_nothing_gets_one_answer() {
    let house = House::open().await;
    let ended = house.token("clerk").await;
    house.sql("UPDATE sessions SET revoked_at = created_at");
    let bare = TestRequest::get().uri("/api/v1/me");
    let none = house.send(bare).await;
    assert_eq!((none.status, none.code()), (401, "not_signed_in"));
    let long = format!("Bearer mcs_{}", "x".repeat(10_000));
    let ended = format!("Bearer {ended}");
    for header in ["Bearer", "Bearer mcs_", "Bearer mck_x", "Basic YTpi", "Bearer é", &long, &ended] {
        let req = TestRequest::get().uri("/api/v1/me").insert_header(("Authorization", header));
        let answer = house.send(req).await;
        assert_eq!((answer.status, &answer.body), (401, &none.body), "{header:.20}");
    }
}

#[actix_web::test]
async fn two_credentials_at_once_open_nothing() {
    let house = House::open().await;
    let token = house.token("clerk").await;
    let req = TestRequest::get()
        .uri("/api/v1/me")
        .append_header(("Authorization", format!("Bearer {token}")))
        .append_header(("Authorization", "Bearer mck_other"));
    assert_eq!(house.send(req).await.status, 401);
}

#[actix_web::test]
async fn too_many_log_ins_are_told_when_to_come_back() {
    let house = House::with_log_ins_per_minute(3).await;
    for _ in 0..3 {
        assert_eq!(house.log_in("nobody", "wrong").await.status, 401);
    }
    let refused = house.log_in("clerk", &house.password("clerk")).await;
    assert_eq!((refused.status, refused.code()), (429, "too_many_requests"));
    let wait: u64 = refused.headers.get("Retry-After").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
}

#[actix_web::test]
async fn a_session_that_was_ended_is_refused_at_once() {
    let house = House::open().await;
    let (first, second) = (house.token("clerk").await, house.token("clerk").await);
    assert_eq!(house.get(&second, "/api/v1/me").await.status, 200);
    let listed = house.get(&first, SESSIONS).await;
    let sessions = listed.body["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("{SESSIONS}/{}", other["id"].as_str().unwrap());
    assert_eq!(house.delete(&first, &path).await.status, 204);
    assert_eq!(house.get(&second, "/api/v1/me").await.status, 401);
    assert_eq!(house.delete(&first, &path).await.status, 204);
    assert_eq!(house.get(&first, "/api/v1/me").await.status, 200);
}

#[actix_web::test]
async fn anothers_session_is_not_there_but_for_an_admin() {
    let house = House::open().await;
    let (clerk, officer) = (house.token("clerk").await, house.token("officer").await);
    let listed = house.get(&clerk, SESSIONS).await;
    let path = format!("{SESSIONS}/{}", listed.body["items"][0]["id"].as_str().unwrap());
    assert_eq!(house.delete(&officer, &path).await.status, 404);
    assert_eq!(house.delete(&officer, &format!("{SESSIONS}/rubbish")).await.status, 404);
    assert_eq!(house.get(&clerk, "/api/v1/me").await.status, 200);
    let admin = house.token("admin").await;
    assert_eq!(house.delete(&admin, &path).await.status, 204);
    assert_eq!(house.get(&clerk, "/api/v1/me").await.status, 401);
}

#[actix_web::test]
async fn sessions_are_listed_page_by_page() {
    let house = House::open().await;
    let mut token = String::new();
    for _ in 0..3 {
        house.later(TimeDelta::seconds(1));
        token = house.token("clerk").await;
    }
    let first = house.get(&token, &format!("{SESSIONS}?limit=2")).await;
    assert_eq!(first.body["items"].as_array().unwrap().len(), 2);
    let cursor = first.text("next_cursor");
    let rest = house.get(&token, &format!("{SESSIONS}?limit=2&cursor={cursor}")).await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 1);
    assert!(rest.body["next_cursor"].is_null());
    assert_eq!(house.get(&token, &format!("{SESSIONS}?limit=0")).await.status, 422);
    assert_eq!(house.get(&token, &format!("{SESSIONS}?cursor=x")).await.status, 422);
    assert_eq!(house.get(&token, &format!("{SESSIONS}?colour=x")).await.status, 422);
}

#[actix_web::test]
async fn a_bad_log_in_body_is_refused_by_name() {
    let house = House::open().await;
    let json = ("Content-Type", "application/json");
    let post = || TestRequest::post().uri(SESSIONS).insert_header(json);
    assert_eq!(house.send(post().set_payload("{")).await.status, 400);
    assert_eq!(house.send(post().set_payload("x=1").insert_header(("Content-Type", "text/plain"))).await.status, 415);
    let empty = house.send(post().set_payload("{}")).await;
    assert_eq!((empty.status, empty.pointers()), (422, vec!["/username", "/password"]));
    for (body, pointer) in [
        (json!({"username": "a", "password": "b", "otp": 1}), "/otp"),
        (json!({"username": 1, "password": "b"}), "/username"),
        (json!({"username": "a\u{0}", "password": "b"}), "/username"),
    ] {
        let answer = house.send(post().set_json(body)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]));
    }
    let long = json!({"username": "é".repeat(65_536), "password": "x".repeat(65_536)});
    assert_eq!(house.send(post().set_json(long)).await.status, 401);
    let huge = json!({"username": "x".repeat(10_000_000), "password": "x"});
    assert_eq!(house.send(post().set_json(huge)).await.status, 413);
}
