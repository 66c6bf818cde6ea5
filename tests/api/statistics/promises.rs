//! The term that the law gives and the shorter one that a unit pledges: both shown, both counted, never mixed.

use motcua::catalogue::import::{self, DryRun};
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use serde_json::{Value, json};

use crate::catalogue::given::Copy;
use crate::support::office::{CENTRE, Office, TEN_DAYS};

/// 8 working days by law, 5 pledged.
const PLEDGED: &str = "9.100002";
const OCTOBER: &str = "calendar_month=2026-10";

async fn office() -> Office {
    let office = Office::at("2026-10-05 09:00").await;
    let copy = Copy::new();
    copy.change("procedures.json", |rows| {
        let rows = rows.as_array_mut().unwrap();
        let mut row = rows.iter().find(|row| row["code"] == TEN_DAYS).unwrap().clone();
        row["code"] = json!(PLEDGED);
        row["term"] = json!({ "amount": 5, "unit": "working_day" });
        row["statutory"] = json!({ "amount": 8, "unit": "working_day" });
        rows.push(row);
    });
    import::run(&office.app.state, copy.path(), DryRun::No, &Progress::silent()).unwrap();
    office
}

async fn finished(office: &Office, code: &str, now: &str) -> Value {
    office.app.set(now);
    office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200).body
}

fn standings(dossier: &Value) -> (&str, Option<&str>) {
    (dossier["standing"].as_str().unwrap(), dossier["standing_statutory"].as_str())
}

#[actix_web::test]
async fn an_end_after_the_pledged_term_may_still_keep_the_statutory_one() {
    let office = office().await;
    let mut codes = Vec::new();
    for procedure in [PLEDGED, PLEDGED, PLEDGED, PLEDGED, TEN_DAYS] {
        codes.push(office.in_process(procedure).await);
    }
    let shown = office.show(&codes[0]).await;
    assert_eq!(shown["due_at"], "2026-10-12T17:00:00+07:00");
    assert_eq!(shown["due_statutory"], "2026-10-15T17:00:00+07:00");

    assert_eq!(standings(&finished(&office, &codes[0], "2026-10-09 09:00").await), ("early", Some("early")));
    office.app.set("2026-10-13 09:00");
    let papers =
        json!({ "papers": [{ "name": "Bản vẽ" }], "reason": "Thiếu bản vẽ", "override_reason": "Phát hiện muộn" });
    office.act(&codes[3], "request_supplement", &office.leader, papers).await.expect(200);
    assert_eq!(standings(&finished(&office, &codes[1], "2026-10-13 10:00").await), ("late", Some("early")));
    office.app.set("2026-10-20 09:00");
    let withdrawn = office.act(&codes[3], "withdraw", &office.clerk, json!({})).await;
    let withdrawn = withdrawn.expect(200).body;
    assert_eq!(standings(&withdrawn), ("late", Some("on_time")), "its clock stood between the two");
    assert_eq!(standings(&finished(&office, &codes[2], "2026-10-20 10:00").await), ("late", Some("late")));
    assert_eq!(standings(&finished(&office, &codes[4], "2026-10-20 10:00").await), ("late", None));

    let controller = office.app.sign_in(Role::Controller, "H21");
    let table = office.app.get(&format!("/statistics/units?{OCTOBER}"), &controller).await.expect(200).body;
    let total = &table["total"];
    assert_eq!((&total["early"], &total["late"], &total["late_statutory"]), (&json!(1), &json!(4), &json!(2)));
    assert_eq!(total["on_time_rate"]["text"], "20.00");
    assert_eq!(total["statutory_rate"]["text"], "60.00");
    let behind = format!("/statistics/dossiers?cell=late_statutory&{OCTOBER}");
    let behind = office.app.get(&behind, &controller).await.expect(200).body;
    let mut late: Vec<_> = behind["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect();
    late.sort_by_key(ToString::to_string);
    assert_eq!(late, [codes[2].clone(), codes[4].clone()]);
}

#[actix_web::test]
async fn an_undone_end_leaves_no_standing_by_either_term() {
    let office = office().await;
    let code = office.in_process(PLEDGED).await;
    finished(&office, &code, "2026-10-13 09:00").await;
    let recalled = office.act(&code, "recall", &office.leader, json!({ "reason": "Sai tên" })).await.expect(200).body;
    assert_eq!((&recalled["standing"], &recalled["standing_statutory"]), (&Value::Null, &Value::Null));

    let withdrawn = office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200).body;
    assert_eq!(standings(&withdrawn), ("late", Some("on_time")));
    let undo = office.act(&code, "undo", &office.clerk, json!({ "reason": "Nhầm hồ sơ" })).await.expect(202).body;
    let confirm = format!("/approvals/{}/actions/confirm", undo["approval"]["id"].as_str().unwrap());
    let head = office.app.sign_in(Role::CentreHead, CENTRE);
    office.app.post(&confirm, &head, &json!({})).await.expect(200);
    let back = office.show(&code).await;
    assert_eq!((&back["standing"], &back["standing_statutory"]), (&Value::Null, &Value::Null));
}
