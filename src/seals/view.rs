//! Seals as answers show them.

use chrono::NaiveDate;
use data_encoding::HEXLOWER;
use diesel::PgConnection;
use serde::Serialize;
use uuid::Uuid;

use super::queries::{self, SealRow};
use crate::domain::ids::UnitId;
use crate::error::{AppError, Said};
use crate::http::office_time::OfficeTime;
use crate::state::Act;
use crate::statistics::Key;

/// A seal: what it is of, who made it, and its hash. What it says is at `/statistics/seals/{id}`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Seal)]
pub struct SealOut {
    id: Uuid,
    /// The code of the unit counted with all below it; `null` for the whole province.
    unit: Option<String>,
    /// What makes a row.
    group: String,
    /// The code of its layout; `null` where it is sealed without one.
    layout: Option<String>,
    /// By which rule the period was named.
    rule: String,
    /// The first date.
    from: NaiveDate,
    /// The first date after the period.
    to: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    sealed_at: OfficeTime,
    sealed_by: String,
    /// The seal that it puts right.
    replaces: Option<Uuid>,
    /// Why.
    reason: Option<String>,
    /// The seal that puts it right.
    replaced_by: Option<Uuid>,
    /// How many dossiers are behind it.
    dossiers: i64,
    /// The SHA-256 of its bytes, in hexadecimal.
    hash: String,
}

impl SealOut {
    pub(super) fn new(conn: &mut PgConnection, act: &Act<'_>, row: SealRow) -> Result<Self, AppError> {
        Ok(Self {
            id: row.id.0,
            unit: row.unit_id.and_then(|id| act.catalogue().unit(id)).map(|unit| unit.code.clone()),
            replaced_by: queries::replaced_by(conn, row.id)?.map(|id| id.0),
            group: row.grouped_by,
            layout: row.layout,
            rule: row.period_rule,
            from: row.period_from,
            to: row.period_to,
            sealed_at: row.sealed_at.into(),
            sealed_by: row.sealed_by_name,
            replaces: row.replaces_id.map(|id| id.0),
            reason: row.reason,
            dossiers: row.dossiers,
            hash: HEXLOWER.encode(&row.hash),
        })
    }

    /// Returns its key.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

/// Returns what a unit was called on a day.
pub(super) fn unit_on(act: &Act<'_>, unit: Option<UnitId>, day: NaiveDate) -> Result<Option<Key>, AppError> {
    let Some(id) = unit else { return Ok(None) };
    let found = act.catalogue().unit(id).ok_or_else(|| AppError::internal(format!("no unit {id}")))?;
    let (code, name) = act.catalogue().named_on(found, day);
    Ok(Some(Key { code, name }))
}

/// The answer for a seal that is not there, or that who asks may not know of.
pub(super) fn no_such_seal() -> AppError {
    AppError::NotFound(Said::new(
        "seal_not_found",
        "Không có số liệu đã chốt này, hoặc không thuộc phạm vi bạn được xem",
        "There is no such seal among those that you may read",
    ))
}
