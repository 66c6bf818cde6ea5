//! What a citizen holds after coming in: a token that opens one dossier, or those of the holder of an ID number.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::domain::ids::{CitizenSessionId, DossierId};
use crate::platform::secret::{new_token, token_hash};
use crate::schema::citizen_sessions;

/// What the tokens of citizens begin with.
pub(super) const PREFIX: &str = "mcz_";

/// What a session opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opens {
    /// This dossier.
    Dossier(DossierId),
    /// The dossiers in which the holder of an ID number has a part; the number's keyed hash.
    OwnOf(Vec<u8>),
}

impl Opens {
    fn lasts(&self) -> TimeDelta {
        match self {
            Self::Dossier(_) => TimeDelta::minutes(15),
            Self::OwnOf(_) => TimeDelta::hours(1),
        }
    }
}

/// A session just opened: the only time that its token is seen.
pub(super) struct Opened {
    pub id: CitizenSessionId,
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// Opens a session.
pub(super) fn open(conn: &mut PgConnection, opens: Opens, now: DateTime<Utc>) -> QueryResult<Opened> {
    let opened = Opened { id: CitizenSessionId::new(), token: new_token(PREFIX), expires_at: now + opens.lasts() };
    let (dossier, holder) = match opens {
        Opens::Dossier(id) => (Some(id), None),
        Opens::OwnOf(hash) => (None, Some(hash)),
    };
    diesel::insert_into(citizen_sessions::table)
        .values((
            citizen_sessions::id.eq(opened.id),
            citizen_sessions::token_hash.eq(token_hash(&opened.token)),
            citizen_sessions::dossier_id.eq(dossier),
            citizen_sessions::holder_hash.eq(holder),
            citizen_sessions::created_at.eq(now),
            citizen_sessions::expires_at.eq(opened.expires_at),
        ))
        .execute(conn)?;
    Ok(opened)
}

/// Finds the session of a token, unless it has expired or was ended.
pub(super) fn look_up(
    conn: &mut PgConnection,
    token: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<(CitizenSessionId, Opens)>> {
    let found: Option<(CitizenSessionId, Option<DossierId>, Option<Vec<u8>>)> = citizen_sessions::table
        .filter(citizen_sessions::token_hash.eq(token_hash(token)))
        .filter(citizen_sessions::ended_at.is_null())
        .filter(citizen_sessions::expires_at.gt(now))
        .select((citizen_sessions::id, citizen_sessions::dossier_id, citizen_sessions::holder_hash))
        .first(conn)
        .optional()?;
    Ok(found.and_then(|(id, dossier, holder)| {
        Some((id, dossier.map(Opens::Dossier).or_else(|| holder.map(Opens::OwnOf))?))
    }))
}

/// Ends a session.
pub(super) fn end(conn: &mut PgConnection, id: CitizenSessionId, now: DateTime<Utc>) -> QueryResult<()> {
    let open = citizen_sessions::table.find(id).filter(citizen_sessions::ended_at.is_null());
    diesel::update(open).set(citizen_sessions::ended_at.eq(now)).execute(conn)?;
    Ok(())
}
