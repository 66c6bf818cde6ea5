//! `motcua staff` and `motcua key`: accounts and keys from the command line of the server.

use std::io::{BufRead, Write};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::SecretString;

use super::accounts::{self, Account, AccountChange, AccountFilter, NewAccount, unit_code};
use super::keys::{self, ApiKey, NewKey, read_addresses, read_scopes};
pub use super::terminal::Terminal;
use super::terminal::{Source, plainly, print_pages};
use super::{no_such, password, second_factor};
use crate::domain::ids::UnitId;
use crate::domain::role::{Actor, Role, Who};
use crate::error::AppError;
use crate::http::body::Faults;
use crate::http::office_time::OfficeTime;
use crate::http::page::Cursor;
use crate::state::{Act, AppState};

const PAGE: i64 = 200;

/// `motcua staff …`
#[derive(Debug, Clone, clap::Subcommand)]
pub enum StaffCommand {
    /// Makes an account; the password is read from standard input.
    Add {
        /// The name to log in by: small letters, digits, dots and dashes.
        username: String,
        /// The name that histories show.
        #[arg(long)]
        full_name: String,
        /// Any role but portal.
        #[arg(long)]
        role: Role,
        /// The code of the unit.
        #[arg(long)]
        unit: String,
        /// Makes a password up and prints it, this once.
        #[arg(long)]
        generate: bool,
    },
    /// Lists the accounts.
    List,
    /// Disables an account and ends its sessions.
    Disable {
        /// The name to log in by.
        username: String,
    },
    /// Removes the second factor of an account whose owner has lost it, and ends its sessions.
    ResetSecondFactor {
        /// The name to log in by.
        username: String,
    },
    /// Sets a new password, read from standard input, and ends the account's sessions.
    Password {
        /// The name to log in by.
        username: String,
        /// Makes a password up and prints it, this once.
        #[arg(long)]
        generate: bool,
    },
}

/// `motcua key …`
#[derive(Debug, Clone, clap::Subcommand)]
pub enum KeyCommand {
    /// Makes a key and prints it, this once.
    Add {
        /// Which counter or system will hold it.
        name: String,
        /// Any role but admin.
        #[arg(long)]
        role: Role,
        /// The code of the unit.
        #[arg(long)]
        unit: String,
        /// The device that will hold it, kiosk-03 say; a device holds one key.
        #[arg(long)]
        device: Option<String>,
        /// What it carries of its role's rights, as receive,read_dossiers; all of them when nothing is said.
        #[arg(long, value_delimiter = ',')]
        scopes: Option<Vec<String>>,
        /// From where it opens, as 10.1.0.0/16,192.0.2.7; from anywhere when nothing is said.
        #[arg(long, value_delimiter = ',')]
        addresses: Option<Vec<String>>,
        /// Until when, as 2027-01-01T00:00:00+07:00; for ever when nothing is said.
        #[arg(long)]
        expires_at: Option<DateTime<Utc>>,
    },
    /// Lists the keys.
    List,
    /// Makes a key that takes another's place, and prints it, this once; the old one works on for a while.
    Rotate {
        /// What is visible of the old one: the eight characters after mck_.
        prefix: String,
        /// For how long the old one works on.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(..=720))]
        overlap_hours: u32,
    },
    /// Revokes a key.
    Revoke {
        /// What is visible of it: the eight characters after mck_.
        prefix: String,
    },
}

/// Runs `motcua staff …`, reading standard input and writing standard output.
///
/// # Errors
/// What is wrong, for the person at the terminal.
pub fn run_staff(state: &AppState, now: DateTime<Utc>, command: StaffCommand) -> anyhow::Result<()> {
    let mut terminal = Terminal { input: std::io::stdin().lock(), output: std::io::stdout().lock() };
    staff(state, now, command, &mut terminal)
}

/// Runs `motcua key …`, writing standard output.
///
/// # Errors
/// What is wrong, for the person at the terminal.
pub fn run_key(state: &AppState, now: DateTime<Utc>, command: KeyCommand) -> anyhow::Result<()> {
    key(state, now, command, &mut std::io::stdout().lock())
}

/// Runs `motcua staff …` on any input and output.
///
/// # Errors
/// As [`run_staff`].
pub fn staff<I: BufRead, O: Write>(
    state: &AppState,
    now: DateTime<Utc>,
    command: StaffCommand,
    terminal: &mut Terminal<I, O>,
) -> anyhow::Result<()> {
    match command {
        StaffCommand::Add { username, full_name, role, unit, generate } => {
            let source = Source::of(generate);
            let (form, secret) = read_new(&username, &full_name, role, terminal, source)?;
            let form = NewAccount { unit_code: unit, ..form };
            add(state, now, &form, &secret)?;
            source.tell(&mut terminal.output, &secret)?;
            writeln!(terminal.output, "Account {username} made")?;
            if role.needs_second_factor() {
                writeln!(terminal.output, "It can do nothing until its owner has set up a second factor")?;
            }
        }
        StaffCommand::List => list_staff(state, now, &mut terminal.output)?,
        StaffCommand::Disable { username } => {
            let form = AccountChange { disabled: Some(true), ..AccountChange::default() };
            change(state, now, &username, &form)?;
            writeln!(terminal.output, "Account {username} disabled, its sessions ended")?;
        }
        StaffCommand::ResetSecondFactor { username } => {
            state
                .act_here(&console(), now, |conn, act| {
                    let account = account_of(conn, &username)?;
                    second_factor::reset(conn, act, account.id)
                })
                .map_err(plainly)?;
            writeln!(terminal.output, "Account {username} has no second factor any more, its sessions ended")?;
        }
        StaffCommand::Password { username, generate } => {
            let source = Source::of(generate);
            let secret = source.password(&mut terminal.input, &username)?;
            let form = AccountChange {
                password_hash: Some(password::hash_here(&secret).map_err(plainly)?),
                ..AccountChange::default()
            };
            change(state, now, &username, &form)?;
            source.tell(&mut terminal.output, &secret)?;
            writeln!(terminal.output, "Password of {username} changed, its sessions ended")?;
        }
    }
    Ok(())
}

/// Runs `motcua key …` on any output.
///
/// # Errors
/// As [`run_key`].
pub fn key(state: &AppState, now: DateTime<Utc>, command: KeyCommand, output: &mut impl Write) -> anyhow::Result<()> {
    match command {
        KeyCommand::Add { name, role, unit, device, scopes, addresses, expires_at } => {
            let mut faults = Faults::new();
            let scopes = read_scopes(&mut faults, "--scopes", Some(role), scopes.as_deref());
            let addresses = read_addresses(&mut faults, "--addresses", addresses.as_deref());
            let (scopes, addresses) = faults.finish(scopes.zip(addresses)).map_err(plainly)?;
            let form = NewKey { name, device, role, unit_code: unit, scopes, addresses, expires_at };
            let (key, _) = state.act_here(&console(), now, |conn, act| keys::add(conn, act, &form)).map_err(plainly)?;
            writeln!(output, "{key}")?;
        }
        KeyCommand::Rotate { prefix, overlap_hours } => {
            let overlap = TimeDelta::hours(i64::from(overlap_hours));
            let rotated = state.act_here(&console(), now, |conn, act| {
                let id = keys::by_prefix(conn, &prefix)?.ok_or_else(|| no_such("khóa API", "API key"))?;
                keys::rotate(conn, act, id, overlap, None)
            });
            let (key, _) = rotated.map_err(plainly)?;
            writeln!(output, "{key}")?;
        }
        KeyCommand::List => list_keys(state, now, output)?,
        KeyCommand::Revoke { prefix } => {
            state
                .act_here(&console(), now, |conn, act| {
                    let id = keys::by_prefix(conn, &prefix)?;
                    keys::revoke(conn, act, id.ok_or_else(|| no_such("khóa API", "API key"))?)
                })
                .map_err(plainly)?;
            writeln!(output, "Key {prefix} revoked")?;
        }
    }
    Ok(())
}

/// Who acts when the server's command line does.
pub(super) fn console() -> Actor {
    Actor::new(Who::System, "motcua", Role::Admin, UnitId(uuid::Uuid::nil()))
}

fn read_new<I: BufRead, O: Write>(
    username: &str,
    full_name: &str,
    role: Role,
    terminal: &mut Terminal<I, O>,
    source: Source,
) -> anyhow::Result<(NewAccount, SecretString)> {
    let mut faults = Faults::new();
    let sound_name = accounts::read_username(&mut faults, "username", Some(username));
    let full_name = faults.text("--full-name", 200, Some(full_name));
    let role = accounts::read_role(&mut faults, "--role", Some(role.as_str()));
    let read =
        || Some(NewAccount { username: sound_name?, full_name: full_name?, role: role?, unit_code: String::new() });
    let read = read();
    let form = faults.finish(read).map_err(plainly)?;
    let secret = source.password(&mut terminal.input, username)?;
    Ok((form, secret))
}

fn add(state: &AppState, now: DateTime<Utc>, form: &NewAccount, secret: &SecretString) -> anyhow::Result<()> {
    let hash = password::hash_here(secret).map_err(plainly)?;
    state.act_here(&console(), now, |conn, act| accounts::add(conn, act, form, &hash)).map_err(plainly)?;
    Ok(())
}

fn change(state: &AppState, now: DateTime<Utc>, username: &str, form: &AccountChange) -> anyhow::Result<Account> {
    state
        .act_here(&console(), now, |conn, act| {
            let account = account_of(conn, username)?;
            accounts::change(conn, act, account.id, form)
        })
        .map_err(plainly)
}

fn account_of(conn: &mut PgConnection, username: &str) -> Result<Account, AppError> {
    accounts::by_username(conn, username)?.ok_or_else(|| no_such("tài khoản", "account"))
}

fn list_staff(state: &AppState, now: DateTime<Utc>, output: &mut impl Write) -> anyhow::Result<()> {
    print_pages(output, |after| {
        let filter = AccountFilter { after, ..AccountFilter::default() };
        state.act_here(&console(), now, |conn, act| {
            let found = accounts::list(conn, act, &filter, PAGE)?;
            let lines = found.iter().map(|account| Ok(staff_line(act, account, second_factor::has(conn, account.id)?)));
            let lines = lines.collect::<QueryResult<_>>()?;
            let end = found.last().map(|last| Cursor { at: last.created_at, id: last.id.0 });
            Ok((lines, end))
        })
    })
}

fn staff_line(act: &Act<'_>, account: &Account, has_second_factor: bool) -> String {
    let (role, unit) = (account.role, unit_code(act, account.unit_id));
    let state = match account.disabled_at {
        Some(_) => "disabled",
        None => "enabled",
    };
    let second_factor = match has_second_factor {
        true => "second factor",
        false if role.needs_second_factor() => "second factor missing",
        false => "password alone",
    };
    let (username, full_name) = (&account.username, &account.full_name);
    format!("{username}\t{role}\t{unit}\t{state}\t{second_factor}\t{full_name}")
}

fn list_keys(state: &AppState, now: DateTime<Utc>, output: &mut impl Write) -> anyhow::Result<()> {
    print_pages(output, |after| {
        state.act_here(&console(), now, |conn, act| {
            let found = keys::list(conn, after, PAGE)?;
            let lines = found.iter().map(|key| key_line(act, key));
            let end = found.last().map(|last| Cursor { at: last.created_at, id: last.id.0 });
            Ok((lines.collect(), end))
        })
    })
}

fn key_line(act: &Act<'_>, key: &ApiKey) -> String {
    let (role, unit) = (key.role, unit_code(act, key.unit_id));
    let state = match (key.revoked_at, key.expires_at, key.replaced_by) {
        (Some(_), ..) => "revoked",
        (None, Some(end), _) if end <= act.now => "expired",
        (None, _, Some(_)) => "replaced",
        (None, _, None) => "valid",
    };
    let used = key.last_used_at.map(|at| OfficeTime(at).to_string());
    let used = used.as_deref().unwrap_or("never");
    format!("{}\t{role}\t{unit}\t{state}\tused {used}\t{}", key.prefix, key.name)
}
