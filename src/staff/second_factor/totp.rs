//! Codes of authenticator apps (RFC 6238): SHA-1 and six digits, as all apps know them, a new one each half minute.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Algorithm, Builder, Secret};

use crate::error::AppError;
use crate::platform::secret::random_bytes;

/// As apps show it above the code.
const ISSUER: &str = "motcua";
/// Clocks may differ by so many half minutes.
const SKEW: u16 = 1;

/// What the app and the service share.
pub(super) struct Totp(totp_rs::Totp);

/// Returns a new secret of 160 bits, in base32 as apps take it.
pub(in crate::staff) fn new_secret() -> SecretString {
    SecretString::from(BASE32_NOPAD.encode(&random_bytes::<20>()))
}

impl Totp {
    /// Reads a secret of ours.
    ///
    /// # Errors
    /// [`AppError::Internal`] for what is no secret of ours.
    pub(super) fn of(secret: &SecretString, username: &str) -> Result<Self, AppError> {
        let secret = Secret::try_from_base32(secret.expose_secret()).map_err(|err| broken(&err))?;
        let builder = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(SKEW)
            .with_secret(secret)
            .with_account_name(username)
            .with_issuer(Some(ISSUER));
        builder.build().map(Self).map_err(|err| broken(&err))
    }

    /// Returns the address that apps read, from a QR code for instance.
    ///
    /// # Errors
    /// None that a user name of ours can cause.
    pub(super) fn uri(&self) -> Result<SecretString, AppError> {
        self.0.to_url().map(SecretString::from).map_err(|err| broken(&err))
    }

    /// Returns the half minute, counted from 1970, whose code this is: that of now, the one before or the one after.
    pub(super) fn step(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let seconds = u64::try_from(now.timestamp()).ok()?;
        self.0.check(code, seconds).and_then(|step| i64::try_from(step).ok())
    }
}

fn broken(err: &dyn std::error::Error) -> AppError {
    AppError::internal(format!("a second factor can't be used: {err}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn of_the_rfc() -> Totp {
        Totp::of(&SecretString::from(BASE32_NOPAD.encode(b"12345678901234567890")), "mai.nt").unwrap()
    }

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(of_the_rfc().step(code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn clocks_may_differ_by_one_step() {
        let totp = of_the_rfc();
        let step = |seconds| totp.step("005924", at(seconds));
        let own = 1_234_567_890 / 30;
        assert_eq!(step(own * 30 - 30), Some(own));
        assert_eq!(step(own * 30 + 59), Some(own));
        assert_eq!((step(own * 30 - 31), step(own * 30 + 60)), (None, None));
        for rubbish in ["", "5924", "00592", "0059244", "+05924", "００５９２４"] {
            assert_eq!(totp.step(rubbish, at(1_234_567_890)), None, "{rubbish}");
        }
    }

    #[test]
    fn an_app_reads_the_address() {
        let uri = of_the_rfc().uri().unwrap();
        let expected = "otpauth://totp/motcua:mai.nt?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=motcua";
        assert_eq!(uri.expose_secret(), expected);
        assert_eq!(new_secret().expose_secret().len(), 32);
    }
}
