//! Dossiers of a ministry's own system, told to the province and stored for reading, never edited here
//! (NĐ 224/2026 Đ15.1.h). Their clock is the ministry's; no figure of ours counts them.

use chrono::{DateTime, FixedOffset, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::check_role;
use super::change::{Change, Recorded};
use super::intake::{Form, Intake};
use super::model::Dossier;
use super::queries;
use super::receive::{insert, new_dossier};
use crate::domain::dossier::{Status, Verb};
use crate::domain::ids::DossierId;
use crate::error::{AppError, Said, breaks};
use crate::http::body::Faults;
use crate::schema::dossiers;
use crate::state::Act;

/// A dossier as the ministry's system tells of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mirrored {
    /// A short word for the system, `cu-tru` say.
    pub source: Option<String>,
    /// The dossier's code there.
    pub source_code: Option<String>,
    /// Where it stands, by our words.
    pub status: Option<String>,
    /// When it was filed there.
    pub registered_at: Option<DateTime<FixedOffset>>,
    /// When it was accepted there.
    pub accepted_at: Option<DateTime<FixedOffset>>,
    /// When it is due there.
    pub due_at: Option<DateTime<FixedOffset>>,
    /// When its result was ready, or it ended otherwise.
    pub finished_at: Option<DateTime<FixedOffset>>,
    /// When it was handed over.
    pub returned_at: Option<DateTime<FixedOffset>>,
    /// What it asks for, of whom, for whom.
    pub dossier: Option<Intake>,
}

/// What of it is ours to check.
struct Told {
    source: String,
    source_code: String,
    status: Status,
    registered_at: DateTime<Utc>,
    times: Times,
}

#[derive(Clone, Copy)]
struct Times {
    accepted_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    returned_at: Option<DateTime<Utc>>,
}

/// Stores what a ministry's system tells, for the first time or anew.
///
/// # Errors
/// [`AppError::Forbidden`] for others than portals; [`AppError::Invalid`] with every fault;
/// [`AppError::Conflict`] when the code is that of a dossier of our own.
pub fn mirror(conn: &mut PgConnection, act: &Act<'_>, form: &Mirrored) -> Result<Dossier, AppError> {
    check_role(act, Verb::Mirror)?;
    let told = form.read(act)?;
    let known: Option<DossierId> = dossiers::table
        .filter(dossiers::source.eq(&told.source))
        .filter(dossiers::source_code.eq(&told.source_code))
        .select(dossiers::id)
        .first(conn)
        .optional()?;
    match known.map(|id| queries::lock_by_id(conn, id)).transpose()?.flatten() {
        Some(dossier) if dossier.mirrored => again(conn, act, dossier, &told),
        Some(_) => Err(AppError::Conflict(Said::new(
            "not_mirrored",
            "Mã này là của hồ sơ do tỉnh xử lý",
            "This code is that of a dossier that the province resolves",
        ))),
        None => first(conn, act, form, &told),
    }
}

fn first(conn: &mut PgConnection, act: &Act<'_>, form: &Mirrored, told: &Told) -> Result<Dossier, AppError> {
    let intake = form.dossier.clone().unwrap_or_default();
    let mut read = Form::read(act, &intake).map_err(|err| err.under("/dossier"))?;
    read.received_at = told.registered_at;
    let (mut dossier, _pin) = new_dossier(conn, act, &read, told.status)?;
    dossier.source = Some(told.source.clone());
    dossier.source_code = Some(told.source_code.clone());
    dossier.mirrored = true;
    dossier.answer_due_at = None;
    told.write(&mut dossier);
    let inserted = insert(conn, act, dossier, &read, Verb::Mirror);
    Ok(inserted.map_err(|err| meanwhile(err).under("/dossier"))?.dossier)
}

fn again(conn: &mut PgConnection, act: &Act<'_>, dossier: Dossier, told: &Told) -> Result<Dossier, AppError> {
    let mut change = Change::next(dossier, Verb::Mirror);
    told.write(&mut change.dossier);
    change.details = json!({ "status": told.status });
    let Recorded { dossier, .. } = change.record(conn, act)?;
    Ok(dossier)
}

/// Another call may have brought the same since we looked.
fn meanwhile(err: AppError) -> AppError {
    match err {
        AppError::Internal(cause)
            if cause.downcast_ref::<diesel::result::Error>().is_some_and(|err| breaks(err, "dossiers_source_key")) =>
        {
            AppError::Conflict(Said::new("mirrored_just_now", "Hồ sơ vừa được ghi", "It was stored just now"))
        }
        other => other,
    }
}

impl Mirrored {
    fn read(&self, act: &Act<'_>) -> Result<Told, AppError> {
        let mut faults = Faults::new();
        let source = faults.text("/source", 50, self.source.as_deref());
        let source_code = faults.text("/source_code", 100, self.source_code.as_deref());
        let status = faults.required("/status", self.status.as_deref());
        let status: Option<Status> = status.and_then(|word| faults.word("/status", word));
        let registered_at = faults.required("/registered_at", self.registered_at).map(|at| at.to_utc());
        faults.required("/dossier", self.dossier.as_ref());
        let utc = |at: Option<DateTime<FixedOffset>>| at.map(|at| at.to_utc());
        let times = Times {
            accepted_at: utc(self.accepted_at),
            due_at: utc(self.due_at),
            finished_at: utc(self.finished_at),
            returned_at: utc(self.returned_at),
        };
        for (pointer, at) in [("/registered_at", registered_at), ("/finished_at", times.finished_at)] {
            if at.is_some_and(|at| at > act.now) {
                let said = Said::new("in_the_future", "Thời điểm ở tương lai", "The moment lies in the future");
                faults.add(pointer, said);
            }
        }
        if let Some(status) = status {
            times.check(status, &mut faults);
        }
        let read = || {
            Some(Told {
                source: source?,
                source_code: source_code?,
                status: status?,
                registered_at: registered_at?,
                times,
            })
        };
        let told = read();
        faults.finish(told)
    }
}

impl Times {
    /// Each status has its moments, and no others.
    fn check(self, status: Status, faults: &mut Faults) {
        use Status::{Finished, Returned, Stopped, Withdrawn};
        let ended = matches!(status, Finished | Returned | Withdrawn | Stopped);
        let needs = [
            ("/accepted_at", self.accepted_at, status.is_open() || matches!(status, Finished | Returned)),
            ("/finished_at", self.finished_at, ended),
            ("/returned_at", self.returned_at, status == Returned),
        ];
        for (pointer, at, is_needed) in needs {
            if is_needed && at.is_none() {
                let said = Said::new("required", "Trạng thái này cần thời điểm đó", "This status needs that moment");
                faults.add(pointer, said);
            }
        }
        if status == Status::Voided {
            let said = Said::new("unknown_word", "Hồ sơ ngoài không hủy ở đây", "What is not ours is not voided here");
            faults.add("/status", said);
        }
    }
}

impl Told {
    /// Writes where it stands; what a status has no room for is left out.
    fn write(&self, dossier: &mut Dossier) {
        use Status::{Finished, Returned, Stopped, Withdrawn};
        let Times { accepted_at, due_at, finished_at, returned_at } = self.times;
        let has_result = matches!(self.status, Finished | Returned);
        dossier.status = self.status;
        dossier.accepted_at = accepted_at;
        dossier.due_first = dossier.due_first.or(due_at);
        (dossier.due_unextended, dossier.due_at) = (due_at, due_at);
        dossier.finished_at = finished_at.filter(|_| has_result);
        dossier.ended_at = finished_at.filter(|_| has_result || matches!(self.status, Withdrawn | Stopped));
        dossier.returned_at = returned_at.filter(|_| self.status == Returned);
    }
}
