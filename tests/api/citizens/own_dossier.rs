//! The fuller view, and what its token opens beside it: nothing.

use serde_json::{Value, json};

use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

async fn office() -> Office {
    Office::at("2026-10-05 09:00").await
}

#[actix_web::test]
async fn a_citizen_sees_the_step_and_the_unit_but_nobodys_name_who_works_there() {
    let office = office().await;
    let (app, code) = (&office.app, office.in_process(TEN_DAYS).await);
    let token = app.citizen_of(&code).await;
    let answer = app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200);
    let shown = &answer.body;
    assert_eq!((&shown["code"], &shown["status"]), (&json!(code), &json!("processing")));
    assert_eq!(shown["step"]["unit"]["code"], DEPARTMENT);
    assert!(shown["step"]["does"].as_str().unwrap().len() > 3);
    assert_eq!(shown["due_first"], shown["due_at"]);
    assert_eq!((&shown["due_moved"], &shown["result"]), (&json!([]), &Value::Null));
    assert!(!answer.text.contains("Nguyễn Văn"), "{}", answer.text);
}

#[actix_web::test]
async fn what_identifies_people_is_masked() {
    let office = office().await;
    let (app, code) = (&office.app, office.in_process(TEN_DAYS).await);
    let token = app.citizen_of(&code).await;
    let answer = app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200);
    let expected = json!([{"part": "applicant", "name": "Nguyễn Thị Ánh", "id_number": "052***123",
        "phone": "0905***456", "email": "a***@e***.vn"}]);
    assert_eq!(answer.body["people"], expected);
    for secret in ["052190000123", "905123456", "anh@example", "Hùng Vương"] {
        assert!(!answer.text.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn letters_that_asked_for_papers_say_why_the_due_date_moved() {
    let office = office().await;
    let (app, code) = (&office.app, office.in_process(TEN_DAYS).await);
    let asked = json!({"papers": [{"name": "Trích lục", "kind": "copy"}], "reason": "Thiếu trích lục"});
    office.act(&code, "request_supplement", &office.officer, asked).await.expect(200);
    let token = app.citizen_of(&code).await;
    let shown = app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200).body;
    assert_eq!(shown["due_at"], Value::Null);
    let letter = &shown["supplements"][0];
    assert_eq!((&letter["reason"], &letter["closed_at"]), (&json!("Thiếu trích lục"), &Value::Null));
    assert_eq!(letter["papers"], json!([{"name": "Trích lục", "supplied": false}]));
    let moved = &shown["due_moved"][0];
    assert_eq!((&moved["why"], &moved["until"]), (&json!("supplement"), &Value::Null));
}

#[actix_web::test]
async fn an_extension_is_shown_with_its_letter_and_a_refusal_with_its_reason() {
    let office = office().await;
    let (app, code) = (&office.app, office.in_process(TEN_DAYS).await);
    let extension = json!({"new_due_on": "2026-10-20", "reason": "Phải xác minh"});
    office.act(&code, "extend", &office.leader, extension).await.expect(200);
    let refusal = json!({"result": "refused", "reason": "Không đủ điều kiện", "number": "7/TB"});
    office.act(&code, "finish", &office.leader, refusal).await.expect(200);
    let token = app.citizen_of(&code).await;
    let shown = app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200).body;
    let moved = &shown["due_moved"][0];
    assert_eq!((&moved["why"], &moved["promised_on"]), (&json!("extend"), &json!("2026-10-20")));
    assert_eq!(moved["reason"], "Phải xác minh");
    let result = &shown["result"];
    assert_eq!((&result["result"], &result["reason"]), (&json!("refused"), &json!("Không đủ điều kiện")));
    assert_eq!(shown["step"]["does"], "return the result");
}

#[actix_web::test]
async fn a_token_opens_its_dossier_and_nothing_else() {
    let office = office().await;
    let app = &office.app;
    let (ours, other) = (office.in_process(TEN_DAYS).await, office.in_process(TEN_DAYS).await);
    let token = app.citizen_of(&ours).await;
    let refused = app.get(&format!("/citizen/dossiers/{other}"), &token).await;
    let unknown = app.get("/citizen/dossiers/H21.16-990101-0001", &token).await;
    let no_code = app.get("/citizen/dossiers/x", &token).await;
    assert_eq!((refused.status, &refused.text), (404, &unknown.text));
    assert_eq!(refused.text, no_code.text);
    for path in ["/me", "/dossiers", &format!("/dossiers/{ours}"), "/notices", "/sessions", "/audit"] {
        assert_eq!(app.get(path, &token).await.status, 401, "{path}");
    }
    for staff in [&office.clerk, &office.leader] {
        assert_eq!(app.get(&format!("/citizen/dossiers/{ours}"), staff).await.status, 401);
    }
}

#[actix_web::test]
async fn a_citizen_logs_out() {
    let office = office().await;
    let (app, code) = (&office.app, office.in_process(TEN_DAYS).await);
    let token = app.citizen_of(&code).await;
    app.delete("/citizen/session", &token).await.expect(204);
    app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(401);
    app.delete("/citizen/session", &token).await.expect(401);
}

#[actix_web::test]
async fn a_citizen_sees_which_originals_lie_where() {
    let office = office().await;
    let mut form = crate::support::app::intake(TEN_DAYS, DEPARTMENT);
    form["give_back"] = json!([1]);
    let code = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).field("code");
    let token = office.app.citizen_of(&code).await;
    let shown =
        office.app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200).body["originals"].clone();
    assert_eq!((&shown[0]["name"], &shown[0]["unit"]["code"]), (&json!("Tờ khai"), &json!("H21.00.01")));
    assert_eq!(
        (&shown[0]["taken_at"], &shown[0]["given_back_at"]),
        (&json!("2026-10-05T09:00:00+07:00"), &Value::Null)
    );
}
