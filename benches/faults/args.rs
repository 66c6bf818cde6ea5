//! What is run, and how much of it.

use anyhow::{Context, bail};

/// Every run, in the order in which they are made.
pub const RUNS: [&str; 8] =
    ["burst", "rate", "kill-worker", "kill-postgresql", "gateway", "receipts", "claim", "fairness"];

/// What the command line says.
#[derive(Debug, Clone)]
pub struct Args {
    /// The runs that are made.
    pub only: Vec<&'static str>,
    /// How many notices each run has; each has its own number where nothing is said.
    pub notices: Option<usize>,
    /// By which chance is drawn.
    pub seed: u64,
    /// The gateway knows no repeated number though the settings say that it does: to see that the checker sees it.
    pub is_forgetful: bool,
}

impl Args {
    /// Reads the command line.
    ///
    /// # Errors
    /// A word that is none of ours.
    pub fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut args =
            Self { only: Vec::new(), notices: None, seed: rand::random::<u32>().into(), is_forgetful: false };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} wants a value"));
            match word.as_str() {
                "--only" => args.only.push(known(&value()?)?),
                "--notices" => args.notices = Some(value()?.parse().context("--notices wants a number")?),
                "--seed" => args.seed = value()?.parse().context("--seed wants a number")?,
                "--forgetful" => args.is_forgetful = true,
                // Cargo says so to every bench.
                "--bench" => {}
                _ => bail!(
                    "{word} is unknown: [--only NAME]… [--notices N] [--seed N] [--forgetful]; NAME is one of {RUNS:?}"
                ),
            }
        }
        if args.only.is_empty() {
            args.only = RUNS.to_vec();
        }
        Ok(args)
    }

    /// Returns how many notices a run has that has `usual` otherwise.
    pub fn notices(&self, usual: usize) -> usize {
        self.notices.unwrap_or(usual)
    }
}

fn known(name: &str) -> anyhow::Result<&'static str> {
    RUNS.into_iter().find(|run| *run == name).with_context(|| format!("there is no run {name}; there are {RUNS:?}"))
}
