//! The one second promise: an extension with its apology before the due date, or an apology on or after it
//! (NĐ 61/2018 Đ19.9, form 04 of TT 03/2025/TT-VPCP).

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::change::{Ask, Change};
use super::model::{Dossier, Rescheduled};
use super::{deadline, queries};
use crate::domain::deadline::{Extension, ExtensionAsk, ExtensionRefused, Rescheduling, check_extension};
use crate::domain::dossier::{ReschedulingKind, Verb};
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::error::{AppError, Said, breaks};
use crate::http::body::Faults;
use crate::schema::dossier_reschedulings;
use crate::state::Act;

/// A new date and why.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDate {
    /// The new last day.
    pub new_due_on: Option<NaiveDate>,
    /// Why it will be, or is, late: told to the citizen.
    pub reason: Option<String>,
}

impl NewDate {
    fn read(&self) -> Result<(NaiveDate, String), AppError> {
        let mut faults = Faults::new();
        let date = faults.required("/new_due_on", self.new_due_on);
        let reason = faults.text("/reason", 1000, self.reason.as_deref());
        faults.finish(date.zip(reason))
    }
}

/// Extends a dossier, at the latest one working day before it is due.
pub fn extend(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &NewDate) -> Result<Dossier, AppError> {
    let (to, reason) = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Extend)?;
    let used = queries::rescheduling(conn, change.dossier.id)?.is_some();
    let rescheduling = if used { Rescheduling::Used } else { Rescheduling::Free };
    let wish = ExtensionAsk { due_at: change.dossier.due_at, to, rescheduling };
    check_extension(act.catalogue().calendar(), act.now, &wish).map_err(refused)?;
    let before = change.dossier.due_at;
    deadline::set_extension(act, &mut change.dossier, Extension { granted_at: act.now, to })?;
    change.details = json!({ "due_before": before, "due_at": change.dossier.due_at });
    promise(conn, act, change, (ReschedulingKind::Extend, to, reason))
}

/// Apologises for a dossier that is late or due today, with a new promise that moves no due date.
pub fn apologise(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &NewDate) -> Result<Dossier, AppError> {
    let (to, reason) = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Apologise)?;
    let today = office_date(act.now);
    let due_on = change.dossier.due_at.map(office_date);
    if due_on.is_none_or(|due_on| today < due_on) {
        return Err(AppError::Conflict(Said::new(
            "before_due_date",
            "Hồ sơ chưa đến hạn; hãy gia hạn bằng extend",
            "The dossier is not due yet; extend it instead",
        )));
    }
    if to <= today {
        let said = Said::new("not_later", "Ngày hẹn mới phải sau hôm nay", "The new date must lie after today");
        return Err(AppError::invalid("/new_due_on", said));
    }
    change.details = json!({ "promised_on": to });
    promise(conn, act, change, (ReschedulingKind::Apologise, to, reason))
}

fn promise(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut change: Change,
    promised: (ReschedulingKind, NaiveDate, String),
) -> Result<Dossier, AppError> {
    let (kind, to, reason) = promised;
    let row = Rescheduled {
        dossier_id: change.dossier.id,
        kind,
        granted_at: act.now,
        promised_on: to,
        reason: reason.clone(),
        letter: letter(act, &change.dossier, to, &reason),
    };
    match diesel::insert_into(dossier_reschedulings::table).values(&row).execute(conn) {
        Err(err) if breaks(&err, "dossier_reschedulings_pkey") => {
            return Err(refused(ExtensionRefused::AlreadyRescheduled));
        }
        done => done?,
    };
    change.note = Some(reason.clone());
    let recorded = change.record(conn, act)?;
    let facts = Facts {
        due: recorded.dossier.due_first.map(office_date),
        promised: Some(to),
        reason: Some(reason),
        ..Facts::default()
    };
    recorded.tell(conn, act, Purpose::Apology, facts)?;
    Ok(recorded.dossier)
}

/// The text of form 04.
pub(super) fn letter(act: &Act<'_>, dossier: &Dossier, to: NaiveDate, reason: &str) -> String {
    let unit = act.catalogue().unit(dossier.resolving_unit_id).map_or("", |unit| unit.name.as_str());
    let procedure =
        act.catalogue().procedure(dossier.procedure_version_id).map_or("", |procedure| procedure.name.as_str());
    let day = |date: Option<NaiveDate>| date.map_or_else(|| "…".to_owned(), |date| date.format("%d/%m/%Y").to_string());
    format!(
        "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT\n\n\
         Ngày {received}, {unit} tiếp nhận hồ sơ mã số {code} về việc: {procedure}.\n\
         Thời gian hẹn trả kết quả: {due}.\n\
         Tuy nhiên đến nay hồ sơ chưa giải quyết xong, lý do: {reason}.\n\
         {unit} xin lỗi Ông/Bà (tổ chức) và hẹn lại thời gian trả kết quả: {to}.\n\
         Sự chậm trễ này đã gây phiền hà, tốn kém thời gian, công sức; mong nhận được sự thông cảm.\n",
        received = day(dossier.accepted_at.map(office_date)),
        code = dossier.code,
        due = day(dossier.due_first.map(office_date)),
        to = to.format("%d/%m/%Y"),
    )
}

fn refused(refused: ExtensionRefused) -> AppError {
    let conflict = |code, vi: &str, en: String| AppError::Conflict(Said::new(code, vi, en));
    let en = refused.to_string();
    match refused {
        ExtensionRefused::AlreadyRescheduled => {
            conflict("already_rescheduled", "Hồ sơ đã được hẹn lại một lần; chỉ được hẹn lại một lần", en)
        }
        ExtensionRefused::Paused => conflict("pause_open", "Hồ sơ đang tạm dừng; hãy gia hạn sau đó", en),
        ExtensionRefused::TooLate { latest } => conflict(
            "too_late_to_extend",
            &format!("Việc gia hạn phải làm chậm nhất ngày {}", latest.format("%d/%m/%Y")),
            en,
        ),
        ExtensionRefused::NotLater { .. } => {
            AppError::invalid("/new_due_on", Said::new("not_later", "Ngày hẹn mới phải sau hạn hiện nay", en))
        }
        ExtensionRefused::NotAWorkingDay { .. } => {
            AppError::invalid("/new_due_on", Said::new("not_a_working_day", "Ngày hẹn mới phải là ngày làm việc", en))
        }
        ExtensionRefused::Calendar(err) => deadline::refused(err.into()),
    }
}
