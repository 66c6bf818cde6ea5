//! The house that is measured: durable, with the demo province and some thousand dossiers.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::catalogue::import::{self, DryRun};
use motcua::config::Config;
use motcua::domain::role::Role;
use motcua::platform::clock::Clock;
use motcua::platform::db::Scope;
use motcua::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use motcua::platform::migrations;
use motcua::platform::progress::Progress;
use motcua::platform::secret::{new_token, token_hash};
use motcua::schema::{notice_queue, sessions, staff, units};
use motcua::state::AppState;
use motcua::{app, listening};
use motcua::{dossiers, notices};
use serde_json::{Value, json};
use uuid::Uuid;

const DOSSIERS: usize = 5_000;
/// More of them, for the notices that they cause.
const MORE_DOSSIERS: usize = 20_000;

/// The house.
pub struct BenchHouse {
    /// Where the service listens.
    pub address: SocketAddr,
    /// Where the database is.
    pub url: String,
    /// The data directory.
    pub data: PathBuf,
    /// The programs of PostgreSQL.
    pub programs: PathBuf,
    /// A clerk's token.
    pub clerk: String,
    /// One of each unit that resolves something, so that no counter of codes is waited for more than in a province.
    pub desks: Vec<Desk>,
    /// The dossiers' codes.
    pub codes: Vec<String>,
    /// What the service has at hand.
    pub state: AppState,
    _postgres: EmbeddedPostgres,
}

/// A unit that resolves something.
pub struct Desk {
    /// What the counter sends.
    pub intake: String,
    /// A leader's token there.
    pub leader: String,
}

impl BenchHouse {
    /// Builds it anew and serves.
    pub fn open() -> anyhow::Result<Self> {
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
        std::fs::create_dir_all(&data)?;
        let postgres = EmbeddedPostgres::attach(&Options {
            data_dir: data.clone(),
            durability: Durability::Durable,
            max_connections: 200,
            bin_dir: None,
            shared_buffers_mb: 512,
        })?;
        let name = format!("bench_{}", Uuid::now_v7().simple());
        postgres.ensure_database(&name)?;
        let url = postgres.url(&name);
        migrations::migrate(&url)?;
        let mut config = Config::defaults()?;
        config.data.dir.clone_from(&data);
        config.server.bind = "127.0.0.1:0".parse()?;
        config.database.connections = 24;
        config.limits.public_per_minute = u32::MAX;
        // Measured at night too.
        config.notices.day_to = config.notices.day_from;
        let state = app::state(config, &url, Clock::System)?;
        let now = state.clock.now();
        import::run(&state, Path::new("config/province"), DryRun::No, &Progress::silent())?;
        state.db.tx_here(&Scope::system(), |conn| notices::templates::sync(conn, now))?;
        let clerk = sign_in(&url, Role::Clerk, "H21.00.01")?;
        let desks = desks(&url)?;
        let codes = fill(&state, DOSSIERS)?;
        let listening = listening::listen(state.clone())?;
        let address = listening.address;
        tokio::spawn(listening.server);
        let programs = postgres.bin_dir().to_owned();
        Ok(Self { address, url, data, programs, clerk, desks, codes, state, _postgres: postgres })
    }
}

impl BenchHouse {
    /// Receives dossiers until a long queue of notices waits.
    pub fn write_notices(&self) -> anyhow::Result<()> {
        fill(&self.state, MORE_DOSSIERS).map(|_| ())
    }

    /// Returns what counters send, one for each desk.
    pub fn intakes(&self) -> Vec<String> {
        self.desks.iter().map(|desk| desk.intake.clone()).collect()
    }

    /// Counts the SMS that wait.
    pub fn waiting_sms(&self) -> anyhow::Result<usize> {
        let mut conn = PgConnection::establish(&self.url)?;
        let waiting: i64 = notice_queue::table.filter(notice_queue::channel.eq("sms")).count().get_result(&mut conn)?;
        Ok(usize::try_from(waiting)?)
    }
}

/// A dossier as the counter sends it.
fn intake(procedure: &str, unit: &str) -> Value {
    json!({
        "procedure_code": procedure, "unit_code": unit,
        "applicant": { "name": "Nguyễn Thị Ánh", "id_number": "052190000123", "phone": "0905123456",
            "email": "anh@example.vn" },
        "papers": [{ "name": "Tờ khai", "kind": "original", "quantity": 1 }],
    })
}

fn fill(state: &AppState, many: usize) -> anyhow::Result<Vec<String>> {
    let form: dossiers::Intake = serde_json::from_value(intake("2.002516", "H21.16"))?;
    let by = motcua::command::console();
    let mut codes = Vec::with_capacity(many);
    while codes.len() < many {
        let received = state.act_here(&by, state.clock.now(), |conn, act| {
            (0..100).map(|_| dossiers::receive(conn, act, &form)).collect::<Result<Vec<_>, _>>()
        })?;
        codes.extend(received.into_iter().map(|received| received.dossier.code));
    }
    Ok(codes)
}

#[derive(QueryableByName)]
struct Resolves {
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Text)]
    procedure: String,
}

/// Finds a procedure of each unit and signs its leader in; numbers the units for pgbench too.
fn desks(url: &str) -> anyhow::Result<Vec<Desk>> {
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute(
        "CREATE TABLE bench_units AS SELECT row_number() OVER (ORDER BY u.code) - 1 AS n, u.id, u.code AS unit,
             min(p.code) AS procedure
         FROM procedure_resolvers r JOIN procedure_versions v ON v.id = r.procedure_version_id
             JOIN procedures p ON p.id = v.procedure_id JOIN units u ON u.id = r.unit_id
         WHERE v.state = 'published' GROUP BY u.id, u.code;
         CREATE UNIQUE INDEX ON bench_units (n)",
    )?;
    let found: Vec<Resolves> =
        diesel::sql_query("SELECT unit, procedure FROM bench_units ORDER BY n").load(&mut conn)?;
    let desk = |Resolves { unit, procedure }: Resolves| {
        let leader = sign_in(url, Role::Leader, &unit)?;
        Ok(Desk { intake: intake(&procedure, &unit).to_string(), leader })
    };
    found.into_iter().map(desk).collect()
}

fn sign_in(url: &str, role: Role, unit_code: &str) -> anyhow::Result<String> {
    let (token, id) = (new_token("mcs_"), Uuid::now_v7());
    let now = Clock::System.now();
    let mut conn = PgConnection::establish(url)?;
    let unit: Uuid = units::table
        .filter(units::code.eq(unit_code))
        .select(units::id)
        .first(&mut conn)
        .with_context(|| format!("no unit {unit_code}"))?;
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(id),
            staff::username.eq(format!("{}-{}", role.as_str().replace('_', "-"), id.simple())),
            staff::full_name.eq(role.as_str()),
            staff::role.eq(role.as_str()),
            staff::unit_id.eq(unit),
            staff::password_hash.eq("-"),
            staff::created_at.eq::<chrono::DateTime<Utc>>(now),
        ))
        .execute(&mut conn)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(Uuid::now_v7()),
            sessions::staff_id.eq(id),
            sessions::token_hash.eq(token_hash(&token)),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(now + TimeDelta::hours(12)),
        ))
        .execute(&mut conn)?;
    Ok(token)
}
