//! Missing papers: asked for once and whole, supplied as they come, or not in time (NĐ 61/2018 Đ15.3, Đ19.4).

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::accept::Note;
use super::change::{Ask, Change};
use super::deadline::{self, Derivation};
use super::model::{Dossier, Paper, PauseRow};
use super::originals::Brought;
use super::papers::{PaperForm, PaperRead, read_papers};
use super::pause::{self, NewPause};
use super::{end, legs, originals, queries, steps};
use crate::domain::deadline::{SupplementAsk, SupplementEffect, supplement_effect};
use crate::domain::dossier::{PaperState, PauseKind, Status, StepOutcome, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::ids::PauseId;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::domain::procedure::PauseEffect;
use crate::domain::role::{Role, Who};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::{dossier_papers, dossier_pauses};
use crate::state::Act;

/// The whole list of what is missing.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSupplement {
    /// Every paper that is missing.
    pub papers: Option<Vec<PaperForm>>,
    /// Why.
    pub reason: Option<String>,
    /// Until when; else as the settings say.
    pub answer_by: Option<NaiveDate>,
    /// A leader's reason for a second request, or for one that comes too late.
    pub override_reason: Option<String>,
}

/// The papers that came.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Supply {
    /// Positions (from 1) of the papers that came; all that were asked for when left out.
    pub positions: Option<Vec<i16>>,
    /// Positions of those that are originals, taken for comparison and to be given back.
    pub give_back: Option<Vec<i16>>,
    /// When they came, where that was before they are booked, as by post; now when left out.
    pub came_at: Option<DateTime<FixedOffset>>,
    /// Of a dossier with legs: the code of the one that waits for them; may be left out where only one does.
    pub leg: Option<String>,
    /// Up to 1000 characters.
    pub note: Option<String>,
}

/// Asks for missing papers; the clock stands until all are here.
pub fn request(
    conn: &mut PgConnection,
    act: &Act<'_>,
    ask: &Ask,
    form: &RequestSupplement,
) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let listed = form.papers.as_deref().filter(|papers| !papers.is_empty());
    let papers = faults.required("/papers", listed).and_then(|papers| read_papers(&mut faults, "/papers", papers));
    let reason = faults.text("/reason", 1000, form.reason.as_deref());
    let (papers, reason) = faults.finish(papers.zip(reason))?;
    let mut change = Change::begin(conn, act, ask, Verb::RequestSupplement)?;
    let effect = effect_now(conn, act, &change.dossier, form)?;
    let back_to = change.dossier.status;
    let answer_by = answer_by(act, form.answer_by)?;
    let opened = NewPause {
        kind: PauseKind::Supplement,
        effect,
        back_to,
        answer_by: Some(answer_by),
        reason: reason.clone(),
        replaces: None,
    };
    let pause = pause::open(conn, act, &change.dossier, opened)?;
    let names = write_asked(conn, &change.dossier, pause, &papers)?;
    change.dossier.status = Status::AwaitingSupplement;
    if change.dossier.accepted_at.is_some() {
        deadline::recompute(conn, act, &mut change.dossier)?;
    }
    change.note = Some(reason.clone());
    change.details = json!({ "papers": names, "answer_by": answer_by, "effect": effect,
        "override_reason": form.override_reason });
    let recorded = change.record(conn, act)?;
    let facts = Facts { answer_by: Some(answer_by), papers: names, reason: Some(reason), ..Facts::default() };
    recorded.tell(conn, act, Purpose::Supplement, facts)?;
    Ok(recorded.dossier)
}

/// Notes what the counter found missing at intake; the dossier has no clock yet.
pub(super) fn open_at_counter(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    asked: (Vec<PaperRead>, String),
) -> Result<Facts, AppError> {
    let (papers, reason) = asked;
    let answer_by = answer_by(act, None)?;
    let opened = NewPause {
        kind: PauseKind::Supplement,
        effect: PauseEffect::Restart,
        back_to: Status::Registered,
        answer_by: Some(answer_by),
        reason: reason.clone(),
        replaces: None,
    };
    let pause = pause::open(conn, act, dossier, opened)?;
    let papers = write_asked(conn, dossier, pause, &papers)?;
    Ok(Facts { answer_by: Some(answer_by), papers, reason: Some(reason), ..Facts::default() })
}

/// Books papers that came; when the list is complete the pause closes and the dossier returns to where it was.
pub fn supply(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Supply) -> Result<Dossier, AppError> {
    let change = Change::begin(conn, act, ask, Verb::Supply)?;
    match change.kind {
        DossierKind::Parent => legs::supply_one(conn, act, &change.dossier, form),
        DossierKind::Alone | DossierKind::Leg => supplied(conn, act, change, form),
    }
}

/// Books papers that came for a dossier that this transaction holds.
pub(super) fn supplied(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut change: Change,
    form: &Supply,
) -> Result<Dossier, AppError> {
    let note = Note { note: form.note.clone() }.read()?;
    let came_at = came_at(conn, act, &change.dossier, form)?;
    let originals = originals_of(conn, &change.dossier, form)?;
    let missing = missing_after(conn, &change.dossier, (form.positions.as_deref(), came_at))?;
    originals::take(conn, act, &change.dossier, (&originals, came_at))?;
    change.note = note;
    change.details = json!({ "still_missing": missing, "came_at": came_at });
    if missing > 0 {
        return Ok(change.record(conn, act)?.dossier);
    }
    let before = change.dossier.due_first;
    // The citizen's last paper stops the pause, not the moment at which it is booked.
    let last = last_came_at(conn, &change.dossier)?.unwrap_or(act.now);
    let closed = pause::close_at(conn, &change.dossier, last)?;
    change.dossier.status = closed.back_to;
    if change.dossier.accepted_at.is_none() {
        return Ok(change.record(conn, act)?.dossier);
    }
    deadline::recompute(conn, act, &mut change.dossier)?;
    let recorded = change.record(conn, act)?;
    if recorded.dossier.due_at != before {
        let due = recorded.dossier.due_at.map(office_date);
        recorded.tell(conn, act, Purpose::DueChanged, Facts { due, ..Facts::default() })?;
    }
    Ok(recorded.dossier)
}

/// The originals among the papers that come now.
fn originals_of(conn: &mut PgConnection, dossier: &Dossier, form: &Supply) -> Result<Vec<Brought>, AppError> {
    let Some(marked) = form.give_back.as_deref() else { return Ok(Vec::new()) };
    let papers = queries::papers(conn, dossier.id)?;
    let comes = |paper: &&Paper| form.positions.as_ref().is_none_or(|positions| positions.contains(&paper.position));
    let coming: Vec<&Paper> = papers.iter().filter(|paper| paper.state == PaperState::Asked).filter(comes).collect();
    originals::read_supplied(&coming, marked)
}

/// When the last of the papers came for which the open pause waits.
fn last_came_at(conn: &mut PgConnection, dossier: &Dossier) -> QueryResult<Option<DateTime<Utc>>> {
    let pause = pause::current(conn, dossier)?.map(|pause| pause.id);
    dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(dossier.id))
        .filter(dossier_papers::pause_id.eq(pause))
        .select(diesel::dsl::max(dossier_papers::supplied_at))
        .first(conn)
}

/// When the papers came: never before they were asked for, nor after now.
fn came_at(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    form: &Supply,
) -> Result<DateTime<Utc>, AppError> {
    let Some(came_at) = form.came_at.map(|at| at.to_utc()) else { return Ok(act.now) };
    let opened = pause::current(conn, dossier)?.map(|pause| pause.opened_at);
    if came_at > act.now {
        let said = Said::new("in_the_future", "Thời điểm ở tương lai", "The moment lies in the future");
        return Err(AppError::invalid("/came_at", said));
    }
    if opened.is_some_and(|opened| came_at < opened) {
        let said = Said::new(
            "before_it_was_asked",
            "Thời điểm trước khi yêu cầu bổ sung",
            "The moment lies before the papers were asked for",
        );
        return Err(AppError::invalid("/came_at", said));
    }
    Ok(came_at)
}

/// Ends a dossier whose missing papers did not come in time: not taken in, or stopped.
pub fn lapse(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Note) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Lapse)?;
    let pause = pause::current(conn, &change.dossier)?.ok_or_else(|| AppError::internal("no pause stands open"))?;
    check_passed(act, &pause)?;
    let reason = note.unwrap_or_else(|| "Quá thời hạn bổ sung hồ sơ".to_owned());
    change.note = Some(reason.clone());
    if pause.back_to == Status::Registered {
        pause::close(conn, act, &change.dossier)?;
        change.dossier.status = Status::Declined;
        let recorded = change.record(conn, act)?;
        recorded.tell(conn, act, Purpose::Declined, Facts { reason: Some(reason), ..Facts::default() })?;
        return Ok(recorded.dossier);
    }
    end::end(conn, act, &mut change.dossier, Status::Stopped)?;
    steps::leave(conn, act, &change.dossier, StepOutcome::Ended, Some(&reason))?;
    let recorded = change.record(conn, act)?;
    recorded.tell(conn, act, Purpose::Stopped, Facts { reason: Some(reason), ..Facts::default() })?;
    Ok(recorded.dossier)
}

fn check_passed(act: &Act<'_>, pause: &PauseRow) -> Result<(), AppError> {
    match pause.answer_by {
        Some(day) if office_date(act.now) <= day => Err(AppError::Conflict(Said::new(
            "supplement_term_runs",
            format!("Công dân còn thời hạn bổ sung đến hết ngày {}", day.format("%d/%m/%Y")),
            format!("The citizen may still supply papers until {day}"),
        ))),
        _ => Ok(()),
    }
}

/// What this request does to the term; a second or late one needs a leader's override.
fn effect_now(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    form: &RequestSupplement,
) -> Result<PauseEffect, AppError> {
    let asked_before: i64 = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(dossier.id))
        .filter(dossier_pauses::kind.eq(PauseKind::Supplement))
        .filter(dossier_pauses::replaces_id.is_null())
        .count()
        .get_result(conn)?;
    let in_time = in_time(act, dossier)?;
    if asked_before == 0 && !matches!(in_time, Some(SupplementEffect::NeedsOverride)) {
        return Ok(in_time.map_or(PauseEffect::Restart, SupplementEffect::pause_effect));
    }
    let by_leader = act.by.role == Role::Leader || act.by.who == Who::System;
    let written = form.override_reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    if by_leader && written {
        // What should have been asked the first time, or in time, never makes the term count anew.
        return Ok(in_time.map_or(PauseEffect::Restart, |_| PauseEffect::Resume));
    }
    let (vi, en) = if asked_before > 0 {
        ("Đã yêu cầu bổ sung một lần", "Papers were asked for once already")
    } else {
        ("Đã quá thời gian được yêu cầu bổ sung", "The time for asking for papers has passed")
    };
    Err(AppError::Conflict(Said::new(
        "needs_override",
        format!("{vi}; lãnh đạo phải ghi override_reason"),
        format!("{en}; a leader must give override_reason"),
    )))
}

fn in_time(act: &Act<'_>, dossier: &Dossier) -> Result<Option<SupplementEffect>, AppError> {
    let (Some(_), Some(due_at)) = (dossier.accepted_at, dossier.due_at) else { return Ok(None) };
    let procedure = deadline::procedure_of(act, dossier)?;
    let derivation = Derivation::of(dossier)?;
    let ask = SupplementAsk {
        counts_from: derivation.counts_from,
        requested_at: act.now,
        due_at,
        unit: derivation.term.unit(),
        within_days: u32::try_from(procedure.supplement_within_days).unwrap_or(0),
        version_effect: procedure.supplement_effect,
    };
    let effect = supplement_effect(act.catalogue().calendar(), &ask);
    effect.map(Some).map_err(|err| deadline::refused(err.into()))
}

fn answer_by(act: &Act<'_>, asked: Option<NaiveDate>) -> Result<NaiveDate, AppError> {
    let today = office_date(act.now);
    match asked {
        Some(day) if day > today => Ok(day),
        Some(_) => Err(AppError::invalid(
            "/answer_by",
            Said::new("not_in_the_future", "Hạn bổ sung phải sau hôm nay", "answer_by must lie after today"),
        )),
        None => {
            let days = act.office.config.dossiers.supplement_days;
            let last = act.catalogue().calendar().nth_working_day(today, days);
            last.map_err(|err| deadline::refused(err.into()))
        }
    }
}

fn write_asked(
    conn: &mut PgConnection,
    dossier: &Dossier,
    pause: PauseId,
    papers: &[PaperRead],
) -> Result<Vec<String>, AppError> {
    let last: Option<i16> = dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(dossier.id))
        .select(diesel::dsl::max(dossier_papers::position))
        .first(conn)?;
    let rows: Vec<Paper> = papers
        .iter()
        .zip(last.unwrap_or(0).saturating_add(1)..)
        .map(|(paper, position)| Paper {
            dossier_id: dossier.id,
            position,
            code: paper.code.clone(),
            name: paper.name.clone(),
            kind: paper.kind,
            quantity: paper.quantity,
            state: PaperState::Asked,
            pause_id: Some(pause),
            supplied_at: None,
        })
        .collect();
    diesel::insert_into(dossier_papers::table).values(&rows).execute(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Books the papers and returns how many are still missing.
fn missing_after(
    conn: &mut PgConnection,
    dossier: &Dossier,
    (positions, came_at): (Option<&[i16]>, DateTime<Utc>),
) -> Result<usize, AppError> {
    let asked: Vec<i16> = queries::papers(conn, dossier.id)?
        .into_iter()
        .filter(|paper| paper.state == PaperState::Asked)
        .map(|paper| paper.position)
        .collect();
    let came: Vec<i16> = positions.map_or_else(|| asked.clone(), <[i16]>::to_vec);
    if let Some(unknown) = came.iter().find(|position| !asked.contains(position)) {
        return Err(AppError::invalid(
            "/positions",
            Said::new(
                "not_asked_for",
                format!("Giấy tờ số {unknown} không nằm trong danh sách yêu cầu bổ sung"),
                format!("Paper {unknown} is not among those asked for"),
            ),
        ));
    }
    let rows = dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(dossier.id))
        .filter(dossier_papers::position.eq_any(&came));
    diesel::update(rows)
        .set((dossier_papers::state.eq(PaperState::Supplied), dossier_papers::supplied_at.eq(came_at)))
        .execute(conn)?;
    Ok(asked.iter().filter(|position| !came.contains(position)).count())
}
