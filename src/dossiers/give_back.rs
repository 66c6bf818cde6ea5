//! Originals go back to who brought them, at any time: also after the dossier has ended in whatever way
//! (NĐ 61/2018/NĐ-CP Đ20.2).

use diesel::PgConnection;
use serde::Deserialize;
use serde_json::json;

use super::change::{Ask, Change};
use super::model::Dossier;
use super::originals::{self, Original};
use crate::domain::dossier::{AtHandOver, Verb};
use crate::domain::period::office_time;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// Which originals go back, and to whom.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveBack {
    /// Their numbers, as the dossier shows them; all that the office holds when left out.
    pub numbers: Option<Vec<i16>>,
    /// The name of who receives them; the applicant when nothing is said.
    pub to: Option<String>,
    /// Up to 1000 characters.
    pub note: Option<String>,
}

/// Gives originals back. Of two who do so at once the second is told that it is done.
pub fn give_back(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &GiveBack) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let to = faults.optional_text("/to", 200, form.to.as_deref());
    let note = faults.optional_text("/note", 1000, form.note.as_deref());
    if form.numbers.as_ref().is_some_and(Vec::is_empty) {
        let said =
            Said::new("required", "Cần ít nhất một số, hoặc bỏ trống để trả hết", "Name one, or leave it out for all");
        faults.add("/numbers", said);
    }
    faults.finish(Some(()))?;
    let mut change = Change::begin(conn, act, ask, Verb::GiveBack)?;
    let all = originals::of(conn, change.dossier.id)?;
    let numbers = chosen(&all, form.numbers.as_deref())?;
    change.note = note;
    change.details = json!({ "originals": numbers });
    // Who receives them may be anybody: a name, kept sealed.
    change.sealed = to;
    let recorded = change.record(conn, act)?;
    originals::gone(conn, act, &recorded, &numbers)?;
    Ok(recorded.dossier)
}

fn chosen(all: &[Original], asked: Option<&[i16]>) -> Result<Vec<i16>, AppError> {
    let Some(asked) = asked else {
        let held: Vec<i16> = held(all).map(|original| original.number).collect();
        return if held.is_empty() { Err(nothing_held()) } else { Ok(held) };
    };
    for number in asked {
        let original = all.iter().find(|original| original.number == *number).ok_or_else(|| no_such(*number))?;
        if let Some(refused) = given_back_already(original) {
            return Err(refused);
        }
    }
    Ok(asked.to_vec())
}

fn held(all: &[Original]) -> impl Iterator<Item = &Original> {
    all.iter().filter(|original| original.given_back_at.is_none())
}

fn given_back_already(original: &Original) -> Option<AppError> {
    let (number, at) = (original.number, office_time(original.given_back_at?).format("%H:%M %d/%m/%Y"));
    let by = original.given_back_by.as_deref().unwrap_or("?");
    Some(AppError::Conflict(Said::new(
        "given_back_already",
        format!("Bản chính số {number} đã được {by} trả lại lúc {at}"),
        format!("Original {number} was given back by {by} at {at}"),
    )))
}

fn nothing_held() -> AppError {
    AppError::Conflict(Said::new(
        "no_originals_held",
        "Không còn giữ bản chính nào của hồ sơ này",
        "No originals of this dossier are held",
    ))
}

fn no_such(number: i16) -> AppError {
    let said = Said::new(
        "no_such_original",
        format!("Hồ sơ không có bản chính số {number}; xem originals"),
        format!("The dossier has no original {number}; see its originals"),
    );
    AppError::invalid("/numbers", said)
}

/// Returns the numbers of the originals that go with a result.
///
/// An office wants them to go: who has the result has no reason to come again. So a hand-over that says nothing of them is
/// refused, where a mere warning would be read when the citizen has left. But a result that goes by post or over the wire
/// leaves them here, and so may an owner who sends somebody else for it: whoever says `kept` is not stopped, and the
/// dossier stands in the list of originals left behind.
///
/// # Errors
/// [`AppError::Conflict`] while the office holds originals and nothing is said of them.
pub(super) fn with_the_result(
    conn: &mut PgConnection,
    dossier: &Dossier,
    said: Option<AtHandOver>,
) -> Result<Vec<i16>, AppError> {
    let all = originals::of(conn, dossier.id)?;
    let numbers = held(&all).map(|original| original.number);
    match said {
        Some(AtHandOver::GivenBack) => Ok(numbers.collect()),
        Some(AtHandOver::Kept) => Ok(Vec::new()),
        None if held(&all).next().is_none() => Ok(Vec::new()),
        None => Err(originals_held(&held(&all).map(|original| original.name.as_str()).collect::<Vec<_>>().join("; "))),
    }
}

fn originals_held(names: &str) -> AppError {
    AppError::Conflict(Said::new(
        "originals_held",
        format!("Còn giữ bản chính: {names}; hãy ghi originals: given_back (trả cùng kết quả) hoặc kept (trả sau)"),
        format!("Originals are held: {names}; say originals: given_back (with the result) or kept (later)"),
    ))
}
