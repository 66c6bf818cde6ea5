//! The house that is measured: durable, with the demo province and some thousand dossiers.

use std::net::SocketAddr;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::config::Config;
use motcua::domain::role::Role;
use motcua::dossiers;
use motcua::platform::clock::Clock;
use motcua::platform::embedded_postgres::EmbeddedPostgres;
use motcua::schema::notice_queue;
use motcua::state::AppState;
use motcua::{app, listening};

use crate::intake::intake;
use crate::staff::sign_in;
use crate::{postgres, province};

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
        let data = postgres::data_dir()?;
        let server = postgres::start(&data, 512)?;
        let url = server.url(&postgres::fresh(&server, "bench")?);
        let mut config = Config::defaults()?;
        config.data.dir.clone_from(&data);
        config.server.bind = "127.0.0.1:0".parse()?;
        config.database.connections = 24;
        config.limits.public_per_minute = u32::MAX;
        // Measured at night too.
        config.notices.day_to = config.notices.day_from;
        let state = app::state(config, &url, Clock::System)?;
        province::load(&state, province::DEMO)?;
        let clerk = sign_in(&url, Role::Clerk, "H21.00.01")?;
        let desks = desks(&url)?;
        let codes = fill(&state, DOSSIERS)?;
        let listening = listening::listen(state.clone())?;
        let address = listening.address;
        tokio::spawn(listening.server);
        let programs = server.bin_dir().to_owned();
        Ok(Self { address, url, data, programs, clerk, desks, codes, state, _postgres: server })
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
