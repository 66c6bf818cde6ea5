//! Chains: made by the worker, and what shows in them.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::FutureExt;
use futures_util::future::join_all;
use motcua::audit::verify::verify;
use motcua::platform::progress::Progress;
use motcua::schema::{audit_links, audit_pending};
use motcua::worker::duties;

use super::given::{Audited, UNIT};

#[test]
fn the_records_can_only_grow() {
    let audited = Audited::new();
    let mut conn = audited.app.db.connect();
    for table in ["audit_entries", "audit_links", "audit_checkpoints"] {
        let deeds = [
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table} CASCADE"),
            match table {
                "audit_entries" => "UPDATE audit_entries SET subject = ''".to_owned(),
                "audit_links" => "UPDATE audit_links SET hash = prev".to_owned(),
                _ => "UPDATE audit_checkpoints SET key_id = ''".to_owned(),
            },
        ];
        for sql in deeds {
            let refused = conn.batch_execute(&sql).unwrap_err().to_string();
            assert!(refused.contains(&format!("{table} is append-only")), "{sql}: {refused}");
        }
    }
}

#[actix_web::test]
async fn the_worker_links_what_waits_and_it_holds() {
    let audited = Audited::new();
    audited.note(UNIT, 3);
    let before = audited.verify(&[]);
    assert_eq!((before.faults, before.linked, before.waiting.0), (vec![], 0, 6));
    let duty = duties().into_iter().find(|duty| duty.name == "audit chains").unwrap();
    assert_eq!((duty.work)(audited.app.state.clone()).boxed().await.unwrap(), 6);
    assert_eq!((duty.work)(audited.app.state.clone()).boxed().await.unwrap(), 0);
    let after = audited.verify(&[]);
    assert_eq!((after.faults, after.linked, after.chains, after.waiting), (vec![], 6, 2, (0, None)));
}

#[actix_web::test]
async fn a_later_entry_continues_the_chain_of_its_unit() {
    let audited = Audited::with_a_chain().await;
    audited.note(UNIT, 2);
    audited.note("H21.00.01", 1);
    audited.link().await;
    let found = audited.verify(&[]);
    assert_eq!((found.faults, found.linked, found.chains), (vec![], 12, 3));
    let longest: Option<i64> =
        audit_links::table.select(diesel::dsl::max(audit_links::seq)).first(&mut audited.app.db.connect()).unwrap();
    assert_eq!(longest, Some(8));
}

#[actix_web::test]
async fn the_settings_of_a_session_change_no_hash() {
    let audited = Audited::with_a_chain().await;
    let mut conn = audited.app.db.connect();
    for sql in [
        "SET TIME ZONE 'Asia/Ho_Chi_Minh'; SET datestyle = 'German'",
        "SET TIME ZONE 'America/St_Johns'; SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape'",
    ] {
        conn.batch_execute(sql).unwrap();
        let found = verify(&mut conn, &audited.keys(), &[], &Progress::silent()).unwrap();
        assert_eq!((found.faults, found.linked), (vec![], 9));
    }
}

/// More than one transaction links, by workers of several processes: no place is taken twice and none is left out.
#[actix_web::test]
async fn workers_that_link_at_once_make_one_chain() {
    let audited = Audited::new();
    audited.note(UNIT, 1_200);
    audited.note("H21.00.01", 300);
    let linked = join_all((0..4).map(|_| audited.link())).await;
    let rest = audited.link().await;
    assert_eq!(linked.iter().sum::<usize>() + rest, 1_503);
    let found = audited.verify(&[]);
    assert_eq!((found.faults, found.linked, found.chains), (vec![], 1_503, 3));
}

#[actix_web::test]
async fn each_kind_of_tampering_is_named_at_its_first_row() {
    let audited = Audited::with_a_chain().await;
    let id = |seq| audited.entry(seq);
    let of_the_chain = format!("unit_id = (SELECT id FROM units WHERE code = '{UNIT}')");
    let cases = [
        // Edited.
        (
            format!("UPDATE audit_entries SET actor_name = 'Ai khác' WHERE id = '{}'", id(3)),
            vec![format!("{UNIT} 3: entry {} is not what was linked: it was edited or exchanged", id(3))],
        ),
        (
            format!("UPDATE audit_entries SET details = details || '{{\"number\": 7}}' WHERE id = '{}'", id(5)),
            vec![format!("{UNIT} 5: entry {} is not what was linked: it was edited or exchanged", id(5))],
        ),
        (
            format!("UPDATE audit_entries SET happened_at = happened_at + '1 microsecond' WHERE id = '{}'", id(1)),
            vec![format!("{UNIT} 1: entry {} is not what was linked: it was edited or exchanged", id(1))],
        ),
        // Deleted: the entry alone, its link alone, both.
        (
            format!("DELETE FROM audit_entries WHERE id = '{}'", id(4)),
            vec![format!("{UNIT} 4: entry {} was deleted", id(4))],
        ),
        (
            format!("DELETE FROM audit_links WHERE {of_the_chain} AND seq = 2"),
            vec![
                format!("{UNIT} 2: the link was deleted"),
                format!("entry {} is in no chain and waits for none: it was inserted, or its link was deleted", id(2)),
            ],
        ),
        (
            format!(
                "DELETE FROM audit_links WHERE {of_the_chain} AND seq IN (2, 3);
                 DELETE FROM audit_entries WHERE id IN ('{}', '{}')",
                id(2),
                id(3)
            ),
            vec![format!("{UNIT} 2 to 3: the links were deleted")],
        ),
        // Both deleted, and the rest moved up.
        (
            format!(
                "DELETE FROM audit_links WHERE {of_the_chain} AND seq = 5; DELETE FROM audit_entries WHERE id = '{}';
                 UPDATE audit_links SET seq = 5 WHERE {of_the_chain} AND seq = 6",
                id(5)
            ),
            vec![format!(
                "{UNIT} 5: entry {} does not follow {UNIT} 4: entries were reordered or inserted here",
                id(6)
            )],
        ),
        // Swapped: the entries, the places.
        (
            format!(
                "ALTER TABLE audit_links DROP CONSTRAINT audit_links_entry_key;
                 UPDATE audit_links SET entry_id = CASE seq WHEN 2 THEN '{}'::uuid ELSE '{}' END
                 WHERE {of_the_chain} AND seq IN (2, 4)",
                id(4),
                id(2)
            ),
            vec![
                format!("{UNIT} 2: entry {} is not what was linked: it was edited or exchanged", id(4)),
                format!("{UNIT} 4: entry {} is not what was linked: it was edited or exchanged", id(2)),
            ],
        ),
        (
            format!(
                "ALTER TABLE audit_links DROP CONSTRAINT audit_links_pkey;
                 UPDATE audit_links SET seq = 9 - seq WHERE {of_the_chain} AND seq IN (4, 5)"
            ),
            vec![
                format!("{UNIT} 4: entry {} does not follow {UNIT} 3: entries were reordered or inserted here", id(5)),
                format!("{UNIT} 5: entry {} does not follow {UNIT} 4: entries were reordered or inserted here", id(4)),
                format!("{UNIT} 6: entry {} does not follow {UNIT} 5: entries were reordered or inserted here", id(6)),
            ],
        ),
        // Inserted: without a link, into the chain.
        (
            "INSERT INTO audit_entries SELECT '00000000-0000-7000-8000-000000000001', happened_at, principal,
             actor_name, role, unit_id, action, subject, details FROM audit_entries LIMIT 1"
                .to_owned(),
            vec![
                "entry 00000000-0000-7000-8000-000000000001 is in no chain and waits for none: it was inserted, or \
                 its link was deleted"
                    .to_owned(),
            ],
        ),
        (
            format!(
                "INSERT INTO audit_entries SELECT '00000000-0000-7000-8000-000000000001', happened_at, principal,
                 actor_name, role, unit_id, action, subject, details FROM audit_entries WHERE id = '{}';
                 ALTER TABLE audit_links DROP CONSTRAINT audit_links_pkey;
                 UPDATE audit_links SET seq = seq + 1 WHERE {of_the_chain} AND seq > 5;
                 INSERT INTO audit_links SELECT unit_id, 6, '00000000-0000-7000-8000-000000000001', hash, hash
                 FROM audit_links WHERE {of_the_chain} AND seq = 5",
                id(5)
            ),
            vec![
                format!(
                    "{UNIT} 6: entry 00000000-0000-7000-8000-000000000001 is not what was linked: it was edited or \
                     exchanged"
                ),
                format!("{UNIT} 7: entry {} is not what was linked: it was edited or exchanged", id(6)),
            ],
        ),
        // A whole chain given to another unit.
        (
            format!(
                "UPDATE audit_links SET unit_id = (SELECT id FROM units WHERE code = 'H21.00') WHERE {of_the_chain}
                 AND seq = 1; DELETE FROM audit_links WHERE {of_the_chain}; DELETE FROM audit_entries
                 WHERE id <> '{}' AND {of_the_chain}",
                id(1)
            ),
            vec![format!("H21.00 1: entry {} is not what was linked: it was edited or exchanged", id(1))],
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(audited.faults_after(&sql), expected, "{sql}");
    }
    assert_eq!(audited.faults(&[]), Vec::<String>::new());
}

#[actix_web::test]
async fn an_entry_taken_out_before_it_was_linked_leaves_a_trace() {
    let audited = Audited::with_a_chain().await;
    audited.note(UNIT, 1);
    let waits: uuid::Uuid =
        audit_pending::table.select(audit_pending::entry_id).first(&mut audited.app.db.connect()).unwrap();
    audited.tamper(&format!("DELETE FROM audit_entries WHERE id = '{waits}'"));
    assert_eq!(audited.link().await, 0);
    assert_eq!(audited.faults(&[]), [format!("entry {waits} waited for its link and was deleted")]);
}

#[actix_web::test]
async fn a_row_put_back_by_hand_stops_no_chain() {
    let audited = Audited::with_a_chain().await;
    audited.tamper("INSERT INTO audit_pending SELECT entry_id, unit_id FROM audit_links");
    audited.note(UNIT, 2);
    assert_eq!(audited.link().await, 2);
    let found = audited.verify(&[]);
    assert_eq!((found.faults, found.linked, found.waiting.0), (vec![], 11, 0));
}

#[actix_web::test]
async fn of_a_chain_that_is_spoilt_throughout_the_first_rows_are_named() {
    let audited = Audited::new();
    audited.note(UNIT, 50);
    audited.link().await;
    let faults = audited.faults_after("UPDATE audit_entries SET actor_name = 'X' WHERE principal LIKE 'key:%'");
    assert_eq!(faults.len(), 21);
    assert!(faults[0].starts_with("H21.16 1: entry "), "{}", faults[0]);
    assert_eq!(faults[20], "H21.16: 30 more faults");
}
