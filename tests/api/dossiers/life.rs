//! From the counter to the message that the result is ready early, and every other way out.

use serde_json::json;

use crate::support::office::{DEPARTMENT, ONE_DAY, Office, TEN_DAYS};

#[actix_web::test]
async fn a_dossier_goes_from_the_counter_to_the_message_that_its_result_is_ready_early() {
    let office = Office::at("2026-10-05 09:00").await;
    let dossier = office.received(TEN_DAYS).await;
    let code = dossier["code"].as_str().unwrap();
    assert_eq!(code, "H21.16-261005-0001");
    assert_eq!((&dossier["status"], &dossier["status_code"]), (&json!("received"), &json!(2)));
    assert_eq!(dossier["due_at"], "2026-10-15T17:00:00+07:00");
    assert_eq!(dossier["lookup_pin"].as_str().unwrap().len(), 14);

    office.act(code, "transfer", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-08 10:00");
    let form = json!({ "result": "granted", "number": "12/QĐ-STP" });
    let finished = office.act(code, "finish", &office.leader, form).await.expect(200).body;
    assert_eq!((&finished["status_code"], &finished["standing"]), (&json!(9), &json!("early")));
    assert_eq!(purposes(&office), ["received", "received"], "nothing lies at the counter yet");

    let arrived = office.act(code, "arrive", &office.clerk, json!({ "shelf_place": "A3-12" })).await.expect(200);
    assert_eq!(arrived.body["at_counter_at"], "2026-10-08T10:00:00+07:00");
    assert_eq!(purposes(&office)[2..], ["result_early", "result_early"]);

    let returned = office.act(code, "hand_over", &office.clerk, json!({ "to": "Nguyễn Thị Ánh" })).await.expect(200);
    assert_eq!((&returned.body["status_code"], &returned.body["progress"]), (&json!(10), &json!(100)));

    let events = office.app.get(&format!("/dossiers/{code}/events"), &office.clerk).await.expect(200).body;
    let verbs: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["verb"].clone()).collect();
    assert_eq!(verbs, ["receive", "transfer", "finish", "arrive", "hand_over"]);
}

#[actix_web::test]
async fn a_result_made_at_the_counter_invites_at_once_and_one_handed_over_at_once_invites_nobody() {
    let office = Office::at("2026-10-05 09:00").await;
    let first = office.in_process(ONE_DAY).await;
    let second = office.in_process(ONE_DAY).await;
    let at_counter = json!({ "result": "granted", "at_counter": true });
    office.act(&first, "finish", &office.leader, at_counter).await.expect(200);
    let handed = json!({ "result": "granted", "hand_over": {} });
    let done = office.act(&second, "finish", &office.leader, handed).await.expect(200).body;
    assert_eq!(done["status"], "returned");
    let after_receipt = purposes(&office).split_off(4);
    assert_eq!(after_receipt, ["result_early", "result_early", "returned", "returned"]);
}

#[actix_web::test]
async fn a_refusal_is_a_result_with_a_reason() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let without = office.act(&code, "finish", &office.leader, json!({ "result": "refused" })).await.expect(422);
    assert_eq!(without.pointers(), ["/reason"]);
    let form = json!({ "result": "refused", "reason": "Không đủ điều kiện", "at_counter": true });
    let refused = office.act(&code, "finish", &office.leader, form).await.expect(200).body;
    assert_eq!((&refused["result"], &refused["standing"]), (&json!("refused"), &json!("early")));
    assert_eq!(purposes(&office)[2..], ["result_refused", "result_refused"]);
}

#[actix_web::test]
async fn a_recalled_result_takes_back_its_invitation_and_the_clock_ran_on() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let form = json!({ "result": "granted", "at_counter": true });
    office.act(&code, "finish", &office.leader, form.clone()).await.expect(200);
    let reason = json!({ "reason": "Sai số chứng thực" });
    let recalled = office.act(&code, "recall", &office.leader, reason).await.expect(200).body;
    assert_eq!((&recalled["status"], &recalled["finished_at"]), (&json!("processing"), &json!(null)));
    assert_eq!(recalled["due_at"], "2026-10-15T17:00:00+07:00");
    office.app.set("2026-10-16 09:00");
    let again = office.act(&code, "finish", &office.leader, form).await.expect(200).body;
    assert_eq!(again["standing"], "late");
}

#[actix_web::test]
async fn a_dossier_is_withdrawn_until_its_result_is_signed() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let withdrawn = office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!((&withdrawn["status_code"], &withdrawn["standing"]), (&json!(7), &json!("on_time")));
    let signed = office.in_process(TEN_DAYS).await;
    office.act(&signed, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    let late = office.act(&signed, "withdraw", &office.clerk, json!({})).await.expect(409);
    assert_eq!(late.code(), "status_forbids");
    assert!(late.body["detail"].as_str().unwrap().contains("Đã xử lý xong"), "{}", late.text);
}

#[actix_web::test]
async fn a_dossier_is_stopped_only_with_a_ground_and_only_by_a_leader() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let ground = json!({ "reason": "NĐ 118/2025 Đ21" });
    assert_eq!(office.act(&code, "stop", &office.officer, ground.clone()).await.expect(403).code(), "role_may_not");
    office.act(&code, "stop", &office.leader, json!({})).await.expect(422);
    let stopped = office.act(&code, "stop", &office.leader, ground).await.expect(200).body;
    assert_eq!((&stopped["status"], &stopped["status_code"]), (&json!("stopped"), &json!(8)));
}

#[actix_web::test]
async fn what_was_entered_by_mistake_is_voided_by_two_people() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let reason = json!({ "reason": "Nhập trùng" });
    let proposed = office.act(&code, "void", &office.clerk, reason).await.expect(202).body;
    assert_eq!(office.show(&code).await["status"], "received", "nothing happens before the second person");
    let id = proposed["approval"]["id"].as_str().unwrap();
    let confirm = format!("/approvals/{id}/actions/confirm");
    assert_eq!(office.app.post(&confirm, &office.clerk, &json!({})).await.status, 403);
    office.app.post(&confirm, &office.leader, &json!({})).await.expect(200);
    let voided = office.show(&code).await;
    assert_eq!((&voided["status"], &voided["status_code"]), (&json!("voided"), &json!(null)));
    let next = office.received(TEN_DAYS).await;
    assert_eq!(next["code"], format!("{DEPARTMENT}-261005-0002"), "the code stays used");
}

#[actix_web::test]
async fn records_book_a_result_only_with_the_name_of_who_signed() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    let form = json!({ "result": "granted" });
    assert_eq!(office.act(&code, "finish", &office.records, form).await.expect(422).pointers(), ["/signer"]);
    let form = json!({ "result": "granted", "signer": "Trần Văn Bình" });
    assert_eq!(office.act(&code, "finish", &office.records, form).await.expect(200).body["signer"], "Trần Văn Bình");
}

fn purposes(office: &Office) -> Vec<String> {
    office.app.notices().into_iter().map(|(purpose, _, _)| purpose).collect()
}
