//! What one person of a dossier was told, opened: for the person's right to know.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::enqueue::context;
use crate::domain::ids::{DossierId, NoticeId};
use crate::domain::notice::{NoticeChannel, NoticeStatus, Purpose, Wording};
use crate::domain::person::Part;
use crate::error::AppError;
use crate::http::office_time::OfficeTime;
use crate::schema::notices;
use crate::state::Act;

/// One message to the person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct NoticeOut {
    /// What for.
    #[schema(value_type = String)]
    pub purpose: Purpose,
    /// `sms` or `email`.
    #[schema(value_type = String)]
    pub channel: NoticeChannel,
    /// The number or address; none once it is erased.
    pub address: Option<String>,
    /// The words; none once they are erased.
    pub text: Option<String>,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: NoticeStatus,
    /// When it was written.
    pub created_at: OfficeTime,
    /// When the gateway took it.
    pub sent_at: Option<OfficeTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notices)]
struct Row {
    id: NoticeId,
    purpose: Purpose,
    channel: NoticeChannel,
    key_id: i16,
    address: Vec<u8>,
    wording: Vec<u8>,
    status: NoticeStatus,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

/// Lists what a person of a dossier was told, the first first.
///
/// # Errors
/// Whatever the database says, or words that do not open.
pub fn of_person(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: DossierId,
    part: Part,
) -> Result<Vec<NoticeOut>, AppError> {
    let rows: Vec<Row> = notices::table
        .filter(notices::dossier_id.eq(dossier))
        .filter(notices::recipient.eq(part))
        .order(notices::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| opened(act, row)).collect()
}

fn opened(act: &Act<'_>, row: Row) -> Result<NoticeOut, AppError> {
    let open = |column: &str, sealed: &[u8]| act.office.vault.open(row.key_id, &context(row.id, column), sealed);
    let (address, text) = if row.wording.is_empty() {
        (None, None)
    } else {
        let wording = open("wording", &row.wording)?;
        let wording: Wording = serde_json::from_str(&wording).map_err(|err| AppError::Internal(err.into()))?;
        (Some(open("address", &row.address)?), Some(wording.text))
    };
    Ok(NoticeOut {
        purpose: row.purpose,
        channel: row.channel,
        address,
        text,
        status: row.status,
        created_at: row.created_at.into(),
        sent_at: row.sent_at.map(OfficeTime),
    })
}
