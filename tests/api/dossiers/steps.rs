//! Hops inside the process: who held the dossier, and for how many working minutes.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::office::{DEPARTMENT, ONE_DAY, Office};

fn steps(shown: &Value) -> Vec<(String, Value, Value)> {
    let rows = shown["steps"].as_array().unwrap().iter();
    rows.map(|row| (row["does"].as_str().unwrap().to_owned(), row["outcome"].clone(), row["working_minutes"].clone()))
        .collect()
}

#[actix_web::test]
async fn each_hop_is_recorded_with_its_working_minutes() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(ONE_DAY).await["code"].as_str().unwrap().to_owned();
    office.app.set("2026-10-05 09:20");
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-05 14:00");
    office.act(&code, "advance", &office.officer, json!({})).await.expect(200);
    office.app.set("2026-10-05 14:30");
    office.act(&code, "send_back", &office.leader, json!({ "reason": "Sai tên" })).await.expect(200);
    office.app.set("2026-10-05 15:00");
    office.act(&code, "advance", &office.officer, json!({})).await.expect(200);
    office.app.set("2026-10-05 15:10");
    office.act(&code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    let expected: Vec<(String, Value, Value)> = [
        ("receive and hand on", "advanced", 20),
        ("examine", "advanced", 160),
        ("sign", "sent_back", 30),
        ("examine", "advanced", 30),
        ("sign", "finished", 10),
    ]
    .map(|(does, outcome, minutes)| (does.to_owned(), json!(outcome), json!(minutes)))
    .to_vec();
    let mut recorded = steps(&office.show(&code).await);
    let waiting = recorded.pop().unwrap();
    assert_eq!(recorded, expected);
    assert_eq!(waiting, ("return the result".to_owned(), json!(null), json!(null)));
}

#[actix_web::test]
async fn a_step_is_moved_only_by_who_holds_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    let records = office.act(&code, "advance", &office.records, json!({})).await.expect(403);
    assert_eq!(records.code(), "not_the_holder");
    let other = office.app.sign_in(Role::Officer, DEPARTMENT);
    let username = office.app.username_of(&other);
    office.act(&code, "assign", &office.head, json!({ "username": username })).await.expect(200);
    office.act(&code, "advance", &office.officer, json!({})).await.expect(403);
    office.act(&code, "advance", &other, json!({})).await.expect(200);
}

#[actix_web::test]
async fn progress_grows_with_the_steps_and_the_last_one_ends_with_finish() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    let mut progress = vec![office.show(&code).await["progress"].as_i64().unwrap()];
    for token in [&office.officer, &office.leader] {
        let moved = office.act(&code, "advance", token, json!({})).await.expect(200).body;
        progress.push(moved["progress"].as_i64().unwrap());
    }
    assert!(progress.is_sorted() && progress.iter().all(|value| (20..=90).contains(value)), "{progress:?}");
    let last = office.act(&code, "advance", &office.records, json!({})).await.expect(409);
    assert_eq!(last.code(), "last_step");
}

#[actix_web::test]
async fn a_step_of_another_unit_is_held_there_and_seen_there() {
    let office = Office::at("2026-10-05 09:00").await;
    let chair_office = office.app.sign_in(Role::Records, "H21.00");
    let code = office.in_process("1.001122").await;
    let path = format!("/dossiers/{code}");
    office.act(&code, "advance", &office.officer, json!({})).await.expect(200);
    office.act(&code, "advance", &office.leader, json!({})).await.expect(200);
    let shown = office.app.get(&path, &chair_office).await.expect(200).body;
    assert_eq!(shown["steps"].as_array().unwrap().last().unwrap()["unit"], "H21.00");
    assert_eq!(office.act(&code, "advance", &office.records, json!({})).await.expect(403).code(), "held_elsewhere");
    office.act(&code, "advance", &chair_office, json!({})).await.expect(200);
    let leader = office.act(&code, "advance", &office.leader, json!({})).await.expect(403);
    assert_eq!(leader.code(), "held_elsewhere", "the next step is there too");
}
