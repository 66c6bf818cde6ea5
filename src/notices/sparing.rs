//! Spares people messages as a notice is written: finds a day that has room for it, and calls back what it outdates.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::cancel::call_back;
use super::enqueue::Cause;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{Daily, NoticeChannel, Purpose};
use crate::domain::period::{from_office_time, office_date};
use crate::domain::working_time::midnight;
use crate::platform::prepared::Prepare;
use crate::state::Act;

/// What the addresses of a dossier are told from this day on.
pub(super) struct Told {
    daily: Daily,
    purpose: Purpose,
    rows: Vec<Row>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: NoticeId,
    #[diesel(sql_type = Bytea)]
    address_hash: Vec<u8>,
    #[diesel(sql_type = Text)]
    channel: NoticeChannel,
    #[diesel(sql_type = Text)]
    purpose: Purpose,
    /// When it went out, or is to.
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    /// Whether nobody has begun to send it, its time has not come, and another event caused it: what the same event has
    /// told already is not told again, so the first word must stand.
    #[diesel(sql_type = Bool)]
    may_be_called_back: bool,
}

const READ: &str = "-- notices::sparing::read
SELECT n.id, n.address_hash, n.channel, n.purpose, COALESCE(q.run_at, n.sent_at, n.created_at) AS at,
    COALESCE(q.run_at > $3 AND q.lease_token IS NULL AND q.open_since IS NULL, false)
        AND n.event_id IS DISTINCT FROM $5 AS may_be_called_back
FROM notices n LEFT JOIN notice_queue q ON q.notice_id = n.id
WHERE n.dossier_id = $1 AND n.address_hash = ANY ($2) AND n.purpose <> 'one_time_code'
    AND n.status IN ('queued', 'sent', 'delivered', 'in_doubt')
    AND COALESCE(q.run_at, n.sent_at, n.created_at) >= $4";

impl Told {
    /// Reads it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn read(
        conn: &mut PgConnection,
        act: &Act<'_>,
        cause: &Cause,
        address_hashes: Vec<&[u8]>,
    ) -> QueryResult<Self> {
        let daily = act.office.config.notices.daily();
        let rows = if cause.purpose.is_secret() || address_hashes.is_empty() {
            Vec::new()
        } else {
            diesel::sql_query(READ)
                .bind::<SqlUuid, _>(cause.dossier_id)
                .bind::<Array<Bytea>, _>(address_hashes)
                .bind::<Timestamptz, _>(act.now)
                .bind::<Timestamptz, _>(from_office_time(midnight(office_date(act.now))))
                .bind::<Nullable<SqlUuid>, _>(cause.event_id)
                .prepared()
                .load(conn)?
        };
        Ok(Self { daily, purpose: cause.purpose, rows })
    }

    /// Calls back what a notice of this purpose to an address outdates on its channel.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn call_back_outdated(
        &mut self,
        conn: &mut PgConnection,
        act: &Act<'_>,
        (channel, address_hash): (NoticeChannel, &[u8]),
    ) -> QueryResult<()> {
        let is_outdated = |row: &&Row| {
            row.may_be_called_back
                && row.channel == channel
                && row.address_hash == address_hash
                && row.purpose.is_outdated_by(self.purpose)
        };
        let outdated: Vec<NoticeId> = self.rows.iter().filter(is_outdated).map(|row| row.id).collect();
        let called_back = call_back(conn, act, &outdated, "outdated")?;
        self.rows.retain(|row| !called_back.contains(&row.id));
        Ok(())
    }

    /// Finds when a notice to an address may go out, not before `at`.
    pub(super) fn room_for(&self, id: NoticeId, address_hash: &[u8], at: DateTime<Utc>) -> DateTime<Utc> {
        let to_it = self.rows.iter().filter(|row| row.address_hash == address_hash);
        let days: Vec<NaiveDate> = to_it.map(|row| office_date(row.at)).collect();
        self.daily.next(self.purpose, at, id.luck(), &days)
    }
}
