//! A wrong end is undone by two people; the history shows both.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::schema::audit_entries;
use serde_json::{Value, json};

use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office, TEN_DAYS};

/// An office with the one who confirms.
async fn office() -> (Office, String) {
    let office = Office::at("2026-10-05 09:00").await;
    let head = office.app.sign_in(Role::CentreHead, CENTRE);
    (office, head)
}

/// One asks, the other confirms.
async fn undone(office: &Office, head: &str, code: &str) -> Value {
    let proposed = office.act(code, "undo", &office.clerk, json!({"reason": "Nhầm hồ sơ"})).await.expect(202);
    let id = proposed.body["approval"]["id"].as_str().unwrap().to_owned();
    let own = office.app.post(&format!("/approvals/{id}/actions/confirm"), &office.clerk, &json!({})).await;
    assert_eq!(own.status, 403, "who asks does not confirm");
    office.app.post(&format!("/approvals/{id}/actions/confirm"), head, &json!({})).await.expect(200);
    office.show(code).await
}

async fn verbs(office: &Office, code: &str) -> Vec<String> {
    let events = office.app.get(&format!("/dossiers/{code}/events"), &office.clerk).await.expect(200);
    events.items().iter().map(|event| event["verb"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_withdrawal_by_mistake_is_undone_and_the_clock_ran_on() {
    let (office, head) = office().await;
    let code = office.in_process(TEN_DAYS).await;
    let due = office.show(&code).await["due_at"].clone();
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-06 09:00");
    let back = undone(&office, &head, &code).await;
    assert_eq!((&back["status"], &back["due_at"], &back["standing"]), (&json!("processing"), &due, &Value::Null));
    assert_eq!(verbs(&office, &code).await, ["receive", "transfer", "withdraw", "undo"]);
    let noted = audit_entries::table.filter(audit_entries::action.eq("dossier_end_undone"));
    let subject: String = noted.select(audit_entries::subject).first(&mut office.app.db.connect()).unwrap();
    assert_eq!(subject, format!("dossier:{code}"));
    office.act(&code, "advance", &office.officer, json!({})).await.expect(200);
    office.act(&code, "finish", &office.leader, json!({"result": "granted"})).await.expect(200);
}

#[actix_web::test]
async fn a_dossier_stopped_while_it_waited_waits_again() {
    let (office, head) = office().await;
    let code = office.in_process(TEN_DAYS).await;
    let ask = json!({"papers": [{"name": "Bản sao CCCD"}], "reason": "Thiếu"});
    office.act(&code, "request_supplement", &office.officer, ask).await.expect(200);
    office.app.set("2026-10-06 09:00");
    office.act(&code, "stop", &office.leader, json!({"reason": "Đã có quyết định khác"})).await.expect(200);
    office.app.set("2026-10-07 09:00");
    let back = undone(&office, &head, &code).await;
    assert_eq!((&back["status"], &back["due_at"]), (&json!("awaiting_supplement"), &Value::Null));
    assert_eq!(back["pauses"][0]["closed_at"], Value::Null);
    let supplied = office.act(&code, "supply", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(supplied["status"], "processing");
    assert_eq!(supplied["due_at"], "2026-10-19T17:00:00+07:00", "ten days from the 7th, rolled from Saturday");
}

#[actix_web::test]
async fn a_refusal_at_the_counter_and_a_hand_over_are_undone_too() {
    let (office, head) = office().await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let code =
        office.app.post("/dossiers/submissions", &portal, &intake(ONE_DAY, DEPARTMENT)).await.expect(201).field("code");
    office.act(&code, "decline", &office.clerk, json!({"reason": "Nhầm"})).await.expect(200);
    assert_eq!(undone(&office, &head, &code).await["status"], "registered");
    office.act(&code, "accept", &office.clerk, json!({})).await.expect(200);
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    office.act(&code, "finish", &office.leader, json!({"result": "granted", "hand_over": {}})).await.expect(200);
    let back = undone(&office, &head, &code).await;
    assert_eq!(
        (&back["status"], &back["returned_at"], &back["standing"]),
        (&json!("finished"), &Value::Null, &json!("early"))
    );
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
}

#[actix_web::test]
async fn who_was_told_is_told_again() {
    let (office, head) = office().await;
    let code = office.in_process(TEN_DAYS).await;
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    undone(&office, &head, &code).await;
    let told: Vec<_> = office.app.notices().into_iter().map(|(purpose, ..)| purpose).collect();
    assert!(!told.contains(&"corrected".to_owned()), "nothing had gone out: {told:?}");
    let code = office.in_process(TEN_DAYS).await;
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    let sent = "UPDATE notices SET status = 'sent' WHERE purpose = 'withdrawn'; DELETE FROM notice_queue";
    office.app.db.connect().batch_execute(sent).unwrap();
    undone(&office, &head, &code).await;
    let told: Vec<_> = office.app.notices().into_iter().map(|(purpose, ..)| purpose).collect();
    assert!(told.contains(&"corrected".to_owned()), "{told:?}");
}

#[actix_web::test]
async fn what_another_verb_leads_out_of_is_not_undone() {
    let (office, _) = office().await;
    let code = office.in_process(TEN_DAYS).await;
    let refused = office.act(&code, "undo", &office.clerk, json!({"reason": "Nhầm"})).await.expect(409);
    assert_eq!(refused.code(), "status_forbids");
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    office.act(&code, "undo", &office.clerk, json!({})).await.expect(422);
}
