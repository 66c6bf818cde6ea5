//! Passwords: what is one, and how it is kept (argon2id).
//!
//! Hashing takes 19 MB and tens of milliseconds on purpose, so it runs outside any transaction, off the threads
//! that answer requests, and never more than two at a time: a storm of log-ins must not eat the machine.

use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::platform::secret::random_bytes;

/// The fewest characters of a password.
const SHORTEST: usize = 12;
const LONGEST: usize = 256;
const AT_ONCE: usize = 2;
const PATIENCE: Duration = Duration::from_secs(10);

/// Bounds the memory and the cores of the whole process, whatever the number of its servers.
static HASHING: Semaphore = Semaphore::const_new(AT_ONCE);

/// Opens for no password. Where an account is unknown, what was typed is held against this, so that the answer
/// takes as long as for a known one.
pub(super) const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cy1zYWx0LTAwMQ$bm9ib2R5cy1oYXNoLXRoYXQtbm8tb25lLWNhbi1tYWs";

/// Hashes a password, waiting its turn.
///
/// # Errors
/// [`AppError::Unavailable`] when too many wait.
pub(super) async fn hash(password: SecretString) -> Result<String, AppError> {
    in_turn(move || hash_here(&password)).await?
}

/// Whether the password is the one that was hashed; takes its turn.
///
/// # Errors
/// [`AppError::Unavailable`] when too many wait, [`AppError::Internal`] when the hash is none.
pub(super) async fn matches(password: SecretString, hash: String) -> Result<bool, AppError> {
    in_turn(move || matches_here(&password, &hash)).await?
}

/// Hashes a password on the calling thread: for commands.
///
/// # Errors
/// None that a sound password can cause.
pub(super) fn hash_here(password: &SecretString) -> Result<String, AppError> {
    let salt: [u8; 16] = random_bytes();
    let hashed = argon2()?
        .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
        .map_err(|err| AppError::internal(format!("a password was not hashed: {err}")))?;
    Ok(hashed.to_string())
}

fn matches_here(password: &SecretString, hash: &str) -> Result<bool, AppError> {
    use argon2::password_hash::Error;
    let broken = |err: Error| AppError::internal(format!("a stored password hash is broken: {err}"));
    let hash = PasswordHash::new(hash)
        .map_err(|err| AppError::internal(format!("a stored password hash is broken: {err}")))?;
    match argon2()?.verify_password(password.expose_secret().as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(err) => Err(broken(err)),
    }
}

fn argon2() -> Result<Argon2<'static>, AppError> {
    let params = Params::new(19_456, 2, 1, None)
        .map_err(|err| AppError::internal(format!("argon2 refused its settings: {err}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let busy =
        || AppError::Unavailable { cause: "too many passwords wait to be checked".to_owned(), retry_after_seconds: 5 };
    let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, HASHING.acquire()).await else {
        return Err(busy());
    };
    let span = tracing::Span::current();
    let task = tokio::task::spawn_blocking(move || {
        // Freed when the work ends, not when the caller leaves.
        let _turn = turn;
        span.in_scope(work)
    });
    task.await.map_err(|panic| AppError::Internal(panic.into()))
}

/// Checks a new password, noting what is wrong with it.
pub(super) fn check_new(
    faults: &mut Faults,
    pointer: &str,
    password: Option<SecretString>,
    username: &str,
) -> Option<SecretString> {
    let password = faults.required(pointer, password)?;
    let text = password.expose_secret();
    let fault = match text.chars().count() {
        0..SHORTEST => Some(Said::new(
            "password_too_short",
            format!("Mật khẩu cần ít nhất {SHORTEST} ký tự"),
            format!("A password needs at least {SHORTEST} characters"),
        )),
        length if length > LONGEST => Some(Said::new(
            "password_too_long",
            format!("Mật khẩu dài nhất {LONGEST} ký tự"),
            format!("A password has at most {LONGEST} characters"),
        )),
        _ if text.trim().eq_ignore_ascii_case(username) => Some(Said::new(
            "password_is_username",
            "Mật khẩu không được trùng tên đăng nhập",
            "The password must not be the user name",
        )),
        _ => None,
    };
    match fault {
        None => Some(password),
        Some(said) => {
            faults.add(pointer, said);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn a_password_opens_its_own_hash_alone() {
        let hash = hash_here(&secret("một mật khẩu dài")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(matches_here(&secret("một mật khẩu dài"), &hash).unwrap());
        assert!(!matches_here(&secret("một mật khẩu khác"), &hash).unwrap());
    }

    #[test]
    fn nobodys_hash_costs_what_any_costs_and_opens_for_nothing() {
        let mine = hash_here(&secret("một mật khẩu dài")).unwrap();
        let cost = |hash: &str| PasswordHash::new(hash).unwrap().params.to_string();
        assert_eq!(cost(NOBODYS), cost(&mine));
        assert!(!matches_here(&secret(""), NOBODYS).unwrap());
    }

    #[test]
    fn a_broken_hash_is_a_fault_of_ours() {
        assert!(matches_here(&secret("x"), "rubbish").is_err());
    }

    #[test]
    fn a_new_password_is_long_and_not_the_name() {
        let code = |text: &str| {
            let mut faults = Faults::new();
            let read = check_new(&mut faults, "/password", Some(secret(text)), "long.user.name");
            match faults.finish(read) {
                Ok(_) => "fine".to_owned(),
                Err(AppError::Invalid(faults)) => faults[0].said.code.to_owned(),
                Err(other) => panic!("{other}"),
            }
        };
        assert_eq!(code("mười hai chữ"), "fine");
        assert_eq!(code("mười một ch"), "password_too_short");
        assert_eq!(code(&"a".repeat(257)), "password_too_long");
        assert_eq!(code("Long.User.Name"), "password_is_username");
    }
}
