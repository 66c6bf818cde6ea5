//! Ninety thousand people are told that their result is ready, at the pace that the gateway allows, while the office works
//! on.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::args::Args;
use crate::figures::{Figures, count};
use crate::house::House;
use crate::light_load::LightLoad;
use crate::scene::{Plan, Scene};

const NOTICES: usize = 90_000;
const PER_SECOND: u32 = 320;
const AIM_OF_THE_PACE: f64 = 0.95;
/// The office may be slower by so much.
const SLOWER: f64 = 1.2;
/// What a process may take more at the end than after a tenth.
const FLAT: f64 = 1.2;
const WARMS_UP: Duration = Duration::from_secs(5);
/// As long as it takes until p99 means something.
const BEFORE: Duration = Duration::from_secs(30);

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let notices = args.notices(NOTICES);
    let mut figures = Figures::of("burst");
    let plan = Plan {
        notices,
        class: "idempotent",
        sending: format!("per_second = {PER_SECOND}\n"),
        rules: String::new(),
        latency: Duration::from_millis(100),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    let clerk = scene.start_api().await?;
    let load = LightLoad::start(scene.address, &clerk);
    tokio::time::sleep(WARMS_UP).await;
    let before = Instant::now();
    tokio::time::sleep(BEFORE).await;
    let begun = Instant::now();
    scene.start_workers(1)?;
    let patience = Duration::from_secs(60) + Duration::from_secs(u64::try_from(notices)?) / (PER_SECOND / 2);
    scene.sent(notices / 10, patience).await?;
    let early = scene.workers.first().context("no worker")?.memory()?;
    scene.sent(notices, patience).await?;
    let late = scene.workers.first().context("no worker")?.memory()?;
    let (quiet, busy) = (load.between(before, begun), load.between(begun, Instant::now()));
    load.end().await;
    scene.drained().await?;
    scene.end(&mut figures).await?;

    let (first, last) = scene.gateway.journal().span();
    let took = last.saturating_sub(first).as_secs_f64();
    let pace = count(scene.gateway.journal().sent) / took / f64::from(PER_SECOND);
    figures.tell("from the first to the last message", format!("{took:.1} s"));
    figures.aim(
        &format!("used of {PER_SECOND} messages a second"),
        format!("{pace:.3}"),
        "≥ 0.95",
        pace >= AIM_OF_THE_PACE,
    );
    figures.tell("memory of the worker after a tenth", format!("{:.1} MiB", early.now));
    let grown = late.now / early.now;
    figures.aim("at the end", format!("{:.1} MiB, × {grown:.2}", late.now), "≤ 1.2 ×", grown <= FLAT);
    figures.tell("at most", format!("{:.1} MiB", late.most));
    figures.tell("API before: p50, p99", format!("{:.1} ms, {:.1} ms", quiet.0, quiet.1));
    let slower = busy.1 / quiet.1;
    let found = format!("{:.1} ms, {:.1} ms, p99 × {slower:.2}", busy.0, busy.1);
    figures.aim("API meanwhile", found, "p99 ≤ 1.2 ×", slower <= SLOWER);
    figures.must_be_none("requests to the API that failed", quiet.2 + busy.2);
    scene.strike(house)?;
    Ok(figures)
}
