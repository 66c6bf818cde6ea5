//! A citizen logs in at a certified provider and sees the own dossiers.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::browser::{self, Back};
use super::certified::Certified;
use super::given::{CITIZENS, with_provider};
use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::office::Office;

const ANH: &str = "052190000123";

fn users() -> Value {
    json!({"anh": {"id_number": ANH}, "binh": {"id_number": "052190000456"}, "nobody": {}})
}

async fn office(provider: &Certified) -> Office {
    let office = Office::with("2026-10-05 09:00", with_provider(&provider.issuer)).await;
    office.app.live_now();
    office
}

#[track_caller]
fn is_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (401, "log_in_refused"), "{}", answer.text);
}

async fn own(app: &TestApp, token: &str) -> Vec<String> {
    let list = app.get("/citizen/dossiers?limit=200", token).await.expect(200);
    list.codes().iter().map(ToString::to_string).collect()
}

#[actix_web::test]
async fn a_citizen_sees_the_dossiers_in_which_the_own_number_has_a_part() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let app = &office.app;
    let mine = office.received_of(|_| {}).await;
    let brought = office
        .received_of(|form| {
            form["applicant"]["id_number"] = json!("052190000999");
            form["submitter"] = json!({"name": "Nguyễn Thị Ánh", "id_number": ANH, "phone": "0905123456"});
        })
        .await;
    let others = office.received_of(|form| form["applicant"]["id_number"] = json!("052190000456")).await;
    let opened = app.log_in_as(CITIZENS, "anh").await.expect(200);
    let token = opened.field("token");
    assert_eq!(own(app, &token).await, [brought.clone(), mine.clone()]);
    for code in [&mine, &brought] {
        app.get(&format!("/citizen/dossiers/{code}"), &token).await.expect(200);
    }
    app.get(&format!("/citizen/dossiers/{others}"), &token).await.expect(404);
    let page = app.get("/citizen/dossiers?limit=1", &token).await.expect(200);
    let item = &page.items()[0];
    assert_eq!(
        (&item["code"], &item["status"], &item["unit"]),
        (&json!(brought), &json!("received"), &json!("Sở Tư pháp"))
    );
    assert!(!page.text.contains(ANH));
    let next = page.field("next_cursor");
    let rest = app.get(&format!("/citizen/dossiers?limit=1&cursor={next}"), &token).await.expect(200);
    assert_eq!((rest.codes(), &rest.body["next_cursor"]), (vec![&*mine], &Value::Null));
    for path in ["/me", "/dossiers", &format!("/dossiers/{mine}")] {
        assert_eq!(app.get(path, &token).await.status, 401, "{path}");
    }
    app.pass(TimeDelta::hours(1));
    app.get("/citizen/dossiers", &token).await.expect(401);
}

#[actix_web::test]
async fn a_provider_that_says_all_in_the_id_token_will_do_and_one_that_names_no_number_will_not() {
    let provider = Certified::talkative(&users());
    let office = office(&provider).await;
    office.app.log_in_as(CITIZENS, "binh").await.expect(200);
    is_refused(&office.app.log_in_as(CITIZENS, "nobody").await);
}

#[actix_web::test]
async fn a_log_in_is_ended_once_by_who_began_it() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let app = &office.app;
    let begun = app.begin(CITIZENS).await;
    let back = browser::log_in(begun.url.as_str(), "anh").await;
    let stranger = app.begin(CITIZENS).await;

    let wrong_state = Back { state: browser::parameter(&stranger.url, "state"), ..back.clone() };
    is_refused(&app.end(&begun, &wrong_state).await);
    let form = json!({"code": back.code, "state": back.state, "secret": stranger.secret});
    is_refused(&app.post(&begun.path, "", &form).await);
    is_refused(&app.post(&format!("{CITIZENS}/x"), "", &form).await);

    // None of these has used it up.
    app.end(&begun, &back).await.expect(200);
    is_refused(&app.end(&begun, &back).await);
    // The code is of no use for another log-in either: the provider knows it, and whose it was.
    let replayed = Back { code: back.code, state: browser::parameter(&stranger.url, "state") };
    is_refused(&app.end(&stranger, &replayed).await);
}

#[actix_web::test]
async fn a_code_caught_on_its_way_opens_nothing_for_another() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let app = &office.app;
    let victim = app.begin(CITIZENS).await;
    let caught = browser::log_in(victim.url.as_str(), "anh").await;
    let thief = app.begin(CITIZENS).await;
    let stolen = Back { code: caught.code, state: browser::parameter(&thief.url, "state") };
    is_refused(&app.end(&thief, &stolen).await);
}

#[actix_web::test]
async fn a_log_in_takes_ten_minutes_at_most() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let app = &office.app;
    let begun = app.begin(CITIZENS).await;
    let back = browser::log_in(begun.url.as_str(), "anh").await;
    app.pass(TimeDelta::minutes(10));
    is_refused(&app.end(&begun, &back).await);
}

#[actix_web::test]
async fn a_provider_may_change_its_keys() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let app = &office.app;
    app.log_in_as(CITIZENS, "anh").await.expect(200);
    provider.rotate(&app.http).await;
    // An unknown key makes us ask anew, but not all the time.
    is_refused(&app.log_in_as(CITIZENS, "anh").await);
    app.pass(TimeDelta::seconds(61));
    app.log_in_as(CITIZENS, "anh").await.expect(200);
}

#[actix_web::test]
async fn a_provider_that_is_away_is_told_as_such() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    drop(provider);
    let answer = office.app.send(office.app.http.post(office.app.url(CITIZENS))).await;
    assert_eq!((answer.status, answer.code()), (503, "unavailable"));
}

#[actix_web::test]
async fn without_a_provider_there_is_no_log_in() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let answer = app.send(app.http.post(app.url(CITIZENS))).await;
    assert_eq!((answer.status, answer.code()), (404, "not_configured"));
    let form = json!({"code": "c", "state": "s", "secret": "s"});
    let answer = app.post(&format!("{CITIZENS}/x"), "", &form).await;
    assert_eq!((answer.status, answer.code()), (404, "not_configured"));
}

#[actix_web::test]
async fn a_citizen_says_on_which_channels_to_be_told_and_what_waits_on_the_others_is_called_back() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let app = &office.app;
    office.received_of(|_| {}).await;
    let token = app.log_in_as(CITIZENS, "anh").await.expect(200).field("token");
    let before = app.get("/citizen/channels", &token).await.expect(200).body;
    assert_eq!(before["channels"]["sms"], json!(null), "each dossier says");
    let waiting = |app: &TestApp, channel: &str| {
        use motcua::schema::notices;
        let of = notices::table.filter(notices::channel.eq(channel)).filter(notices::status.eq("queued"));
        of.count().get_result::<i64>(&mut app.db.connect()).unwrap()
    };
    let (sms, email) = (waiting(app, "sms"), waiting(app, "email"));
    assert!(sms > 0 && email > 0);
    let chosen = app.put("/citizen/channels", &token, &json!({"channels": {"sms": false}})).await.expect(200).body;
    assert_eq!(chosen["channels"]["sms"], json!(false));
    assert_eq!((waiting(app, "sms"), waiting(app, "email")), (0, email));
    office.received_of(|_| {}).await;
    assert_eq!((waiting(app, "sms"), waiting(app, "email")), (0, 2 * email), "from then on");
    // The last word counts.
    app.put("/citizen/channels", &token, &json!({"channels": {"sms": true}})).await.expect(200);
    office.received_of(|_| {}).await;
    assert_eq!(waiting(app, "sms"), sms);
    for wrong in [json!({}), json!({"channels": {"fax": true}}), json!({"channels": {"sms": "no"}})] {
        let status = app.put("/citizen/channels", &token, &wrong).await.status;
        assert!([400, 422].contains(&status), "{wrong}: {status}");
    }
}

#[actix_web::test]
async fn a_one_time_code_proves_a_dossier_and_chooses_for_nobody() {
    let provider = Certified::start(&users());
    let office = office(&provider).await;
    let code = office.received_of(|_| {}).await;
    let token = office.app.citizen_of(&code).await;
    let answer = office.app.get("/citizen/channels", &token).await;
    assert_eq!((answer.status, answer.code()), (403, "log_in_needed"));
    office.app.put("/citizen/channels", &token, &json!({"channels": {"sms": false}})).await.expect(403);
}
