//! Every dossier recounted from its history, a share after the other, by as many connections as one likes.

use std::sync::{Mutex, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use uuid::Uuid;

use super::plain::doubtful;
use crate::domain::ids::ProcedureVersionId;
use crate::error::AppError;
use crate::platform::prepared::Prepare;
use crate::platform::progress::Progress;
use crate::schema::dossiers;
use crate::state::Act;
use crate::statistics::tallies::marks::{differs, fresh};
use crate::statistics::tally::hourly_versions;

/// Dossiers recounted by one statement.
const SHARE: i64 = 20_000;
/// Dossiers whose marks are wrong, that are looked into: when there are more, the first ones say enough.
const LOOKED_INTO: usize = 1_000;

/// A recount takes longer than a request may, and has the room for it. It has its own connections and lends no workers. A
/// share is read in the order of the keys by which its tables are joined: nothing is sorted or hashed, however many dossiers
/// there are, and whatever the planner knows of them.
const PREPARE: &str = "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'; SET LOCAL jit = off; \
    SET LOCAL max_parallel_workers_per_gather = 0";
pub(super) const IN_ORDER: &str = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off; \
    SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off";
pub(super) const IN_ANY_ORDER: &str = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_nestloop = on; \
    SET LOCAL enable_bitmapscan = on; SET LOCAL enable_seqscan = on";

/// A recount that is going on, shared by those who walk through the dossiers.
pub(super) struct Recount<'a> {
    /// Versions of procedures with terms in hours.
    pub hourly: Vec<ProcedureVersionId>,
    dossiers: u64,
    /// The last dossier of the last share that somebody took; `None` when no more are left.
    taken: Mutex<Option<Uuid>>,
    progress: &'a Progress,
}

/// What was found on a walk.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Dossiers recounted.
    pub dossiers: u64,
    /// Of them, those whose marks are not what their history says.
    pub wrong: u64,
    /// The first of these.
    pub examples: Vec<Uuid>,
}

impl Walked {
    /// Adds what was found on another walk.
    pub fn add(&mut self, other: Self) {
        self.dossiers += other.dossiers;
        self.wrong += other.wrong;
        self.examples.extend(other.examples.into_iter().take(LOOKED_INTO.saturating_sub(self.examples.len())));
    }
}

impl<'a> Recount<'a> {
    /// Begins on the picture of a connection.
    pub fn begin(conn: &mut PgConnection, act: &Act<'_>, progress: &'a Progress) -> QueryResult<Self> {
        prepare(conn)?;
        let many: i64 = dossiers::table.count().get_result(conn)?;
        progress.set_total(many.unsigned_abs());
        let hourly = hourly_versions(conn, act)?;
        Ok(Self { hourly, dossiers: many.unsigned_abs(), taken: Mutex::new(Some(Uuid::nil())), progress })
    }

    /// Recounts one share after the other until none is left, those taken by others left out.
    pub fn walk(&self, conn: &mut PgConnection) -> Result<Walked, AppError> {
        prepare(conn)?;
        conn.batch_execute(IN_ORDER)?;
        let mut walked = Walked::default();
        while let Some((after, share)) = self.take(conn)? {
            let doubtful = doubtful(conn, (after, share.last), &self.hourly)?;
            let wrong = wrong_marks(conn, doubtful, &self.hourly)?;
            let (dossiers, many) = (share.many.unsigned_abs(), u64::try_from(wrong.len()).unwrap_or(0));
            walked.add(Walked { dossiers, wrong: many, examples: wrong });
            self.progress.advance(dossiers);
        }
        conn.batch_execute(IN_ANY_ORDER)?;
        Ok(walked)
    }

    fn take(&self, conn: &mut PgConnection) -> QueryResult<Option<(Uuid, Share)>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(after) = *taken else { return Ok(None) };
        let share = next_share(conn, after)?;
        *taken = share.as_ref().map(|share| share.last);
        Ok(share.map(|share| (after, share)))
    }

    /// Says that all walks together came by every dossier.
    ///
    /// # Errors
    /// They did not: what was found says nothing.
    pub fn ended(&self, all: &Walked) -> Result<(), AppError> {
        if all.dossiers == self.dossiers {
            return Ok(());
        }
        Err(AppError::internal(format!("{} of {} dossiers were recounted", all.dossiers, self.dossiers)))
    }
}

/// Makes room for a recount, to the end of the transaction.
pub(super) fn prepare(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute(PREPARE)
}

#[derive(QueryableByName)]
pub(super) struct Share {
    #[diesel(sql_type = SqlUuid)]
    pub last: Uuid,
    #[diesel(sql_type = BigInt)]
    pub many: i64,
}

const NEXT_SHARE: &str = "-- statistics::tallies::verify::next_share
SELECT (array_agg(id))[count(*)] AS last, count(*) AS many
FROM (SELECT id FROM dossiers WHERE id > $1 ORDER BY id LIMIT $2) c HAVING count(*) > 0";

pub(super) fn next_share(conn: &mut PgConnection, after: Uuid) -> QueryResult<Option<Share>> {
    diesel::sql_query(NEXT_SHARE)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(SHARE)
        .prepared()
        .get_result(conn)
        .optional()
}

#[derive(QueryableByName)]
pub(super) struct Found {
    #[diesel(sql_type = SqlUuid)]
    pub dossier_id: Uuid,
}

/// Returns those of some dossiers whose marks are not what their history says. Those that wait are marked by what they
/// were, rightly.
fn wrong_marks(conn: &mut PgConnection, dossiers: Vec<Uuid>, hourly: &[ProcedureVersionId]) -> QueryResult<Vec<Uuid>> {
    let sql = format!(
        "/* statistics::tallies::verify::wrong_marks */ WITH {} SELECT f.dossier_id FROM fresh f
         LEFT JOIN tally_marks m ON m.dossier_id = f.dossier_id AND m.dossier_id = ANY($1)
         WHERE (f.counts OR m.dossier_id IS NOT NULL) AND {} AND NOT EXISTS (
             SELECT FROM tally_waiting w WHERE w.dossier_id = f.dossier_id AND w.dossier_id = ANY($1))",
        fresh("KEY = ANY($1)", "$2"),
        differs("f", "m"),
    );
    let wrong: Vec<Found> = diesel::sql_query(sql)
        .bind::<Array<SqlUuid>, _>(dossiers)
        .bind::<Array<SqlUuid>, _>(hourly.to_vec())
        .prepared()
        .load(conn)?;
    Ok(wrong.into_iter().map(|wrong| wrong.dossier_id).collect())
}
