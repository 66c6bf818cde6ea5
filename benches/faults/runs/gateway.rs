//! The gateway in all its troubles, one after the other, and well again after each.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use motcua::schema::notice_attempts;

use crate::args::Args;
use crate::figures::{Figures, percent};
use crate::gateway::journal::Said;
use crate::gateway::manners::Mood;
use crate::house::{House, connect};
use crate::scene::{Plan, Scene};

const NOTICES: usize = 24_000;
const WORKERS: usize = 2;
const TIMEOUT: Duration = Duration::from_secs(1);
/// The last part of a trouble, by which it must have been understood.
const AT_LAST: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(240);
/// Answers by which a try came to nothing.
const IN_VAIN: [Said; 6] = [Said::TooLate, Said::Dropped, Said::Garbage, Said::Failed, Said::NotOurs, Said::TooFast];

/// A trouble; without a mood the gateway is away.
struct Trouble {
    name: &'static str,
    mood: Option<Mood>,
    seconds: u64,
}

/// In the order in which they come; a busy gateway takes a quarter of the pace.
fn troubles(pace: u32) -> [Trouble; 6] {
    let trouble = |name, mood, seconds| Trouble { name, mood, seconds };
    let clumsy = Mood::Clumsy { failed: 50, late: 20, dropped: 10 };
    let busy = Mood::Busy { per_second: (pace / 4).max(1), retry_after_s: 2 };
    [
        trouble("away", None, 20),
        trouble("slow", Some(Mood::Slow), 15),
        trouble("5 % errors, 2 % time-outs, 1 % dropped", Some(clumsy), 20),
        trouble("garbage", Some(Mood::Mumbles), 15),
        trouble("wrong password", Some(Mood::KnowsUsNot), 15),
        trouble("429", Some(busy), 30),
    ]
}

pub async fn run(house: &mut House, args: &Args) -> anyhow::Result<Figures> {
    let mut figures = Figures::of("gateway");
    let notices = args.notices(NOTICES);
    // So that something is left for every trouble.
    let pace = u32::try_from(notices / 60)?.max(1);
    let plan = Plan {
        notices,
        class: "idempotent",
        sending: format!("per_second = {pace}\ntimeout_ms = {}\n", TIMEOUT.as_millis()),
        rules: "lease_s = 10\nretry_s = [2, 5, 10, 20, 30, 60, 60, 60, 60, 60, 60, 60]".to_owned(),
        latency: Duration::from_millis(50),
        has_receipts: false,
        seed: args.seed,
    };
    let mut scene = Scene::set(house, &plan).await?;
    scene.gateway.behave(|manners| manners.late = TIMEOUT + Duration::from_millis(500));
    scene.start_workers(WORKERS)?;
    let part = plan.notices / 24;
    scene.sent(part, PATIENCE).await?;
    for trouble in troubles(pace) {
        suffer(&mut scene, &mut figures, &trouble, (part, notices)).await?;
    }
    let well = Instant::now();
    scene.drained().await?;
    figures.tell("all drained after the last trouble", format!("{:.0} s", well.elapsed().as_secs_f64()));
    let verdict = scene.end(&mut figures).await?;
    figures.must_be_none("dead or in doubt", verdict.dead() + verdict.count("in_doubt"));
    scene.strike(house)?;
    Ok(figures)
}

/// Has a trouble begin and end, and waits until a part more got through.
async fn suffer(
    scene: &mut Scene,
    figures: &mut Figures,
    trouble: &Trouble,
    (part, all): (usize, usize),
) -> anyhow::Result<()> {
    let not_sent = not_sent(scene)?;
    let from = scene.gateway.now();
    match trouble.mood {
        Some(mood) => scene.gateway.behave(|manners| manners.mood = mood),
        None => scene.gateway.go().await,
    }
    tokio::time::sleep(Duration::from_secs(trouble.seconds)).await;
    let (to, before) = (scene.gateway.now(), scene.gateway.journal().sent);
    match trouble.mood {
        Some(_) => scene.gateway.behave(|manners| manners.mood = Mood::Well),
        None => scene.gateway.come_back().await?,
    }
    let recovered = scene.sent((before + part).min(all), PATIENCE).await?;
    let (asked, vain) = in_vain(scene, (from, to));
    let spent = vain + self::not_sent(scene)? - not_sent;
    figures.tell(&format!("{}: tries in vain in {} s", trouble.name, trouble.seconds), spent);
    if let Some(Mood::Busy { .. }) = trouble.mood {
        let (late, vain_late) = in_vain(scene, (to.saturating_sub(AT_LAST), to));
        let found =
            format!("{}; {} in the last {} s", percent(vain, asked), percent(vain_late, late), AT_LAST.as_secs());
        figures.tell("share that was too fast", found);
    }
    figures.tell(&format!("{part} more sent after"), format!("{:.1} s", recovered.as_secs_f64()));
    Ok(())
}

/// Counts requests of a time, and those of them that came to nothing.
fn in_vain(scene: &Scene, time: (Duration, Duration)) -> (usize, usize) {
    let journal = scene.gateway.journal();
    let vain = IN_VAIN.iter().map(|said| journal.answered(*said, time)).sum::<usize>();
    (vain + journal.answered(Said::Taken, time) + journal.answered(Said::Repeated, time), vain)
}

/// Counts tries that never reached the gateway.
fn not_sent(scene: &Scene) -> anyhow::Result<usize> {
    let tries = notice_attempts::table.filter(notice_attempts::outcome.eq("not_sent"));
    let tries: i64 = tries.count().get_result(&mut connect(&scene.url)?)?;
    Ok(usize::try_from(tries)?)
}
