//! Who is warned of a dossier: whoever holds its step and the next above, or, of a parent, who answers for it.

use diesel::prelude::*;

use super::queries::ToWarn;
use super::warn::Audience;
use crate::domain::ids::{StaffId, UnitId};
use crate::domain::role::Role;
use crate::schema::staff;
use crate::state::Act;

/// A person, or all of a role in a unit.
pub(super) struct Recipient {
    pub audience: Audience,
    pub unit: UnitId,
    pub role: String,
    pub staff: Option<StaffId>,
}

/// Returns who is warned.
pub(super) fn recipients(conn: &mut PgConnection, act: &Act<'_>, one: &ToWarn) -> QueryResult<Vec<Recipient>> {
    if let Some(leading) = one.leading_unit_id {
        return of_a_parent(conn, act, one, leading);
    }
    let holder =
        Recipient { audience: Audience::Holder, unit: one.unit_id, role: one.role.clone(), staff: one.holder_id };
    let above = above(conn, act, one)?.map(|role| all_of(Audience::Above, one.unit_id, role));
    Ok(std::iter::once(holder).chain(above).collect())
}

fn all_of(audience: Audience, unit: UnitId, role: Role) -> Recipient {
    Recipient { audience, unit, role: role.to_string(), staff: None }
}

/// Nobody holds a step of a parent. The leader of the unit that answers for it may ask for more time or apologise; the
/// counter that took it in sees that agencies keep their time: its centre head, else its leader (NĐ 61/2018 Đ19.5, Đ19.9).
fn of_a_parent(conn: &mut PgConnection, act: &Act<'_>, one: &ToWarn, leading: UnitId) -> QueryResult<Vec<Recipient>> {
    let leader = all_of(Audience::Holder, leading, Role::Leader);
    let counter = one.receiving_unit_id;
    let watches = if works(conn, act, counter, Role::CentreHead)? {
        Some(Role::CentreHead)
    } else {
        (counter != leading).then_some(Role::Leader)
    };
    let above = watches.map(|role| all_of(Audience::Above, counter, role));
    Ok(std::iter::once(leader).chain(above).collect())
}

/// Who leads whoever holds the step: the head of the division where the unit has one, else its leader, at a counter the
/// head of the centre.
fn above(conn: &mut PgConnection, act: &Act<'_>, one: &ToWarn) -> QueryResult<Option<Role>> {
    let leads: &[Role] = match one.role.parse() {
        Ok(Role::Leader | Role::Chair | Role::CentreHead) => return Ok(None),
        Ok(Role::DivisionHead) => &[],
        _ => &[Role::DivisionHead, Role::CentreHead],
    };
    for role in leads {
        if works(conn, act, one.unit_id, *role)? {
            return Ok(Some(*role));
        }
    }
    Ok(Some(Role::Leader))
}

/// Whether somebody of the role works in the unit or below.
fn works(conn: &mut PgConnection, act: &Act<'_>, unit: UnitId, role: Role) -> QueryResult<bool> {
    let there = staff::table
        .filter(staff::role.eq(role))
        .filter(staff::disabled_at.is_null())
        .filter(staff::unit_id.eq_any(act.catalogue().within(unit)));
    diesel::select(diesel::dsl::exists(there)).get_result(conn)
}
