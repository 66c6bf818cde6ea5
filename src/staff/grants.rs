//! Roles that reach over the whole province: proposed by an admin, given when another person confirms.

use diesel::prelude::*;

use super::accounts::{self, Account, AccountChange};
use super::no_such;
use crate::approvals::{self, Approval, Proposal};
use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// Proposes that an account gets a wide role.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when the account has the role already or the same is proposed.
pub(super) fn propose(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: StaffId,
    role: Role,
    reason: String,
) -> Result<Approval, AppError> {
    let account = accounts::one(conn, id)?;
    if !role.is_wide() {
        let said = Said::new(
            "role_needs_one",
            "Vai trò này quản trị đổi được ngay tại PATCH /staff/{id}",
            "An admin gives this role alone, by PATCH /staff/{id}",
        );
        return Err(AppError::invalid("/role", said));
    }
    if account.role == role {
        return Err(AppError::Conflict(Said::new(
            "has_role",
            format!("Tài khoản đã mang vai trò {role}"),
            format!("The account has the role {role} already"),
        )));
    }
    approvals::propose(conn, act, &Proposal::GrantRole { staff: id, role, reason })
}

/// Gives an account the role that was proposed.
///
/// # Errors
/// [`AppError::NotFound`] for an account that there is not or that was disabled meanwhile.
pub fn carry_out(conn: &mut PgConnection, act: &Act<'_>, id: StaffId, role: Role) -> Result<Account, AppError> {
    let account = accounts::one(conn, id)?;
    if account.disabled_at.is_some() {
        return Err(no_such("tài khoản", "account"));
    }
    accounts::change(conn, act, id, &AccountChange { role: Some(role), ..AccountChange::default() })
}

/// Reads a role that one admin may give alone.
pub(super) fn narrow(faults: &mut Faults, pointer: &str, role: Role) -> Option<Role> {
    let said = Said::new(
        "role_needs_two",
        "Vai trò này cần hai người: tạo tài khoản với vai trò khác, rồi đề xuất tại /staff/{id}/grants",
        "This role needs two people: make the account with another role, then propose it at /staff/{id}/grants",
    );
    faults.read(pointer, said, Some(role).filter(|role| !role.is_wide()))
}
