//! The use cases behind the public page.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Serialize;

use super::expected::{ExpectedOut, expected};
use super::legs::{self, Leg, LegOut};
use super::queries::{self, Change, Pinned, PublicStatus};
use super::wording::{self, Facts};
use crate::domain::calendar::Calendar;
use crate::domain::code::DossierCode;
use crate::domain::dossier::Status;
use crate::domain::ids::DossierId;
use crate::domain::period::office_date;
use crate::error::{AppError, Said};
use crate::http::locale::Language;
use crate::http::office_time::OfficeTime;
use crate::platform::secret::Pin;
use crate::state::Office;

/// What anyone may know.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StatusOut {
    code: String,
    /// `registered`, `received`, `processing` …
    status: &'static str,
    /// The same in words.
    status_text: &'static str,
    /// How far it is, 0–100.
    progress: i16,
}

/// What the holder of the pin may know.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PinnedOut {
    #[serde(flatten)]
    status: StatusOut,
    unit: UnitOut,
    procedure: String,
    /// When the result is due; `null` while the clock stands or has not started.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<OfficeTime>,
    /// Whether the due date rests on a calendar that is not yet announced.
    provisional: bool,
    /// When it may be expected, as others of its kind went; no promise. `null` while the clock stands, once there is a
    /// result, and where too few are known.
    expected: Option<ExpectedOut>,
    next_step: NextStepOut,
    /// The changes of the status, the oldest first.
    timeline: Vec<ChangeOut>,
    /// What several agencies do for it and how far each is; empty for most.
    legs: Vec<LegOut>,
}

/// A unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names of the columns")]
pub struct UnitOut {
    pub code: String,
    pub name: String,
}

/// What comes next, in plain words.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NextStepOut {
    /// `wait`, `supplement`, `pay`, `collect` or `nothing`.
    action: &'static str,
    /// The last day on which it can be done.
    by: Option<chrono::NaiveDate>,
    text: String,
}

/// A change of the status.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChangeOut {
    #[schema(value_type = String, format = DateTime)]
    at: OfficeTime,
    status: &'static str,
    status_text: &'static str,
}

/// Finds the plain status of a code as somebody typed it.
///
/// # Errors
/// The one [`AppError::NotFound`] of this page.
pub(super) fn read_status(conn: &mut PgConnection, code: &str, language: Language) -> Result<StatusOut, AppError> {
    let found = queries::status(conn, &searched(code))?;
    found.map(|status| told(status, language)).ok_or_else(not_found)
}

/// Finds the whole page for a code and pin as somebody typed them.
///
/// # Errors
/// The one [`AppError::NotFound`] of this page, also when the pin is wrong.
pub(super) fn read_pinned(conn: &mut PgConnection, office: &Office, asked: &Asked) -> Result<PinnedOut, AppError> {
    let hash = asked.pin.hash(&office.vault);
    match queries::pinned(conn, &searched(&asked.code), &hash)? {
        Some(found) => page(conn, found, &Reading::new(office, asked.language, asked.now)),
        None => Err(not_found()),
    }
}

/// What the holder of a pin asks.
pub(super) struct Asked {
    pub code: String,
    pub pin: Pin,
    pub language: Language,
    pub now: DateTime<Utc>,
}

/// How and when a page is read.
pub struct Reading<'a> {
    pub(super) language: Language,
    pub(super) now: DateTime<Utc>,
    pub(super) calendar: &'a Calendar,
}

impl<'a> Reading<'a> {
    /// Reads in a language, at a moment, by the calendar of an office.
    pub fn new(office: &'a Office, language: Language, now: DateTime<Utc>) -> Self {
        Self { language, now, calendar: office.catalogue.calendar() }
    }
}

/// A code that can't be one is looked up all the same, as one that nobody has.
fn searched(code: &str) -> String {
    DossierCode::read(code).map_or_else(String::new, |code| code.as_str().to_owned())
}

fn not_found() -> AppError {
    AppError::NotFound(Said::new(
        "dossier_not_found",
        "Không tìm thấy hồ sơ với mã này, hoặc mã PIN không đúng; hãy xem lại giấy hẹn",
        "There is no dossier of this code, or the pin is wrong; look at the slip again",
    ))
}

/// Returns the page of a dossier that who asks has proved to know.
///
/// # Errors
/// Whatever the database says.
pub fn read_known(conn: &mut PgConnection, id: DossierId, reading: &Reading<'_>) -> Result<PinnedOut, AppError> {
    let found = queries::known(conn, id)?;
    page(conn, found, reading)
}

/// Returns what anyone may know, in words.
pub fn status_of(code: String, status: Status, progress: i16, language: Language) -> StatusOut {
    told(PublicStatus { code, status, progress }, language)
}

fn told(found: PublicStatus, language: Language) -> StatusOut {
    StatusOut {
        code: found.code,
        status: found.status.as_str(),
        status_text: wording::status_text(found.status, language),
        progress: found.progress,
    }
}

fn page(conn: &mut PgConnection, found: Pinned, reading: &Reading<'_>) -> Result<PinnedOut, AppError> {
    let language = reading.language;
    let (code, name) = queries::unit(conn, found.resolving_unit_id)?;
    let legs = legs::legs(conn, found.id)?;
    let next = wording::next_step(&facts(conn, &found, &legs, reading.now)?, language);
    let changes = queries::changes(conn, found.id)?;
    let shows_due = found.status.status.is_open();
    Ok(PinnedOut {
        unit: UnitOut { code, name },
        procedure: queries::procedure_name(conn, found.procedure_version_id)?,
        due_at: found.due_at.filter(|_| shows_due).map(OfficeTime),
        provisional: found.provisional && shows_due,
        expected: expected(conn, &found, reading)?,
        next_step: NextStepOut { action: next.action.as_str(), by: next.by, text: next.text },
        timeline: changes.into_iter().map(|change| changed(&change, language)).collect(),
        legs: legs.iter().map(|leg| leg.shown(language)).collect(),
        status: told(found.status, language),
    })
}

fn facts(conn: &mut PgConnection, found: &Pinned, legs: &[Leg], now: DateTime<Utc>) -> Result<Facts, AppError> {
    let (status, wanted) = match legs::asked_by(conn, found.id, legs)? {
        Some(asked) => asked,
        None => (found.status.status, queries::wanted(conn, found.id)?),
    };
    Ok(Facts {
        status,
        was_accepted: found.accepted_at.is_some(),
        delivery: found.result_delivery,
        result: found.result,
        is_at_counter: found.at_counter_at.is_some(),
        due_on: found.due_at.map(office_date),
        promised_on: queries::promised_on(conn, found.id)?,
        counter: queries::unit(conn, found.returning_unit_id)?.1,
        papers: wanted.papers,
        answer_by: wanted.answer_by,
        amount_vnd: wanted.amount_vnd,
        pay_by: wanted.pay_by,
        today: office_date(now),
    })
}

fn changed(change: &Change, language: Language) -> ChangeOut {
    ChangeOut {
        at: change.happened_at.into(),
        status: change.status.as_str(),
        status_text: wording::status_text(change.status, language),
    }
}
