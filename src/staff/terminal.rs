//! What commands read from and print to a terminal.

use std::io::{BufRead, Write};

use secrecy::{ExposeSecret, SecretString};

use super::password;
use crate::error::{AppError, Fault};
use crate::http::body::Faults;
use crate::http::page::Cursor;
use crate::platform::secret::random_bytes;

/// Where passwords are read and answers written.
#[derive(Debug)]
pub struct Terminal<I, O> {
    /// Passwords come from here, one line each.
    pub input: I,
    /// Answers go here.
    pub output: O,
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// From whoever types.
    Input,
    /// From us.
    MadeUp,
}

impl Source {
    /// What `--generate` asks for.
    pub(super) fn of(generate: bool) -> Self {
        if generate { Self::MadeUp } else { Self::Input }
    }

    /// Reads or makes up a password fit for an account.
    pub(super) fn password(self, input: &mut impl BufRead, username: &str) -> anyhow::Result<SecretString> {
        let typed = match self {
            Self::MadeUp => return Ok(made_up()),
            Self::Input => {
                let mut line = String::new();
                input.read_line(&mut line)?;
                SecretString::from(line.trim_end_matches(['\r', '\n']))
            }
        };
        let mut faults = Faults::new();
        let sound = password::check_new(&mut faults, "password", Some(typed), username);
        faults.finish(sound).map_err(plainly)
    }

    /// Tells a made-up password, this once.
    pub(super) fn tell(self, output: &mut impl Write, secret: &SecretString) -> std::io::Result<()> {
        match self {
            Self::Input => Ok(()),
            Self::MadeUp => writeln!(output, "Password: {}", secret.expose_secret()),
        }
    }
}

/// Returns a password that nobody has to think up: 80 bits, easy to type.
pub(super) fn made_up() -> SecretString {
    let letters = data_encoding::BASE32_NOPAD.encode(&random_bytes::<10>());
    SecretString::from(letters.to_lowercase())
}

/// Prints a list page by page, until a page is empty.
pub(super) fn print_pages(
    output: &mut impl Write,
    page: impl Fn(Option<Cursor>) -> Result<(Vec<String>, Option<Cursor>), AppError>,
) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let (lines, end) = page(after).map_err(plainly)?;
        for line in &lines {
            writeln!(output, "{line}")?;
        }
        if end.is_none() {
            return Ok(());
        }
        after = end;
    }
}

/// Refusals as a person at a terminal reads them: what is wrong and what to do.
pub(super) fn plainly(err: AppError) -> anyhow::Error {
    match err {
        AppError::Invalid(faults) => {
            let lines = faults.iter().map(|Fault { pointer, said }| format!("{}: {}", argument(pointer), said.en));
            anyhow::anyhow!(lines.collect::<Vec<_>>().join("\n"))
        }
        AppError::Forbidden(said) | AppError::NotFound(said) | AppError::Conflict(said) => {
            anyhow::anyhow!(said.en)
        }
        other => other.into(),
    }
}

/// Names a field as it is typed here: what the API takes in a body is a flag, but for what is named or asked for.
fn argument(pointer: &str) -> String {
    match pointer.trim_start_matches(['/', '?']) {
        "unit_code" | "unit" => "--unit".to_owned(),
        field @ ("role" | "device" | "full_name" | "scopes" | "addresses" | "expires_at") => {
            format!("--{}", field.replace('_', "-"))
        }
        other => other.to_owned(),
    }
}
