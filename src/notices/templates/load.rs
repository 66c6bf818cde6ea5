//! The wordings in use, read into memory.

use diesel::PgConnection;

use super::queries;
use super::row::VendorIds;
use crate::domain::notice::Templates;
use crate::error::AppError;

/// Loads the wording in use of each purpose on each channel.
///
/// One that can't be read, which takes another hand in the database or a version of the program that knows less, must
/// not keep the house from working: in its place speaks the one that was in use before it. [`super::lint`] names it.
///
/// # Errors
/// Whatever the database says.
pub fn load(conn: &mut PgConnection) -> Result<Templates, AppError> {
    let active = queries::active(conn)?;
    let ids: Vec<_> = active.iter().map(|row| row.id).collect();
    let mut vendor_ids = queries::vendor_ids(conn, &ids)?;
    let mut templates = Vec::with_capacity(active.len());
    for row in active {
        match row.template(vendor_ids.remove(&row.id).unwrap_or_default()) {
            Ok(template) => templates.push(template),
            Err(_) => {
                let before = queries::used_before(conn, row.name())?;
                templates.extend(before.iter().find_map(|row| row.template(VendorIds::new()).ok()));
            }
        }
    }
    Ok(Templates::new(templates))
}
