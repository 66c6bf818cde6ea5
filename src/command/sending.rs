//! `motcua sending …`: whether messages go out.

use clap::Subcommand;

use super::console;
use crate::error::Chain;
use crate::notices::{pause_sending, resume_sending};
use crate::state::AppState;

/// What is done to all sending.
#[derive(Debug, Subcommand)]
pub enum Sending {
    /// Stops it; what is written waits.
    Pause {
        /// Why, for those who wonder.
        reason: String,
    },
    /// Lets messages go out again, after a restored backup too.
    Resume,
}

impl Sending {
    /// Pauses or resumes, and says so.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        let switched = state.act_here(&console(), state.clock.now(), |conn, act| match &self {
            Self::Pause { reason } => pause_sending(conn, act, reason),
            Self::Resume => resume_sending(conn, act),
        });
        switched.map_err(|err| anyhow::anyhow!("{}", Chain(&err)))?;
        match self {
            Self::Pause { .. } => println!("sending is paused; `motcua sending resume` lets messages go out again"),
            Self::Resume => println!("sending is resumed"),
        }
        Ok(())
    }
}
