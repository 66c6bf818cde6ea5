//! Who does a step: by role, by name, together with others, and in place of somebody who is away.

use motcua::domain::role::Role;
use serde_json::json;

use super::given::{advance, colleague, process};
use crate::support::office::{ONE_DAY, Office};

#[actix_web::test]
async fn a_step_that_goes_to_another_is_a_hop_of_its_own() {
    let office = Office::at("2026-10-05 08:00").await;
    let code = office.in_process(ONE_DAY).await;
    let (first, second) = (colleague(&office, Role::Officer), colleague(&office, Role::Officer));
    office.act(&code, "assign", &office.head, json!({"username": first.1})).await.expect(200);
    office.app.set("2026-10-05 09:00");
    office.act(&code, "assign", &office.head, json!({"username": second.1})).await.expect(200);
    let view = process(&office, &code).await;
    let taken = view["taken"].as_array().unwrap();
    assert_eq!(taken.len(), 3, "the counter's, and one for each");
    assert_eq!((&taken[1]["outcome"], &taken[1]["minutes"]), (&json!("reassigned"), &json!(60)));
    let budget = |hop: usize| taken[hop]["budget_minutes"].as_i64().unwrap();
    assert_eq!(budget(2), budget(1) - 60, "the budget goes on");
    office.act(&code, "advance", &first.0, json!({})).await.expect(403);
    advance(&office, &code, &second.0).await;
}

#[actix_web::test]
async fn who_helps_may_hand_on_too() {
    let office = Office::at("2026-10-05 08:00").await;
    let code = office.in_process(ONE_DAY).await;
    let (holder, helper, other) =
        (colleague(&office, Role::Officer), colleague(&office, Role::Officer), colleague(&office, Role::Officer));
    let given = json!({"username": holder.1, "helpers": [helper.1]});
    office.act(&code, "assign", &office.head, given).await.expect(200);
    assert_eq!(process(&office, &code).await["at"]["helpers"], json!(["Nguyễn Văn officer"]));
    office.act(&code, "advance", &other.0, json!({})).await.expect(403);
    advance(&office, &code, &helper.0).await;
    let unknown = json!({"username": holder.1, "helpers": ["nobody"]});
    let refused = office.act(&code, "assign", &office.head, unknown).await.expect(422);
    assert_eq!(refused.faults(), [("/helpers/0", "no_such_colleague")]);
}

#[actix_web::test]
async fn a_step_is_handed_on_to_somebody_by_name() {
    let office = Office::at("2026-10-05 08:00").await;
    let code = office.in_process(ONE_DAY).await;
    let (_, leader) = colleague(&office, Role::Leader);
    office.act(&code, "advance", &office.officer, json!({"username": leader})).await.expect(200);
    assert_eq!(process(&office, &code).await["at"]["holder"], "Nguyễn Văn leader");
    let clerk = office.app.username_of(&office.clerk);
    let code = office.in_process(ONE_DAY).await;
    let elsewhere = office.act(&code, "advance", &office.officer, json!({"username": clerk})).await.expect(422);
    assert_eq!(elsewhere.faults(), [("/username", "no_such_colleague")]);
}

#[actix_web::test]
async fn all_that_somebody_holds_goes_to_another_with_a_reason() {
    let office = Office::at("2026-10-05 08:00").await;
    let (away, here) = (colleague(&office, Role::Officer), colleague(&office, Role::Officer));
    let mut held = Vec::new();
    for _ in 0..3 {
        let code = office.in_process(ONE_DAY).await;
        office.act(&code, "assign", &office.head, json!({"username": away.1})).await.expect(200);
        held.push(code);
    }
    let handed_on = held.pop().unwrap();
    advance(&office, &handed_on, &away.0).await;
    let form = json!({"from": away.1, "to": here.1, "reason": "Nghỉ thai sản"});
    let path = "/steps/reassignments";
    let moved = office.app.post(path, &office.head, &form).await.expect(200).body;
    assert_eq!(moved, json!({"codes": held, "left": 0}));
    for code in &held {
        let events = office.app.get(&format!("/dossiers/{code}/events"), &office.officer).await.expect(200);
        let last = events.items().last().unwrap().clone();
        assert_eq!((&last["verb"], &last["note"]), (&json!("assign"), &json!("Nghỉ thai sản")));
        advance(&office, code, &here.0).await;
    }
    let again = office.app.post(path, &office.head, &form).await.expect(200).body;
    assert_eq!(again, json!({"codes": [], "left": 0}));
    let elsewhere = office.app.sign_in(Role::DivisionHead, "H21.24");
    let foreign = office.app.post(path, &elsewhere, &form).await.expect(422);
    assert_eq!(foreign.faults(), [("/from", "no_such_colleague")]);
    let bare = office.app.post(path, &office.head, &json!({})).await.expect(422);
    assert_eq!(bare.pointers(), ["/from", "/to", "/reason"]);
}

#[actix_web::test]
async fn a_role_that_nobody_has_is_told_beside_the_dossier_until_somebody_does() {
    let office = Office::at("2026-10-05 08:00").await;
    let code = office.in_process("2.000894").await;
    let warned = process(&office, &code).await["warnings"].clone();
    let warned: Vec<_> = warned.as_array().unwrap().iter().map(|warning| warning["en"].as_str().unwrap()).collect();
    assert_eq!(warned.len(), 5, "records, leader, head, officer and chair of the committee: {warned:?}");
    assert!(warned.iter().all(|text| text.contains("nobody")));
    office.app.sign_in(Role::Chair, "H21.00");
    assert_eq!(process(&office, &code).await["warnings"].as_array().unwrap().len(), 4);
}
