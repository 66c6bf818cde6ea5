//! The cookie by which a browser comes in, and what proves that a page of ours sent a request with it.

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, ORIGIN};
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::{AppError, Said};

/// `__Host-`: browsers keep it only with `Secure`, for this host alone, and let no other host set it.
pub(crate) const NAME: &str = "__Host-motcua";
/// Where a page sends the proof that it has read an answer of ours.
pub(crate) const CSRF_HEADER: &str = "X-CSRF-Token";

/// Returns the values of all cookies of ours that the request shows.
pub(super) fn shown(req: &HttpRequest) -> impl Iterator<Item = &str> {
    let pairs = req.headers().get_all(COOKIE).flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let value = pair.trim_ascii().strip_prefix(NAME.as_bytes())?.strip_prefix(b"=")?;
        // Rubbish is a cookie too: two are refused.
        Some(std::str::from_utf8(value).unwrap_or_default())
    })
}

/// Returns the header that hands a browser its cookie.
pub(super) fn set(token: &str, lasting: TimeDelta) -> (&'static str, String) {
    let seconds = lasting.num_seconds().max(0);
    ("Set-Cookie", format!("{NAME}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}"))
}

/// Returns the header that takes it away.
pub(super) fn clear() -> (&'static str, String) {
    set("", TimeDelta::zero())
}

/// Returns what a page sends back in [`CSRF_HEADER`]: made of the cookie's token, which no page can read, and of no
/// use without it.
pub(super) fn csrf_token(token: &str) -> String {
    let made = mac(token).map(|mac| mac.finalize().into_bytes().to_vec());
    BASE64URL_NOPAD.encode(&made.unwrap_or_default())
}

/// Checks that a page of ours sent a request by this cookie. Reading needs no proof: a foreign page can't see answers.
///
/// # Errors
/// [`AppError::Forbidden`] with `csrf_refused`.
pub(super) fn check_page(req: &HttpRequest, token: &str, public_url: &str) -> Result<(), AppError> {
    if req.method().is_safe() {
        return Ok(());
    }
    check_origin(req, public_url)?;
    let proof = req.headers().get(CSRF_HEADER).and_then(|proof| BASE64URL_NOPAD.decode(proof.as_bytes()).ok());
    let is_proven = mac(token).zip(proof).is_some_and(|(mac, proof)| mac.verify_slice(&proof).is_ok());
    if is_proven { Ok(()) } else { Err(refused()) }
}

/// Checks what a browser says of the page that sends a request: it must be one of ours. Programs say nothing.
///
/// # Errors
/// [`AppError::Forbidden`] with `csrf_refused`.
pub(super) fn check_origin(req: &HttpRequest, public_url: &str) -> Result<(), AppError> {
    let ours = reqwest::Url::parse(public_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let is =
        |name: &str, expected: &str| req.headers().get_all(name).all(|value| value.as_bytes() == expected.as_bytes());
    if is("Sec-Fetch-Site", "same-origin") && is(ORIGIN.as_str(), &ours) { Ok(()) } else { Err(refused()) }
}

fn mac(token: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(token.as_bytes()).ok()?;
    mac.update(b"csrf");
    Some(mac)
}

fn refused() -> AppError {
    AppError::Forbidden(Said::new(
        "csrf_refused",
        format!("Yêu cầu bằng cookie phải đến từ trang của hệ thống này và có {CSRF_HEADER} nhận được khi đăng nhập"),
        format!("A request by cookie must come from a page of this service, with the {CSRF_HEADER} of its log-in"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::Method;
    use actix_web::test::TestRequest;

    const TOKEN: &str = "mcc_secret";

    fn code(headers: &[(&'static str, &str)]) -> Option<&'static str> {
        let start = TestRequest::default().method(Method::POST);
        let req = headers.iter().fold(start, |req, header| req.insert_header(*header)).to_http_request();
        check_page(&req, TOKEN, "https://motcua.example:443/tra-cuu").err().map(|err| err.code())
    }

    #[test]
    fn a_page_of_ours_shows_the_proof_and_no_other_origin() {
        let proof = csrf_token(TOKEN);
        let ours = (CSRF_HEADER, proof.as_str());
        assert_eq!(code(&[ours]), None);
        assert_eq!(code(&[ours, ("Sec-Fetch-Site", "same-origin"), ("Origin", "https://motcua.example")]), None);
        for foreign in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Sec-Fetch-Site", "none"),
            ("Origin", "https://motcua.example.evil.example"),
            ("Origin", "http://motcua.example"),
            ("Origin", "null"),
            ("Origin", ""),
        ] {
            assert_eq!(code(&[ours, foreign]), Some("csrf_refused"), "{foreign:?}");
        }
    }

    #[test]
    fn the_proof_is_of_this_cookie() {
        let other = csrf_token("mcc_other");
        for proof in ["", "x", TOKEN, &other] {
            assert_eq!(code(&[(CSRF_HEADER, proof)]), Some("csrf_refused"), "{proof}");
        }
        assert_eq!(code(&[]), Some("csrf_refused"));
    }

    #[test]
    fn our_cookie_is_found_among_others() {
        let req = TestRequest::default()
            .insert_header(("Cookie", "a=1; __Host-motcua=mcc_x;__Host-motcua2=no; b=__Host-motcua=no"))
            .to_http_request();
        assert_eq!(shown(&req).collect::<Vec<_>>(), ["mcc_x"]);
    }
}
