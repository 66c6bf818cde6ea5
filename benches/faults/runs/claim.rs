//! Claims beside hundreds of thousands of dead rows that a long transaction keeps from being cleared away.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::args::Args;
use crate::figures::{Figures, percent, percentile};
use crate::house::{House, connect};
use crate::scene::{Plan, Scene};

/// Messages that fall due one after the other.
const NOTICES: usize = 20_000;
const PER_SECOND: usize = 500;
/// Messages sent before, over ten minutes: each has left a row of when it was due and one of its lease.
const BEFORE: usize = 150_000;
const AIM_MS: f64 = 5.0;
/// The name that the statement carries.
const CLAIM: &str = "-- notices::sending::claim::";

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let mut figures = Figures::of("claim");
    let plan = Plan {
        notices: args.notices(NOTICES).min(NOTICES),
        class: "idempotent",
        sending: String::new(),
        rules: String::new(),
        latency: Duration::from_millis(1),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    let mut conn = connect(&scene.url)?;
    conn.batch_execute(&before())?;
    // It has seen them, so they must stay.
    let mut long = connect(&scene.url)?;
    long.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM notice_queue")?;
    conn.batch_execute(&die())?;
    conn.batch_execute(&spread())?;
    conn.batch_execute("ANALYZE notice_queue")?;
    log_statements(&mut conn)?;
    let log = house.postgres.log();
    let from = std::fs::metadata(&log)?.len();
    scene.start_workers(1)?;
    let patience = Duration::from_secs(60) + Duration::from_secs(u64::try_from(plan.notices / PER_SECOND)?);
    scene.sent(plan.notices, patience).await?;
    scene.drained().await?;
    long.batch_execute("COMMIT")?;
    scene.end(&mut figures).await?;

    let mut times = claims(&log, from)?;
    anyhow::ensure!(!times.is_empty(), "no claim was logged");
    let slow = times.iter().filter(|time| **time > AIM_MS).count();
    figures.tell("dead rows, kept by a transaction", 2 * BEFORE);
    figures.tell("claims", times.len());
    figures.tell("p50", format!("{:.2} ms", percentile(&mut times, 50.0)));
    let p99 = percentile(&mut times, 99.0);
    figures.aim("p99", format!("{p99:.2} ms"), "≤ 5 ms", p99 <= AIM_MS);
    figures.tell("longest", format!("{:.1} ms", percentile(&mut times, 100.0)));
    figures.tell("share above 5 ms", percent(slow, times.len()));
    scene.strike(house)?;
    Ok(figures)
}

/// Writes the rows of messages that are sent already, due within the last ten minutes.
fn before() -> String {
    format!(
        "SET session_replication_role = replica;
         INSERT INTO notice_queue (notice_id, channel, priority, run_at, attempt, unit_id, gateway, not_by)
         SELECT gen_random_uuid(), q.channel, q.priority, now() - n * interval '10 minutes' / {BEFORE}, 0, q.unit_id,
             '', '{{}}'
         FROM generate_series(1, {BEFORE}) AS n, (SELECT * FROM notice_queue LIMIT 1) AS q;
         CREATE TABLE gone AS SELECT notice_id FROM notice_queue WHERE run_at < now() AND notice_id NOT IN
             (SELECT id FROM notices)"
    )
}

/// They are claimed, sent and deleted, as the worker does it.
fn die() -> String {
    "UPDATE notice_queue q SET run_at = q.run_at + interval '90 seconds', attempt = 1, gateway = 'sms'
         FROM gone g WHERE q.notice_id = g.notice_id;
     DELETE FROM notice_queue q USING gone g WHERE q.notice_id = g.notice_id;
     SET session_replication_role = origin"
        .to_owned()
}

/// The live ones fall due one after the other from now on.
fn spread() -> String {
    format!(
        "UPDATE notice_queue q SET run_at = now() + interval '3 seconds' + o.n * interval '1 second' / {PER_SECOND}
         FROM (SELECT notice_id, row_number() OVER (ORDER BY notice_id) AS n FROM notice_queue) AS o
         WHERE q.notice_id = o.notice_id"
    )
}

/// Has the server log how long each statement of this database takes, without what it is bound to.
fn log_statements(conn: &mut PgConnection) -> anyhow::Result<()> {
    conn.batch_execute(
        "DO $$ BEGIN
             EXECUTE format('ALTER DATABASE %I SET log_min_duration_statement = 0', current_database());
             EXECUTE format('ALTER DATABASE %I SET log_parameter_max_length = 0', current_database());
         END $$",
    )?;
    Ok(())
}

/// Reads from the log how long the claims took, in ms: what binding (planning) and running them took together.
fn claims(log: &Path, from: u64) -> anyhow::Result<Vec<f64>> {
    let bytes = std::fs::read(log)?;
    let text = String::from_utf8_lossy(bytes.get(usize::try_from(from)?..).context("the log was cut")?).into_owned();
    let (mut bound, mut times): (HashMap<&str, f64>, Vec<f64>) = (HashMap::new(), Vec::new());
    for line in text.lines().filter(|line| line.contains(CLAIM)) {
        let process = line.split(['[', ']']).nth(1).unwrap_or_default();
        let Some((took, what)) = line.split_once("duration: ").and_then(|(_, rest)| rest.split_once(" ms  ")) else {
            continue;
        };
        let took: f64 = took.parse()?;
        match what.split_whitespace().next() {
            Some("bind") => drop(bound.insert(process, took)),
            Some("execute") => times.push(took + bound.remove(process).unwrap_or(0.0)),
            _ => {}
        }
    }
    Ok(times)
}
