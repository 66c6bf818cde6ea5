//! Who asks.

use anyhow::Context;
use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::domain::session::SecondFactor;
use motcua::platform::clock::Clock;
use motcua::platform::secret::{new_token, token_hash};
use motcua::schema::{sessions, staff, units};
use uuid::Uuid;

/// Makes an account of a role in a unit and signs it in for twelve hours, with a second factor where the role needs one;
/// returns the token.
pub fn sign_in(url: &str, role: Role, unit_code: &str) -> anyhow::Result<String> {
    let (token, id, now) = (new_token("mcs_"), Uuid::now_v7(), Clock::System.now());
    let mut conn = PgConnection::establish(url)?;
    let unit: Uuid = units::table
        .filter(units::code.eq(unit_code))
        .select(units::id)
        .first(&mut conn)
        .with_context(|| format!("no unit {unit_code}"))?;
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(id),
            staff::username.eq(format!("{}-{}", role.as_str().replace('_', "-"), id.simple())),
            staff::full_name.eq(role.as_str()),
            staff::role.eq(role.as_str()),
            staff::unit_id.eq(unit),
            staff::password_hash.eq("-"),
            staff::created_at.eq(now),
        ))
        .execute(&mut conn)?;
    let shown = if role.needs_second_factor() { SecondFactor::Code } else { SecondFactor::None };
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(Uuid::now_v7()),
            sessions::staff_id.eq(id),
            sessions::token_hash.eq(token_hash(&token)),
            sessions::second_factor.eq(shown.as_str()),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(now + TimeDelta::hours(12)),
        ))
        .execute(&mut conn)?;
    Ok(token)
}
