//! Dead letters, and what waits: which they are, counted, listed and picked by one classification.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::filter::{Filter, SeenBy};
use crate::domain::ids::{NoticeId, UnitId};
use crate::domain::notice::DeadReason;
use crate::domain::period::from_office_time;
use crate::domain::working_time::midnight;

/// Which notices are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Over without having arrived, and nobody has seen to it.
    Dead,
    /// In the queue, and nobody has begun to send them.
    Waiting,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) which: Which,
    pub(super) filter: Filter,
    /// The units of the filter.
    pub(super) units: Option<Vec<UnitId>>,
    pub(super) seen_by: SeenBy,
    /// What died later is not meant.
    pub(super) as_of: DateTime<Utc>,
}

/// In doubt for less than a quarter of an hour, a receipt may still come. What invites to a result that was handed over or
/// taken back is overtaken: nobody is to hear of it. A one-time code is never sent again.
const DEAD: &str = "n.settled IS NULL AND n.status IN ('failed', 'given_up', 'expired', 'in_doubt')
    AND coalesce(n.final_at, n.created_at) <= $1
    AND (n.status <> 'in_doubt' OR coalesce((
        SELECT max(coalesce(a.ended_at, a.started_at)) FROM notice_attempts a WHERE a.notice_id = n.id
    ), n.created_at) <= $1 - interval '15 minutes')
    AND (n.purpose NOT IN ('result_early', 'result_ready', 'result_refused', 'collect_reminder')
        OR EXISTS (SELECT FROM dossiers d WHERE d.id = n.dossier_id AND d.status = 'finished'))";

const WAITING: &str = "n.status = 'queued' AND n.created_at <= $1
    AND EXISTS (SELECT FROM notice_queue q WHERE q.notice_id = n.id AND q.lease_token IS NULL)";

/// Why a notice is dead: of one that failed, the last attempt knows.
const WHY: &str =
    "CASE WHEN n.status <> 'failed' THEN n.status WHEN n.reason IN ('receipt', 'no_gateway') THEN n.reason ELSE coalesce((
        SELECT CASE WHEN a.outcome IN ('account', 'content', 'recipient') THEN a.outcome END
        FROM notice_attempts a WHERE a.notice_id = n.id ORDER BY a.started_at DESC, a.attempt DESC LIMIT 1
    ), 'refused') END";

/// As `notices::queries` has it for lists, once more for whoever proposed something that another confirms.
const SEEN: &str = "($9 = 'all' OR $9 IN ('unit', 'received') AND EXISTS (
        SELECT FROM dossier_units u JOIN unit_tree t ON t.unit_id = u.unit_id
        WHERE u.dossier_id = n.dossier_id AND t.above_id = $10 AND ($9 = 'unit' OR u.why = 'received')))";

fn found(which: Which) -> String {
    let (is_meant, why) = match which {
        Which::Dead => (DEAD, WHY),
        Which::Waiting => (WAITING, "n.status"),
    };
    format!(
        "(SELECT n.id, n.created_at, {why} AS why FROM notices n
        WHERE n.purpose <> 'one_time_code' AND ($2 IS NULL OR n.unit_id = ANY ($2)) AND ($3 IS NULL OR n.gateway = $3)
        AND ($4 IS NULL OR n.channel = $4) AND ($5 IS NULL OR n.purpose = $5)
        AND ($6 IS NULL OR n.created_at >= $6) AND ($7 IS NULL OR n.created_at < $7)
        AND {is_meant} AND {SEEN}) f WHERE ($8 IS NULL OR f.why = $8)"
    )
}

type Asked = BoxedSqlQuery<'static, Pg, SqlQuery>;

/// Binds $1 to $10, the same in every query here.
fn ask(sql: String, question: &Question) -> Asked {
    let filter = &question.filter;
    let moment = |date: Option<NaiveDate>| date.map(|date| from_office_time(midnight(date)));
    diesel::sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Timestamptz, _>(question.as_of)
        .bind::<Nullable<Array<SqlUuid>>, _>(question.units.clone())
        .bind::<Nullable<Text>, _>(filter.gateway.clone())
        .bind::<Nullable<Text>, _>(filter.channel)
        .bind::<Nullable<Text>, _>(filter.purpose)
        .bind::<Nullable<Timestamptz>, _>(moment(filter.from))
        .bind::<Nullable<Timestamptz>, _>(moment(filter.to))
        .bind::<Nullable<Text>, _>(filter.reason.map(DeadReason::as_str))
        .bind::<Text, _>(question.seen_by.sight.as_str())
        .bind::<SqlUuid, _>(question.seen_by.unit)
}

/// How many are dead for a reason, and since when the oldest waits for somebody.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Counted {
    #[diesel(sql_type = Text)]
    pub(super) why: String,
    #[diesel(sql_type = BigInt)]
    pub(super) count: i64,
    #[diesel(sql_type = Timestamptz)]
    pub(super) oldest_at: DateTime<Utc>,
}

/// Counts by reason, the largest first.
pub(super) fn count(conn: &mut PgConnection, question: &Question) -> QueryResult<Vec<Counted>> {
    let sql = format!(
        "/* notices::deeds::dead::count */ SELECT f.why, count(*) AS count, min(f.created_at) AS oldest_at \
         FROM {} GROUP BY f.why ORDER BY count DESC, f.why",
        found(question.which)
    );
    ask(sql, question).load(conn)
}

/// Counts all of them.
pub(super) fn count_all(conn: &mut PgConnection, question: &Question) -> QueryResult<i64> {
    Ok(count(conn, question)?.iter().map(|row| row.count).sum())
}

/// One that was found.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Found {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: NoticeId,
    #[diesel(sql_type = Text)]
    pub(super) why: String,
    #[diesel(sql_type = Timestamptz)]
    pub(super) created_at: DateTime<Utc>,
}

/// Lists them, the newest first, one more than `limit`.
pub(super) fn list(
    conn: &mut PgConnection,
    question: &Question,
    (before, limit): (Option<NoticeId>, i64),
) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* notices::deeds::dead::list */ SELECT f.id, f.why, f.created_at FROM {} \
         AND ($11 IS NULL OR f.id < $11) ORDER BY f.id DESC LIMIT $12",
        found(question.which)
    );
    ask(sql, question).bind::<Nullable<SqlUuid>, _>(before).bind::<BigInt, _>(limit + 1).load(conn)
}

/// Picks them, the oldest first, at most `limit`, after the one picked last.
pub(super) fn pick(
    conn: &mut PgConnection,
    question: &Question,
    (after, limit): (Option<NoticeId>, i64),
) -> QueryResult<Vec<NoticeId>> {
    let sql = format!(
        "/* notices::deeds::dead::pick */ SELECT f.id, f.why, f.created_at FROM {} \
         AND ($11 IS NULL OR f.id > $11) ORDER BY f.id LIMIT $12",
        found(question.which)
    );
    let rows: Vec<Found> =
        ask(sql, question).bind::<Nullable<SqlUuid>, _>(after).bind::<BigInt, _>(limit).load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
