//! Exports made by the worker: asked for, made in parts that survive a kill, fetched later, erased after some days.
//!
//! All state lies in the database, so that whichever process has time takes the next step.

mod lease;
mod make;
mod model;
mod moments;
mod register;
mod register_file;
pub mod routes;
mod work;

use std::sync::Arc;

use diesel::prelude::*;
use serde::Deserialize;

use super::filled::{Asked, Caption};
use super::layouts::{Counts, Layout, Layouts, Written};
use super::{ReportFormat, details, note_export};
use crate::audit;
use crate::config::Config;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::ExportId;
use crate::domain::period::Period;
use crate::domain::role::Sight;
use crate::error::{AppError, Said};
use crate::http::page::Cursor;
use crate::platform::keyset::before;
use crate::schema::{export_parts, exports};
use crate::state::Act;
use crate::statistics::{AskedPeriod, check_counter, lists_dossiers, own_unit, seen_unit, sees_dossiers_of};

pub use model::{Export, ExportState};
pub(super) use register_file::{Place, write_register};
pub use work::tick;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ExportAsked {
    /// The code of a layout.
    pub layout: String,
    /// Of which period.
    pub period: AskedPeriod,
    /// The code of a unit: it and all below it.
    pub unit: Option<String>,
    /// How it is written.
    pub format: ReportFormat,
    /// Whether a CSV file begins with the byte-order mark.
    pub bom: bool,
}

/// Exports of somebody that may wait or run at the same time.
const MOST_AT_ONCE: i64 = 10;

/// Checks what only counting can tell of an export before it is asked for: a table of counters is of units with one.
///
/// # Errors
/// As `statistics::check_counter`, and what can't be asked for.
pub fn check(conn: &mut PgConnection, act: &Act<'_>, asked: &ExportAsked) -> Result<(), AppError> {
    let layout = Layouts::of(&act.office.config)?.find(&asked.layout)?;
    if layout.counts != Counts::Intake {
        return Ok(());
    }
    let unit = seen_unit(act, asked.unit.as_deref())?;
    let asked = Asked { layout, period: asked.period.clone(), unit };
    Caption::of(act, &asked).map_err(AppError::in_body)?;
    check_counter(conn, act, &asked.period.period, unit).map_err(AppError::in_body)
}

/// Writes down that an export is wanted; the worker makes it.
///
/// # Errors
/// What can't be asked for; 409 when as many of the same person are under way already.
pub fn ask(conn: &mut PgConnection, act: &Act<'_>, asked: ExportAsked) -> Result<Export, AppError> {
    let layout = Layouts::of(&act.office.config)?.find(&asked.layout)?;
    let is_register = layout.counts == Counts::Register;
    if is_register && !matches!(asked.format, ReportFormat::Xlsx | ReportFormat::Csv) {
        let said = Said::new("not_for_registers", "Sổ theo dõi chỉ có xlsx và csv", "A register is xlsx or csv");
        return Err(AppError::invalid("/format", said));
    }
    // A register names people: it is of those units whose dossiers are seen, and not of all whose figures are.
    let unit = match is_register {
        true if !lists_dossiers(act) => return Err(registers_not_theirs()),
        true => own_unit(act, asked.unit.as_deref())?,
        false => seen_unit(act, asked.unit.as_deref())?,
    };
    let written = serde_json::to_value(&layout.written).map_err(|err| AppError::Internal(err.into()))?;
    Caption::of(act, &Asked { layout, period: asked.period.clone(), unit }).map_err(AppError::in_body)?;
    let under_way: i64 = exports::table
        .filter(exports::asked_by.eq(act.by.principal()))
        .filter(exports::ended_at.is_null())
        .count()
        .get_result(conn)?;
    if under_way >= MOST_AT_ONCE {
        return Err(AppError::Conflict(Said::new(
            "too_many_exports",
            format!("Đang có {MOST_AT_ONCE} tệp chờ lập; hãy đợi hoặc hủy bớt"),
            format!("{MOST_AT_ONCE} exports are under way; wait, or cancel some"),
        )));
    }
    let period = asked.period.period;
    let row = Export {
        id: ExportId::new(),
        layout: asked.layout,
        format: asked.format.as_str().to_owned(),
        bom: asked.bom,
        period_from: period.from(),
        period_to: period.to(),
        period_rule: asked.period.rule.as_str().to_owned(),
        period_name: asked.period.name,
        unit_id: unit,
        asked_by: act.by.principal(),
        asked_by_name: act.by.name.clone(),
        asked_at: act.now,
        state: ExportState::Waiting.as_str().to_owned(),
        rows_expected: None,
        rows_done: 0,
        after_at: None,
        after_id: None,
        file_name: None,
        size_bytes: None,
        failed_why: None,
        lost_leases: 0,
        lease: None,
        leased_until: None,
        ended_at: None,
        layout_written: Some(written),
        slow_tries: 0,
        not_before: None,
    };
    diesel::insert_into(exports::table).values(&row).execute(conn)?;
    let details = details(row.unit_code(act), &period, asked.format);
    audit::note(conn, act, Action::ExportAsked, Subject::Report(&row.layout), details)?;
    Ok(row)
}

/// Returns an export to who asked for it, or to who sees everything.
///
/// # Errors
/// [`AppError::NotFound`] for all others.
pub fn show(conn: &mut PgConnection, act: &Act<'_>, id: ExportId) -> Result<Export, AppError> {
    let found: Option<Export> = exports::table.find(id).select(Export::as_select()).first(conn).optional()?;
    found.filter(|export| is_theirs(act, export)).ok_or_else(no_such_export)
}

fn is_theirs(act: &Act<'_>, export: &Export) -> bool {
    export.asked_by == act.by.principal() || reads_all(act)
}

/// Auditors look at what everybody takes out of the house.
fn reads_all(act: &Act<'_>) -> bool {
    act.by.role == crate::domain::role::Role::Auditor && act.by.role.sight() == Sight::All
}

fn no_such_export() -> AppError {
    AppError::NotFound(Said::new("export_not_found", "Không có tệp này", "There is no such export"))
}

/// Lists exports, the newest first, one more than `limit`.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (after, limit): (Option<Cursor>, i64),
) -> Result<Vec<Export>, AppError> {
    let mut query = exports::table.select(Export::as_select()).into_boxed();
    if !reads_all(act) {
        query = query.filter(exports::asked_by.eq(act.by.principal()));
    }
    if let Some(Cursor { at, id }) = after {
        query = query.filter(before((exports::asked_at, exports::id), (at, id)));
    }
    Ok(query.order((exports::asked_at.desc(), exports::id.desc())).limit(limit + 1).load(conn)?)
}

/// Calls an export back that is not made yet.
///
/// # Errors
/// 409 when it has ended.
pub fn cancel(conn: &mut PgConnection, act: &Act<'_>, id: ExportId) -> Result<Export, AppError> {
    show(conn, act, id)?;
    let cancelled = diesel::update(exports::table.find(id).filter(exports::ended_at.is_null()))
        .set((exports::state.eq(ExportState::Cancelled.as_str()), exports::ended_at.eq(act.now)))
        .returning(Export::as_returning())
        .get_result(conn)
        .optional()?;
    cancelled.ok_or_else(|| {
        AppError::Conflict(Said::new("export_ended", "Tệp này đã lập xong hoặc đã hủy", "The export has ended already"))
    })
}

/// Notes that the file is handed out, and returns what it is.
///
/// # Errors
/// 403 for a register of dossiers that who asked for it may not see any more; 409 when there is no file: not yet, not any
/// more, or never.
pub fn hand_out(conn: &mut PgConnection, act: &Act<'_>, id: ExportId) -> Result<Export, AppError> {
    let export = show(conn, act, id)?;
    if export.state != ExportState::Done.as_str() {
        return Err(AppError::Conflict(Said::new(
            "export_has_no_file",
            format!("Chưa có hoặc không còn tệp: {}", export.state),
            format!("There is no file: the export is {}", export.state),
        )));
    }
    let is_register = export.layout(&act.office.config)?.counts == Counts::Register;
    if is_register && !(lists_dossiers(act) && sees_dossiers_of(act, export.unit_id)) {
        return Err(AppError::Forbidden(Said::new(
            "dossiers_not_seen",
            "Sổ này ghi hồ sơ của cơ quan mà bạn không còn được xem",
            "This register is of dossiers that you may not see any more",
        )));
    }
    let period = export.period()?;
    note_export(conn, act, (&export.layout, export.unit_code(act)), &period, export.format()?)?;
    Ok(export)
}

fn registers_not_theirs() -> AppError {
    AppError::Forbidden(Said::new(
        "role_may_not",
        "Vai trò này được xem số liệu nhưng không được lập sổ theo dõi, vì sổ ghi tên người",
        "This role reads figures but asks for no register, which names people",
    ))
}

/// Returns a piece of the file; `None` after the last.
///
/// # Errors
/// Whatever the database says.
pub fn piece(conn: &mut PgConnection, id: ExportId, number: i32) -> Result<Option<Vec<u8>>, AppError> {
    let found = export_parts::table.find((id, "file", number)).select(export_parts::bytes).first(conn);
    Ok(found.optional()?)
}

impl Export {
    /// Returns the code of the unit that it is of; none of all.
    fn unit_code<'a>(&self, act: &'a Act<'_>) -> Option<&'a str> {
        self.unit_id.and_then(|id| act.catalogue().unit(id)).map(|unit| unit.code.as_str())
    }

    fn period(&self) -> Result<Period, AppError> {
        Period::new(self.period_from, self.period_to).map_err(|err| AppError::Internal(err.into()))
    }

    /// Returns the layout as it was when this was asked for: steps of one file are made in one layout. What an earlier
    /// version of the program wrote down has that of now.
    fn layout(&self, config: &Config) -> Result<Arc<Layout>, AppError> {
        let Some(written) = &self.layout_written else {
            return Layouts::of(config)?.find(&self.layout);
        };
        let written = Written::deserialize(written).map_err(|err| AppError::Internal(err.into()))?;
        let layout = Layout::of_written(&self.layout, written).map_err(|err| AppError::Internal(err.into()))?;
        Ok(Arc::new(layout))
    }

    fn format(&self) -> Result<ReportFormat, AppError> {
        self.format.parse().map_err(|err: crate::domain::words::UnknownWord| AppError::Internal(err.into()))
    }
}
