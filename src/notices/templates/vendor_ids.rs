//! Under which number a vendor keeps a version: told after the review, since vendors take reviewed words alone.

use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::Deserialize;
use serde_json::json;

use super::in_use::not_reviewed;
use super::name::Name;
use super::queries;
use super::review::no_such_version;
use super::row::Row;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::notice::TemplateState;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::notice_template_vendor_ids as ids;
use crate::state::Act;

const LONGEST_ID: usize = 64;
const LONGEST_GATEWAY: usize = 40;

/// The number that a vendor gave a version.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorIdForm {
    /// As the vendor writes it.
    vendor_id: Option<String>,
}

impl VendorIdForm {
    pub(super) fn read(&self) -> Result<String, AppError> {
        let mut faults = Faults::new();
        let id = faults.text("/vendor_id", LONGEST_ID, self.vendor_id.as_deref());
        let plain = id.filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()));
        let said = Said::new("wrong_vendor_id", "Mã chỉ gồm chữ, số và dấu ASCII", "It has ASCII letters and digits");
        let id = if faults.is_empty() { faults.read("/vendor_id", said, plain) } else { None };
        faults.finish(id)
    }
}

/// Whether a text can be the name of a gateway, as settings write it.
pub(super) fn is_gateway(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=LONGEST_GATEWAY).contains(&text.len()) && text.bytes().all(plain)
}

/// Notes under which number the vendor behind a gateway keeps a version; one noted before is put right.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for a draft.
pub(super) fn set(
    conn: &mut PgConnection,
    act: &Act<'_>,
    name: Name,
    (gateway, vendor_id): (&str, &str),
) -> Result<Row, AppError> {
    queries::lock(conn)?;
    let row = queries::find_to_change(conn, name)?.ok_or_else(no_such_version)?;
    if row.state == TemplateState::Draft {
        return Err(not_reviewed());
    }
    let values = (
        ids::template_id.eq(row.id),
        ids::gateway.eq(gateway),
        ids::vendor_id.eq(vendor_id),
        ids::set_at.eq(act.now),
        ids::set_by.eq(act.by.principal()),
    );
    diesel::insert_into(ids::table)
        .values(values)
        .on_conflict((ids::template_id, ids::gateway))
        .do_update()
        .set((
            ids::vendor_id.eq(excluded(ids::vendor_id)),
            ids::set_at.eq(excluded(ids::set_at)),
            ids::set_by.eq(excluded(ids::set_by)),
        ))
        .execute(conn)?;
    queries::tell_all(conn)?;
    let details = json!({"gateway": gateway, "vendor_id": vendor_id});
    audit::note(conn, act, Action::TemplateVendorIdSet, Subject::Template(&name.to_string()), details)?;
    Ok(row)
}
