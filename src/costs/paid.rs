//! What single notices cost.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::cost::Vnd;
use crate::domain::ids::NoticeId;
use crate::platform::prepared::Prepare;

/// What a notice cost, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paid {
    /// By the tariff of the day on which a gateway took it.
    pub estimated: Option<Vnd>,
    /// By what the gateway says that it charged.
    pub billed: Option<Vnd>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: NoticeId,
    #[diesel(sql_type = Nullable<BigInt>)]
    estimated: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    billed: Option<i64>,
}

const PAID: &str = "-- costs::paid
SELECT id, (cost_estimated_vnd * 100)::bigint AS estimated, (cost_billed_vnd * 100)::bigint AS billed
FROM notices WHERE id = ANY ($1)";

/// Returns what each of these notices cost.
///
/// # Errors
/// Whatever the database says.
pub fn paid_for(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<HashMap<NoticeId, Paid>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = diesel::sql_query(PAID).bind::<Array<SqlUuid>, _>(ids).prepared().load(conn)?;
    let paid = |row: Row| (row.id, Paid { estimated: row.estimated.map(Vnd), billed: row.billed.map(Vnd) });
    Ok(rows.into_iter().map(paid).collect())
}
