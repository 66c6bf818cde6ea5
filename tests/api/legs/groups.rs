//! The groups W6, W7 and W8 from intake to hand-over, with due dates counted by hand over weekends and days off.

use serde_json::{Value, json};

use super::given::{Agencies, W6, W7, W8};

#[actix_web::test]
async fn birth_and_insurance_card_go_one_after_the_other() {
    // Monday 31 August to Wednesday 2 September 2026 are off.
    let office = Agencies::at("2026-08-28 09:00").await;
    let code = office.received(W7).await;
    let parent = office.parent(&code).await;
    // 15 calendar days end on Saturday 12 September.
    assert_eq!(
        (&parent["code"], &parent["due_at"]),
        (&json!("H21.106-260828-0001"), &json!("2026-09-14T17:00:00+07:00"))
    );
    assert_eq!(office.legs(&code, "code").await, [json!("H21.106-260828-0002"), Value::Null]);
    assert_eq!(office.legs(&code, "status").await, ["received", "waiting"]);
    assert_eq!(office.legs(&code, "waits_for").await, [json!([]), json!(["register the birth"])]);
    assert_eq!(office.legs(&code, "due_at").await, [json!("2026-09-03T17:00:00+07:00"), Value::Null]);

    let birth = office.leg(&code, 0).await;
    assert_eq!(office.acknowledge(&birth, &office.mayor).await["status"], "processing");
    assert_eq!(office.parent(&code).await["status"], "processing");
    office.app.set("2026-09-03 10:00");
    assert_eq!(office.grant(&birth, &office.mayor).await["standing"], "on_time");

    assert_eq!(office.legs(&code, "code").await[1], "H21.92-260903-0001");
    assert_eq!(office.legs(&code, "status").await, ["finished", "received"]);
    assert_eq!(office.legs(&code, "due_at").await[1], "2026-09-04T17:00:00+07:00");
    assert_eq!(office.legs(&code, "acknowledge_by").await[1], "2026-09-03T14:00:00+07:00", "two working hours");
    assert_eq!(office.parent(&code).await["progress"], 55, "one leg of two");

    office.app.set("2026-09-04 09:00");
    office.do_leg(&code, 1, &office.insurance).await;
    let parent = office.parent(&code).await;
    assert_eq!(
        (&parent["status"], &parent["result"], &parent["standing"]),
        (&json!("finished"), &json!("granted"), &json!("early"))
    );
    assert_eq!((&parent["result_number"], &parent["signer"]), (&json!("7/QĐ"), &json!("Trần Văn Bình")));

    office.act(&code, "arrive", &office.clerk, json!({})).await.expect(200);
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
    assert_eq!(office.legs(&code, "status").await, ["returned", "returned"]);
    let told = ["received", "received", "result_early", "result_early", "returned", "returned"];
    assert_eq!(office.purposes(), told, "the parent alone tells the citizen");
    let events = office.app.get(&format!("/dossiers/{code}/events"), &office.clerk).await.expect(200).body;
    let verbs: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["verb"].clone()).collect();
    assert_eq!(verbs, ["receive", "acknowledge", "finish", "finish", "arrive", "hand_over"]);
}

#[actix_web::test]
async fn a_leg_that_becomes_ready_after_hours_counts_from_the_next_opening() {
    let office = Agencies::at("2026-08-28 09:00").await;
    let code = office.received(W7).await;
    office.app.set("2026-09-03 19:00");
    office.do_leg(&code, 0, &office.mayor).await;
    // From Friday 07:00, so Monday: not Friday.
    assert_eq!(office.legs(&code, "due_at").await[1], "2026-09-07T17:00:00+07:00");
    assert_eq!(office.legs(&code, "acknowledge_by").await[1], "2026-09-04T09:00:00+07:00");
    let leg = office.leg(&code, 1).await;
    let deadline = office.app.get(&format!("/dossiers/{leg}/deadline"), &office.insurance).await.expect(200).body;
    assert_eq!(deadline["derivation"]["term"], json!({ "amount": 1, "unit": "working_day" }), "that of the leg");
}

#[actix_web::test]
async fn residence_and_insurance_card_go_side_by_side_after_the_birth() {
    // Tuesday 24 November 2026 is off.
    let office = Agencies::at("2026-11-20 14:00").await;
    let code = office.received(W6).await;
    assert_eq!(office.parent(&code).await["due_at"], "2026-11-26T17:00:00+07:00");
    assert_eq!(office.legs(&code, "status").await, ["received", "waiting", "waiting"]);
    assert_eq!(office.legs(&code, "due_at").await[0], "2026-11-23T17:00:00+07:00");
    office.app.set("2026-11-23 15:00");
    office.do_leg(&code, 0, &office.mayor).await;
    assert_eq!(office.legs(&code, "status").await, ["finished", "received", "received"]);
    let due = "2026-11-25T17:00:00+07:00";
    assert_eq!(office.legs(&code, "due_at").await[1..], [due, due]);
    assert_eq!(office.legs(&code, "acknowledge_by").await[1], "2026-11-23T17:00:00+07:00");

    office.app.set("2026-11-25 10:00");
    office.do_leg(&code, 1, &office.police).await;
    assert_eq!(office.parent(&code).await["status"], "processing", "the card is still to come");
    office.app.set("2026-11-26 09:00");
    office.do_leg(&code, 2, &office.insurance).await;
    assert_eq!(office.legs(&code, "standing").await, ["on_time", "on_time", "late"]);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["standing"]), (&json!("finished"), &json!("on_time")));
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
    assert_eq!(office.legs(&code, "status").await, ["returned", "returned", "returned"]);
}

#[actix_web::test]
async fn the_karaoke_group_takes_three_and_three_and_ten_working_days() {
    let office = Agencies::at("2026-08-24 08:00").await;
    let code = office.received(W8).await;
    assert_eq!(office.parent(&code).await["due_at"], "2026-09-18T17:00:00+07:00", "16 working days");
    assert_eq!(office.legs(&code, "due_at").await[0], "2026-08-27T17:00:00+07:00");
    office.app.set("2026-08-26 16:00");
    assert_eq!(office.do_leg(&code, 0, &office.mayor).await["standing"], "early");
    assert_eq!(office.legs(&code, "status").await, ["finished", "received", "waiting"]);
    assert_eq!(office.legs(&code, "due_at").await[1], "2026-09-03T17:00:00+07:00");
    office.app.set("2026-09-03 11:00");
    assert_eq!(office.do_leg(&code, 1, &office.police).await["standing"], "on_time");
    assert_eq!(office.legs(&code, "due_at").await[2], "2026-09-17T17:00:00+07:00");
    office.app.set("2026-09-17 16:00");
    assert_eq!(office.do_leg(&code, 2, &office.culture).await["standing"], "on_time");
    assert_eq!(office.parent(&code).await["standing"], "early");
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
    assert_eq!(office.parent(&code).await["status"], "returned");
}

#[actix_web::test]
async fn a_dossier_filed_online_begins_its_legs_when_it_is_accepted() {
    use crate::support::app::intake;
    use motcua::domain::role::Role;
    let office = Agencies::at("2026-10-05 20:00").await;
    let portal = office.app.key(Role::Portal, super::given::COMMUNE).await.0;
    let filed = office.app.post("/dossiers/submissions", &portal, &intake(W7, "H21.106")).await.expect(201).body;
    let code = filed["code"].as_str().unwrap();
    assert_eq!(office.parent(code).await["legs"], json!([]), "nothing is accepted yet");
    office.app.set("2026-10-06 08:00");
    office.act(code, "accept", &office.clerk, json!({})).await.expect(200);
    assert_eq!(office.legs(code, "due_at").await[0], "2026-10-07T17:00:00+07:00");
}
