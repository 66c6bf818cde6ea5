//! An office with its four units and the demo's accounts.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::schema::staff;
use motcua::staff::demo::{DemoAccount, make_accounts};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::JsonBody;
use crate::support::db::{Holds, TestDb};

/// The service and who may log in.
pub struct House {
    pub app: TestApp,
    pub accounts: Vec<DemoAccount>,
}

impl House {
    pub fn open() -> Self {
        Self::with(|_| {})
    }

    /// As [`House::open`], with other settings.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let db = TestDb::new(Holds::Nothing);
        db.connect().batch_execute(UNITS).unwrap();
        let app = TestApp::on(db, "2026-11-20 09:00", change);
        let accounts = make_accounts(&app.state, app.state.clock.now(), &demo_file(&app)).unwrap();
        Self { app, accounts }
    }

    pub fn demo_file(&self) -> PathBuf {
        demo_file(&self.app)
    }

    pub fn password(&self, username: &str) -> String {
        let account = self.accounts.iter().find(|account| account.username == username);
        account.unwrap().password.expose_secret().to_owned()
    }

    /// Opens a session for a demo account that has shown whatever it has to, and returns its token.
    pub async fn token(&self, username: &str) -> String {
        let mut conn = self.app.db.connect();
        let id = staff::table.filter(staff::username.eq(username)).select(staff::id).first(&mut conn).unwrap();
        self.app.let_in(id, TimeDelta::hours(12))
    }

    /// The code that an app shows now for the demo account.
    pub fn code(&self, username: &str) -> String {
        let account = self.accounts.iter().find(|account| account.username == username);
        let secret = account.unwrap().totp_secret.as_ref().unwrap();
        code_at(secret.expose_secret(), self.app.state.clock.now())
    }

    pub async fn log_in(&self, username: &str, password: &str) -> Answer {
        self.log_in_with(&json!({"username": username, "password": password})).await
    }

    pub async fn log_in_by_code(&self, username: &str, code: &str) -> Answer {
        self.log_in_with(&json!({"username": username, "password": self.password(username), "code": code})).await
    }

    pub async fn log_in_with(&self, form: &Value) -> Answer {
        self.app.send(self.app.http.post(self.app.url("/sessions")).json_body(form)).await
    }

    /// Runs SQL behind the service's back, as another node would.
    pub fn sql(&self, sql: &str) {
        self.app.db.connect().batch_execute(sql).unwrap();
    }
}

/// What an authenticator app shows at a time.
pub fn code_at(secret: &str, at: DateTime<Utc>) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    app.generate(at.timestamp().try_into().unwrap()).to_string()
}

fn demo_file(app: &TestApp) -> PathBuf {
    app.dir.path().join("demo-accounts.json")
}

const UNITS: &str = "
    INSERT INTO units (id, code, name, kind, parent_id, receives_at_id, hard_area, code_is, valid_from)
    SELECT id, code, 'Cơ quan ' || code, 'department', parent_id, id, false, 'made_up', '2023-01-01'
    FROM (VALUES
        ('00000000-0000-7000-8000-000000000021'::uuid, 'H21', NULL::uuid),
        ('00000000-0000-7000-8000-000000002100', 'H21.00', '00000000-0000-7000-8000-000000000021'),
        ('00000000-0000-7000-8000-000000210001', 'H21.00.01', '00000000-0000-7000-8000-000000002100'),
        ('00000000-0000-7000-8000-000000002116', 'H21.16', '00000000-0000-7000-8000-000000000021')
    ) AS made (id, code, parent_id);
    INSERT INTO unit_tree (above_id, unit_id)
    SELECT above.id, below.id FROM units above JOIN units below
        ON below.code = above.code OR below.code LIKE above.code || '.%';";
