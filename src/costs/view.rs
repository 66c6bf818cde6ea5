//! Costs as the API shows them.

use serde::Serialize;
use uuid::Uuid;

use super::alarms::Alarm;
use super::budgets::Standing;
use super::figures::{CostGrouping, CostRow, Costs};
use super::tariffs::Tariff;
use crate::domain::cost::Vnd;
use crate::domain::ids::UnitId;
use crate::domain::unit::Unit;
use crate::http::office_time::OfficeTime;
use crate::state::Act;
use crate::statistics::{AskedPeriod, FiguresHead, Topic};

/// The tariffs, the newest line of each kind first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TariffList {
    pub(super) items: Vec<Tariff>,
}

/// How far a unit, with all below it, is with its budget of a month.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BudgetOut {
    unit: UnitOut,
    /// In VND to the hundredth.
    #[schema(value_type = String)]
    vnd_per_month: Vnd,
    /// What was charged, and estimated where nobody has said yet.
    #[schema(value_type = String)]
    spent_vnd: Vnd,
    /// SMS and Zalo messages whose cost is not known.
    unpriced: i64,
    /// Whether nothing is left of it. Messages go on all the same.
    spent: bool,
    /// When this was told.
    told_at: Option<OfficeTime>,
}

impl BudgetOut {
    pub(super) fn new(act: &Act<'_>, standing: &Standing) -> Self {
        Self {
            unit: unit_out(act, standing.unit_id),
            vnd_per_month: standing.budget(),
            spent_vnd: standing.spent(),
            unpriced: standing.unpriced,
            spent: standing.is_spent(),
            told_at: standing.told_at.map(OfficeTime),
        }
    }

    /// Returns the code of the unit.
    pub(super) fn code(&self) -> &str {
        &self.unit.code
    }
}

/// The budgets of a month.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BudgetList {
    /// The first day.
    pub(super) month: chrono::NaiveDate,
    pub(super) items: Vec<BudgetOut>,
}

/// What the notices of a row cost, in VND to the hundredth; each figure is explained where `definitions` of the table says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CostRowOut {
    unit: Option<UnitOut>,
    /// The month, gateway, channel or purpose.
    key: Option<String>,
    notices: i64,
    segments: i64,
    unpriced: i64,
    #[schema(value_type = Option<String>)]
    estimated_vnd: Option<Vnd>,
    billed_notices: i64,
    #[schema(value_type = Option<String>)]
    billed_vnd: Option<Vnd>,
    #[schema(value_type = Option<String>)]
    difference_vnd: Option<Vnd>,
    differs: bool,
}

impl CostRowOut {
    fn new(unit: Option<UnitOut>, key: Option<String>, costs: &Costs) -> Self {
        Self {
            unit,
            key,
            notices: costs.notices,
            segments: costs.segments,
            unpriced: costs.unpriced,
            estimated_vnd: costs.estimated(),
            billed_notices: costs.billed_notices,
            billed_vnd: costs.billed(),
            difference_vnd: costs.difference(),
            differs: costs.differs(),
        }
    }
}

/// What the notices of a period cost.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CostTable {
    #[serde(flatten)]
    head: FiguresHead,
    /// What makes a row.
    group: &'static str,
    rows: Vec<CostRowOut>,
    total: CostRowOut,
}

impl CostTable {
    pub(super) fn new(act: &Act<'_>, asked: &AskedPeriod, grouping: CostGrouping, rows: Vec<CostRow>) -> Self {
        let total = rows.iter().fold(Costs::default(), |sum, row| sum.plus(&row.costs));
        let row = |row: CostRow| CostRowOut::new(row.unit_id.map(|id| unit_out(act, id)), row.word, &row.costs);
        let mut rows: Vec<_> = rows.into_iter().map(row).collect();
        let place = |row: &CostRowOut| (row.unit.as_ref().map(|unit| unit.code.clone()), row.key.clone());
        rows.sort_by_cached_key(place);
        Self {
            head: FiguresHead::new(act, asked, Topic::Costs),
            group: grouping.as_str(),
            rows,
            total: CostRowOut::new(None, None, &total),
        }
    }
}

/// What was told of a month's costs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CostAlarmOut {
    id: Uuid,
    /// The first day of the month.
    month: chrono::NaiveDate,
    /// `budget`: it is spent; `difference`: bills differ from estimates by more than 1 %.
    what: String,
    /// The code of the unit whose budget it is.
    unit: Option<String>,
    /// The gateway whose bills they are.
    gateway: Option<String>,
    /// The budget, or the estimate.
    #[schema(value_type = String)]
    expected_vnd: Vnd,
    /// What was spent, or billed, when it was told.
    #[schema(value_type = String)]
    actual_vnd: Vnd,
    told_at: OfficeTime,
}

impl From<Alarm> for CostAlarmOut {
    fn from(alarm: Alarm) -> Self {
        Self {
            id: alarm.id,
            month: alarm.month,
            what: alarm.what,
            unit: alarm.unit_code,
            gateway: alarm.gateway,
            expected_vnd: Vnd(alarm.expected),
            actual_vnd: Vnd(alarm.actual),
            told_at: alarm.told_at.into(),
        }
    }
}

/// A unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CostUnit)]
pub struct UnitOut {
    code: String,
    name: String,
}

fn unit_out(act: &Act<'_>, id: UnitId) -> UnitOut {
    let unit = act.catalogue().unit(id);
    let text = |of: fn(&Unit) -> &str| unit.map_or("?", of).to_owned();
    UnitOut { code: text(|unit| &unit.code), name: text(|unit| &unit.name) }
}
