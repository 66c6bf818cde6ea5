//! `GET /audit`: who did what, page by page.

use motcua::audit::chain;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::office::{CENTRE, DEPARTMENT};

/// Three days: two keys and an account made by an admin of the province, a pause by the head of the centre.
async fn given() -> (TestApp, String, String) {
    let app = TestApp::at("2026-10-05 09:00").await;
    let (admin, head) = (app.sign_in(Role::Admin, "H21"), app.sign_in(Role::CentreHead, CENTRE));
    let key = json!({"name": "Quầy 1", "role": "clerk", "unit_code": DEPARTMENT});
    app.post("/api-keys", &admin, &key).await.expect(201);
    app.post("/api-keys", &admin, &key).await.expect(201);
    app.set("2026-10-06 09:00");
    app.post("/notices/sending/actions/pause", &head, &json!({"reason": "thử"})).await.expect(200);
    app.set("2026-10-07 09:00");
    let account = json!({"username": "mai.nt", "full_name": "Nguyễn Thị Mai", "role": "officer",
        "unit_code": DEPARTMENT, "password": "một mật khẩu khá dài"});
    app.post("/staff", &admin, &account).await.expect(201);
    (app, admin, head)
}

fn actions(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["action"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn the_newest_comes_first_with_its_place_in_the_chain() {
    let (app, admin, _) = given().await;
    chain::tick(app.state.clone()).await.unwrap();
    app.post("/notices/sending/actions/resume", &admin, &json!({})).await.expect(200);
    let list = app.get("/audit", &admin).await.expect(200).body;
    assert_eq!(
        actions(&list),
        [
            "sending_resumed",
            "staff_added",
            "sending_paused",
            "key_added",
            "key_added",
            "templates_changed",
            "catalogue_imported",
            "calendar_published"
        ]
    );
    let (waiting, linked, house) = (&list["items"][0], &list["items"][1], &list["items"][7]);
    assert_eq!((&waiting["seq"], &waiting["hash"]), (&Value::Null, &Value::Null));
    assert_eq!((&linked["seq"], &linked["unit_code"], &linked["role"]), (&json!(3), &json!("H21"), &json!("admin")));
    assert_eq!(linked["hash"].as_str().unwrap().len(), 64);
    assert_eq!(linked["happened_at"], "2026-10-07T09:00:00+07:00");
    assert_eq!(linked["actor_name"], "Nguyễn Văn admin");
    assert_eq!(linked["details"], json!({"role": "officer", "unit": DEPARTMENT}));
    assert_eq!((&house["seq"], &house["unit_code"], &house["role"]), (&json!(1), &Value::Null, &Value::Null));
}

#[actix_web::test]
async fn it_is_narrowed_by_time_unit_action_doer_and_subject() {
    let (app, admin, head) = given().await;
    let auditor = app.sign_in(Role::Auditor, "H21");
    let me = app.get("/me", &head).await.expect(200).body;
    let principal = format!("staff:{}", me["id"].as_str().unwrap());
    let list = app.get("/audit?action=key_added", &admin).await.expect(200).body;
    let subject = list["items"][1]["subject"].as_str().unwrap();
    for (query, expected) in [
        ("from=2026-10-06", vec!["staff_added", "sending_paused"]),
        ("from=2026-10-06&to=2026-10-07", vec!["sending_paused"]),
        ("from=2026-10-06T09:00:01%2B07:00&to=2026-10-08", vec!["staff_added"]),
        ("from=2026-10-05&to=2026-10-06T09:00:00%2B07:00", vec!["key_added", "key_added"]),
        ("unit=H21.00.01", vec!["sending_paused"]),
        ("unit=H21.00", vec!["sending_paused"]),
        ("unit=H21.16", vec![]),
        ("unit=house", vec!["templates_changed", "catalogue_imported", "calendar_published"]),
        ("unit=H21&action=staff_added", vec!["staff_added"]),
        (&*format!("principal={principal}"), vec!["sending_paused"]),
        ("principal=system", vec!["templates_changed", "catalogue_imported", "calendar_published"]),
        (&*format!("subject={subject}"), vec!["key_added"]),
        ("subject=sending&principal=system", vec![]),
    ] {
        let list = app.get(&format!("/audit?{query}"), &auditor).await.expect(200).body;
        assert_eq!(actions(&list), expected, "{query}");
    }
}

#[actix_web::test]
async fn pages_follow_each_other_without_gap_also_within_one_moment() {
    let (app, admin, _) = given().await;
    let whole = app.get("/audit", &admin).await.expect(200).body;
    let mut found = Vec::new();
    let mut path = "/audit?limit=2".to_owned();
    loop {
        let page = app.get(&path, &admin).await.expect(200).body;
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/audit?limit=2&cursor={cursor}");
    }
    assert_eq!(Value::Array(found), whole["items"]);
}

#[actix_web::test]
async fn what_can_not_be_asked_is_named() {
    let (app, admin, _) = given().await;
    for (query, pointer) in [
        ("from=gestern", "?from"),
        ("from=0000001-01-01", "?from"),
        ("to=-9999-01-01", "?to"),
        ("from=2026-10-07&to=2026-10-06", "?to"),
        ("from=2026-10-06&to=2026-10-06", "?to"),
        ("unit=H99", "?unit"),
        ("action=laughed", "?action"),
        ("cursor=x", "?cursor"),
        ("limit=201", "?limit"),
        ("colour=red", "?colour"),
    ] {
        let refused = app.get(&format!("/audit?{query}"), &admin).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{query}");
    }
    let both = app.get("/audit?from=x&unit=y", &admin).await.expect(422);
    assert_eq!(both.pointers(), ["?from", "?unit"]);
}
