//! Lists of some units, by the index that has the dossiers of each in the order of the list.
//!
//! The newest of all dossiers are mostly those of other units: who goes through them to find fifty of one's own reads
//! thousands. A walk takes the keys of a unit's newest ones instead, and then the dossiers by their keys, until a page is full.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::dossier::Status;
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

/// Whose dossiers are walked through, and which of them.
#[derive(Debug)]
pub(super) struct Walk {
    whose: Whose,
    units: Vec<UnitId>,
    among: Among,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those that the units resolve.
    Resolved,
    /// Those that the units have to do with.
    Related,
    /// Those that their counters took in.
    Received,
}

/// Which of a unit's dossiers are walked through: what few are of has a part of the index to itself.
#[derive(Debug)]
pub(super) enum Among {
    /// All of them.
    All,
    /// Those on the shelves of these statuses, none of which is the one on which nearly all lie.
    Statuses(Vec<Status>),
    /// Those that ended late.
    Late,
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

/// A unit may have to do with a dossier in several ways, and several of the units may.
const KEYS: &str = "-- dossiers::search::walk
SELECT DISTINCT l.registered_at, l.id FROM unnest($1) AS u (id) CROSS JOIN unnest($5) AS p (part) CROSS JOIN LATERAL (
    SELECT DISTINCT r.registered_at, r.$KEY AS id FROM $LINES r WHERE r.$UNIT = u.id AND $AMONG
        AND (r.registered_at, r.$KEY) < (coalesce($2, 'infinity'), coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY r.registered_at DESC, r.$KEY DESC LIMIT $4
) l ORDER BY l.registered_at DESC, l.id DESC LIMIT $4";

impl Walk {
    /// Returns the walk of a list: of the units asked for, else of those that who asks may know of.
    pub fn of(act: &Act<'_>, asked: Option<&[UnitId]>, among: Among) -> Option<Self> {
        let (whose, units) = match (asked, act.by.role.sight()) {
            _ if act.by.who == Who::System => return None,
            (_, Sight::Nothing) | (None, Sight::All) => return None,
            // Of one unit alone, the planner goes by its index.
            (Some([_]), Sight::All) if matches!(among, Among::All) => return None,
            (Some(units), Sight::All) => (Whose::Resolved, units.to_vec()),
            (_, Sight::OfTheUnit) => (Whose::Related, act.catalogue().within(act.by.unit)),
            (_, Sight::ReceivedHere) => (Whose::Received, act.catalogue().within(act.by.unit)),
        };
        (units.len() <= MOST_UNITS).then_some(Self { whose, units, among })
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
        diesel::sql_query(self.sql())
            .bind::<Array<SqlUuid>, _>(&self.units)
            .bind::<Nullable<Timestamptz>, _>(before.map(|before| before.at))
            .bind::<Nullable<SqlUuid>, _>(before.map(|before| before.id))
            .bind::<BigInt, _>(many)
            .bind::<Array<Text>, _>(self.parts().into_iter().collect::<Vec<_>>())
            .prepared()
            .load(conn)
    }

    fn sql(&self) -> String {
        let (lines, unit, key) = match self.whose {
            Whose::Resolved => ("dossiers", "resolving_unit_id", "id"),
            Whose::Related | Whose::Received => ("dossier_units", "unit_id", "dossier_id"),
        };
        let among = match (&self.among, self.whose) {
            (Among::All, _) => "true",
            (Among::Statuses(_), Whose::Resolved) => "r.status = p.part AND r.status <> 'returned'",
            (Among::Statuses(_), _) => "r.shelf = p.part AND r.shelf <> 'returned'",
            (Among::Late, Whose::Resolved) => "r.standing = 'late'",
            (Among::Late, _) => "r.is_late",
        };
        let received = if self.whose == Whose::Received { " AND r.why = 'received'" } else { "" };
        let sql = KEYS.replace("$LINES", lines).replace("$UNIT", unit).replace("$KEY", key);
        sql.replace("$AMONG", &format!("{among}{received}"))
    }

    /// Returns the parts of the index that are walked, each in the order of the list: one, which nobody asks the name of, where
    /// it is not divided.
    fn parts(&self) -> BTreeSet<&'static str> {
        match (&self.among, self.whose) {
            (Among::Statuses(statuses), Whose::Resolved) => statuses.iter().map(|status| status.as_str()).collect(),
            (Among::Statuses(statuses), _) => statuses.iter().map(|status| status.shelf().as_str()).collect(),
            (Among::All | Among::Late, _) => BTreeSet::from([""]),
        }
    }
}
