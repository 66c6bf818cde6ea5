//! What is filed online is accepted or answered within eight working hours (NĐ 45/2020 Đ11).

use motcua::domain::role::Role;
use motcua::dossiers::foresight::warn;
use serde_json::{Value, json};

use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office};

/// Files a dossier online; returns what the portal is told.
async fn filed(office: &Office, portal: &str) -> Value {
    office.app.post("/dossiers/submissions", portal, &intake(ONE_DAY, DEPARTMENT)).await.expect(201).body
}

fn code(dossier: &Value) -> String {
    dossier["code"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn an_answer_is_due_eight_working_hours_after_filing_or_after_the_next_opening() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    assert_eq!(filed(&office, &portal).await["answer_due_at"], "2026-10-06T09:00:00+07:00");
    // Friday after hours: Monday's opening, and a whole day.
    office.app.set("2026-10-09 22:10");
    assert_eq!(filed(&office, &portal).await["answer_due_at"], "2026-10-12T17:00:00+07:00");
    let direct = office.received(ONE_DAY).await;
    assert_eq!((&direct["answer_due_at"], &direct["answered_at"]), (&Value::Null, &Value::Null));
}

#[actix_web::test]
async fn the_first_word_is_the_answer_and_stays_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let asked = code(&filed(&office, &portal).await);
    office.app.set("2026-10-05 10:00");
    let papers = json!({"papers": [{"name": "Bản sao CCCD"}], "reason": "Thiếu"});
    let answered = office.act(&asked, "request_supplement", &office.clerk, papers).await.expect(200).body;
    assert_eq!(answered["answered_at"], "2026-10-05T10:00:00+07:00");
    office.app.set("2026-10-07 10:00");
    office.act(&asked, "supply", &portal, json!({})).await.expect(200);
    let accepted = office.act(&asked, "accept", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(accepted["answered_at"], "2026-10-05T10:00:00+07:00");
}

#[actix_web::test]
async fn the_counter_is_warned_and_figures_tell_who_answered_late() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let head = office.app.sign_in(Role::CentreHead, CENTRE);
    let (quick, late, waits) = (
        code(&filed(&office, &portal).await),
        code(&filed(&office, &portal).await),
        code(&filed(&office, &portal).await),
    );
    office.act(&quick, "accept", &office.clerk, json!({})).await.expect(200);
    // 80 percent of eight hours: 15:24 the same day, but 90 minutes of lunch later.
    office.app.set("2026-10-06 07:24");
    assert_eq!(warn::tick(office.app.state.clone()).await.unwrap(), 4, "two dossiers, the counter and who leads it");
    let warned = office.app.get("/me/warnings", &office.clerk).await.expect(200);
    let mut codes = warned.codes();
    codes.sort_unstable();
    assert_eq!(codes, [&late, &waits]);
    assert_eq!(office.app.get("/me/warnings", &head).await.expect(200).items().len(), 2);
    office.app.set("2026-10-06 09:01");
    office.act(&late, "decline", &office.clerk, json!({"reason": "Không thuộc thẩm quyền"})).await.expect(200);
    let morning = office.app.get("/foresight", &head).await.expect(200).body;
    let group =
        morning["groups"].as_array().unwrap().iter().find(|group| group["group"] == "intake_late").unwrap().clone();
    assert_eq!((&group["total"], &group["dossiers"][0]["code"]), (&json!(1), &json!(waits)));
    let table = office.app.get("/statistics/intake?from=2026-10-01&to=2026-11-01", &head).await.expect(200).body;
    let total = json!({"filed": 3, "answered_in_time": 1, "answered_late": 1, "waiting_in_time": 0, "waiting_late": 1,
        "asked_again": 0});
    assert_eq!(table["total"], total);
    assert_eq!(table["rows"][0]["key"]["code"], CENTRE);
    let behind = format!("{}?from=2026-10-01&to=2026-11-01", table["dossiers"].as_str().unwrap());
    let behind = behind.strip_prefix("/api/v1").unwrap();
    for (cell, code) in [("answered_in_time", &quick), ("answered_late", &late), ("waiting_late", &waits)] {
        let found = office.app.get(&format!("{behind}&cell={cell}&group_key={CENTRE}"), &head).await.expect(200);
        assert_eq!(found.codes(), [code], "{cell}");
    }
    let found = office.app.get(&format!("{behind}&cell=answered_late"), &head).await.expect(200).body;
    let expected = json!([{"code": late, "registered_at": "2026-10-05T09:00:00+07:00", "requests": 0,
        "answer_due_at": "2026-10-06T09:00:00+07:00", "answered_at": "2026-10-06T09:01:00+07:00"}]);
    assert_eq!(found["items"], expected);
    let of_the_centre = office.app.get(&format!("{behind}&cell=filed&unit={CENTRE}"), &office.leader).await.expect(404);
    assert_eq!(of_the_centre.code(), "unit_not_found", "whose figures one may read need not show one its dossiers");
    let wrong = office.app.get(&format!("{behind}&cell=lost"), &head).await.expect(422);
    assert_eq!(wrong.faults(), [("?cell", "unknown_word")]);
    let elsewhere =
        office.app.get("/statistics/intake?from=2026-10-01&to=2026-11-01", &office.leader).await.expect(422);
    assert_eq!(elsewhere.faults(), [("?unit", "unit_has_no_counter")]);
}
