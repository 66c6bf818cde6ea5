//! Staff log in at a certified provider.

use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::schema::audit_entries;
use serde_json::{Value, json};

use super::browser::{self, Back};
use super::certified::Certified;
use super::given::{CITIZENS, with_provider};
use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::office::DEPARTMENT;

/// The routes of staff.
const STAFF: &str = "/sessions/single-sign-on";

fn users() -> Value {
    json!({
        "mai": {"preferred_username": "Mai.NT", "id_number": "052190000123"},
        "nobody": {"preferred_username": "nobody"},
        "nameless": {},
    })
}

/// A service with one account, which no password opens.
async fn app(provider: &Certified) -> (TestApp, String) {
    let app = TestApp::with("2026-10-05 09:00", with_provider(&provider.issuer)).await;
    app.live_now();
    let admin = app.sign_in(Role::Admin, "H21");
    let form = json!({"username": "mai.nt", "full_name": "Nguyễn Thị Mai", "role": "officer",
        "unit_code": DEPARTMENT, "password": "không ai biết mật khẩu này"});
    app.post("/staff", &admin, &form).await.expect(201);
    (app, admin)
}

#[track_caller]
fn is_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (401, "log_in_refused"), "{}", answer.text);
}

/// The newest entry of the audit: what, and its details.
fn last_noted(app: &TestApp) -> (String, Value) {
    audit_entries::table
        .order(audit_entries::id.desc())
        .select((audit_entries::action, audit_entries::details))
        .first(&mut app.db.connect())
        .unwrap()
}

#[actix_web::test]
async fn a_member_of_staff_logs_in_as_the_account_that_the_provider_names() {
    let provider = Certified::start(&users());
    let (app, _) = app(&provider).await;
    let opened = app.log_in_as(STAFF, "mai").await.expect(201);
    assert_eq!((&opened.body["staff"]["name"], opened.header("cache-control")), (&json!("Nguyễn Thị Mai"), "no-store"));
    let me = app.get("/me", &opened.field("token")).await.expect(200).body;
    assert_eq!((&me["role"], &me["unit_code"]), (&json!("officer"), &json!(DEPARTMENT)));
    assert_eq!(last_noted(&app).0, "logged_in");
}

#[actix_web::test]
async fn whom_the_provider_knows_and_the_office_does_not_gets_no_account() {
    let provider = Certified::start(&users());
    let (app, admin) = app(&provider).await;
    is_refused(&app.log_in_as(STAFF, "nobody").await);
    assert_eq!(last_noted(&app), ("log_in_refused".to_owned(), json!({"why": "unknown_account"})));
    is_refused(&app.log_in_as(STAFF, "nameless").await);
    assert_eq!(last_noted(&app), ("log_in_refused".to_owned(), json!({"why": "provider_refused"})));
    let accounts = app.get("/staff?limit=200", &admin).await.expect(200);
    assert!(!accounts.text.contains("nobody"));
}

#[actix_web::test]
async fn a_disabled_account_stays_outside() {
    let provider = Certified::start(&users());
    let (app, admin) = app(&provider).await;
    let accounts = app.get("/staff?limit=200", &admin).await.expect(200);
    let mai = accounts.items().iter().find(|account| account["username"] == "mai.nt").unwrap();
    let path = format!("/staff/{}", mai["id"].as_str().unwrap());
    app.patch(&path, &admin, &json!({"disabled": true})).await.expect(200);
    is_refused(&app.log_in_as(STAFF, "mai").await);
    assert_eq!(last_noted(&app), ("log_in_refused".to_owned(), json!({"why": "disabled"})));
}

#[actix_web::test]
async fn a_log_in_leads_through_the_door_at_which_it_began() {
    let provider = Certified::start(&users());
    let (app, _) = app(&provider).await;
    for (begun_at, ended_at) in [(CITIZENS, STAFF), (STAFF, CITIZENS)] {
        let mut begun = app.begin(begun_at).await;
        let back = browser::log_in(begun.url.as_str(), "mai").await;
        begun.path = begun.path.replace(begun_at, ended_at);
        is_refused(&app.end(&begun, &back).await);
        begun.path = begun.path.replace(ended_at, begun_at);
        let answer = app.end(&begun, &back).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_wrong_state_or_a_replayed_code_opens_no_session() {
    let provider = Certified::start(&users());
    let (app, _) = app(&provider).await;
    let begun = app.begin(STAFF).await;
    let back = browser::log_in(begun.url.as_str(), "mai").await;
    is_refused(&app.end(&begun, &Back { state: "another".to_owned(), ..back.clone() }).await);
    app.end(&begun, &back).await.expect(201);
    is_refused(&app.end(&begun, &back).await);
}
