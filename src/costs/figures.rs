//! What messages of a period cost, by unit, month, gateway, channel or purpose.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::cost::Vnd;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::words::words;

words! {
    /// What makes a row.
    pub enum CostGrouping {
        /// The unit that speaks.
        Unit = "unit",
        /// The month of the calendar.
        Month = "month",
        /// Both.
        UnitMonth = "unit_month",
        /// The gateway that took it.
        Gateway = "gateway",
        /// The channel.
        Channel = "channel",
        /// What for.
        Purpose = "purpose",
    }
}

const MONTH: &str = "to_char(n.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM')";

impl CostGrouping {
    /// The unit of a row, and the word.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Unit => ("n.unit_id", "NULL::text"),
            Self::Month => ("NULL::uuid", MONTH),
            Self::UnitMonth => ("n.unit_id", MONTH),
            Self::Gateway => ("NULL::uuid", "n.gateway"),
            Self::Channel => ("NULL::uuid", "n.channel"),
            Self::Purpose => ("NULL::uuid", "n.purpose"),
        }
    }
}

/// What the notices of a row cost, in hundredths of VND; none where no cost is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
pub(super) struct Costs {
    #[diesel(sql_type = BigInt)]
    pub(super) notices: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) segments: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) unpriced: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) billed_notices: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    estimated: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    billed: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    estimated_of_billed: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    billed_of_estimated: Option<i64>,
}

/// One row: of a unit, a word, or both.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct CostRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) unit_id: Option<UnitId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) word: Option<String>,
    #[diesel(embed)]
    pub(super) costs: Costs,
}

impl Costs {
    pub(super) fn estimated(&self) -> Option<Vnd> {
        self.estimated.map(Vnd)
    }

    pub(super) fn billed(&self) -> Option<Vnd> {
        self.billed.map(Vnd)
    }

    /// What was billed beyond the estimate, of the notices that have both.
    pub(super) fn difference(&self) -> Option<Vnd> {
        let (estimated, billed) = self.estimated_of_billed.zip(self.billed_of_estimated)?;
        Some(Vnd(billed - estimated))
    }

    /// Whether bills and estimates of the same notices differ by more than a hundredth.
    pub(super) fn differs(&self) -> bool {
        let both = self.estimated_of_billed.zip(self.billed_of_estimated);
        both.is_some_and(|(estimated, billed)| Vnd(estimated).is_more_than_a_percent_off(Vnd(billed)))
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let sum = |one: Option<i64>, other: Option<i64>| match (one, other) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(0) + other.unwrap_or(0)),
        };
        Self {
            notices: self.notices + other.notices,
            segments: self.segments + other.segments,
            unpriced: self.unpriced + other.unpriced,
            billed_notices: self.billed_notices + other.billed_notices,
            estimated: sum(self.estimated, other.estimated),
            billed: sum(self.billed, other.billed),
            estimated_of_billed: sum(self.estimated_of_billed, other.estimated_of_billed),
            billed_of_estimated: sum(self.billed_of_estimated, other.billed_of_estimated),
        }
    }
}

/// Sums what was sent in a period, of these units or of all.
pub(super) fn costs(
    conn: &mut PgConnection,
    period: &Period,
    (grouping, units): (CostGrouping, Option<Vec<UnitId>>),
) -> QueryResult<Vec<CostRow>> {
    let (unit, word) = grouping.keys();
    let (from, to) = period.bounds();
    let sql = format!(
        "-- costs::figures::costs
SELECT {unit} AS unit_id, {word} AS word, count(*) AS notices, sum(n.segments)::bigint AS segments,
    count(*) FILTER (WHERE n.cost_estimated_vnd IS NULL) AS unpriced, count(n.cost_billed_vnd) AS billed_notices,
    (sum(n.cost_estimated_vnd) * 100)::bigint AS estimated, (sum(n.cost_billed_vnd) * 100)::bigint AS billed,
    (sum(n.cost_estimated_vnd) FILTER (WHERE n.cost_billed_vnd IS NOT NULL) * 100)::bigint AS estimated_of_billed,
    (sum(n.cost_billed_vnd) FILTER (WHERE n.cost_estimated_vnd IS NOT NULL) * 100)::bigint AS billed_of_estimated
FROM notices n
WHERE n.sent_at >= $1 AND n.sent_at < $2 AND ($3 IS NULL OR n.unit_id = ANY ($3))
GROUP BY 1, 2 ORDER BY 1, 2"
    );
    diesel::sql_query(sql)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .load(conn)
}
