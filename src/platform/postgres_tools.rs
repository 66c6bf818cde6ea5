//! The programs that come with PostgreSQL, told where the database is without a password on their command line.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian keeps the programs, a directory for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// `pg_dump`, `pg_restore` and `psql`, and the database they work on.
#[derive(Debug)]
pub struct PostgresTools {
    dir: Option<PathBuf>,
    address: Address,
}

/// The address can't be handed to a program without showing its password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "database.url holds a password where programs can't be told it safely; write it as postgres://user:password@host/name"
)]
pub struct UnclearPassword;

/// A database's address, its password apart.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    shown: String,
    password: Option<String>,
}

impl PostgresTools {
    /// Takes the programs of `dir`, or else the newest that the system has.
    ///
    /// # Errors
    /// [`UnclearPassword`] for an address whose password is hidden in an odd place.
    pub fn new(dir: Option<&Path>, url: &str) -> Result<Self, UnclearPassword> {
        let dir = dir.map(Path::to_owned).or_else(newest);
        Ok(Self { dir, address: Address::read(url)? })
    }

    /// Prepares a program that works on files only.
    pub fn program(&self, name: &str) -> Command {
        let path = self.dir.as_ref().map_or_else(|| PathBuf::from(name), |dir| dir.join(name));
        let mut command = Command::new(path);
        command.env("LC_ALL", "C").env("PGAPPNAME", "motcua");
        command
    }

    /// Prepares a program that works on the database.
    pub fn on_database(&self, name: &str) -> Command {
        let mut command = self.program(name);
        command.arg(format!("--dbname={}", self.address.shown)).arg("--no-password");
        if let Some(password) = &self.address.password {
            command.env("PGPASSWORD", password);
        }
        command
    }
}

/// Returns the newest directory that holds the programs; nothing where only `PATH` can tell.
fn newest() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?.filter_map(Result::ok);
    let versions = versions.filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let dir = entry.path().join("bin");
        dir.join("pg_dump").is_file().then_some((number, dir))
    });
    versions.max().map(|(_, dir)| dir)
}

impl Address {
    fn read(url: &str) -> Result<Self, UnclearPassword> {
        let Some((scheme, rest)) = url.split_once("://") else {
            // `host=db password = secret`
            return if url.contains("password") { Err(UnclearPassword) } else { Self::plain(url) };
        };
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let Some((user, host)) = authority.split_once('@') else {
            return Self::plain(url);
        };
        let Some((user, password)) = user.split_once(':') else {
            return Self::plain(url);
        };
        let shown = format!("{scheme}://{user}@{host}{tail}");
        Ok(Self { password: Some(decoded(password).ok_or(UnclearPassword)?), ..Self::plain(&shown)? })
    }

    fn plain(url: &str) -> Result<Self, UnclearPassword> {
        match url.contains("password=") {
            true => Err(UnclearPassword),
            false => Ok(Self { shown: url.to_owned(), password: None }),
        }
    }
}

/// Reads `%40` as `@`.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_address() {
        let read = Address::read("postgres://motcua:p%40ss%3A1@db.example.vn:5432/motcua?sslmode=require").unwrap();
        assert_eq!(read.shown, "postgres://motcua@db.example.vn:5432/motcua?sslmode=require");
        assert_eq!(read.password.as_deref(), Some("p@ss:1"));
    }

    #[test]
    fn an_address_without_a_password_stays_as_it_is() {
        for url in ["postgres://motcua@%2Ftmp%2Fmotcua-1:5432/motcua", "postgres://db/motcua", "host=db dbname=motcua"]
        {
            let plain = Address { shown: url.to_owned(), password: None };
            assert_eq!(Address::read(url), Ok(plain));
        }
    }

    #[test]
    fn a_password_in_an_odd_place_is_refused() {
        for url in ["host=db password=secret", "postgres://db/motcua?password=secret", "postgres://a:%zz@db/motcua"] {
            assert_eq!(Address::read(url), Err(UnclearPassword), "{url}");
        }
    }
}
