//! The apology ready before the due date: form 04 with the date on which the steps could be done.

use chrono::{NaiveDate, TimeDelta};
use diesel::PgConnection;
use serde::Serialize;

use super::{Seen, look};
use crate::domain::code::DossierCode;
use crate::domain::foresight::Forecast;
use crate::domain::period::{office_date, office_time};
use crate::dossiers::deadline::refused;
use crate::dossiers::extend::letter;
use crate::dossiers::model::Dossier;
use crate::dossiers::view::visible;
use crate::error::{AppError, Said};
use crate::state::Act;

/// A draft that a leader changes, signs and sends by `extend`, or by `apologise` once the due date has passed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApologyDraft {
    /// What becomes of the dossier as things stand.
    pub forecast: String,
    /// The verb that sends it today: `extend`, or `apologise` from the due date on; neither between the two.
    pub verb: Option<&'static str>,
    /// The last day on which `extend` is lawful: one working day before the due date (NĐ 61/2018 Đ19.9).
    pub extend_by: Option<NaiveDate>,
    /// The day on which it could be ready if each step takes what it may.
    pub new_due_on: NaiveDate,
    /// The letter (form 04), with room for the reason.
    pub letter: String,
}

/// Drafts the apology of a dossier that will be late, is late, or is due on the next working day.
///
/// # Errors
/// [`AppError::NotFound`] for a dossier that who acts may not know of; [`AppError::Conflict`] while there is nothing to
/// apologise for, and while its clock stands.
pub(super) fn draft(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<ApologyDraft, AppError> {
    let dossier = visible(conn, act, code)?;
    let seen = look(conn, act, &dossier)?.ok_or_else(|| nothing("Hồ sơ không có hạn đang chạy", "No clock runs"))?;
    let calendar = act.catalogue().calendar();
    let due_on = dossier.due_at.map(office_date).unwrap_or_default();
    let extend_by = calendar.previous_working_day(due_on).map_err(|err| refused(err.into()))?;
    let today = office_date(act.now);
    let is_near = today >= extend_by;
    if !is_near && matches!(seen.forecast, Forecast::Safe | Forecast::AtRisk) {
        return Err(nothing("Hồ sơ chưa có nguy cơ trễ hạn", "The dossier is not going to be late"));
    }
    let new_due_on = new_date(act, &dossier, &seen)?;
    Ok(ApologyDraft {
        forecast: seen.forecast.to_string(),
        verb: match today {
            day if day <= extend_by => Some("extend"),
            day if day >= due_on => Some("apologise"),
            _ => None,
        },
        extend_by: (today <= extend_by).then_some(extend_by),
        new_due_on,
        letter: letter(act, &dossier, new_due_on, "…"),
    })
}

/// The day on which it could be ready: what the steps may use from now on, and never the day that is promised already.
fn new_date(act: &Act<'_>, dossier: &Dossier, seen: &Seen) -> Result<NaiveDate, AppError> {
    let calendar = act.catalogue().calendar();
    let ready = calendar
        .add_working_time(office_time(act.now), TimeDelta::minutes(seen.needed_minutes))
        .map_err(|err| refused(err.into()))?;
    let promised = dossier.due_at.map(office_date).unwrap_or_default().max(office_date(act.now));
    let next = calendar.next_working_day(promised).map_err(|err| refused(err.into()))?;
    calendar.rolled(ready.date().max(next)).map_err(|err| refused(err.into()))
}

fn nothing(vi: &str, en: &str) -> AppError {
    AppError::Conflict(Said::new("nothing_to_apologise_for", vi, en))
}
