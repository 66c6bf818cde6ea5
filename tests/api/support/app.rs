//! The whole service, listening on a port of its own, on a database of its own, with a clock that stands.

use actix_web::dev::ServerHandle;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use motcua::app::listen;
use motcua::config::Config;
use motcua::domain::period::from_office_time;
use motcua::domain::role::Role;
use motcua::platform::clock::Clock;
use motcua::platform::secret::{new_token, token_hash};
use motcua::schema::{notices, sessions, staff, units};
use motcua::state::AppState;
use serde_json::{Value, json};
use uuid::Uuid;

use super::db::{Holds, TestDb, config, state};

/// A moment of the office's clock: `2026-10-05 09:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    from_office_time(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
}

/// The service.
pub struct TestApp {
    pub db: TestDb,
    pub state: AppState,
    pub address: String,
    pub http: reqwest::Client,
    handle: ServerHandle,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The pointers of all field faults.
    pub fn pointers(&self) -> Vec<&str> {
        let faults = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        faults.iter().map(|fault| fault["pointer"].as_str().unwrap()).collect()
    }

    /// Expects a status, showing the whole answer when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl TestApp {
    /// Starts the service at a moment of the office's clock.
    pub async fn at(now: &str) -> Self {
        Self::with(now, |_| {}).await
    }

    /// As [`TestApp::at`], with other settings.
    pub async fn with(now: &str, change: impl FnOnce(&mut Config)) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let db = TestDb::new(Holds::TheProvince);
        let mut config = config();
        change(&mut config);
        let state = state(&db.url, config, Clock::manual(at(now)));
        let listening = listen(state.clone()).unwrap();
        let handle = listening.server.handle();
        let _server = tokio::spawn(listening.server);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { db, state, address: format!("http://{}", listening.address), http, handle }
    }

    /// Sets the office's clock.
    pub fn set(&self, now: &str) {
        self.state.clock.set(at(now));
    }

    /// Makes an account and a log-in that does not end; returns its token.
    pub fn sign_in(&self, role: Role, unit_code: &str) -> String {
        let (token, id, now) = (new_token("mcs_"), Uuid::now_v7(), self.state.clock.now());
        let mut conn = self.db.connect();
        let unit: Uuid = units::table.filter(units::code.eq(unit_code)).select(units::id).first(&mut conn).unwrap();
        diesel::insert_into(staff::table)
            .values((
                staff::id.eq(id),
                staff::username.eq(format!("{}-{}", role.as_str().replace('_', "-"), id.simple())),
                staff::full_name.eq(format!("Nguyễn Văn {role}")),
                staff::role.eq(role.as_str()),
                staff::unit_id.eq(unit),
                staff::password_hash.eq("-"),
                staff::created_at.eq(now),
            ))
            .execute(&mut conn)
            .unwrap();
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(Uuid::now_v7()),
                sessions::staff_id.eq(id),
                sessions::token_hash.eq(token_hash(&token)),
                sessions::created_at.eq(now),
                sessions::expires_at.eq(now + TimeDelta::days(3650)),
            ))
            .execute(&mut conn)
            .unwrap();
        token
    }

    /// Returns the name by which the account of a token logs in.
    pub fn username_of(&self, token: &str) -> String {
        sessions::table
            .inner_join(staff::table)
            .filter(sessions::token_hash.eq(token_hash(token)))
            .select(staff::username)
            .first(&mut self.db.connect())
            .unwrap()
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.http.get(self.url(path)).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.http.post(self.url(path)).bearer_auth(token).json_body(body)).await
    }

    pub async fn patch(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.http.patch(self.url(path)).bearer_auth(token).json_body(body)).await
    }

    /// Does a verb to a dossier.
    pub async fn act(&self, code: &str, verb: &str, token: &str, body: &Value) -> Answer {
        self.post(&format!("/dossiers/{code}/actions/{verb}"), token, body).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.address)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, body }
    }

    /// Returns what was written to be sent: purpose, recipient and channel, in the order of writing.
    pub fn notices(&self) -> Vec<(String, String, String)> {
        notices::table
            .order((notices::id, notices::channel))
            .select((notices::purpose, notices::recipient, notices::channel))
            .load(&mut self.db.connect())
            .unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The stop is said here and happens when the runtime of the test ends.
        drop(self.handle.stop(false));
    }
}

/// reqwest without its `json` feature.
pub trait JsonBody {
    fn json_body(self, body: &Value) -> Self;
}

impl JsonBody for reqwest::RequestBuilder {
    fn json_body(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }
}

/// A citizen's dossier as the counter sends it.
pub fn intake(procedure: &str, unit: &str) -> Value {
    json!({
        "procedure_code": procedure,
        "unit_code": unit,
        "applicant": {
            "kind": "citizen", "name": "Nguyễn Thị Ánh", "id_number": "052190000123",
            "phone": "0905123456", "email": "anh@example.vn", "address": "12 Hùng Vương, Pleiku",
        },
        "papers": [{ "name": "Tờ khai", "kind": "original", "quantity": 1 }],
    })
}
