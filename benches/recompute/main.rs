//! `make bench`: 200,000 open dossiers are foreseen; a swap of two days is published over 100,000, tried before and told
//! afterwards; and how long one due date takes.
//!
//! A private, durable PostgreSQL on the same machine. Criterion is no dependency here: the one figure that it would give
//! is a mean over a million calls, which `std::time::Instant` gives as well.

#[path = "../base/copies.rs"]
mod copies;
mod due_date;
mod house;
#[path = "../base/intake.rs"]
mod intake;
#[path = "../base/postgres.rs"]
mod postgres;
#[path = "../base/province.rs"]
mod province;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use house::{House, Open};
use motcua::calendars::{self, Followed};
use motcua::catalogue::publication::Tell;
use motcua::command::console;
use motcua::dossiers::foresight::fill;
use motcua::platform::progress::Progress;
use motcua::state::AppState;
use serde_json::Value;

const SWAP: &str = include_str!("../../tests/data/swap-2026-11.json");
const OPEN: usize = 100_000;
/// Those whose people are told are received one by one, for what is sealed of people can't be copied.
const TOLD: usize = 5_000;
/// The aim for publishing.
const AIM: Duration = Duration::from_secs(60);
const FORESEEN: usize = 200_000;
/// The aim for foreseeing.
const FORESIGHT_AIM: Duration = Duration::from_secs(20);

fn main() -> anyhow::Result<()> {
    due_date::measure()?;
    foresee(&House::open(Open::Copied(FORESEEN))?.state)?;
    let house = House::open(Open::Copied(OPEN))?;
    dry_run(&house.state)?;
    let took = publish(&house.state, Tell::Nobody)?;
    println!("  ratio           {:.2} of the aim of {} s", took.as_secs_f64() / AIM.as_secs_f64(), AIM.as_secs());
    drop(house);
    let house = House::open(Open::Received(TOLD))?;
    publish(&house.state, Tell::People)?;
    Ok(())
}

/// Nothing is kept of copied dossiers yet: all are looked at.
fn foresee(state: &AppState) -> anyhow::Result<()> {
    let begun = Instant::now();
    let done = tokio::runtime::Runtime::new()?.block_on(fill::tick(state.clone()))?;
    let took = begun.elapsed();
    println!(
        "foresight         {:.1} s, {done} open dossiers; {:.2} of the aim of {} s",
        took.as_secs_f64(),
        took.as_secs_f64() / FORESIGHT_AIM.as_secs_f64(),
        FORESIGHT_AIM.as_secs()
    );
    Ok(())
}

fn dry_run(state: &AppState) -> anyhow::Result<()> {
    let content: Value = serde_json::from_str(SWAP)?;
    let (begun, mut listed) = (Instant::now(), 0_usize);
    let foresight = state
        .act_here(&console(), state.clock.now(), |conn, act| calendars::foresee(conn, act, content, |_| listed += 1));
    let foresight = foresight?.ok().context("the swap has faults")?;
    let took = begun.elapsed();
    println!(
        "dry run           {:.1} s, {} open dossiers, {listed} would move",
        took.as_secs_f64(),
        foresight.all.total
    );
    Ok(())
}

fn publish(state: &AppState, tell: Tell) -> anyhow::Result<Duration> {
    let content: Value = serde_json::from_str(SWAP)?;
    let begun = Instant::now();
    let published =
        state.act_here(&console(), state.clock.now(), |conn, act| calendars::publish(conn, act, content, tell));
    let published = published?.ok().context("the swap has faults")?;
    let in_force = begun.elapsed();
    ensure!(calendars::follow_here(state, &Progress::silent())? == Followed::All, "somebody counts by the old one");
    let took = begun.elapsed();
    let told = if tell == Tell::People { ", people told" } else { "" };
    println!(
        "publishing        {:.1} s, {} open dossiers{told}; in force after {} ms, {:.0} dossiers a second",
        took.as_secs_f64(),
        published.total,
        in_force.as_millis(),
        f64::from(u32::try_from(published.total)?) / took.as_secs_f64()
    );
    Ok(took)
}
