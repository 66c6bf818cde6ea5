//! Who may ask what: every route of the served OpenAPI document, tried with every role, with nothing, and with
//! credentials that have expired or were revoked, and every verb with every role. A route that is not in the table
//! fails the test.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use motcua::domain::dossier::Verb;
use motcua::domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::staff::house::House;
use crate::support::answer::Answer;
use crate::support::app::intake;
use crate::support::client::JsonBody;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

/// Who comes past a route's guard. What they then find is no matter here.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// Everyone, known or not.
    ToAll,
    /// Whoever is known.
    ToSigned,
    /// Whoever logged in with a password, whatever the role; keys not.
    ToPeople,
    /// These roles.
    To(&'static [Role]),
}

const ADMIN: Open = Open::To(&[Role::Admin]);
const PROPOSERS: Open = Open::To(&[Role::Clerk, Role::Officer, Role::Leader, Role::CentreHead]);
const CONFIRMERS: Open = Open::To(&[Role::Leader, Role::CentreHead]);

const FINISHERS: Open = Open::To(&[Role::Leader, Role::Chair, Role::Records]);
const READERS: Open = Open::To(&[
    Role::Portal,
    Role::Clerk,
    Role::Officer,
    Role::DivisionHead,
    Role::Leader,
    Role::Records,
    Role::Chair,
    Role::CentreHead,
    Role::Controller,
    Role::Auditor,
]);

const COUNTERS: Open = Open::To(&[
    Role::Officer,
    Role::DivisionHead,
    Role::Leader,
    Role::Records,
    Role::Chair,
    Role::CentreHead,
    Role::Controller,
    Role::Auditor,
]);

const NOTICE_READERS: Open = Open::To(&[
    Role::Clerk,
    Role::Officer,
    Role::DivisionHead,
    Role::Leader,
    Role::CentreHead,
    Role::Controller,
    Role::Auditor,
]);

const AUDITORS: Open = Open::To(&[Role::CentreHead, Role::Controller, Role::Auditor, Role::Admin]);

/// One line a route: method, path, who comes past its guard.
const TABLE: &[(&str, &str, Open)] = &[
    ("POST", "/api/v1/sessions", Open::ToAll),
    ("GET", "/api/v1/sessions", Open::ToPeople),
    ("DELETE", "/api/v1/sessions/{id}", Open::ToPeople),
    ("GET", "/api/v1/me", Open::ToSigned),
    ("PUT", "/api/v1/me/password", Open::ToPeople),
    ("GET", "/api/v1/staff", ADMIN),
    ("POST", "/api/v1/staff", ADMIN),
    ("PATCH", "/api/v1/staff/{id}", ADMIN),
    ("GET", "/api/v1/api-keys", ADMIN),
    ("POST", "/api/v1/api-keys", ADMIN),
    ("DELETE", "/api/v1/api-keys/{id}", ADMIN),
    ("GET", "/api/v1/approvals", PROPOSERS),
    // With `confirm` in place of the decision.
    ("POST", "/api/v1/approvals/{id}/actions/{decision}", CONFIRMERS),
    ("GET", "/api/v1/dossiers", READERS),
    ("POST", "/api/v1/dossiers", Open::To(&[Role::Clerk])),
    ("POST", "/api/v1/dossiers/submissions", Open::To(&[Role::Portal])),
    ("GET", "/api/v1/dossiers/{code}", READERS),
    ("PATCH", "/api/v1/dossiers/{code}", Open::To(&[Role::Clerk, Role::Portal])),
    ("GET", "/api/v1/dossiers/{code}/events", READERS),
    ("GET", "/api/v1/dossiers/{code}/deadline", READERS),
    // With `finish` in place of the verb; all verbs are tried below.
    ("POST", "/api/v1/dossiers/{code}/actions/{verb}", FINISHERS),
    ("GET", "/api/v1/units", Open::ToAll),
    ("GET", "/api/v1/units/{code}", Open::ToAll),
    ("GET", "/api/v1/fields", Open::ToAll),
    ("GET", "/api/v1/procedures", Open::ToAll),
    ("GET", "/api/v1/procedures/{code}", Open::ToAll),
    ("GET", "/api/v1/calendars/{year}", Open::ToAll),
    ("POST", "/api/v1/deadlines/preview", Open::ToAll),
    ("GET", "/api/v1/public/dossiers/{code}", Open::ToAll),
    ("GET", "/api/v1/statistics/units", COUNTERS),
    ("GET", "/api/v1/statistics/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/definitions", Open::ToAll),
    ("GET", "/api/v1/reports/06", COUNTERS),
    ("GET", "/api/v1/audit", AUDITORS),
    ("GET", "/api/v1/notices", NOTICE_READERS),
    ("GET", "/api/v1/notices/summary", NOTICE_READERS),
    ("GET", "/api/v1/notices/{id}", NOTICE_READERS),
    ("POST", "/api/v1/notices/{id}/resend", Open::To(&[Role::Clerk, Role::CentreHead])),
    // With `pause` in place of the action.
    ("POST", "/api/v1/notices/sending/actions/{action}", Open::To(&[Role::CentreHead, Role::Admin])),
    // Opened by the secret in its path, which is wrong here.
    ("POST", "/api/v1/callbacks/{gateway}/{secret}", Open::ToAll),
    ("GET", "/api/v1/callbacks/{gateway}/{secret}", Open::ToAll),
    ("GET", "/health/live", Open::ToAll),
    ("GET", "/health/ready", Open::ToAll),
    ("GET", "/metrics", Open::ToAll),
];

/// What stands for a path's parameters: things that are well written and not there.
const PARAMETERS: &[(&str, &str)] = &[
    ("{id}", "00000000-0000-7000-8000-000000000000"),
    ("{decision}", "confirm"),
    ("{code}", "H21.16-261120-9999"),
    ("{verb}", "finish"),
    ("{year}", "2026"),
    ("{action}", "pause"),
    ("{gateway}", "sms"),
    ("{secret}", "wrong"),
];

impl Open {
    fn to(self, role: Role, is_key: bool) -> bool {
        match self {
            Self::ToAll | Self::ToSigned => true,
            Self::ToPeople => !is_key,
            Self::To(roles) => roles.contains(&role),
        }
    }
}

#[actix_web::test]
async fn every_served_route_is_in_the_table_and_every_line_is_served() {
    let house = House::open();
    let served = served(&house).await;
    let listed: BTreeSet<_> =
        TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(served, listed);
}

#[actix_web::test]
async fn every_role_comes_past_exactly_its_guards() {
    let house = House::open();
    for role in Role::ALL {
        let is_key = *role == Role::Portal;
        let token = match is_key {
            true => house.app.key(*role, "H21.00.01").await.0,
            false => house.token(role.as_str()).await,
        };
        for (method, path, open) in TABLE {
            let status = ask(&house, method, path, Some(&token)).await;
            assert_ne!(status, 401, "{role} {method} {path}");
            let is_well = status < 500 || *path == "/health/ready";
            assert!(is_well, "{role} {method} {path}: {status}");
            let came_past = status != 403;
            assert_eq!(came_past, open.to(*role, is_key), "{role} {method} {path}: {status}");
        }
    }
}

#[actix_web::test]
async fn without_a_valid_credential_only_open_routes_answer() {
    let house = House::open();
    let (expired_key, _) = house.app.key(Role::Clerk, "H21.00.01").await;
    house.sql("UPDATE api_keys SET expires_at = created_at");
    let (revoked_key, _) = house.app.key(Role::Clerk, "H21.00.01").await;
    house.sql("UPDATE api_keys SET revoked_at = created_at WHERE expires_at IS NULL");
    let expired = house.token("admin").await;
    house.app.pass(TimeDelta::hours(12));
    let revoked = house.token("admin").await;
    house.sql("UPDATE sessions SET revoked_at = created_at WHERE created_at > '2026-11-20T03:00:00Z'");
    let disabled = house.token("leader").await;
    house.sql("UPDATE staff SET disabled_at = created_at WHERE username = 'leader'");
    let credentials = [
        None,
        Some("mcs_invented"),
        Some(&*expired),
        Some(&*revoked),
        Some(&*disabled),
        Some(&*expired_key),
        Some(&*revoked_key),
    ];
    for (number, credential) in credentials.into_iter().enumerate() {
        for (method, path, open) in TABLE {
            let status = ask(&house, method, path, credential).await;
            let is_refused = status == 401;
            let expected = !matches!(open, Open::ToAll);
            assert_eq!(is_refused, expected, "credential {number}: {method} {path}: {status}");
        }
    }
}

#[actix_web::test]
async fn who_may_not_use_a_verb_is_refused_whatever_the_body() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    for (role, token) in everyone(&office).await {
        for verb in Verb::ALL.iter().copied().filter(|verb| !role.may_use(*verb)) {
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
        Verb::Correct => app.http.patch(app.url(&format!("/dossiers/{code}"))),
        _ => app.http.post(app.url(&format!("/dossiers/{code}/actions/{verb}"))),
    };
    app.send(request.bearer_auth(token).body(body.to_owned())).await
}

async fn served(house: &House) -> BTreeSet<(String, String)> {
    let document = house.app.read("/openapi.json").await.expect(200);
    let methods = ["get", "put", "post", "delete", "patch", "head", "options"];
    let mut served = BTreeSet::new();
    for (path, item) in document.body["paths"].as_object().unwrap() {
        for method in methods.iter().filter(|method| item.get(**method).is_some()) {
            served.insert((method.to_uppercase(), path.clone()));
        }
    }
    served
}

async fn ask(house: &House, method: &str, path: &str, credential: Option<&str>) -> u16 {
    let mut path = path.to_owned();
    for (name, value) in PARAMETERS {
        path = path.replace(name, value);
    }
    assert!(!path.contains('{'), "PARAMETERS lacks one of {path}");
    let method: Method = method.parse().unwrap();
    let has_body = !matches!(method, Method::GET | Method::DELETE);
    let mut request = house.app.http.request(method, format!("{}{path}", house.app.address()));
    if has_body {
        request = request.json_body(&json!({}));
    }
    if let Some(token) = credential {
        request = request.bearer_auth(token);
    }
    house.app.send(request).await.status
}
