//! A commune that leads, the police, the insurance agency with its key, and a department.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::{TestApp, intake};

/// UBND phường Pleiku, which takes in and leads.
pub const COMMUNE: &str = "H21.106";
/// Birth and insurance card, one after the other; 15 days in all.
pub const W7: &str = "2.001023";
/// Birth, then residence and insurance card side by side; 3 working days in all.
pub const W6: &str = "2.000986";
/// Business, security, licence: 3 + 3 + 10 working days.
pub const W8: &str = "9.000007";

pub struct Agencies {
    pub app: TestApp,
    pub clerk: String,
    pub mayor: String,
    pub police: String,
    /// A key: the state of its legs comes over the API.
    pub insurance: String,
    pub culture: String,
}

impl Agencies {
    pub async fn at(now: &str) -> Self {
        let app = TestApp::at(now).await;
        Self {
            clerk: app.sign_in(Role::Clerk, COMMUNE),
            mayor: app.sign_in(Role::Leader, COMMUNE),
            police: app.sign_in(Role::Leader, "H21.90"),
            insurance: app.key(Role::Records, "H21.92").await.0,
            culture: app.sign_in(Role::Leader, "H21.17"),
            app,
        }
    }

    /// Receives a dossier at the commune's counter and returns its code.
    pub async fn received(&self, procedure: &str) -> String {
        let answer = self.app.post("/dossiers", &self.clerk, &intake(procedure, COMMUNE)).await.expect(201);
        answer.body["code"].as_str().unwrap().to_owned()
    }

    /// The parent, as its counter sees it.
    pub async fn parent(&self, code: &str) -> Value {
        self.app.get(&format!("/dossiers/{code}"), &self.clerk).await.expect(200).body
    }

    /// One figure or word of each leg.
    pub async fn legs(&self, code: &str, field: &str) -> Vec<Value> {
        let parent = self.parent(code).await;
        parent["legs"].as_array().unwrap().iter().map(|leg| leg[field].clone()).collect()
    }

    /// The code of a leg that has begun, from 0.
    pub async fn leg(&self, code: &str, place: usize) -> String {
        self.legs(code, "code").await[place].as_str().unwrap().to_owned()
    }

    /// A leg as its unit sees it.
    pub async fn seen(&self, leg: &str, token: &str) -> Value {
        self.app.get(&format!("/dossiers/{leg}"), token).await.expect(200).body
    }

    pub async fn act(&self, code: &str, verb: &str, token: &str, body: Value) -> Answer {
        self.app.act(code, verb, token, &body).await
    }

    /// Takes up a leg.
    pub async fn acknowledge(&self, leg: &str, token: &str) -> Value {
        self.act(leg, "acknowledge", token, json!({})).await.expect(200).body
    }

    /// Grants what a leg asks for.
    pub async fn grant(&self, leg: &str, token: &str) -> Value {
        let form = json!({ "result": "granted", "number": "7/QĐ", "signer": "Trần Văn Bình" });
        self.act(leg, "finish", token, form).await.expect(200).body
    }

    /// Takes up and grants a leg in one go.
    pub async fn do_leg(&self, code: &str, place: usize, token: &str) -> Value {
        let leg = self.leg(code, place).await;
        self.acknowledge(&leg, token).await;
        self.grant(&leg, token).await
    }

    /// What was written to be sent, by purpose.
    pub fn purposes(&self) -> Vec<String> {
        self.app.notices().into_iter().map(|(purpose, ..)| purpose).collect()
    }
}

/// What a leg asks of the citizen.
pub fn papers() -> Value {
    json!({ "papers": [{ "name": "Giấy chứng sinh" }], "reason": "Thiếu giấy tờ" })
}
