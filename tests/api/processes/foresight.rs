//! What becomes of a dossier as things stand, told before it is too late.

use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::dossiers::foresight::{fill, warn};
use motcua::schema::warnings;
use serde_json::{Value, json};

use super::given::{advance, process};
use crate::support::app::{TestApp, intake};
use crate::support::office::{CENTRE, ONE_DAY, Office, TEN_DAYS};

/// Its term does not count the time of agencies that are asked.
const LAND: &str = "1.115343";

/// The codes that a list by standing names.
async fn standing(office: &Office, word: &str) -> Vec<String> {
    let found = office.app.get(&format!("/dossiers?standing={word}"), &office.officer).await.expect(200);
    found.codes().into_iter().map(str::to_owned).collect()
}

async fn forecast(office: &Office, code: &str) -> Value {
    process(office, code).await["foresight"]["forecast"].clone()
}

#[actix_web::test]
async fn a_dossier_that_nobody_moves_turns_from_safe_to_late() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(ONE_DAY).await["code"].as_str().unwrap().to_owned();
    // 14 hours until Tuesday 17:00; the counter may use 42 minutes, those after it 798.
    for (now, word) in [
        ("2026-10-05 09:42", "safe"),
        ("2026-10-05 09:43", "at_risk"),
        ("2026-10-06 08:20", "at_risk"),
        ("2026-10-06 08:22", "will_be_late"),
        ("2026-10-06 17:00", "will_be_late"),
    ] {
        office.app.set(now);
        assert_eq!(forecast(&office, &code).await, word, "{now}");
        for other in ["safe", "at_risk", "will_be_late"] {
            let named = standing(&office, other).await.contains(&code);
            assert_eq!(named, other == word, "{now}: {other}");
        }
    }
    office.app.set("2026-10-06 17:01");
    assert_eq!(forecast(&office, &code).await, "late");
    assert_eq!(standing(&office, "overdue").await, [code]);
    let wrong = office.app.get("/dossiers?standing=perhaps", &office.officer).await.expect(422);
    assert_eq!(wrong.pointers(), ["?standing"]);
}

#[actix_web::test]
async fn a_step_done_quickly_makes_it_safe_again_and_a_pause_takes_it_out() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(ONE_DAY).await["code"].as_str().unwrap().to_owned();
    // The counter takes 150 minutes instead of 42.
    office.app.set("2026-10-05 11:30");
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    assert_eq!(forecast(&office, &code).await, "at_risk");
    assert_eq!(standing(&office, "at_risk").await, std::slice::from_ref(&code));
    advance(&office, &code, &office.officer).await;
    assert_eq!(forecast(&office, &code).await, "safe");
    assert_eq!(standing(&office, "safe").await, std::slice::from_ref(&code));
    let owed = json!({"notice_number": "TB 1", "amount_vnd": 50_000});
    office.act(&code, "request_payment", &office.leader, owed).await.expect(200);
    assert_eq!(forecast(&office, &code).await, Value::Null);
    assert!(standing(&office, "safe").await.is_empty());
    let none = office.app.get(&format!("/dossiers/{code}/apology"), &office.leader).await.expect(409);
    assert_eq!(none.code(), "nothing_to_apologise_for");
}

async fn warned(office: &Office, token: &str) -> Vec<(Value, Value)> {
    let list = office.app.get("/me/warnings", token).await.expect(200);
    list.items().iter().map(|warning| (warning["audience"].clone(), warning["percent"].clone())).collect()
}

#[actix_web::test]
async fn the_holder_and_the_next_above_are_warned_once_at_each_part_of_the_term() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    let tick = async || warn::tick(office.app.state.clone()).await.unwrap();
    // A fifth of 14 hours is left from 14:12 on.
    office.app.set("2026-10-06 14:11");
    assert_eq!(tick().await, 0);
    office.app.set("2026-10-06 14:12");
    assert_eq!(tick().await, 2);
    assert_eq!(tick().await, 0);
    assert_eq!(warned(&office, &office.officer).await, [(json!("holder"), json!(80))]);
    assert_eq!(warned(&office, &office.head).await, [(json!("above"), json!(80))]);
    assert!(warned(&office, &office.leader).await.is_empty());
    // The end of the term is a closing time: what falls outside working hours waits for the next.
    office.app.set("2026-10-06 17:00");
    assert_eq!(tick().await, 0);
    office.app.set("2026-10-07 07:00");
    assert_eq!(tick().await, 2);
    assert_eq!(warned(&office, &office.officer).await.len(), 2);
    office.act(&code, "finish", &office.leader, json!({"result": "granted"})).await.expect(200);
    assert!(warned(&office, &office.officer).await.is_empty(), "of what is done nobody is warned");
}

#[actix_web::test]
async fn of_dossiers_that_came_with_their_own_history_the_worker_makes_up_for_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    diesel::delete(motcua::schema::dossier_foresight::table).execute(&mut office.app.db.connect()).unwrap();
    assert!(standing(&office, "safe").await.is_empty());
    assert_eq!(fill::tick(office.app.state.clone()).await.unwrap(), 1);
    assert_eq!(standing(&office, "safe").await, [code]);
    assert_eq!(fill::tick(office.app.state.clone()).await.unwrap(), 0);
}

#[actix_web::test]
async fn of_a_dossier_filed_online_that_waits_for_another_agency_nothing_is_foreseen_and_the_worker_ends() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let office_of_land = "H21.24.01";
    let form = intake(LAND, office_of_land);
    let code = office.app.post("/dossiers/submissions", &portal, &form).await.expect(201).field("code");
    office.act(&code, "accept", &office.clerk, json!({})).await.expect(200);
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    let officer = office.app.sign_in(Role::Officer, office_of_land);
    let question = json!({"unit_code": "H21.90", "question": "An ninh trật tự?"});
    let asked = office.act(&code, "consult", &officer, question).await.expect(200).body;
    assert_eq!((&asked["status"], &asked["due_at"]), (&json!("processing"), &Value::Null));
    assert_eq!(fill::tick(office.app.state.clone()).await.unwrap(), 0);
}

#[actix_web::test]
async fn several_workers_warn_once() {
    let office = Office::at("2026-10-05 09:00").await;
    for _ in 0..5 {
        office.in_process(ONE_DAY).await;
    }
    office.app.set("2026-10-06 14:30");
    let others = [TestApp::on_same(&office.app), TestApp::on_same(&office.app)];
    let all = [&office.app.state, &others[0].state, &others[1].state];
    let told = futures_util::future::join_all(all.map(|state| warn::tick(state.clone()))).await;
    assert_eq!(told.into_iter().map(Result::unwrap).sum::<usize>(), 10);
    let kept: i64 = warnings::table.count().get_result(&mut office.app.db.connect()).unwrap();
    assert_eq!(kept, 10);
}

#[actix_web::test]
async fn another_due_date_warns_anew() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let tick = async || warn::tick(office.app.state.clone()).await.unwrap();
    office.app.set("2026-10-14 09:00");
    assert_eq!(tick().await, 2);
    let to = json!({"new_due_on": "2026-10-23", "reason": "Chờ ý kiến"});
    office.act(&code, "extend", &office.leader, to).await.expect(200);
    assert_eq!(tick().await, 0);
    office.app.set("2026-10-23 09:00");
    assert_eq!(tick().await, 2);
}

#[actix_web::test]
async fn the_apology_is_ready_before_the_last_day_on_which_it_may_be_sent() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let draft =
        async |status| office.app.get(&format!("/dossiers/{code}/apology"), &office.leader).await.expect(status);
    assert_eq!(draft(409).await.code(), "nothing_to_apologise_for");
    // Due on Thursday 15 October: Wednesday is the last day, whatever the forecast.
    office.app.set("2026-10-14 07:30");
    let ready = draft(200).await.body;
    assert_eq!((&ready["verb"], &ready["extend_by"]), (&json!("extend"), &json!("2026-10-14")));
    let day = ready["new_due_on"].as_str().unwrap().to_owned();
    assert!(day.as_str() > "2026-10-15", "{day}");
    assert!(ready["letter"].as_str().unwrap().starts_with("VĂN BẢN XIN LỖI"));
    let form = json!({"new_due_on": day, "reason": "Chờ ý kiến"});
    office.act(&code, "extend", &office.leader, form).await.expect(200);
    office.app.set("2026-11-20 08:00");
    let late = draft(200).await.body;
    assert_eq!(
        (&late["verb"], &late["forecast"], &late["extend_by"]),
        (&json!("apologise"), &json!("late"), &Value::Null)
    );
}

#[actix_web::test]
async fn the_mornings_list_names_each_dossier_once_and_the_most_urgent_first() {
    let office = Office::at("2026-10-02 09:00").await;
    let late = office.in_process(ONE_DAY).await;
    office.app.set("2026-10-05 08:00");
    let next = office.in_process(ONE_DAY).await;
    let far = office.in_process(TEN_DAYS).await;
    office.app.set("2026-10-06 07:00");
    let after = office.in_process(ONE_DAY).await;
    let leader = office.app.sign_in(Role::Leader, "H21.16");
    let list = office.app.get("/foresight", &leader).await.expect(200).body;
    let groups: Vec<(String, Vec<String>)> = list["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let codes = group["dossiers"].as_array().unwrap().iter();
            let codes = codes.map(|dossier| dossier["code"].as_str().unwrap().to_owned()).collect();
            (group["group"].as_str().unwrap().to_owned(), codes)
        })
        .collect();
    let named = |name: &str| groups.iter().find(|(group, _)| group == name).unwrap().1.clone();
    assert_eq!(list["day"], "2026-10-06");
    assert_eq!(named("late"), [late]);
    assert_eq!(named("due_today"), [next]);
    assert_eq!(named("due_next"), [after]);
    assert!(groups.iter().all(|(_, codes)| !codes.contains(&far)), "safe");
    let foreign = office.app.sign_in(Role::Leader, "H21.24");
    let other = office.app.get("/foresight", &foreign).await.expect(200).body;
    assert!(other["groups"].as_array().unwrap().iter().all(|group| group["total"] == 0));
    let peeped = office.app.get("/foresight?unit=H21.16", &foreign).await.expect(200).body;
    assert!(peeped["groups"].as_array().unwrap().iter().all(|group| group["total"] == 0), "{peeped}");
    office.app.get("/foresight?unit=H99", &foreign).await.expect(422);
}

#[actix_web::test]
async fn between_the_last_day_to_extend_and_the_due_date_no_verb_sends_the_apology() {
    let office = Office::at("2026-10-08 16:00").await;
    let code = office.in_process("2.000894").await;
    let verb = async || {
        let draft = office.app.get(&format!("/dossiers/{code}/apology"), &office.leader).await.expect(200);
        draft.body["verb"].clone()
    };
    // Ten days later is a Sunday, so it is due on Monday the 19th.
    for (now, expected) in [
        ("2026-10-16 09:00", json!("extend")),
        ("2026-10-18 09:00", Value::Null),
        ("2026-10-19 09:00", json!("apologise")),
    ] {
        office.app.set(now);
        assert_eq!(verb().await, expected, "{now}");
    }
}
