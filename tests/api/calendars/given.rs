//! An office in November 2026 whose dossiers a swap of days moves, or not. The government proposed to give Monday the 23rd
//! off, before the holiday of the 24th, and to work on Saturday the 28th instead.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use motcua::calendars::{self, Step};
use motcua::config::Config;
use motcua::domain::role::{Actor, Role};
use motcua::schema::{dossier_events, dossiers};
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::{TestApp, intake};
use crate::support::office::Office;

/// The file of the swap.
pub fn swap_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/swap-2026-11.json")
}

/// Its content.
pub fn swap() -> Value {
    serde_json::from_slice(&std::fs::read(swap_file()).unwrap()).unwrap()
}

/// 5 working days, at Sở Nội vụ.
pub const FIVE_DAYS: (&str, &str) = ("1.014196", "H21.11");
/// 7 working days there.
pub const SEVEN_DAYS: (&str, &str) = ("2.001955", "H21.11");
/// 10 working days there.
pub const TEN_WORKING_DAYS: (&str, &str) = ("1.014199", "H21.11");
/// 3 working days, at Sở Tài chính.
pub const THREE_DAYS: (&str, &str) = ("2.001610", "H21.13");
/// 6.25 working days, decided above the departments.
pub const QUARTERS: (&str, &str) = ("1.115336", "H21.02");
/// 10 calendar days, at Sở Tư pháp.
pub const TEN_CALENDAR_DAYS: (&str, &str) = ("2.000894", "H21.16");
/// 24 working hours by post, at Sở Công Thương.
pub const BY_HOURS: (&str, &str) = ("1.000603", "H21.05");
/// 10 working days without the time of other agencies, at Sở Văn hóa.
pub const CONSULTED: (&str, &str) = ("1.001029", "H21.17");

/// The office with who publishes.
pub struct Given {
    pub office: Office,
    pub controller: String,
}

impl Given {
    pub async fn at(now: &str) -> Self {
        Self::with(now, |_| {}).await
    }

    /// As [`Given::at`], with batches of so many.
    pub async fn in_batches_of(now: &str, dossiers: i64) -> Self {
        Self::with(now, |config| config.worker.calendar_batch = dossiers).await
    }

    async fn with(now: &str, change: impl FnOnce(&mut Config)) -> Self {
        let office = Office::with(now, change).await;
        let controller = office.app.sign_in(Role::Controller, "H21");
        Self { office, controller }
    }

    pub fn app(&self) -> &TestApp {
        &self.office.app
    }

    /// Receives at a moment and hands the dossier to who resolves it; returns its code.
    pub async fn in_process(&self, at: &str, what: (&str, &str)) -> String {
        let code = self.received(at, intake(what.0, what.1)).await;
        self.office.act(&code, "transfer", &self.office.clerk, json!({})).await.expect(200);
        code
    }

    /// Receives at a moment; returns the code.
    pub async fn received(&self, at: &str, intake: Value) -> String {
        self.app().set(at);
        self.app().post("/dossiers", &self.office.clerk, &intake).await.expect(201).field("code")
    }

    pub async fn act(&self, code: &str, verb: &str, by: &str, body: Value) -> Value {
        self.office.act(code, verb, by, body).await.expect(200).body
    }

    /// Publishes over the API.
    pub async fn publish(&self, body: &Value) -> Answer {
        self.app().post("/calendars/publications", &self.controller, body).await
    }

    /// Publishes the swap over the API and has every open dossier follow, as the worker does.
    pub async fn swapped(&self) -> Value {
        self.publish(&json!({ "calendar": swap() })).await.expect(201);
        calendars::tick(self.app().state.clone()).await.unwrap();
        self.publication(2).await
    }

    pub async fn publication(&self, number: i32) -> Value {
        let path = format!("/calendars/publications/{number}");
        self.app().get(&path, &self.controller).await.expect(200).body
    }

    /// Due date and due date without extension, as office time without seconds.
    pub async fn due(&self, code: &str) -> (Option<String>, Option<String>) {
        let shown = self.office.show(code).await;
        let minute = |name: &str| shown[name].as_str().map(|text| text[..16].replace('T', " "));
        (minute("due_at"), minute("due_unextended"))
    }

    /// Expects a due date, the same without extension.
    #[track_caller]
    pub fn expect_due(&self, code: &str, due: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let due = Some(due.to_owned());
            assert_eq!(self.due(code).await, (due.clone(), due), "{code} at {caller}");
        }
    }

    /// How often a dossier was counted anew by a calendar.
    pub fn recalculations(&self, code: &str) -> i64 {
        dossier_events::table
            .inner_join(dossiers::table)
            .filter(dossiers::code.eq(code))
            .filter(dossier_events::verb.eq("recalculate"))
            .count()
            .get_result(&mut self.app().db.connect())
            .unwrap()
    }
}

/// Does one batch in a process.
pub fn step(app: &TestApp) -> Step {
    app.state.act_here(&Actor::house(), app.state.clock.now(), calendars::step).unwrap()
}

/// The numbers of the calendars that open dossiers with a due date after a moment were counted by.
pub fn counted_by(app: &TestApp, after: DateTime<Utc>) -> Vec<i32> {
    let number = diesel::dsl::sql::<diesel::sql_types::Integer>("(derivation->>'calendar_version')::integer");
    dossiers::table
        .filter(dossiers::ended_at.is_null())
        .filter(dossiers::due_at.ge(after))
        .select(number)
        .order(dossiers::id)
        .load(&mut app.db.connect())
        .unwrap()
}

/// The codes of dossiers of November 2026, as they stand on the morning of the 19th; the due date of each by the
/// calendar without the swap.
pub struct November {
    /// Due on the 18th at 17:00.
    pub passed: String,
    /// Due on the 20th at 17:00.
    pub five: String,
    /// Due on the 25th at 17:00.
    pub seven: String,
    /// Due on the 30th at 17:00.
    pub ten: String,
    /// Due on the 25th at 09:00.
    pub quarters: String,
    /// Due on the 23rd at 17:00, the tenth day.
    pub calendar: String,
    /// Due on the 30th at 17:00, the tenth day being Saturday the 28th.
    pub saturday: String,
    /// Due on the 23rd at 09:00.
    pub hours: String,
    /// Due on the 27th at 17:00: the 25th, and two working days of another agency.
    pub consulted: String,
    /// Due on the 25th at 17:00, extended to the 27th.
    pub extended: String,
    /// Due on the 20th at 17:00, extended to the 23rd.
    pub rolled: String,
    /// 3 working days; papers are missing since the 17th.
    pub paused: String,
    /// Finished on the 18th, due on the 25th.
    pub ended: String,
}

impl Given {
    /// Has November happen, up to the 19th at 09:00.
    pub async fn november(&self) -> November {
        let sign_in = |role, unit| self.app().sign_in(role, unit);
        let (consulting, leader) = (sign_in(Role::Officer, "H21.17"), sign_in(Role::Leader, "H21.11"));
        let consulted = self.in_process("2026-11-10 09:00", CONSULTED).await;
        self.app().set("2026-11-12 09:00");
        let question = json!({ "unit_code": "H21.90", "question": "An ninh trật tự?" });
        self.act(&consulted, "consult", &consulting, question).await;
        let on_the_13th = "2026-11-13 09:00";
        let passed = self.in_process(on_the_13th, THREE_DAYS).await;
        let five = self.in_process(on_the_13th, FIVE_DAYS).await;
        let seven = self.in_process(on_the_13th, SEVEN_DAYS).await;
        let ten = self.in_process(on_the_13th, TEN_WORKING_DAYS).await;
        let quarters = self.in_process(on_the_13th, QUARTERS).await;
        let calendar = self.in_process(on_the_13th, TEN_CALENDAR_DAYS).await;
        let extended = self.in_process(on_the_13th, SEVEN_DAYS).await;
        let rolled = self.in_process(on_the_13th, FIVE_DAYS).await;
        let ended = self.in_process(on_the_13th, SEVEN_DAYS).await;
        self.app().set("2026-11-16 09:00");
        self.act(&consulted, "consult_answered", &consulting, json!({})).await;
        let paused = self.in_process("2026-11-16 09:00", THREE_DAYS).await;
        self.app().set("2026-11-17 09:00");
        let missing = json!({ "papers": [{ "name": "Giấy A" }], "reason": "Thiếu" });
        self.act(&paused, "request_supplement", &sign_in(Role::Officer, "H21.13"), missing).await;
        let saturday = self.in_process("2026-11-18 09:00", TEN_CALENDAR_DAYS).await;
        let mut posted = intake(BY_HOURS.0, BY_HOURS.1);
        posted["channel"] = json!("postal");
        let hours = self.received("2026-11-18 09:00", posted).await;
        for (code, to) in [(&extended, "2026-11-27"), (&rolled, "2026-11-23")] {
            self.act(code, "extend", &leader, json!({ "new_due_on": to, "reason": "Cần xác minh" })).await;
        }
        self.act(&ended, "finish", &leader, json!({ "result": "granted" })).await;
        self.app().set("2026-11-19 09:00");
        November {
            passed,
            five,
            seven,
            ten,
            quarters,
            calendar,
            saturday,
            hours,
            consulted,
            extended,
            rolled,
            paused,
            ended,
        }
    }
}
