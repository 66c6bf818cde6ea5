//! One account per role for trying the service out. Made in a demo alone, with passwords of their own.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::accounts::{self, AccountChange, NewAccount};
use super::command::console;
use super::sessions::{self, Entrance};
use super::terminal::{made_up, plainly};
use super::{password, second_factor};
use crate::config::Mode;
use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::domain::session::{SecondFactor, SessionKind};
use crate::error::{AppError, Said};
use crate::schema::installation;
use crate::state::{Act, AppState};

/// A demo account, as it stands in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoAccount {
    /// The name to log in by: that of the role.
    pub username: String,
    /// The password, in clear: the file is its owner's alone.
    #[serde(serialize_with = "in_clear")]
    pub password: SecretString,
    /// What its authenticator app is given, in base32, where the role needs a second factor.
    #[serde(default, serialize_with = "perhaps_in_clear", skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<SecretString>,
    /// The role.
    pub role: Role,
    /// The code of the unit.
    pub unit_code: String,
}

fn in_clear<S: serde::Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn perhaps_in_clear<S: serde::Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_some(&secret.as_ref().map(|secret| secret.expose_secret()))
}

/// Makes one account per role and writes them to `path`, readable by its owner only. What is there stays.
///
/// Where the file is lost but the accounts are there, they get new passwords: nobody could tell the old ones.
/// Where the database is new but the file is there, its passwords are used again.
///
/// # Errors
/// Outside a demo, and whatever stands in the way.
pub fn make_accounts(state: &AppState, now: DateTime<Utc>, path: &Path) -> anyhow::Result<Vec<DemoAccount>> {
    anyhow::ensure!(state.config.server.mode == Mode::Demo, "demo accounts are made in demo mode only");
    let (kept, is_private) = read(path)?;
    state
        .act_here(&console(), now, |conn, act| {
            lock_demo(conn)?;
            let mut changed = false;
            let mut wanted = Vec::new();
            for (role, unit_code) in places() {
                let kept = kept.iter().find(|account| account.role == role);
                let (account, id, is_new) = ensure(conn, act, (role, unit_code), kept)?;
                let (account, has_new_secret) = ensure_second_factor(conn, act, id, account)?;
                changed |= is_new || has_new_secret;
                wanted.push(account);
            }
            // Within the transaction: a second process waits for the file as it waits for the rows.
            if changed || !is_private {
                write(path, &wanted).map_err(AppError::Internal)?;
            }
            Ok(wanted)
        })
        .map_err(plainly)
}

/// How the examples come in.
const PROGRAM: Entrance = Entrance { kind: SessionKind::Bearer, second_factor: SecondFactor::None };

/// Logs the demo account of a role in and returns its token, for the examples that a start prints.
///
/// # Errors
/// When there is no such account.
pub fn token(state: &AppState, now: DateTime<Utc>, role: Role) -> anyhow::Result<String> {
    state
        .act_here(&console(), now, |conn, act| {
            let account = accounts::by_username(conn, role.as_str())?;
            let account = account.ok_or_else(|| AppError::internal("there is no demo account of this role"))?;
            Ok(sessions::open(conn, act, &account, PROGRAM)?.token)
        })
        .map_err(plainly)
}

/// Who sits where: the department resolves, the centre receives for it.
fn places() -> impl Iterator<Item = (Role, &'static str)> {
    Role::ALL.iter().filter_map(|role| {
        let unit_code = match role {
            Role::Portal => return None,
            Role::Clerk | Role::CentreHead => "H21.00.01",
            Role::Officer | Role::DivisionHead | Role::Leader | Role::Records => "H21.16",
            Role::Chair => "H21.00",
            Role::Controller | Role::Auditor | Role::Admin => "H21",
        };
        Some((*role, unit_code))
    })
}

/// Returns the account as it stands in the file, and whether the file has to be written for it.
fn ensure(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (role, unit_code): (Role, &str),
    kept: Option<&DemoAccount>,
) -> Result<(DemoAccount, StaffId, bool), AppError> {
    let there = accounts::by_username(conn, role.as_str())?;
    let secret = kept.map_or_else(made_up, |kept| kept.password.clone());
    let id = match (&there, kept) {
        (Some(there), Some(kept)) => return Ok((kept.clone(), there.id, false)),
        (Some(there), None) => {
            tracing::warn!(staff.id = %there.id, "the demo's file is lost: account {} gets a new password", there.id);
            let form = AccountChange { password_hash: Some(password::hash_here(&secret)?), ..AccountChange::default() };
            accounts::change(conn, act, there.id, &form)?.id
        }
        (None, _) => {
            let form = NewAccount {
                username: role.as_str().to_owned(),
                full_name: full_name(role).to_owned(),
                role,
                unit_code: unit_code.to_owned(),
            };
            accounts::add(conn, act, &form, &password::hash_here(&secret)?)?.id
        }
    };
    let account = DemoAccount {
        username: role.as_str().to_owned(),
        password: secret,
        totp_secret: kept.and_then(|kept| kept.totp_secret.clone()),
        role,
        unit_code: unit_code.to_owned(),
    };
    Ok((account, id, true))
}

/// Returns the account with a second factor where its role needs one, and whether the file has to be written for it.
fn ensure_second_factor(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: StaffId,
    account: DemoAccount,
) -> Result<(DemoAccount, bool), AppError> {
    if !account.role.needs_second_factor() {
        return Ok((account, false));
    }
    match &account.totp_secret {
        Some(_) if second_factor::has(conn, id)? => Ok((account, false)),
        Some(secret) => {
            second_factor::enrol(conn, act, id, secret)?;
            Ok((account, false))
        }
        None => {
            let secret = second_factor::new_secret();
            second_factor::enrol(conn, act, id, &secret)?;
            Ok((DemoAccount { totp_secret: Some(secret), ..account }, true))
        }
    }
}

fn full_name(role: Role) -> &'static str {
    match role {
        Role::Portal => "Cổng dịch vụ công",
        Role::Clerk => "Cán bộ một cửa",
        Role::Officer => "Chuyên viên thụ lý",
        Role::DivisionHead => "Lãnh đạo phòng",
        Role::Leader => "Lãnh đạo cơ quan",
        Role::Records => "Văn thư",
        Role::Chair => "Chủ tịch UBND",
        Role::CentreHead => "Lãnh đạo Trung tâm",
        Role::Controller => "Kiểm soát TTHC",
        Role::Auditor => "Thanh tra",
        Role::Admin => "Quản trị",
    }
}

/// One process at a time, and never in a database of real people's papers.
fn lock_demo(conn: &mut PgConnection) -> Result<(), AppError> {
    let kind: Option<String> = installation::table.select(installation::kind).for_update().first(conn).optional()?;
    match kind.as_deref() {
        Some("production") => Err(AppError::Conflict(Said::new(
            "production_database",
            "Đây là cơ sở dữ liệu thật, không tạo tài khoản dùng thử",
            "This database is a production one: no demo accounts are made in it",
        ))),
        _ => Ok(()),
    }
}

/// Returns what the file holds, and whether only its owner reads it.
fn read(path: &Path) -> anyhow::Result<(Vec<DemoAccount>, bool)> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), false)),
        Err(err) => return Err(err).with_context(|| format!("{} can't be read", path.display())),
    };
    let accounts = serde_json::from_str(&text)
        .with_context(|| format!("{} is not as it was written; delete it to get new passwords", path.display()))?;
    let is_private = fs::metadata(path)?.permissions().mode() & 0o077 == 0;
    Ok((accounts, is_private))
}

/// Writes a new file beside the old one and puts it in its place: never half a file, never one that others read.
fn write(path: &Path, accounts: &[DemoAccount]) -> anyhow::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir).with_context(|| format!("{} can't be made", dir.display()))?;
    let draft = draft_of(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .with_context(|| format!("{} can't be made", draft.display()))?;
    file.write_all(serde_json::to_string_pretty(accounts)?.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, path).with_context(|| format!("{} can't be written", path.display()))?;
    Ok(())
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", uuid::Uuid::now_v7()));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_of_people_has_a_place() {
        let roles: Vec<_> = places().map(|(role, _)| role).collect();
        assert_eq!(roles.len(), Role::ALL.len() - 1);
        assert!(!roles.contains(&Role::Portal));
    }

    #[test]
    fn the_file_is_its_owners_alone_and_comes_back_as_it_went() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data").join("demo-accounts.json");
        assert!(read(&path).unwrap().0.is_empty());
        let account = DemoAccount {
            username: "clerk".to_owned(),
            password: made_up(),
            totp_secret: None,
            role: Role::Clerk,
            unit_code: "H21.00.01".to_owned(),
        };
        write(&path, std::slice::from_ref(&account)).unwrap();
        let (kept, is_private) = read(&path).unwrap();
        assert!(is_private);
        assert_eq!(kept[0].password.expose_secret(), account.password.expose_secret());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
