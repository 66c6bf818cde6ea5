//! Whatever is wrong with a mark, a recount finds it: what it passes by at first sight is right.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use motcua::command::console;
use motcua::platform::db::Scope;
use motcua::platform::progress::Progress;
use motcua::state::Act;
use motcua::statistics::tallies::verify::{repair, verify};
use rand::RngExt;
use rand::seq::IndexedRandom;

use super::{Office, change, kept, verified, waiting};
use crate::support::app::{TestApp, at};
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

/// What else each column of a mark may say.
const ELSE: [(&str, &str); 19] = [
    ("is_leg", "NOT is_leg"),
    ("unit_id", "field_id"),
    ("field_id", "unit_id"),
    ("is_alone", "NOT is_alone"),
    ("is_online", "NOT is_online"),
    ("is_postal", "NOT is_postal"),
    ("accepted_on", "accepted_on - 1"),
    ("ended_on", "ended_on + 1"),
    ("ended_as", "CASE ended_as WHEN 'early' THEN 'on_time' WHEN 'on_time' THEN 'late' WHEN 'late' THEN 'early' END"),
    ("ended_by", "CASE ended_by WHEN 'result' THEN 'refusal' ELSE 'result' END"),
    ("is_apologised", "NOT is_apologised"),
    ("is_late_statutory", "NOT is_late_statutory"),
    ("is_promised_anew", "NOT is_promised_anew"),
    ("overdue_from", "coalesce(overdue_from - 1, '2000-01-01')"),
    ("overdue_to", "coalesce(overdue_to + 1, '2099-01-01')"),
    ("falls_due_on", "coalesce(falls_due_on + 1, '2099-01-01')"),
    ("paused", "paused + '{[2000-01-01,2000-01-02)}'"),
    ("paused_supplement", "paused_supplement + '{[2000-01-01,2000-01-02)}'"),
    ("paused_payment", "paused_payment + '{[2000-01-01,2000-01-02)}'"),
];

fn changed(app: &TestApp, sql: &str) -> usize {
    diesel::sql_query(sql).execute(&mut app.db.connect()).unwrap()
}

fn wrong(app: &TestApp) -> u64 {
    verified(app, &[]).wrong
}

/// Makes all marks anew; how many were wrong by the history itself.
fn made_anew(app: &TestApp) -> u64 {
    let (now, progress) = (app.state.clock.now(), Progress::silent());
    app.state.db.tx_here(&Scope::system(), |conn| repair(conn, (&app.state.office, now), &progress)).unwrap()
}

/// Puts as many dossiers in as there are lives, each taken up; returns their keys.
async fn with(lives: Vec<History>) -> (TestApp, Vec<String>) {
    let app = TestApp::over(Holds::Nothing, "2024-08-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let keys = lives.iter().map(|life| put(&mut conn, &world, &app.state.vault, life).id.to_string()).collect();
    kept(&app).await;
    assert_eq!((waiting(&app), wrong(&app)), (0, 0));
    (app, keys)
}

fn in_time() -> History {
    History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
        .then("2024-05-21 09:00", Deed::MoveTo("H21.16"))
        .then("2024-05-23 10:00", Deed::MoveTo("H21.16"))
        .then("2024-05-24 16:00", Deed::Finish)
}

fn open() -> History {
    History::new("H21.16", "2024-07-29 08:00", "2024-08-05 17:00")
}

fn late() -> History {
    History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00").then("2024-05-29 16:00", Deed::Finish)
}

fn paused() -> History {
    History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00")
        .then("2024-05-22 09:00", Deed::Pause)
        .then("2024-05-28 09:00", Deed::Resume(at("2024-06-05 17:00")))
        .then("2024-06-04 16:00", Deed::Finish)
}

#[actix_web::test]
async fn a_mark_of_any_dossier_that_is_wrong_in_one_column_is_found() {
    #[derive(QueryableByName)]
    struct Columns {
        #[diesel(sql_type = Array<Text>)]
        names: Vec<String>,
    }
    let lives = [("in time", in_time()), ("open", open()), ("late", late()), ("paused", paused())];
    let (app, keys) = with(lives.iter().flat_map(|(_, life)| ELSE.map(|_| life.clone())).collect()).await;
    let columns: Columns = diesel::sql_query(
        "SELECT array_agg(attname::text ORDER BY attnum) AS names FROM pg_attribute
         WHERE attrelid = 'tally_marks'::regclass AND attnum > 1 AND NOT attisdropped",
    )
    .get_result(&mut app.db.connect())
    .unwrap();
    assert_eq!(columns.names, ELSE.map(|(column, _)| column));
    let (mut found, mut unchanged) = (0, Vec::new());
    for (number, key) in keys.iter().enumerate() {
        let (life, (column, other)) = (lives[number / ELSE.len()].0, ELSE[number % ELSE.len()]);
        let sql = format!(
            "UPDATE tally_marks SET {column} = {other} WHERE dossier_id = '{key}' AND {column} IS DISTINCT FROM ({other})"
        );
        if changed(&app, &sql) == 0 {
            unchanged.push((life, column));
            continue;
        }
        found += 1;
        assert_eq!(wrong(&app), found, "{column} of one that is {life}");
    }
    // An end says how it counts.
    assert_eq!(unchanged, [("open", "ended_on"), ("open", "ended_as")]);
    assert_eq!(made_anew(&app), found);
    assert_eq!(wrong(&app), 0);
}

/// What changes the states `state` of a dossier that stands for `$KEY`.
fn set(state: &str, to: &str) -> String {
    format!("UPDATE dossier_states SET {to} WHERE {state} AND dossier_id = $KEY")
}

/// What lets two states, one after the other, of `$KEY` meet at another moment.
fn meet(before: &str, after: &str, moment: &str) -> String {
    format!("{}; {}", set(before, &format!("valid_to = '{moment}'")), set(after, &format!("valid_from = '{moment}'")))
}

/// Puts each wrong in a dossier of its own, and says that a recount finds one after the other, as the history itself does;
/// dossiers to which what is right is done are not among them.
async fn each_is_found(life: fn() -> History, wrongs: &[(&str, String)], rights: &[(&str, String)]) {
    let (app, keys) = with(wrongs.iter().chain(rights).map(|_| life()).collect()).await;
    let (to_be_wrong, to_be_right) = keys.split_at(wrongs.len());
    let put = |sql: &str, key: &str| change(&app, &sql.replace("$KEY", &format!("'{key}'")));
    for ((found, (case, sql)), key) in (1..).zip(wrongs).zip(to_be_wrong) {
        put(sql, key);
        assert_eq!(wrong(&app), found, "{case}");
    }
    let found = wrong(&app);
    assert_eq!((made_anew(&app), wrong(&app)), (found, 0));
    for ((case, sql), key) in rights.iter().zip(to_be_right) {
        put(sql, key);
        assert_eq!((wrong(&app), made_anew(&app)), (0, 0), "{case}");
    }
}

#[actix_web::test]
async fn a_history_by_which_a_mark_is_wrong_is_found() {
    let (first, second) = ("valid_from < '2024-05-21'", "valid_from = '2024-05-21 09:00+07'");
    let (third, last) = ("valid_from = '2024-05-23 10:00+07'", "valid_to IS NULL");
    let ended = "valid_to = valid_from + interval '1 hour'";
    let beside = |moment: &str| {
        format!(
            "INSERT INTO dossier_states SELECT gen_random_uuid(), dossier_id, status, unit_id, due_unextended, due_at, false, \
             '{moment}', '{moment}', recorded_at FROM dossier_states WHERE {last} AND dossier_id = $KEY"
        )
    };
    let wrongs = [
        ("a gap", set(second, "valid_to = valid_to - interval '1 hour'")),
        ("an overlap", set(second, "valid_to = valid_to + interval '1 hour'")),
        ("another unit", set(second, "unit_id = (SELECT id FROM units WHERE code = 'H21.18')")),
        ("due before its end", set(second, "due_at = '2024-05-20 17:00+07'")),
        ("due for a while before its end", set(third, "due_at = '2024-05-22 17:00+07'")),
        ("a pause", set(second, "paused = true")),
        ("begun after it was accepted", set(first, "valid_from = '2024-05-21 08:00+07'")),
        ("no state that is open", set(last, ended)),
        ("an open one that is not the last", format!("{}; {}", set(last, ended), set(second, "valid_to = NULL"))),
        ("a state beside another", beside("2024-05-22 09:00+07")),
        ("a state after the open one", beside("2024-05-30 09:00+07")),
        ("ended before it was accepted", ended_on("2024-05-19")),
        ("no state at all", "DELETE FROM dossier_states WHERE dossier_id = $KEY".to_owned()),
        ("no mark", "DELETE FROM tally_marks WHERE dossier_id = $KEY".to_owned()),
        (
            "it counts no more",
            "UPDATE dossiers SET mirrored = true WHERE id = $KEY; DELETE FROM tally_waiting".to_owned(),
        ),
    ];
    let rights = [
        ("a state of no length in its place in the chain", beside("2024-05-23 10:00+07")),
        ("another one at the end", beside("2024-05-24 16:00+07")),
    ];
    each_is_found(in_time, &wrongs, &rights).await;
}

/// Ends a dossier on another day; its mark knows that day already, and nothing else of it.
fn ended_on(day: &str) -> String {
    format!(
        "UPDATE dossiers SET ended_at = '{day} 16:00+07' WHERE id = $KEY; DELETE FROM tally_waiting; \
         UPDATE tally_marks SET ended_on = '{day}' WHERE dossier_id = $KEY"
    )
}

#[actix_web::test]
async fn a_pause_by_which_a_mark_is_wrong_is_found() {
    let (first, pause) = ("valid_from < '2024-05-21'", "paused");
    let (third, last) = ("valid_from = '2024-05-28 09:00+07'", "valid_to IS NULL");
    let from = |moment: &str| meet(first, pause, moment);
    let until = |moment: &str| meet(pause, third, moment);
    let accepted = "UPDATE dossiers SET accepted_at = '2024-05-24 08:00+07' WHERE id = $KEY; DELETE FROM tally_waiting; \
                    UPDATE tally_marks SET accepted_on = '2024-05-24' WHERE dossier_id = $KEY";
    let wrongs = [
        ("begun a day before", from("2024-05-21 09:00+07")),
        ("begun a day later", from("2024-05-23 09:00+07")),
        ("ended a day before", until("2024-05-27 09:00+07")),
        ("ended a day later", until("2024-05-29 09:00+07")),
        ("of another kind", set(pause, "status = 'awaiting_payment'")),
        ("of no kind", set(pause, "status = 'processing'")),
        ("no pause", set(pause, "paused = false, due_at = NULL")),
        ("another pause", set(third, "paused = true")),
        ("over the end", set(last, "paused = true, valid_from = '2024-06-03 16:00+07'")),
        ("a gap before it", set(first, "valid_to = valid_to - interval '1 hour'")),
        ("the clock stopped too late", set(first, "due_at = '2024-05-21 17:00+07'")),
        ("it went on too long", set(third, "due_at = '2024-06-03 17:00+07'")),
        ("it ended while it was paused", ended_on("2024-05-24")),
        ("it ended before it was accepted", ended_on("2024-05-19")),
        ("it was accepted while it was paused", accepted.to_owned()),
    ];
    let rights = [
        ("some hours more of the same days", from("2024-05-22 07:00+07")),
        ("due while it is paused", set(first, "due_at = '2024-05-24 17:00+07'")),
        ("due after its end", set(last, "due_at = '2024-06-04 17:00+07'")),
        ("due before it, the pause itself", set(pause, "due_at = '2024-05-21 17:00+07'")),
    ];
    each_is_found(paused, &wrongs, &rights).await;
}

/// What a hand in the database may do to the states, and to the dossier, of `$KEY`.
const DONE: [&str; 19] = [
    "UPDATE dossier_states SET valid_from = least(valid_from + interval '1 day', valid_to)",
    "UPDATE dossier_states SET valid_from = valid_from - interval '1 day'",
    "UPDATE dossier_states SET valid_to = valid_to + interval '1 day'",
    "UPDATE dossier_states SET valid_to = valid_from WHERE valid_to IS NOT NULL",
    "UPDATE dossier_states SET valid_to = valid_from + interval '1 hour' WHERE valid_to IS NULL",
    "UPDATE dossier_states SET paused = NOT paused",
    "UPDATE dossier_states SET status = CASE status WHEN 'awaiting_payment' THEN 'awaiting_supplement' ELSE 'awaiting_payment' END",
    "UPDATE dossier_states SET due_at = NULL",
    "UPDATE dossier_states SET due_at = due_at - interval '2 days'",
    "UPDATE dossier_states SET due_at = due_at + interval '2 days'",
    "UPDATE dossier_states SET unit_id = (SELECT receiving_unit_id FROM dossiers WHERE id = dossier_id)",
    "INSERT INTO dossier_states SELECT gen_random_uuid(), dossier_id, status, unit_id, due_unextended, due_at, paused, \
       valid_from, valid_from, recorded_at FROM dossier_states",
    "DELETE FROM dossier_states",
    "UPDATE dossiers SET ended_at = ended_at - interval '2 days'",
    "UPDATE dossiers SET ended_at = ended_at + interval '2 days'",
    "UPDATE dossiers SET accepted_at = accepted_at + interval '1 day'",
    "UPDATE dossiers SET standing = 'late', standing_statutory = 'late' WHERE ended_at IS NOT NULL",
    "UPDATE dossiers SET standing = 'early', apologised = NOT apologised WHERE ended_at IS NOT NULL",
    "UPDATE dossiers SET mirrored = NOT mirrored",
];

/// Puts anything at random wrong with one dossier.
fn put_wrong(office: &mut Office) {
    #[derive(QueryableByName)]
    struct Chosen {
        #[diesel(sql_type = Text)]
        key: String,
    }
    let number: i64 = office.rng.random_range(0..1_000);
    let chosen = |table: &str, rest: &str| -> String {
        let sql = format!(
            "SELECT id::text AS key FROM {table} {rest} ORDER BY id OFFSET $1 % (SELECT count(*) FROM {table} {rest}) LIMIT 1"
        );
        let chosen: Chosen =
            diesel::sql_query(sql).bind::<BigInt, _>(number).get_result(&mut office.given.app().db.connect()).unwrap();
        chosen.key
    };
    let sql = match office.rng.random_range(0..4) {
        0 => {
            let (column, other) = ELSE.choose(&mut office.rng).unwrap();
            let dossier = chosen("dossiers", "WHERE ended_at IS NOT NULL");
            format!("UPDATE tally_marks SET {column} = {other} WHERE dossier_id = '{dossier}'")
        }
        _ => {
            let done = DONE.choose(&mut office.rng).unwrap();
            let key = match done.contains("dossier_states") {
                true => chosen("dossier_states", ""),
                false => chosen("dossiers", ""),
            };
            format!(
                "{done} {} id = '{key}'",
                if done.ends_with("NULL") && done.contains("WHERE") { "AND" } else { "WHERE" }
            )
        }
    };
    change(office.app(), &format!("{sql}; DELETE FROM tally_waiting"));
}

#[actix_web::test]
async fn a_recount_reads_indexes_alone_and_no_rows_of_dossiers_or_states() {
    #[derive(QueryableByName)]
    struct Read {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let lives = (0..40).flat_map(|_| [in_time(), open(), late(), paused()]).collect();
    let (app, _) = with(lives).await;
    // Over as many pages as rows of a large house: of a few pages, it is as cheap to read the table.
    for table in ["dossiers", "dossier_states"] {
        changed(&app, &format!("ALTER TABLE {table} SET (fillfactor = 10)"));
        changed(&app, &format!("VACUUM FULL {table}"));
        changed(&app, &format!("VACUUM ANALYZE {table}"));
    }
    // What the connection did before may be among it.
    let read = |conn: &mut PgConnection| -> QueryResult<i64> {
        let read: Read = diesel::sql_query(
            "SELECT sum(idx_tup_fetch)::bigint AS rows FROM pg_stat_xact_user_tables
             WHERE relname IN ('dossiers', 'dossier_states')",
        )
        .get_result(conn)?;
        Ok(read.rows)
    };
    let (by, now) = (console(), app.state.clock.now());
    let rows = app.state.db.read_here(&Scope::system(), |conn| {
        let office = app.state.office.in_force(conn)?;
        let before = read(conn)?;
        let found = verify(conn, &Act { office: &office, by: &by, now }, None, &[], &Progress::silent())?;
        assert_eq!((found.dossiers, found.faults.len()), (160, 0));
        Ok(read(conn)? - before)
    });
    assert_eq!(rows.unwrap(), 0);
}

#[actix_web::test]
async fn whatever_is_put_wrong_a_recount_finds_what_the_history_itself_says() {
    let mut found = 0;
    for seed in 11..=12 {
        let mut office = Office::of_seed(seed).await;
        for _ in 0..200 {
            office.turn().await;
        }
        office.app().pass(TimeDelta::minutes(1));
        kept(office.app()).await;
        assert_eq!(wrong(office.app()), 0);
        for round in 0..40 {
            for _ in 0..3 {
                put_wrong(&mut office);
            }
            let told = wrong(office.app());
            assert_eq!(told, made_anew(office.app()), "seed {seed}, round {round}");
            found += told;
        }
    }
    assert!(found > 100, "{found}");
}
