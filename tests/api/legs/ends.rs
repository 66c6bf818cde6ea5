//! How a parent ends: with its legs, or with a leg that fails, or by the citizen's will.

use serde_json::{Value, json};

use super::given::{Agencies, W6, W7, papers};

fn refusal() -> Value {
    json!({ "result": "refused", "reason": "Không đủ điều kiện", "signer": "Trần Văn Bình" })
}

#[actix_web::test]
async fn a_refused_leg_makes_those_that_wait_for_it_moot_and_the_parent_ends_with_the_refusal() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    office.act(&birth, "finish", &office.mayor, refusal()).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!(
        (&parent["status"], &parent["result"], &parent["standing"]),
        (&json!("finished"), &json!("refused"), &json!("early"))
    );
    assert_eq!(parent["result_reason"], "register the birth: Không đủ điều kiện");
    assert_eq!(office.legs(&code, "status").await, ["finished", "moot"]);
    assert_eq!((&parent["legs"][1]["code"], &parent["legs"][1]["standing"]), (&Value::Null, &Value::Null));
    office.act(&code, "arrive", &office.clerk, json!({})).await.expect(200);
    assert_eq!(office.purposes()[2..], ["result_refused", "result_refused"]);
}

#[actix_web::test]
async fn a_leg_beside_a_refused_one_goes_on_to_its_end() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let residence = office.leg(&code, 1).await;
    office.acknowledge(&residence, &office.police).await;
    office.act(&residence, "finish", &office.police, refusal()).await.expect(200);
    assert_eq!(office.parent(&code).await["status"], "processing");
    office.do_leg(&code, 2, &office.insurance).await;
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["result"]), (&json!("finished"), &json!("refused")));
    assert_eq!(parent["result_number"], "7/QĐ", "that of the leg that leads");
    assert_eq!(office.legs(&code, "result").await, ["granted", "refused", "granted"]);
}

#[actix_web::test]
async fn a_parent_of_which_nothing_has_a_result_is_stopped_with_its_leg() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    office.app.set("2026-11-20 09:00");
    office.act(&birth, "lapse", &office.mayor, json!({})).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["standing"]), (&json!("stopped"), &json!("on_time")));
    assert_eq!(office.legs(&code, "status").await, ["stopped", "moot"]);
    assert_eq!(office.purposes().last().unwrap(), "stopped");
}

#[actix_web::test]
async fn what_the_citizen_takes_back_ends_in_every_leg() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let residence = office.leg(&code, 1).await;
    office.acknowledge(&residence, &office.police).await;
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    assert_eq!(office.legs(&code, "status").await, ["finished", "withdrawn", "withdrawn"]);
    let late = office.act(&residence, "finish", &office.police, refusal()).await.expect(409);
    assert_eq!(late.code(), "status_forbids");
}

#[actix_web::test]
async fn a_parent_entered_by_mistake_is_voided_with_its_legs() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let proposed = office.act(&code, "void", &office.clerk, json!({ "reason": "Nhập trùng" })).await.expect(202).body;
    let confirm = format!("/approvals/{}/actions/confirm", proposed["approval"]["id"].as_str().unwrap());
    office.app.post(&confirm, &office.mayor, &json!({})).await.expect(200);
    assert_eq!(office.parent(&code).await["status"], "voided");
    assert_eq!(office.legs(&code, "status").await, ["voided", "moot"]);
}

#[actix_web::test]
async fn a_result_is_taken_back_until_a_leg_has_begun_on_it() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let birth = office.leg(&code, 0).await;
    let reason = json!({ "reason": "Sai tên" });
    let too_late = office.act(&birth, "recall", &office.mayor, reason.clone()).await.expect(409);
    assert_eq!(too_late.code(), "legs_went_on");

    office.do_leg(&code, 1, &office.insurance).await;
    assert_eq!(office.parent(&code).await["status"], "finished");
    let insurer = office.app.sign_in(motcua::domain::role::Role::Leader, "H21.92");
    let card = office.leg(&code, 1).await;
    office.act(&card, "recall", &insurer, reason).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["result"]), (&json!("processing"), &Value::Null));
    office.grant(&card, &office.insurance).await;
    assert_eq!(office.parent(&code).await["status"], "finished");
}

#[actix_web::test]
async fn a_recalled_refusal_lets_wait_again_what_was_moot() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    office.act(&birth, "finish", &office.mayor, refusal()).await.expect(200);
    office.act(&birth, "recall", &office.mayor, json!({ "reason": "Xem lại" })).await.expect(200);
    assert_eq!(office.legs(&code, "status").await, ["processing", "waiting"]);
    office.grant(&birth, &office.mayor).await;
    assert_eq!(office.legs(&code, "status").await, ["finished", "received"]);
}

#[actix_web::test]
async fn work_is_done_in_legs_and_the_citizen_deals_with_the_parent() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    let granted = json!({ "result": "granted" });
    let parent = office.act(&code, "finish", &office.mayor, granted.clone()).await.expect(409);
    assert_eq!(parent.code(), "done_in_its_legs");
    let asked = office.act(&code, "request_supplement", &office.mayor, papers()).await.expect(409);
    assert_eq!(asked.code(), "done_in_its_legs");
    office.acknowledge(&birth, &office.mayor).await;
    let handed = json!({ "result": "granted", "hand_over": {} });
    assert_eq!(office.act(&birth, "finish", &office.mayor, handed).await.expect(422).pointers(), ["/hand_over"]);
    office.act(&birth, "finish", &office.mayor, granted).await.expect(200);
    let portal = office.app.key(motcua::domain::role::Role::Portal, super::given::COMMUNE).await.0;
    let leg = office.act(&birth, "hand_over", &portal, json!({})).await.expect(409);
    assert_eq!(leg.code(), "done_with_the_parent");
}

#[actix_web::test]
async fn a_unit_that_does_not_lead_takes_no_group() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let clerk = office.app.sign_in(motcua::domain::role::Role::Clerk, "H21.00.01");
    let form = crate::support::app::intake(W7, "H21.92");
    let refused = office.app.post("/dossiers", &clerk, &form).await.expect(422);
    assert!(refused.pointers().contains(&"/unit_code"), "{}", refused.text);
}

#[actix_web::test]
async fn two_legs_that_end_at_once_end_the_parent_once() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let (residence, card) = (office.leg(&code, 1).await, office.leg(&code, 2).await);
    office.acknowledge(&residence, &office.police).await;
    office.acknowledge(&card, &office.insurance).await;
    tokio::join!(office.grant(&residence, &office.police), office.grant(&card, &office.insurance));
    assert_eq!(office.parent(&code).await["status"], "finished");
    let events = office.app.get(&format!("/dossiers/{code}/events"), &office.clerk).await.expect(200).body;
    let ended = events["items"].as_array().unwrap().iter().filter(|event| event["to"] == "finished").count();
    assert_eq!(ended, 1);
}
