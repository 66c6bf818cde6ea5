//! An office at work: the service with a clerk, an officer, a leader and all the others signed in.

use motcua::config::Config;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::{TestApp, intake};

/// Sở Tư pháp, which resolves; its dossiers are received at the centre.
pub const DEPARTMENT: &str = "H21.16";
/// The province's centre.
pub const CENTRE: &str = "H21.00.01";
/// 10 calendar days, decided by the department's process W4.
pub const TEN_DAYS: &str = "2.000894";
/// 1 working day.
pub const ONE_DAY: &str = "2.002516";

/// The service and who works in it.
pub struct Office {
    pub app: TestApp,
    pub clerk: String,
    pub officer: String,
    pub head: String,
    pub leader: String,
    pub records: String,
}

impl Office {
    pub async fn at(now: &str) -> Self {
        Self::with(now, |_| {}).await
    }

    /// As [`Office::at`], with other settings.
    pub async fn with(now: &str, change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::with(now, change).await;
        let sign_in = |role, unit| app.sign_in(role, unit);
        Self {
            clerk: sign_in(Role::Clerk, CENTRE),
            officer: sign_in(Role::Officer, DEPARTMENT),
            head: sign_in(Role::DivisionHead, DEPARTMENT),
            leader: sign_in(Role::Leader, DEPARTMENT),
            records: sign_in(Role::Records, DEPARTMENT),
            app,
        }
    }

    /// Receives a dossier at the counter and returns the answer.
    pub async fn received(&self, procedure: &str) -> Value {
        self.app.post("/dossiers", &self.clerk, &intake(procedure, DEPARTMENT)).await.expect(201).body
    }

    /// Receives a dossier and hands it to the department; returns its code.
    pub async fn in_process(&self, procedure: &str) -> String {
        let code = self.received(procedure).await["code"].as_str().unwrap().to_owned();
        self.app.act(&code, "transfer", &self.clerk, &json!({})).await.expect(200);
        code
    }

    pub async fn show(&self, code: &str) -> Value {
        self.app.get(&format!("/dossiers/{code}"), &self.clerk).await.expect(200).body
    }

    pub async fn act(&self, code: &str, verb: &str, token: &str, body: Value) -> Answer {
        self.app.act(code, verb, token, &body).await
    }
}
