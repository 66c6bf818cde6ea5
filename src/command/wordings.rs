//! `motcua wordings …`: whether every wording in use can be used.

use clap::Subcommand;

use crate::error::Chain;
use crate::notices::templates::lint;
use crate::platform::db::Scope;
use crate::state::AppState;

/// What is done.
#[derive(Debug, Subcommand)]
pub enum Wordings {
    /// Looks for faults in every wording in use; ends with 1 where there is one.
    Lint,
}

impl Wordings {
    /// Looks, and says what was found.
    ///
    /// # Errors
    /// Faults, a line each; whatever the database says.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        let Self::Lint = self;
        let looked = state.db.read_here(&Scope::system(), |conn| Ok::<_, crate::error::AppError>(lint(conn)?));
        let (all, wrong) = looked.map_err(|err| anyhow::anyhow!("{}", Chain(&err)))?;
        for one in &wrong {
            println!("{one}");
        }
        anyhow::ensure!(wrong.is_empty(), "{} of {all} wordings in use have faults", wrong.len());
        println!("{all} wordings are in use, none has a fault");
        Ok(())
    }
}
