//! The three due dates, the one extension, and how each is explained.

use serde_json::json;

use crate::support::office::{Office, TEN_DAYS};

#[actix_web::test]
async fn an_extension_moves_the_due_date_but_not_the_first_nor_the_unextended_one() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    office.app.set("2026-10-14 16:00");
    let form = json!({ "new_due_on": "2026-10-20", "reason": "Chờ xác minh" });
    let extended = office.act(&code, "extend", &office.leader, form.clone()).await.expect(200).body;
    assert_eq!(extended["due_at"], "2026-10-20T17:00:00+07:00");
    assert_eq!(extended["due_first"], "2026-10-15T17:00:00+07:00");
    assert_eq!(extended["due_unextended"], "2026-10-15T17:00:00+07:00");
    let letter = office.show(&code).await["rescheduling"]["letter"].as_str().unwrap().to_owned();
    assert!(letter.contains("20/10/2026") && letter.contains("Chờ xác minh") && letter.contains(&code), "{letter}");
    let twice = office.act(&code, "extend", &office.leader, form).await.expect(409);
    assert_eq!(twice.code(), "already_rescheduled");
    office.app.set("2026-10-19 09:00");
    let finished = office.act(&code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200).body;
    assert_eq!((&finished["standing"], &finished["apologised"]), (&json!("on_time"), &json!(true)));
}

#[actix_web::test]
async fn an_extension_on_the_due_date_comes_too_late_and_an_apology_does_not() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let form = json!({ "new_due_on": "2026-10-20", "reason": "Quá tải" });
    let early = office.act(&code, "apologise", &office.leader, form.clone()).await.expect(409);
    assert_eq!(early.code(), "before_due_date");
    office.app.set("2026-10-15 08:00");
    let late = office.act(&code, "extend", &office.leader, form.clone()).await.expect(409);
    assert_eq!(late.code(), "too_late_to_extend");
    let apologised = office.act(&code, "apologise", &office.leader, form).await.expect(200).body;
    assert_eq!(apologised["due_at"], "2026-10-15T17:00:00+07:00", "an apology moves no due date");
    office.app.set("2026-10-19 09:00");
    let finished = office.act(&code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200).body;
    assert_eq!(finished["standing"], "late");
}

#[actix_web::test]
async fn an_extension_to_a_day_off_or_an_earlier_day_is_refused_field_by_field() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    for (day, why) in [("2026-10-17", "not_a_working_day"), ("2026-10-15", "not_later")] {
        let form = json!({ "new_due_on": day, "reason": "Chờ" });
        let refused = office.act(&code, "extend", &office.leader, form).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], why);
    }
}

#[actix_web::test]
async fn the_explanation_ends_on_the_due_date_and_names_what_it_came_from() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let explained = office.app.get(&format!("/dossiers/{code}/deadline"), &office.officer).await.expect(200).body;
    let lines = explained["explanation"].as_array().unwrap();
    assert_eq!(lines.last().unwrap()["kind"], "due");
    assert_eq!(lines.last().unwrap()["date"], "2026-10-15");
    assert_eq!(explained["derivation"]["term"], json!({ "amount": 10, "unit": "calendar_day" }));
    assert_eq!(explained["derivation"]["calendar_version"], 1);
}

#[actix_web::test]
async fn a_case_of_the_version_prolongs_the_term_until_the_due_date_and_is_no_extension() {
    let office = Office::at("2026-10-05 09:00").await;
    let commune = "H21.106";
    let clerk = office.app.sign_in(motcua::domain::role::Role::Clerk, commune);
    let officer = office.app.sign_in(motcua::domain::role::Role::Officer, commune);
    let body = crate::support::app::intake("1.001022", commune);
    let received = office.app.post("/dossiers", &clerk, &body).await.expect(201).body;
    let code = received["code"].as_str().unwrap();
    assert_eq!(received["due_at"], "2026-10-08T17:00:00+07:00");
    let form = json!({ "cases": [{ "code": "verification" }], "reason": "Phải xác minh" });
    let set = office.act(code, "set_case", &officer, form.clone()).await.expect(200).body;
    assert_eq!(set["due_at"], "2026-10-15T17:00:00+07:00", "five more working days");
    assert_eq!(set["due_unextended"], set["due_at"]);
    assert_eq!(set["due_first"], "2026-10-08T17:00:00+07:00");
    let unknown = json!({ "cases": [{ "code": "whim" }], "reason": "…" });
    assert_eq!(office.act(code, "set_case", &officer, unknown).await.expect(422).body["errors"][0]["code"], "bad_case");
    office.app.set("2026-10-16 08:00");
    assert_eq!(office.act(code, "set_case", &officer, form).await.expect(409).code(), "after_due_date");
}
