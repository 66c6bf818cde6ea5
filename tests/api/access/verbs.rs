//! Every verb with every role.

use diesel::connection::SimpleConnection;
use motcua::domain::dossier::Verb;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

#[actix_web::test]
async fn what_the_house_does_by_itself_is_no_verb_that_anybody_asks_for() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    for (role, token) in everyone(&office).await {
        for verb in Verb::OF_THE_HOUSE {
            assert!(!role.may_use(verb));
            let answer = use_verb(&office, (verb, &code), &token, "{}").await;
            assert_eq!((answer.status, answer.code()), (404, "no_such_verb"), "{role} {verb}");
        }
    }
}

#[actix_web::test]
async fn who_may_not_use_a_verb_is_refused_whatever_the_body() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    for (role, token) in everyone(&office).await {
        let asked_for = Verb::ALL.iter().copied().filter(|verb| !Verb::OF_THE_HOUSE.contains(verb));
        for verb in asked_for.filter(|verb| !role.may_use(*verb)) {
            for body in [&fitting(verb).to_string(), r#"{"sea_monster":1}"#, "{", "["] {
                let answer = use_verb(&office, (verb, &code), &token, body).await;
                assert_eq!((answer.status, answer.code()), (403, "role_may_not"), "{role} {verb} {body}");
            }
        }
    }
    assert_eq!(office.show(&code).await["version"], 2, "received and transferred, no more");
}

#[actix_web::test]
async fn who_may_use_a_verb_is_let_in_to_the_dossiers_of_the_own_unit() {
    let office = Office::at("2026-10-05 09:00").await;
    for (role, token) in everyone(&office).await {
        for verb in Verb::ALL.iter().copied().filter(|verb| role.may_use(*verb)) {
            let code = office.in_process(TEN_DAYS).await;
            hold_steps(&office, role);
            let answer = use_verb(&office, (verb, &code), &token, &fitting(verb).to_string()).await;
            let is_let_in = matches!(answer.status, 200..=299 | 409 | 422);
            assert!(is_let_in, "{role} {verb}: {}", answer.text);
        }
    }
}

/// Each role with a credential of the unit that has the dossier in hand.
async fn everyone(office: &Office) -> Vec<(Role, String)> {
    let mut everyone = Vec::new();
    for role in Role::ALL.iter().copied() {
        let token = match role {
            Role::Portal => office.app.key(role, CENTRE).await.0,
            _ => office.app.sign_in(role, unit_of(role)),
        };
        everyone.push((role, token));
    }
    everyone
}

/// Counters have it in hand at the centre, all others in the department.
fn unit_of(role: Role) -> &'static str {
    match role {
        Role::Portal | Role::Clerk | Role::CentreHead => CENTRE,
        _ => DEPARTMENT,
    }
}

/// A step lies with one role at a time: now with this one.
fn hold_steps(office: &Office, role: Role) {
    let sql = format!(
        "UPDATE dossier_steps SET role = '{role}', unit_id = units.id FROM units
         WHERE units.code = '{}' AND left_at IS NULL",
        unit_of(role)
    );
    office.app.db.connect().batch_execute(&sql).unwrap();
}

/// A body that the verb takes.
fn fitting(verb: Verb) -> Value {
    let reason = "Có lý do";
    match verb {
        Verb::Submit | Verb::Receive => intake(TEN_DAYS, DEPARTMENT),
        Verb::Decline | Verb::SendBack | Verb::Suspend | Verb::Stop | Verb::Recall | Verb::Void => {
            json!({"reason": reason})
        }
        Verb::Assign => json!({"username": "somebody"}),
        Verb::SetCase => json!({"cases": [], "reason": reason}),
        Verb::RequestSupplement => json!({"papers": [{"name": "Trích lục", "kind": "copy"}], "reason": reason}),
        Verb::Consult => json!({"unit_code": "H21.05", "question": "Có ý kiến gì?"}),
        Verb::RequestPayment | Verb::PaymentNotice => json!({"notice_number": "7", "amount_vnd": 20_000}),
        Verb::Extend | Verb::Apologise => json!({"new_due_on": "2026-10-20", "reason": reason}),
        Verb::Finish => json!({"result": "granted"}),
        _ => json!({}),
    }
}

/// Sends a body without saying what it is: a list then is not even taken for JSON.
async fn use_verb(office: &Office, (verb, code): (Verb, &str), token: &str, body: &str) -> Answer {
    let app = &office.app;
    let request = match verb {
        Verb::Submit => app.http.post(app.url("/dossiers/submissions")),
        Verb::Receive => app.http.post(app.url("/dossiers")),
        Verb::Mirror => app.http.put(app.url("/dossiers/mirrored")),
        Verb::Correct => app.http.patch(app.url(&format!("/dossiers/{code}"))),
        _ => app.http.post(app.url(&format!("/dossiers/{code}/actions/{verb}"))),
    };
    app.send(request.bearer_auth(token).body(body.to_owned())).await
}
