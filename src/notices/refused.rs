//! Where a message does not go: numbers and addresses on the suppression list, and channels that a person does not want.

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Bytea, Nullable, Text, Timestamptz};

use crate::domain::notice::{NoticeChannel, Purpose};
use crate::platform::prepared::Prepare;
use crate::state::Act;

/// What was found of the people of a dossier.
#[derive(Debug, Default)]
pub(super) struct Refused(Vec<Row>);

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
    /// None is every channel.
    #[diesel(sql_type = Nullable<Text>)]
    channel: Option<NoticeChannel>,
    #[diesel(sql_type = Bool)]
    by_the_person: bool,
}

const READ: &str = "-- notices::refused::read
SELECT s.address_hash AS hash, s.channel, false AS by_the_person FROM notice_suppressions s
WHERE s.address_hash = ANY ($1) AND s.lifted_at IS NULL AND (s.until IS NULL OR s.until > $3)
UNION ALL
SELECT c.person_hash, c.channel, true FROM (
    SELECT DISTINCT ON (person_hash, channel) person_hash, channel, granted FROM notice_consents
    WHERE person_hash = ANY ($2) ORDER BY person_hash, channel, id DESC
) c WHERE NOT c.granted";

impl Refused {
    /// Reads what addresses and people, by their keyed hashes, refuse now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn read(
        conn: &mut PgConnection,
        act: &Act<'_>,
        addresses: Vec<&[u8]>,
        people: Vec<&[u8]>,
    ) -> QueryResult<Self> {
        if addresses.is_empty() {
            return Ok(Self::default());
        }
        let rows = diesel::sql_query(READ)
            .bind::<Array<Bytea>, _>(addresses)
            .bind::<Array<Bytea>, _>(people)
            .bind::<Timestamptz, _>(act.now)
            .prepared()
            .load(conn)?;
        Ok(Self(rows))
    }

    /// Whether nothing goes to the address on the channel, whatever it is.
    pub(super) fn suppresses(&self, channel: NoticeChannel, address_hash: &[u8]) -> bool {
        self.has(channel, address_hash, false)
    }

    /// Whether the person does not want it on the channel. What is being waited for, and what puts right what was said
    /// before, comes all the same.
    pub(super) fn declines(&self, purpose: Purpose, channel: NoticeChannel, person_hash: Option<&[u8]>) -> bool {
        !purpose.is_critical() && person_hash.is_some_and(|hash| self.has(channel, hash, true))
    }

    fn has(&self, channel: NoticeChannel, hash: &[u8], by_the_person: bool) -> bool {
        let fits = |row: &&Row| row.by_the_person == by_the_person && row.hash == hash;
        self.0.iter().filter(fits).any(|row| row.channel.is_none_or(|of| of == channel))
    }
}
