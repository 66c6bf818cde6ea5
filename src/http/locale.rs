//! In which language a refusal is told, and refusals of the framework itself told like all others.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, ALLOW, CONTENT_LANGUAGE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::middleware::Next;

use super::error::{Problem, Wanted};
use crate::error::Said;

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The default.
    Vietnamese,
    /// On request.
    English,
}

impl Language {
    /// Returns the language that `Accept-Language` prefers.
    pub fn preferred(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let best = accepted
            .split(',')
            .filter_map(|part| {
                let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
                let quality: f32 = quality.trim().parse().ok()?;
                let language = match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
                    "vi" => Self::Vietnamese,
                    "en" => Self::English,
                    _ => return None,
                };
                Some((language, quality))
            })
            .fold(None, |best: Option<(Self, f32)>, next| match best {
                Some(found) if found.1 >= next.1 => Some(found),
                _ => Some(next),
            });
        best.map_or(Self::Vietnamese, |(language, _)| language)
    }

    /// Returns the text in this language.
    pub fn pick(self, said: &Said) -> &str {
        match self {
            Self::Vietnamese => &said.vi,
            Self::English => &said.en,
        }
    }
}

/// Middleware: writes every refusal as a problem document in the language asked for.
///
/// # Errors
/// None of its own.
pub async fn speak(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (language, wanted) = (Language::preferred(req.headers()), Wanted::from(req.method()));
    // The request must not be held here: routing needs it for itself alone.
    match next.call(req).await {
        Ok(response) => {
            let response = response.map_into_boxed_body();
            let Some(problem) = problem_of(response.response()) else {
                return Ok(response);
            };
            let (request, old) = response.into_parts();
            let fresh = told(&old, &problem, (language, wanted));
            Ok(ServiceResponse::new(request, fresh))
        }
        // A middleware's refusal comes as an error; it is an answer like any other.
        Err(err) => {
            let old = err.error_response();
            let Some(problem) = problem_of(&old) else {
                return Err(err);
            };
            let fresh = told(&old, &problem, (language, wanted));
            Err(InternalError::from_response(err, fresh).into())
        }
    }
}

fn problem_of(response: &HttpResponse) -> Option<Problem> {
    let ours = response.extensions().get::<Problem>().cloned();
    ours.or_else(|| of_the_framework(response))
}

fn told(old: &HttpResponse, problem: &Problem, (language, wanted): (Language, Wanted)) -> HttpResponse {
    let mut fresh = problem.clone().response(None);
    let document = problem.document(language, wanted).to_string();
    let kept = [RETRY_AFTER, ALLOW, WWW_AUTHENTICATE];
    for name in kept {
        if let Some(value) = old.headers().get(&name) {
            fresh.headers_mut().insert(name, value.clone());
        }
    }
    let tag = match language {
        Language::Vietnamese => "vi",
        Language::English => "en",
    };
    fresh.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    fresh.set_body(BoxBody::new(document))
}

/// Refusals that actix makes before a handler is reached.
fn of_the_framework(response: &HttpResponse) -> Option<Problem> {
    let status = response.status();
    let said = match status {
        StatusCode::NOT_FOUND => {
            Said::new("no_such_route", "Không có địa chỉ này; xem /docs", "There is no such address; see /docs")
        }
        StatusCode::METHOD_NOT_ALLOWED => Said::new(
            "method_not_allowed",
            "Địa chỉ này không nhận phương thức đó",
            "This address takes another method",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Said::new("body_too_large", "Nội dung gửi lên quá lớn", "The body is too large")
        }
        status if status.is_client_error() => {
            Said::new("malformed_request", "Không đọc được yêu cầu", "The request could not be read")
        }
        status if status.is_server_error() => return (!is_problem(response)).then(|| Problem::of_ours(status)),
        _ => return None,
    };
    (!is_problem(response)).then(|| Problem::new(status, said))
}

fn is_problem(response: &HttpResponse) -> bool {
    let kind = response.headers().get(actix_web::http::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(header: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        Language::preferred(&headers)
    }

    #[test]
    fn vietnamese_is_spoken_unless_english_is_preferred() {
        assert_eq!(preferred(" "), Language::Vietnamese);
        assert_eq!(preferred("fr, de;q=0.5"), Language::Vietnamese);
        assert_eq!(preferred("en-US,en;q=0.9,vi;q=0.8"), Language::English);
        assert_eq!(preferred("vi-VN,en;q=0.9"), Language::Vietnamese);
        assert_eq!(preferred("en;q=x, ;;q="), Language::Vietnamese);
    }
}
