//! How units, fields, procedures and calendars are shown.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::stored::StoredCase;
use crate::domain::calendar::Calendar;
use crate::domain::catalogue::{Catalogue, Fee, Field, PaperNeeded, Procedure, Resolver, Unit};
use crate::domain::legs::{Leg, LegUnit, Legs};
use crate::domain::procedure::{Amount, Channel, Term, TermRules};
use crate::domain::process::{Allowance, Branch, Budget, Share, Step};

/// A unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UnitView {
    /// Its code of today.
    code: String,
    /// Its name.
    name: String,
    /// `province`, `department`, `land_office`, `one_stop_centre`, `vertical` or `commune`.
    kind: &'static str,
    /// The code of the unit above.
    parent: Option<String>,
    /// The code of the unit that receives its dossiers.
    receives_at: Option<String>,
    /// Whether longer terms hold for places in it.
    hard_area: bool,
    /// `published` or `made_up`.
    code_is: &'static str,
    /// The first day on which it existed.
    valid_from: NaiveDate,
    /// The first day on which it no longer does.
    valid_to: Option<NaiveDate>,
}

impl UnitView {
    /// Shows a unit.
    pub fn of(unit: &Unit, catalogue: &Catalogue) -> Self {
        let code = |id| catalogue.unit(id).map(|unit| unit.code.clone());
        Self {
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind.as_str(),
            parent: unit.parent.and_then(code),
            receives_at: code(unit.receives_at),
            hard_area: unit.hard_area,
            code_is: unit.code_is.as_str(),
            valid_from: unit.valid_from,
            valid_to: unit.valid_to,
        }
    }
}

/// A field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldView {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// `published` or `made_up`.
    code_is: &'static str,
}

impl From<&Field> for FieldView {
    fn from(field: &Field) -> Self {
        Self { code: field.code.clone(), name: field.name.clone(), code_is: field.code_is.as_str() }
    }
}

/// A code with its name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Named {
    /// The code.
    code: String,
    /// The name.
    name: String,
}

/// A term.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TermView {
    /// The amount.
    #[schema(value_type = f64)]
    amount: Amount,
    /// `working_hour`, `working_day`, `calendar_day` or `month`.
    unit: &'static str,
}

impl From<Term> for TermView {
    fn from(term: Term) -> Self {
        Self { amount: term.amount(), unit: term.unit().as_str() }
    }
}

/// A procedure in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcedureItem {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Its field.
    field: Option<FieldView>,
    /// Counts the versions from 1.
    version: i32,
    /// The published term.
    term: Option<TermView>,
    /// Who resolves it.
    resolved_by: Vec<ResolverView>,
    /// The first day on which the version holds.
    valid_from: NaiveDate,
    /// The first day on which it no longer does.
    valid_to: Option<NaiveDate>,
}

/// Who resolves a procedure: one unit, or every unit of a kind.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolverView {
    /// One unit.
    Unit(Named),
    /// Every unit of the kind.
    Kind(String),
}

impl ProcedureItem {
    /// Shows a version of a procedure.
    pub fn of(procedure: &Procedure, catalogue: &Catalogue) -> Self {
        let resolver = |resolver: &Resolver| match resolver {
            Resolver::Kind(kind) => Some(ResolverView::Kind(kind.to_string())),
            Resolver::Unit(id) => catalogue.unit(*id).map(|unit| {
                let (code, name) = (unit.code.clone(), unit.name.clone());
                ResolverView::Unit(Named { code, name })
            }),
        };
        let terms = procedure.terms.as_ref();
        Self {
            code: procedure.code.clone(),
            name: procedure.name.clone(),
            field: catalogue.field(procedure.field_id).map(FieldView::from),
            version: procedure.version,
            term: terms.map(|terms| terms.base.into()),
            resolved_by: procedure.resolvers.iter().filter_map(resolver).collect(),
            valid_from: procedure.valid_from,
            valid_to: procedure.valid_to,
        }
    }
}

/// A procedure with all that is known of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcedureView {
    #[serde(flatten)]
    item: ProcedureItem,
    /// The term of the law where the published one is shorter.
    statutory: Option<TermView>,
    /// Amounts for channels, in the unit of the term.
    #[schema(value_type = Object)]
    by_channel: BTreeMap<Channel, Amount>,
    /// The amount in hard areas, in the unit of the term.
    #[schema(value_type = Option<f64>)]
    hard_area: Option<Amount>,
    /// Cases in which another term is lawful: `{code, name, effect, amount, basis}`.
    #[schema(value_type = Vec<Object>)]
    cases: Vec<StoredCase>,
    /// `none`, `at_15_00` or `last_hour`.
    cutoff: &'static str,
    /// `restart` or `resume`.
    supplement_effect: &'static str,
    /// Working days after receipt in which a supplement may restart the term.
    supplement_within_days: i32,
    /// Whether the time of consulted agencies is not counted.
    excludes_external_time: bool,
    /// What is handed in; empty where unknown.
    #[schema(value_type = Vec<Object>)]
    papers: Vec<PaperNeeded>,
    /// What it costs on that day; empty where unknown.
    #[schema(value_type = Vec<Object>)]
    fees: Vec<Fee>,
    /// By which steps it is resolved.
    process: Option<ProcessView>,
    /// Where the term was found.
    limit_source: String,
    /// What else is known.
    note: Option<String>,
}

impl ProcedureView {
    /// Shows a version of a procedure as of a day.
    pub fn of(procedure: &Procedure, catalogue: &Catalogue, as_of: NaiveDate) -> Self {
        let terms = procedure.terms.as_ref();
        let cases = |terms: &TermRules| terms.cases.iter().map(StoredCase::from).collect();
        let by_channel = |terms: &TermRules| terms.by_channel.iter().copied().collect();
        let process = procedure.process_id.and_then(|id| catalogue.process(id));
        Self {
            item: ProcedureItem::of(procedure, catalogue),
            statutory: terms.and_then(|terms| terms.statutory).map(TermView::from),
            by_channel: terms.map(by_channel).unwrap_or_default(),
            hard_area: terms.and_then(|terms| terms.hard_area),
            cases: terms.map(cases).unwrap_or_default(),
            cutoff: procedure.cutoff.as_str(),
            supplement_effect: procedure.supplement_effect.as_str(),
            supplement_within_days: procedure.supplement_within_days,
            excludes_external_time: procedure.excludes_external_time,
            papers: procedure.papers.clone(),
            fees: fees_on(&procedure.fees, as_of),
            process: process.map(|process| ProcessView {
                code: process.code.clone(),
                name: process.name.clone(),
                version: process.version,
                steps: process.steps.iter().map(StepView::from).collect(),
                legs: process.legs.iter().map(|leg| LegOut::of(leg, &process.legs)).collect(),
            }),
            limit_source: procedure.limit_source.clone(),
            note: procedure.note.clone(),
        }
    }
}

fn fees_on(fees: &[Fee], day: NaiveDate) -> Vec<Fee> {
    let holds = |fee: &&Fee| fee.valid_from.is_none_or(|from| from <= day) && fee.valid_to.is_none_or(|to| day < to);
    fees.iter().filter(holds).cloned().collect()
}

/// A process.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcessView {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Counts the versions from 1.
    version: i32,
    /// Its steps, in order.
    steps: Vec<StepView>,
    /// Parts done by other agencies, each with its own procedure, term and clock.
    legs: Vec<LegOut>,
}

/// A step.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StepView {
    /// Who does it.
    role: String,
    /// What is done.
    does: String,
    /// Who does it, where that is not the resolving unit: a unit's code, or `place`.
    unit: Option<String>,
    /// `share` of the term, `minutes`, `rest`, or `none`.
    budget: &'static str,
    /// The part of the term in basis points.
    share_basis_points: Option<u32>,
    /// At most so many working minutes.
    at_most_minutes: Option<u32>,
    /// So many working minutes, whatever the term.
    minutes: Option<u32>,
    /// The number of the group that uses the budget together; steps with the same number share it.
    group: Option<u32>,
    /// The steps to which it may send back.
    sends_back_to: Vec<String>,
    /// Ways on to others than the next step, in the order in which they are tried.
    #[schema(value_type = Vec<Object>)]
    goes_to: Vec<Branch>,
    /// What its holder chooses from when handing it on.
    choices: Vec<String>,
    /// The kind of pause that it opens.
    opens_pause: Option<String>,
    /// The form that comes of it.
    form: Option<String>,
}

impl From<&Step> for StepView {
    fn from(step: &Step) -> Self {
        let allowance = match step.budget {
            Budget::Counted { allowance, .. } => Some(allowance),
            Budget::NoClock => None,
        };
        let (budget, share, minutes): (_, Option<Share>, _) = match allowance {
            Some(Allowance::Share(share)) => ("share", Some(share), None),
            Some(Allowance::Minutes(minutes)) => ("minutes", None, Some(minutes)),
            Some(Allowance::Rest) => ("rest", None, None),
            None => ("none", None, None),
        };
        Self {
            role: step.role.to_string(),
            does: step.does.clone(),
            unit: step.unit.clone(),
            budget,
            share_basis_points: share.map(|share| share.basis_points),
            at_most_minutes: share.and_then(|share| share.at_most_minutes),
            minutes,
            group: step.budget.group(),
            sends_back_to: step.sends_back_to.clone(),
            goes_to: step.branches.clone(),
            choices: step.choices().into_iter().map(str::to_owned).collect(),
            opens_pause: step.opens_pause.clone(),
            form: step.form.clone(),
        }
    }
}

/// A part done by another agency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LegOut {
    /// What is done; names the leg.
    does: String,
    /// The code of the unit that does it.
    unit: Option<String>,
    /// The kind of the unit that does it, where it follows from the dossier which one.
    unit_kind: Option<&'static str>,
    /// Whether its unit answers for the whole.
    lead: bool,
    /// The legs that must have granted before it begins.
    after: Vec<String>,
    /// The procedure by which it is resolved.
    procedure_code: String,
    /// Its term.
    term: TermView,
    /// What else is known.
    note: Option<String>,
}

impl LegOut {
    fn of(leg: &Leg, legs: &Legs) -> Self {
        let (unit, unit_kind) = match &leg.unit {
            LegUnit::Named(code) => (Some(code.clone()), None),
            LegUnit::OfKind(kind) => (None, Some(kind.as_str())),
        };
        Self {
            does: leg.does.clone(),
            unit,
            unit_kind,
            lead: leg.is_lead,
            after: leg.after.iter().filter_map(|place| legs.get(*place)).map(|leg| leg.does.clone()).collect(),
            procedure_code: leg.procedure_code.clone(),
            term: leg.term.into(),
            note: leg.note.clone(),
        }
    }
}

/// One year of the calendar.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CalendarView {
    /// The year.
    year: i32,
    /// `published`, or `provisional` while only the statutory days off are known.
    state: &'static str,
    /// The document that decided it.
    source: String,
    /// Days of the week that are worked, 1 = Monday.
    weekdays: Vec<u32>,
    /// Hours of a working day.
    working_time: Vec<IntervalView>,
    /// Days off beside the weekends.
    off: BTreeSet<NaiveDate>,
    /// Make-up days.
    work: BTreeSet<NaiveDate>,
}

/// One stretch of a working day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntervalView {
    /// `HH:MM`.
    from: String,
    /// `HH:MM`.
    to: String,
}

impl CalendarView {
    /// Shows a year; `None` where the calendar has no row for it.
    pub fn of(calendar: &Calendar, year: i32) -> Option<Self> {
        let row = calendar.years().get(&year)?;
        let weekdays = calendar.weekdays().iter();
        let hours = calendar.working_time().iter();
        Some(Self {
            year,
            state: row.state.as_str(),
            source: row.source.clone(),
            weekdays: weekdays.map(chrono::Weekday::number_from_monday).collect(),
            working_time: hours
                .map(|(from, to)| IntervalView {
                    from: from.format("%H:%M").to_string(),
                    to: to.format("%H:%M").to_string(),
                })
                .collect(),
            off: row.off.clone(),
            work: row.work.clone(),
        })
    }
}
