//! A backup brought back: what was there is there, and nothing is sent until somebody says so.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::schema::sending;

use crate::support::app::TestApp;
use crate::support::db::{Holds, TestDb};
use crate::support::office::{Office, TEN_DAYS};
use crate::support::program::motcua;

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
    motcua(&office.app.db, dir.path(), &["backup", "b.dump"]).succeeds();

    let second = empty_db();
    let restored = motcua(&second, dir.path(), &["restore", "b.dump"]).succeeds();
    assert!(restored.out.contains("sending is paused"), "{restored:?}");
    assert!(paused_why(&second).unwrap().starts_with("restored from backup b.dump"));

    let app = TestApp::on(second, "2026-10-05 10:00", |_| {});
    let page = app.read(&format!("/public/dossiers/{code}?pin={pin}")).await.expect(200).body;
    assert_eq!((&page["status"], &page["due_at"]), (&dossier["status"], &dossier["due_at"]));

    motcua(&app.db, dir.path(), &["sending", "resume"]).succeeds();
    assert_eq!(paused_why(&app.db), None);
    motcua(&app.db, dir.path(), &["sending", "pause", "thử"]).succeeds();
    assert_eq!(paused_why(&app.db).as_deref(), Some("thử"));
}

#[test]
fn a_backup_is_its_owners_alone_and_replaces_no_other() {
    use std::os::unix::fs::PermissionsExt;
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    motcua(&db, dir.path(), &["backup", "b.dump"]).succeeds();
    let file = dir.path().join("b.dump");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&file).unwrap();
    motcua(&db, dir.path(), &["backup", "b.dump"]).fails(1, "is there already");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_restore_sets_what_is_there_aside_only_when_told_to() {
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    motcua(&db, dir.path(), &["backup", "b.dump"]).succeeds();
    motcua(&db, dir.path(), &["restore", "b.dump"]).fails(1, "not empty");
    assert_eq!(paused_why(&db), None);

    let told = motcua(&db, dir.path(), &["restore", "b.dump", "--yes"]).succeeds();
    assert!(told.out.contains("is kept as schema before_restore_"), "{told:?}");
    assert!(paused_why(&db).is_some());
    // What was set aside is in no later backup.
    motcua(&db, dir.path(), &["backup", "c.dump"]).succeeds();
    motcua(&empty_db(), dir.path(), &["restore", "c.dump"]).succeeds();
}

#[test]
fn a_broken_backup_leaves_the_database_as_it_was() {
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    motcua(&db, dir.path(), &["backup", "b.dump"]).succeeds();
    let mut bytes = std::fs::read(dir.path().join("b.dump")).unwrap();
    bytes.truncate(bytes.len() * 4 / 5);
    std::fs::write(dir.path().join("torn.dump"), bytes).unwrap();
    motcua(&db, dir.path(), &["restore", "torn.dump", "--yes"]).fails(1, "motcua: ");
    assert_eq!(paused_why(&db), None);
    std::fs::write(dir.path().join("no.dump"), "not a backup").unwrap();
    motcua(&db, dir.path(), &["restore", "no.dump", "--yes"]).fails(1, "can't be read as a backup");
    assert_eq!(paused_why(&db), None);
}

#[test]
fn nothing_is_restored_into_a_database_that_others_work_in() {
    let (db, dir) = (TestDb::new(Holds::TheProvince), tempfile::tempdir().unwrap());
    motcua(&db, dir.path(), &["backup", "b.dump"]).succeeds();
    let _other = db.connect();
    motcua(&db, dir.path(), &["restore", "b.dump", "--yes"]).fails(1, "stop every motcua");
}
