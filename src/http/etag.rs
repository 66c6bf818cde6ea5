//! `ETag` and `If-Match`: the version of a thing.

use actix_web::http::header::{ETAG, HeaderMap, IF_MATCH, IF_NONE_MATCH};

use crate::error::{AppError, Said};

/// Which versions of a thing the caller accepts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// Reads the header; none, or `*`, accepts every version.
    pub fn read(headers: &HeaderMap) -> Self {
        let Some(header) = headers.get(IF_MATCH) else {
            return Self(None);
        };
        let text = header.to_str().unwrap_or_default();
        if text.trim() == "*" {
            return Self(None);
        }
        // A tag that is none of ours matches nothing.
        Self(Some(text.split(',').filter_map(|tag| tag.trim().trim_matches('"').parse().ok()).collect()))
    }

    /// As [`IfMatch::read`]; `None` where the caller says nothing of what it has seen.
    pub fn said(headers: &HeaderMap) -> Option<Self> {
        headers.contains_key(IF_MATCH).then(|| Self::read(headers))
    }

    /// Whether the version is one of those.
    pub fn accepts(&self, version: i64) -> bool {
        self.0.as_ref().is_none_or(|accepted| accepted.contains(&version))
    }

    /// Checks the version of a dossier of now.
    ///
    /// # Errors
    /// [`AppError::Stale`], naming the status of now.
    pub fn check(&self, version: i64, status: crate::domain::dossier::Status) -> Result<(), AppError> {
        if self.accepts(version) {
            return Ok(());
        }
        Err(AppError::Stale(Said::new(
            "stale_version",
            format!("Hồ sơ đã được người khác thay đổi, hiện là: {}; hãy tải lại", status.vi()),
            format!("Somebody else has changed the dossier, which is now {status}; load it again"),
        )))
    }
}

/// Returns the header for a version.
pub fn etag(version: i64) -> (actix_web::http::header::HeaderName, String) {
    (ETAG, format!("\"{version}\""))
}

/// Whether `If-None-Match` holds this tag (quotes included).
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    known.split(',').any(|given| given.trim().trim_start_matches("W/") == tag || given.trim() == "*")
}
