//! What the counter and the portal hand in.

use motcua::domain::role::Role;
use serde_json::json;

use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office, TEN_DAYS};

#[actix_web::test]
async fn all_faults_of_an_intake_are_told_at_once_and_nothing_is_written() {
    let office = Office::at("2026-10-05 09:00").await;
    let body = json!({
        "procedure_code": "9.999999", "unit_code": "H99", "channel": "pigeon",
        "applicant": { "name": "", "phone": "12", "email": "nobody" },
        "papers": [{ "kind": "papyrus" }, { "name": "Đơn", "quantity": 0 }],
    });
    let answer = office.app.post("/dossiers", &office.clerk, &body).await.expect(422);
    let told = answer.pointers();
    let expected = [
        "/procedure_code",
        "/unit_code",
        "/channel",
        "/applicant/name",
        "/applicant/phone",
        "/applicant/email",
        "/papers/0/name",
        "/papers/0/kind",
        "/papers/1/quantity",
    ];
    assert!(expected.iter().all(|pointer| told.contains(pointer)), "{told:?}");
    let list = office.app.get("/dossiers", &office.clerk).await.expect(200);
    assert_eq!(list.body["items"], json!([]));
}

#[actix_web::test]
async fn what_is_refused_at_the_counter_is_recorded_with_code_and_pin_but_without_a_due_date() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut body = intake(TEN_DAYS, DEPARTMENT);
    body["outcome"] = json!("declined");
    body["reason"] = json!("Không thuộc thẩm quyền");
    let declined = office.app.post("/dossiers", &office.clerk, &body).await.expect(201).body;
    assert_eq!((&declined["status_code"], &declined["due_at"]), (&json!(3), &json!(null)));
    assert_eq!(declined["accepted_at"], json!(null));
    assert!(declined["lookup_pin"].is_string());
}

#[actix_web::test]
async fn what_is_incomplete_at_the_counter_is_registered_when_the_papers_come_and_then_accepted() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut body = intake(TEN_DAYS, DEPARTMENT);
    body["outcome"] = json!("supplement");
    body["reason"] = json!("Thiếu bản chính");
    body["missing"] = json!([{ "name": "Giấy chứng nhận", "kind": "original" }]);
    let incomplete = office.app.post("/dossiers", &office.clerk, &body).await.expect(201).body;
    let code = incomplete["code"].as_str().unwrap();
    assert_eq!((&incomplete["status_code"], &incomplete["due_at"]), (&json!(5), &json!(null)));
    office.app.set("2026-10-07 09:00");
    let supplied = office.act(code, "supply", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(supplied["status"], "registered");
    let accepted = office.act(code, "accept", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(accepted["accepted_at"], "2026-10-07T09:00:00+07:00");
    assert_eq!(accepted["due_at"], "2026-10-19T17:00:00+07:00", "ten days from the 7th end on a Saturday");
}

#[actix_web::test]
async fn a_dossier_filed_online_at_night_counts_from_the_next_opening_of_its_acceptance() {
    let office = Office::at("2026-10-09 22:00").await;
    let portal = office.app.sign_in(Role::Clerk, CENTRE);
    let refused = office.app.post("/dossiers/submissions", &portal, &intake(ONE_DAY, DEPARTMENT)).await;
    assert_eq!(refused.status, 403, "only the portal's key submits");
}

#[actix_web::test]
async fn a_draft_procedure_and_a_unit_that_does_not_resolve_are_refused() {
    let office = Office::at("2026-10-05 09:00").await;
    let wrong_unit = office.app.post("/dossiers", &office.clerk, &intake(TEN_DAYS, "H21.05")).await.expect(422);
    assert_eq!(wrong_unit.body["errors"][0]["code"], "unit_does_not_resolve");
}

#[actix_web::test]
async fn only_those_with_the_right_to_import_set_the_moment_of_receipt() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut body = intake(TEN_DAYS, DEPARTMENT);
    body["received_at"] = json!("2026-10-01T09:00:00+07:00");
    let refused = office.app.post("/dossiers", &office.clerk, &body).await.expect(403);
    assert_eq!(refused.code(), "may_not_set_received_at");
}

#[actix_web::test]
async fn a_list_finds_by_code_by_words_without_accents_and_by_a_whole_phone_number() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let found = async |q: &str| {
        let list = office.app.get(&format!("/dossiers?q={q}"), &office.clerk).await.expect(200).body;
        list["items"].as_array().unwrap().len()
    };
    for q in [code.as_str(), "nguyen%20anh", "THỊ%20ÁNH", "0905123456", "052190000123"] {
        assert_eq!(found(q).await, 1, "{q}");
    }
    for q in ["0905123", "tran", "H21.16-261005-0002"] {
        assert_eq!(found(q).await, 0, "{q}");
    }
}

#[actix_web::test]
async fn pages_of_a_list_follow_each_other_without_gap_or_repeat() {
    let office = Office::at("2026-10-05 09:00").await;
    for _ in 0..5 {
        office.received(ONE_DAY).await;
    }
    let mut codes = Vec::new();
    let mut path = "/dossiers?limit=2".to_owned();
    loop {
        let page = office.app.get(&path, &office.clerk).await.expect(200).body;
        codes.extend(page["items"].as_array().unwrap().iter().map(|item| item["code"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/dossiers?limit=2&cursor={cursor}");
    }
    let expected: Vec<_> = (1..=5).rev().map(|n| json!(format!("H21.16-261005-{n:04}"))).collect();
    assert_eq!(codes, expected);
}

#[actix_web::test]
async fn a_correction_keeps_what_it_does_not_name_and_is_an_event() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let path = format!("/dossiers/{code}");
    let wrong = json!({ "applicant": { "phone": "nope" } });
    assert_eq!(office.app.patch(&path, &office.clerk, &wrong).await.expect(422).pointers(), ["/applicant/phone"]);
    let right = json!({ "applicant": { "phone": "0987654321" }, "reason": "Đổi số" });
    office.app.patch(&path, &office.clerk, &right).await.expect(200);
    let shown = office.show(&code).await;
    assert_eq!(shown["applicant"]["phone"], "+84987654321");
    assert_eq!(shown["applicant"]["name"], "Nguyễn Thị Ánh");
    assert_eq!(shown["version"], 2);
}
