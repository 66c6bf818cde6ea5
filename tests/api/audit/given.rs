//! An office without a server whose deeds are recorded, and what somebody could do to the records.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::audit::verify::{Findings, Kept, verify};
use motcua::audit::{Doer, Noted, chain, checkpoint, note_by};
use motcua::domain::audit::{Action, Subject};
use motcua::domain::ids::{KeyId, UnitId};
use motcua::domain::role::{Actor, Role, Who};
use motcua::platform::progress::Progress;
use motcua::platform::signing::PublicKey;
use motcua::schema::{audit_entries, audit_links, units};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{TestApp, at};
use crate::support::db::{Holds, TestDb};
use crate::support::program::{Ran, program, ran};

/// Sở Tư pháp, whose chain is tampered with.
pub const UNIT: &str = "H21.16";

/// The office.
pub struct Audited {
    pub app: TestApp,
}

impl Audited {
    /// At 09:00, with an entry of the catalogue and one of the wordings that wait in the chain of the house.
    pub fn new() -> Self {
        Self { app: TestApp::over(Holds::TheProvince, "2026-10-05 09:00", |_| {}) }
    }

    /// Another one, whose database is empty.
    pub fn emptied() -> Self {
        let db = TestDb::new(Holds::Nothing);
        db.connect().batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
        Self { app: TestApp::on(db, "2026-10-05 09:00", |_| {}) }
    }

    /// Runs the program on the office's database, with its key.
    pub fn motcua(&self, args: &[&str]) -> Ran {
        let mut program = program(&self.app.db, self.app.dir.path());
        let key = self.app.state.config.secrets.audit_key.expose_secret();
        ran(&program.env("MOTCUA__SECRETS__AUDIT_KEY", key).args(args).output().unwrap())
    }

    /// With six linked entries in the chain of [`UNIT`].
    pub async fn with_a_chain() -> Self {
        let audited = Self::new();
        audited.note(UNIT, 6);
        audited.link().await;
        audited
    }

    /// Records some deeds of somebody who sits in a unit.
    pub fn note(&self, unit_code: &str, count: usize) {
        let mut conn = self.app.db.connect();
        let unit: Uuid = units::table.filter(units::code.eq(unit_code)).select(units::id).first(&mut conn).unwrap();
        let key = KeyId::new();
        let actor = Actor::new(Who::Key(key), "Quầy 1", Role::Clerk, UnitId(unit));
        for number in 0..count {
            let details = json!({"number": number, "unit": unit_code});
            let noted = Noted { action: Action::KeyAdded, subject: Subject::Key(key), details };
            note_by(&mut conn, &Doer::from(&actor), self.app.state.clock.now(), &noted).unwrap();
        }
    }

    pub async fn link(&self) -> usize {
        chain::tick(self.app.state.clone()).await.unwrap()
    }

    /// Makes a checkpoint when one is due.
    pub async fn checkpoint(&self, now: &str) -> usize {
        self.app.state.clock.set(at(now));
        checkpoint::tick(self.app.state.clone()).await.unwrap()
    }

    pub fn keys(&self) -> Vec<PublicKey> {
        vec![self.app.state.vault.audit_key().unwrap().public_key()]
    }

    pub fn verify(&self, kept: &[Kept]) -> Findings {
        verify(&mut self.app.db.connect(), &self.keys(), kept, &Progress::silent()).unwrap()
    }

    /// Returns the lines of what is found.
    pub fn faults(&self, kept: &[Kept]) -> Vec<String> {
        self.verify(kept).faults.iter().map(ToString::to_string).collect()
    }

    /// Does what a superuser could who switches triggers and foreign keys off.
    pub fn tamper(&self, sql: &str) {
        tamper(&mut self.app.db.connect(), sql);
    }

    /// Tampers, looks, and undoes it.
    pub fn faults_after(&self, sql: &str) -> Vec<String> {
        let mut conn = self.app.db.connect();
        let mut found = Vec::new();
        conn.test_transaction::<_, diesel::result::Error, _>(|conn| {
            tamper(conn, sql);
            let findings = verify(conn, &self.keys(), &[], &Progress::silent()).unwrap();
            found.extend(findings.faults.iter().map(ToString::to_string));
            Ok(())
        });
        found
    }

    /// Returns the key of the entry at a place in the chain of [`UNIT`].
    pub fn entry(&self, seq: i64) -> Uuid {
        audit_links::table
            .inner_join(units::table.on(units::id.eq(audit_links::unit_id)))
            .filter(units::code.eq(UNIT))
            .filter(audit_links::seq.eq(seq))
            .select(audit_links::entry_id)
            .first(&mut self.app.db.connect())
            .unwrap()
    }
}

fn tamper(conn: &mut PgConnection, sql: &str) {
    conn.batch_execute(&format!("SET session_replication_role = replica; {sql}; RESET session_replication_role"))
        .unwrap();
}

/// An entry as the database has it.
#[derive(Debug, PartialEq)]
pub struct Recorded {
    pub action: String,
    pub principal: String,
    pub subject: String,
    pub unit: String,
    pub details: Value,
}

/// Returns all entries after the given one, in the order of writing, and the last of them.
pub fn recorded(conn: &mut PgConnection, after: Uuid) -> (Vec<Recorded>, Uuid) {
    type Row = (Uuid, String, String, String, Uuid, Value);
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::id.gt(after))
        .order(audit_entries::id)
        .select((
            audit_entries::id,
            audit_entries::action,
            audit_entries::principal,
            audit_entries::subject,
            audit_entries::unit_id,
            audit_entries::details,
        ))
        .load(conn)
        .unwrap();
    let last = rows.last().map_or(after, |row| row.0);
    let recorded = rows.into_iter().map(|(_, action, principal, subject, unit, details)| {
        let unit = units::table.find(unit).select(units::code).first(conn).optional().unwrap();
        Recorded { action, principal, subject, unit: unit.unwrap_or_else(|| "house".to_owned()), details }
    });
    (recorded.collect(), last)
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Returns every row of the audit's tables as text.
pub fn all_text(conn: &mut PgConnection) -> String {
    let tables = ["audit_entries", "audit_links", "audit_checkpoints", "audit_pending"];
    let lines = tables.iter().flat_map(|table| {
        diesel::sql_query(format!("SELECT t::text AS line FROM {table} t")).load::<Line>(conn).unwrap()
    });
    lines.map(|row| row.line).collect::<Vec<_>>().join("\n")
}
