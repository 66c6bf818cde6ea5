//! `motcua data-keys …`: the keys that seal personal data.

use clap::Subcommand;
use serde_json::json;

use super::console;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::error::Chain;
use crate::platform::data_keys::{self, Listed};
use crate::platform::db::Scope;
use crate::state::AppState;

/// What is done to them.
#[derive(Debug, Subcommand)]
pub enum DataKeys {
    /// Lists them: month, class, which master key wraps each, which are destroyed.
    List,
    /// Wraps all of them by the highest of secrets.sealing_keys; once every process knows it.
    Rewrap,
}

impl DataKeys {
    /// Does it, and says what was done.
    ///
    /// # Errors
    /// A master key that is not in the settings, or whatever the database says.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        match self {
            Self::List => list(state),
            Self::Rewrap => rewrap(state),
        }
    }
}

fn list(state: &AppState) -> anyhow::Result<()> {
    let listed = state.db.read_here(&Scope::system(), |conn| Ok(data_keys::list(conn)?));
    for key in listed.map_err(|err| anyhow::anyhow!("{}", Chain(&err)))? {
        println!("{}", line(&key));
    }
    Ok(())
}

fn line(key: &Listed) -> String {
    let Listed { number, month, class, wrapped_by, destroyed_at } = key;
    let stands = match (wrapped_by, destroyed_at) {
        (Some(master), _) => format!("wrapped by master key {master}"),
        (None, Some(at)) => format!("destroyed on {}", at.date_naive()),
        (None, None) => "destroyed".to_owned(),
    };
    format!("{number}  {}  {class}: {stands}", month.format("%Y-%m"))
}

fn rewrap(state: &AppState) -> anyhow::Result<()> {
    let master = state.vault.key_id();
    let wrapped = state.act_here(&console(), state.clock.now(), |conn, act| {
        let keys = data_keys::wrap_anew(conn, &act.office.vault)?;
        if keys > 0 {
            let details = json!({ "keys": keys, "master": master });
            audit::note(conn, act, Action::DataKeysWrapped, Subject::DataKeys, details)?;
        }
        Ok(keys)
    });
    let wrapped = wrapped.map_err(|err| anyhow::anyhow!("{}", Chain(&err)))?;
    println!("{wrapped} data keys were wrapped anew; all are wrapped by master key {master}");
    Ok(())
}
