//! Who may ask what: every route of the served OpenAPI document, tried with every role, with nothing, and with
//! credentials that have expired or were revoked, every verb with every role (`verbs`), and whatever belongs to
//! somebody from a foreign unit (`units`). A route that is not in the table fails the test.

mod units;
mod verbs;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use motcua::domain::role::Role;
use reqwest::Method;
use serde_json::json;

use crate::staff::house::House;
use crate::support::app::TestApp;
use crate::support::client::JsonBody;

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
    /// Citizens alone: whoever works here is nobody known there.
    ToCitizens,
}

const ADMIN: Open = Open::To(&[Role::Admin]);
const APPROVAL_READERS: Open =
    Open::To(&[Role::Clerk, Role::Officer, Role::Leader, Role::CentreHead, Role::Controller, Role::Admin]);
const CONFIRMERS: Open = Open::To(&[Role::Leader, Role::CentreHead, Role::Admin]);

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

/// Those of the readers who are people.
const WARNED: Open = Open::To(&[
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

/// Whoever works here reads the figures of the own unit; keys by their role.
const FIGURE_READERS: Open = Open::To(&[
    Role::Clerk,
    Role::Officer,
    Role::DivisionHead,
    Role::Leader,
    Role::Records,
    Role::Chair,
    Role::CentreHead,
    Role::Controller,
    Role::Auditor,
    Role::Admin,
]);

/// Who also lists the dossiers behind them.
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

const COST_READERS: Open = Open::To(&[Role::Leader, Role::CentreHead, Role::Controller, Role::Auditor, Role::Admin]);
/// Who do something with notices that did not arrive.
const OPERATORS: Open = Open::To(&[Role::Clerk, Role::CentreHead]);

/// Who read both figures and notices.
const CAMPAIGNERS: Open =
    Open::To(&[Role::Officer, Role::DivisionHead, Role::Leader, Role::CentreHead, Role::Controller, Role::Auditor]);

const PUBLISHERS: Open = Open::To(&[Role::Controller, Role::Admin]);
const AUDITORS: Open = Open::To(&[Role::CentreHead, Role::Controller, Role::Auditor, Role::Admin]);

/// One line a route: method, path, who comes past its guard.
const TABLE: &[(&str, &str, Open)] = &[
    ("POST", "/api/v1/sessions", Open::ToAll),
    // Not configured in these tests.
    ("POST", "/api/v1/sessions/single-sign-on", Open::ToAll),
    ("POST", "/api/v1/sessions/single-sign-on/{id}", Open::ToAll),
    ("GET", "/api/v1/sessions", Open::ToPeople),
    ("POST", "/api/v1/sessions/current/rotate", Open::ToPeople),
    ("POST", "/api/v1/sessions/current/second-factor", Open::ToPeople),
    ("DELETE", "/api/v1/sessions/current", Open::ToPeople),
    ("DELETE", "/api/v1/sessions/{id}", Open::ToPeople),
    ("GET", "/api/v1/me", Open::ToSigned),
    ("PUT", "/api/v1/me/password", Open::ToPeople),
    ("GET", "/api/v1/me/second-factor", Open::ToPeople),
    ("POST", "/api/v1/me/second-factor", Open::ToPeople),
    ("POST", "/api/v1/me/second-factor/confirm", Open::ToPeople),
    ("POST", "/api/v1/me/second-factor/recovery-codes", Open::ToPeople),
    ("POST", "/api/v1/me/second-factor/remove", Open::ToPeople),
    ("DELETE", "/api/v1/staff/{id}/second-factor", ADMIN),
    ("GET", "/api/v1/staff", ADMIN),
    ("POST", "/api/v1/staff", ADMIN),
    ("PATCH", "/api/v1/staff/{id}", ADMIN),
    ("POST", "/api/v1/staff/{id}/grants", ADMIN),
    ("GET", "/api/v1/api-keys", ADMIN),
    ("POST", "/api/v1/api-keys", ADMIN),
    ("POST", "/api/v1/api-keys/{id}/rotate", ADMIN),
    ("DELETE", "/api/v1/api-keys/{id}", ADMIN),
    ("GET", "/api/v1/approvals", APPROVAL_READERS),
    // With `confirm` in place of the decision.
    ("POST", "/api/v1/approvals/{id}/actions/{decision}", CONFIRMERS),
    ("GET", "/api/v1/dossiers", READERS),
    ("POST", "/api/v1/dossiers", Open::To(&[Role::Clerk])),
    ("POST", "/api/v1/dossiers/batches", Open::To(&[Role::Clerk])),
    ("PUT", "/api/v1/dossiers/mirrored", Open::To(&[Role::Portal])),
    ("POST", "/api/v1/dossiers/submissions", Open::To(&[Role::Portal])),
    ("GET", "/api/v1/dossiers/{code}", READERS),
    ("PATCH", "/api/v1/dossiers/{code}", Open::To(&[Role::Clerk, Role::Portal])),
    ("GET", "/api/v1/dossiers/{code}/events", READERS),
    ("GET", "/api/v1/dossiers/{code}/deadline", READERS),
    ("GET", "/api/v1/dossiers/{code}/process", READERS),
    ("GET", "/api/v1/dossiers/{code}/apology", READERS),
    ("POST", "/api/v1/steps/reassignments", Open::To(&[Role::DivisionHead, Role::Leader])),
    ("GET", "/api/v1/foresight", READERS),
    ("GET", "/api/v1/me/warnings", READERS),
    ("POST", "/api/v1/me/warnings/seen", WARNED),
    // With `finish` in place of the verb; all verbs are tried below.
    ("POST", "/api/v1/dossiers/{code}/actions/{verb}", FINISHERS),
    (
        "POST",
        "/api/v1/dossiers/{code}/identity",
        Open::To(&[Role::Chair, Role::CentreHead, Role::Controller, Role::Auditor]),
    ),
    ("GET", "/api/v1/dossiers/{code}/identity/reads", AUDITORS),
    ("POST", "/api/v1/persons/exports", Open::To(&[Role::CentreHead, Role::Controller])),
    ("POST", "/api/v1/calendars/publications", PUBLISHERS),
    ("GET", "/api/v1/calendars/publications", PUBLISHERS),
    ("GET", "/api/v1/calendars/publications/{number}", PUBLISHERS),
    ("GET", "/api/v1/calendars/publications/{number}/moves", PUBLISHERS),
    ("POST", "/api/v1/reorganisations", PUBLISHERS),
    ("GET", "/api/v1/reorganisations", PUBLISHERS),
    ("GET", "/api/v1/reorganisations/{code}", PUBLISHERS),
    ("GET", "/api/v1/processes", Open::ToSigned),
    ("GET", "/api/v1/processes/{code}", Open::ToSigned),
    ("PUT", "/api/v1/processes/{code}", PUBLISHERS),
    ("GET", "/api/v1/units", Open::ToAll),
    ("GET", "/api/v1/units/{code}", Open::ToAll),
    ("GET", "/api/v1/fields", Open::ToAll),
    ("GET", "/api/v1/procedures", Open::ToAll),
    ("GET", "/api/v1/procedures/{code}", Open::ToAll),
    ("GET", "/api/v1/calendars/{year}", Open::ToAll),
    ("POST", "/api/v1/deadlines/preview", Open::ToAll),
    ("GET", "/api/v1/public/dossiers/{code}", Open::ToAll),
    ("POST", "/api/v1/public/dossiers/{code}/one-time-codes", Open::ToAll),
    ("POST", "/api/v1/public/one-time-codes/{id}", Open::ToAll),
    // Not configured in these tests.
    ("POST", "/api/v1/citizen/log-ins", Open::ToAll),
    ("POST", "/api/v1/citizen/log-ins/{id}", Open::ToAll),
    ("GET", "/api/v1/citizen/dossiers", Open::ToCitizens),
    ("GET", "/api/v1/citizen/dossiers/{code}", Open::ToCitizens),
    ("GET", "/api/v1/citizen/devices", Open::ToCitizens),
    ("PUT", "/api/v1/citizen/devices/{installation}", Open::ToCitizens),
    ("DELETE", "/api/v1/citizen/devices/{installation}", Open::ToCitizens),
    ("DELETE", "/api/v1/citizen/session", Open::ToCitizens),
    ("GET", "/api/v1/citizen/channels", Open::ToCitizens),
    ("PUT", "/api/v1/citizen/channels", Open::ToCitizens),
    ("GET", "/api/v1/statistics/units", FIGURE_READERS),
    ("GET", "/api/v1/statistics/intake", FIGURE_READERS),
    ("GET", "/api/v1/statistics/intake/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/legs", FIGURE_READERS),
    ("GET", "/api/v1/statistics/legs/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/seals", FIGURE_READERS),
    ("POST", "/api/v1/statistics/seals", Open::To(&[Role::Leader, Role::CentreHead])),
    ("GET", "/api/v1/statistics/seals/{id}", COUNTERS),
    ("GET", "/api/v1/statistics/seals/{id}/adjustments", COUNTERS),
    ("GET", "/api/v1/statistics/seals/{id}/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/seals/{id}/file", FIGURE_READERS),
    ("GET", "/api/v1/statistics/quality", FIGURE_READERS),
    ("GET", "/api/v1/statistics/quality/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/durations", FIGURE_READERS),
    ("GET", "/api/v1/statistics/durations/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/ageing", FIGURE_READERS),
    ("GET", "/api/v1/statistics/ageing/dossiers", COUNTERS),
    // Who reads only the own unit's figures is refused once the period is read.
    ("GET", "/api/v1/statistics/ranking", FIGURE_READERS),
    ("GET", "/api/v1/statistics/early-results", FIGURE_READERS),
    ("GET", "/api/v1/statistics/early-results/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/received-at", FIGURE_READERS),
    ("GET", "/api/v1/statistics/received-at/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/hours", FIGURE_READERS),
    ("GET", "/api/v1/statistics/hours/dossiers", COUNTERS),
    ("GET", "/api/v1/statistics/trend", FIGURE_READERS),
    ("GET", "/api/v1/statistics/patterns", FIGURE_READERS),
    ("GET", "/api/v1/statistics/patterns/dossiers", COUNTERS),
    ("GET", "/api/v1/public/statistics", Open::ToAll),
    ("GET", "/api/v1/statistics/definitions", Open::ToAll),
    ("GET", "/api/v1/statistics/charts/{chart}", FIGURE_READERS),
    ("POST", "/api/v1/exports", FIGURE_READERS),
    ("GET", "/api/v1/exports", FIGURE_READERS),
    ("GET", "/api/v1/exports/{id}", FIGURE_READERS),
    ("DELETE", "/api/v1/exports/{id}", FIGURE_READERS),
    ("GET", "/api/v1/exports/{id}/file", FIGURE_READERS),
    ("GET", "/api/v1/reports", FIGURE_READERS),
    ("GET", "/api/v1/reports/{layout}", FIGURE_READERS),
    ("GET", "/api/v1/campaigns/early-results", CAMPAIGNERS),
    ("GET", "/api/v1/campaigns/early-results/dossiers", CAMPAIGNERS),
    ("GET", "/api/v1/audit", AUDITORS),
    ("GET", "/api/v1/notice-templates", Open::ToSigned),
    ("POST", "/api/v1/notice-templates", ADMIN),
    ("POST", "/api/v1/notice-templates/preview", ADMIN),
    ("GET", "/api/v1/notice-templates/{purpose}/{channel}", Open::ToSigned),
    ("GET", "/api/v1/notice-templates/{purpose}/{channel}/{version}", Open::ToSigned),
    ("POST", "/api/v1/notice-templates/{purpose}/{channel}/{version}/actions/{action}", ADMIN),
    ("PUT", "/api/v1/notice-templates/{purpose}/{channel}/{version}/vendor-ids/{gateway}", ADMIN),
    ("GET", "/api/v1/notices/costs", COST_READERS),
    ("GET", "/api/v1/notices/costs/alarms", COST_READERS),
    ("GET", "/api/v1/notices/tariffs", COST_READERS),
    ("PUT", "/api/v1/notices/tariffs", ADMIN),
    ("GET", "/api/v1/notices/budgets", COST_READERS),
    ("PUT", "/api/v1/notices/budgets/{code}", ADMIN),
    ("GET", "/api/v1/notices/suppressions", OPERATORS),
    ("POST", "/api/v1/notices/suppressions", OPERATORS),
    ("DELETE", "/api/v1/notices/suppressions/{id}", OPERATORS),
    ("GET", "/api/v1/notices", NOTICE_READERS),
    ("GET", "/api/v1/notices/summary", NOTICE_READERS),
    ("GET", "/api/v1/notices/dead", NOTICE_READERS),
    ("GET", "/api/v1/notices/{id}", NOTICE_READERS),
    ("POST", "/api/v1/notices/{id}/resend", OPERATORS),
    ("POST", "/api/v1/notices/{id}/actions/{deed}", OPERATORS),
    ("POST", "/api/v1/notices/actions/{deed}", OPERATORS),
    ("GET", "/api/v1/dossiers/{code}/notices", NOTICE_READERS),
    ("GET", "/api/v1/dossiers/{code}/notices/proof", NOTICE_READERS),
    // With `pause` in place of the action.
    ("POST", "/api/v1/notices/sending/actions/{action}", Open::To(&[Role::CentreHead, Role::Admin])),
    // Opened by the secret in its path, which is wrong here.
    ("GET", "/api/v1/callbacks/{gateway}/{secret}", Open::ToAll),
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
    ("{number}", "99"),
    ("{action}", "pause"),
    ("{purpose}", "received"),
    ("{channel}", "sms"),
    ("{version}", "99"),
    ("{deed}", "replay"),
    ("{gateway}", "sms"),
    ("{secret}", "wrong"),
    ("{installation}", "phone-1"),
    ("{chart}", "rates"),
    ("{layout}", "06"),
];

impl Open {
    fn to(self, role: Role, is_key: bool) -> bool {
        match self {
            Self::ToAll | Self::ToSigned => true,
            Self::ToPeople => !is_key,
            Self::To(roles) => roles.contains(&role),
            Self::ToCitizens => false,
        }
    }
}

#[actix_web::test]
async fn every_served_route_is_in_the_table_and_every_line_is_served() {
    let house = House::open();
    let served = served(&house.app).await;
    let listed: BTreeSet<_> =
        TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(served, listed);
}

/// The contract is the source of all these tests, so nothing may be served beside it.
#[test]
fn whatever_is_routed_is_in_the_contract() {
    let map = include_str!("../../../src/routes.rs");
    let (_, contract) = include_str!("../../../src/openapi.rs").split_once("paths(").unwrap();
    let routed: BTreeSet<&str> = map.split(".to(").skip(1).map(|rest| rest.split_once(')').unwrap().0).collect();
    let named: BTreeSet<&str> = contract.split_once("\n    )").unwrap().0.split(',').map(str::trim).collect();
    let missing: Vec<_> = routed.difference(&named).collect();
    assert!(routed.len() > 40, "the map is read");
    assert_eq!(missing, [&"health::openapi"], "which is the contract");
}

#[actix_web::test]
async fn every_role_comes_past_exactly_its_guards() {
    let house = House::open();
    for role in Role::ALL {
        let is_key = *role == Role::Portal;
        let key = house.app.key(Role::Portal, "H21.00.01").await.0;
        for (method, path, open) in TABLE {
            // A token of its own for each, as some end it.
            let token = match is_key {
                true => key.clone(),
                false => house.token(role.as_str()).await,
            };
            let status = ask(&house, method, path, Some(&token)).await;
            if matches!(open, Open::ToCitizens) {
                assert_eq!(status, 401, "{role} {method} {path}");
                continue;
            }
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
async fn who_lacks_a_second_factor_may_set_one_up_or_show_it_and_nothing_else() {
    let open =
        ["/api/v1/me", "/api/v1/me/password", "/api/v1/sessions/current", "/api/v1/sessions/current/second-factor"];
    let house = House::open();
    for role in Role::ALL.iter().filter(|role| role.needs_second_factor()) {
        for (method, path, _) in TABLE.iter().filter(|(_, _, open)| !matches!(open, Open::ToAll | Open::ToCitizens)) {
            let token = house.token(role.as_str()).await;
            house.sql("UPDATE sessions SET second_factor = 'none'");
            let status = ask(&house, method, path, Some(&token)).await;
            let is_open = open.contains(path) || path.starts_with("/api/v1/me/second-factor");
            assert_eq!(status == 403, !is_open, "{role} {method} {path}: {status}");
        }
    }
}

async fn served(app: &TestApp) -> BTreeSet<(String, String)> {
    let document = app.read("/openapi.json").await.expect(200);
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
