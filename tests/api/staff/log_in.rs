use chrono::TimeDelta;
use reqwest::header::HeaderValue;
use serde_json::json;

use super::house::House;
use crate::support::client::JsonBody;

const SESSIONS: &str = "/sessions";

#[actix_web::test]
async fn a_log_in_opens_the_doors_until_it_expires() {
    let house = House::open();
    let opened = house.log_in(" Leader ", &house.password("leader")).await;
    assert_eq!(opened.status, 201);
    assert_eq!(opened.body["expires_at"], "2026-11-20T21:00:00+07:00");
    assert_eq!(opened.body["staff"]["unit_code"], "H21.16");
    assert_eq!(opened.header("Cache-Control"), "no-store");
    let token = opened.field("token");
    let me = house.app.get("/me", &token).await;
    assert_eq!((me.status, me.field("role").as_str()), (200, "leader"));
    assert!(me.body["verbs"].as_array().unwrap().contains(&json!("extend")));
    house.app.pass(TimeDelta::hours(12));
    assert_eq!(house.app.get("/me", &token).await.status, 401);
}

#[actix_web::test]
async fn whoever_may_not_come_in_gets_one_answer() {
    let house = House::open();
    house.sql("UPDATE staff SET disabled_at = created_at WHERE username = 'records'");
    let unknown = house.log_in("nobody", "a password of length").await;
    let wrong = house.log_in("clerk", "a password of length").await;
    let disabled = house.log_in("records", &house.password("records")).await;
    assert_eq!(unknown.code(), "wrong_credentials");
    for answer in [&unknown, &wrong, &disabled] {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, unknown.body);
        assert_eq!(answer.header("WWW-Authenticate"), "Bearer");
    }
}

#[actix_web::test]
async fn a_credential_that_opens_nothing_gets_one_answer() {
    let house = House::open();
    let ended = house.token("clerk").await;
    house.sql("UPDATE sessions SET revoked_at = created_at");
    let none = house.app.read("/me").await;
    assert_eq!((none.status, none.code()), (401, "not_signed_in"));
    let long = format!("Bearer mcs_{}", "x".repeat(10_000));
    let ended = format!("Bearer {ended}");
    for header in ["Bearer", "Bearer mcs_", "Bearer mck_x", "Basic YTpi", "Bearer é", &long, &ended] {
        let value = HeaderValue::from_bytes(header.as_bytes()).unwrap();
        let answer = house.app.send(house.app.http.get(house.app.url("/me")).header("Authorization", value)).await;
        assert_eq!((answer.status, &answer.body), (401, &none.body), "{header:.20}");
    }
}

#[actix_web::test]
async fn two_credentials_at_once_open_nothing() {
    let house = House::open();
    let token = house.token("clerk").await;
    let request = house.app.http.get(house.app.url("/me")).bearer_auth(&token);
    assert_eq!(house.app.send(request.header("Authorization", "Bearer mck_other")).await.status, 401);
}

#[actix_web::test]
async fn too_many_log_ins_are_told_when_to_come_back() {
    let house = House::with(|config| config.limits.sessions_per_minute = 3);
    for _ in 0..3 {
        assert_eq!(house.log_in("nobody", "wrong").await.status, 401);
    }
    let refused = house.log_in("clerk", &house.password("clerk")).await;
    assert_eq!((refused.status, refused.code()), (429, "too_many_requests"));
    let wait: u64 = refused.header("Retry-After").parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
}

#[actix_web::test]
async fn a_session_that_was_ended_is_refused_at_once() {
    let house = House::open();
    let (first, second) = (house.token("clerk").await, house.token("clerk").await);
    assert_eq!(house.app.get("/me", &second).await.status, 200);
    let listed = house.app.get(SESSIONS, &first).await;
    let sessions = listed.body["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("{SESSIONS}/{}", other["id"].as_str().unwrap());
    assert_eq!(house.app.delete(&path, &first).await.status, 204);
    assert_eq!(house.app.get("/me", &second).await.status, 401);
    assert_eq!(house.app.delete(&path, &first).await.status, 204);
    assert_eq!(house.app.get("/me", &first).await.status, 200);
}

#[actix_web::test]
async fn anothers_session_is_not_there_but_for_an_admin() {
    let house = House::open();
    let (clerk, officer) = (house.token("clerk").await, house.token("officer").await);
    let listed = house.app.get(SESSIONS, &clerk).await;
    let path = format!("{SESSIONS}/{}", listed.body["items"][0]["id"].as_str().unwrap());
    assert_eq!(house.app.delete(&path, &officer).await.status, 404);
    assert_eq!(house.app.delete(&format!("{SESSIONS}/rubbish"), &officer).await.status, 404);
    assert_eq!(house.app.get("/me", &clerk).await.status, 200);
    let admin = house.token("admin").await;
    assert_eq!(house.app.delete(&path, &admin).await.status, 204);
    assert_eq!(house.app.get("/me", &clerk).await.status, 401);
}

#[actix_web::test]
async fn sessions_are_listed_page_by_page() {
    let house = House::open();
    let mut token = String::new();
    for _ in 0..3 {
        house.app.pass(TimeDelta::seconds(1));
        token = house.token("clerk").await;
    }
    let first = house.app.get(&format!("{SESSIONS}?limit=2"), &token).await;
    assert_eq!(first.body["items"].as_array().unwrap().len(), 2);
    let cursor = first.field("next_cursor");
    let rest = house.app.get(&format!("{SESSIONS}?limit=2&cursor={cursor}"), &token).await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 1);
    assert!(rest.body["next_cursor"].is_null());
    assert_eq!(house.app.get(&format!("{SESSIONS}?limit=0"), &token).await.status, 422);
    assert_eq!(house.app.get(&format!("{SESSIONS}?cursor=x"), &token).await.status, 422);
    assert_eq!(house.app.get(&format!("{SESSIONS}?colour=x"), &token).await.status, 422);
}

#[actix_web::test]
async fn a_bad_log_in_body_is_refused_by_name() {
    let house = House::open();
    let post = |kind: &'static str, body: &'static str| {
        house.app.send(house.app.http.post(house.app.url(SESSIONS)).header("Content-Type", kind).body(body))
    };
    assert_eq!(post("application/json", "{").await.status, 400);
    assert_eq!(post("text/plain", "x=1").await.status, 415);
    let empty = post("application/json", "{}").await;
    assert_eq!((empty.status, empty.pointers()), (422, vec!["/username", "/password"]));
    let send = async |body| house.app.send(house.app.http.post(house.app.url(SESSIONS)).json_body(&body)).await;
    for (body, pointer) in [
        (json!({"username": "a", "password": "b", "otp": 1}), "/otp"),
        (json!({"username": 1, "password": "b"}), "/username"),
        (json!({"username": "a\u{0}", "password": "b"}), "/username"),
    ] {
        let answer = send(body).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]));
    }
    let long = json!({"username": "é".repeat(10_000), "password": "x".repeat(10_000)});
    assert_eq!(send(long).await.status, 401);
    let huge = json!({"username": "x".repeat(10_000_000), "password": "x"});
    assert_eq!(send(huge).await.status, 413);
}
