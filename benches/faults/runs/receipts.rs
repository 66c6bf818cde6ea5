//! Receipts come three times and in any order, some before the answer, some never, some of messages that nobody knows.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::prelude::*;
use motcua::schema::{notice_receipts, notices};
use uuid::Uuid;

use crate::args::Args;
use crate::figures::{Figures, percentile};
use crate::house::{House, connect};
use crate::scene::{Plan, Scene};

const NOTICES: usize = 12_000;
const PER_SECOND: u32 = 150;
const AIM_MS: f64 = 50.0;
const PATIENCE: Duration = Duration::from_secs(180);

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let mut figures = Figures::of("receipts");
    let plan = Plan {
        notices: args.notices(NOTICES),
        class: "idempotent",
        sending: format!("per_second = {PER_SECOND}\n"),
        rules: String::new(),
        latency: Duration::from_millis(150),
        has_receipts: true,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    scene.start_api().await?;
    scene.gateway.send_receipts_to(scene.address);
    scene.start_workers(1)?;
    scene.sent(plan.notices / 2, PATIENCE).await?;
    let half = over(&scene)?;
    scene.sent(plan.notices, PATIENCE).await?;
    scene.drained().await?;
    worked_off(&scene).await?;
    let regressed = half.iter().filter(|row| !over_now(&scene, row).unwrap_or(false)).count();
    let open = open(&scene)?;
    let verdict = scene.end(&mut figures).await?;

    let taken = &scene.gateway.receipts().context("no receipts")?.taken;
    let mut times = std::mem::take(&mut *taken.times.lock().unwrap_or_else(PoisonError::into_inner));
    let told = scene.gateway.journal().messages.values().filter(|message| message.is_told).count();
    figures.tell("receipts sent", times.len());
    figures.must_be_none("receipts not taken", taken.refused.load(Ordering::Relaxed));
    figures.tell("messages whose receipt was not lost", format!("{told} of {}", verdict.notices));
    figures.must_be_none("delivered or failed at half time and otherwise at the end", regressed);
    let strangers = taken.strangers.load(Ordering::Relaxed);
    figures.must("receipts that fit nothing", open, &strangers.to_string(), open == strangers);
    figures.tell("time of an answer, p50", format!("{:.1} ms", percentile(&mut times, 50.0)));
    let p99 = percentile(&mut times, 99.0);
    figures.aim("p99", format!("{p99:.1} ms"), "< 50 ms", p99 < AIM_MS);
    scene.strike(house)?;
    Ok(figures)
}

/// What a receipt has ended so far.
fn over(scene: &Scene) -> anyhow::Result<Vec<(Uuid, String)>> {
    let ended = notices::table.filter(notices::status.eq_any(["delivered", "failed"]));
    Ok(ended.select((notices::id, notices::status)).load(&mut connect(&scene.url)?)?)
}

fn over_now(scene: &Scene, (id, status): &(Uuid, String)) -> anyhow::Result<bool> {
    let now: String = notices::table.find(id).select(notices::status).first(&mut connect(&scene.url)?)?;
    Ok(now == *status)
}

/// Counts receipts that wait for a notice that they fit.
fn open(scene: &Scene) -> anyhow::Result<usize> {
    let open = notice_receipts::table.filter(notice_receipts::done_at.is_null());
    let open: i64 = open.count().get_result(&mut connect(&scene.url)?)?;
    Ok(usize::try_from(open)?)
}

/// Waits until all receipts are sent, and all that fit are worked off.
async fn worked_off(scene: &Scene) -> anyhow::Result<()> {
    let taken = &scene.gateway.receipts().context("no receipts")?.taken;
    let begun = Instant::now();
    let is_open = || -> anyhow::Result<bool> {
        Ok(taken.under_way.load(Ordering::Relaxed) > 0 || open(scene)? > taken.strangers.load(Ordering::Relaxed))
    };
    while is_open()? && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
