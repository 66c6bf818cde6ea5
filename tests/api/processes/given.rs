//! An office with a process of its own.

use motcua::catalogue::import::{self, DryRun};
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use serde_json::{Value, json};

use crate::catalogue::given::Copy;
use crate::support::answer::Answer;
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

/// The procedure that the process belongs to.
pub const PROCEDURE: &str = "9.100001";

/// The demo province, and in it a procedure of so many working days with these steps.
pub fn province_with(steps: &Value, days: u32) -> Copy {
    let copy = Copy::new();
    copy.change("processes.json", |rows| {
        let row = json!({"code": "T1", "name": "tried", "valid_from": "2023-01-01", "steps": steps, "legs": []});
        rows.as_array_mut().unwrap().push(row);
    });
    copy.change("procedures.json", |rows| {
        let rows = rows.as_array_mut().unwrap();
        let mut row = rows.iter().find(|row| row["code"] == TEN_DAYS).unwrap().clone();
        row["code"] = json!(PROCEDURE);
        row["process"] = json!("T1");
        row["term"] = json!({"amount": days, "unit": "working_day"});
        rows.push(row);
    });
    copy
}

/// An office that resolves it.
pub async fn office_with(now: &str, steps: &Value, days: u32) -> Office {
    let office = Office::at(now).await;
    import::run(&office.app.state, province_with(steps, days).path(), DryRun::No, &Progress::silent()).unwrap();
    office
}

/// Where a dossier is in its process.
pub async fn process(office: &Office, code: &str) -> Value {
    office.app.get(&format!("/dossiers/{code}/process"), &office.officer).await.expect(200).body
}

/// The province's committee, which decides.
pub struct Committee {
    pub records: String,
    pub leader: String,
    pub head: String,
    pub officer: String,
    pub chair: String,
}

impl Committee {
    pub fn of(office: &Office) -> Self {
        let sign_in = |role| office.app.sign_in(role, "H21.00");
        Self {
            records: sign_in(Role::Records),
            leader: sign_in(Role::Leader),
            head: sign_in(Role::DivisionHead),
            officer: sign_in(Role::Officer),
            chair: sign_in(Role::Chair),
        }
    }
}

/// Hands a dossier on.
pub async fn advance(office: &Office, code: &str, token: &str) -> Answer {
    office.act(code, "advance", token, json!({})).await.expect(200)
}

/// Somebody more in the department; returns their token and user name.
pub fn colleague(office: &Office, role: Role) -> (String, String) {
    let token = office.app.sign_in(role, DEPARTMENT);
    let username = office.app.username_of(&token);
    (token, username)
}
