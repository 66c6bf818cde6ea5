//! What needs two people: a dossier is voided only when another person confirms it.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::schema::dossier_events;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::client::JsonBody;
use crate::support::office::{CENTRE, Office, TEN_DAYS};

mod undoing;

const APPROVALS: &str = "/approvals";
/// A department that has nothing to do with the dossier.
const ELSEWHERE: &str = "H21.05";

/// An office with the one who confirms, and a dossier that was entered by mistake.
struct Given {
    office: Office,
    head: String,
    code: String,
}

impl Given {
    async fn new() -> Self {
        let office = Office::at("2026-10-05 09:00").await;
        let head = office.app.sign_in(Role::CentreHead, CENTRE);
        let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
        Self { office, head, code }
    }

    async fn propose(&self, by: &str) -> Answer {
        self.office.act(&self.code, "void", by, json!({"reason": "nhập nhầm"})).await
    }

    /// Proposes; returns the key of the proposal.
    async fn proposed(&self, by: &str) -> String {
        self.propose(by).await.expect(202).body["approval"]["id"].as_str().unwrap().to_owned()
    }

    async fn decide(&self, id: &str, decision: &str, by: &str) -> Answer {
        self.office.app.post(&action(id, decision), by, &json!({})).await
    }

    async fn listed(&self, by: &str) -> Vec<Value> {
        self.office.app.get(APPROVALS, by).await.expect(200).items().to_vec()
    }

    /// How often the dossier was voided.
    fn voided(&self) -> i64 {
        let events = dossier_events::table.filter(dossier_events::verb.eq("void"));
        events.count().get_result(&mut self.office.app.db.connect()).unwrap()
    }

    fn sql(&self, sql: &str) {
        self.office.app.db.connect().batch_execute(sql).unwrap();
    }
}

fn action(id: &str, decision: &str) -> String {
    format!("{APPROVALS}/{id}/actions/{decision}")
}

#[actix_web::test]
async fn a_second_person_confirms_and_it_is_done() {
    let given = Given::new().await;
    let id = given.proposed(&given.office.clerk).await;
    let listed = given.listed(&given.head).await;
    assert_eq!((&listed[0]["subject"], &listed[0]["may_confirm"]), (&json!(given.code), &json!(true)));
    assert_eq!(given.voided(), 0);
    let confirmed = given.decide(&id, "confirm", &given.head).await.expect(200);
    assert_eq!(confirmed.field("state"), "confirmed");
    assert_eq!(given.voided(), 1);
    assert_eq!(given.office.show(&given.code).await["status"], "voided");
    let again = given.decide(&id, "confirm", &given.head).await;
    assert_eq!((again.status, again.code()), (409, "approval_decided"));
    assert!(given.listed(&given.head).await.is_empty());
}

#[actix_web::test]
async fn nobody_confirms_their_own_proposal_but_may_take_it_back() {
    let given = Given::new().await;
    let id = given.proposed(&given.head).await;
    let own = given.decide(&id, "confirm", &given.head).await;
    assert_eq!((own.status, own.code()), (403, "second_person_needed"));
    assert_eq!(given.listed(&given.head).await[0]["may_confirm"], false);
    let back = given.decide(&id, "reject", &given.head).await;
    assert_eq!((back.status, back.field("state").as_str()), (200, "rejected"));
    assert_eq!(given.voided(), 0);
}

#[actix_web::test]
async fn of_two_confirmations_at_once_one_does_it() {
    let given = Given::new().await;
    let id = given.proposed(&given.office.clerk).await;
    let other = given.office.app.sign_in(Role::CentreHead, CENTRE);
    let (one, two) = tokio::join!(given.decide(&id, "confirm", &given.head), given.decide(&id, "confirm", &other));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(given.voided(), 1);
}

#[actix_web::test]
async fn what_fails_when_confirmed_changes_nothing_and_stays_open() {
    let given = Given::new().await;
    let id = given.proposed(&given.office.clerk).await;
    // The event is the last that the verb writes.
    given.sql("ALTER TABLE dossier_events ADD CONSTRAINT fails CHECK (verb <> 'void')");
    given.decide(&id, "confirm", &given.head).await.expect(500);
    let shown = given.office.show(&given.code).await;
    assert_eq!((&shown["status"], &shown["version"]), (&json!("received"), &json!(1)));
    assert_eq!(given.listed(&given.head).await[0]["state"], "open");
    given.sql("ALTER TABLE dossier_events DROP CONSTRAINT fails");
    given.decide(&id, "confirm", &given.head).await.expect(200);
    assert_eq!(given.voided(), 1);
}

#[actix_web::test]
async fn what_the_dossier_forbids_by_now_is_refused_and_stays_open() {
    let given = Given::new().await;
    let id = given.proposed(&given.office.clerk).await;
    given.sql("UPDATE dossiers SET status = 'voided'");
    let refused = given.decide(&id, "confirm", &given.head).await;
    assert_eq!((refused.status, refused.code()), (409, "status_forbids"));
    assert_eq!(given.listed(&given.head).await[0]["state"], "open");
}

#[actix_web::test]
async fn an_expired_proposal_is_not_done_and_may_be_made_anew() {
    let given = Given::new().await;
    let id = given.proposed(&given.office.clerk).await;
    let twice = given.propose(&given.office.officer).await;
    assert_eq!((twice.status, twice.code()), (409, "already_proposed"));
    given.office.app.pass(TimeDelta::days(3));
    let late = given.decide(&id, "confirm", &given.head).await;
    assert_eq!((late.status, late.code()), (409, "approval_expired"));
    assert_eq!(given.voided(), 0);
    let anew = given.proposed(&given.office.officer).await;
    assert_eq!(given.decide(&id, "confirm", &given.head).await.code(), "approval_expired");
    given.decide(&anew, "confirm", &given.head).await.expect(200);
}

#[actix_web::test]
async fn keys_and_other_roles_decide_nothing() {
    let given = Given::new().await;
    let app = &given.office.app;
    let id = given.proposed(&given.office.clerk).await;
    let (key, _) = app.key(Role::CentreHead, CENTRE).await;
    let by_key = given.decide(&id, "confirm", &key).await;
    assert_eq!((by_key.status, by_key.code()), (403, "people_only"));
    app.get(APPROVALS, &key).await.expect(403);
    for (role, unit, decision, status) in [
        (Role::Clerk, CENTRE, "confirm", 403),
        (Role::Officer, ELSEWHERE, "confirm", 403),
        (Role::Auditor, ELSEWHERE, "confirm", 403),
        // Not theirs, and about a dossier that they don't see.
        (Role::Admin, ELSEWHERE, "reject", 404),
        (Role::Admin, ELSEWHERE, "confirm", 404),
        (Role::Officer, ELSEWHERE, "reject", 404),
        (Role::Leader, ELSEWHERE, "confirm", 404),
        (Role::Leader, ELSEWHERE, "reject", 404),
    ] {
        let token = app.sign_in(role, unit);
        assert_eq!(given.decide(&id, decision, &token).await.status, status, "{role} {decision}");
    }
    let refused = given.propose(&app.sign_in(Role::Auditor, ELSEWHERE)).await;
    assert_eq!((refused.status, refused.code()), (403, "role_may_not"));
}

#[actix_web::test]
async fn a_repeated_confirmation_gets_the_first_answer() {
    let given = Given::new().await;
    let app = &given.office.app;
    let id = given.proposed(&given.office.clerk).await;
    let send = || {
        let request = app.http.post(app.url(&action(&id, "confirm"))).bearer_auth(&given.head);
        app.send(request.header("Idempotency-Key", "k1").json_body(&json!({})))
    };
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert_eq!(given.voided(), 1);
}

#[actix_web::test]
async fn a_decision_that_is_none_is_refused() {
    let given = Given::new().await;
    let id = given.proposed(&given.office.clerk).await;
    let unknown = given.decide(&id, "burn", &given.head).await;
    assert_eq!((unknown.status, unknown.code()), (404, "no_such_action"));
    given.decide("rubbish", "confirm", &given.head).await.expect(404);
    let extra = given.office.app.post(&action(&id, "confirm"), &given.head, &json!({"force": true})).await;
    assert_eq!((extra.status, extra.pointers()), (422, vec!["/force"]));
}

#[actix_web::test]
async fn a_leader_confirms_what_their_unit_has_to_do_with() {
    let given = Given::new().await;
    let leader = &given.office.leader;
    let id = given.proposed(&given.office.officer).await;
    assert_eq!(given.listed(leader).await[0]["id"], json!(id));
    let hand = |from: &str, to: &str| {
        let unit = |code: &str| format!("(SELECT id FROM units WHERE code = '{code}')");
        given.sql(&format!("UPDATE dossier_units SET unit_id = {} WHERE unit_id = {}", unit(to), unit(from)));
    };
    hand("H21.16", ELSEWHERE);
    given.decide(&id, "confirm", leader).await.expect(404);
    hand(ELSEWHERE, "H21.16");
    given.decide(&id, "confirm", leader).await.expect(200);
    assert_eq!(given.voided(), 1);
}
