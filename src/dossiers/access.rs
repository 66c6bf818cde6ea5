//! Who sees a dossier, and who may act on it: decided by `dossier_units` alone.

use diesel::prelude::*;

use crate::domain::dossier::{UnitRelation, Verb};
use crate::domain::ids::{DossierId, UnitId};
use crate::domain::role::{Role, Sight, Who};
use crate::error::{AppError, Said};
use crate::platform::prepared::Prepare;
use crate::schema::dossier_units;
use crate::state::Act;

/// What units have to do with one dossier.
pub struct Relations(Vec<(UnitId, UnitRelation)>);

impl Relations {
    /// Loads those of a dossier.
    pub fn load(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Self> {
        dossier_units::table
            .filter(dossier_units::dossier_id.eq(dossier))
            .select((dossier_units::unit_id, dossier_units::why))
            .load(conn)
            .map(Self)
    }

    /// Whether who acts may know of the dossier.
    pub fn are_seen_by(&self, act: &Act<'_>) -> bool {
        if act.by.who == Who::System {
            return true;
        }
        match act.by.role.sight() {
            Sight::All => true,
            Sight::Nothing => false,
            Sight::OfTheUnit => self.0.iter().any(|(unit, _)| is_ours(act, *unit)),
            Sight::ReceivedHere => {
                self.0.iter().any(|(unit, why)| *why == UnitRelation::Received && is_ours(act, *unit))
            }
        }
    }

    /// Whether the unit of who acts, or one below, stands in one of these relations.
    pub fn include(&self, act: &Act<'_>, whys: &[UnitRelation]) -> bool {
        let stands = |(unit, why): &(UnitId, UnitRelation)| {
            whys.contains(why) && is_ours(act, *unit) && !self.is_over(*unit, *why)
        };
        act.by.who == Who::System || self.0.iter().any(stands)
    }

    /// Whether a unit held steps of a dossier that was to be resolved elsewhere: it has no more hand in it.
    fn is_over(&self, unit: UnitId, why: UnitRelation) -> bool {
        why == UnitRelation::Step && self.0.contains(&(unit, UnitRelation::Formerly))
    }
}

/// Whether a unit is that of who acts, or lies below it.
pub fn is_ours(act: &Act<'_>, unit: UnitId) -> bool {
    act.by.who == Who::System || act.catalogue().is_within(unit, act.by.unit)
}

/// Adds a relation; one that stands already stays.
pub fn relate(conn: &mut PgConnection, dossier: DossierId, units: &[(UnitId, UnitRelation)]) -> QueryResult<()> {
    let rows: Vec<_> = units
        .iter()
        .map(|(unit, why)| {
            (dossier_units::unit_id.eq(*unit), dossier_units::dossier_id.eq(dossier), dossier_units::why.eq(*why))
        })
        .collect();
    diesel::insert_into(dossier_units::table).values(rows).on_conflict_do_nothing().prepared().execute(conn)
}

/// Lets another unit resolve a dossier; the one of before keeps sight of it.
pub fn pass_on(conn: &mut PgConnection, dossier: DossierId, (from, to): (UnitId, UnitId)) -> QueryResult<()> {
    turn(conn, (dossier, from), UnitRelation::Resolves, UnitRelation::Formerly)?;
    // Where it comes back, the line of before is turned again.
    if turn(conn, (dossier, to), UnitRelation::Formerly, UnitRelation::Resolves)? == 0 {
        relate(conn, dossier, &[(to, UnitRelation::Resolves)])?;
    }
    Ok(())
}

/// Makes what a unit has to do with a dossier something else; returns how many lines that were, one at most.
fn turn(
    conn: &mut PgConnection,
    (dossier, unit): (DossierId, UnitId),
    from: UnitRelation,
    to: UnitRelation,
) -> QueryResult<usize> {
    let line = dossier_units::table.find((unit, dossier, from));
    diesel::update(line).set(dossier_units::why.eq(to)).execute(conn)
}

/// Checks that the role may use the verb.
///
/// # Errors
/// [`AppError::Forbidden`], naming both.
pub fn check_role(act: &Act<'_>, verb: Verb) -> Result<(), AppError> {
    if act.by.who == Who::System || act.by.may_use(verb) {
        return Ok(());
    }
    Err(AppError::Forbidden(Said::new(
        "role_may_not",
        format!("Vai trò {} không được làm việc này: {verb}", act.by.role),
        format!("The role {} may not {verb}", act.by.role),
    )))
}

/// Checks that the unit of who acts has the dossier in hand: its counter for what counters do, the resolving
/// unit or one that holds a step for all else.
///
/// # Errors
/// [`AppError::Forbidden`] when another unit has it.
pub fn check_unit(act: &Act<'_>, relations: &Relations, verb: Verb) -> Result<(), AppError> {
    let whys: &[UnitRelation] = match act.by.role {
        Role::Clerk | Role::CentreHead => &[UnitRelation::Received],
        Role::Portal => &[UnitRelation::Received, UnitRelation::Resolves],
        _ => &[UnitRelation::Resolves, UnitRelation::Step, UnitRelation::Successor],
    };
    if relations.include(act, whys) {
        return Ok(());
    }
    Err(AppError::Forbidden(Said::new(
        "not_in_your_hands",
        format!("Hồ sơ không do đơn vị của bạn xử lý, nên không thể: {verb}"),
        format!("Your unit does not have this dossier in hand, so it can't {verb} it"),
    )))
}
