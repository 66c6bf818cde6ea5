//! The process of a dossier as it is shown.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::held_view::HeldView;
use super::mermaid;
use super::path::Path;
use crate::domain::deadline::Standing;
use crate::domain::foresight::Forecast;
use crate::domain::ids::UnitId;
use crate::domain::period::{from_office_time, office_date, office_time};
use crate::domain::process::Step;
use crate::dossiers::deadline::refused;
use crate::dossiers::foresight::{self, Seen};
use crate::dossiers::held::Held;
use crate::dossiers::model::{Dossier, StepRow};
use crate::dossiers::steps;
use crate::error::{AppError, Said};
use crate::http::office_time::OfficeTime;
use crate::schema::dossier_step_helpers;
use crate::state::Act;

/// A dossier in its process.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DossierProcess)]
pub struct ProcessView {
    /// The process's code.
    pub code: String,
    /// The version that the dossier started with, and keeps.
    pub version: i32,
    /// The process's name.
    pub name: String,
    /// The step under way; none before acceptance and after the last one.
    pub at: Option<AtView>,
    /// The steps that come, as long as nobody chooses otherwise.
    pub comes: Vec<ComingView>,
    /// Every hop so far, in order.
    pub taken: Vec<TakenView>,
    /// Who held it for how long.
    pub held: HeldView,
    /// What becomes of it as things stand; none while the clock stands and after the end.
    pub foresight: Option<ForesightView>,
    /// What stands in its way.
    pub warnings: Vec<WarningView>,
    /// The path taken, and what comes, as a Mermaid flowchart.
    pub mermaid: String,
}

/// The step under way.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AtView {
    pub does: String,
    pub role: String,
    pub unit: Option<String>,
    pub holder: Option<String>,
    /// Who does it with the holder.
    pub helpers: Vec<String>,
    pub entered_at: OfficeTime,
    /// What it may use, in working minutes; null without a clock.
    pub budget_minutes: Option<i64>,
    pub used_minutes: i64,
    /// When its budget is used up, if nothing pauses.
    pub due_at: Option<OfficeTime>,
    /// The form that comes of it.
    pub form: Option<String>,
    /// What the holder chooses from when handing it on.
    pub choices: Vec<String>,
    pub sends_back_to: Vec<String>,
}

/// A step that comes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ComingView {
    pub does: String,
    pub role: String,
    pub unit: Option<String>,
    pub form: Option<String>,
}

/// A hop that lies behind, or the one under way.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TakenView {
    pub does: String,
    pub unit: Option<String>,
    pub holder: Option<String>,
    pub entered_at: OfficeTime,
    pub left_at: Option<OfficeTime>,
    pub budget_minutes: Option<i64>,
    pub minutes: i64,
    /// `early`, `on_time` or `late` against its own budget; null while it is open and without a clock.
    pub standing: Option<String>,
    pub outcome: Option<String>,
    pub choice: Option<String>,
    pub form: Option<String>,
}

/// What becomes of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ForesightView {
    /// `safe`, `at_risk`, `will_be_late` or `late`.
    pub forecast: String,
    /// Working minutes until the due date.
    pub left_minutes: i64,
    /// Working minutes that the steps may still use.
    pub needed_minutes: i64,
}

/// Something that stands in its way.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WarningView {
    /// Stable, for programs.
    pub code: &'static str,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl From<Said> for WarningView {
    fn from(said: Said) -> Self {
        Self { code: said.code, vi: said.vi, en: said.en }
    }
}

impl ProcessView {
    pub(super) fn new(
        conn: &mut PgConnection,
        act: &Act<'_>,
        dossier: &Dossier,
        (held, path, warnings): (Held, Path<'_>, Vec<Said>),
    ) -> Result<Self, AppError> {
        let process = steps::process_of(act, dossier)?;
        let at = path.open.as_ref().map(|open| at(conn, act, &path, open)).transpose()?;
        let seen = foresight::look(conn, act, dossier)?;
        let taken = held.hops.iter().enumerate().map(|(number, hop)| taken(act, &path, &held, (number, hop)));
        let coming = path.ahead.iter().filter_map(|index| path.steps.get(*index));
        Ok(Self {
            code: process.code.clone(),
            version: process.version,
            name: process.name.clone(),
            at,
            comes: coming.map(|step| coming_view(act, dossier, step)).collect(),
            taken: taken.collect::<Result<_, _>>()?,
            held: HeldView::new(act, dossier, &held),
            foresight: seen.map(ForesightView::from),
            warnings: warnings.into_iter().map(WarningView::from).collect(),
            mermaid: mermaid::draw(&held, &path),
        })
    }
}

impl From<Seen> for ForesightView {
    fn from(seen: Seen) -> Self {
        let forecast: Forecast = seen.forecast;
        Self { forecast: forecast.to_string(), left_minutes: seen.left_minutes, needed_minutes: seen.needed_minutes }
    }
}

fn at(
    conn: &mut PgConnection,
    act: &Act<'_>,
    path: &Path<'_>,
    (hop, used): &(StepRow, i64),
) -> Result<AtView, AppError> {
    let step = path.current();
    let helpers = dossier_step_helpers::table
        .filter(dossier_step_helpers::step_id.eq(hop.id))
        .order((dossier_step_helpers::staff_name, dossier_step_helpers::staff_id))
        .select(dossier_step_helpers::staff_name)
        .load(conn)?;
    let left = hop.budget_minutes.map(|budget| budget - used).filter(|left| *left >= 0);
    let due_at = left.map(|left| after(act, act.now, left)).transpose()?;
    Ok(AtView {
        does: hop.does.clone(),
        role: hop.role.clone(),
        unit: unit_code(act, hop.unit_id),
        holder: hop.holder_name.clone(),
        helpers,
        entered_at: OfficeTime(hop.entered_at),
        budget_minutes: hop.budget_minutes,
        used_minutes: *used,
        due_at: due_at.map(OfficeTime),
        form: step.and_then(|step| step.form.clone()),
        choices: step.map(Step::choices).unwrap_or_default().into_iter().map(str::to_owned).collect(),
        sends_back_to: step.map(|step| step.sends_back_to.clone()).unwrap_or_default(),
    })
}

fn coming_view(act: &Act<'_>, dossier: &Dossier, step: &Step) -> ComingView {
    ComingView {
        does: step.does.clone(),
        role: step.role.to_string(),
        unit: unit_code(act, steps::unit_of(act, dossier, step)),
        form: step.form.clone(),
    }
}

fn taken(act: &Act<'_>, path: &Path<'_>, held: &Held, (number, hop): (usize, &StepRow)) -> Result<TakenView, AppError> {
    let minutes = held.minutes(|part| part.hop == Some(number) && part.pause.is_none());
    let step = usize::try_from(hop.step).ok().and_then(|index| path.steps.get(index));
    Ok(TakenView {
        does: hop.does.clone(),
        unit: unit_code(act, hop.unit_id),
        holder: hop.holder_name.clone(),
        entered_at: OfficeTime(hop.entered_at),
        left_at: hop.left_at.map(OfficeTime),
        budget_minutes: hop.budget_minutes,
        minutes,
        standing: standing_of(act, hop, minutes)?.map(|standing| standing.to_string()),
        outcome: hop.outcome.map(|outcome| outcome.to_string()),
        choice: hop.choice.clone(),
        form: step.and_then(|step| step.form.clone()),
    })
}

/// How a hop stands against its budget, by date as dossiers do: late above it, on time on the day on which it would
/// have been used up, early before.
fn standing_of(act: &Act<'_>, hop: &StepRow, used: i64) -> Result<Option<Standing>, AppError> {
    let Some((budget, left_at)) = hop.budget_minutes.zip(hop.left_at) else { return Ok(None) };
    if used > budget {
        return Ok(Some(Standing::Late));
    }
    let due = after(act, left_at, budget - used)?;
    Ok(Some(if office_date(left_at) < office_date(due) { Standing::Early } else { Standing::OnTime }))
}

fn after(act: &Act<'_>, at: DateTime<Utc>, minutes: i64) -> Result<DateTime<Utc>, AppError> {
    let calendar = act.catalogue().calendar();
    let after = calendar.add_working_time(office_time(at), TimeDelta::minutes(minutes));
    after.map(from_office_time).map_err(|err| refused(err.into()))
}

fn unit_code(act: &Act<'_>, unit: UnitId) -> Option<String> {
    act.catalogue().unit(unit).map(|unit| unit.code.clone())
}
