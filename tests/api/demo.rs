//! `motcua serve --demo`, as a new user runs it.

use std::path::Path;

use crate::catalogue::given::province;
use crate::renewed::SETTINGS;
use crate::reorganisations::given::{Reorganised, split};
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::office::DEPARTMENT;
use crate::support::program::Process;

/// Starts it and returns it with its address.
fn demo(app: &TestApp, dir: &Path) -> (Process, String) {
    std::fs::write(dir.join("motcua.toml"), SETTINGS).unwrap();
    let province = province();
    let args = ["--config", "motcua.toml", "serve", "--demo", "--province", province.to_str().unwrap()];
    let mut service = Process::start(&app.db, dir, &args);
    let address = service.address();
    (service, address)
}

async fn unit_ends(app: &TestApp, address: &str) -> serde_json::Value {
    let unit = app.http.get(format!("{address}/api/v1/units/{DEPARTMENT}"));
    app.send(unit).await.expect(200).body["valid_to"].clone()
}

#[actix_web::test]
async fn a_new_demo_has_its_province() {
    let app = TestApp::over(Holds::Nothing, "2026-10-05 09:00", |_| {});
    let (_service, address) = demo(&app, app.dir.path());
    assert_eq!(unit_ends(&app, &address).await, serde_json::Value::Null);
}

#[actix_web::test]
async fn a_demo_that_starts_again_keeps_what_was_decided_on_units() {
    let given = Reorganised::new().await;
    given.decided(&split()).await;
    given.new_year().await;
    let app = &given.office.app;
    let (_service, address) = demo(app, app.dir.path());
    assert_eq!(unit_ends(app, &address).await, "2027-01-01");
}
