//! A house with one dossier, a queue and gateways of one's own.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use figment::Figment;
use figment::providers::{Format, Toml};
use motcua::config::{Config, GatewayConfig};
use motcua::domain::ids::{DossierId, EventId, NoticeId, UnitId};
use motcua::domain::notice::{Facts, NoticeStatus, Purpose};
use motcua::domain::person::{Part, person_context};
use motcua::domain::role::{Actor, Role, Who};
use motcua::error::AppError;
use motcua::notices::sending::{Gateway, Lane, Tick, drain};
use motcua::notices::{Cause, enqueue, receipts, templates};
use motcua::platform::stop::{Stop, Stopper, stop};
use motcua::schema::{notice_attempts, notice_queue, notices};
use motcua::state::Act;
use uuid::Uuid;

use crate::support::app::{TestApp, at};
use crate::support::db::Holds;

/// The unit whose dossiers people are told of, which receives and resolves them.
pub const UNIT: &str = "H48.24";
/// A unit that has nothing to do with them.
pub const ELSEWHERE: &str = "H48.25";

/// The house.
pub struct House {
    pub app: TestApp,
    pub unit: UnitId,
    pub actor: Actor,
    pub stop: Stop,
    pub stopper: Stopper,
}

/// What is known of the people of a dossier.
pub struct People<'a> {
    pub flags: (bool, bool),
    pub phone: Option<&'a str>,
    pub email: Option<&'a str>,
    pub submitter: Option<(&'a str, &'a str)>,
}

impl Default for People<'_> {
    fn default() -> Self {
        Self { flags: (true, false), phone: Some("+84905123456"), email: None, submitter: None }
    }
}

/// Reads a gateway as the settings have it.
pub fn gateway(table: &str) -> GatewayConfig {
    Figment::from(Toml::string(table)).extract().unwrap()
}

/// The gateway `sms` of the settings.
pub fn sms(config: &mut Config) -> &mut GatewayConfig {
    config.gateways.get_mut("sms").unwrap()
}

pub fn start() -> DateTime<Utc> {
    at("2026-09-25 09:00")
}

impl House {
    /// Builds one; `set` changes the settings.
    pub fn new(set: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::over(Holds::Nothing, "2026-09-25 09:00", |config| {
            config.server.public_url = "https://motcua.example.vn".to_owned();
            config.database.connections = 8;
            set(config);
        });
        let mut conn = app.db.connect();
        templates::sync(&mut conn, start()).unwrap();
        let (unit, elsewhere) = (UnitId::new(), UnitId::new());
        conn.batch_execute(&format!(
            "INSERT INTO units VALUES
                 ('{unit}', '{UNIT}', 'Sở Xây dựng', 'department', NULL, '{unit}', false, 'made_up', '2023-01-01'),
                 ('{elsewhere}', '{ELSEWHERE}', 'Sở Y tế', 'department', NULL, '{elsewhere}', false, 'made_up',
                  '2023-01-01');
             INSERT INTO unit_tree VALUES ('{unit}', '{unit}'), ('{elsewhere}', '{elsewhere}')"
        ))
        .unwrap();
        let (stopper, stop) = stop();
        let actor = Actor::new(Who::System, "system", Role::CentreHead, unit);
        Self { app, unit, actor, stop, stopper }
    }

    pub fn conn(&self) -> PgConnection {
        self.app.db.connect()
    }

    /// Writes a dossier with its people; the rules of its life are another feature's.
    pub fn dossier(&self, code: &str, people: &People<'_>) -> DossierId {
        let (id, unit, mut conn) = (DossierId::new(), self.unit, self.conn());
        let other = Uuid::now_v7();
        conn.batch_execute(&format!(
            "SET session_replication_role = replica;
             INSERT INTO dossiers (id, code, version, status, progress, procedure_version_id, process_version_id,
                 field_id, receiving_unit_id, resolving_unit_id, returning_unit_id, mirrored, channel,
                 result_delivery, notify_sms, notify_email, notify_zalo, pin_hash, registered_at, provisional,
                 apologised, created_by, finished_at, ended_at)
             VALUES ('{id}', '{code}', 1, 'finished', 95, '{other}', '{other}', '{other}', '{unit}', '{unit}',
                 '{unit}', false, 'direct', 'counter', {}, {}, false, '', '2026-09-01', false, false, 'test',
                 '2026-09-24', '2026-09-24');
             INSERT INTO dossier_units VALUES
                 ('{unit}', '{id}', 'received', '2026-09-01', 'finished', false),
                 ('{unit}', '{id}', 'resolves', '2026-09-01', 'finished', false);
             SET session_replication_role = origin",
            people.flags.0, people.flags.1
        ))
        .unwrap();
        self.person(&mut conn, id, Part::Applicant, None, people.phone, people.email);
        if let Some((mandate, phone)) = people.submitter {
            self.person(&mut conn, id, Part::Submitter, Some(mandate), Some(phone), None);
        }
        id
    }

    #[expect(clippy::too_many_arguments, reason = "a row")]
    fn person(
        &self,
        conn: &mut PgConnection,
        id: DossierId,
        part: Part,
        mandate: Option<&str>,
        phone: Option<&str>,
        email: Option<&str>,
    ) {
        use motcua::schema::dossier_people as p;
        let seal =
            |column: &str, text: &str| self.app.state.vault.seal(&person_context(id, part, column), text).unwrap();
        diesel::insert_into(p::table)
            .values((
                p::dossier_id.eq(id),
                p::part.eq(part),
                p::kind.eq("citizen"),
                p::mandate.eq(mandate),
                p::name.eq("Đặng Thị Ánh"),
                p::key_id.eq(1),
                p::phone.eq(phone.map(|text| seal("phone", text))),
                p::email.eq(email.map(|text| seal("email", text))),
            ))
            .execute(conn)
            .unwrap();
    }

    fn event(&self, dossier: DossierId) -> EventId {
        let event = EventId::new();
        let sql = format!(
            "INSERT INTO dossier_events (id, dossier_id, number, verb, to_status, happened_at, recorded_at, actor,
                 actor_name, details)
             SELECT '{event}', '{dossier}', count(*) + 1, 'finish', 'finished', '2026-09-25', '2026-09-25', 'test',
                 'test', '{{}}' FROM dossier_events WHERE dossier_id = '{dossier}'"
        );
        self.conn().batch_execute(&sql).unwrap();
        event
    }

    /// What an event of the dossier causes.
    pub fn cause(&self, dossier: DossierId, purpose: Purpose) -> Cause {
        let code: String = motcua::schema::dossiers::table
            .find(dossier)
            .select(motcua::schema::dossiers::code)
            .first(&mut self.conn())
            .unwrap();
        Cause {
            dossier_id: dossier,
            event_id: Some(self.event(dossier)),
            code,
            unit_id: self.unit,
            purpose,
            facts: Facts { place: Some("Trung tâm PVHCC tỉnh".to_owned()), ..Facts::default() },
        }
    }

    pub fn enqueue(&self, cause: &Cause) -> usize {
        self.act(|conn, act| enqueue(conn, act, cause)).unwrap()
    }

    pub fn act<T>(&self, work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
        self.app.state.act_here(&self.actor, self.app.state.clock.now(), work)
    }

    /// Writes one SMS that a result is ready, for a dossier of its own.
    pub fn one_sms(&self) -> NoticeId {
        self.many_sms(1).pop().unwrap()
    }

    pub fn many_sms(&self, count: usize) -> Vec<NoticeId> {
        for number in 0..count {
            let code = format!("H48.24-260925-{number:04}{}", Uuid::now_v7().simple());
            let dossier = self.dossier(&code, &People::default());
            assert_eq!(self.enqueue(&self.cause(dossier, Purpose::ResultEarly)), 1);
        }
        notices::table.select(notices::id).order(notices::id).load(&mut self.conn()).unwrap()
    }

    pub fn lanes(&self) -> Vec<Lane> {
        Lane::all(&self.app.state, Gateway::all(&self.app.state.config).unwrap())
    }

    /// Sends what is due with fresh lanes, as a process does that has just started.
    pub async fn drain(&self) -> Tick {
        drain(&self.app.state, &self.lanes(), &self.stop).await.unwrap()
    }

    /// Works off the delivery receipts that have come; returns how many told something.
    pub fn take_receipts(&self) -> usize {
        let (config, now) = (self.app.state.config.clone(), self.app.state.clock.now());
        self.act(|conn, _| receipts::tick(conn, &config.gateways, now).map_err(AppError::from)).unwrap()
    }

    pub fn status(&self, id: NoticeId) -> NoticeStatus {
        notices::table.find(id).select(notices::status).first(&mut self.conn()).unwrap()
    }

    pub fn outcomes(&self, id: NoticeId) -> Vec<String> {
        notice_attempts::table
            .filter(notice_attempts::notice_id.eq(id))
            .order(notice_attempts::started_at)
            .select(notice_attempts::outcome)
            .load(&mut self.conn())
            .unwrap()
    }

    /// How many are in the queue, and how often the first of them was tried.
    pub fn queued(&self) -> (i64, Option<i16>) {
        let mut conn = self.conn();
        let count = notice_queue::table.count().get_result(&mut conn).unwrap();
        let attempt = notice_queue::table.select(notice_queue::attempt).first(&mut conn).optional().unwrap();
        (count, attempt)
    }
}
