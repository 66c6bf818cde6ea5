//! A dossier as its people see it (TT 01/2018/TT-VPCP Đ16.2.d: with log-in, down to the department and the step).

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::Serialize;

use super::queries::{self, AskedPaper, Facts, Listed, Original, Pause, Rescheduled, Step};
use crate::domain::dossier::{PaperState, PauseKind};
use crate::domain::ids::DossierId;
use crate::domain::person::{Email, IdNumber, Phone};
use crate::dossiers::people::{self, Participant};
use crate::error::AppError;
use crate::http::locale::Language;
use crate::http::office_time::OfficeTime;
use crate::lookup::{self, PinnedOut, Reading, StatusOut, UnitOut};
use crate::platform::db::take_in_hand;
use crate::state::Office;

/// A dossier as its people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DossierOut {
    /// What the holder of the pin sees too.
    #[serde(flatten)]
    page: PinnedOut,
    registered_at: OfficeTime,
    accepted_at: Option<OfficeTime>,
    /// The due date of the slip; never moves.
    due_first: Option<OfficeTime>,
    /// Why the due date is another one now, the oldest reason first.
    due_moved: Vec<MovedOut>,
    /// What is done now, and where; `null` before and after.
    step: Option<StepOut>,
    /// The letters that asked for papers, the oldest first.
    supplements: Vec<SupplementOut>,
    /// Originals that were taken for comparison, to be given back.
    originals: Vec<OriginalOut>,
    /// Whom it is for and who brought it; what identifies them is masked.
    people: Vec<PersonOut>,
    /// What came of it.
    result: Option<ResultOut>,
}

/// A dossier in a citizen's list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ListedOut {
    #[serde(flatten)]
    status: StatusOut,
    /// The name of the procedure.
    procedure: String,
    /// The name of the unit that decides.
    unit: String,
    registered_at: OfficeTime,
    /// `null` while the clock stands or has not started, and when it is over.
    due_at: Option<OfficeTime>,
}

impl ListedOut {
    pub(super) fn of(row: Listed, language: Language) -> Self {
        Self {
            due_at: row.due_at.filter(|_| row.status.is_open()).map(OfficeTime),
            status: lookup::status_of(row.code, row.status, row.progress, language),
            procedure: row.procedure,
            unit: row.unit,
            registered_at: row.registered_at.into(),
        }
    }
}

/// Why the due date moved.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MovedOut {
    /// `supplement`, `payment`, `external`, `suspension` (the clock stood), `extend` or `apologise`.
    why: String,
    from: OfficeTime,
    /// When the clock went on; `null` while it stands, and for a new promise.
    until: Option<OfficeTime>,
    /// The new promise.
    promised_on: Option<NaiveDate>,
    /// As the letter to the citizen says.
    reason: Option<String>,
    /// The letter to the citizen.
    letter: Option<String>,
}

/// What is done now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StepOut {
    does: String,
    unit: UnitOut,
    since: OfficeTime,
}

/// A letter that asked for papers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SupplementOut {
    asked_at: OfficeTime,
    /// The last day to bring them.
    answer_by: Option<NaiveDate>,
    reason: String,
    papers: Vec<AskedPaperOut>,
    /// When they were brought, or the wait ended.
    closed_at: Option<OfficeTime>,
}

/// A paper asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AskedPaperOut {
    name: String,
    supplied: bool,
}

/// An original that the office holds, or gave back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OriginalOut {
    name: String,
    quantity: i16,
    taken_at: OfficeTime,
    /// Where it lies.
    unit: UnitOut,
    /// `null` while it lies there.
    given_back_at: Option<OfficeTime>,
}

/// Somebody of the dossier.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PersonOut {
    /// `applicant` or `submitter`.
    part: &'static str,
    name: String,
    /// `052***123`.
    id_number: Option<String>,
    /// `0905***456`.
    phone: Option<String>,
    /// `a***@e***.vn`.
    email: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ResultOut {
    /// `granted` or `refused`.
    result: &'static str,
    number: Option<String>,
    on: Option<NaiveDate>,
    /// Why it was refused.
    reason: Option<String>,
}

/// Shows a dossier to one of its people.
///
/// # Errors
/// Whatever the database says, or a sealed value that does not open.
pub(super) fn show(
    conn: &mut PgConnection,
    office: &Office,
    id: DossierId,
    (language, now): (Language, DateTime<Utc>),
) -> Result<DossierOut, AppError> {
    let facts = queries::facts(conn, id)?;
    let pauses = queries::pauses(conn, id)?;
    let papers = queries::asked_papers(conn, id)?;
    let rescheduled = queries::rescheduled(conn, id)?;
    let accepted_at = facts.accepted_at;
    let counting = pauses.iter().filter(|pause| accepted_at.is_some_and(|at| at <= pause.opened_at));
    Ok(DossierOut {
        page: lookup::read_known(conn, id, &Reading::new(office, language, now))?,
        registered_at: facts.registered_at.into(),
        accepted_at: accepted_at.map(OfficeTime),
        due_first: facts.due_first.map(OfficeTime),
        due_moved: counting.map(MovedOut::by_pause).chain(rescheduled.map(MovedOut::by_promise)).collect(),
        step: queries::step(conn, id)?.map(StepOut::of),
        supplements: letters(conn, id, supplements(&pauses, &papers))?,
        originals: queries::originals(conn, id)?.into_iter().map(OriginalOut::of).collect(),
        people: people::open_all(conn, &office.vault, id)?.iter().map(PersonOut::masked).collect(),
        result: ResultOut::of(facts),
    })
}

/// Adds the letters of legs, which ask for what they need themselves; the pause of the parent only follows theirs.
fn letters(
    conn: &mut PgConnection,
    parent: DossierId,
    own: Vec<SupplementOut>,
) -> Result<Vec<SupplementOut>, AppError> {
    let legs = queries::legs(conn, parent)?;
    if legs.is_empty() {
        return Ok(own);
    }
    let mut letters: Vec<SupplementOut> = own.into_iter().filter(|letter| !letter.papers.is_empty()).collect();
    for leg in legs {
        take_in_hand(conn, leg)?;
        let (pauses, papers) = (queries::pauses(conn, leg)?, queries::asked_papers(conn, leg)?);
        letters.extend(supplements(&pauses, &papers));
    }
    take_in_hand(conn, parent)?;
    Ok(letters)
}

fn supplements(pauses: &[Pause], papers: &[AskedPaper]) -> Vec<SupplementOut> {
    let letters = pauses.iter().filter(|pause| pause.kind == PauseKind::Supplement);
    let of = |pause: &Pause| {
        let asked = papers.iter().filter(|paper| paper.pause_id == Some(pause.id));
        asked
            .map(|paper| AskedPaperOut { name: paper.name.clone(), supplied: paper.state == PaperState::Supplied })
            .collect()
    };
    letters
        .map(|pause| SupplementOut {
            asked_at: pause.opened_at.into(),
            answer_by: pause.answer_by,
            reason: pause.reason.clone(),
            papers: of(pause),
            closed_at: pause.closed_at.map(OfficeTime),
        })
        .collect()
}

impl MovedOut {
    fn by_pause(pause: &Pause) -> Self {
        // Of other pauses the reason is written for colleagues.
        let is_told = matches!(pause.kind, PauseKind::Supplement | PauseKind::Payment);
        Self {
            why: pause.kind.to_string(),
            from: pause.opened_at.into(),
            until: pause.closed_at.map(OfficeTime),
            promised_on: None,
            reason: is_told.then(|| pause.reason.clone()),
            letter: None,
        }
    }

    fn by_promise(row: Rescheduled) -> Self {
        Self {
            why: row.kind.to_string(),
            from: row.granted_at.into(),
            until: None,
            promised_on: Some(row.promised_on),
            reason: Some(row.reason),
            letter: Some(row.letter),
        }
    }
}

impl StepOut {
    fn of((does, code, name, since): Step) -> Self {
        Self { does, unit: UnitOut { code, name }, since: since.into() }
    }
}

impl OriginalOut {
    fn of(row: Original) -> Self {
        Self {
            name: row.name,
            quantity: row.quantity,
            taken_at: row.taken_at.into(),
            unit: UnitOut { code: row.unit_code, name: row.unit_name },
            given_back_at: row.given_back_at.map(OfficeTime),
        }
    }
}

impl PersonOut {
    fn masked(participant: &Participant) -> Self {
        let person = &participant.person;
        Self {
            part: participant.part.as_str(),
            name: person.name.as_str().to_owned(),
            id_number: person.id_number.as_ref().map(IdNumber::masked),
            phone: person.phone.as_ref().map(Phone::masked),
            email: person.email.as_ref().map(Email::masked),
        }
    }
}

impl ResultOut {
    fn of(facts: Facts) -> Option<Self> {
        Some(Self {
            result: facts.result?.as_str(),
            number: facts.result_number,
            on: facts.result_on,
            reason: facts.result_reason,
        })
    }
}
