//! A house with one dossier, a queue and gateways of one's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::ids::{DossierId, EventId, NoticeId, UnitId};
use motcua::domain::notice::{Facts, NoticeStatus, Purpose};
use motcua::domain::person::{Part, person_context};
use motcua::domain::role::{Actor, Role, Who};
use motcua::error::AppError;
use motcua::http::limit::Limits;
use motcua::notices::dispatch::{Lane, Tick, drain};
use motcua::notices::gateway::Gateway;
use motcua::notices::{Cause, enqueue, templates};
use motcua::platform::clock::Clock;
use motcua::platform::db::{Db, DbOptions};
use motcua::platform::secret::{Vault, new_token, token_hash};
use motcua::platform::stop::{Stop, Stopper, stop};
use motcua::schema::{notice_attempts, notice_queue, notices, sessions, staff};
use motcua::state::{AppState, OfficeCache};
use motcua::{catalogue, staff::KnownBearers};
use uuid::Uuid;

use crate::support::db::{Holds, TestDb};

/// The house.
pub struct House {
    pub state: AppState,
    db: TestDb,
    pub unit: UnitId,
    pub actor: Actor,
    pub stop: Stop,
    pub stopper: Stopper,
    _data: tempfile::TempDir,
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

pub fn start() -> DateTime<Utc> {
    "2026-09-25T02:00:00Z".parse().unwrap()
}

impl House {
    /// Builds one; `set` changes the settings.
    pub fn new(set: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::defaults().unwrap();
        config.data.dir = data.path().to_owned();
        config.server.public_url = "https://motcua.example.vn".to_owned();
        set(&mut config);
        let config = Arc::new(config);
        let vault = Arc::new(Vault::new(&BTreeMap::from([(1, vec![7; 32])]), b"an index key").unwrap());
        let database = TestDb::new(Holds::Nothing);
        let state = AppState {
            db: Db::new(&DbOptions {
                url: database.url.clone(),
                read_url: None,
                connections: 8,
                patience: std::time::Duration::from_secs(20),
                statement_timeout: std::time::Duration::from_secs(30),
            }),
            clock: Clock::manual(start()),
            limits: Arc::new(Limits::new(&config.limits)),
            office: OfficeCache::new(
                |conn| Ok((catalogue::load(conn)?, templates::load(conn)?)),
                catalogue::version,
                Arc::clone(&vault),
                Arc::clone(&config),
            ),
            vault,
            config,
        };
        let mut conn = database.connect();
        templates::sync(&mut conn, start()).unwrap();
        let unit = UnitId::new();
        conn.batch_execute(&format!(
            "INSERT INTO units VALUES ('{unit}', 'H48.24', 'Sở Xây dựng', 'department', NULL, '{unit}', false,
                 'made_up', '2023-01-01', NULL);
             INSERT INTO unit_tree VALUES ('{unit}', '{unit}')"
        ))
        .unwrap();
        let (stopper, stop) = stop();
        let actor = Actor { who: Who::System, name: "system".to_owned(), role: Role::CentreHead, unit };
        Self { state, db: database, unit, actor, stop, stopper, _data: data }
    }

    pub fn conn(&self) -> PgConnection {
        self.db.connect()
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
                 apologised, created_by)
             VALUES ('{id}', '{code}', 1, 'processing', 20, '{other}', '{other}', '{other}', '{unit}', '{unit}',
                 '{unit}', false, 'direct', 'counter', {}, {}, false, '', '2026-09-01', false, false, 'test');
             INSERT INTO dossier_units VALUES ('{unit}', '{id}', 'received'), ('{unit}', '{id}', 'resolves');
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
        let seal = |column: &str, text: &str| self.state.vault.seal(&person_context(id, part, column), text).unwrap();
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
            event_id: self.event(dossier),
            code,
            unit_id: self.unit,
            purpose,
            facts: Facts { place: Some("Trung tâm PVHCC tỉnh".to_owned()), ..Facts::default() },
        }
    }

    pub fn enqueue(&self, cause: &Cause) -> usize {
        self.act(|conn, act| enqueue(conn, act, cause)).unwrap()
    }

    pub fn act<T>(
        &self,
        work: impl FnOnce(&mut PgConnection, &motcua::state::Act<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        self.state.act_here(&self.actor, self.state.clock.now(), work)
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
        let gateways = Gateway::all(&self.state.config).unwrap();
        gateways.into_iter().map(|gateway| Lane::new(&self.state, gateway)).collect()
    }

    /// Sends what is due with fresh lanes, as a process does that has just started.
    pub async fn drain(&self) -> Tick {
        drain(&self.state, &self.lanes(), &self.stop).await.unwrap()
    }

    pub fn pass(&self, time: TimeDelta) {
        self.state.clock.set(self.state.clock.now() + time);
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

    /// Makes an account and a log-in; returns its token.
    pub fn signed(&self, role: Role, unit: UnitId) -> String {
        let (token, id, now) = (new_token("mcs_"), Uuid::now_v7(), self.state.clock.now());
        let mut conn = self.conn();
        conn.batch_execute("SET session_replication_role = replica").unwrap();
        diesel::insert_into(staff::table)
            .values((
                staff::id.eq(id),
                staff::username.eq(format!("u{}", id.simple())),
                staff::full_name.eq("Nguyễn Văn A"),
                staff::role.eq(role),
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
                sessions::expires_at.eq(now + TimeDelta::days(30)),
            ))
            .execute(&mut conn)
            .unwrap();
        token
    }

    pub fn known(&self) -> KnownBearers {
        KnownBearers::default()
    }
}
