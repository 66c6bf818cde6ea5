//! On the day the dossiers of a unit that ends go on with those that follow it.

use motcua::command::console;
use motcua::domain::role::Role;
use motcua::dossiers;
use serde_json::json;

use super::given::{HEIR, OTHER_HEIR, Reorganised, split};
use crate::support::app::intake;
use crate::support::office::{DEPARTMENT, ONE_DAY, TEN_DAYS};

#[actix_web::test]
async fn nothing_changes_before_the_day() {
    let given = Reorganised::new().await;
    let [rest, ..] = given.dossiers().await;
    given.decided(&split()).await;
    given.office.app.set("2026-12-31 16:00");
    given.carry_out().await;
    assert_eq!(given.office.show(&rest).await["resolving_unit"], DEPARTMENT);
    assert_eq!(given.shown("QD-1-2027").await["stage"], "announced");
    given.office.received(TEN_DAYS).await;
}

#[actix_web::test]
async fn open_dossiers_go_on_field_by_field_with_their_clock_and_their_people() {
    let given = Reorganised::new().await;
    let office = &given.office;
    let [rest, other, _] = given.dossiers().await;
    let holder = office.app.username_of(&office.officer);
    office.act(&rest, "assign", &office.head, json!({ "username": holder })).await.expect(200);
    let before = office.show(&rest).await;
    given.decided(&split()).await;
    given.new_year().await;

    let after = office.show(&rest).await;
    assert_eq!(after["code"], before["code"]);
    assert_eq!(after["resolving_unit"], HEIR);
    assert_eq!((&after["due_at"], &after["status"]), (&before["due_at"], &before["status"]));
    assert_eq!(office.show(&other).await["resolving_unit"], OTHER_HEIR);
    let process = office.app.get(&format!("/dossiers/{rest}/process"), &office.officer).await.expect(200).body;
    assert_eq!(process["at"]["holder"], "Nguyễn Văn officer", "who held it came along: {process}");
    assert_eq!(process["at"]["unit"], HEIR);
    let events = office.app.get(&format!("/dossiers/{rest}/events"), &office.officer).await.expect(200).body;
    let last = events["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["verb"], &last["note"]), (&json!("succeed"), &json!("Nghị quyết 1/NQ-HĐND")));
    assert_eq!(last["details"], json!({ "from_unit": DEPARTMENT, "to_unit": HEIR }));

    let granted = json!({ "result": "granted" });
    office.act(&other, "finish", &office.leader, granted.clone()).await.expect(404);
    let stranger = office.app.sign_in(Role::Leader, OTHER_HEIR);
    office.act(&other, "finish", &stranger, granted.clone()).await.expect(200);
    office.act(&rest, "finish", &office.leader, granted).await.expect(200);
}

#[actix_web::test]
async fn ended_dossiers_stay_as_they_are_and_are_seen_by_who_follows() {
    let given = Reorganised::new().await;
    let office = &given.office;
    let [.., done] = given.dossiers().await;
    let before = office.show(&done).await;
    given.decided(&split()).await;
    given.new_year().await;
    let newcomer = office.app.sign_in(Role::Officer, HEIR);
    let seen = office.app.get(&format!("/dossiers/{done}"), &newcomer).await.expect(200).body;
    assert_eq!((&seen["version"], &seen["resolving_unit"]), (&before["version"], &before["resolving_unit"]));
    let elsewhere = office.app.sign_in(Role::Officer, OTHER_HEIR);
    office.app.get(&format!("/dossiers/{done}"), &elsewhere).await.expect(404);
}

#[actix_web::test]
async fn nothing_more_comes_to_a_unit_that_has_ended() {
    let given = Reorganised::new().await;
    given.decided(&split()).await;
    given.new_year().await;
    let office = &given.office;
    let refused = office.app.post("/dossiers", &office.clerk, &intake(TEN_DAYS, DEPARTMENT)).await.expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "unit_not_there_then");
    assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains(HEIR), "{:?}", refused.body);
    office.app.post("/dossiers", &office.clerk, &intake(TEN_DAYS, HEIR)).await.expect(201);
}

#[actix_web::test]
async fn it_is_finished_after_a_last_look_and_says_how_much_it_moved() {
    let given = Reorganised::new().await;
    given.dossiers().await;
    given.decided(&split()).await;
    given.new_year().await;
    let shown = given.shown("QD-1-2027").await;
    assert_eq!((&shown["stage"], &shown["moved"], &shown["done"]), (&json!("under_way"), &json!(2), &json!(3)));
    given.office.app.set("2027-01-04 08:11");
    given.carry_out().await;
    let shown = given.shown("QD-1-2027").await;
    assert_eq!((&shown["stage"], &shown["moved"], &shown["done"]), (&json!("finished"), &json!(2), &json!(3)));
}

#[actix_web::test]
async fn accounts_go_where_the_plan_sends_them() {
    let given = Reorganised::new().await;
    let office = &given.office;
    let sent = office.app.username_of(&office.records);
    let mut plan = split();
    plan["staff"] = json!([{ "username": sent, "to": OTHER_HEIR }]);
    given.decided(&plan).await;
    given.new_year().await;
    let unit = async |token: &str| office.app.get("/me", token).await.expect(200).body["unit_code"].clone();
    assert_eq!(unit(&office.records).await, OTHER_HEIR);
    assert_eq!(unit(&office.leader).await, HEIR);
}

#[actix_web::test]
async fn what_an_old_system_hands_over_later_is_seen_by_who_follows_too() {
    let given = Reorganised::new().await;
    given.decided(&split()).await;
    given.new_year().await;
    let office = &given.office;
    let mut old = intake(TEN_DAYS, DEPARTMENT);
    old["received_at"] = json!("2026-12-30T09:00:00+07:00");
    let received = office.app.state.act_here(&console(), office.app.state.clock.now(), |conn, act| {
        dossiers::receive(conn, act, &serde_json::from_value(old).unwrap())
    });
    let code = received.unwrap().dossier.code;
    office.app.get(&format!("/dossiers/{code}"), &office.officer).await.expect(200);
}

#[actix_web::test]
async fn a_dossier_that_had_gone_to_the_wrong_unit_and_come_back_goes_on_too() {
    let given = Reorganised::new().await;
    let office = &given.office;
    let code = office.in_process(ONE_DAY).await;
    let mayor = office.app.sign_in(Role::Leader, "H21.106");
    let there = |unit: &str| json!({ "unit_code": unit, "reason": "Nhầm nơi" });
    office.act(&code, "redirect", &office.leader, there("H21.106")).await.expect(200);
    office.act(&code, "redirect", &mayor, there(DEPARTMENT)).await.expect(200);
    given.decided(&split()).await;
    given.new_year().await;
    assert_eq!(office.show(&code).await["resolving_unit"], OTHER_HEIR);
    let stranger = office.app.sign_in(Role::Leader, OTHER_HEIR);
    let gone = office.act(&code, "redirect", &stranger, there(DEPARTMENT)).await.expect(422);
    assert_eq!(gone.body["errors"][0]["code"], "unit_not_there_then");
}
