//! A leg that went to the wrong unit goes to the right one.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::given::{Agencies, COMMUNE, W6, papers};

const OCTOBER: &str = "calendar_month=2026-10";
const IA_GRAI: &str = "H21.134";

/// Acknowledged by Pleiku at half past nine, and sent on to Ia Grai at ten.
async fn redirected(office: &Agencies) -> (String, String) {
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    office.app.set("2026-10-05 09:30");
    office.acknowledge(&birth, &office.mayor).await;
    office.app.set("2026-10-05 10:00");
    send(office, &birth, (&office.mayor, IA_GRAI)).await;
    (code, birth)
}

async fn send(office: &Agencies, leg: &str, (token, unit): (&str, &str)) {
    let form = json!({ "unit_code": unit, "reason": "Cư trú ở xã khác" });
    office.act(leg, "redirect", token, form).await.expect(200);
}

#[actix_web::test]
async fn the_right_unit_has_its_own_working_hours_to_take_it_up_and_the_clock_runs_on() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let (code, birth) = redirected(&office).await;
    let parent = office.parent(&code).await;
    let leg = &parent["legs"][0];
    assert_eq!((&leg["code"], &leg["unit"], &leg["status"]), (&json!(birth), &json!(IA_GRAI), &json!("received")));
    assert_eq!(leg["due_at"], "2026-10-06T17:00:00+07:00", "as before");
    assert_eq!(leg["started_at"], "2026-10-05T09:00:00+07:00");
    assert_eq!((&leg["acknowledge_by"], &leg["acknowledged_at"]), (&json!("2026-10-05T14:00:00+07:00"), &Value::Null));
    assert_eq!((&parent["resolving_unit"], &parent["status"]), (&json!(COMMUNE), &json!("processing")));

    let chief = office.app.sign_in(Role::Leader, IA_GRAI);
    let seen = office.seen(&birth, &chief).await;
    let (first, second) = (&seen["steps"][0], &seen["steps"][1]);
    assert_eq!(
        (&first["unit"], &first["outcome"], &first["working_minutes"]),
        (&json!(COMMUNE), &json!("reassigned"), &json!(60))
    );
    assert_eq!((&second["unit"], &second["left_at"]), (&json!(IA_GRAI), &Value::Null));
    let budget = |hop: &Value| hop["budget_minutes"].as_i64().unwrap();
    assert_eq!(budget(second), budget(first) - 60, "its steps share one, of which an hour is used");
    let view = office.app.get(&format!("/dossiers/{birth}/process"), &chief).await.expect(200).body;
    assert_eq!(
        (&view["held"]["by_unit"][0]["unit"], &view["held"]["by_unit"][0]["minutes"]),
        (&json!(COMMUNE), &json!(60))
    );

    office.do_leg(&code, 0, &chief).await;
    assert_eq!(office.legs(&code, "status").await, ["finished", "received", "received"], "the next begin");
}

#[actix_web::test]
async fn the_first_unit_sees_what_becomes_of_it_and_has_no_more_hand_in_it() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let (_, birth) = redirected(&office).await;
    office.seen(&birth, &office.mayor).await;
    for (verb, body) in [
        ("acknowledge", json!({})),
        ("request_supplement", papers()),
        ("redirect", json!({ "unit_code": COMMUNE, "reason": "Nhầm" })),
    ] {
        let refused = office.act(&birth, verb, &office.mayor, body).await.expect(403);
        assert_eq!(refused.code(), "not_in_your_hands", "{verb}");
    }
    // Unless it comes back, and goes again.
    let chief = office.app.sign_in(Role::Leader, IA_GRAI);
    send(&office, &birth, (&chief, COMMUNE)).await;
    office.acknowledge(&birth, &office.mayor).await;
    send(&office, &birth, (&office.mayor, IA_GRAI)).await;
    office.act(&birth, "acknowledge", &office.mayor, json!({})).await.expect(403);
    office.acknowledge(&birth, &chief).await;
}

#[actix_web::test]
async fn it_counts_in_the_unit_that_has_it() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let (_, birth) = redirected(&office).await;
    office.app.set("2026-10-05 14:01");
    let controller = office.app.sign_in(Role::Controller, "H21");
    for path in [format!("/statistics/legs?{OCTOBER}"), format!("/statistics/units?count=legs&{OCTOBER}")] {
        let table = office.app.get(&path, &controller).await.expect(200).body;
        let units: Vec<_> = table["rows"].as_array().unwrap().iter().map(|row| row["key"]["code"].clone()).collect();
        assert_eq!(units, [IA_GRAI], "{path}");
    }
    let path = format!("/statistics/legs/dossiers?{OCTOBER}&cell=open_late&unit={IA_GRAI}");
    assert_eq!(office.app.get(&path, &controller).await.expect(200).codes(), [birth]);
}
