//! What is wrong with the wordings in use: looked for at each start, and by `motcua wordings lint`.

use std::fmt;

use diesel::prelude::*;

use super::name::Name;
use super::{queries, row};
use crate::error::Fault;

/// A wording in use that something is wrong with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongTemplate {
    /// Which version.
    pub name: Name,
    /// All that is wrong with it.
    pub faults: Vec<Fault>,
}

impl fmt::Display for WrongTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<_> = self.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.said.en)).collect();
        write!(f, "{}: {}", self.name, faults.join("; "))
    }
}

/// Looks at every wording in use; returns how many there are, and those that something is wrong with.
///
/// # Errors
/// Whatever the database says.
pub fn lint(conn: &mut PgConnection) -> QueryResult<(usize, Vec<WrongTemplate>)> {
    let active = queries::active(conn)?;
    let looked_at = active.iter().map(|one| WrongTemplate { name: one.name(), faults: row::faults(one) });
    let wrong: Vec<_> = looked_at.filter(|one| !one.faults.is_empty()).collect();
    Ok((active.len(), wrong))
}

/// Names in the log what is wrong with wordings in use.
///
/// The start goes on: a house that takes no dossiers in because of one message would do more harm than the message,
/// and [`super::load`] speaks by the version before where one can't be read at all.
///
/// # Errors
/// Whatever the database says.
pub fn warn_of_faults(conn: &mut PgConnection) -> QueryResult<()> {
    for wrong in lint(conn)?.1 {
        let template = wrong.name.to_string();
        tracing::error!(template, "a wording in use has faults, write its next version: {wrong}");
    }
    Ok(())
}
