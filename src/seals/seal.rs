//! Sealing a report: everything that it says is counted, checked, written and recorded in one transaction.

use data_encoding::HEXLOWER;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::content::{Counted, SealContent, SealedDossiers, Signature};
use super::form::{Rows, SealForm};
use super::queries::{self, SealRow};
use super::{carry, view};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{SealId, StaffId, UnitId};
use crate::domain::period::office_date;
use crate::error::{AppError, Fault, Said, breaks};
use crate::exports::kept::Keepable;
use crate::staff::people_only;
use crate::state::Act;
use crate::statistics::frozen::{FrozenForm, freeze, table_of_frozen};
use crate::statistics::{Cell, Grouping, Map, check_period, own_unit};

/// Freezes the figures of a period as they are known now, for the unit asked for with all below it.
///
/// # Errors
/// [`AppError::Forbidden`] for keys; [`AppError::Invalid`] for a period that is not over; [`AppError::NotFound`] for a unit
/// that is not theirs, and for a seal to be put right that is not there; [`AppError::Conflict`] when it is sealed already,
/// crosses another, does not add up, or does not go on from the period before.
pub fn seal(conn: &mut PgConnection, act: &Act<'_>, form: &SealForm) -> Result<view::SealOut, AppError> {
    let by = act.by.staff_id().ok_or_else(people_only)?;
    if form.asked.period.to() > office_date(act.now) {
        return Err(not_over());
    }
    let unit = own_unit(act, form.unit.as_deref())?;
    check_period(act, &form.asked.period, (unit, Map::Then)).map_err(in_form)?;
    let rows = Sealed::of(act, &form.rows)?;
    let mut row = draft(act, (form, &rows), (by, unit));
    if let Some((former, _)) = &form.replaces {
        check_replaces(conn, &row, *former)?;
    } else if let Some(other) = queries::crossing(conn, &row)? {
        return Err(crosses(&other));
    }
    // A year of a province takes longer than a request may.
    conn.batch_execute("SET LOCAL statement_timeout = 0")?;
    let content = count(conn, act, (form, &rows), &mut row)?.bytes()?;
    row.hash = Sha256::digest(&content).to_vec();
    queries::insert(conn, &row, &content).map_err(|err| match () {
        () if breaks(&err, "seals_once") => already_sealed(),
        () if breaks(&err, "seals_replaces_key") => replaced_already(),
        () => err.into(),
    })?;
    let hash = HEXLOWER.encode(&row.hash);
    let code = unit.and_then(|id| act.catalogue().unit(id)).map(|unit| unit.code.clone());
    let details = json!({
        "unit": code, "group": row.grouped_by, "layout": row.layout, "from": row.period_from, "to": row.period_to,
        "replaces": row.replaces_id, "dossiers": row.dossiers, "hash": hash,
    });
    audit::note(conn, act, Action::ReportSealed, Subject::Seal(row.id), details)?;
    tracing::info!(seal.id = %row.id, staff.id = %by, hash, "seal {} of {} dossiers made", row.id, row.dossiers);
    view::SealOut::new(conn, act, row)
}

/// Names what is wrong with a period by the fields of [`SealForm`].
fn in_form(err: AppError) -> AppError {
    let AppError::Invalid(faults) = err else { return err };
    let named = faults.into_iter().map(|fault| match fault.pointer.as_str() {
        "?unit" => Fault::new("/unit_code", fault.said),
        _ => fault.in_body(),
    });
    AppError::Invalid(named.collect())
}

/// What makes the rows, once the layout is found.
enum Sealed {
    Of(Grouping),
    In(Keepable),
}

impl Sealed {
    fn of(act: &Act<'_>, rows: &Rows) -> Result<Self, AppError> {
        match rows {
            Rows::Of(grouping) => Ok(Self::Of(*grouping)),
            Rows::In(code) => Keepable::find(act, code).map(Self::In),
        }
    }

    const fn grouping(&self) -> Grouping {
        match self {
            Self::Of(grouping) => *grouping,
            Self::In(layout) => layout.outer,
        }
    }

    const fn layout(&self) -> Option<&Keepable> {
        match self {
            Self::Of(_) => None,
            Self::In(layout) => Some(layout),
        }
    }
}

fn draft(act: &Act<'_>, (form, rows): (&SealForm, &Sealed), (by, unit): (StaffId, Option<UnitId>)) -> SealRow {
    let (replaces_id, reason) = form.replaces.clone().unzip();
    SealRow {
        id: SealId::new(),
        unit_id: unit,
        grouped_by: rows.grouping().as_str().to_owned(),
        layout: rows.layout().map(|layout| layout.code().to_owned()),
        period_rule: form.asked.rule.as_str().to_owned(),
        period_from: form.asked.period.from(),
        period_to: form.asked.period.to(),
        sealed_at: act.now,
        sealed_by: by,
        sealed_by_name: act.by.name.clone(),
        replaces_id,
        reason,
        dossiers: 0,
        hash: Vec::new(),
    }
}

/// Freezes the dossiers and counts them; what they add up to is checked, and that it goes on from the period before.
fn count(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (form, rows): (&SealForm, &Sealed),
    row: &mut SealRow,
) -> Result<SealContent, AppError> {
    let frozen = FrozenForm {
        period: form.asked.period,
        within: row.unit_id,
        cells: Cell::ALL.to_vec(),
        apologised_counts_late: act.office.config.dossiers.apologised_counts_late,
    };
    freeze(conn, act, &frozen, row.id)?;
    let (grouping, inner) = (rows.grouping(), rows.layout().and_then(|layout| layout.inner));
    let counted = table_of_frozen(conn, act, &frozen, (row.id, grouping, inner))?;
    let carried = match queries::before(conn, row)? {
        Some(former) => Some(carry::check(conn, act, &former, (row.id, &frozen))?),
        None => None,
    };
    let (count, hash) = queries::dossiers_hash(conn, row.id)?;
    row.dossiers = count;
    let signature = Signature {
        id: row.id,
        name: &row.sealed_by_name,
        role: act.by.role.as_str(),
        as_of: act.now.into(),
        replaces: row.replaces_id.zip(row.reason.as_deref()),
        versions: (act.catalogue().calendar_version(), act.catalogue().version()),
    };
    let unit = view::unit_on(act, row.unit_id, form.asked.period.last_day())?;
    let counted = Counted {
        report: rows.layout().map(|layout| layout.fill(&counted)),
        rows: counted.table.rows,
        total: counted.table.total,
        grain: counted.grain,
        carried,
        dossiers: SealedDossiers { count, hash: HEXLOWER.encode(&hash) },
    };
    SealContent::new(&signature, (&form.asked, unit, grouping.as_str()), &frozen, counted)
}

/// A seal is put right by one of the same period, unit and rows.
fn check_replaces(conn: &mut PgConnection, row: &SealRow, former: SealId) -> Result<(), AppError> {
    let found = queries::find(conn, former)?.filter(|seal| seal.unit_id == row.unit_id);
    let found = found.ok_or_else(view::no_such_seal)?;
    let of = |seal: &SealRow| (seal.period_from, seal.period_to);
    if of(&found) != of(row) || !found.has_rows_of(row) {
        return Err(AppError::Conflict(Said::new(
            "replaces_another_report",
            "Số liệu được thay phải cùng kỳ, cùng cơ quan và cùng cách chia dòng",
            "A seal is put right by one of the same period, unit and rows",
        )));
    }
    match queries::replaced_by(conn, former)? {
        Some(_) => Err(replaced_already()),
        None => Ok(()),
    }
}

fn not_over() -> AppError {
    let said = Said::new(
        "period_not_over",
        "Kỳ báo cáo chưa kết thúc; chỉ chốt số liệu của kỳ đã qua",
        "The period is not over; only figures of a period that has passed are sealed",
    );
    AppError::invalid("/to", said)
}

fn already_sealed() -> AppError {
    AppError::Conflict(Said::new(
        "already_sealed",
        "Số liệu kỳ này đã chốt; muốn đính chính hãy chốt lại và nêu replaces",
        "This report is sealed; to put it right seal it again and name the former in replaces",
    ))
}

fn replaced_already() -> AppError {
    AppError::Conflict(Said::new(
        "replaced_already",
        "Số liệu này đã có bản đính chính; hãy đính chính bản mới nhất",
        "This seal is put right already; put the newest one right",
    ))
}

fn crosses(other: &SealRow) -> AppError {
    let (from, to) = (other.period_from, other.period_to);
    AppError::Conflict(Said::new(
        "seal_periods_cross",
        format!("Kỳ này chồng một phần lên kỳ đã chốt {from} – {to}"),
        format!("The period lies partly in one that is sealed, {from} to {to}"),
    ))
}
