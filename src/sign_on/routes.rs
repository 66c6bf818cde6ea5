//! What both doors take and answer.

use serde::{Deserialize, Serialize};

use super::{Begun, Brought};
use crate::domain::ids::LogInId;
use crate::error::AppError;
use crate::http::body::Faults;
use crate::http::office_time::OfficeTime;

/// A log-in that has begun: go to the address, come back with code and state.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SignOnBegun {
    /// The log-in.
    id: uuid::Uuid,
    /// Where the browser goes.
    authorization_url: String,
    /// Ends the log-in; kept by who began, and shown to nobody else.
    secret: String,
    /// Until when.
    expires_at: OfficeTime,
}

impl From<Begun> for SignOnBegun {
    fn from(begun: Begun) -> Self {
        let Begun { id, authorization_url, secret, expires_at } = begun;
        Self { id: id.0, authorization_url, secret, expires_at: expires_at.into() }
    }
}

/// What the provider sent the browser back with, and the secret of who began.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOnForm {
    /// `code` of the redirect.
    pub(crate) code: Option<String>,
    /// `state` of the redirect.
    pub(crate) state: Option<String>,
    /// What the beginning answered.
    pub(crate) secret: Option<String>,
}

impl SignOnForm {
    /// Reads the form for the log-in `id`; what is no id is the id of nothing.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for fields that are missing or endless.
    pub fn read(self, id: &str) -> Result<Brought, AppError> {
        let mut faults = Faults::new();
        let code = faults.text("/code", 4_000, self.code.as_deref());
        let state = faults.text("/state", 200, self.state.as_deref());
        let secret = faults.text("/secret", 200, self.secret.as_deref());
        let (code, state, secret) =
            faults.finish(code.zip(state).zip(secret).map(|((code, state), secret)| (code, state, secret)))?;
        Ok(Brought { id: LogInId(id.parse().unwrap_or_default()), code, state, secret })
    }
}
