//! `motcua verify audit`.

use motcua::audit::checkpoint::FILE;

use super::given::{Audited, UNIT};
use crate::support::program::{Ran, motcua};

fn printed(ran: &Ran) -> Vec<&str> {
    ran.out.lines().collect()
}

#[actix_web::test]
async fn what_holds_ends_well_and_says_what_waits() {
    let audited = Audited::with_a_chain().await;
    audited.checkpoint("2026-10-05 09:30").await;
    audited.note(UNIT, 2);
    let copy = audited.app.dir.path().join(FILE);
    let ran = audited.motcua(&["verify", "audit", "--checkpoints", copy.to_str().unwrap()]).succeeds();
    let expected = "9 entries in 2 chains, 1 checkpoints; 2 entries are not linked yet, the oldest of \
                    2026-10-05T09:30:00+07:00";
    assert_eq!(printed(&ran), [expected]);
    assert!(ran.err.contains("verify audit: 9 done"), "{ran:?}");
}

#[actix_web::test]
async fn every_fault_is_a_line_and_the_end_is_bad() {
    let audited = Audited::with_a_chain().await;
    let (edited, deleted) = (audited.entry(2), audited.entry(5));
    audited.tamper(&format!(
        "UPDATE audit_entries SET subject = 'key:other' WHERE id = '{edited}';
         DELETE FROM audit_entries WHERE id = '{deleted}'"
    ));
    let ran = audited.motcua(&["verify", "audit"]).fails(1, "the audit does not hold: 2 faults");
    assert_eq!(
        printed(&ran),
        [
            &*format!("H21.16 2: entry {edited} is not what was linked: it was edited or exchanged"),
            &*format!("H21.16 5: entry {deleted} was deleted"),
            "9 entries in 2 chains, 0 checkpoints; 0 entries are not linked yet",
        ]
    );
}

#[test]
fn the_public_key_is_shown_alone() {
    let audited = Audited::new();
    let ran = audited.motcua(&["verify", "audit", "--public-key"]).succeeds();
    assert_eq!(printed(&ran), [audited.keys()[0].to_string()]);
}

#[test]
fn a_missing_file_of_checkpoints_is_no_proof() {
    let audited = Audited::new();
    audited.motcua(&["verify", "audit", "--checkpoints", "nowhere.jsonl"]).fails(1, "nowhere.jsonl can't be read");
}

/// A demo makes a key of its own, once, which only its owner can read.
#[test]
fn a_demo_keeps_the_key_that_it_made() {
    use std::os::unix::fs::PermissionsExt;
    let audited = Audited::new();
    let dir = audited.app.dir.path();
    let show = || motcua(&audited.app.db, dir, &["verify", "audit", "--public-key"]).succeeds().out;
    let (first, second) = (show(), show());
    assert_eq!((first.lines().count(), &first), (1, &second));
    assert_ne!(first.trim(), audited.keys()[0].to_string());
    let file = std::fs::metadata(dir.join("audit-key")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}
