use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::schema::sessions;
use serde_json::json;

use super::house::House;

const ROTATE: &str = "/sessions/current/rotate";

fn house() -> House {
    House::with(|config| config.sessions.idle_minutes = 30)
}

async fn status(house: &House, token: &str) -> u16 {
    house.app.get("/me", token).await.status
}

#[actix_web::test]
async fn a_session_that_lies_idle_ends() {
    let house = house();
    let token = house.token("clerk").await;
    house.app.pass(TimeDelta::minutes(30) - TimeDelta::seconds(1));
    assert_eq!(status(&house, &token).await, 200);
    house.app.pass(TimeDelta::minutes(29));
    assert_eq!(status(&house, &token).await, 200, "its use has moved its end");
    house.app.pass(TimeDelta::minutes(30));
    assert_eq!(status(&house, &token).await, 401);
    assert_eq!(house.app.get("/sessions", &house.token("clerk").await).await.items().len(), 1);
}

#[actix_web::test]
async fn no_use_moves_the_last_end() {
    let house = house();
    let token = house.token("clerk").await;
    for _ in 0..35 {
        house.app.pass(TimeDelta::minutes(20));
        assert_eq!(status(&house, &token).await, 200);
    }
    house.app.pass(TimeDelta::minutes(20));
    assert_eq!(status(&house, &token).await, 401);
}

#[actix_web::test]
async fn what_is_believed_without_asking_does_not_outlive_the_idle_limit() {
    let house = house();
    let token = house.token("clerk").await;
    // Believed from now on for two seconds, and used too late to be written down.
    house.app.pass(TimeDelta::minutes(30) - TimeDelta::milliseconds(500));
    assert_eq!(status(&house, &token).await, 200);
    house.sql("UPDATE sessions SET last_used_at = NULL");
    house.app.pass(TimeDelta::milliseconds(499));
    assert_eq!(status(&house, &token).await, 200);
    house.app.pass(TimeDelta::milliseconds(1));
    assert_eq!(status(&house, &token).await, 401);
}

#[actix_web::test]
async fn a_use_is_written_once_a_minute_and_shown() {
    let house = house();
    let token = house.token("clerk").await;
    let written = || {
        let column = sessions::table.select(sessions::last_used_at);
        column.first::<Option<chrono::DateTime<chrono::Utc>>>(&mut house.app.db.connect()).unwrap()
    };
    house.app.pass(TimeDelta::seconds(61));
    assert_eq!(status(&house, &token).await, 200);
    let first = written().unwrap();
    house.app.pass(TimeDelta::seconds(50));
    assert_eq!(status(&house, &token).await, 200);
    assert_eq!(written(), Some(first));
    house.app.pass(TimeDelta::seconds(10));
    let listed = house.app.get("/sessions", &token).await.expect(200);
    assert_eq!(written(), Some(first + TimeDelta::seconds(60)));
    let shown = &listed.items()[0];
    assert_eq!((&shown["kind"], &shown["last_used_at"]), (&json!("bearer"), &json!("2026-11-20T09:02:01+07:00")));
}

#[actix_web::test]
async fn a_rotated_token_is_refused_at_once_and_the_new_one_ends_no_later() {
    let house = house();
    let first = house.token("clerk").await;
    assert_eq!(status(&house, &first).await, 200);
    house.app.pass(TimeDelta::minutes(10));
    let rotated = house.app.post(ROTATE, &first, &json!({})).await.expect(200);
    assert_eq!(rotated.header("Cache-Control"), "no-store");
    assert_eq!(rotated.body["expires_at"], "2026-11-20T21:00:00+07:00");
    let second = rotated.field("token");
    assert_eq!((status(&house, &first).await, status(&house, &second).await), (401, 200));
    assert_eq!(house.app.post(ROTATE, &first, &json!({})).await.status, 401);
    let listed = house.app.get("/sessions", &second).await;
    assert_eq!(listed.items().len(), 1);
    assert_eq!(listed.items()[0]["current"], true);
}

#[actix_web::test]
async fn of_two_rotations_at_once_one_holds() {
    let house = house();
    let token = house.token("clerk").await;
    let body = json!({});
    let (one, other) =
        futures_util::future::join(house.app.post(ROTATE, &token, &body), house.app.post(ROTATE, &token, &body)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[actix_web::test]
async fn a_log_out_ends_the_session_that_asks_and_no_other() {
    let house = house();
    let (first, second) = (house.token("clerk").await, house.token("clerk").await);
    house.app.delete("/sessions/current", &first).await.expect(204);
    assert_eq!((status(&house, &first).await, status(&house, &second).await), (401, 200));
}
