//! Bodies and queries, read into types; what can't be read is refused by name, field by field.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::unreadable;
use crate::error::{AppError, Fault, Said};
use crate::state::AppState;

/// The longest form of those that anybody may send, in bytes: a larger one would only keep the house busy.
const LONGEST_FORM: usize = 64 * 1024;

/// A short JSON body, read into `T`.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        async move {
            let bytes = read_up_to(LONGEST_FORM.min(body_limit(&req)), &req, &mut payload).await?;
            check_kind(&req, &bytes)?;
            Ok(Self(from_json(&bytes)?))
        }
        .boxed_local()
    }
}

/// A JSON body as it came, for handlers that choose the type by the path. Empty stands for `{}`.
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

impl FromRequest for RawBody {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        async move {
            let bytes = read_up_to(body_limit(&req), &req, &mut payload).await?;
            if bytes.is_empty() {
                return Ok(Self(Bytes::from_static(b"{}")));
            }
            check_kind(&req, &bytes)?;
            Ok(Self(bytes))
        }
        .boxed_local()
    }
}

/// Reads a JSON text into `T`.
///
/// # Errors
/// [`AppError::Malformed`] when it is no JSON, [`AppError::Invalid`] naming the field when it is not a `T`.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|err| {
        AppError::Malformed(Said::new(
            "malformed_json",
            format!("Nội dung không phải JSON hợp lệ (dòng {}, cột {})", err.line(), err.column()),
            format!("The body is not valid JSON (line {}, column {})", err.line(), err.column()),
        ))
    })?;
    let mut faults = Vec::new();
    find_nul(&value, &mut String::new(), &mut faults);
    if !faults.is_empty() {
        return Err(AppError::Invalid(faults));
    }
    serde_path_to_error::deserialize(value)
        .map_err(|err| AppError::Invalid(vec![unreadable::of_field(err.path(), &err.inner().to_string())]))
}

/// PostgreSQL keeps no NUL in text, so no text of ours has one.
fn find_nul(value: &Value, path: &mut String, faults: &mut Vec<Fault>) {
    let has_nul = |text: &str| text.contains('\0');
    match value {
        Value::String(text) if has_nul(text) => faults.push(Fault::new(path.clone(), nul_said())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let end = path.len();
                path.push_str(&format!("/{index}"));
                find_nul(item, path, faults);
                path.truncate(end);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                if has_nul(name) {
                    faults.push(Fault::new(path.clone(), nul_said()));
                    continue;
                }
                let end = path.len();
                unreadable::push(path, name);
                find_nul(item, path, faults);
                path.truncate(end);
            }
        }
        _ => {}
    }
}

fn nul_said() -> Said {
    Said::new("nul_character", "Văn bản không được chứa ký tự NUL", "Text must not contain the NUL character")
}

fn body_limit(req: &HttpRequest) -> usize {
    req.app_data::<web::Data<AppState>>().map_or(1 << 20, |state| state.config.server.body_limit_bytes)
}

/// Reads a body of at most `limit` bytes, within the time that the settings give a body.
///
/// # Errors
/// [`AppError::TooLarge`], [`AppError::TooSlow`], and [`AppError::Malformed`] for one that was cut.
pub async fn read_up_to(limit: usize, req: &HttpRequest, payload: &mut Payload) -> Result<Bytes, AppError> {
    let server = req.app_data::<web::Data<AppState>>().map(|state| &state.config.server);
    let patience = Duration::from_secs(server.map_or(10, |server| server.body_timeout_s));
    let mut bytes = web::BytesMut::new();
    let until = tokio::time::Instant::now() + patience;
    loop {
        let Ok(next) = tokio::time::timeout_at(until, payload.next()).await else {
            return Err(too_slow(patience));
        };
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|err| {
            AppError::Malformed(Said::new(
                "body_cut",
                "Nội dung gửi lên bị đứt giữa chừng",
                format!("The body could not be read to its end: {err}"),
            ))
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(AppError::TooLarge(Said::new(
                "body_too_large",
                format!("Nội dung gửi lên lớn hơn {limit} byte"),
                format!("The body is larger than {limit} bytes"),
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn too_slow(patience: Duration) -> AppError {
    let seconds = patience.as_secs();
    AppError::TooSlow(Said::new(
        "body_too_slow",
        format!("Nội dung không gửi xong trong {seconds} giây"),
        format!("The body did not come within {seconds} seconds"),
    ))
}

fn check_kind(req: &HttpRequest, bytes: &Bytes) -> Result<(), AppError> {
    // Nothing is unpacked here, so that no small body becomes a large one.
    let is_packed = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if req.headers().get_all(CONTENT_ENCODING).any(is_packed) {
        return Err(AppError::Unsupported(Said::new(
            "packed_body",
            "Không nhận nội dung nén, hãy gửi không có Content-Encoding",
            "Packed bodies are not taken: send it without Content-Encoding",
        )));
    }
    let is_json = req.content_type().eq_ignore_ascii_case("application/json");
    // `curl -d` and hand-made clients that name no kind are taken at their word when it is an object.
    let is_unnamed = !req.headers().contains_key(CONTENT_TYPE) && bytes.first() == Some(&b'{');
    if is_json || is_unnamed {
        return Ok(());
    }
    Err(AppError::Unsupported(Said::new(
        "not_json",
        "Hãy gửi nội dung với Content-Type: application/json",
        "Send the body with Content-Type: application/json",
    )))
}

/// A query string, read into `T`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(read_query(req.query_string()).map(Self))
    }
}

fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, AppError> {
    let has_nul = |part: &str| part.contains("%00") || part.contains('\0');
    if let Some(part) = query.split('&').find(|part| has_nul(part)) {
        let name = part.split_once('=').map(|(name, _)| name).filter(|name| !has_nul(name) && !name.contains('%'));
        return Err(AppError::invalid(&format!("?{}", name.unwrap_or_default()), nul_said()));
    }
    unreadable::read_query(query).map_err(|fault| AppError::Invalid(vec![fault]))
}

/// Gathers the faults of a form, so that all are told at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Starts without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, said: Said) {
        self.0.push(Fault::new(pointer, said));
    }

    /// Returns the value, or notes that it is missing.
    pub fn required<T>(&mut self, pointer: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(pointer, Said::new("required", "Trường này bắt buộc", "This field is required"));
        }
        value
    }

    /// Reads a value, noting `said` when it can't be.
    pub fn read<T>(&mut self, pointer: &str, said: Said, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(pointer, said);
        }
        value
    }

    /// Reads one of a closed list of words.
    pub fn word<T>(&mut self, pointer: &str, word: &str) -> Option<T>
    where
        T: std::str::FromStr<Err = crate::domain::words::UnknownWord>,
    {
        word.parse()
            .map_err(|err: crate::domain::words::UnknownWord| {
                let allowed = err.allowed.join(", ");
                self.add(
                    pointer,
                    Said::new("unknown_word", format!("Chỉ nhận: {allowed}"), format!("Must be one of: {allowed}")),
                );
            })
            .ok()
    }

    /// Reads a text of 1 to `longest` characters, trimmed.
    pub fn text(&mut self, pointer: &str, longest: usize, text: Option<&str>) -> Option<String> {
        let text = self.required(pointer, text)?.trim();
        let length = text.chars().count();
        if (1..=longest).contains(&length) {
            return Some(text.to_owned());
        }
        self.add(
            pointer,
            Said::new(
                "wrong_length",
                format!("Cần từ 1 đến {longest} ký tự"),
                format!("Must have 1 to {longest} characters"),
            ),
        );
        None
    }

    /// As [`Faults::text`], for a field that may be left out.
    pub fn optional_text(&mut self, pointer: &str, longest: usize, text: Option<&str>) -> Option<String> {
        text.filter(|text| !text.trim().is_empty()).and_then(|text| self.text(pointer, longest, Some(text)))
    }

    /// Takes over what was found as of a query in what is a body: `/from` instead of `?from`.
    pub fn take_in_body(&mut self, found: Self) {
        self.0.extend(found.0.into_iter().map(Fault::in_body));
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the reading: the value when there was no fault.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all faults.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, AppError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ if self.0.is_empty() => Err(AppError::internal("a form was refused without a fault")),
            _ => Err(AppError::Invalid(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[expect(dead_code, reason = "only read")]
        papers: Vec<Paper>,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Paper {
        #[expect(dead_code, reason = "only read")]
        quantity: i16,
    }

    fn pointer(text: &str) -> String {
        match from_json::<Form>(text.as_bytes()).unwrap_err() {
            AppError::Invalid(faults) => faults.first().unwrap().pointer.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_type_is_named_by_its_pointer() {
        assert_eq!(pointer(r#"{"papers":[{"quantity":1},{"quantity":"two"}]}"#), "/papers/1/quantity");
        assert_eq!(pointer(r#"{"papers":[],"extra":1}"#), "/extra");
        assert_eq!(pointer(r#"{"papers":[{"na/me":"a\u0000b"}]}"#), "/papers/0/na~1me");
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "nope", "{\"a\":1}x", deep.as_str()] {
            assert!(matches!(from_json::<Form>(text.as_bytes()), Err(AppError::Malformed(_))), "{:.20}", text);
        }
    }
}
