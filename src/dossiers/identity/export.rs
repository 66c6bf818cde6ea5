//! All that is held of one person, found by the number of an identity paper: for the person's right to know.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::reads::{self, Asked, ReadView};
use super::{read_reason, reads::note};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::DossierId;
use crate::domain::person::{IdNumber, Part, ShownIn};
use crate::dossiers::model::Dossier;
use crate::dossiers::originals;
use crate::dossiers::people::{self, PersonView, id_number_said};
use crate::dossiers::queries;
use crate::dossiers::view::{EventView, PaperView, Summary, events_of};
use crate::error::AppError;
use crate::http::body::Faults;
use crate::http::office_time::OfficeTime;
use crate::notices::{self, NoticeOut};
use crate::schema::{dossier_people, dossiers};
use crate::state::Act;

/// Dossiers in one export at most.
const MOST_DOSSIERS: i64 = 1000;
/// Readings shown of each dossier at most.
const MOST_READS: i64 = 200;

/// Whose data, and why.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportForm {
    /// CCCD, passport or tax number, whole.
    pub id_number: Option<String>,
    /// What it is needed for, the person's request say: 10–500 characters.
    pub reason: Option<String>,
}

/// An export, read.
pub(super) struct Wanted {
    id_number: IdNumber,
    reason: String,
}

impl ExportForm {
    /// Reads the form.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with every fault.
    pub(super) fn read(&self) -> Result<Wanted, AppError> {
        let mut faults = Faults::new();
        let number = faults.required("/id_number", self.id_number.as_deref());
        let number = number.and_then(|text| faults.read("/id_number", id_number_said(), IdNumber::read(text)));
        let reason = read_reason(&mut faults, self.reason.as_deref());
        faults.finish(number.zip(reason).map(|(id_number, reason)| Wanted { id_number, reason }))
    }
}

/// All that is held of one person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonExport {
    /// The number by which the audit and the readings name this export.
    pub export: Uuid,
    /// When it was made.
    pub exported_at: OfficeTime,
    /// Each part in a dossier, the newest first.
    pub parts: Vec<PartView>,
    /// Whether there are more than one export holds.
    pub more: bool,
}

/// The person in one dossier.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PartView {
    /// `applicant` or `submitter`.
    #[schema(value_type = String)]
    pub part: Part,
    /// The person as this dossier knows them.
    pub person: Option<PersonView>,
    /// The dossier.
    pub dossier: Summary,
    /// What was handed in.
    pub papers: Vec<PaperView>,
    /// What happened.
    pub events: Vec<EventView>,
    /// What they were told.
    pub notices: Vec<NoticeOut>,
    /// Who has seen their numbers and addresses.
    pub read_by: Vec<ReadView>,
}

/// Gathers all that is held of one person, and records who was handed it and why. Others in the same dossiers are left
/// out.
///
/// # Errors
/// Whatever the database says.
pub(super) fn export(conn: &mut PgConnection, act: &Act<'_>, wanted: &Wanted) -> Result<PersonExport, AppError> {
    let hash = act.office.vault.index("id_number", wanted.id_number.as_str());
    let mut found: Vec<(Dossier, Part)> = dossier_people::table
        .inner_join(dossiers::table)
        .filter(dossier_people::id_number_hash.eq(hash))
        .order((dossiers::registered_at.desc(), dossiers::id.desc(), dossier_people::part))
        .limit(MOST_DOSSIERS + 1)
        .select((Dossier::as_select(), dossier_people::part))
        .load(conn)?;
    let most = usize::try_from(MOST_DOSSIERS).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let parts = found.iter().map(|(dossier, part)| view(conn, act, dossier, *part)).collect::<Result<_, _>>()?;
    let mut ids: Vec<DossierId> = found.iter().map(|(dossier, _)| dossier.id).collect();
    ids.dedup();
    note(conn, act, &ids, (ShownIn::Export, Some(&wanted.reason)))?;
    let export = Uuid::now_v7();
    let details = json!({ "export": export, "dossiers": ids.len() });
    audit::note(conn, act, Action::PersonExported, Subject::PersonalData, details)?;
    Ok(PersonExport { export, exported_at: act.now.into(), parts, more })
}

fn view(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier, part: Part) -> Result<PartView, AppError> {
    let person = people::open(conn, &act.office.vault, dossier.id, part)?;
    let read_by = reads::of_dossier(conn, dossier.id, Asked { after: None, limit: MOST_READS })?;
    Ok(PartView {
        part,
        person: person.as_ref().map(PersonView::in_clear),
        dossier: Summary { originals: Some(originals::shown(conn, act, dossier.id)?), ..Summary::of(act, dossier) },
        papers: queries::papers(conn, dossier.id)?.into_iter().map(PaperView::from).collect(),
        events: events_of(conn, act, dossier.id)?,
        notices: notices::of_person(conn, act, dossier.id, part)?,
        read_by: read_by.into_iter().map(|read| ReadView::of(act, read)).collect(),
    })
}
