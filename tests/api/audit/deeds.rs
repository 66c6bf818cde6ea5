//! Each deed that must be provable leaves its entry; what is refused leaves none.

use std::path::PathBuf;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::catalogue::import::{self, DryRun};
use motcua::command::console;
use motcua::costs;
use motcua::domain::role::Role;
use motcua::exports::command::ExportCommand;
use motcua::notices;
use motcua::platform::db::Scope;
use motcua::platform::progress::Progress;
use motcua::retention;
use motcua::schema::{citizen_sessions, identity_reads, notice_queue, notices as notice_rows};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given::{Audited, recorded};
use crate::notices::wording::ship_another;
use crate::staff::house::code_at;
use crate::support::app::{TestApp, intake};
use crate::support::db::TestDb;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

const PASSWORD: &str = "một mật khẩu khá dài";

/// What was recorded, told step by step.
struct Watch<'a> {
    db: &'a TestDb,
    last: Uuid,
}

impl<'a> Watch<'a> {
    fn on(db: &'a TestDb) -> Self {
        let (_, last) = recorded(&mut db.connect(), Uuid::nil());
        Self { db, last }
    }

    /// Expects these entries since the last time: action, who, to what, in whose chain, details.
    #[track_caller]
    fn tells(&mut self, expected: &[(&str, &str, &str, &str, Value)]) {
        let (found, last) = recorded(&mut self.db.connect(), self.last);
        self.last = last;
        let found: Vec<_> = found
            .iter()
            .map(|one| (&*one.action, &*one.principal, &*one.subject, &*one.unit, one.details.clone()))
            .collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn tells_nothing(&mut self) {
        self.tells(&[]);
    }
}

/// Who a token belongs to, as entries say it.
async fn principal(app: &TestApp, token: &str) -> String {
    let me = app.get("/me", token).await.expect(200).body;
    format!("{}:{}", me["kind"].as_str().unwrap(), me["id"].as_str().unwrap())
}

fn id(body: &Value) -> &str {
    body["id"].as_str().unwrap()
}

async fn add_staff(app: &TestApp, admin: &str, username: &str) -> String {
    let body = json!({"username": username, "full_name": "Nguyễn Thị Mai", "role": "officer",
        "unit_code": DEPARTMENT, "password": PASSWORD});
    id(&app.post("/staff", admin, &body).await.expect(201).body).to_owned()
}

#[actix_web::test]
async fn log_ins_refused_ones_and_log_outs() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let admin = app.sign_in(Role::Admin, "H21");
    let mai = add_staff(&app, &admin, "mai.nt").await;
    let mut watch = Watch::on(&app.db);
    let log_in = async |username: &str, password: &str| {
        app.post("/sessions", "", &json!({"username": username, "password": password})).await
    };
    log_in("mai.nt", "sai mật khẩu").await.expect(401);
    let why = json!({"why": "wrong_credentials"});
    let staff = format!("staff:{mai}");
    watch.tells(&[("log_in_refused", "unknown", &staff, "house", why.clone())]);
    // Of a name that nobody has nothing is kept: it may be a password.
    log_in("0905123456", PASSWORD).await.expect(401);
    watch.tells(&[("log_in_refused", "unknown", "staff:unknown", "house", why)]);

    let opened = log_in("mai.nt", PASSWORD).await.expect(201).body;
    let token = opened["token"].as_str().unwrap();
    let sessions = app.get("/sessions", token).await.expect(200).body;
    let session = id(&sessions["items"][0]).to_owned();
    let (subject, whose) = (format!("session:{session}"), json!({"staff": mai}));
    let how = json!({"staff": mai, "as": "bearer", "second_factor": "none"});
    watch.tells(&[("logged_in", &staff, &subject, DEPARTMENT, how)]);
    let end = format!("/sessions/{session}");
    app.delete(&end, &admin).await.expect(204);
    let admin_is = principal(&app, &admin).await;
    watch.tells(&[("session_ended", &admin_is, &subject, "H21", whose)]);
    app.delete(&end, &admin).await.expect(204);
    watch.tells_nothing();

    app.patch(&format!("/staff/{mai}"), &admin, &json!({"disabled": true})).await.expect(200);
    watch.tells(&[("staff_changed", &admin_is, &staff, "H21", json!({"disabled": {"old": false, "new": true}}))]);
    log_in("mai.nt", PASSWORD).await.expect(401);
    watch.tells(&[("log_in_refused", "unknown", &staff, "house", json!({"why": "disabled"}))]);
}

#[actix_web::test]
async fn accounts_passwords_and_keys() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let admin = app.sign_in(Role::Admin, "H21");
    let by = principal(&app, &admin).await;
    let mut watch = Watch::on(&app.db);
    let mai = add_staff(&app, &admin, "mai.nt").await;
    let staff = format!("staff:{mai}");
    watch.tells(&[("staff_added", &by, &staff, "H21", json!({"role": "officer", "unit": DEPARTMENT}))]);

    let change =
        json!({"full_name": "Trần Thị Mai", "role": "leader", "unit_code": CENTRE, "password": "another long one"});
    app.patch(&format!("/staff/{mai}"), &admin, &change).await.expect(200);
    let details = json!({"role": {"old": "officer", "new": "leader"}, "unit": {"old": DEPARTMENT, "new": CENTRE},
        "full_name": "changed", "password": "changed"});
    watch.tells(&[("staff_changed", &by, &staff, "H21", details)]);

    let log_in = json!({"username": "mai.nt", "password": "another long one"});
    let token = app.post("/sessions", "", &log_in).await.expect(201).body["token"].as_str().unwrap().to_owned();
    watch.last = Watch::on(&app.db).last;
    let change = async |old: &str| {
        app.put("/me/password", &token, &json!({"old_password": old, "new_password": PASSWORD})).await
    };
    change("another wrong one").await.expect(422);
    watch.tells_nothing();
    change("another long one").await.expect(204);
    watch.tells(&[("password_changed", &staff, &staff, CENTRE, json!({"sessions_ended": 0}))]);

    let form = json!({"name": "Quầy 0905123456", "role": "clerk", "unit_code": CENTRE,
        "expires_at": "2027-01-01T00:00:00+07:00"});
    let made = app.post("/api-keys", &admin, &form).await.expect(201).body;
    let key = format!("key:{}", id(&made));
    let details = json!({"role": "clerk", "unit": CENTRE, "expires_at": "2026-12-31T17:00:00Z",
        "scopes": null, "addresses": null});
    watch.tells(&[("key_added", &by, &key, "H21", details)]);
    let rotate = format!("/api-keys/{}/rotate", id(&made));
    let new = app.post(&rotate, &admin, &json!({})).await.expect(201).body;
    let details = json!({"replaced_by": id(&new), "old_ends_at": "2026-10-06T02:00:00Z",
        "expires_at": "2026-12-31T17:00:00Z"});
    watch.tells(&[("key_rotated", &by, &key, "H21", details)]);
    let revoke = format!("/api-keys/{}", id(&made));
    app.delete(&revoke, &admin).await.expect(204);
    watch.tells(&[("key_revoked", &by, &key, "H21", json!({}))]);
    app.delete(&revoke, &admin).await.expect(204);
    watch.tells_nothing();
}

#[actix_web::test]
async fn second_factors() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let admin = app.sign_in(Role::Admin, "H21");
    let by = principal(&app, &admin).await;
    let mai = add_staff(&app, &admin, "mai.nt").await;
    let staff = format!("staff:{mai}");
    let token = app.let_in(mai.parse().unwrap(), TimeDelta::hours(1));
    let mut watch = Watch::on(&app.db);
    let enrol = async |token: &str| {
        let started = app.post("/me/second-factor", token, &json!({"password": PASSWORD})).await.expect(201);
        let code = code_at(&started.field("secret"), app.state.clock.now());
        let codes = app.post("/me/second-factor/confirm", token, &json!({"code": code})).await.expect(200);
        codes.body["recovery_codes"].as_array().unwrap().clone()
    };
    let codes = enrol(&token).await;
    let ended = json!({"sessions_ended": 0});
    watch.tells(&[("second_factor_added", &staff, &staff, DEPARTMENT, ended)]);
    let form = json!({"username": "mai.nt", "password": PASSWORD});
    app.post("/sessions", "", &form).await.expect(401);
    let why = json!({"why": "second_factor_needed"});
    watch.tells(&[("log_in_refused", "unknown", &staff, "house", why)]);
    let renewed = app.post("/me/second-factor/recovery-codes", &token, &json!({"code": codes[0]})).await.expect(200);
    let codes_now = renewed.body["recovery_codes"].as_array().unwrap().clone();
    watch.tells(&[("recovery_codes_made", &staff, &staff, DEPARTMENT, json!({}))]);
    let shown = app.post("/sessions/current/second-factor", &token, &json!({"code": codes_now[0]})).await.expect(200);
    let token = shown.field("token");
    let sessions = app.get("/sessions", &token).await.expect(200).body;
    let session = format!("session:{}", id(&sessions["items"][0]));
    let details = json!({"second_factor": "recovery_code"});
    watch.tells(&[("second_factor_shown", &staff, &session, DEPARTMENT, details)]);
    app.post("/me/second-factor/remove", &token, &json!({"password": PASSWORD})).await.expect(204);
    watch.tells(&[("second_factor_removed", &staff, &staff, DEPARTMENT, json!({}))]);

    enrol(&token).await;
    watch.last = Watch::on(&app.db).last;
    app.delete(&format!("/staff/{mai}/second-factor"), &admin).await.expect(204);
    watch.tells(&[("second_factor_reset", &by, &staff, "H21", json!({"sessions_ended": 1}))]);
    app.delete(&format!("/staff/{mai}/second-factor"), &admin).await.expect(204);
    watch.tells_nothing();
}

#[actix_web::test]
async fn what_is_refused_leaves_no_entry() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let (admin, clerk) = (app.sign_in(Role::Admin, "H21"), app.sign_in(Role::Clerk, CENTRE));
    add_staff(&app, &admin, "mai.nt").await;
    let mut watch = Watch::on(&app.db);
    let twice = json!({"username": "mai.nt", "full_name": "X", "role": "officer", "unit_code": "H21",
        "password": PASSWORD});
    app.post("/staff", &admin, &twice).await.expect(409);
    app.post("/staff", &clerk, &twice).await.expect(403);
    app.post("/api-keys", &admin, &json!({"name": "X", "role": "clerk", "unit_code": "nowhere"})).await.expect(422);
    app.post("/notices/sending/actions/pause", &admin, &json!({})).await.expect(422);
    app.get("/reports/06?month=2026-13", &app.sign_in(Role::Auditor, "H21")).await.expect(422);
    watch.tells_nothing();
}

#[actix_web::test]
async fn one_time_codes_and_citizens_who_come_in() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let code = id_of(&office.received(TEN_DAYS).await);
    let mut watch = Watch::on(&app.db);
    let asked = app.ask_for_code(&code).await.expect(202).field("id");
    watch.tells_nothing();
    app.work().await;
    watch.tells(&[("one_time_code_sent", "system", &format!("dossier:{code}"), "house", json!({}))]);
    app.show_code(&asked, "0").await.expect(401);
    watch.tells_nothing();
    app.show_code(&asked, &app.codes_sent().pop().unwrap().1).await.expect(200);
    let session: Uuid = citizen_sessions::table.select(citizen_sessions::id).first(&mut app.db.connect()).unwrap();
    let details = json!({"by": "one_time_code", "dossier": code});
    watch.tells(&[("citizen_logged_in", "unknown", &format!("citizen_session:{session}"), "house", details)]);
}

#[actix_web::test]
async fn devices_of_citizens_that_come_and_go() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let anh = app.citizen_with("052190000123");
    let mut watch = Watch::on(&app.db);
    app.device(&anh, "phone", "token-of-the-phone").await;
    let session: Uuid = citizen_sessions::table.select(citizen_sessions::id).first(&mut app.db.connect()).unwrap();
    let session = format!("citizen_session:{session}");
    watch.tells(&[("citizen_device_added", "unknown", &session, "house", json!({}))]);
    app.device(&anh, "phone", "another-token").await;
    watch.tells_nothing();
    app.delete("/citizen/devices/phone", &anh).await.expect(204);
    watch.tells(&[("citizen_device_removed", "unknown", &session, "house", json!({}))]);
    app.delete("/citizen/devices/phone", &anh).await.expect(404);
    watch.tells_nothing();
}

/// Their own history says it all, and a counter has no time for more.
#[actix_web::test]
async fn a_dossiers_own_verbs_write_no_second_entry() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut watch = Watch::on(&office.app.db);
    let code = office.in_process(TEN_DAYS).await;
    let finish = json!({"result": "granted", "at_counter": true});
    office.act(&code, "finish", &office.leader, finish).await.expect(200);
    office.act(&code, "hand-over", &office.clerk, json!({})).await;
    watch.tells_nothing();
}

#[actix_web::test]
async fn corrections_and_what_two_people_decide() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let (clerk, leader) = (principal(app, &office.clerk).await, principal(app, &office.leader).await);
    let code = id_of(&office.received(TEN_DAYS).await);
    let dossier = format!("dossier:{code}");
    let mut watch = Watch::on(&app.db);
    let form = json!({"applicant": {"phone": "0905654321", "address": "1 Lê Lợi"}, "reason": "Gọi 0905654321"});
    app.patch(&format!("/dossiers/{code}"), &office.clerk, &form).await.expect(200);
    let details =
        json!({"applicant": ["phone", "address"], "submitter": null, "result_delivery": false, "notify": false});
    watch.tells(&[("dossier_corrected", &clerk, &dossier, CENTRE, details)]);

    let propose = || office.act(&code, "void", &office.clerk, json!({"reason": "Nhập trùng, gọi 0905654321"}));
    let approval = id(&propose().await.expect(202).body["approval"]).to_owned();
    let subject = format!("approval:{approval}");
    let what = json!({"verb": "void_dossier", "subject": code});
    watch.tells(&[("approval_proposed", &clerk, &subject, CENTRE, what)]);
    let decide = async |approval: &str, decision: &str| {
        app.post(&format!("/approvals/{approval}/actions/{decision}"), &office.leader, &json!({})).await.expect(200)
    };
    decide(&approval, "reject").await;
    let what = json!({"verb": "void_dossier", "subject": code, "proposed_by": clerk.trim_start_matches("staff:")});
    watch.tells(&[("approval_rejected", &leader, &subject, DEPARTMENT, what.clone())]);

    let approval = id(&propose().await.expect(202).body["approval"]).to_owned();
    watch.last = Watch::on(&app.db).last;
    decide(&approval, "confirm").await;
    let subject = format!("approval:{approval}");
    watch.tells(&[
        ("dossier_voided", &leader, &dossier, DEPARTMENT, json!({})),
        ("approval_confirmed", &leader, &subject, DEPARTMENT, what),
    ]);
}

fn id_of(dossier: &Value) -> String {
    dossier["code"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn sending_paused_and_resumed_and_a_notice_sent_again() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let head = app.sign_in(Role::CentreHead, CENTRE);
    let by = principal(app, &head).await;
    let mut watch = Watch::on(&app.db);
    app.post("/notices/sending/actions/pause", &head, &json!({"reason": "0905123456 kêu"})).await.expect(200);
    app.post("/notices/sending/actions/resume", &head, &json!({})).await.expect(200);
    watch.tells(&[
        ("sending_paused", &by, "sending", CENTRE, json!({})),
        ("sending_resumed", &by, "sending", CENTRE, json!({})),
    ]);

    let code = id_of(&office.received(TEN_DAYS).await);
    let mut conn = app.db.connect();
    let notice: Uuid = notice_rows::table.select(notice_rows::id).first(&mut conn).unwrap();
    diesel::delete(notice_queue::table.find(notice)).execute(&mut conn).unwrap();
    conn.batch_execute(&format!("UPDATE notices SET status = 'given_up', final_at = created_at WHERE id = '{notice}'"))
        .unwrap();
    app.post(&format!("/notices/{notice}/resend"), &head, &json!({})).await.expect(200);
    let (subject, details) = (format!("notice:{notice}"), json!({"dossier": code, "was": "given_up"}));
    watch.tells(&[("notice_resent", &by, &subject, CENTRE, details)]);
    app.post(&format!("/notices/{notice}/resend"), &head, &json!({})).await.expect(409);
    watch.tells_nothing();
}

#[actix_web::test]
async fn what_operators_do_with_one_notice_and_with_many() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let head = app.sign_in(Role::CentreHead, CENTRE);
    let by = principal(app, &head).await;
    let code = id_of(&office.received(TEN_DAYS).await);
    let mut conn = app.db.connect();
    let ids: Vec<Uuid> =
        notice_rows::table.order(notice_rows::channel.desc()).select(notice_rows::id).load(&mut conn).unwrap();
    let mut watch = Watch::on(&app.db);
    let reason = json!({"reason": "Bà Ánh gọi từ 0905654321"});
    let act = async |id: Uuid, deed: &str, body: &Value| {
        app.post(&format!("/notices/{id}/actions/{deed}"), &head, body).await.expect(200)
    };
    act(ids[0], "cancel", &reason).await;
    let subject = format!("notice:{}", ids[0]);
    watch.tells(&[("notice_cancelled", &by, &subject, CENTRE, json!({"dossier": code, "was": "queued"}))]);
    act(ids[0], "told_by_phone", &reason).await;
    watch.tells(&[("notice_told_by_phone", &by, &subject, CENTRE, json!({"dossier": code, "was": "cancelled"}))]);
    let many = json!({"filter": {"channel": "email"}, "reason": "Nhầm, gọi 0905654321"});
    app.post("/notices/actions/cancel", &head, &many).await.expect(200);
    let filter = json!({"reason": null, "unit": null, "gateway": null, "channel": "email", "purpose": null,
        "from": null, "to": null});
    let details = json!({"count": 1, "filter": filter, "channel": null, "ordered_by": by});
    watch.tells(&[("notice_cancelled", &by, "notices", CENTRE, details)]);
    app.post(&format!("/notices/{}/actions/replay", ids[0]), &head, &reason).await.expect(409);
    watch.tells_nothing();
}

#[actix_web::test]
async fn a_notice_sent_on_another_channel_and_the_campaign_handed_out() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let head = app.sign_in(Role::CentreHead, CENTRE);
    let by = principal(app, &head).await;
    let code = id_of(&office.received(TEN_DAYS).await);
    let mut conn = app.db.connect();
    conn.batch_execute(
        "DELETE FROM notice_queue;
         UPDATE notices SET status = 'failed', final_at = created_at;
         DELETE FROM notices WHERE channel = 'email'",
    )
    .unwrap();
    let notice: Uuid = notice_rows::table.select(notice_rows::id).first(&mut conn).unwrap();
    let mut watch = Watch::on(&app.db);
    let on_mail = json!({"reason": "0905123456 không nghe", "channel": "email"});
    app.post(&format!("/notices/{notice}/actions/replay_on"), &head, &on_mail).await.expect(200);
    let (subject, details) = (format!("notice:{notice}"), json!({"dossier": code, "was": "failed"}));
    watch.tells(&[("notice_sent_otherwise", &by, &subject, CENTRE, details)]);
    let period = "from=2026-10-01&to=2026-11-01";
    app.get(&format!("/campaigns/early-results?{period}"), &head).await.expect(200);
    watch.tells_nothing();
    app.get(&format!("/campaigns/early-results?{period}&format=csv"), &head).await.expect(200);
    let details = json!({"unit": null, "from": "2026-10-01", "to": "2026-11-01", "format": "csv"});
    watch.tells(&[("report_exported", &by, "report:early-results", CENTRE, details)]);
}

#[actix_web::test]
async fn people_shown_on_a_reason_handed_out_and_erased() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let controller = app.sign_in(Role::Controller, "H21");
    let by = principal(app, &controller).await;
    let code = id_of(&office.received(TEN_DAYS).await);
    let mut watch = Watch::on(&app.db);
    let reason = json!({"reason": "Bà Ánh khiếu nại, gọi 0905654321"});
    app.post(&format!("/dossiers/{code}/identity"), &controller, &reason).await.expect(200);
    let read: Uuid = identity_reads::table.select(identity_reads::id).first(&mut app.db.connect()).unwrap();
    watch.tells(&[("identity_unmasked", &by, &format!("dossier:{code}"), "H21", json!({"read": read}))]);
    let asked = json!({"id_number": "052190000123", "reason": "Bà Ánh muốn biết, gọi 0905654321"});
    let export = app.post("/persons/exports", &controller, &asked).await.expect(200).body["export"].clone();
    watch.tells(&[("person_exported", &by, "personal_data", "H21", json!({"export": export, "dossiers": 1}))]);
    // Readings have their time too, and keys that sealed nothing.
    app.set("2031-10-05 09:01");
    retention::tick(app.state.clone()).await.unwrap();
    let (found, _) = recorded(&mut app.db.connect(), watch.last);
    let told: Vec<_> = found.iter().map(|one| (&*one.action, &*one.subject, &*one.unit, one.details.clone())).collect();
    let erased = json!({"what": "identity_reads", "count": 2});
    assert_eq!(told[0], ("data_erased", "personal_data", "house", erased));
    assert_eq!((told.len(), told[1].0, told[1].1), (2, "data_keys_destroyed", "data_keys"));
}

#[actix_web::test]
async fn reports_handed_out() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let controller = app.sign_in(Role::Controller, "H21");
    let by = principal(&app, &controller).await;
    let mut watch = Watch::on(&app.db);
    let of =
        |unit: Value, format: &str| json!({"unit": unit, "from": "2026-08-15", "to": "2026-09-15", "format": format});
    for format in ["json", "xlsx", "csv"] {
        let path = format!("/reports/06?month=2026-09&unit={DEPARTMENT}&format={format}");
        app.get(&path, &controller).await.expect(200);
        watch.tells(&[("report_exported", &by, "report:06", "H21", of(json!(DEPARTMENT), format))]);
    }
    let wanted = |format: &str| json!({"layout": "06", "month": "2026-09", "unit": DEPARTMENT, "format": format});
    app.post("/exports", &controller, &wanted("docx")).await.expect(422);
    watch.tells_nothing();
    let export = app.post("/exports", &controller, &wanted("csv")).await.expect(202).field("id");
    watch.tells(&[("export_asked", &by, "report:06", "H21", of(json!(DEPARTMENT), "csv"))]);
    motcua::exports::jobs::tick(app.state.clone()).await.unwrap();
    watch.tells_nothing();
    app.get(&format!("/exports/{export}/file"), &controller).await.expect(200);
    watch.tells(&[("report_exported", &by, "report:06", "H21", of(json!(DEPARTMENT), "csv"))]);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("06.csv");
    let args = ["motcua", "monthly", "--month", "2026-09", "--format", "csv", "--out", out.to_str().unwrap()];
    let command = read_export(&args);
    motcua::exports::command::run(&app.state, &console(), &command).unwrap();
    watch.tells(&[("report_exported", "system", "report:06", "house", of(Value::Null, "csv"))]);
}

#[actix_web::test]
async fn reports_sealed() {
    let office = Office::at("2026-10-05 09:00").await;
    let by = principal(&office.app, &office.leader).await;
    let mut watch = Watch::on(&office.app.db);
    let form = json!({"month": "2026-09"});
    let seal = office.app.post("/statistics/seals", &office.leader, &form).await.expect(201).body;
    let details = json!({"unit": DEPARTMENT, "group": "unit", "layout": null, "from": "2026-08-15", "to": "2026-09-15", "replaces": null,
        "dossiers": 0, "hash": seal["hash"]});
    watch.tells(&[("report_sealed", &by, &format!("seal:{}", id(&seal)), DEPARTMENT, details)]);
    office.app.post("/statistics/seals", &office.leader, &form).await.expect(409);
    watch.tells_nothing();
    let form = json!({"month": "2026-09", "layout": "06a"});
    let seal = office.app.post("/statistics/seals", &office.leader, &form).await.expect(201).body;
    let mut watch = Watch::on(&office.app.db);
    office.app.get(&format!("/statistics/seals/{}/file?format=pdf", id(&seal)), &office.leader).await.expect(200);
    let details = json!({"layout": "06a", "from": "2026-08-15", "to": "2026-09-15", "format": "pdf"});
    watch.tells(&[("report_exported", &by, &format!("seal:{}", id(&seal)), DEPARTMENT, details)]);
}

fn read_export(args: &[&str]) -> ExportCommand {
    use clap::{FromArgMatches, Subcommand};
    let command = ExportCommand::augment_subcommands(clap::Command::new("motcua"));
    ExportCommand::from_arg_matches(&command.try_get_matches_from(args).unwrap()).unwrap()
}

#[actix_web::test]
async fn processes_that_are_saved() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let controller = app.sign_in(Role::Controller, "H21");
    let by = principal(&app, &controller).await;
    let mut watch = Watch::on(&app.db);
    let steps = json!([{"role": "leader", "does": "sign", "rest_of_term": true}]);
    let form = json!({"name": "Thử", "steps": steps, "legs": []});
    app.put("/processes/N1?dry_run=true", &controller, &form).await.expect(200);
    watch.tells_nothing();
    app.put("/processes/N1", &controller, &form).await.expect(201);
    let details = json!({"version": 1, "valid_from": "2026-10-05", "procedures": []});
    watch.tells(&[("process_saved", &by, "process:N1", "H21", details)]);
    app.put("/processes/N1", &controller, &form).await.expect(200);
    app.put("/processes/N1", &controller, &json!({"name": "Khác", "steps": steps, "legs": []})).await.expect(412);
    watch.tells_nothing();
}

#[test]
fn catalogues_and_wordings() {
    let audited = Audited::new();
    let (found, _) = recorded(&mut audited.app.db.connect(), Uuid::nil());
    let told: Vec<_> = found.iter().map(|one| (&*one.action, &*one.principal, &*one.subject, &*one.unit)).collect();
    assert_eq!(
        told,
        [
            ("calendar_published", "system", "calendar:1", "house"),
            ("catalogue_imported", "system", "catalogue", "house"),
            ("templates_changed", "system", "templates", "house"),
        ]
    );
    let years: Vec<i32> = (2023..=2029).collect();
    assert_eq!(found[0].details, json!({"years": years, "tells": false, "open_dossiers": 0}));
    assert_eq!(found[1].details["calendar_version"], 1);
    assert!(found[1].details["procedures"].as_u64().unwrap() > 10, "{}", found[1].details);
    let wording = json!({"purpose": "received", "channel": "sms", "version": 1, "state": "active"});
    assert!(found[2].details["wordings"].as_array().unwrap().contains(&wording));

    // The same once more changes nothing, so there is nothing to record.
    let mut watch = Watch::on(&audited.app.db);
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/province");
    import::run(&audited.app.state, &dir, DryRun::No, &Progress::silent()).unwrap();
    let now = audited.app.state.clock.now();
    let sync = |conn: &mut PgConnection| notices::templates::sync(conn, now);
    audited.app.state.db.tx_here(&Scope::system(), sync).unwrap();
    watch.tells_nothing();
    ship_another(&mut audited.app.db.connect(), "received");
    audited.app.state.db.tx_here(&Scope::system(), sync).unwrap();
    let wording = json!({"purpose": "received", "channel": "sms", "version": 2, "state": "active"});
    let details = json!({"wordings": [wording]});
    watch.tells(&[("templates_changed", "system", "templates", "house", details)]);
}

#[actix_web::test]
async fn wordings_from_a_draft_into_use() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let (admin, other) = (app.sign_in(Role::Admin, "H21"), app.sign_in(Role::Admin, "H21"));
    let (by, by_other) = (principal(&app, &admin).await, principal(&app, &other).await);
    let mut watch = Watch::on(&app.db);
    let form = json!({"purpose": "returned", "channel": "sms", "text": "Hồ sơ {codes}"});
    app.post("/notice-templates", &admin, &form).await.expect(422);
    watch.tells_nothing();
    let form = json!({"purpose": "returned", "channel": "sms", "text": "Hồ sơ {code} đã trả."});
    app.post("/notice-templates", &admin, &form).await.expect(201);
    let subject = "template:returned/sms/2";
    watch.tells(&[("template_drafted", &by, subject, "H21", json!({}))]);
    let path = "/notice-templates/returned/sms/2";
    let submitted =
        app.post(&format!("{path}/actions/submit"), &admin, &json!({"reason": "ngắn hơn"})).await.expect(202);
    watch.last = Watch::on(&app.db).last;
    let confirm = format!("/approvals/{}/actions/confirm", id(&submitted.body));
    app.post(&confirm, &other, &json!({})).await.expect(200);
    let confirmed = json!({"verb": "review_template", "subject": "returned/sms/2",
        "proposed_by": by.trim_start_matches("staff:")});
    watch.tells(&[
        ("template_reviewed", &by_other, subject, "H21", json!({"written_by": by})),
        ("approval_confirmed", &by_other, &format!("approval:{}", id(&submitted.body)), "H21", confirmed),
    ]);
    app.put(&format!("{path}/vendor-ids/vnpt"), &admin, &json!({"vendor_id": "T-15"})).await.expect(200);
    app.post(&format!("{path}/actions/activate"), &admin, &json!({})).await.expect(200);
    watch.tells(&[
        ("template_vendor_id_set", &by, subject, "H21", json!({"gateway": "vnpt", "vendor_id": "T-15"})),
        ("template_activated", &by, subject, "H21", json!({"instead_of": 1})),
    ]);
}

#[actix_web::test]
async fn who_is_to_get_no_messages() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let clerk = app.sign_in(Role::Clerk, CENTRE);
    let by = principal(&app, &clerk).await;
    let mut watch = Watch::on(&app.db);
    let form = json!({"address": "0905 123 456", "reason": "wrong_person"});
    let id = app.post("/notices/suppressions", &clerk, &form).await.expect(201).field("id");
    let details = json!({"reason": "wrong_person", "channel": null, "until": null});
    let subject = format!("suppression:{id}");
    watch.tells(&[("notices_suppressed", &by, &subject, CENTRE, details)]);
    app.post("/notices/suppressions", &clerk, &form).await.expect(409);
    watch.tells_nothing();
    app.delete(&format!("/notices/suppressions/{id}"), &clerk).await.expect(200);
    watch.tells(&[("suppression_lifted", &by, &subject, CENTRE, json!({}))]);
}

#[actix_web::test]
async fn tariffs_and_budgets() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let admin = app.sign_in(Role::Admin, "H21");
    let by = principal(&app, &admin).await;
    let mut watch = Watch::on(&app.db);
    let line = json!({"gateway": "esms", "telco": "any", "kind": "folded", "valid_from": "2026-01-01",
        "vnd_per_segment": "850.00"});
    app.put("/notices/tariffs", &admin, &json!({"items": [line]})).await.expect(200);
    watch.tells(&[("tariffs_changed", &by, "tariffs", "H21", json!({"lines": [line]}))]);
    let budget = json!({"from": "2026-10", "vnd_per_month": 5000});
    app.put("/notices/budgets/H21.16", &admin, &budget).await.expect(200);
    let details = json!({"from": "2026-10-01", "vnd_per_month": "5000.00"});
    watch.tells(&[("budget_set", &by, "budget:H21.16", "H21", details)]);
    let sent = "UPDATE notices SET sent_at = '2026-10-05 02:00Z', cost_estimated_vnd = 6000, cost_billed_vnd = 7000,
        gateway = 'esms', unit_id = (SELECT id FROM units WHERE code = 'H21.16')";
    let clerk = app.sign_in(Role::Clerk, CENTRE);
    app.post("/dossiers", &clerk, &intake(TEN_DAYS, DEPARTMENT)).await.expect(201);
    app.db.connect().batch_execute(&format!("{sent} WHERE channel = 'sms'")).unwrap();
    for _ in 0..2 {
        costs::watch::tick(app.state.clone()).await.unwrap();
    }
    let told = |expected: &str| json!({"month": "2026-10-01", "expected_vnd": expected, "actual_vnd": "7000.00"});
    watch.tells(&[
        ("budget_spent", "system", "budget:H21.16", "house", told("5000.00")),
        ("bills_differ", "system", "gateway:esms", "house", told("6000.00")),
    ]);
}

#[test]
fn dossiers_of_an_old_system() {
    let audited = Audited::new();
    let mut watch = Watch::on(&audited.app.db);
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/examples/dossiers.csv");
    let table = std::fs::read_to_string(&file).unwrap();
    let rows = table.lines().count() - 1;
    for (args, entries) in [(vec!["--dry-run"], 0), (vec![], 1), (vec!["--row-by-row"], 1)] {
        let mut all = vec!["import", "dossiers", file.to_str().unwrap()];
        all.extend(args);
        audited.motcua(&all).succeeds();
        let expected = ("dossiers_imported", "system", "dossiers", "house", json!({"rows": rows}));
        watch.tells(&vec![expected; entries]);
    }
}

#[actix_web::test]
async fn a_backup_and_its_restore() {
    let audited = Audited::with_a_chain().await;
    let mut watch = Watch::on(&audited.app.db);
    audited.motcua(&["backup", "b.dump"]).succeeds();
    let bytes = std::fs::metadata(audited.app.dir.path().join("b.dump")).unwrap().len();
    watch.tells(&[("backup_made", "system", "database", "house", json!({"bytes": bytes}))]);

    // What came back is as it was linked, and goes on.
    let restored = Audited::emptied();
    restored.motcua(&["restore", audited.app.dir.path().join("b.dump").to_str().unwrap()]).succeeds();
    let (found, _) = recorded(&mut restored.app.db.connect(), Uuid::nil());
    let last = found.last().unwrap();
    let details = json!({"migrations": 0, "set_aside": null});
    assert_eq!((&*last.action, &*last.principal, &last.details), ("backup_restored", "system", &details));
    assert_eq!(restored.link().await, 1);
    let found = restored.verify(&[]);
    assert_eq!((found.faults, found.linked), (vec![], 10));
}

/// The version before has no audit, and must be backed up before it is migrated.
#[test]
fn a_database_before_its_migration_is_backed_up_all_the_same() {
    let audited = Audited::new();
    let down = include_str!("../../../migrations/2026-11-22-110000_audit/down.sql");
    audited.app.db.connect().batch_execute(down).unwrap();
    audited.motcua(&["backup", "b.dump"]).succeeds();
}

#[test]
fn the_command_line_acts_for_the_house() {
    let audited = Audited::new();
    let mut watch = Watch::on(&audited.app.db);
    audited.motcua(&["key", "add", "Quầy 1", "--role", "clerk", "--unit", DEPARTMENT]).succeeds();
    let (found, _) = recorded(&mut audited.app.db.connect(), watch.last);
    let details = json!({"role": "clerk", "unit": DEPARTMENT, "expires_at": null, "scopes": null,
        "addresses": null});
    watch.tells(&[("key_added", "system", &found[0].subject, "house", details)]);
}
