//! One run's scene: a copy of the stock, a gateway, and the processes between them.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::platform::clock::Clock;
use motcua::platform::secret::{new_token, token_hash};
use motcua::schema::{notice_queue, sessions, staff, units};
use uuid::Uuid;

use crate::checker::{self, Verdict};
use crate::figures::Figures;
use crate::gateway::Gateway;
use crate::gateway::manners::{Manners, Mood};
use crate::gateway::receipts::Receipts;
use crate::house::{House, connect};
use crate::program::{Part, Program};
use crate::stock::BEFOREHAND;

/// The secret of receipts.
const SECRET: &str = "faults-faults-faults-faults";
/// A queue that nobody takes anything from for so long will not be drained.
const STUCK_AFTER: Duration = Duration::from_secs(150);

/// What the settings say of the gateway, and how much waits.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Notices in the queue at the start.
    pub notices: usize,
    /// What becomes of a repeated request: a word of the settings.
    pub class: &'static str,
    /// Lines of `[gateways.sms.sending]` besides.
    pub sending: String,
    /// Lines of `[notices]` besides.
    pub rules: String,
    /// How long the gateway's answers take.
    pub latency: Duration,
    /// Whether it sends receipts.
    pub has_receipts: bool,
    /// By which chance is drawn.
    pub seed: u64,
}

/// The scene. What is dropped last is what the others need.
pub struct Scene {
    /// The processes with the loops.
    pub workers: Vec<Program>,
    /// The API, once it was started.
    pub api: Option<Program>,
    /// Where it listens.
    pub address: SocketAddr,
    /// The gateway.
    pub gateway: Gateway,
    /// The database.
    pub url: String,
    database: String,
    settings: PathBuf,
}

impl Scene {
    /// Sets it: nothing runs yet but the gateway.
    pub async fn set(house: &mut House, plan: &Plan) -> anyhow::Result<Self> {
        let database = house.copy()?;
        let url = house.postgres.url(&database)?;
        keep(&mut connect(&url)?, plan.notices)?;
        let manners = Manners {
            latency: plan.latency,
            knows_ids: plan.class == "idempotent" && !house.is_forgetful,
            mood: Mood::Well,
            late: Duration::ZERO,
            seed: plan.seed,
        };
        let receipts = plan.has_receipts.then(|| Receipts::new(SECRET, plan.seed));
        let gateway = Gateway::open(manners, receipts).await?;
        // Free a moment ago, and nobody else asks for ports here.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let settings = house.settings(&database, &settings(plan, address, gateway.address()))?;
        Ok(Self { workers: Vec::new(), api: None, address, gateway, url, database, settings })
    }

    /// Starts so many processes with the loops.
    pub fn start_workers(&mut self, many: usize) -> anyhow::Result<()> {
        for _ in 0..many {
            self.workers.push(Program::start(Part::Work, &self.settings)?);
        }
        Ok(())
    }

    /// Starts the API, waits until it is ready, and signs a clerk in; returns the token.
    pub async fn start_api(&mut self) -> anyhow::Result<String> {
        let mut api = Program::start(Part::Serve, &self.settings)?;
        let begun = Instant::now();
        let mut wire = crate::wire::Wire::to(self.address);
        while !wire.ask(&crate::wire::get("/health/ready")).await.is_ok_and(|answer| answer.status == 200) {
            api.check()?;
            ensure!(begun.elapsed() < Duration::from_secs(60), "the API did not become ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.api = Some(api);
        sign_in(&mut connect(&self.url)?)
    }

    /// Waits until so many messages went on their way, or for so long; returns how long it took.
    pub async fn sent(&mut self, many: usize, within: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        while self.gateway.journal().sent < many && begun.elapsed() < within {
            self.workers.iter_mut().try_for_each(Program::check)?;
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(begun.elapsed())
    }

    /// Waits until the queue is empty, or nothing comes out of it any more.
    pub async fn drained(&mut self) -> anyhow::Result<()> {
        let mut conn = connect(&self.url)?;
        let (mut seen, mut since) = (0, Instant::now());
        while since.elapsed() < STUCK_AFTER {
            tokio::time::sleep(Duration::from_millis(500)).await;
            self.workers.iter_mut().try_for_each(Program::check)?;
            let requests = self.gateway.journal().requests.len();
            if requests != seen {
                (seen, since) = (requests, Instant::now());
            } else if waiting(&mut conn)? == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Stops the processes, joins journal and database, and tells what must hold.
    pub async fn end(&mut self, figures: &mut Figures) -> anyhow::Result<Verdict> {
        for program in self.workers.drain(..).chain(self.api.take()) {
            program.stop().await?;
        }
        let verdict = checker::check(&self.url, &self.gateway)?;
        verdict.tell(figures);
        Ok(verdict)
    }

    /// Takes the scene away.
    pub fn strike(self, house: &House) -> anyhow::Result<()> {
        let database = self.database.clone();
        drop(self);
        house.postgres.forget(&database)
    }
}

/// Counts the SMS that wait.
pub fn waiting(conn: &mut PgConnection) -> anyhow::Result<usize> {
    let waiting: i64 = notice_queue::table.filter(notice_queue::channel.eq("sms")).count().get_result(conn)?;
    Ok(usize::try_from(waiting)?)
}

/// Leaves so many notices in the queue; the others are no matter of this run.
fn keep(conn: &mut PgConnection, many: usize) -> anyhow::Result<()> {
    conn.batch_execute(&format!(
        "WITH kept AS (SELECT notice_id FROM notice_queue ORDER BY notice_id LIMIT {many}),
         gone AS (DELETE FROM notice_queue q WHERE NOT EXISTS (SELECT FROM kept k WHERE k.notice_id = q.notice_id)
             RETURNING notice_id)
         UPDATE notices n SET status = 'cancelled', gateway = '{BEFOREHAND}' FROM gone g WHERE n.id = g.notice_id"
    ))?;
    conn.batch_execute("VACUUM ANALYZE notice_queue")?;
    conn.batch_execute("CHECKPOINT")?;
    Ok(())
}

fn settings(plan: &Plan, api: SocketAddr, gateway: SocketAddr) -> String {
    let Plan { class, sending, rules, .. } = plan;
    format!(
        "[server]\nbind = \"{api}\"\n\
         [notices]\nday_from = \"07:00\"\nday_to = \"07:00\"\n{rules}\n\
         [gateways.sms]\nkind = \"http\"\n\
         answer = {{ code = [\"/code\"], reference = \"/id\", accepted = [\"100\"], duplicate = [\"124\"] }}\n\
         request = {{ url = \"http://{gateway}/send?id={{id}}&to={{to}}&text={{text}}\" }}\n\
         [gateways.sms.sending]\nclass = \"{class}\"\n{}{sending}\n\
         [gateways.sms.receipts]\nsecret = \"{SECRET}\"\n{}",
        if *class == "idempotent" { "known_for_s = 86400\n" } else { "" },
        if *class == "queryable" { asking(gateway) } else { String::new() }
    )
}

/// How a gateway is asked that can be.
fn asking(gateway: SocketAddr) -> String {
    format!(
        "[gateways.sms.pull]\ncode = [\"/code\"]\ndelivered = [\"delivered\"]\nfailed = [\"failed\"]\n\
         underway = [\"underway\"]\nunknown = [\"unknown\"]\n\
         [gateways.sms.pull.request]\nmethod = \"get\"\nurl = \"http://{gateway}/status?id={{id}}\"\n"
    )
}

/// Makes a clerk with a session; returns the token.
fn sign_in(conn: &mut PgConnection) -> anyhow::Result<String> {
    let (token, id, now) = (new_token("mcs_"), Uuid::now_v7(), Clock::System.now());
    let unit: Uuid = units::table.filter(units::code.eq("H21.00.01")).select(units::id).first(conn)?;
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(id),
            staff::username.eq(format!("clerk-{}", id.simple())),
            staff::full_name.eq("faults"),
            staff::role.eq(Role::Clerk.as_str()),
            staff::unit_id.eq(unit),
            staff::password_hash.eq("-"),
            staff::created_at.eq::<DateTime<Utc>>(now),
        ))
        .execute(conn)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(Uuid::now_v7()),
            sessions::staff_id.eq(id),
            sessions::token_hash.eq(token_hash(&token)),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(now + TimeDelta::hours(12)),
        ))
        .execute(conn)?;
    Ok(token)
}
