//! The whole service on a database of its own, with a clock that stands, and on a port of its own once it is asked.

use std::sync::{LazyLock, OnceLock};

use actix_web::dev::ServerHandle;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use motcua::app;
use motcua::config::Config;
use motcua::domain::period::from_office_time;
use motcua::domain::role::Role;
use motcua::listening;
use motcua::platform::clock::Clock;
use motcua::platform::secret::{new_token, token_hash};
use motcua::schema::{api_keys, notices, sessions, staff, units};
use motcua::staff::command::{self, KeyCommand};
use motcua::state::AppState;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::db::{Holds, TestDb, config};

/// A moment of the office's clock: `2026-10-05 09:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    from_office_time(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
}

/// The service. How it is asked stands in `client.rs`.
pub struct TestApp {
    pub db: TestDb,
    pub state: AppState,
    pub http: LazyLock<reqwest::Client>,
    /// Where it keeps its files; gone with the test.
    pub dir: TempDir,
    listening: OnceLock<Listening>,
}

struct Listening {
    address: String,
    handle: ServerHandle,
}

impl TestApp {
    /// Starts the service of the demo province at a moment of the office's clock.
    pub async fn at(now: &str) -> Self {
        Self::with(now, |_| {}).await
    }

    /// As [`TestApp::at`], with other settings.
    pub async fn with(now: &str, change: impl FnOnce(&mut Config)) -> Self {
        let app = Self::over(Holds::TheProvince, now, change);
        app.address();
        app
    }

    /// Makes the service over a fresh database. A test that only looks at its state needs no runtime.
    pub fn over(holds: Holds, now: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::on(TestDb::new(holds), now, change)
    }

    /// As [`TestApp::over`], on a database that is there.
    pub fn on(db: TestDb, now: &str, change: impl FnOnce(&mut Config)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut config = config();
        config.data.dir = dir.path().to_owned();
        change(&mut config);
        let state = app::state(config, &db.url, Clock::manual(at(now))).unwrap();
        Self { db, state, http: LazyLock::new(client), dir, listening: OnceLock::new() }
    }

    /// Another process beside one, on its database.
    pub fn on_same(app: &Self) -> Self {
        Self::on_same_with(app, |_| {})
    }

    /// As [`TestApp::on_same`], with other settings.
    pub fn on_same_with(app: &Self, change: impl FnOnce(&mut Config)) -> Self {
        let this = Self::on(app.db.shared(), "2026-01-05 08:00", change);
        this.state.clock.set(app.state.clock.now());
        this
    }

    /// Returns where it listens: the first who asks opens the port.
    pub fn address(&self) -> &str {
        &self.listening.get_or_init(|| Listening::open(&self.state)).address
    }

    /// Sets the office's clock.
    pub fn set(&self, now: &str) {
        self.state.clock.set(at(now));
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        self.state.clock.set(self.state.clock.now() + time);
    }

    /// Makes an account and a log-in that does not end; returns its token.
    pub fn sign_in(&self, role: Role, unit_code: &str) -> String {
        let (id, now) = (Uuid::now_v7(), self.state.clock.now());
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
        self.let_in(id, TimeDelta::days(3650))
    }

    /// Opens a session for an account as if it had shown all that can be asked of it; returns its token.
    pub fn let_in(&self, staff_id: Uuid, lasting: TimeDelta) -> String {
        let (token, now) = (new_token("mcs_"), self.state.clock.now());
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(Uuid::now_v7()),
                sessions::staff_id.eq(staff_id),
                sessions::token_hash.eq(token_hash(&token)),
                sessions::created_at.eq(now),
                sessions::expires_at.eq(now + lasting),
                sessions::second_factor.eq("code"),
            ))
            .execute(&mut self.db.connect())
            .unwrap();
        token
    }

    /// Makes an API key on the server, where every role may have one; returns it and its id.
    pub async fn key(&self, role: Role, unit_code: &str) -> (String, String) {
        let mut shown = Vec::new();
        let add = KeyCommand::Add {
            name: "Quầy 1".to_owned(),
            role,
            unit: unit_code.to_owned(),
            device: None,
            scopes: None,
            addresses: None,
            expires_at: None,
        };
        command::key(&self.state, self.state.clock.now(), add, &mut shown).unwrap();
        let key = String::from_utf8(shown).unwrap().trim().to_owned();
        let prefix = key.get(4..12).unwrap();
        let id: Uuid = api_keys::table
            .filter(api_keys::prefix.eq(prefix))
            .select(api_keys::id)
            .first(&mut self.db.connect())
            .unwrap();
        (key, id.to_string())
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

    /// Returns what was written to be sent: purpose, recipient and channel, in the order of writing.
    pub fn notices(&self) -> Vec<(String, String, String)> {
        notices::table
            .order((notices::id, notices::channel))
            .select((notices::purpose, notices::recipient, notices::channel))
            .load(&mut self.db.connect())
            .unwrap()
    }
}

impl Listening {
    fn open(state: &AppState) -> Self {
        let listening = listening::listen(state.clone()).unwrap();
        let handle = listening.server.handle();
        let _server = tokio::spawn(listening.server);
        Self { address: format!("http://{}", listening.address), handle }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // The stop is said here and happens when the runtime of the test ends.
        drop(self.handle.stop(false));
    }
}

fn client() -> reqwest::Client {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    // Nothing here is encrypted, and reading the machine's certificates takes long.
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
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
