//! Many dossiers of one submitter in one call: all of them or none.

use diesel::PgConnection;
use serde::{Deserialize, Serialize};

use super::intake::Intake;
use super::people::PersonForm;
use super::receive::receive;
use super::view::Summary;
use crate::error::{AppError, Fault, Said};
use crate::state::Act;

/// So many dossiers at once.
const MOST: usize = 100;

/// Dossiers that one person brings.
#[derive(Debug, Clone, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Who brings them; a dossier that names a submitter keeps its own.
    pub submitter: Option<PersonForm>,
    /// 1 to 100.
    pub dossiers: Option<Vec<Intake>>,
}

/// What was taken in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchReceived {
    /// In the order of the body, each with its pin.
    pub items: Vec<Summary>,
}

/// Takes them in at the counter.
///
/// # Errors
/// [`AppError::Invalid`] with every fault of every dossier, and nothing is taken in; else as [`receive`].
pub fn receive_batch(conn: &mut PgConnection, act: &Act<'_>, batch: &Batch) -> Result<BatchReceived, AppError> {
    let intakes = batch.dossiers.as_deref().unwrap_or_default();
    if intakes.is_empty() || intakes.len() > MOST {
        let said = Said::new("wrong_number", "Từ 1 đến 100 hồ sơ", "From 1 to 100 dossiers");
        return Err(AppError::invalid("/dossiers", said));
    }
    let mut items = Vec::with_capacity(intakes.len());
    let mut faults: Vec<Fault> = Vec::new();
    for (index, intake) in intakes.iter().enumerate() {
        let intake = Intake { submitter: intake.submitter.clone().or(batch.submitter.clone()), ..intake.clone() };
        match receive(conn, act, &intake) {
            Ok(received) => items.push(received.slip(conn, act, &intake)?),
            Err(refused) => match refused.under(&format!("/dossiers/{index}")) {
                AppError::Invalid(found) => faults.extend(found),
                other => return Err(other),
            },
        }
    }
    if faults.is_empty() { Ok(BatchReceived { items }) } else { Err(AppError::Invalid(faults)) }
}
