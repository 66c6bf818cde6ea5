//! What needs two people.

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use motcua::approvals::{Proposal, propose};
use motcua::domain::code::DossierCode;
use motcua::domain::role::Role;
use motcua::error::AppError;
use serde_json::json;

use crate::staff::house::{House, signed};

const APPROVALS: &str = "/api/v1/approvals";
const CODE: &str = "H21.16-261120-0001";

async fn proposed(house: &House, by: &str, reason: &str) -> Result<String, AppError> {
    let reason = reason.to_owned();
    let proposal = Proposal::VoidDossier { code: DossierCode::read(CODE).unwrap(), reason };
    house.state.act(&house.actor(by), move |conn, act| Ok(propose(conn, act, &proposal)?.id.to_string())).await
}

fn action(id: &str, decision: &str) -> String {
    format!("{APPROVALS}/{id}/actions/{decision}")
}

#[actix_web::test]
async fn a_second_person_confirms_and_it_is_done() {
    let house = House::open().await;
    let id = proposed(&house, "clerk", "nhập nhầm").await.unwrap();
    let head = house.token("centre_head").await;
    let listed = house.get(&head, APPROVALS).await;
    assert_eq!(listed.body["items"][0]["subject"], CODE);
    assert_eq!(listed.body["items"][0]["may_confirm"], true);
    assert_eq!(house.voided(), 0);
    let confirmed = house.post(&head, &action(&id, "confirm"), json!({})).await;
    assert_eq!(confirmed.status, 200, "{:?}", confirmed.body);
    assert_eq!(confirmed.text("state"), "confirmed");
    assert_eq!(house.voided(), 1);
    let again = house.post(&head, &action(&id, "confirm"), json!({})).await;
    assert_eq!((again.status, again.code()), (409, "approval_decided"));
    assert_eq!(house.get(&head, APPROVALS).await.body["items"], json!([]));
}

#[actix_web::test]
async fn nobody_confirms_their_own_proposal_but_may_take_it_back() {
    let house = House::open().await;
    let id = proposed(&house, "centre_head", "nhập nhầm").await.unwrap();
    let head = house.token("centre_head").await;
    let own = house.post(&head, &action(&id, "confirm"), json!({})).await;
    assert_eq!((own.status, own.code()), (403, "second_person_needed"));
    assert_eq!(house.get(&head, APPROVALS).await.body["items"][0]["may_confirm"], false);
    let back = house.post(&head, &action(&id, "reject"), json!({})).await;
    assert_eq!((back.status, back.text("state").as_str()), (200, "rejected"));
    assert_eq!(house.voided(), 0);
}

#[actix_web::test]
async fn of_two_confirmations_at_once_one_does_it() {
    let house = House::open().await;
    house.sql("UPDATE staff SET role = 'centre_head' WHERE username = 'chair'");
    let id = proposed(&house, "clerk", "nhập nhầm").await.unwrap();
    let (first, second) = (house.token("centre_head").await, house.token("chair").await);
    let path = action(&id, "confirm");
    let (one, other) =
        futures_util::future::join(house.post(&first, &path, json!({})), house.post(&second, &path, json!({}))).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(house.voided(), 1);
}

#[actix_web::test]
async fn what_fails_when_confirmed_changes_nothing_and_stays_open() {
    let house = House::open().await;
    let id = proposed(&house, "clerk", "fails").await.unwrap();
    let head = house.token("centre_head").await;
    let failed = house.post(&head, &action(&id, "confirm"), json!({})).await;
    assert_eq!((failed.status, failed.code()), (409, "forbidden_now"));
    assert_eq!(house.voided(), 0);
    assert_eq!(house.get(&head, APPROVALS).await.body["items"][0]["state"], "open");
}

#[actix_web::test]
async fn an_expired_proposal_is_not_done_and_may_be_made_anew() {
    let house = House::open().await;
    let id = proposed(&house, "clerk", "nhập nhầm").await.unwrap();
    let twice = proposed(&house, "officer", "nhập nhầm").await.unwrap_err();
    assert_eq!(twice.code(), "already_proposed");
    house.later(TimeDelta::days(3));
    let head = house.token("centre_head").await;
    let late = house.post(&head, &action(&id, "confirm"), json!({})).await;
    assert_eq!((late.status, late.code()), (409, "approval_expired"));
    assert_eq!(house.voided(), 0);
    let anew = proposed(&house, "officer", "nhập nhầm").await.unwrap();
    let late = house.post(&head, &action(&id, "confirm"), json!({})).await;
    assert_eq!(late.code(), "approval_expired");
    assert_eq!(house.post(&head, &action(&anew, "confirm"), json!({})).await.status, 200);
}

#[actix_web::test]
async fn keys_and_other_roles_decide_nothing() {
    let house = House::open().await;
    let id = proposed(&house, "clerk", "nhập nhầm").await.unwrap();
    let (key, _) = house.key(Role::CentreHead, "H21.00.01").await;
    let by_key = house.post(&key, &action(&id, "confirm"), json!({})).await;
    assert_eq!((by_key.status, by_key.code()), (403, "people_only"));
    assert_eq!(house.get(&key, APPROVALS).await.status, 403);
    for (role, decision, status) in [
        ("clerk", "confirm", 403),
        ("officer", "confirm", 403),
        ("auditor", "confirm", 403),
        ("admin", "reject", 403),
        // Not theirs, and about a dossier that they don't see.
        ("officer", "reject", 404),
        ("leader", "confirm", 404),
        ("leader", "reject", 404),
    ] {
        let token = house.token(role).await;
        let answer = house.post(&token, &action(&id, decision), json!({})).await;
        assert_eq!(answer.status, status, "{role} {decision}");
    }
    let refused = proposed(&house, "auditor", "nhập nhầm").await.unwrap_err();
    assert_eq!(refused.code(), "role_may_not");
}

#[actix_web::test]
async fn a_repeated_confirmation_gets_the_first_answer() {
    let house = House::open().await;
    let id = proposed(&house, "clerk", "nhập nhầm").await.unwrap();
    let head = house.token("centre_head").await;
    let send = || {
        let req = signed(TestRequest::post(), &head, &action(&id, "confirm"));
        house.send(req.insert_header(("Idempotency-Key", "k1")))
    };
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert_eq!(house.voided(), 1);
}

#[actix_web::test]
async fn a_decision_that_is_none_is_refused() {
    let house = House::open().await;
    let id = proposed(&house, "clerk", "nhập nhầm").await.unwrap();
    let head = house.token("centre_head").await;
    let unknown = house.post(&head, &action(&id, "burn"), json!({})).await;
    assert_eq!((unknown.status, unknown.code()), (404, "no_such_action"));
    assert_eq!(house.post(&head, &action("rubbish", "confirm"), json!({})).await.status, 404);
    let extra = house.post(&head, &action(&id, "confirm"), json!({"force": true})).await;
    assert_eq!((extra.status, extra.pointers()), (422, vec!["/force"]));
}

#[actix_web::test]
async fn a_leader_confirms_what_their_unit_has_to_do_with() {
    let house = House::open().await;
    house.sql(DOSSIER);
    let id = proposed(&house, "officer", "nhập nhầm").await.unwrap();
    let leader = house.token("leader").await;
    let listed = house.get(&leader, APPROVALS).await;
    assert_eq!(listed.body["items"][0]["id"], json!(id));
    house.sql("UPDATE dossier_units SET unit_id = (SELECT id FROM units WHERE code = 'H21.00')");
    let elsewhere = house.post(&leader, &action(&id, "confirm"), json!({})).await;
    assert_eq!(elsewhere.status, 404);
    house.sql("UPDATE dossier_units SET unit_id = (SELECT id FROM units WHERE code = 'H21.16')");
    let confirmed = house.post(&leader, &action(&id, "confirm"), json!({})).await;
    assert_eq!(confirmed.status, 200);
    assert_eq!(house.voided(), 1);
}

/// A dossier of H21.16, without all that one has beside.
const DOSSIER: &str = "
    SET LOCAL session_replication_role = replica;
    INSERT INTO dossiers (id, code, version, status, progress, procedure_version_id, process_version_id, field_id,
        receiving_unit_id, resolving_unit_id, returning_unit_id, mirrored, channel, result_delivery, notify_sms,
        notify_email, notify_zalo, pin_hash, registered_at, provisional, apologised, created_by)
    SELECT id, 'H21.16-261120-0001', 1, 'received', 10, id, id, id, id, id, id, false, 'direct', 'counter', false,
        false, false, '', '2026-11-20T02:00:00Z', false, false, 'system' FROM units WHERE code = 'H21.16';
    INSERT INTO dossier_units (unit_id, dossier_id, why) SELECT id, id, 'resolves' FROM units WHERE code = 'H21.16';";
