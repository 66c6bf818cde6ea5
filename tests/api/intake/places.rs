//! Who helps to file, who receives, who resolves and who hands over may be four (phi địa giới); and a dossier that went
//! to the wrong one.

use motcua::domain::role::Role;
use serde_json::json;

use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, Office};

/// 1 working day, resolved by every commune.
const BIRTH: &str = "1.001193";
const PLEIKU: &str = "H21.106";
const IA_GRAI: &str = "H21.134";
const TAY_SON: &str = "H21.217";

#[actix_web::test]
async fn four_units_are_kept_apart_and_each_counter_sees_the_dossier() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut form = intake(BIRTH, PLEIKU);
    form["supporting_unit_code"] = json!(TAY_SON);
    form["returning_unit_code"] = json!(IA_GRAI);
    let received = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).body;
    for (field, unit) in [
        ("supporting_unit", TAY_SON),
        ("receiving_unit", CENTRE),
        ("resolving_unit", PLEIKU),
        ("returning_unit", IA_GRAI),
    ] {
        assert_eq!(received[field], unit, "{field}");
    }
    let path = format!("/dossiers/{}", received["code"].as_str().unwrap());
    for unit in [TAY_SON, IA_GRAI] {
        let clerk = office.app.sign_in(Role::Clerk, unit);
        office.app.get(&path, &clerk).await.expect(200);
    }
    let stranger = office.app.sign_in(Role::Clerk, "H21.113");
    office.app.get(&path, &stranger).await.expect(404);
    form["returning_unit_code"] = json!(DEPARTMENT);
    let refused = office.app.post("/dossiers", &office.clerk, &form).await.expect(422);
    assert_eq!(refused.faults(), [("/returning_unit_code", "no_such_counter")]);
}

#[actix_web::test]
async fn a_dossier_sent_to_the_wrong_agency_goes_to_the_right_one_and_who_held_it_stays_on_record() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.app.post("/dossiers", &office.clerk, &intake(BIRTH, PLEIKU)).await.expect(201).field("code");
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    let leader = office.app.sign_in(Role::Leader, PLEIKU);
    let due = office.show(&code).await["due_at"].clone();
    office.app.set("2026-10-05 11:00");
    for (unit, fault) in
        [(DEPARTMENT, "unit_does_not_resolve"), (PLEIKU, "unit_does_not_resolve"), ("H99", "no_such_unit")]
    {
        let wrong = json!({"unit_code": unit, "reason": "Nhầm xã"});
        let refused = office.act(&code, "redirect", &leader, wrong).await.expect(422);
        assert_eq!(refused.faults(), [("/unit_code", fault)], "{unit}");
    }
    let right = json!({"unit_code": IA_GRAI, "reason": "Nhầm xã"});
    let moved = office.act(&code, "redirect", &leader, right).await.expect(200).body;
    assert_eq!((&moved["resolving_unit"], &moved["due_at"], &moved["code"]), (&json!(IA_GRAI), &due, &json!(code)));
    let officer = office.app.sign_in(Role::Officer, IA_GRAI);
    let view = office.app.get(&format!("/dossiers/{code}/process"), &officer).await.expect(200).body;
    assert_eq!(view["at"]["unit"], IA_GRAI);
    assert_eq!(
        view["held"]["by_unit"][0],
        json!({"name": view["held"]["by_unit"][0]["name"], "unit": PLEIKU, "minutes": 120})
    );
    // The first one sees what became of it, and has no more hand in it.
    office.app.get(&format!("/dossiers/{code}"), &leader).await.expect(200);
    for (verb, form) in [
        ("finish", json!({"result": "granted"})),
        ("stop", json!({"reason": "Nhầm xã"})),
        ("assign", json!({"username": "ai"})),
    ] {
        let refused = office.act(&code, verb, &leader, form).await.expect(403);
        assert_eq!(refused.code(), "not_in_your_hands", "{verb}");
    }
}
