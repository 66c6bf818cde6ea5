//! Keys of devices: what they carry, from where they open, how they are replaced.

use chrono::TimeDelta;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::house::House;
use crate::support::answer::Answer;

const KEYS: &str = "/api-keys";

/// A house whose callers are told apart by the proxy on this machine.
fn behind_a_proxy() -> House {
    House::with(|config| config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()])
}

async fn make(house: &House, admin: &str, more: Value) -> Answer {
    let mut form = json!({"name": "Kiosk sảnh chính", "role": "clerk", "unit_code": "H21.00.01"});
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    house.app.post(KEYS, admin, &form).await
}

async fn me_from(house: &House, key: &str, address: &str) -> Answer {
    let request = house.app.http.get(house.app.url("/me")).bearer_auth(key).header("X-Forwarded-For", address);
    house.app.send(request).await
}

#[actix_web::test]
async fn a_key_opens_only_from_its_addresses_and_the_audit_hears_of_others() {
    let house = behind_a_proxy();
    let admin = house.app.sign_in(Role::Admin, "H21");
    let made = make(&house, &admin, json!({"addresses": ["10.1.0.0/16", "192.0.2.7"]})).await.expect(201);
    assert_eq!(made.body["addresses"], json!(["10.1.0.0/16", "192.0.2.7/32"]));
    let key = made.field("key");
    assert_eq!(me_from(&house, &key, "10.1.200.3").await.status, 200);
    assert_eq!(me_from(&house, &key, "192.0.2.7").await.status, 200);
    let strange = me_from(&house, &key, "192.0.2.8").await;
    assert_eq!((strange.status, strange.code()), (401, "not_signed_in"), "as a key that there is not");
    me_from(&house, &key, "192.0.2.9").await.expect(401);

    let listed = house.app.get(KEYS, &admin).await.expect(200).body;
    assert_eq!(listed["items"][0]["last_used_from"], "10.1.200.3", "noted once a minute");
    assert_eq!(listed["items"][0]["refused_at"], "2026-11-20T09:00:00+07:00");
    let audit = house.app.get("/audit?action=key_refused", &admin).await.expect(200).body;
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(1), "once a minute: {audit}");
    assert_eq!(audit["items"][0]["details"], json!({"from": "192.0.2.8"}));
    house.app.pass(TimeDelta::minutes(1));
    me_from(&house, &key, "192.0.2.9").await.expect(401);
    let audit = house.app.get("/audit?action=key_refused", &admin).await.expect(200).body;
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_key_does_only_what_its_scopes_name() {
    let house = House::open();
    let admin = house.app.sign_in(Role::Admin, "H21");
    let made = make(&house, &admin, json!({"scopes": ["receive", "read_dossiers"]})).await.expect(201);
    assert_eq!(made.body["scopes"], json!(["read_dossiers", "receive"]));
    let key = made.field("key");
    let me = house.app.get("/me", &key).await.expect(200).body;
    assert_eq!((&me["verbs"], &me["deeds"]), (&json!(["receive"]), &json!(["read_dossiers"])));
    assert_eq!(house.app.get("/dossiers", &key).await.status, 200);
    assert_eq!(house.app.post("/dossiers", &key, &json!({})).await.status, 422, "it may receive");
    let refused = house.app.get("/notices", &key).await.expect(403);
    assert_eq!(refused.code(), "scope_lacks", "its role may, it may not");
    let refused = house.app.act("H21.16-261120-9999", "transfer", &key, &json!({})).await.expect(403);
    assert_eq!(refused.code(), "scope_lacks");
    let refused = house.app.get("/audit", &key).await.expect(403);
    assert_eq!(refused.code(), "role_may_not");
}

#[actix_web::test]
async fn no_scope_goes_beyond_the_role() {
    let house = House::open();
    let admin = house.app.sign_in(Role::Admin, "H21");
    for scopes in [json!(["finish"]), json!(["receive", "manage_staff"]), json!(["everything"])] {
        let refused = make(&house, &admin, json!({"scopes": scopes, "addresses": ["10.0.0.1", "here"]})).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec!["/scopes", "/addresses/1"]), "{scopes}");
    }
    let none = make(&house, &admin, json!({"scopes": []})).await.expect(201).field("key");
    assert_eq!(house.app.get("/dossiers", &none).await.status, 403, "no scope is no right");
}

#[actix_web::test]
async fn a_device_holds_one_key() {
    let house = House::open();
    let admin = house.app.sign_in(Role::Admin, "H21");
    let first = make(&house, &admin, json!({"device": "kiosk-03"})).await.expect(201);
    let second = make(&house, &admin, json!({"device": "kiosk-03"})).await;
    assert_eq!((second.status, second.code()), (409, "device_has_key"));
    house.app.delete(&format!("{KEYS}/{}", first.field("id")), &admin).await.expect(204);
    make(&house, &admin, json!({"device": "kiosk-03"})).await.expect(201);
}

#[actix_web::test]
async fn a_rotated_key_works_beside_the_new_one_until_the_overlap_ends() {
    let house = House::open();
    let admin = house.app.sign_in(Role::Admin, "H21");
    let content = json!({"device": "kiosk-03", "scopes": ["receive"], "addresses": ["127.0.0.1"],
        "expires_at": "2027-11-20T00:00:00+07:00"});
    let old = make(&house, &admin, content).await.expect(201);
    let rotate = format!("{KEYS}/{}/rotate", old.field("id"));
    let new = house.app.post(&rotate, &admin, &json!({"overlap_hours": 2})).await.expect(201);
    for field in ["name", "device", "role", "unit_code", "scopes", "addresses", "expires_at"] {
        assert_eq!(new.body[field], old.body[field], "{field}");
    }
    let (old_key, new_key) = (old.field("key"), new.field("key"));
    assert_ne!(old_key, new_key);
    house.app.get("/me", &old_key).await.expect(200);
    house.app.get("/me", &new_key).await.expect(200);
    let listed = house.app.get(KEYS, &admin).await.expect(200).body;
    assert_eq!(listed["items"][0]["replaced_by"], json!(new.field("id")));
    assert_eq!(listed["items"][0]["expires_at"], "2026-11-20T11:00:00+07:00");

    let again = house.app.post(&rotate, &admin, &json!({})).await;
    assert_eq!((again.status, again.code()), (409, "key_not_in_use"));
    house.app.pass(TimeDelta::hours(2));
    house.app.get("/me", &old_key).await.expect(401);
    house.app.get("/me", &new_key).await.expect(200);
}

#[actix_web::test]
async fn a_rotation_never_makes_an_old_key_live_longer_and_may_end_it_at_once() {
    let house = House::open();
    let admin = house.app.sign_in(Role::Admin, "H21");
    let old = make(&house, &admin, json!({"expires_at": "2026-11-20T10:00:00+07:00"})).await.expect(201);
    let rotate = |id: String| format!("{KEYS}/{id}/rotate");
    house.app.post(&rotate(old.field("id")), &admin, &json!({"overlap_hours": 48})).await.expect(201);
    let listed = house.app.get(KEYS, &admin).await.expect(200).body;
    assert_eq!(listed["items"][0]["expires_at"], "2026-11-20T10:00:00+07:00");

    let other = make(&house, &admin, json!({})).await.expect(201);
    let (id, key) = (other.field("id"), other.field("key"));
    house.app.get("/me", &key).await.expect(200);
    house.app.post(&rotate(id), &admin, &json!({"overlap_hours": 0})).await.expect(201);
    house.app.get("/me", &key).await.expect(401);
    let rubbish = house.app.post(&rotate("rubbish".to_owned()), &admin, &json!({})).await;
    assert_eq!(rubbish.status, 404);
    let refused = house.app.post(&rotate(old.field("id")), &admin, &json!({"overlap_hours": 721})).await;
    assert_eq!(refused.pointers(), ["/overlap_hours"]);
}
