//! What a gateway says that it charged.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};

use crate::domain::cost::Vnd;
use crate::domain::ids::NoticeId;
use crate::platform::prepared::Prepare;

const BILL: &str = "-- costs::bill
UPDATE notices n SET cost_billed_vnd = t.hundredths::numeric / 100
FROM unnest($1, $2) AS t (id, hundredths) WHERE n.id = t.id";

/// Writes down what was charged for notices. A receipt that comes again says the same, so that the last one counts.
///
/// # Errors
/// Whatever the database says.
pub fn bill(conn: &mut PgConnection, bills: &[(NoticeId, Vnd)]) -> QueryResult<()> {
    if bills.is_empty() {
        return Ok(());
    }
    diesel::sql_query(BILL)
        .bind::<Array<diesel::sql_types::Uuid>, _>(bills.iter().map(|(id, _)| id.0).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(bills.iter().map(|(_, vnd)| vnd.0).collect::<Vec<_>>())
        .prepared()
        .execute(conn)
}
