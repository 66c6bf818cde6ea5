//! A backup brought back: what was there is there, and nothing is sent until somebody says so.

use std::path::Path;
use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::app::listen;
use motcua::platform::clock::Clock;
use motcua::schema::sending;
use serde_json::Value;

use crate::support::app::at;
use crate::support::db::{Holds, TestDb, config, state};
use crate::support::office::{Office, TEN_DAYS};

fn motcua(db: &TestDb, dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_motcua"))
        .args(args)
        .current_dir(dir)
        .env("MOTCUA__DATABASE__URL", &db.url)
        .env("MOTCUA__DATA__DIR", dir)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

fn empty_db() -> TestDb {
    let db = TestDb::new(Holds::Nothing);
    db.connect().batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    db
}

fn paused_why(db: &TestDb) -> Option<String> {
    sending::table.select(sending::paused_why).first(&mut db.connect()).unwrap()
}

#[actix_web::test]
async fn a_dossier_survives_a_backup_and_sending_waits_to_be_resumed() {
    let (office, dir) = (Office::at("2026-10-05 09:00").await, tempfile::tempdir().unwrap());
    let dossier = office.received(TEN_DAYS).await;
    let (code, pin) = (dossier["code"].as_str().unwrap(), dossier["lookup_pin"].as_str().unwrap());
    succeeds(&motcua(&office.app.db, dir.path(), &["backup", "b.dump"]));

    let second = empty_db();
    let restored = motcua(&second, dir.path(), &["restore", "b.dump"]);
    succeeds(&restored);
    assert!(said(&restored).contains("sending is paused"), "{}", said(&restored));
    assert!(paused_why(&second).unwrap().starts_with("restored from backup b.dump"));

    let state = state(&second.url, config(), Clock::manual(at("2026-10-05 10:00")));
    let listening = listen(state).unwrap();
    let handle = listening.server.handle();
    let _server = tokio::spawn(listening.server);
    let url = format!("http://{}/api/v1/public/dossiers/{code}?pin={pin}", listening.address);
    let page: Value = serde_json::from_str(&reqwest::get(url).await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!((&page["status"], &page["due_at"]), (&dossier["status"], &dossier["due_at"]));
    handle.stop(false).await;

    succeeds(&motcua(&second, dir.path(), &["sending", "resume"]));
    assert_eq!(paused_why(&second), None);
    succeeds(&motcua(&second, dir.path(), &["sending", "pause", "thử"]));
    assert_eq!(paused_why(&second).as_deref(), Some("thử"));
}

#[test]
fn a_backup_is_its_owners_alone_and_replaces_no_other() {
    use std::os::unix::fs::PermissionsExt;
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    succeeds(&motcua(&db, dir.path(), &["backup", "b.dump"]));
    let file = dir.path().join("b.dump");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&file).unwrap();
    let again = motcua(&db, dir.path(), &["backup", "b.dump"]);
    assert!(!again.status.success() && said(&again).contains("is there already"), "{}", said(&again));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_restore_sets_what_is_there_aside_only_when_told_to() {
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    succeeds(&motcua(&db, dir.path(), &["backup", "b.dump"]));
    let refused = motcua(&db, dir.path(), &["restore", "b.dump"]);
    assert!(!refused.status.success() && said(&refused).contains("not empty"), "{}", said(&refused));
    assert_eq!(paused_why(&db), None);

    let told = motcua(&db, dir.path(), &["restore", "b.dump", "--yes"]);
    succeeds(&told);
    assert!(said(&told).contains("is kept as schema before_restore_"), "{}", said(&told));
    assert!(paused_why(&db).is_some());
    // What was set aside is in no later backup.
    succeeds(&motcua(&db, dir.path(), &["backup", "c.dump"]));
    succeeds(&motcua(&empty_db(), dir.path(), &["restore", "c.dump"]));
}

#[test]
fn a_broken_backup_leaves_the_database_as_it_was() {
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    succeeds(&motcua(&db, dir.path(), &["backup", "b.dump"]));
    let mut bytes = std::fs::read(dir.path().join("b.dump")).unwrap();
    bytes.truncate(bytes.len() * 4 / 5);
    std::fs::write(dir.path().join("torn.dump"), bytes).unwrap();
    let torn = motcua(&db, dir.path(), &["restore", "torn.dump", "--yes"]);
    assert!(!torn.status.success(), "{}", said(&torn));
    assert_eq!(paused_why(&db), None);
    std::fs::write(dir.path().join("no.dump"), "not a backup").unwrap();
    let wrong = motcua(&db, dir.path(), &["restore", "no.dump", "--yes"]);
    assert!(!wrong.status.success() && said(&wrong).contains("can't be read as a backup"), "{}", said(&wrong));
    assert_eq!(paused_why(&db), None);
}

#[test]
fn nothing_is_restored_into_a_database_that_others_work_in() {
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    succeeds(&motcua(&db, dir.path(), &["backup", "b.dump"]));
    let _other = db.connect();
    let refused = motcua(&db, dir.path(), &["restore", "b.dump", "--yes"]);
    assert!(!refused.status.success() && said(&refused).contains("stop every motcua"), "{}", said(&refused));
}
