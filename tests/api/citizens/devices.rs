//! The devices of a citizen's own, to which news are pushed.

use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::retention;
use motcua::schema::citizen_devices;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::office::{Office, TEN_DAYS};

const ANH: &str = "052190000123";
const BINH: &str = "052190000456";

impl TestApp {
    /// Registers a device of a citizen.
    pub async fn device(&self, citizen: &str, installation: &str, push_token: &str) -> Value {
        let form = json!({"token": push_token, "language": "vi"});
        self.put(&format!("/citizen/devices/{installation}"), citizen, &form).await.expect(200).body
    }

    /// The installations of a citizen's devices, the one seen last first.
    pub async fn devices(&self, citizen: &str) -> Vec<String> {
        let list = self.get("/citizen/devices", citizen).await.expect(200);
        list.items().iter().map(|device| device["installation"].as_str().unwrap().to_owned()).collect()
    }
}

#[actix_web::test]
async fn a_citizen_registers_a_device_sees_it_and_has_it_forgotten() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let anh = app.citizen_with(ANH);
    let first = app.device(&anh, "phone-1", "token-of-the-phone").await;
    assert_eq!((&first["installation"], &first["language"]), (&json!("phone-1"), &json!("vi")));
    app.pass(TimeDelta::minutes(5));
    let form = json!({"token": "another-token-of-it", "language": "en"});
    let again = app.put("/citizen/devices/phone-1", &anh, &form).await.expect(200);
    assert_eq!((&again.body["language"], &again.body["registered_at"]), (&json!("en"), &first["registered_at"]));
    assert_ne!(again.body["seen_at"], first["seen_at"]);
    let list = app.get("/citizen/devices", &anh).await.expect(200);
    assert_eq!((list.items().len(), &list.body["next_cursor"]), (1, &Value::Null));
    assert!(!list.text.contains("another-token") && !again.text.contains("another-token"));
    app.delete("/citizen/devices/phone-1", &anh).await.expect(204);
    assert_eq!(app.delete("/citizen/devices/phone-1", &anh).await.expect(404).code(), "no_such_device");
    assert_eq!(app.devices(&anh).await, Vec::<String>::new());
}

#[actix_web::test]
async fn of_more_than_five_devices_the_one_not_seen_for_the_longest_time_goes() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let anh = app.citizen_with(ANH);
    for number in 1..=5 {
        app.device(&anh, &format!("phone-{number}"), &format!("token-of-phone-{number}")).await;
        app.pass(TimeDelta::minutes(1));
    }
    app.device(&anh, "phone-1", "token-of-phone-1").await;
    app.pass(TimeDelta::minutes(1));
    app.device(&anh, "phone-6", "token-of-phone-6").await;
    assert_eq!(app.devices(&anh).await, ["phone-6", "phone-1", "phone-5", "phone-4", "phone-3"]);
}

#[actix_web::test]
async fn a_device_belongs_to_who_is_logged_in_on_it_now_and_nobody_touches_anothers() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let (anh, binh) = (app.citizen_with(ANH), app.citizen_with(BINH));
    app.device(&anh, "tablet", "token-of-the-tablet").await;
    app.device(&anh, "phone", "token-of-the-phone").await;
    app.delete("/citizen/devices/phone", &binh).await.expect(404);
    app.device(&binh, "tablet", "token-of-the-tablet").await;
    assert_eq!(app.devices(&anh).await, ["phone"]);
    assert_eq!(app.devices(&binh).await, ["tablet"]);
}

#[actix_web::test]
async fn who_came_in_by_a_one_time_code_registers_none() {
    let office = Office::at("2026-10-05 09:00").await;
    let (app, code) = (&office.app, office.in_process(TEN_DAYS).await);
    let token = app.citizen_of(&code).await;
    let form = json!({"token": "token-of-the-phone", "language": "vi"});
    let refused = app.put("/citizen/devices/phone", &token, &form).await.expect(403);
    assert_eq!(refused.code(), "log_in_needed");
    app.get("/citizen/devices", &token).await.expect(403);
    app.delete("/citizen/devices/phone", &token).await.expect(403);
}

#[actix_web::test]
async fn what_is_wrong_with_a_device_is_told_field_by_field() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let anh = app.citizen_with(ANH);
    let wrong = app.put("/citizen/devices/phone", &anh, &json!({"token": "a b", "language": "fr"})).await.expect(422);
    for pointer in ["/token", "/language"] {
        assert!(wrong.text.contains(pointer), "{}", wrong.text);
    }
    app.put("/citizen/devices/phone", &anh, &json!({})).await.expect(422);
    let form = json!({"token": "token-of-the-phone", "language": "vi"});
    for installation in ["a%00b", "a%2Fb", "%20", &"a".repeat(65)] {
        app.put(&format!("/citizen/devices/{installation}"), &anh, &form).await.expect(404);
    }
}

#[actix_web::test]
async fn a_token_lies_sealed_and_a_device_in_use_no_more_is_forgotten() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let anh = app.citizen_with(ANH);
    app.device(&anh, "phone", "token-of-the-phone").await;
    app.device(&app.citizen_with(BINH), "old-phone", "token-of-the-old-phone").await;
    let sealed: Vec<Vec<u8>> =
        citizen_devices::table.select(citizen_devices::token).load(&mut app.db.connect()).unwrap();
    assert!(sealed.iter().all(|token| !String::from_utf8_lossy(token).contains("token-of")));
    app.set("2027-07-05 08:59");
    let anh = app.citizen_with(ANH);
    app.device(&anh, "phone", "token-of-the-phone").await;
    app.set("2027-07-05 09:01");
    let due = retention::command::what_is_due(&app.state).unwrap();
    assert!(due.contains(&"citizen_devices: 1 would be forgotten".to_owned()), "{due:?}");
    retention::tick(app.state.clone()).await.unwrap();
    assert_eq!(app.devices(&anh).await, ["phone"]);
    assert_eq!(app.devices(&app.citizen_with(BINH)).await, Vec::<String>::new());
}
