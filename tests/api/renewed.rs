//! Settings and secrets read anew, by SIGHUP, while the service runs.

use std::path::Path;

use reqwest::Client;
use rustix::process::Signal;

use crate::support::app::TestApp;
use crate::support::program::Process;

/// Settings of a program on the database of a test, with its keys.
pub const SETTINGS: &str = "[server]\nbind = \"127.0.0.1:0\"\nthreads = 1\n[limits]\npublic_per_minute = 1000000\n\
    [secrets]\nindex_key = \"aW5kZXgga2V5IG9mIHRlc3RzLCAzMiBieXRlcyBvZiBpdA==\"\n\
    sealing_keys = { 1 = \"c2VhbGluZyBrZXkgb2YgdGVzdHMsIDMyIGJ5dGVzISE=\" }\n";

/// A gateway played by hand.
const GATEWAY: &str = "[gateways.sms]\nkind = \"file\"\nchannel = \"sms\"\n[gateways.sms.receipts]\n";

fn write(dir: &Path, more: &str) {
    std::fs::write(dir.join("motcua.toml"), format!("{SETTINGS}{GATEWAY}{more}")).unwrap();
}

/// Shows a secret as the gateway would, on a connection of its own; returns whether it is taken.
async fn is_taken(http: &Client, address: &str, secret: &str) -> bool {
    let url = format!("{address}/api/v1/callbacks/sms/{secret}?id=00000000-0000-7000-8000-000000000000&status=1");
    // A connection that is refused fails the test here.
    let status = http.get(url).send().await.unwrap().status().as_u16();
    assert!(matches!(status, 200 | 404), "{status}");
    status == 200
}

#[actix_web::test]
async fn a_secret_is_changed_while_every_request_is_answered() {
    let app = TestApp::at("2026-10-05 09:00").await;
    motcua::platform::tls::install();
    let http = Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0).build().unwrap();
    write(app.dir.path(), "secret = \"the-first\"\n");
    let mut service = Process::start(&app.db, app.dir.path(), &["--config", "motcua.toml", "serve"]);
    let address = service.address();
    assert!(is_taken(&http, &address, "the-first").await);
    assert!(!is_taken(&http, &address, "the-second").await);

    write(app.dir.path(), "secret = \"the-second\"\nsecret_before = \"the-first\"\n");
    service.tell(Signal::HUP);
    while !is_taken(&http, &address, "the-second").await {}
    assert!(is_taken(&http, &address, "the-first").await, "both are taken for a while");

    write(app.dir.path(), "secret = \"the-second\"\n");
    service.tell(Signal::HUP);
    while is_taken(&http, &address, "the-first").await {}
    assert!(is_taken(&http, &address, "the-second").await);

    // What can't be used changes nothing, and what can, afterwards, is taken.
    for wrong in ["sea_monster = 1\n", "[gateways.other]\nkind = \"http\"\n"] {
        write(app.dir.path(), wrong);
        service.tell(Signal::HUP);
        assert!(is_taken(&http, &address, "the-second").await);
    }
    write(app.dir.path(), "secret = \"the-third\"\n");
    service.tell(Signal::HUP);
    while !is_taken(&http, &address, "the-third").await {}
    service.tell(Signal::TERM);
    assert_eq!(service.ended(), Some(0));
}
