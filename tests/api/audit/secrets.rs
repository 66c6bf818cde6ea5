//! What the audit must not hold: whoever may read it may not see persons and can't log in by it.

use motcua::audit::chain;
use motcua::domain::role::Role;
use motcua::platform::secret::token_hash;
use serde_json::json;

use super::given::all_text;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

#[actix_web::test]
async fn no_entry_holds_a_phone_an_id_number_a_password_or_a_token() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let (admin, head) = (app.sign_in(Role::Admin, "H21"), app.sign_in(Role::CentreHead, CENTRE));
    let (first, second) = ("mật khẩu thứ nhất", "mật khẩu thứ hai");
    let account = json!({"username": "0905111222", "full_name": "Lê Thị Hoa", "role": "officer",
        "unit_code": DEPARTMENT, "password": first});
    app.post("/staff", &admin, &account).await.expect(201);
    let log_in = async |username: &str, password: &str| {
        app.post("/sessions", "", &json!({"username": username, "password": password})).await
    };
    log_in("0905111222", "mật khẩu sai").await.expect(401);
    log_in("mật khẩu gõ nhầm chỗ", "0905111222").await.expect(401);
    let token = log_in("0905111222", first).await.expect(201).body["token"].as_str().unwrap().to_owned();
    let change = json!({"old_password": first, "new_password": second});
    app.put("/me/password", &token, &change).await.expect(204);
    let key = json!({"name": "Quầy của 0905333444", "role": "clerk", "unit_code": CENTRE});
    let key = app.post("/api-keys", &admin, &key).await.expect(201).body["key"].as_str().unwrap().to_owned();

    let dossier = office.received(TEN_DAYS).await;
    let (code, pin) = (dossier["code"].as_str().unwrap(), dossier["lookup_pin"].as_str().unwrap());
    let new = json!({"applicant": {"name": "Nguyễn Thị Ánh Tuyết", "phone": "0905999888", "id_number": "052190000999",
        "email": "tuyet@example.vn", "address": "34 Lê Lợi"}, "reason": "gọi 0905999888"});
    app.patch(&format!("/dossiers/{code}"), &office.clerk, &new).await.expect(200);
    let why = json!({"reason": "trùng với hồ sơ của 0905777666"});
    let proposed = office.act(code, "void", &office.clerk, why.clone()).await.expect(202).body;
    let approval = proposed["approval"]["id"].as_str().unwrap();
    app.post(&format!("/approvals/{approval}/actions/confirm"), &office.leader, &json!({})).await.expect(200);
    app.post("/notices/sending/actions/pause", &head, &why).await.expect(200);
    chain::tick(app.state.clone()).await.unwrap();

    let text = all_text(&mut app.db.connect());
    for action in ["logged_in", "log_in_refused", "key_added", "dossier_corrected", "dossier_voided", "sending_paused"]
    {
        assert!(text.contains(action), "{action} is not recorded: {text}");
    }
    let hex = |secret: &str| data_encoding::HEXLOWER.encode(&token_hash(secret));
    let (token_hash, key_hash) = (hex(&token), hex(&key));
    for secret in [
        "905111222",
        "905333444",
        "905123456",
        "905999888",
        "905777666",
        "052190000",
        "example.vn",
        "Hùng Vương",
        "Lê Lợi",
        "Nguyễn Thị Ánh",
        "mật khẩu",
        "mcs_",
        "mck_",
        "argon2",
        pin,
        &token,
        &key,
        &token_hash,
        &key_hash,
    ] {
        assert!(!text.contains(secret), "{secret} is in the audit: {text}");
    }
}
