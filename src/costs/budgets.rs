//! Budgets: what a unit, with all below it, may spend in a month, and how far it is.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Deserialize;
use serde_json::{Value, json};

use super::tariffs::amount;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::cost::Vnd;
use crate::domain::ids::UnitId;
use crate::domain::period::{Period, office_date};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// What the column holds.
const LARGEST: Vnd = Vnd(999_999_999_999);

/// A budget of a unit.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetForm {
    /// The first month: `2026-12`; the current one when nothing is said.
    from: Option<String>,
    /// VND a month, at most two decimals: `"15000000"`; `null` ends it.
    #[schema(value_type = Option<String>)]
    vnd_per_month: Option<Value>,
}

impl BudgetForm {
    /// Reads the first day of the first month, and the amount.
    pub(super) fn read(&self, now: DateTime<Utc>) -> Result<(NaiveDate, Option<Vnd>), AppError> {
        let mut faults = Faults::new();
        let month = read_month(&mut faults, "/from", self.from.as_deref(), now);
        let vnd = amount(&mut faults, "/vnd_per_month", self.vnd_per_month.as_ref(), LARGEST);
        faults.finish(month.map(|month| month.from()).zip(vnd))
    }
}

/// Reads a month of the calendar; that of now when nothing is said.
pub(super) fn read_month(faults: &mut Faults, pointer: &str, text: Option<&str>, now: DateTime<Utc>) -> Option<Period> {
    let Some(text) = text else { return month_of(now) };
    let read = || {
        let (year, month) = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
        Period::calendar_month(year.parse().ok()?, month.parse().ok()?).ok()
    };
    faults.read(pointer, Said::new("wrong_month", "Tháng viết như 2026-12", "A month is written like 2026-12"), read())
}

/// The month of the calendar, of Vietnam, in which a moment lies.
pub(super) fn month_of(at: DateTime<Utc>) -> Option<Period> {
    let day = office_date(at);
    Period::calendar_month(day.year(), day.month()).ok()
}

const SET: &str = "-- costs::budgets::set
INSERT INTO notice_budgets (unit_id, valid_from, vnd_per_month, set_at, set_by, set_by_name)
VALUES ($1, $2, $3::numeric / 100, $4, $5, $6)
ON CONFLICT (unit_id, valid_from) DO UPDATE SET vnd_per_month = excluded.vnd_per_month, set_at = excluded.set_at,
    set_by = excluded.set_by, set_by_name = excluded.set_by_name";

/// Says what a unit may spend in a month, from a month on.
///
/// # Errors
/// [`AppError::NotFound`] for a unit that there is not.
pub(super) fn set(
    conn: &mut PgConnection,
    act: &Act<'_>,
    code: &str,
    (from, vnd): (NaiveDate, Option<Vnd>),
) -> Result<(), AppError> {
    let unit = act.catalogue().unit_by_code(code).ok_or_else(no_such_unit)?;
    diesel::sql_query(SET)
        .bind::<SqlUuid, _>(unit.id)
        .bind::<Date, _>(from)
        .bind::<Nullable<BigInt>, _>(vnd.map(|vnd| vnd.0))
        .bind::<Timestamptz, _>(act.now)
        .bind::<Text, _>(act.by.principal())
        .bind::<Text, _>(&act.by.name)
        .execute(conn)?;
    let details = json!({"from": from, "vnd_per_month": vnd});
    audit::note(conn, act, Action::BudgetSet, Subject::Budget(&unit.code), details)?;
    Ok(())
}

fn no_such_unit() -> AppError {
    AppError::NotFound(Said::new("unit_not_found", "Không có cơ quan này", "There is no such unit"))
}

/// How far a unit is with its budget of a month.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Standing {
    #[diesel(sql_type = SqlUuid)]
    pub(super) unit_id: UnitId,
    #[diesel(sql_type = BigInt)]
    budget: i64,
    #[diesel(sql_type = BigInt)]
    spent: i64,
    /// Notices that were sent and whose cost is not known.
    #[diesel(sql_type = BigInt)]
    pub(super) unpriced: i64,
    /// When it was told that the budget is spent.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) told_at: Option<DateTime<Utc>>,
}

impl Standing {
    pub(super) fn budget(&self) -> Vnd {
        Vnd(self.budget)
    }

    /// What was charged; what was estimated where nobody said yet.
    pub(super) fn spent(&self) -> Vnd {
        Vnd(self.spent)
    }

    /// Whether nothing of it is left.
    pub(super) fn is_spent(&self) -> bool {
        self.spent > 0 && self.spent >= self.budget
    }
}

const STANDINGS: &str = "-- costs::budgets::standings
WITH spent AS (
    SELECT unit_id, sum(COALESCE(cost_billed_vnd, cost_estimated_vnd)) AS vnd,
        count(*) FILTER (WHERE COALESCE(cost_billed_vnd, cost_estimated_vnd) IS NULL AND channel <> 'email') AS unpriced
    FROM notices WHERE sent_at >= $2 AND sent_at < $3 GROUP BY unit_id
), budgets AS (
    SELECT DISTINCT ON (unit_id) unit_id, vnd_per_month FROM notice_budgets
    WHERE valid_from <= $1 AND ($4 IS NULL OR unit_id = ANY ($4)) ORDER BY unit_id, valid_from DESC
)
SELECT b.unit_id, (b.vnd_per_month * 100)::bigint AS budget, (COALESCE(sum(s.vnd), 0) * 100)::bigint AS spent,
    COALESCE(sum(s.unpriced), 0)::bigint AS unpriced, min(a.told_at) AS told_at
FROM budgets b
LEFT JOIN unit_tree t ON t.above_id = b.unit_id
LEFT JOIN spent s ON s.unit_id = t.unit_id
LEFT JOIN notice_cost_alarms a ON a.month = $1 AND a.what = 'budget' AND a.unit_id = b.unit_id
WHERE b.vnd_per_month IS NOT NULL
GROUP BY b.unit_id, b.vnd_per_month ORDER BY b.unit_id LIMIT 2000";

/// Lists the budgets of a month, of these units or of all, with what was spent.
pub(super) fn standings(
    conn: &mut PgConnection,
    month: Period,
    units: Option<Vec<UnitId>>,
) -> QueryResult<Vec<Standing>> {
    let (from, to) = month.bounds();
    diesel::sql_query(STANDINGS)
        .bind::<Date, _>(month.from())
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .load(conn)
}
