//! Who may ask what: every route of the served OpenAPI document, tried with every role, with nothing, and with
//! credentials that have expired or were revoked. A route that is not in the table fails the test.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use motcua::domain::role::Role;
use serde_json::json;

use crate::staff::house::{House, signed};

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

/// One line a route: method, path below `/api/v1`, who comes past its guard.
const TABLE: &[(&str, &str, Open)] = &[
    ("POST", "/sessions", Open::ToAll),
    ("GET", "/sessions", Open::ToPeople),
    ("DELETE", "/sessions/{id}", Open::ToPeople),
    ("GET", "/me", Open::ToSigned),
    ("PUT", "/me/password", Open::ToPeople),
    ("GET", "/staff", ADMIN),
    ("POST", "/staff", ADMIN),
    ("PATCH", "/staff/{id}", ADMIN),
    ("GET", "/api-keys", ADMIN),
    ("POST", "/api-keys", ADMIN),
    ("DELETE", "/api-keys/{id}", ADMIN),
    ("GET", "/approvals", PROPOSERS),
    // With `confirm` in place of the decision.
    ("POST", "/approvals/{id}/actions/{decision}", CONFIRMERS),
];

/// What stands for a path's parameters: things that are well written and not there.
const PARAMETERS: &[(&str, &str)] = &[
    ("{id}", "00000000-0000-7000-8000-000000000000"),
    ("{decision}", "confirm"),
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
    let house = House::open().await;
    let served = served(&house).await;
    let listed: BTreeSet<_> = TABLE
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(served, listed);
}

#[actix_web::test]
async fn every_role_comes_past_exactly_its_guards() {
    let house = House::open().await;
    for role in Role::ALL {
        let is_key = *role == Role::Portal;
        let token = match is_key {
            true => house.key(*role, "H21.00.01").await.0,
            false => house.token(role.as_str()).await,
        };
        for (method, path, open) in TABLE {
            let status = ask(&house, method, path, Some(&token)).await;
            assert_ne!(status, 401, "{role} {method} {path}");
            assert!(status < 500, "{role} {method} {path}: {status}");
            let came_past = status != 403;
            assert_eq!(
                came_past,
                open.to(*role, is_key),
                "{role} {method} {path}: {status}"
            );
        }
    }
}

#[actix_web::test]
async fn without_a_valid_credential_only_open_routes_answer() {
    let house = House::open().await;
    let (expired_key, _) = house.key(Role::Clerk, "H21.00.01").await;
    house.sql("UPDATE api_keys SET expires_at = created_at");
    let (revoked_key, _) = house.key(Role::Clerk, "H21.00.01").await;
    house.sql("UPDATE api_keys SET revoked_at = created_at WHERE expires_at IS NULL");
    let expired = house.token("admin").await;
    house.later(TimeDelta::hours(12));
    let revoked = house.token("admin").await;
    house.sql(
        "UPDATE sessions SET revoked_at = created_at WHERE created_at > '2026-11-20T03:00:00Z'",
    );
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
            assert_eq!(
                is_refused, expected,
                "credential {number}: {method} {path}: {status}"
            );
        }
    }
}

async fn served(house: &House) -> BTreeSet<(String, String)> {
    let document = house
        .send(TestRequest::get().uri("/api/v1/openapi.json"))
        .await;
    let paths = document.body["paths"].as_object().unwrap().clone();
    let methods = ["get", "put", "post", "delete", "patch", "head", "options"];
    let mut served = BTreeSet::new();
    for (path, item) in paths {
        let path = path.strip_prefix("/api/v1").unwrap().to_owned();
        for method in methods.iter().filter(|method| item.get(**method).is_some()) {
            served.insert((method.to_uppercase(), path.clone()));
        }
    }
    served
}

async fn ask(house: &House, method: &str, path: &str, credential: Option<&str>) -> u16 {
    let mut path = format!("/api/v1{path}");
    for (name, value) in PARAMETERS {
        path = path.replace(name, value);
    }
    assert!(!path.contains('{'), "PARAMETERS lacks one of {path}");
    let method: Method = method.parse().unwrap();
    let has_body = !matches!(method, Method::GET | Method::DELETE);
    let mut req = TestRequest::default().method(method);
    if has_body {
        req = req.set_json(json!({}));
    }
    let req = match credential {
        Some(token) => signed(req, token, &path),
        None => req.uri(&path),
    };
    house.send(req).await.status
}
