//! A sealed report as a file, made of what the seal says and of nothing else.

use data_encoding::HEXLOWER;
use diesel::PgConnection;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::adjustments;
use super::content::Kept;
use super::queries::{self, SealRow};
use super::verify::Fault;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::{Period, office_time};
use crate::domain::role::Role;
use crate::error::{AppError, Said};
use crate::exports::kept::About;
use crate::exports::{ByteOrderMark, ReportFormat};
use crate::state::Act;
use crate::statistics::AskedPeriod;

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileForm {
    /// As what.
    pub format: ReportFormat,
    /// Whether a CSV file begins with the byte-order mark.
    pub mark: ByteOrderMark,
}

/// Writes the file of a seal, and that it was handed out; returns it with its name.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for a seal without a layout, and for one whose bytes are not what was
/// hashed: nothing is printed over a hash that it does not have.
pub(super) fn write(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (id, form): (&str, FileForm),
) -> Result<(Vec<u8>, String), AppError> {
    let seal = adjustments::find(conn, act, id)?;
    let content = queries::content(conn, seal.id)?;
    if Sha256::digest(&content).as_slice() != seal.hash {
        return Err(is_changed(&seal));
    }
    let kept = Kept::read(&content)?;
    let foot = foot(&seal, kept.role);
    let report = kept.report.ok_or_else(no_layout)?;
    let about = About {
        period: AskedPeriod {
            period: Period::new(seal.period_from, seal.period_to).map_err(|err| AppError::Internal(err.into()))?,
            rule: seal.period_rule.parse().map_err(|err| AppError::Internal(anyhow::Error::new(err)))?,
            name: kept.period.name,
        },
        unit: kept.unit.map(|unit| (unit.code, unit.name)),
        as_of: seal.sealed_at,
        calendar_version: kept.calendar_version,
        seal: seal.id,
    };
    let written = report.file(about, (kept.total.cells, foot), (form.format, form.mark), &act.office.config.exports)?;
    let details = json!({
        "layout": seal.layout, "from": seal.period_from, "to": seal.period_to, "format": form.format,
    });
    audit::note(conn, act, Action::ReportExported, Subject::Seal(seal.id), details)?;
    Ok(written)
}

/// What is printed below the table.
fn foot(seal: &SealRow, role: Role) -> Vec<String> {
    let at = office_time(seal.sealed_at).format("%H:%M ngày %d/%m/%Y");
    let who = &seal.sealed_by_name;
    let mut lines = vec![
        format!("Số liệu đã chốt lúc {at}; người chốt: {who} ({}).", office(role)),
        format!("Mã số liệu chốt: {}; SHA-256: {}.", seal.id, HEXLOWER.encode(&seal.hash)),
    ];
    if let (Some(former), Some(reason)) = (seal.replaces_id, &seal.reason) {
        lines.push(format!("Đính chính số liệu đã chốt {former}. Lý do: {reason}"));
    }
    lines
}

/// Returns the office of who signs.
const fn office(role: Role) -> &'static str {
    match role {
        Role::Leader => "lãnh đạo cơ quan",
        Role::CentreHead => "lãnh đạo Trung tâm Phục vụ hành chính công",
        other => other.as_str(),
    }
}

fn no_layout() -> AppError {
    AppError::Conflict(Said::new(
        "seal_has_no_layout",
        "Số liệu này được chốt không theo mẫu báo cáo nên không lập được tệp; hãy chốt với layout",
        "This report was sealed without a layout, so there is no file of it; seal it with a layout",
    ))
}

fn is_changed(seal: &SealRow) -> AppError {
    tracing::error!(seal.id = %seal.id, "{}", Fault::Content { seal: seal.id });
    AppError::Conflict(Said::new(
        "seal_broken",
        format!("Số liệu đã chốt ({}) đã bị sửa; hãy báo quản trị", seal.id),
        format!("The seal ({}) was tampered with; tell the administrator", seal.id),
    ))
}
