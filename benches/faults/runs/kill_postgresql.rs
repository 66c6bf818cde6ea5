//! PostgreSQL is killed in the middle of a burst, twice, and comes back after a while.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use motcua::schema::dossiers;

use crate::args::Args;
use crate::figures::Figures;
use crate::gateway::journal::Said;
use crate::house::{House, connect};
use crate::light_load::LightLoad;
use crate::scene::{Plan, Scene};

const NOTICES: usize = 24_000;
const WORKERS: usize = 2;
/// For how long it is away.
const AWAY: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(120);

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let mut figures = Figures::of("kill-postgresql");
    let plan = Plan {
        notices: args.notices(NOTICES),
        class: "idempotent",
        sending: "per_second = 800\ntimeout_ms = 3000\n".to_owned(),
        rules: "lease_s = 10\nretry_s = [2, 5, 10, 20, 30, 60, 60, 60]".to_owned(),
        latency: Duration::from_millis(50),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    let clerk = scene.start_api().await?;
    let load = LightLoad::start(scene.address, &clerk);
    scene.start_workers(WORKERS)?;
    for (time, part) in ["first", "second"].into_iter().zip(1..) {
        scene.sent(plan.notices * part / 3, PATIENCE).await?;
        house.postgres.kill()?;
        tokio::time::sleep(AWAY).await;
        let back = Instant::now();
        house.postgres.recover().await?;
        let recovered = back.elapsed();
        // What is under way when it goes is answered, and then nothing comes.
        let seen = scene.gateway.journal().sent;
        let resumed = scene.sent(seen + 1, PATIENCE).await? + recovered;
        figures.tell(&format!("{time} kill: recovery of PostgreSQL"), format!("{:.1} s", recovered.as_secs_f64()));
        figures.tell("until the next message after its start", format!("{:.1} s", resumed.as_secs_f64()));
    }
    scene.sent(plan.notices, PATIENCE).await?;
    let acknowledged = load.end().await;
    scene.drained().await?;
    let verdict = scene.end(&mut figures).await?;
    figures.must_be_none("dead or in doubt", verdict.dead() + verdict.count("in_doubt"));
    let repeated = scene.gateway.journal().answered(Said::Repeated, (Duration::ZERO, Duration::MAX));
    figures.tell("repeated requests that the gateway knew", repeated);
    let there: i64 =
        dossiers::table.filter(dossiers::code.eq_any(&acknowledged)).count().get_result(&mut connect(&scene.url)?)?;
    figures.tell("intakes acknowledged meanwhile", acknowledged.len());
    figures.must_be_none("of them not there", acknowledged.len() - usize::try_from(there)?);
    scene.strike(house)?;
    Ok(figures)
}
