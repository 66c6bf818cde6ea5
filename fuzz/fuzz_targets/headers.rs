//! Headers: who asks, from where, in which language, on which version, once or again.
#![no_main]

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use libfuzzer_sys::fuzz_target;
use motcua::http::etag::{IfMatch, is_known};
use motcua::http::idempotency::Key;
use motcua::http::limit::address_of;
use motcua::http::locale::Language;
use motcua::staff::bearer::Bearer;

const NAMES: [&str; 6] =
    ["authorization", "x-forwarded-for", "accept-language", "if-match", "if-none-match", "idempotency-key"];

fuzz_target!(|fields: Vec<(u8, &[u8])>| {
    let mut req = TestRequest::default().peer_addr(([10, 0, 0, 1], 1000).into());
    for (name, value) in fields {
        let name = HeaderName::from_static(NAMES[usize::from(name) % NAMES.len()]);
        if let Ok(value) = HeaderValue::from_bytes(value) {
            if let Ok(text) = value.to_str() {
                let _ = Bearer::read(text);
            }
            req = req.append_header((name, value));
        }
    }
    let req = req.to_http_request();
    let _ = address_of(&req, &[[10, 0, 0, 1].into()]);
    let _ = Language::preferred(req.headers());
    let _ = IfMatch::read(req.headers()).check(1, motcua::domain::dossier::Status::Received);
    let _ = is_known(req.headers(), "\"abc\"");
    let _ = Key::read(&req, b"{}");
});
