//! Exports by the worker: made in steps that survive a kill, fetched later, erased when their time is over.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use chrono::TimeDelta;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use motcua::error::AppError;
use motcua::exports::jobs::tick;
use serde_json::{Value, json};

use super::files::records;
use super::{given, given_with};
use crate::support::app::TestApp;

fn register(format: &str) -> Value {
    json!({ "layout": "register", "from": "2024-05-01", "to": "2024-07-01", "format": format })
}

async fn asked(app: &TestApp, token: &str, form: Value) -> String {
    let answer = app.post("/exports", token, &form).await.expect(202);
    assert_eq!((&answer.body["status"], &answer.body["progress"]), (&json!("waiting"), &json!(0)));
    answer.field("id")
}

pub async fn worked(app: &TestApp) {
    while tick(app.state.clone()).await.unwrap() > 0 {}
}

#[actix_web::test]
async fn a_register_is_made_by_the_worker_and_lists_every_dossier_once() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    let early = app.get(&format!("/exports/{id}/file"), &token).await.expect(409);
    assert_eq!(early.code(), "export_has_no_file");
    worked(&app).await;
    let done = app.get(&format!("/exports/{id}"), &token).await.expect(200).body;
    assert_eq!((&done["status"], &done["progress"], &done["rows_done"]), (&json!("done"), &json!(100), &json!(4)));

    let file = app.get(&format!("/exports/{id}/file"), &token).await.expect(200);
    assert!(file.header("content-disposition").contains("so-theo-doi_toan-tinh_2024-05-01_2024-06-30.csv"));
    assert_eq!(done["size_bytes"], file.bytes.len());
    let lines = records(&file.bytes);
    assert_eq!(lines[4][..3], ["STT", "Mã hồ sơ", "Nội dung hồ sơ"]);
    let numbers: Vec<_> = lines[5..9].iter().map(|line| line[0].as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4"]);
    assert_eq!(lines[5][2], "Thủ tục Ngoại thương");
    assert_eq!(lines[5][8], "08:00 10/05/2024");

    let id = asked(&app, &token, register("xlsx")).await;
    worked(&app).await;
    let file = app.get(&format!("/exports/{id}/file"), &token).await.expect(200);
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.bytes.as_slice())).unwrap();
    let range = book.worksheet_range("Sổ theo dõi").unwrap();
    let codes: Vec<_> = range.rows().map(|row| row[1].to_string()).filter(|code| code.starts_with("H21")).collect();
    assert_eq!(codes, lines[5..9].iter().map(|line| line[1].clone()).collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_report_that_is_fetched_later_is_the_one_that_is_answered_at_once() {
    let (app, token) = given();
    for format in ["xlsx", "csv", "pdf"] {
        let id = asked(&app, &token, json!({ "layout": "06", "month": "2024-06", "format": format })).await;
        worked(&app).await;
        let file = app.get(&format!("/exports/{id}/file"), &token).await.expect(200);
        let answered = app.get(&format!("/reports/06?month=2024-06&format={format}"), &token).await.expect(200);
        assert!(file.bytes == answered.bytes, "{format}");
        assert_eq!(file.header("content-type"), answered.header("content-type"));
    }
}

#[actix_web::test]
async fn what_a_killed_process_had_begun_another_goes_on_with() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    // Somebody took it, and was killed.
    let taken =
        "UPDATE exports SET state = 'running', lease = gen_random_uuid(), leased_until = asked_at + interval '10 min'";
    app.db.connect().batch_execute(taken).unwrap();
    worked(&app).await;
    let status = |answer: &Value| answer["status"].clone();
    assert_eq!(status(&app.get(&format!("/exports/{id}"), &token).await.body), "running");
    app.pass(TimeDelta::minutes(11));
    worked(&app).await;
    assert_eq!(status(&app.get(&format!("/exports/{id}"), &token).await.body), "done");
    let file = app.get(&format!("/exports/{id}/file"), &token).await.expect(200);
    assert_eq!(records(&file.bytes).iter().filter(|line| line.len() > 2).count(), 5, "the head and four dossiers");
}

#[actix_web::test]
async fn an_export_belongs_to_who_asked_and_to_auditors() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    worked(&app).await;
    let other = app.sign_in(Role::Controller, "H21");
    for path in [format!("/exports/{id}"), format!("/exports/{id}/file"), "/exports/none".to_owned()] {
        assert_eq!(app.get(&path, &other).await.expect(404).code(), "export_not_found");
    }
    assert!(app.get("/exports", &other).await.expect(200).items().is_empty());
    let auditor = app.sign_in(Role::Auditor, "H21");
    assert_eq!(app.get("/exports", &auditor).await.expect(200).items()[0]["id"], id.as_str());
    app.get(&format!("/exports/{id}/file"), &auditor).await.expect(200);
}

#[actix_web::test]
async fn an_export_that_was_called_back_is_not_made() {
    let (app, token) = given();
    let id = asked(&app, &token, register("xlsx")).await;
    let gone = app.delete(&format!("/exports/{id}"), &token).await.expect(200);
    assert_eq!(gone.body["status"], "cancelled");
    worked(&app).await;
    app.get(&format!("/exports/{id}/file"), &token).await.expect(409);
    assert_eq!(app.delete(&format!("/exports/{id}"), &token).await.expect(409).code(), "export_ended");
}

#[actix_web::test]
async fn a_file_is_erased_when_its_time_is_over() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    worked(&app).await;
    app.pass(TimeDelta::days(31));
    worked(&app).await;
    assert_eq!(app.get(&format!("/exports/{id}"), &token).await.expect(200).body["status"], "erased");
    app.get(&format!("/exports/{id}/file"), &token).await.expect(409);
}

#[actix_web::test]
async fn what_can_not_be_made_is_refused_when_it_is_asked_for() {
    let (app, token) = given();
    let nothing = app.post("/exports", &token, &json!({ "format": "docx" })).await.expect(422);
    assert_eq!(nothing.pointers(), ["/layout", "/format", "/from", "/to"]);
    let pdf = app.post("/exports", &token, &register("pdf")).await.expect(422);
    assert_eq!(pdf.faults(), [("/format", "not_for_registers")]);
    let future = json!({ "layout": "06", "month": "2030-01" });
    assert_eq!(app.post("/exports", &token, &future).await.expect(422).faults(), [("/from", "period_in_the_future")]);
    let foreign = json!({ "layout": "06", "month": "2024-06", "unit": "H21.18" });
    let officer = app.sign_in(Role::Officer, "H21.16");
    app.post("/exports", &officer, &foreign).await.expect(404);
}

/// A register whose first batch was taken: of one dossier.
fn begun(app: &TestApp, id: &str) {
    let first_batch = format!(
        "WITH first AS (SELECT accepted_at, id FROM dossiers ORDER BY accepted_at, id LIMIT 1),
             begun AS (UPDATE exports SET state = 'running', rows_expected = 1, rows_done = 1,
                 after_at = first.accepted_at, after_id = first.id FROM first WHERE exports.id = '{id}')
         INSERT INTO export_parts (export_id, kind, number, bytes) VALUES ('{id}', 'rows', 0, '1,the first')"
    );
    app.db.connect().batch_execute(&first_batch).unwrap();
}

/// While a period goes on, a batch may be smaller than others and not the last.
#[actix_web::test]
async fn a_register_that_grows_between_two_batches_lists_what_came_later_too() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    begun(&app, &id);
    worked(&app).await;
    let done = app.get(&format!("/exports/{id}"), &token).await.expect(200).body;
    assert_eq!((&done["status"], &done["rows_done"]), (&json!("done"), &json!(4)));
    let lines = records(&app.get(&format!("/exports/{id}/file"), &token).await.expect(200).bytes);
    let numbers: Vec<_> = lines[5..9].iter().map(|line| line[0].as_str()).collect();
    assert_eq!((numbers, &*lines[5][1]), (vec!["1", "2", "3", "4"], "the first"));
}

#[actix_web::test]
async fn a_file_that_is_lost_on_the_way_is_not_taken_for_a_whole_one() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    worked(&app).await;
    let path = format!("/exports/{id}/file");
    let whole = app.get(&path, &token).await.expect(200);
    assert_eq!(whole.header("content-length"), whole.bytes.len().to_string());
    app.db.connect().batch_execute("UPDATE export_parts SET bytes = substr(bytes, 1, 100)").unwrap();
    // The connection may be gone before the answer has begun, or in the midst of it.
    let came_whole = match app.http.get(app.url(&path)).bearer_auth(&token).send().await {
        Ok(answer) => answer.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!came_whole, "the half of a file was handed out as a file");
}

/// The file of a register is put together in one of this machine that has no name.
#[actix_web::test]
async fn what_is_made_leaves_nothing_on_the_machine() {
    let (app, token) = given();
    let before = std::fs::read_dir(app.dir.path()).unwrap().count();
    for format in ["csv", "xlsx"] {
        asked(&app, &token, register(format)).await;
        worked(&app).await;
    }
    assert_eq!(std::fs::read_dir(app.dir.path()).unwrap().count(), before);
}

const MINE: &str = "like = \"register\"\nabout = \"Của tỉnh\"\nfile = \"so-cua-tinh\"\n\
    columns = [{ name = \"Số\", shows = \"row_number\" }, { name = \"Mã\", shows = \"code\" }]";

#[actix_web::test]
async fn a_register_is_made_in_the_layout_that_it_was_asked_for_in() {
    let (app, token) = given_with(|config| config.exports.layouts_dir = config.data.dir.clone());
    let file = app.dir.path().join("mine.toml");
    let edited = MINE.replace("row_number", "unit").replace("Mã", "Mã mới").replace("so-cua", "so-khac");
    for meanwhile in [Some(edited.as_str()), Some("columns = 7"), None] {
        std::fs::write(&file, MINE).unwrap();
        let form = json!({ "layout": "mine", "from": "2024-05-01", "to": "2024-07-01", "format": "csv" });
        let id = asked(&app, &token, form).await;
        begun(&app, &id);
        match meanwhile {
            Some(text) => std::fs::write(&file, text).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        worked(&app).await;
        let made = app.get(&format!("/exports/{id}/file"), &token).await.expect(200);
        assert!(made.header("content-disposition").contains("so-cua-tinh"), "{meanwhile:?}");
        let lines = records(&made.bytes);
        assert_eq!(lines[4..6], [["Số", "Mã"], ["1", "the first"]], "{meanwhile:?}");
        let numbers: Vec<_> = lines[6..9].iter().map(|line| line[0].as_str()).collect();
        assert_eq!(numbers, ["2", "3", "4"], "{meanwhile:?}");
        assert!(lines[6..9].iter().all(|line| line.len() == 2 && line[1].starts_with("H21")), "{lines:?}");
    }
}

/// What the version before wrote down has no layout with it.
#[actix_web::test]
async fn an_export_from_before_layouts_were_kept_is_made_in_the_one_of_now() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    app.db.connect().batch_execute("UPDATE exports SET layout_written = NULL").unwrap();
    worked(&app).await;
    assert_eq!(app.get(&format!("/exports/{id}"), &token).await.expect(200).body["status"], "done");
}

/// Only a process that dies loses its lease; after a few of these an export is given up.
#[actix_web::test]
async fn an_export_that_a_busy_database_refuses_is_free_at_once_and_never_given_up_for_it() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    let busy = "CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = 'serialization_failure'; END $$;
         CREATE TRIGGER busy BEFORE INSERT ON export_parts FOR EACH ROW EXECUTE FUNCTION busy();";
    app.db.connect().batch_execute(busy).unwrap();
    for turn in 1..=5 {
        let refused = tick(app.state.clone()).await;
        assert!(matches!(refused, Err(AppError::Unavailable { .. })), "turn {turn}: {refused:?}");
    }
    app.db.connect().batch_execute("DROP TRIGGER busy ON export_parts").unwrap();
    // No time has passed: nobody waits for a lease to run out.
    worked(&app).await;
    assert_eq!(app.get(&format!("/exports/{id}"), &token).await.expect(200).body["status"], "done");
}

/// Whoever reads dossiers waits, until the time of the statement is over or this is let go.
pub fn locked(app: &TestApp) -> PgConnection {
    let mut conn = app.db.connect();
    conn.batch_execute("BEGIN; LOCK TABLE dossiers, tally_days, tally_totals IN ACCESS EXCLUSIVE MODE").unwrap();
    conn
}

#[actix_web::test]
async fn exports_that_take_too_long_are_tried_again_later_and_at_last_say_what_to_do() {
    let (app, token) = given_with(|config| config.exports.statement_timeout_ms = 100);
    let late = json!({ "layout": "late-acceptance", "month": "2024-06", "format": "csv" });
    let ids = [asked(&app, &token, register("csv")).await, asked(&app, &token, late).await];
    let _lock = locked(&app);
    for minutes in [0, 2] {
        app.pass(TimeDelta::minutes(minutes));
        worked(&app).await;
        for id in &ids {
            let put_off = app.get(&format!("/exports/{id}"), &token).await.expect(200).body;
            assert_eq!((&put_off["status"], &put_off["advice"]), (&json!("running"), &Value::Null), "{minutes}");
        }
    }
    app.pass(TimeDelta::minutes(4));
    worked(&app).await;
    for id in &ids {
        let failed = app.get(&format!("/exports/{id}"), &token).await.expect(200).body;
        assert_eq!((&failed["status"], &failed["failed_why"]), (&json!("failed"), &json!("took_too_long")));
        assert!(failed["advice"]["vi"].as_str().unwrap().contains("kỳ ngắn hơn"), "{failed}");
    }
}

#[actix_web::test]
async fn an_export_that_took_too_long_once_is_made_when_the_database_has_time_for_it() {
    let (app, token) = given_with(|config| config.exports.statement_timeout_ms = 1000);
    let id = asked(&app, &token, register("csv")).await;
    let mut lock = locked(&app);
    worked(&app).await;
    lock.batch_execute("ROLLBACK").unwrap();
    worked(&app).await;
    assert_eq!(app.get(&format!("/exports/{id}"), &token).await.expect(200).body["status"], "running", "not at once");
    app.pass(TimeDelta::minutes(2));
    worked(&app).await;
    let done = app.get(&format!("/exports/{id}"), &token).await.expect(200).body;
    assert_eq!((&done["status"], &done["rows_done"]), (&json!("done"), &json!(4)));
}

#[actix_web::test]
async fn tries_that_took_too_long_are_counted_from_the_last_batch_that_was_made() {
    let (app, token) = given();
    let id = asked(&app, &token, register("csv")).await;
    app.db.connect().batch_execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled'; END $$").unwrap();
    for part in ["rows", "file"] {
        let slow = format!(
            "CREATE OR REPLACE TRIGGER slow BEFORE INSERT ON export_parts FOR EACH ROW WHEN (NEW.kind = '{part}') EXECUTE FUNCTION slow()"
        );
        app.db.connect().batch_execute(&slow).unwrap();
        for _ in 0..2 {
            worked(&app).await;
            app.pass(TimeDelta::minutes(4));
        }
        assert_eq!(app.get(&format!("/exports/{id}"), &token).await.expect(200).body["status"], "running", "{part}");
    }
    app.db.connect().batch_execute("DROP TRIGGER slow ON export_parts").unwrap();
    worked(&app).await;
    assert_eq!(app.get(&format!("/exports/{id}"), &token).await.expect(200).body["status"], "done");
}

#[actix_web::test]
async fn a_register_names_people_and_goes_to_those_alone_who_may_see_their_dossiers() {
    let (app, _) = given();
    for (role, unit, foreign) in
        [(Role::Leader, "H21.16", "H21.18"), (Role::Leader, "H21.16", "H21"), (Role::Chair, "H21.24", "H21.16")]
    {
        let token = app.sign_in(role, unit);
        let of =
            |layout: &str, unit: &str| json!({ "layout": layout, "month": "2024-06", "format": "csv", "unit": unit });
        app.post("/exports", &token, &of("06", foreign)).await.expect(202);
        let refused = app.post("/exports", &token, &of("register", foreign)).await.expect(404);
        assert_eq!(refused.code(), "unit_not_found", "{role} of {unit} asks for {foreign}");
        app.post("/exports", &token, &of("register", unit)).await.expect(202);
    }
}

#[actix_web::test]
async fn a_register_that_was_made_is_not_handed_out_any_more_to_who_left_the_unit() {
    let (app, _) = given();
    let token = app.sign_in(Role::Leader, "H21.16");
    let id = asked(&app, &token, register("csv")).await;
    worked(&app).await;
    app.get(&format!("/exports/{id}/file"), &token).await.expect(200);
    // As if the leader had been of that unit when it was asked for.
    let elsewhere = "UPDATE exports SET unit_id = (SELECT id FROM units WHERE code = 'H21.18')";
    app.db.connect().batch_execute(elsewhere).unwrap();
    let refused = app.get(&format!("/exports/{id}/file"), &token).await.expect(403);
    assert_eq!(refused.code(), "dossiers_not_seen");
}

#[actix_web::test]
async fn an_export_says_of_which_unit_it_is() {
    let (app, token) = given();
    for (unit, said) in
        [(json!("H21.16"), ["H21.16", "Cơ quan H21.16"].map(Value::from)), (Value::Null, [Value::Null, Value::Null])]
    {
        let form = json!({ "layout": "06", "month": "2024-06", "unit": unit });
        let asked = app.post("/exports", &token, &form).await.expect(202);
        let shown = app.get(&format!("/exports/{}", asked.field("id")), &token).await.expect(200);
        let listed = app.get("/exports", &token).await.expect(200).items()[0].clone();
        for answer in [&asked.body, &shown.body, &listed] {
            assert_eq!([&answer["unit"], &answer["unit_name"]], said.each_ref());
        }
        app.pass(TimeDelta::minutes(1));
    }
    // Whoever names none has asked for what is theirs.
    let leader = app.sign_in(Role::Leader, "H21.16");
    let own = app.post("/exports", &leader, &json!({ "layout": "06", "month": "2024-06" })).await.expect(202);
    assert_eq!(own.body["unit"], "H21.16");
}
