//! Lists of some units, by the index that has the dossiers of each in the order of the list.
//!
//! The newest of all dossiers are mostly those of other units: who goes through them to find fifty of one's own reads
//! thousands. A walk takes the keys of a unit's newest ones instead, and then the dossiers by their keys, until a page is full.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{DossierId, UnitId};
use crate::domain::role::{Sight, Who};
use crate::dossiers::model::Dossier;
use crate::http::page::Cursor;
use crate::platform::prepared::Prepare;
use crate::state::Act;

/// Units that are walked apart, each by its own part of the index; of more, the newest of all dossiers are theirs soon enough.
const MOST_UNITS: usize = 32;
/// By how much each round takes more keys than the one before: filters let few through.
const GROWTH: i64 = 8;
/// Keys of one round at most.
const MOST_KEYS: i64 = 20_000;

/// Whose dossiers are walked through.
#[derive(Debug)]
pub(super) enum Walk {
    /// Those that the units resolve.
    Resolved(Vec<UnitId>),
    /// Those that the units have to do with.
    Related(Vec<UnitId>),
    /// Those that their counters took in.
    Received(Vec<UnitId>),
}

/// Which part of the list is walked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// It begins with the first before this.
    pub before: Option<Cursor>,
    /// It ends with the last registered since then.
    pub since: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    registered_at: DateTime<Utc>,
}

const RESOLVED: &str = "-- dossiers::search::resolved
SELECT l.id, l.registered_at FROM unnest($1) AS u (id) CROSS JOIN LATERAL (
    SELECT d.id, d.registered_at FROM dossiers d WHERE d.resolving_unit_id = u.id
        AND (d.registered_at, d.id) < (coalesce($2, 'infinity'), coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY d.registered_at DESC, d.id DESC LIMIT $4
) l ORDER BY l.registered_at DESC, l.id DESC LIMIT $4";

/// A unit may have to do with a dossier in several ways, and several of the units may.
const RELATED: &str = "-- dossiers::search::related
SELECT DISTINCT l.registered_at, l.id FROM unnest($1) AS u (id) CROSS JOIN LATERAL (
    SELECT DISTINCT r.registered_at, r.dossier_id AS id FROM dossier_units r WHERE r.unit_id = u.id
        AND (r.registered_at, r.dossier_id)
            < (coalesce($2, 'infinity'), coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY r.registered_at DESC, r.dossier_id DESC LIMIT $4
) l ORDER BY l.registered_at DESC, l.id DESC LIMIT $4";

/// A counter takes a dossier in once.
const RECEIVED: &str = "-- dossiers::search::received
SELECT DISTINCT l.registered_at, l.id FROM unnest($1) AS u (id) CROSS JOIN LATERAL (
    SELECT r.registered_at, r.dossier_id AS id FROM dossier_units r WHERE r.unit_id = u.id AND r.why = 'received'
        AND (r.registered_at, r.dossier_id)
            < (coalesce($2, 'infinity'), coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY r.registered_at DESC, r.dossier_id DESC LIMIT $4
) l ORDER BY l.registered_at DESC, l.id DESC LIMIT $4";

impl Walk {
    /// Returns the walk of a list: of the units asked for, else of those that who asks may know of.
    pub fn of(act: &Act<'_>, asked: Option<&[UnitId]>) -> Option<Self> {
        let sight = act.by.role.sight();
        let walk = match (asked, sight) {
            _ if act.by.who == Who::System => return None,
            // Of one unit alone, the planner goes by its index.
            (_, Sight::Nothing) | (None | Some([_]), Sight::All) => return None,
            (Some(units), Sight::All) => Self::Resolved(units.to_vec()),
            (_, Sight::OfTheUnit) => Self::Related(act.catalogue().within(act.by.unit)),
            (_, Sight::ReceivedHere) => Self::Received(act.catalogue().within(act.by.unit)),
        };
        Some(walk).filter(|walk| walk.units().len() <= MOST_UNITS)
    }

    fn units(&self) -> &[UnitId] {
        match self {
            Self::Resolved(units) | Self::Related(units) | Self::Received(units) => units,
        }
    }

    /// Walks a stretch from its newest on until so many are found or none are left; `load` returns which of the keys are looked
    /// for, in the order of the list, at most as many as it is told.
    pub fn until(
        &self,
        conn: &mut PgConnection,
        Stretch { mut before, since }: Stretch,
        wanted: i64,
        load: impl Fn(&mut PgConnection, Vec<DossierId>, i64) -> QueryResult<Vec<Dossier>>,
    ) -> QueryResult<Vec<Dossier>> {
        let (mut found, mut round) = (Vec::new(), wanted);
        loop {
            let keys = self.keys(conn, before, round)?;
            let missing = wanted - i64::try_from(found.len()).unwrap_or(wanted);
            found.extend(load(conn, keys.iter().map(|key| DossierId(key.id)).collect(), missing)?);
            let is_full = i64::try_from(found.len()).unwrap_or(wanted) >= wanted;
            let goes_on = |last: &Key| {
                i64::try_from(keys.len()).unwrap_or(0) == round && since.is_none_or(|since| last.registered_at >= since)
            };
            match keys.last().filter(|last| !is_full && goes_on(last)) {
                Some(last) => before = Some(Cursor { at: last.registered_at, id: last.id }),
                None => return Ok(found),
            }
            round = (round * GROWTH).min(MOST_KEYS);
        }
    }

    fn keys(&self, conn: &mut PgConnection, before: Option<Cursor>, many: i64) -> QueryResult<Vec<Key>> {
        let sql = match self {
            Self::Resolved(_) => RESOLVED,
            Self::Related(_) => RELATED,
            Self::Received(_) => RECEIVED,
        };
        diesel::sql_query(sql)
            .bind::<Array<SqlUuid>, _>(self.units())
            .bind::<Nullable<Timestamptz>, _>(before.map(|before| before.at))
            .bind::<Nullable<SqlUuid>, _>(before.map(|before| before.id))
            .bind::<BigInt, _>(many)
            .prepared()
            .load(conn)
    }
}
