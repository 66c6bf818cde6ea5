//! Delivery receipts: written down as they come, worked off by the loop. A receipt is a hint from outside, so
//! it can only tell what became of a message, never undo that it arrived.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz};
use uuid::Uuid;

use crate::config::{GatewaysConfig, Way};
use crate::costs::{bill, estimate_sql};
use crate::domain::cost::Vnd;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeStatus, Proof, Receipt};
use crate::platform::gateways::answer::meant;
use crate::platform::prepared::Prepare;
use crate::schema::{notice_receipts, notices};

use super::receipt::NewReceipt;

/// How long a receipt waits for a notice that it fits: the record may still be on its way.
const WAITS: TimeDelta = TimeDelta::minutes(10);
const AT_A_TIME: i64 = 2000;

/// Writes a receipt down; nothing else, so that the gateway has its answer at once.
pub(super) fn keep(conn: &mut PgConnection, receipt: &NewReceipt) -> QueryResult<()> {
    diesel::insert_into(notice_receipts::table).values(receipt).execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    gateway: String,
    #[diesel(sql_type = Text)]
    proof: Proof,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<Text>)]
    gateway_ref: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    price: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>)]
    found_id: Option<Uuid>,
}

const TAKE: &str = "-- notices::receipts::take
SELECT r.id, r.gateway, r.proof, r.code, r.gateway_ref, r.price, r.received_at, COALESCE(
    (SELECT n.id FROM notices n WHERE n.id = r.notice_id),
    (SELECT n.id FROM notices n WHERE n.gateway = r.gateway AND n.gateway_ref = r.gateway_ref LIMIT 1)) AS found_id
FROM notice_receipts r WHERE r.done_at IS NULL
ORDER BY r.received_at, r.id LIMIT $1
FOR UPDATE OF r SKIP LOCKED";

/// Works receipts off; returns how many told something of a notice.
///
/// # Errors
/// Whatever the database says.
pub fn tick(conn: &mut PgConnection, gateways: &GatewaysConfig, now: DateTime<Utc>) -> QueryResult<usize> {
    let open: Vec<Open> =
        diesel::sql_query(TAKE).bind::<diesel::sql_types::BigInt, _>(AT_A_TIME).prepared().load(conn)?;
    if open.is_empty() {
        return Ok(0);
    }
    let mut told = lock(conn, &open)?;
    let before = told.clone();
    let (mut done, mut bills, mut orphans) = (Vec::new(), Vec::new(), 0);
    for receipt in &open {
        let known = receipt.found_id.and_then(|id| told.get_mut(&NoticeId(id)).map(|at| (id, at)));
        match known {
            Some((id, at)) => {
                at.status = at.status.after_receipt(meaning(gateways, receipt));
                at.gateway_ref = at.gateway_ref.take().or_else(|| receipt.gateway_ref.clone());
                bills.extend(receipt.price.as_deref().and_then(Vnd::read).map(|price| (NoticeId(id), price)));
                done.push((receipt.id, Some(id)));
            }
            None if receipt.received_at + WAITS < now => {
                orphans += 1;
                done.push((receipt.id, None));
            }
            None => {}
        }
    }
    if orphans > 0 {
        tracing::warn!(orphans, "{orphans} delivery receipts fit no notice of ours");
    }
    told.retain(|id, at| before.get(id) != Some(&*at));
    write(conn, &told, now)?;
    bill(conn, &bills)?;
    close(conn, &done, now)?;
    Ok(done.len() - orphans)
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notices)]
struct Told {
    status: NoticeStatus,
    gateway_ref: Option<String>,
}

fn lock(conn: &mut PgConnection, open: &[Open]) -> QueryResult<HashMap<NoticeId, Told>> {
    let ids: Vec<NoticeId> = open.iter().filter_map(|row| row.found_id).map(NoticeId).collect();
    let rows: Vec<(NoticeId, Told)> = notices::table
        .filter(notices::id.eq_any(ids))
        .order(notices::id)
        .select((notices::id, Told::as_select()))
        .for_update()
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What a code means at its gateway; one whose gateway is set no more tells nothing.
fn meaning(gateways: &GatewaysConfig, receipt: &Open) -> Receipt {
    if let Some(Way::Smpp(_)) = gateways.get(&receipt.gateway).map(|gateway| &gateway.way) {
        return smpp_meaning(&receipt.code);
    }
    let lists = match (gateways.get(&receipt.gateway).map(|gateway| &gateway.way), receipt.proof) {
        (Some(Way::Http(http)), Proof::Asked) => http.pull.as_ref().map(|pull| (&pull.delivered, &pull.failed)),
        (Some(Way::Http(http)), _) => http.receipt.as_ref().map(|told| (&told.delivered, &told.failed)),
        (Some(Way::File(file)), _) => Some((&file.receipt.delivered, &file.receipt.failed)),
        _ => None,
    };
    lists.map_or(Receipt::Underway, |(delivered, failed)| meant(&receipt.code, delivered, failed))
}

/// The states of the specification (SMPP 3.4, 5.2.28).
fn smpp_meaning(code: &str) -> Receipt {
    match code {
        "DELIVRD" => Receipt::Delivered,
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" => Receipt::Failed,
        _ => Receipt::Underway,
    }
}

/// One that was in doubt is paid for too, once a receipt says that it went out.
const WRITE: &str = concat!(
    "-- notices::receipts::write
UPDATE notices n SET
    status = t.status,
    gateway_ref = t.gateway_ref,
    reason = CASE WHEN t.status = 'failed' THEN 'receipt' WHEN t.status = n.status THEN n.reason END,
    sent_at = CASE WHEN t.status IN ('sent', 'delivered') THEN COALESCE(n.sent_at, $4) ELSE n.sent_at END,
    cost_estimated_vnd = CASE WHEN t.status IN ('sent', 'delivered') AND n.sent_at IS NULL THEN ",
    estimate_sql!("n.gateway", "$4"),
    " ELSE n.cost_estimated_vnd END,
    final_at = CASE WHEN t.status IN ('failed', 'delivered') THEN $4 ELSE n.final_at END
FROM unnest($1, $2, $3) AS t (id, status, gateway_ref)
WHERE n.id = t.id"
);

fn write(conn: &mut PgConnection, told: &HashMap<NoticeId, Told>, now: DateTime<Utc>) -> QueryResult<()> {
    if told.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = told.keys().map(|id| id.0).collect();
    let statuses: Vec<&str> = told.values().map(|at| at.status.as_str()).collect();
    let references: Vec<Option<&str>> = told.values().map(|at| at.gateway_ref.as_deref()).collect();
    diesel::sql_query(WRITE)
        .bind::<Array<diesel::sql_types::Uuid>, _>(ids)
        .bind::<Array<Text>, _>(statuses)
        .bind::<Array<Nullable<Text>>, _>(references)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .execute(conn)?;
    Ok(())
}

const CLOSE: &str = "-- notices::receipts::close
UPDATE notice_receipts r SET done_at = $3, notice_id = t.notice_id
FROM unnest($1, $2) AS t (id, notice_id) WHERE r.id = t.id";

fn close(conn: &mut PgConnection, done: &[(Uuid, Option<Uuid>)], now: DateTime<Utc>) -> QueryResult<()> {
    if done.is_empty() {
        return Ok(());
    }
    let (ids, notices): (Vec<Uuid>, Vec<Option<Uuid>>) = done.iter().copied().unzip();
    diesel::sql_query(CLOSE)
        .bind::<Array<diesel::sql_types::Uuid>, _>(ids)
        .bind::<Array<Nullable<diesel::sql_types::Uuid>>, _>(notices)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .execute(conn)?;
    Ok(())
}
