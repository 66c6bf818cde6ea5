//! One of two processes is killed about every second, and started again.

use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::prelude::*;
use motcua::schema::notices;
use uuid::Uuid;

use crate::args::Args;
use crate::figures::{Figures, count};
use crate::gateway::journal::Said;
use crate::gateway::manners::luck;
use crate::house::{House, connect};
use crate::scene::{Plan, Scene, waiting};

const NOTICES: usize = 24_000;
const WORKERS: usize = 2;
/// Killing ends all the same when so much time has passed.
const AT_LONGEST: Duration = Duration::from_secs(180);
/// A gateway that can be asked is asked after so many a second; what is in doubt must be settled by then.
const SETTLED_WITHIN: Duration = Duration::from_secs(300);
/// So that what a killed process had is taken up again within the run.
const RULES: &str = "lease_s = 10\nretry_s = [2, 5, 10, 20, 30, 60, 60, 60]";

/// A gateway by what becomes of a repeated request.
struct Class {
    letter: char,
    word: &'static str,
    in_flight: usize,
    latency_ms: u64,
}

const CLASSES: [Class; 3] = [
    Class { letter: 'I', word: "idempotent", in_flight: 64, latency_ms: 100 },
    Class { letter: 'Q', word: "queryable", in_flight: 16, latency_ms: 25 },
    Class { letter: 'N', word: "neither", in_flight: 16, latency_ms: 25 },
];

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Vec<Figures>> {
    let mut all = Vec::new();
    for class in CLASSES {
        all.push(of_class(house, args, &class).await?);
    }
    Ok(all)
}

async fn of_class(house: &mut House, args: &Args, class: &Class) -> anyhow::Result<Figures> {
    let mut figures = Figures::of(&format!("kill-worker, class {}", class.letter));
    let plan = Plan {
        notices: args.notices(NOTICES),
        class: class.word,
        sending: format!("in_flight = {}\ntimeout_ms = 3000\n", class.in_flight),
        rules: RULES.to_owned(),
        latency: Duration::from_millis(class.latency_ms),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    scene.start_workers(WORKERS)?;
    let begun = Instant::now();
    let kills = kill_again_and_again(&mut scene, &plan).await?;
    scene.drained().await?;
    if class.letter == 'Q' {
        settled(&scene).await?;
    }
    let verdict = scene.end(&mut figures).await?;
    figures.tell("kills", kills);
    let took = begun.elapsed().as_secs_f64();
    figures.tell("took", format!("{took:.0} s, {:.0} messages a second", count(plan.notices) / took));
    let in_doubt = verdict.count("in_doubt");
    match class.letter {
        'N' => {
            let window = class.in_flight * kills;
            let wanted = format!("≤ {} × {kills}", class.in_flight);
            figures.must("in doubt", in_doubt, &wanted, in_doubt <= window);
        }
        _ => figures.must_be_none("in doubt", in_doubt),
    }
    figures.must_be_none("dead", verdict.dead());
    let journal = scene.gateway.journal();
    figures.tell(
        "repeated requests that the gateway knew",
        journal.answered(Said::Repeated, (Duration::ZERO, Duration::MAX)),
    );
    figures.tell("questions put to the gateway", journal.questions);
    drop(journal);
    scene.strike(house)?;
    Ok(figures)
}

/// Kills one after the other until hardly anything waits; returns how often.
async fn kill_again_and_again(scene: &mut Scene, plan: &Plan) -> anyhow::Result<usize> {
    let mut conn = connect(&scene.url)?;
    let (begun, mut kills) = (Instant::now(), 0);
    while waiting(&mut conn)? * 50 > plan.notices && begun.elapsed() < AT_LONGEST {
        let pause = 800 + luck(plan.seed, Uuid::nil(), u32::try_from(kills)?) % 400;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let victim = scene.workers.get_mut(kills % WORKERS).context("no worker")?;
        victim.check()?;
        victim.kill()?;
        victim.start_again()?;
        kills += 1;
    }
    Ok(kills)
}

/// Waits until the gateway was asked after everything that is in doubt.
async fn settled(scene: &Scene) -> anyhow::Result<()> {
    let (mut conn, begun) = (connect(&scene.url)?, Instant::now());
    let mut open = || -> anyhow::Result<bool> {
        let doubtful: i64 = notices::table.filter(notices::status.eq("in_doubt")).count().get_result(&mut conn)?;
        Ok(doubtful > 0 || waiting(&mut conn)? > 0)
    };
    while open()? && begun.elapsed() < SETTLED_WITHIN {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
