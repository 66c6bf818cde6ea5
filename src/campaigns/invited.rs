//! The one classification of invitations that counts and drill-down share, and the two passes over it.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Date, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::CampaignGroup;
use super::cell::{CampaignCell, CampaignCounts};
use crate::domain::ids::{ProcedureVersionId, UnitId};
use crate::http::page::Cursor;
use crate::statistics::working_days::WorkingDays;

/// What is counted.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The first moment, and the first one after the period, of the invitation.
    pub(super) bounds: (DateTime<Utc>, DateTime<Utc>),
    /// The units counted; `None` counts all.
    pub(super) units: Option<Vec<UnitId>>,
    pub(super) working_days: WorkingDays,
}

/// Every dossier whose last invitation lies in the period. `o` is the end that it invites to, as long as it stands: a result
/// that was taken back may be signed again, and be early no more. `m` is what became of the invitation on all its channels, the
/// best of them: whoever got one of two messages was reached. `saved_days` are the working days from the end to the due
/// date that the standing goes by, `wait_days` those from the invitation to the hand-over: the element of a day says how
/// many days are worked up to it, and outside the list there is none.
const INVITED: &str = "
    SELECT d.id, d.code, d.resolving_unit_id AS unit_id, d.procedure_version_id, i.invited_at, o.finished_at,
           d.due_unextended AS due_at, o.returned_at, m.segments, m.cost, r.reminders, m.channels, NOT o.stands AS taken_back,
           CASE m.best WHEN 1 THEN 'delivered' WHEN 2 THEN 'told_by_phone' WHEN 3 THEN 'handed_over' WHEN 4 THEN 'waiting'
                WHEN 5 THEN 'in_doubt' WHEN 6 THEN 'failed' WHEN 7 THEN 'given_up' WHEN 8 THEN 'expired'
                ELSE 'cancelled' END AS fate,
           ($5)[(d.due_unextended AT TIME ZONE INTERVAL '+07:00')::date - $4 + 1]
               - ($5)[(o.finished_at AT TIME ZONE INTERVAL '+07:00')::date - $4 + 1] AS saved_days,
           ($5)[(o.returned_at AT TIME ZONE INTERVAL '+07:00')::date - $4 + 1]
               - ($5)[(i.invited_at AT TIME ZONE INTERVAL '+07:00')::date - $4 + 1] AS wait_days
    FROM (
        SELECT DISTINCT ON (n.dossier_id) n.dossier_id, n.event_id, n.created_at AS invited_at
        FROM notices n
        WHERE n.purpose = 'result_early' AND n.parent_id IS NULL AND n.created_at >= $1 AND n.created_at < $2
          AND NOT EXISTS (
              SELECT FROM notices l
              WHERE l.dossier_id = n.dossier_id AND l.purpose = 'result_early' AND l.parent_id IS NULL
                AND l.created_at > n.created_at)
        ORDER BY n.dossier_id, n.created_at DESC, n.id
    ) i
    JOIN dossiers d ON d.id = i.dossier_id
    CROSS JOIN LATERAL (
        SELECT stands, CASE WHEN stands THEN d.finished_at END AS finished_at,
               CASE WHEN stands THEN d.returned_at END AS returned_at
        FROM (SELECT d.status IN ('finished', 'returned') AND coalesce(d.standing = 'early', false) AS stands) s
    ) o
    CROSS JOIN LATERAL (
        SELECT min(CASE WHEN n.status = 'delivered' THEN 1 WHEN n.settled = 'told_by_phone' THEN 2
                        WHEN n.status = 'sent' THEN 3 WHEN n.status IN ('standby', 'queued', 'sending') THEN 4
                        WHEN n.status = 'in_doubt' THEN 5 WHEN n.status = 'failed' THEN 6
                        WHEN n.status = 'given_up' THEN 7 WHEN n.status = 'expired' THEN 8 ELSE 9 END) AS best,
               coalesce(sum(n.segments) FILTER (WHERE n.sent_at IS NOT NULL), 0) AS segments,
               (coalesce(sum(coalesce(n.cost_billed_vnd, n.cost_estimated_vnd)), 0) * 100)::bigint AS cost,
               string_agg(DISTINCT n.channel, ' ' ORDER BY n.channel) AS channels
        FROM notices n WHERE n.event_id = i.event_id AND n.purpose = 'result_early'
    ) m
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT n.event_id) AS reminders FROM notices n
        WHERE n.dossier_id = d.id AND n.purpose = 'collect_reminder' AND n.created_at >= i.invited_at
    ) r
    WHERE d.status <> 'voided' AND NOT d.mirrored AND ($3 IS NULL OR d.resolving_unit_id = ANY ($3))";

impl CampaignGroup {
    /// Returns what tells the rows apart, of an invitation `c` and its unit `u`.
    const fn key(self) -> &'static str {
        match self {
            Self::Unit => "c.unit_id::text",
            Self::Month => "to_char(c.invited_at AT TIME ZONE INTERVAL '+07:00', 'YYYY-MM')",
            Self::Kind => "u.kind",
            Self::UnitMonth => {
                "c.unit_id::text || ' ' || to_char(c.invited_at AT TIME ZONE INTERVAL '+07:00', 'YYYY-MM')"
            }
        }
    }
}

type Asked = BoxedSqlQuery<'static, Pg, SqlQuery>;

/// Binds $1 to $5, the same in every query here.
fn ask(sql: String, question: &Question) -> Asked {
    diesel::sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Timestamptz, _>(question.bounds.0)
        .bind::<Timestamptz, _>(question.bounds.1)
        .bind::<Nullable<Array<SqlUuid>>, _>(question.units.clone())
        .bind::<Date, _>(question.working_days.first)
        .bind::<Array<Integer>, _>(question.working_days.worked.clone())
}

/// The figures of one row; without a key, of all.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Counted {
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) key: Option<String>,
    #[diesel(embed)]
    pub(super) counts: CampaignCounts,
    #[diesel(sql_type = BigInt)]
    pub(super) saved_days: i64,
    #[diesel(sql_type = Nullable<Double>)]
    pub(super) median_wait_days: Option<f64>,
    #[diesel(sql_type = BigInt)]
    pub(super) reminders: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) segments: i64,
    /// In hundredths of a đồng: as the gateway said, and as estimated where it did not.
    #[diesel(sql_type = BigInt)]
    pub(super) cost: i64,
    /// Invitations whose days can't be counted, as the calendar lacks a year.
    #[diesel(sql_type = BigInt)]
    pub(super) uncounted: i64,
}

/// Counts every figure by row, and of all, in one pass.
pub(super) fn count(conn: &mut PgConnection, question: &Question, group: CampaignGroup) -> QueryResult<Vec<Counted>> {
    let counts: Vec<String> = CampaignCell::ALL
        .iter()
        .map(|cell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition()))
        .collect();
    let sql = format!(
        "/* campaigns::invited::count */ SELECT {key} AS key, {counts}, \
         coalesce(sum(saved_days), 0)::bigint AS saved_days, \
         percentile_cont(0.5) WITHIN GROUP (ORDER BY wait_days) AS median_wait_days, \
         coalesce(sum(reminders), 0)::bigint AS reminders, coalesce(sum(segments), 0)::bigint AS segments, \
         coalesce(sum(cost), 0)::bigint AS cost, \
         count(*) FILTER (WHERE finished_at IS NOT NULL AND due_at IS NOT NULL AND saved_days IS NULL \
             OR returned_at IS NOT NULL AND wait_days IS NULL) AS uncounted \
         FROM ({INVITED}) c JOIN units u ON u.id = c.unit_id GROUP BY GROUPING SETS (({key}), ()) ORDER BY key",
        key = group.key(),
        counts = counts.join(", "),
    );
    ask(sql, question).load(conn)
}

/// A dossier behind a figure.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Found {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) code: String,
    #[diesel(sql_type = SqlUuid)]
    pub(super) unit_id: UnitId,
    #[diesel(sql_type = SqlUuid)]
    pub(super) procedure_version_id: ProcedureVersionId,
    #[diesel(sql_type = Timestamptz)]
    pub(super) invited_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub(super) channels: String,
    #[diesel(sql_type = Text)]
    pub(super) fate: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) finished_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(super) saved_days: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) returned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(super) wait_days: Option<i32>,
    #[diesel(sql_type = BigInt)]
    pub(super) reminders: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) segments: i64,
    /// In hundredths of a đồng: as the gateway said, and as estimated where it did not.
    #[diesel(sql_type = BigInt)]
    pub(super) cost: i64,
}

/// Which dossiers are listed.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    pub(super) cell: CampaignCell,
    pub(super) group: CampaignGroup,
    /// The key of a row as `CampaignGroup::key` makes it; of all rows without one.
    pub(super) key: Option<String>,
    pub(super) after: Option<Cursor>,
    pub(super) limit: i64,
}

/// Lists the dossiers of one figure by their invitation, one more than `limit`.
pub(super) fn list(conn: &mut PgConnection, question: &Question, behind: &Behind) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* campaigns::invited::list */ SELECT c.* FROM ({INVITED}) c JOIN units u ON u.id = c.unit_id \
         WHERE {} AND ($6 IS NULL OR {} = $6) AND ($7 IS NULL OR (c.invited_at, c.id) > ($7, $8)) \
         ORDER BY c.invited_at, c.id LIMIT $9",
        behind.cell.condition(),
        behind.group.key(),
    );
    ask(sql, question)
        .bind::<Nullable<Text>, _>(behind.key.clone())
        .bind::<Nullable<Timestamptz>, _>(behind.after.map(|cursor| cursor.at))
        .bind::<Nullable<SqlUuid>, _>(behind.after.map(|cursor| cursor.id))
        .bind::<BigInt, _>(behind.limit + 1)
        .load(conn)
}
