//! Refusals as RFC 9457 problem documents.

use std::fmt;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use super::locale::Language;
use crate::error::{AppError, Chain, Fault, Said};

/// When asking again for what took too long makes sense, in seconds: the database may be less busy.
const LATER_SECONDS: u64 = 60;

/// What a problem document says, before a language is chosen.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    said: Said,
    faults: Vec<Fault>,
    /// What is added for who wanted something changed, in Vietnamese and English: that nothing was.
    untouched: Option<[&'static str; 2]>,
}

/// What was asked of the house, as far as its refusals speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To read: that nothing was written would only puzzle.
    Reading,
    /// To change something.
    Change,
}

impl From<&Method> for Wanted {
    fn from(method: &Method) -> Self {
        if method.is_safe() { Self::Reading } else { Self::Change }
    }
}

impl Problem {
    /// Makes a problem without field faults.
    pub fn new(status: StatusCode, said: Said) -> Self {
        Self { status, said, faults: Vec::new(), untouched: None }
    }

    /// The same, which also says to who wanted something changed that nothing was.
    #[must_use]
    pub fn untouched(self, vi: &'static str, en: &'static str) -> Self {
        Self { untouched: Some([vi, en]), ..self }
    }

    /// Writes the document in one language, to who wanted to read or to change something.
    pub fn document(&self, language: Language, wanted: Wanted) -> ProblemDocument {
        let mut detail = language.pick(&self.said).to_owned();
        if let Some([vi, en]) = self.untouched.filter(|_| wanted == Wanted::Change) {
            detail.push_str("; ");
            detail.push_str(if language == Language::Vietnamese { vi } else { en });
        }
        let told = |fault: &Fault| FaultDocument {
            pointer: fault.pointer.clone(),
            code: fault.said.code,
            detail: language.pick(&fault.said).to_owned(),
        };
        ProblemDocument {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.said.code,
            detail,
            errors: self.faults.iter().map(told).collect(),
        }
    }

    /// Writes the answer, in Vietnamese; `locale` writes it again where English is preferred.
    pub fn response(self, retry_after_seconds: Option<u64>) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status);
        builder.insert_header((CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = retry_after_seconds {
            builder.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        let mut response = builder.body(self.document(Language::Vietnamese, Wanted::Change).to_string());
        response.extensions_mut().insert(self);
        response
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// Always `about:blank`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What was refused, for programs; never changes.
    code: &'static str,
    /// What was refused and what to do, for people.
    detail: String,
    /// All fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FaultDocument>,
}

/// A field that is wrong.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FaultDocument {
    /// JSON pointer to the field, or the parameter's name after `?`.
    pointer: String,
    /// What is wrong, for programs; never changes.
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
}

const NOT_WRITTEN: &str = "chưa có gì được ghi";
const NOT_DONE: &str = "nothing was done";
const NOT_CHANGED: &str = "chưa có gì thay đổi";
const NOTHING_HAS: &str = "nothing has changed";

fn fault_of_ours(code: &'static str) -> Said {
    Said::new(code, "Lỗi của hệ thống, đã được ghi vào nhật ký", "A fault of the service, which was logged")
}

impl Problem {
    /// A failure of ours that no error of ours stands behind.
    pub(super) fn of_ours(status: StatusCode) -> Self {
        Self::new(status, fault_of_ours("internal_error")).untouched(NOT_CHANGED, NOTHING_HAS)
    }
}

impl fmt::Display for ProblemDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).or(Err(fmt::Error))?)
    }
}

impl From<&AppError> for Problem {
    fn from(err: &AppError) -> Self {
        let of = |status, said: &Said| Self::new(status, said.clone());
        match err {
            AppError::Malformed(said) => of(StatusCode::BAD_REQUEST, said),
            AppError::Unauthenticated(said) => of(StatusCode::UNAUTHORIZED, said),
            AppError::Forbidden(said) => of(StatusCode::FORBIDDEN, said),
            AppError::NotFound(said) => of(StatusCode::NOT_FOUND, said),
            AppError::Conflict(said) => of(StatusCode::CONFLICT, said),
            AppError::Stale(said) => of(StatusCode::PRECONDITION_FAILED, said),
            AppError::TooSlow(said) => of(StatusCode::REQUEST_TIMEOUT, said),
            AppError::TooLarge(said) => of(StatusCode::PAYLOAD_TOO_LARGE, said),
            AppError::Unsupported(said) => of(StatusCode::UNSUPPORTED_MEDIA_TYPE, said),
            AppError::Invalid(faults) => {
                let said = Said::new(
                    err.code(),
                    "Một số trường hoặc tham số không hợp lệ, xem errors",
                    "Some fields or parameters are wrong, see errors",
                );
                let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, said).untouched(NOT_WRITTEN, NOT_DONE);
                Self { faults: faults.clone(), ..problem }
            }
            AppError::TooMany { retry_after_seconds } => {
                let said = Said::new(
                    err.code(),
                    format!("Quá nhiều yêu cầu, hãy thử lại sau {retry_after_seconds} giây"),
                    format!("Too many requests, try again in {retry_after_seconds} seconds"),
                );
                Self::new(StatusCode::TOO_MANY_REQUESTS, said)
            }
            AppError::Unavailable { .. } => {
                let said = Said::new(
                    err.code(),
                    "Hệ thống đang bận, hãy thử lại sau ít giây",
                    "The service is busy, try again in a few seconds",
                );
                Self::new(StatusCode::SERVICE_UNAVAILABLE, said).untouched(NOT_WRITTEN, NOT_DONE)
            }
            AppError::TookTooLong { .. } => {
                let said = Said::new(
                    err.code(),
                    "Việc này lâu hơn mức cho phép; hãy chọn kỳ ngắn hơn hoặc một cơ quan, hoặc thử lại \
                     sau; báo cáo lớn nên yêu cầu bằng POST /api/v1/exports",
                    "This took longer than it may; ask for a shorter period or one unit, or try again \
                     later; POST /api/v1/exports makes long reports",
                );
                Self::new(StatusCode::SERVICE_UNAVAILABLE, said).untouched(NOT_WRITTEN, NOT_DONE)
            }
            AppError::Internal(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, fault_of_ours(err.code()))
                .untouched(NOT_CHANGED, NOTHING_HAS),
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        Problem::from(self).status
    }

    fn error_response(&self) -> HttpResponse {
        let retry_after = match self {
            Self::TooMany { retry_after_seconds } => Some(*retry_after_seconds),
            Self::Unavailable { cause, retry_after_seconds } => {
                tracing::warn!(cause, "answered 503");
                Some(*retry_after_seconds)
            }
            Self::TookTooLong { cause } => {
                tracing::warn!(cause, "answered 503");
                Some(LATER_SECONDS)
            }
            Self::Internal(cause) => {
                tracing::error!(error = %Chain(cause.as_ref()), "answered 500");
                None
            }
            _ => None,
        };
        let mut response = Problem::from(self).response(retry_after);
        if matches!(self, Self::Unauthenticated(_)) {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
