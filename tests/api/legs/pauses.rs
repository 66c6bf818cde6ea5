//! The clock of the parent stands while nothing else can go on.

use motcua::dossiers::remind;
use serde_json::{Value, json};

use super::given::{Agencies, W6, W7, papers};

#[actix_web::test]
async fn the_pause_of_the_only_leg_stops_the_parent_and_restarts_it() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["due_at"]), (&json!("awaiting_supplement"), &Value::Null));
    assert_eq!(parent["pauses"][0]["effect"], "restart");
    assert_eq!(office.purposes()[2..], ["supplement", "supplement"], "asked through the parent");

    office.app.set("2026-10-07 10:00");
    office.act(&code, "supply", &office.clerk, json!({})).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["due_at"]), (&json!("processing"), &json!("2026-10-12T17:00:00+07:00")));
    assert_eq!(office.legs(&code, "due_at").await[0], "2026-10-08T17:00:00+07:00", "1 working day anew");
    assert_eq!(office.purposes()[4..], ["due_changed", "due_changed"]);
}

#[actix_web::test]
async fn the_pause_of_one_of_two_legs_side_by_side_does_not_stop_the_parent() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let (residence, card) = (office.leg(&code, 1).await, office.leg(&code, 2).await);
    office.acknowledge(&residence, &office.police).await;
    office.acknowledge(&card, &office.insurance).await;
    let due = json!("2026-10-08T17:00:00+07:00");
    office.act(&residence, "request_supplement", &office.police, papers()).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["due_at"]), (&json!("processing"), &due));
    assert_eq!(office.legs(&code, "status").await, ["finished", "awaiting_supplement", "processing"]);

    // The other one ends: now nothing can go on.
    office.app.set("2026-10-06 09:00");
    office.grant(&card, &office.insurance).await;
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["due_at"]), (&json!("awaiting_supplement"), &Value::Null));
    assert_eq!(parent["pauses"][0]["effect"], "resume", "what others have used is used");

    office.app.set("2026-10-07 10:00");
    office.act(&code, "supply", &office.clerk, json!({})).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["due_at"]), (&json!("processing"), &json!("2026-10-09T17:00:00+07:00")));
    assert_eq!(office.legs(&code, "due_at").await[1], "2026-10-08T17:00:00+07:00");
}

#[actix_web::test]
async fn the_parent_goes_on_as_soon_as_one_of_its_legs_does() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let (residence, card) = (office.leg(&code, 1).await, office.leg(&code, 2).await);
    office.acknowledge(&residence, &office.police).await;
    office.acknowledge(&card, &office.insurance).await;
    let insurer = office.app.sign_in(motcua::domain::role::Role::Leader, "H21.92");
    office.act(&residence, "request_supplement", &office.police, papers()).await.expect(200);
    office.act(&card, "request_payment", &insurer, json!({ "amount_vnd": 50_000 })).await.expect(200);
    assert_eq!(office.parent(&code).await["status"], "awaiting_payment");

    office.app.set("2026-10-06 09:00");
    let cashier = office.app.sign_in(motcua::domain::role::Role::Officer, "H21.92");
    office.act(&card, "confirm_payment", &cashier, json!({})).await.expect(200);
    let parent = office.parent(&code).await;
    assert_eq!((&parent["status"], &parent["due_at"]), (&json!("processing"), &json!("2026-10-09T17:00:00+07:00")));
    assert_eq!(office.legs(&code, "status").await[1], "awaiting_supplement");
}

#[actix_web::test]
async fn papers_come_to_the_counter_of_the_parent_and_name_their_leg_where_two_wait() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let none = office.act(&code, "supply", &office.clerk, json!({})).await.expect(409);
    assert_eq!(none.code(), "no_leg_waits");
    let insurer = office.app.sign_in(motcua::domain::role::Role::Leader, "H21.92");
    let (residence, card) = (office.leg(&code, 1).await, office.leg(&code, 2).await);
    office.act(&residence, "request_supplement", &office.police, papers()).await.expect(200);
    office.act(&card, "request_supplement", &insurer, papers()).await.expect(200);
    let unclear = office.act(&code, "supply", &office.clerk, json!({})).await.expect(422);
    assert_eq!(unclear.pointers(), ["/leg"]);
    office.act(&code, "supply", &office.clerk, json!({ "leg": card })).await.expect(200);
    assert_eq!(office.legs(&code, "status").await, ["finished", "awaiting_supplement", "received"]);
}

#[actix_web::test]
async fn the_public_page_says_what_a_leg_asks_for() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let intake = crate::support::app::intake(W7, "H21.106");
    let received = office.app.post("/dossiers", &office.clerk, &intake).await.expect(201).body;
    let (code, pin) = (received["code"].as_str().unwrap(), received["lookup_pin"].as_str().unwrap());
    let birth = office.leg(code, 0).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    let page = office.app.read(&format!("/public/dossiers/{code}?pin={pin}")).await.expect(200).body;
    assert_eq!(page["next_step"]["action"], "supplement");
    assert!(page["next_step"]["text"].as_str().unwrap().contains("Giấy chứng sinh"), "{page}");
    let legs: Vec<_> = page["legs"].as_array().unwrap().iter().map(|leg| leg["status"].clone()).collect();
    assert_eq!(legs, ["awaiting_supplement", "waiting"]);
    assert_eq!(page["legs"][1]["unit"]["code"], "H21.92");
    office.app.read(&format!("/public/dossiers/{birth}")).await.expect(404);
    office.app.read(&format!("/public/dossiers/{birth}?pin={pin}")).await.expect(404);
}

#[actix_web::test]
async fn a_citizen_reads_the_letter_of_a_leg_and_no_leg_by_itself() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    let token = office.app.citizen_of(&code).await;
    let seen = office.app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200).body;
    assert_eq!(seen["supplements"].as_array().unwrap().len(), 1);
    assert_eq!(seen["supplements"][0]["papers"], json!([{ "name": "Giấy chứng sinh", "supplied": false }]));
    office.app.get(&format!("/citizen/dossiers/{birth}"), &token).await.expect(404);
}

#[actix_web::test]
async fn the_whole_term_of_the_parent_goes_on_from_the_day_on_which_papers_came() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    office.app.set("2026-10-09 10:00");
    let came = json!({ "came_at": "2026-10-07T10:00:00+07:00" });
    office.act(&code, "supply", &office.clerk, came).await.expect(200);
    assert_eq!(office.legs(&code, "due_at").await[0], "2026-10-08T17:00:00+07:00");
    // 15 days from the 7th.
    assert_eq!(office.parent(&code).await["due_at"], "2026-10-22T17:00:00+07:00");
}

#[actix_web::test]
async fn of_papers_that_a_leg_waits_for_the_citizen_is_reminded_once() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    office.app.set("2026-10-21 09:00");
    assert_eq!(remind::tick(office.app.state.clone()).await.unwrap(), 1);
    let reminders = office.purposes().into_iter().filter(|purpose| purpose == "supplement_reminder").count();
    assert_eq!(reminders, 2, "by SMS and by e-mail");
    office.app.set("2026-10-27 09:00");
    assert_eq!(remind::tick(office.app.state.clone()).await.unwrap(), 1, "the leg may lapse; its parent follows");
}
