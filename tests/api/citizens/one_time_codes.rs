//! One-time codes: to the phone on file alone, five tries, and nothing that tells one dossier from another.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diesel::prelude::*;
use futures_util::future::join_all;
use motcua::citizens::{sending, sweep};
use motcua::schema::{citizen_sessions, notices, one_time_codes};
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::office::{Office, TEN_DAYS};

const UNKNOWN: &str = "H21.16-990101-0001";

async fn office() -> Office {
    Office::at("2026-10-05 09:00").await
}

impl Office {
    async fn a_code(&self) -> String {
        self.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned()
    }
}

/// All that an answer shows but its own id and date.
fn shape(answer: &Answer) -> (u16, BTreeSet<String>, BTreeSet<String>) {
    let names = answer.headers.keys().map(ToString::to_string).collect();
    let fields = answer.body.as_object().unwrap().keys().cloned().collect();
    (answer.status, names, fields)
}

fn tries(app: &TestApp) -> Vec<i16> {
    one_time_codes::table.order(one_time_codes::id).select(one_time_codes::tries).load(&mut app.db.connect()).unwrap()
}

#[actix_web::test]
async fn a_code_goes_to_the_phone_on_file_and_opens_its_dossier_for_a_quarter_of_an_hour() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    let asked = app.ask_for_code(&code.to_lowercase()).await.expect(202);
    assert_eq!(asked.body["expires_at"], "2026-10-05T09:05:00+07:00");
    app.work().await;
    let sent = app.codes_sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, "+84905123456");
    let shown = app.show_code(&asked.field("id"), &sent[0].1).await.expect(200);
    assert_eq!(shown.body["expires_at"], "2026-10-05T09:15:00+07:00");
    assert_eq!(shown.header("cache-control"), "no-store");
    let (token, path) = (shown.field("token"), format!("/citizen/dossiers/{code}"));
    assert!(token.starts_with("mcz_"));
    app.get(&path, &token).await.expect(200);
    app.pass(TimeDelta::minutes(15));
    app.get(&path, &token).await.expect(401);
}

#[actix_web::test]
async fn asking_is_answered_alike_whether_or_not_anything_is_sent() {
    let office = office().await;
    let app = &office.app;
    let known = office.a_code().await;
    let phoneless = office.received_of(|form| drop(form["applicant"]["phone"].take())).await;
    let unwilling = office.received_of(|form| form["notify"] = json!({"sms": false})).await;
    let first = app.ask_for_code(&known).await;
    for _ in 0..3 {
        app.ask_for_code(&known).await.expect(202);
    }
    app.work().await;
    assert_eq!(app.codes_sent().len(), 3, "three an hour");
    for code in [&*known, UNKNOWN, &phoneless, &unwilling, "ma%20ho%20so", "%F0%9F%98%80", &"9-".repeat(9_000)] {
        let asked = app.ask_for_code(code).await;
        assert_eq!(shape(&asked), shape(&first), "{code:.20}");
        app.work().await;
        let shown = app.show_code(&asked.field("id"), "123456").await;
        assert_eq!((shown.status, shown.code()), (401, "wrong_code"), "{code:.20}");
    }
    assert_eq!(app.codes_sent().len(), 3);
}

#[actix_web::test]
async fn every_code_that_opens_nothing_gets_the_same_refusal() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    let real = app.ask_for_code(&code).await.field("id");
    let decoy = app.ask_for_code(UNKNOWN).await.field("id");
    let unsettled = app.show_code(&real, "000000").await;
    app.work().await;
    let digits = app.codes_sent().pop().unwrap().1;
    let wrong = if digits == "111111" { "222222" } else { "111111" };
    let nobodys = "00000000-0000-7000-8000-000000000000";
    for (id, shown) in
        [(&*real, wrong), (&real, ""), (&real, "12345678901234567890"), (&decoy, &digits), (nobodys, "1"), ("x", "1")]
    {
        let answer = app.show_code(id, shown).await;
        assert_eq!((answer.status, &answer.text), (401, &unsettled.text), "{id} {shown}");
    }
    app.post(&format!("/public/one-time-codes/{real}"), "", &json!({})).await.expect(422);
    // Four were wrong, the fifth is right.
    app.show_code(&real, &digits).await.expect(200);
    let again = app.show_code(&real, &digits).await;
    assert_eq!((again.status, &again.text), (401, &unsettled.text), "a used code");
}

#[actix_web::test]
async fn a_code_is_good_for_five_minutes() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    let asked = app.ask_for_code(&code).await.field("id");
    app.work().await;
    app.pass(TimeDelta::minutes(5));
    let digits = app.codes_sent().pop().unwrap().1;
    app.show_code(&asked, &digits).await.expect(401);
    // It opens nothing of another request either.
    let other = app.ask_for_code(&code).await.field("id");
    app.show_code(&other, &digits).await.expect(401);
}

#[actix_web::test]
async fn of_guesses_in_parallel_five_are_compared() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    let asked = app.ask_for_code(&code).await.field("id");
    app.work().await;
    let digits = app.codes_sent().pop().unwrap().1;
    let guesses = (0..64).map(|guess| {
        let wrong = format!("{:06}", (digits.parse::<u32>().unwrap() + 1 + guess) % 1_000_000);
        let asked = asked.clone();
        async move { app.show_code(&asked, &wrong).await.status }
    });
    let answers = join_all(guesses).await;
    assert!(answers.iter().all(|status| *status == 401), "{answers:?}");
    assert_eq!(tries(app), [5]);
    app.show_code(&asked, &digits).await.expect(401);
}

#[actix_web::test]
async fn a_right_code_shown_in_parallel_opens_one_session() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    let asked = app.ask_for_code(&code).await.field("id");
    app.work().await;
    let digits = app.codes_sent().pop().unwrap().1;
    let answers = join_all((0..16).map(|_| app.show_code(&asked, &digits))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let sessions: i64 = citizen_sessions::table.count().get_result(&mut app.db.connect()).unwrap();
    assert_eq!(sessions, 1);
}

#[actix_web::test]
async fn a_phone_gets_three_codes_an_hour_and_ten_a_day_whatever_the_dossiers() {
    let office = office().await;
    let app = &office.app;
    let dossiers = [office.a_code().await, office.a_code().await];
    let mut sent = Vec::new();
    for hour in 0..5 {
        for dossier in dossiers.iter().cycle().take(4) {
            app.ask_for_code(dossier).await.expect(202);
        }
        app.work().await;
        sent.push(app.codes_sent().len());
        app.set(&format!("2026-10-05 {:02}:01", 10 + hour));
    }
    assert_eq!(sent, [3, 6, 9, 10, 10]);
    app.set("2026-10-06 10:00");
    app.ask_for_code(&dossiers[0]).await.expect(202);
    app.work().await;
    assert_eq!(app.codes_sent().len(), 11, "the next day");
}

#[actix_web::test]
async fn a_dossier_gets_three_codes_an_hour_whatever_its_phone() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    for number in 0..4 {
        let form = json!({"applicant": {"phone": format!("090512345{number}")}, "reason": "đổi số"});
        app.patch(&format!("/dossiers/{code}"), &office.clerk, &form).await.expect(200);
        app.ask_for_code(&code).await.expect(202);
        app.work().await;
    }
    assert_eq!(app.codes_sent().len(), 3);
}

#[actix_web::test]
async fn whoever_waited_longer_than_a_minute_gets_no_code_any_more() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    app.ask_for_code(&code).await.expect(202);
    app.pass(TimeDelta::seconds(61));
    app.work().await;
    assert_eq!(app.codes_sent(), []);
    assert_eq!(sending::tick(app.state.clone()).await.unwrap(), 0, "settled for good");
}

#[actix_web::test]
async fn an_address_asks_and_tries_twenty_times_a_minute() {
    let office = Office::with("2026-10-05 09:00", |config| config.limits.citizens_per_minute = 3).await;
    let app = &office.app;
    app.ask_for_code(UNKNOWN).await.expect(202);
    app.show_code("x", "1").await.expect(401);
    app.show_code("x", "1").await.expect(401);
    app.ask_for_code(UNKNOWN).await.expect(429);
}

#[actix_web::test]
async fn no_member_of_staff_sees_a_code_or_sends_it_again() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    app.ask_for_code(&code).await.expect(202);
    app.work().await;
    let digits = app.codes_sent().pop().unwrap().1;
    let list = app.get(&format!("/notices?dossier={code}"), &office.clerk).await.expect(200);
    let notice = list.items().iter().find(|notice| notice["purpose"] == "one_time_code").unwrap();
    assert_eq!(notice["address"], "0905***456");
    assert!(!list.text.contains(&digits));
    let path = format!("/notices/{}", notice["id"].as_str().unwrap());
    let evidence = app.get(&path, &office.clerk).await.expect(200);
    assert_eq!(evidence.body["wording"]["text"], "***");
    assert!(!evidence.text.contains(&digits));
    diesel::update(notices::table).set(notices::status.eq("given_up")).execute(&mut app.db.connect()).unwrap();
    let again = app.post(&format!("{path}/resend"), &office.clerk, &json!({})).await;
    assert_eq!((again.status, again.code()), (409, "notice_not_resendable"));
}

#[actix_web::test]
async fn what_is_over_is_forgotten_after_two_days() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    app.citizen_of(&code).await;
    let left = || {
        let codes: i64 = one_time_codes::table.count().get_result(&mut app.db.connect()).unwrap();
        let sessions: i64 = citizen_sessions::table.count().get_result(&mut app.db.connect()).unwrap();
        (codes, sessions)
    };
    app.pass(TimeDelta::hours(47));
    sweep::tick(app.state.clone()).await.unwrap();
    assert_eq!(left(), (1, 1));
    app.pass(TimeDelta::hours(2));
    sweep::tick(app.state.clone()).await.unwrap();
    assert_eq!(left(), (0, 0));
}

#[actix_web::test]
async fn a_code_and_what_it_opens_are_stored_as_hashes() {
    let office = office().await;
    let (app, code) = (&office.app, office.a_code().await);
    let token = app.citizen_of(&code).await;
    let digits = app.codes_sent().pop().unwrap().1;
    let rows: Vec<Row> =
        diesel::sql_query("SELECT row_to_json(o)::text AS row FROM one_time_codes o UNION ALL SELECT row_to_json(c)::text FROM citizen_sessions c")
            .load(&mut app.db.connect())
            .unwrap();
    for row in rows {
        let fields: Value = serde_json::from_str(&row.row).unwrap();
        assert!(fields.as_object().unwrap().values().all(|value| *value != json!(digits) && *value != json!(token)));
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Text)]
    row: String,
}
