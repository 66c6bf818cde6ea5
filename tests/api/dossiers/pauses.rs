//! When the clock stands, and what its going on does to the due date.

use serde_json::json;

use crate::support::office::{Office, TEN_DAYS};

#[actix_web::test]
async fn missing_papers_stop_the_clock_and_their_coming_restarts_the_whole_term() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    office.app.set("2026-10-07 10:00");
    let ask = json!({ "papers": [{ "name": "Giấy A" }, { "name": "Giấy B" }], "reason": "Thiếu" });
    let asked = office.act(&code, "request_supplement", &office.officer, ask).await.expect(200).body;
    assert_eq!((&asked["status_code"], &asked["due_at"]), (&json!(5), &json!(null)));
    let shown = office.show(&code).await;
    assert_eq!(shown["left"]["kind"], "whole_term");
    assert_eq!(shown["pauses"][0]["answer_by"], "2026-10-28", "15 working days");
    let first = office.act(&code, "supply", &office.clerk, json!({ "positions": [2] })).await.expect(200).body;
    assert_eq!(first["status"], "awaiting_supplement", "one paper is still missing");
    office.app.set("2026-10-14 10:00");
    let all = office.act(&code, "supply", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(all["status"], "processing");
    assert_eq!(all["due_at"], "2026-10-26T17:00:00+07:00", "ten days from the 14th end on a Saturday");
    assert_eq!(all["due_first"], "2026-10-15T17:00:00+07:00");
}

#[actix_web::test]
async fn a_second_request_for_papers_needs_a_leader_who_says_why() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let ask = json!({ "papers": [{ "name": "Giấy A" }], "reason": "Thiếu" });
    office.act(&code, "request_supplement", &office.officer, ask.clone()).await.expect(200);
    office.act(&code, "supply", &office.clerk, json!({})).await.expect(200);
    let again = office.act(&code, "request_supplement", &office.officer, ask.clone()).await.expect(409);
    assert_eq!(again.code(), "needs_override");
    office.act(&code, "request_supplement", &office.leader, ask.clone()).await.expect(409);
    let mut overridden = ask;
    overridden["override_reason"] = json!("Phát hiện giấy giả");
    office.act(&code, "request_supplement", &office.leader, overridden).await.expect(200);
}

#[actix_web::test]
async fn papers_that_do_not_come_in_time_end_the_dossier_and_not_before() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let ask = json!({ "papers": [{ "name": "Giấy A" }], "reason": "Thiếu", "answer_by": "2026-10-09" });
    office.act(&code, "request_supplement", &office.officer, ask).await.expect(200);
    office.app.set("2026-10-09 16:59");
    let early = office.act(&code, "lapse", &office.officer, json!({})).await.expect(409);
    assert_eq!(early.code(), "supplement_term_runs");
    office.app.set("2026-10-10 08:00");
    let lapsed = office.act(&code, "lapse", &office.officer, json!({})).await.expect(200).body;
    assert_eq!((&lapsed["status"], &lapsed["standing"]), (&json!("stopped"), &json!("on_time")));
}

#[actix_web::test]
async fn money_owed_stops_the_clock_and_is_announced_once_its_amount_is_known() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let before = office.app.notices().len();
    office.act(&code, "request_payment", &office.officer, json!({})).await.expect(200);
    assert_eq!(office.app.notices().len(), before, "there is nothing yet that the citizen could pay");
    let owed = json!({ "amount_vnd": 1_500_000, "pay_by": "2026-10-20", "notice_number": "45/TB-CCT" });
    office.act(&code, "payment_notice", &office.officer, owed).await.expect(200);
    assert_eq!(office.app.notices().len(), before + 2);
    office.app.set("2026-10-12 10:00");
    let paid = office.act(&code, "confirm_payment", &office.officer, json!({ "voucher": "GNT-1" })).await.expect(200);
    assert_eq!(paid.body["status"], "processing");
    assert_eq!(paid.body["due_at"], "2026-10-22T17:00:00+07:00", "seven calendar days stood still");
    let negative = json!({ "amount_vnd": -1 });
    assert_eq!(
        office.act(&code, "request_payment", &office.officer, negative).await.expect(422).pointers(),
        ["/amount_vnd"]
    );
}

#[actix_web::test]
async fn an_order_replaces_an_open_pause_which_opens_again_when_the_order_is_lifted() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    office.act(&code, "request_payment", &office.officer, json!({ "amount_vnd": 5 })).await.expect(200);
    let order = json!({ "reason": "Quyết định của tòa án" });
    let suspended = office.act(&code, "suspend", &office.leader, order).await.expect(200).body;
    assert_eq!((&suspended["status"], &suspended["status_code"]), (&json!("suspended"), &json!(8)));
    office.app.set("2026-10-08 09:00");
    let resumed = office.act(&code, "resume", &office.leader, json!({})).await.expect(200).body;
    assert_eq!((&resumed["status"], &resumed["due_at"]), (&json!("awaiting_payment"), &json!(null)));
    office.app.set("2026-10-09 09:00");
    let paid = office.act(&code, "confirm_payment", &office.officer, json!({})).await.expect(200).body;
    assert_eq!((&paid["status"], &paid["due_at"]), (&json!("processing"), &json!("2026-10-19T17:00:00+07:00")));
}

#[actix_web::test]
async fn a_pause_opened_after_the_due_date_removes_no_lateness() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    office.app.set("2026-10-16 09:00");
    office.act(&code, "request_payment", &office.officer, json!({})).await.expect(200);
    assert_eq!(office.show(&code).await["left"]["kind"], "overdue");
    let withdrawn = office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(withdrawn["standing"], "late");
}

#[actix_web::test]
async fn the_time_of_another_agency_is_not_counted_where_the_version_says_so_and_nothing_is_finished_in_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let officer = office.app.sign_in(motcua::domain::role::Role::Officer, "H21.17");
    let leader = office.app.sign_in(motcua::domain::role::Role::Leader, "H21.17");
    let intake = crate::support::app::intake("1.001029", "H21.17");
    let received = office.app.post("/dossiers", &office.clerk, &intake).await.expect(201).body;
    let code = received["code"].as_str().unwrap();
    assert_eq!(received["due_at"], "2026-10-19T17:00:00+07:00");
    office.act(code, "transfer", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-06 09:00");
    let question = json!({ "unit_code": "H21.90", "question": "An ninh trật tự?" });
    let asked = office.act(code, "consult", &officer, question).await.expect(200).body;
    assert_eq!((&asked["status"], &asked["due_at"]), (&json!("processing"), &json!(null)));
    let early = office.act(code, "finish", &leader, json!({ "result": "granted" })).await.expect(409);
    assert_eq!(early.code(), "pause_open");
    office.app.set("2026-10-09 09:00");
    let answered = office.act(code, "consult_answered", &officer, json!({})).await.expect(200).body;
    assert_eq!(answered["due_at"], "2026-10-22T17:00:00+07:00", "three working days stood still");
    office.act(code, "finish", &leader, json!({ "result": "granted" })).await.expect(200);
}
