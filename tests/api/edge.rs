//! What stands between the house and the street.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use motcua::config::Config;
use reqwest::header::{HeaderMap, HeaderValue};

use crate::support::answer::Answer;
use crate::support::app::TestApp;

const NOW: &str = "2026-10-05 09:00";

async fn get(app: &TestApp, path: &str) -> Answer {
    app.send(app.http.get(format!("{}{path}", app.address()))).await
}

/// A connection of its own, on which not even a whole request need be sent.
fn wire(app: &TestApp, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address().trim_start_matches("http://")).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// What came back until the service closed the connection.
async fn until_closed(mut stream: TcpStream) -> String {
    let read = move || {
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer).is_err();
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

#[actix_web::test]
async fn every_answer_tells_a_browser_what_it_must_keep_to() {
    let app = TestApp::at(NOW).await;
    for path in ["/health/live", "/api/v1/units", "/api/v1/me", "/nowhere", "/docs/", "/api/v1/openapi.json"] {
        let answer = get(&app, path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "{path}");
    }
    let app = TestApp::with(NOW, |config| config.server.public_url = "https://motcua.example".to_owned()).await;
    assert!(get(&app, "/health/live").await.header("strict-transport-security").starts_with("max-age="));
}

#[actix_web::test]
async fn a_request_has_a_number_and_strangers_do_not_choose_it() {
    let ask = |app: &TestApp| app.http.get(app.url("/units")).header("X-Request-Id", "chosen-0001");
    let app = TestApp::with(NOW, |config| config.server.trusted_proxies.clear()).await;
    let (first, second) = (app.send(ask(&app)).await, app.send(ask(&app)).await);
    assert_ne!(first.header("x-request-id"), "chosen-0001");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(first.header("x-request-id").len(), 36);
    let app = TestApp::with(NOW, |config| config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    assert_eq!(app.send(ask(&app)).await.header("x-request-id"), "chosen-0001");
    let strange = app.http.get(app.url("/units")).header("X-Request-Id", "a b\"><script>");
    assert_eq!(app.send(strange).await.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn only_pages_of_the_origins_named_may_ask_from_a_browser() {
    let asked_from = async |app: &TestApp, origin: &str| {
        let answer = app.send(app.http.get(app.url("/units")).header("Origin", origin.to_owned())).await;
        answer.header("access-control-allow-origin").to_owned()
    };
    let app = TestApp::at(NOW).await;
    assert_eq!(asked_from(&app, "https://evil.example").await, "");
    let app = TestApp::with(NOW, |config| config.server.cors_origins = vec!["https://dvc.example.vn".to_owned()]).await;
    assert_eq!(asked_from(&app, "https://dvc.example.vn").await, "https://dvc.example.vn");
    for origin in ["https://evil.example", "https://dvc.example.vn.evil.example", "null"] {
        assert_eq!(asked_from(&app, origin).await, "", "{origin}");
    }
}

const HALF_A_BODY: &str = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                           Content-Length: 100\r\n\r\n{";

#[actix_web::test]
async fn a_full_house_says_so_at_once_and_still_answers_probes() {
    let app = TestApp::with(NOW, |config| config.server.under_way = 1).await;
    let held = wire(&app, HALF_A_BODY);
    // The one under way may not have arrived yet.
    let refused = loop {
        let answer = get(&app, "/api/v1/units").await;
        if answer.status != 200 {
            break answer.expect(503);
        }
    };
    assert_eq!((refused.code(), refused.header("retry-after")), ("unavailable", "1"));
    get(&app, "/health/live").await.expect(200);
    drop(held);
    while get(&app, "/api/v1/units").await.status == 503 {}
}

#[actix_web::test]
async fn who_sends_headers_or_a_body_too_slowly_is_sent_away() {
    let quick = |config: &mut Config| (config.server.header_timeout_s, config.server.body_timeout_s) = (1, 1);
    let app = TestApp::with(NOW, quick).await;
    let silent = until_closed(wire(&app, "")).await;
    assert!(silent.is_empty() || silent.starts_with("HTTP/1.1 408"), "{silent}");
    let no_end = until_closed(wire(&app, "GET /api/v1/units HTTP/1.1\r\nHost: x\r\nX-Slow: ")).await;
    assert!(no_end.starts_with("HTTP/1.1 408"), "{no_end}");
    let half = until_closed(wire(&app, HALF_A_BODY)).await;
    assert!(half.starts_with("HTTP/1.1 408") && half.contains("body_too_slow"), "{half}");
}

#[actix_web::test]
async fn a_packed_body_is_not_unpacked() {
    let app = TestApp::at(NOW).await;
    for (packing, status) in [("gzip", 415), ("br, gzip", 415), ("identity", 422)] {
        let request = app.http.post(app.url("/sessions")).header("Content-Encoding", packing);
        let answer = app.send(request.header("Content-Type", "application/json").body("{}")).await;
        assert_eq!(answer.status, status, "{packing}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_body_that_was_not_read_to_its_end_ends_the_connection() {
    let app = TestApp::with(NOW, |config| config.server.header_timeout_s = 1).await;
    // Nobody reads the body of who may not come in; the rest of this one never comes.
    let endless = "POST /api/v1/dossiers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
        Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n";
    let refused = until_closed(wire(&app, endless)).await;
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("connection: close"), "{refused}");
}

#[actix_web::test]
async fn a_form_that_anybody_may_send_is_short() {
    let app = TestApp::at(NOW).await;
    for path in ["/deadlines/preview", "/sessions"] {
        let long = serde_json::json!({"username": "a".repeat(66_000)});
        assert_eq!(app.post(path, "", &long).await.status, 413, "{path}");
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

#[actix_web::test]
async fn the_service_speaks_tls_itself_where_it_has_a_certificate() {
    let app = TestApp::with(NOW, |config| {
        (config.server.tls_certificate, config.server.tls_key) = (fixture("first.pem"), fixture("first-key.pem"));
    })
    .await;
    let root = reqwest::Certificate::from_pem(&std::fs::read(fixture("first.pem")).unwrap()).unwrap();
    let headers = HeaderMap::from_iter([("accept-language".parse().unwrap(), HeaderValue::from_static("en"))]);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).default_headers(headers).build().unwrap();
    let url = app.address().replace("http://", "https://");
    let answer = client.get(format!("{url}/health/live")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // Without TLS nobody is heard.
    assert!(app.http.get(format!("{}/health/live", app.address())).send().await.is_err());
}

#[actix_web::test]
async fn a_key_that_does_not_fit_its_certificate_stops_the_start() {
    let fault = motcua::platform::tls::server(&fixture("first.pem"), &fixture("second-key.pem")).unwrap_err();
    assert!(fault.to_string().contains("second-key.pem"), "{fault}");
    let fault = motcua::platform::tls::server(&fixture("none.pem"), &fixture("first-key.pem")).unwrap_err();
    assert!(fault.to_string().contains("none.pem"), "{fault}");
}
