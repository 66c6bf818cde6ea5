use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::error::AppError;
use motcua::platform::db::Scope;
use serde_json::{Value, json};

use super::house::House;

const KEYS: &str = "/api-keys";

#[actix_web::test]
async fn a_key_is_shown_once_and_acts_for_its_role_and_unit() {
    let house = House::open();
    let (key, _) = house.app.key(Role::Portal, "H21.00.01").await;
    let me = house.app.get("/me", &key).await;
    assert_eq!(me.field("kind"), "key");
    assert_eq!((me.field("role"), me.field("unit_code")), ("portal".into(), "H21.00.01".into()));
    let admin = house.token("admin").await;
    let listed = house.app.get(KEYS, &admin).await;
    assert_eq!(listed.body["items"][0]["prefix"], json!(key[4..12]));
    assert!(!listed.body.to_string().contains(&key));
}

#[actix_web::test]
async fn the_database_holds_no_usable_token() {
    let house = House::open();
    let (key, _) = house.app.key(Role::Clerk, "H21.00.01").await;
    let token = house.token("clerk").await;
    for (table, secret) in [("api_keys", &key), ("sessions", &token)] {
        let dump: Result<Vec<String>, AppError> = house.app.state.db.read_here(&Scope::system(), |conn| {
            let sql = format!("SELECT row_to_json(t)::text AS line FROM {table} t");
            let lines: Vec<Line> = diesel::sql_query(sql).load(conn)?;
            Ok(lines.into_iter().map(|line| line.line).collect())
        });
        let dump = dump.unwrap().join("\n");
        assert!(!dump.is_empty());
        assert!(!dump.contains(secret.as_str()));
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(&hex));
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

#[actix_web::test]
async fn no_key_administrates() {
    let house = House::open();
    let admin = house.token("admin").await;
    let body = json!({"name": "Máy chủ", "role": "admin", "unit_code": "H21"});
    let refused = house.app.post(KEYS, &admin, &body).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/role"]));
    let account = json!({"username": "mai.nt", "full_name": "Mai", "role": "admin", "unit_code": "H21",
        "password": "một mật khẩu dài"});
    for role in Role::ALL.iter().filter(|role| **role != Role::Admin) {
        let (key, _) = house.app.key(*role, "H21").await;
        let answer = house.app.post("/staff", &key, &account.clone()).await;
        assert_eq!((answer.status, answer.code()), (403, "role_may_not"), "{role}");
        let answer = house.app.post(KEYS, &key, &json!({})).await;
        assert_eq!((answer.status, answer.code()), (403, "role_may_not"), "{role}");
    }
}

#[actix_web::test]
async fn a_revoked_key_is_refused_at_once() {
    let house = House::open();
    let (key, id) = house.app.key(Role::Clerk, "H21.00.01").await;
    assert_eq!(house.app.get("/me", &key).await.status, 200);
    let admin = house.token("admin").await;
    let path = format!("{KEYS}/{id}");
    assert_eq!(house.app.delete(&path, &admin).await.status, 204);
    assert_eq!(house.app.get("/me", &key).await.status, 401);
    assert_eq!(house.app.delete(&path, &admin).await.status, 204);
    assert_eq!(house.app.delete(&format!("{KEYS}/rubbish"), &admin).await.status, 404);
}

#[actix_web::test]
async fn what_another_node_revokes_is_refused_within_two_seconds() {
    let house = House::open();
    let (key, _) = house.app.key(Role::Clerk, "H21.00.01").await;
    assert_eq!(house.app.get("/me", &key).await.status, 200);
    house.sql("UPDATE api_keys SET revoked_at = created_at");
    house.app.pass(TimeDelta::seconds(2));
    assert_eq!(house.app.get("/me", &key).await.status, 401);
}

#[actix_web::test]
async fn a_key_ends_when_it_says_so() {
    let house = House::open();
    let admin = house.token("admin").await;
    let form = |end: &str| json!({"name": "Quầy 2", "role": "clerk", "unit_code": "H21.00.01", "expires_at": end});
    let past = house.app.post(KEYS, &admin, &form("2026-11-20T09:00:00+07:00")).await;
    assert_eq!((past.status, past.pointers()), (422, vec!["/expires_at"]));
    assert_eq!(house.app.post(KEYS, &admin, &form("tomorrow")).await.status, 422);
    let made = house.app.post(KEYS, &admin, &form("2026-11-20T09:00:01+07:00")).await;
    assert_eq!(made.body["expires_at"], "2026-11-20T09:00:01+07:00");
    let key = made.field("key");
    assert_eq!(house.app.get("/me", &key).await.status, 200);
    house.app.pass(TimeDelta::seconds(1));
    assert_eq!(house.app.get("/me", &key).await.status, 401);
}

#[actix_web::test]
async fn the_last_use_of_a_key_is_noted_once_a_minute() {
    let house = House::open();
    let (key, _) = house.app.key(Role::Clerk, "H21.00.01").await;
    let admin = house.token("admin").await;
    let last_used = async || -> Value {
        house.app.get("/me", &key).await;
        let listed = house.app.get(KEYS, &admin).await;
        listed.body["items"][0]["last_used_at"].clone()
    };
    assert_eq!(last_used().await, "2026-11-20T09:00:00+07:00");
    house.app.pass(TimeDelta::seconds(59));
    assert_eq!(last_used().await, "2026-11-20T09:00:00+07:00");
    house.app.pass(TimeDelta::seconds(3));
    assert_eq!(last_used().await, "2026-11-20T09:01:02+07:00");
}

#[actix_web::test]
async fn all_faults_of_a_key_are_told_at_once() {
    let house = House::open();
    let admin = house.token("admin").await;
    let answer = house.app.post(KEYS, &admin, &json!({"role": "king"})).await;
    assert_eq!(answer.pointers(), ["/name", "/role", "/unit_code"]);
    let body = json!({"name": "Quầy", "role": "clerk", "unit_code": "H99"});
    assert_eq!(house.app.post(KEYS, &admin, &body).await.pointers(), ["/unit_code"]);
}
