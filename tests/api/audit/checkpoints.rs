//! Checkpoints: what was recomputed or cut shows against them.

use std::path::PathBuf;

use motcua::audit::checkpoint::FILE;
use motcua::audit::verify::{Kept, read_kept, verify};
use motcua::platform::progress::Progress;
use motcua::platform::signing::SigningKey;

use super::given::{Audited, UNIT};

const CHAIN: &str = "unit_id = (SELECT id FROM units WHERE code = 'H21.16')";

/// A chain of eight entries and three checkpoints, which saw six, seven and eight of them, with a copy of their file.
async fn given() -> (Audited, PathBuf) {
    let audited = Audited::with_a_chain().await;
    assert_eq!(audited.checkpoint("2026-10-05 09:30").await, 1);
    for now in ["2026-10-05 10:30", "2026-10-05 11:30"] {
        audited.note(UNIT, 1);
        audited.link().await;
        assert_eq!(audited.checkpoint(now).await, 1);
    }
    let copy = audited.app.dir.path().join("elsewhere.jsonl");
    std::fs::copy(audited.app.dir.path().join(FILE), &copy).unwrap();
    (audited, copy)
}

fn kept(copy: &std::path::Path) -> Vec<Kept> {
    read_kept(copy).unwrap()
}

#[actix_web::test]
async fn a_checkpoint_is_made_hourly_when_something_was_recorded() {
    let audited = Audited::new();
    assert_eq!(audited.checkpoint("2026-10-05 09:00").await, 0, "nothing is linked yet");
    audited.link().await;
    assert_eq!(audited.checkpoint("2026-10-05 09:01").await, 1);
    audited.note(UNIT, 1);
    audited.link().await;
    assert_eq!(audited.checkpoint("2026-10-05 10:00").await, 0, "the hour is not over");
    assert_eq!(audited.checkpoint("2026-10-05 10:01").await, 1);
    assert_eq!(audited.checkpoint("2026-10-06 10:01").await, 0, "nothing was recorded since");
    let found = audited.verify(&kept(&audited.app.dir.path().join(FILE)));
    assert_eq!((found.faults, found.checkpoints), (vec![], 2));
}

#[actix_web::test]
async fn checkpoints_and_their_copies_hold_while_the_chain_grows() {
    let (audited, copy) = given().await;
    audited.note(UNIT, 5);
    audited.link().await;
    assert_eq!(audited.faults(&kept(&copy)), Vec::<String>::new());
}

#[actix_web::test]
async fn a_cut_tail_shows_against_the_checkpoints_of_the_database() {
    let (audited, _) = given().await;
    let cut = format!(
        "WITH gone AS (DELETE FROM audit_links WHERE {CHAIN} AND seq > 6 RETURNING entry_id)
         DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM gone)"
    );
    let expected = "H21.16 6: the tail was cut here: checkpoint 3 of 2026-10-05T11:30:00+07:00 saw the chain up to 8";
    assert_eq!(audited.faults_after(&cut), [expected]);
    // The whole chain.
    let all = cut.replace("seq > 6", "seq > 0");
    assert_eq!(audited.faults_after(&all), [expected.replace("H21.16 6", "H21.16 0")]);
}

#[actix_web::test]
async fn a_tail_cut_with_its_links_and_checkpoints_shows_against_a_copy_kept_elsewhere() {
    let (audited, copy) = given().await;
    audited.tamper(&format!(
        "WITH gone AS (DELETE FROM audit_links WHERE {CHAIN} AND seq > 6 RETURNING entry_id)
         DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM gone);
         DELETE FROM audit_checkpoints WHERE number > 1"
    ));
    assert_eq!(audited.faults(&[]), Vec::<String>::new(), "the database alone does not know any more");
    assert_eq!(
        audited.faults(&kept(&copy)),
        [
            "checkpoint 2 of 2026-10-05T10:30:00+07:00 (line 2 of the file) is not in the database: it was deleted",
            "checkpoint 3 of 2026-10-05T11:30:00+07:00 (line 3 of the file) is not in the database: it was deleted",
            "H21.16 6: the tail was cut here: checkpoint 3 of 2026-10-05T11:30:00+07:00 (line 3 of the file) saw the \
             chain up to 8",
        ]
    );
    // It shows also when the chain has grown again, and other checkpoints have taken the numbers.
    audited.note(UNIT, 4);
    audited.link().await;
    assert_eq!(audited.checkpoint("2026-10-05 12:30").await, 1);
    let entry = audited.entry(7);
    assert_eq!(
        audited.faults(&kept(&copy)),
        [
            "checkpoint 2 of 2026-10-05T10:30:00+07:00 (line 2 of the file) is another one in the database: it was \
             exchanged"
                .to_owned(),
            "checkpoint 3 of 2026-10-05T11:30:00+07:00 (line 3 of the file) is not in the database: it was deleted"
                .to_owned(),
            format!(
                "H21.16 7: entry {entry} is not what checkpoint 2 of 2026-10-05T10:30:00+07:00 (line 2 of the file) \
                 saw here: the chain was rewritten from here or before"
            ),
        ]
    );
}

/// Who may do everything can edit an entry and let the worker link all that follows anew.
#[actix_web::test]
async fn a_chain_computed_anew_shows_against_a_checkpoint() {
    let (audited, _) = given().await;
    let edited = audited.entry(4);
    audited.tamper(&format!(
        "UPDATE audit_entries SET actor_name = 'Ai khác' WHERE id = '{edited}';
         WITH gone AS (DELETE FROM audit_links WHERE {CHAIN} AND seq >= 4 RETURNING entry_id, unit_id)
         INSERT INTO audit_pending SELECT entry_id, unit_id FROM gone"
    ));
    assert_eq!(audited.link().await, 5);
    let entry = audited.entry(6);
    assert_eq!(
        audited.faults(&[]),
        [format!(
            "H21.16 6: entry {entry} is not what checkpoint 1 of 2026-10-05T09:30:00+07:00 saw here: the chain was \
             rewritten from here or before"
        )]
    );
}

#[actix_web::test]
async fn a_checkpoint_that_was_changed_or_taken_out_is_named() {
    let (audited, copy) = given().await;
    let moved = "UPDATE audit_checkpoints SET heads = jsonb_set(heads, '{0,seq}', '1') WHERE number = 2";
    let not_signed = "checkpoint 2 of 2026-10-05T10:30:00+07:00 is not signed by a known key: it was forged, or \
                      secrets.audit_public_keys lacks its key";
    assert_eq!(audited.faults_after(moved), [not_signed]);
    let spoilt = "UPDATE audit_checkpoints SET heads = '\"rubbish\"' WHERE number = 2";
    assert_eq!(audited.faults_after(spoilt), [not_signed]);
    assert_eq!(audited.faults_after("DELETE FROM audit_checkpoints WHERE number = 2"), ["checkpoint 2 was deleted"]);
    let text = std::fs::read_to_string(&copy).unwrap();
    std::fs::write(&copy, text.replace("\"number\":3", "\"number\":4") + "rubbish\n").unwrap();
    assert_eq!(
        audited.faults(&kept(&copy)),
        [
            "checkpoint 4 of 2026-10-05T11:30:00+07:00 (line 3 of the file) is not signed by a known key: it was \
             forged, or secrets.audit_public_keys lacks its key",
            "line 4 of the file is no checkpoint",
        ]
    );
}

#[actix_web::test]
async fn what_another_key_signed_counts_only_when_the_key_is_known() {
    let (audited, _) = given().await;
    let now = SigningKey::from_seed(&[9; 32]).unwrap().public_key();
    let by = |keys: &[_]| verify(&mut audited.app.db.connect(), keys, &[], &Progress::silent()).unwrap().faults.len();
    assert_eq!(by(std::slice::from_ref(&now)), 3);
    let before = audited.keys().remove(0);
    assert_eq!(by(&[now, before]), 0);
}

#[actix_web::test]
async fn a_line_that_a_crash_cut_spoils_no_later_one() {
    let (audited, _) = given().await;
    let file = audited.app.dir.path().join(FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 20]).unwrap();
    audited.note(UNIT, 1);
    audited.link().await;
    assert_eq!(audited.checkpoint("2026-10-05 12:30").await, 1);
    assert_eq!(audited.faults(&kept(&file)), ["line 3 of the file is no checkpoint"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 4);
}
