//! What somebody holds who has a copy of the database and no key.

use motcua::domain::role::Role;
use serde_json::json;

use super::dump;
use crate::support::app::intake;
use crate::support::client::JsonBody;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

#[actix_web::test]
async fn a_dump_holds_no_phone_id_number_address_pin_password_or_token() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let mut form = intake(TEN_DAYS, DEPARTMENT);
    form["submitter"] = json!({ "name": "Trần Văn Bình", "id_number": "048190000777", "phone": "0914777888",
        "email": "binh@example.vn", "address": "34 Lê Lợi", "mandate": "submit_and_collect" });
    // Answered under a key, so that the pin lies among the answers that are given again.
    let request = app.http.post(app.url("/dossiers")).bearer_auth(&office.clerk).header("Idempotency-Key", "once-1");
    let dossier = app.send(request.json_body(&form)).await.expect(201).body;
    let (code, pin) = (dossier["code"].as_str().unwrap(), dossier["lookup_pin"].as_str().unwrap());
    let new = json!({ "applicant": { "phone": "0905999888", "id_number": "052190000999", "email": "moi@example.vn" } });
    app.patch(&format!("/dossiers/{code}"), &office.clerk, &new).await.expect(200);
    app.act(code, "transfer", &office.clerk, &json!({})).await.expect(200);
    office.act(code, "finish", &office.leader, json!({ "result": "granted", "at_counter": true })).await.expect(200);
    office.act(code, "hand_over", &office.clerk, json!({ "to": "Lê Thị Người Nhận" })).await.expect(200);
    let (admin, controller) = (app.sign_in(Role::Admin, "H21"), app.sign_in(Role::Controller, "H21"));
    let account = json!({ "username": "mai.nt", "full_name": "Nguyễn Thị Mai", "role": "officer",
        "unit_code": DEPARTMENT, "password": "một mật khẩu khá dài" });
    app.post("/staff", &admin, &account).await.expect(201);
    let log_in = json!({ "username": "mai.nt", "password": "một mật khẩu khá dài" });
    let token = app.post("/sessions", "", &log_in).await.expect(201).field("token");
    let (key, _) = app.key(Role::Clerk, CENTRE).await;
    let reason = json!({ "reason": "Xác minh đơn khiếu nại số 12" });
    app.post(&format!("/dossiers/{code}/identity"), &controller, &reason).await.expect(200);
    let asked = json!({ "id_number": "052190000999", "reason": "Người dân yêu cầu cung cấp dữ liệu" });
    app.post("/persons/exports", &controller, &asked).await.expect(200);

    let text = dump(&app.db);
    assert!(text.contains(code) && text.contains("Trần Văn Bình"), "the dump holds the dossier");
    let bare_pin = pin.replace('-', "");
    for secret in [
        "905123456",
        "905999888",
        "914777888",
        "0521900001",
        "052190000999",
        "048190000777",
        "example.vn",
        "Hùng Vương",
        "Lê Lợi",
        "Người Nhận",
        "mật khẩu",
        pin,
        &bare_pin,
        &token,
        &key,
        &office.clerk,
    ] {
        assert!(!text.contains(secret), "{secret} is in the dump");
        let hex = data_encoding::HEXLOWER.encode(secret.as_bytes());
        assert!(!text.contains(&hex), "{secret} is in the dump in hexadecimal");
    }
}
