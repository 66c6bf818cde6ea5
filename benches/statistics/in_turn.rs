//! The same question asked of two houses in turn, so that an hour in which the machine is slow is one for both.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::load::{Load, Reached, Request};

/// Times that each house is asked.
const ROUNDS: usize = 3;

/// Whom to ask, as whom, and for what: one path after the other.
#[derive(Clone)]
pub struct Asking {
    /// Where the house is served.
    pub served: SocketAddr,
    /// The token of who asks.
    pub token: String,
    /// What is asked for.
    pub paths: Vec<String>,
}

/// Asks both in turn, so many seconds each time; returns the round in the middle of each, with the worst p99 of all.
pub async fn in_turn(few: &Asking, many: &Asking, seconds: u64) -> anyhow::Result<(Reached, Reached)> {
    let mut reached = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        reached.0.push(few.ask(seconds).await?);
        reached.1.push(many.ask(seconds).await?);
    }
    Ok((middle(reached.0)?, middle(reached.1)?))
}

impl Asking {
    async fn ask(&self, seconds: u64) -> anyhow::Result<Reached> {
        let Self { token, paths, .. } = self.clone();
        // Seven steps on each time: neighbours may lie on the same pages.
        let path = move |round: usize| paths.get(round * 7 % paths.len()).map_or("", String::as_str).to_owned();
        let asked = Load::new(self.served, 1, seconds);
        let reached = asked.run(move |_, round| Request::get(&path(round), Some(&token))).await?;
        ensure!(reached.failed == 0, "{reached}: answers were refused");
        Ok(reached)
    }
}

fn middle(mut rounds: Vec<Reached>) -> anyhow::Result<Reached> {
    let worst = rounds.iter().map(|round| round.p99).max().unwrap_or_default();
    rounds.sort_unstable_by_key(|round| round.p50);
    let middle = rounds.into_iter().nth(ROUNDS / 2).context("nothing was asked")?;
    Ok(Reached { p99: worst, ..middle })
}

/// How many times as long the other took as the one.
pub fn ratio(one: Duration, other: Duration) -> f64 {
    other.as_secs_f64() / one.as_secs_f64().max(f64::EPSILON)
}
