//! How fast a queue is drained when the gateway sets no limit.

use std::time::Duration;

use crate::args::Args;
use crate::figures::{Figures, count};
use crate::house::House;
use crate::scene::{Plan, Scene};

const NOTICES: usize = 90_000;
const WORKERS: usize = 2;
const AIM: f64 = 5_000.0;

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let notices = args.notices(NOTICES);
    let mut figures = Figures::of("rate");
    let plan = Plan {
        notices,
        class: "idempotent",
        sending: String::new(),
        rules: String::new(),
        latency: Duration::from_millis(1),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    scene.start_workers(WORKERS)?;
    scene.sent(notices, Duration::from_secs(300)).await?;
    scene.drained().await?;
    scene.end(&mut figures).await?;
    let (first, last) = scene.gateway.journal().span();
    let rate = count(notices) / last.saturating_sub(first).as_secs_f64();
    figures.aim(&format!("messages a second, {WORKERS} processes"), format!("{rate:.0}"), "≥ 5,000", rate >= AIM);
    scene.strike(house)?;
    Ok(figures)
}
