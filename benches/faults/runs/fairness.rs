//! Ten messages of one unit do not wait behind the ninety thousand of another.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::figures::Figures;
use crate::house::House;
use crate::scene::{Plan, Scene};
use crate::stock;

const NOTICES: usize = 90_000;
const FEW: usize = 10;
const AIM: Duration = Duration::from_secs(10);
/// How long the many have been going out already.
const UNDER_WAY: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let mut figures = Figures::of("fairness");
    let plan = Plan {
        notices: args.notices(NOTICES),
        class: "idempotent",
        sending: "per_second = 320\n".to_owned(),
        rules: String::new(),
        latency: Duration::from_millis(100),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    scene.start_workers(1)?;
    scene.sent(1, PATIENCE).await?;
    tokio::time::sleep(UNDER_WAY).await;
    let before = scene.gateway.journal().sent;
    let begun = Instant::now();
    let phones: HashSet<u64> = stock::finish_few(&house.state(&scene.url)?, &scene.url, FEW)?.into_iter().collect();
    while told(&scene, &phones) < FEW && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let waited = begun.elapsed();
    figures.tell("waiting before them", plan.notices.saturating_sub(before));
    figures.must("told of the ten", told(&scene, &phones), "10", told(&scene, &phones) == FEW);
    figures.aim("the last of them after", format!("{:.1} s", waited.as_secs_f64()), "≤ 10 s", waited <= AIM);
    scene.strike(house)?;
    Ok(figures)
}

fn told(scene: &Scene, phones: &HashSet<u64>) -> usize {
    scene.gateway.journal().messages.values().filter(|message| phones.contains(&message.to)).count()
}
