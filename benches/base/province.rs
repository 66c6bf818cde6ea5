//! The province that is measured: its catalogue, and what people are told.

use std::path::Path;

use motcua::catalogue::import::{self, DryRun};
use motcua::notices::templates;
use motcua::platform::db::Scope;
use motcua::platform::progress::Progress;
use motcua::state::AppState;

/// The demo province.
pub const DEMO: &str = "config/province";

/// Loads the catalogue of a province from its files, and the wordings of notices.
pub fn load(state: &AppState, files: impl AsRef<Path>) -> anyhow::Result<()> {
    import::run(state, files.as_ref(), DryRun::No, &Progress::silent())?;
    let now = state.clock.now();
    state.db.tx_here(&Scope::system(), |conn| templates::sync(conn, now))?;
    Ok(())
}
