//! Where a dossier is in its process, who holds it, what comes, who held it for how long, and what its due date looks
//! like from here: `GET /dossiers/{code}/process`.

mod held_view;
mod mermaid;
mod path;
mod unheld;
mod view;

pub use view::ProcessView;

use diesel::PgConnection;

use super::held::Held;
use super::view::visible;
use crate::domain::code::DossierCode;
use crate::error::AppError;
use crate::state::Act;

/// Shows the process of a dossier.
///
/// # Errors
/// [`AppError::NotFound`] for one that who acts may not know of.
pub fn show(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<ProcessView, AppError> {
    let dossier = visible(conn, act, code)?;
    let held = Held::load(conn, act, &dossier)?;
    let path = path::Path::load(conn, act, &dossier, &held)?;
    let warnings = unheld::warnings(conn, act, &dossier, &path)?;
    view::ProcessView::new(conn, act, &dossier, (held, path, warnings))
}
