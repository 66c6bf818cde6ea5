//! Who sees a dossier: `dossier_units` alone decides.

use motcua::domain::role::Role;
use serde_json::json;

use crate::support::office::{CENTRE, Office, TEN_DAYS};

#[actix_web::test]
async fn a_dossier_is_seen_by_its_counter_its_department_and_those_who_oversee_and_by_nobody_else() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let see = async |role: Role, unit: &str| {
        let token = office.app.sign_in(role, unit);
        let one = office.app.get(&format!("/dossiers/{code}"), &token).await.status;
        let list = office.app.get("/dossiers", &token).await;
        let listed = list.body["items"].as_array().map_or(0, Vec::len);
        (one, listed)
    };
    for (role, unit) in [
        (Role::Clerk, CENTRE),
        (Role::Officer, "H21.16"),
        (Role::Leader, "H21"),
        (Role::CentreHead, CENTRE),
        (Role::Controller, "H21"),
        (Role::Auditor, "H21"),
    ] {
        assert_eq!(see(role, unit).await, (200, 1), "{role} of {unit}");
    }
    for (role, unit) in [(Role::Clerk, "H21.106"), (Role::Officer, "H21.05"), (Role::Leader, "H21.24.01")] {
        assert_eq!(see(role, unit).await, (404, 0), "{role} of {unit}");
    }
    assert_eq!(see(Role::Admin, "H21").await, (403, 0));
}

#[actix_web::test]
async fn a_consulted_unit_sees_the_dossier_but_does_not_act_on_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let asked = office.app.sign_in(Role::Leader, "H21.05");
    let question = json!({ "unit_code": "H21.05", "question": "Có ý kiến gì?" });
    office.act(&code, "consult", &office.officer, question).await.expect(200);
    office.app.get(&format!("/dossiers/{code}"), &asked).await.expect(200);
    let refused = office.act(&code, "finish", &asked, json!({ "result": "granted" })).await.expect(403);
    assert_eq!(refused.code(), "not_in_your_hands");
}

#[actix_web::test]
async fn identity_is_masked_for_those_whose_work_does_not_need_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let auditor = office.app.sign_in(Role::Auditor, "H21");
    let seen = office.app.get(&format!("/dossiers/{code}"), &auditor).await.expect(200).body;
    assert_eq!(seen["applicant"]["phone"], "0905***456");
    assert_eq!(seen["applicant"]["id_number"], "052***123");
    assert_eq!(seen["applicant"]["address"], json!(null));
}
