//! A department that ends with the year: one field goes to one new department, the rest to another.

use motcua::catalogue::import::{self, DryRun};
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use motcua::reorganisations;
use serde_json::{Value, json};

use crate::catalogue::given::Copy;
use crate::support::answer::Answer;
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office, TEN_DAYS};

/// Follows the department in all but one field.
pub const HEIR: &str = "H21.98";
/// Follows it in the field of [`ONE_DAY`].
pub const OTHER_HEIR: &str = "H21.99";
pub const FIELD: &str = "G15-TP07";
pub const PATH: &str = "/reorganisations";

/// An office whose catalogue knows the departments to come, with who proposes and who confirms.
pub struct Reorganised {
    pub office: Office,
    pub controller: String,
    pub admin: String,
}

/// The demo province with two departments more from New Year on, which resolve what the old one does.
pub fn province() -> Copy {
    let copy = Copy::new();
    copy.change("units.json", |rows| {
        for (code, name) in [(HEIR, "Sở Nội vụ và Tư pháp"), (OTHER_HEIR, "Sở Hộ tịch")] {
            let row = json!({
                "code": code, "name": name, "kind": "department", "parent": "H21", "receives_at": CENTRE,
                "hard_area": false, "code_is": "made_up", "valid_from": "2027-01-01",
            });
            rows.as_array_mut().unwrap().push(row);
        }
    });
    copy.change("procedures.json", |rows| {
        for row in rows.as_array_mut().unwrap() {
            let resolvers = row["resolved_by"].as_array_mut().unwrap();
            if resolvers.contains(&json!(DEPARTMENT)) {
                resolvers.extend([json!(HEIR), json!(OTHER_HEIR)]);
            }
        }
    });
    copy
}

/// The department ends with the year.
pub fn split() -> Value {
    json!({
        "code": "QD-1-2027", "source": "Nghị quyết 1/NQ-HĐND", "on": "2027-01-01",
        "moves": [{ "from": DEPARTMENT, "to": HEIR }, { "from": DEPARTMENT, "to": OTHER_HEIR, "field": FIELD }],
    })
}

impl Reorganised {
    pub async fn new() -> Self {
        let office = Office::at("2026-12-28 09:00").await;
        import::run(&office.app.state, province().path(), DryRun::No, &Progress::silent()).unwrap();
        let controller = office.app.sign_in(Role::Controller, "H21");
        let admin = office.app.sign_in(Role::Admin, "H21");
        Self { office, controller, admin }
    }

    pub async fn propose(&self, plan: &Value) -> Answer {
        self.office.app.post(PATH, &self.controller, &json!({ "plan": plan })).await
    }

    /// Proposes, confirms, and lets the house take note.
    pub async fn decided(&self, plan: &Value) {
        let id = self.propose(plan).await.expect(202).body["id"].as_str().unwrap().to_owned();
        let confirm = format!("/approvals/{id}/actions/confirm");
        self.office.app.post(&confirm, &self.admin, &json!({})).await.expect(200);
        self.carry_out().await;
    }

    pub async fn carry_out(&self) {
        reorganisations::tick(self.office.app.state.clone()).await.unwrap();
    }

    /// New Year has come.
    pub async fn new_year(&self) {
        self.office.app.set("2027-01-04 08:00");
        self.carry_out().await;
    }

    pub async fn shown(&self, code: &str) -> Value {
        self.office.app.get(&format!("{PATH}/{code}"), &self.controller).await.expect(200).body
    }

    /// The codes of two dossiers under way, one for each department that follows, and of one that is done.
    pub async fn dossiers(&self) -> [String; 3] {
        let office = &self.office;
        let (rest, other, done) =
            (office.in_process(TEN_DAYS).await, office.in_process(ONE_DAY).await, office.in_process(TEN_DAYS).await);
        let to = json!({ "result": "granted", "hand_over": { "to": "Trần Thị B" } });
        office.act(&done, "finish", &office.leader, to).await.expect(200);
        [rest, other, done]
    }

    pub async fn statistics(&self, query: &str) -> Value {
        self.office.app.get(&format!("/statistics/{query}"), &self.controller).await.expect(200).body
    }
}

/// The rows of a table: code, name and what was received.
pub fn received(table: &Value) -> Vec<(String, String, i64)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["key"]["code"]), text(&row["key"]["name"]), row["received"].as_i64().unwrap())).collect()
}
