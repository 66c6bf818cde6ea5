//! From one seal to the next: pending (11) of the former, with every adjustment named, is what is carried over (6).
//!
//! A dossier may be pending in the one and not carried over into the other for two reasons alone: it was put right since
//! (an end undone or recorded later, an entry voided), or another unit has it now. The history shows either. What it does
//! not show is refused.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use diesel::PgConnection;
use uuid::Uuid;

use super::content::{Carried, CarriedDossier, Kept};
use super::queries::{self, SealRow, Unmatched};
use super::verify::{self, Fault};
use crate::domain::ids::{SealId, UnitId};
use crate::error::{AppError, Said};
use crate::state::Act;
use crate::statistics::frozen::{FrozenForm, Place, places};
use crate::statistics::{Cell, units_then};

/// How many dossiers that disagree a refusal names.
const NAMED: usize = 20;

/// How long before a seal somebody may have begun what was written down after it.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(1);

/// Where one dossier counts by each of the pictures that decide about it.
struct Pictures {
    /// In the former period, as was known when it was sealed, and shortly before.
    then: [Option<Place>; 2],
    /// In the former period, as is known now.
    former: Option<Place>,
    /// In this period.
    next: Option<Place>,
}

/// Checks a seal against the former one.
///
/// # Errors
/// [`AppError::Conflict`] with the dossiers that are carried over, or are not, and nobody can say why.
pub(super) fn check(
    conn: &mut PgConnection,
    act: &Act<'_>,
    former: &SealRow,
    (seal, form): (SealId, &FrozenForm),
) -> Result<Carried, AppError> {
    let content = queries::content(conn, former.id)?;
    if let Some(fault) = verify::of_seal(conn, former, &content)? {
        return Err(is_broken(former, &fault));
    }
    let kept = Kept::read(&content)?;
    let before = kept.form((former.period_from, former.period_to), former.unit_id)?;
    let (pending, carried) = (before.bit(Cell::Pending), form.bit(Cell::CarriedOver));
    let unmatched = queries::unmatched(conn, (former.id, pending), (seal, carried))?;
    let ids: Vec<Uuid> = unmatched.iter().map(|one| one.id).collect();
    let then = places(conn, act, &before, (&ids, Some(former.sealed_at)))?;
    let shortly_before = places(conn, act, &before, (&ids, Some(former.sealed_at - UNDER_WAY)))?;
    let now = places(conn, act, &before, (&ids, None))?;
    let next = places(conn, act, form, (&ids, None))?;
    let (mut adjustments, mut unexplained, mut added, mut removed) = (Vec::new(), Vec::new(), 0, 0);
    let within = |period| units_then(act, former.unit_id, period).map(|units| units.into_iter().collect());
    let judge =
        Judge { before: &before, next: form, within_before: within(&before.period), within_next: within(&form.period) };
    for one in &unmatched {
        let of = |places: &BTreeMap<Uuid, Place>| places.get(&one.id).copied();
        let pictures = Pictures { then: [of(&then), of(&shortly_before)], former: of(&now), next: of(&next) };
        match judge.why(one, &pictures) {
            Some(why) => adjustments.push(judge.adjustment(one, &pictures, why)),
            None => unexplained.push(judge.told(one, &pictures)),
        }
        if one.was_pending { removed += 1 } else { added += 1 }
    }
    let pending = queries::count(conn, former.id, pending)?;
    let carried_over = queries::count(conn, seal, carried)?;
    if !unexplained.is_empty() || pending + added - removed != carried_over {
        return Err(does_not_carry_over(former, &unexplained));
    }
    Ok(Carried { from: former.id.0, pending, added, removed, carried_over, adjustments })
}

/// The units of a report; `None` is all.
type Units = Option<BTreeSet<UnitId>>;

struct Judge<'a> {
    before: &'a FrozenForm,
    next: &'a FrozenForm,
    /// What lay below the unit then, and what does in the next period: units may move too.
    within_before: Units,
    within_next: Units,
}

impl Judge<'_> {
    /// Says why a dossier is on one side alone; `None` where the history does not.
    fn why(&self, one: &Unmatched, pictures: &Pictures) -> Option<&'static str> {
        let pending = |place: Option<Place>| place.filter(|it| it.cells & self.before.bit(Cell::Pending) != 0);
        let ours = |units: &Units, place: Place| units.as_ref().is_none_or(|units| units.contains(&place.unit));
        let (before, next) = (&self.within_before, &self.within_next);
        // What was frozen must be what was known then.
        if one.was_pending && !pictures.then.into_iter().any(|place| pending(place).is_some()) {
            return None;
        }
        let former = pending(pictures.former);
        let carried = pictures.next.filter(|it| it.cells & self.next.bit(Cell::CarriedOver) != 0);
        match (one.was_pending, former, carried) {
            (true, None, None) => Some("corrected"),
            (true, _, Some(place)) if !ours(next, place) => Some("moved_out"),
            (false, Some(place), Some(_)) if ours(before, place) => Some("corrected"),
            (false, Some(_), Some(place)) if ours(next, place) => Some("moved_in"),
            _ => None,
        }
    }

    fn adjustment(&self, one: &Unmatched, pictures: &Pictures, why: &'static str) -> CarriedDossier {
        let after = pictures.former.map_or(0, |place| place.cells);
        let (before, after) = (self.before.named(one.cells), self.before.named(after));
        CarriedDossier { code: one.code.clone(), why, before, after }
    }

    /// Names a dossier with the cells that disagree.
    fn told(&self, one: &Unmatched, pictures: &Pictures) -> String {
        let words = |form: &FrozenForm, cells: i32| {
            let words: Vec<&str> = form.named(cells).into_iter().map(Cell::as_str).collect();
            if words.is_empty() { "–".to_owned() } else { words.join("+") }
        };
        let next = pictures.next.map_or(0, |place| place.cells);
        format!("{} ({} → {})", one.code, words(self.before, one.cells), words(self.next, next))
    }
}

/// Nothing is built on a seal that somebody has changed.
fn is_broken(former: &SealRow, fault: &Fault) -> AppError {
    tracing::error!(seal.id = %former.id, "seal {} does not hold: {fault}", former.id);
    AppError::Conflict(Said::new(
        "seal_broken",
        format!("Số liệu đã chốt của kỳ trước ({}) đã bị sửa; hãy báo quản trị", former.id),
        format!("The seal of the period before ({}) was tampered with; tell the administrator", former.id),
    ))
}

fn does_not_carry_over(former: &SealRow, unexplained: &[String]) -> AppError {
    let named = unexplained.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = unexplained.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" … (+{more})") } else { String::new() };
    tracing::error!(seal.id = %former.id, dossiers = unexplained.len(), "what seal {} left pending is not carried over", former.id);
    AppError::Conflict(Said::new(
        "seal_does_not_carry_over",
        format!("Tồn cuối của số liệu đã chốt kỳ trước không khớp với kỳ này; chưa chốt. Hồ sơ: {named}{rest}"),
        format!(
            "What the sealed period before left pending is not what is carried over; nothing is sealed. Dossiers: {named}{rest}"
        ),
    ))
}
