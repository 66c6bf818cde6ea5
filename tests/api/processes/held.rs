//! Whose lateness it is: the working minutes of a dossier, divided without a gap.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::given::{advance, colleague, process};
use crate::support::office::{ONE_DAY, Office};

fn sum(list: &Value) -> i64 {
    list.as_array().unwrap().iter().map(|one| one["minutes"].as_i64().unwrap()).sum()
}

#[actix_web::test]
async fn steps_people_units_and_pauses_add_up_to_the_whole() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(ONE_DAY).await["code"].as_str().unwrap().to_owned();
    office.app.set("2026-10-05 09:20");
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-05 10:00");
    let mai = colleague(&office, Role::Officer);
    office.act(&code, "assign", &office.head, json!({"username": mai.1})).await.expect(200);
    office.app.set("2026-10-05 11:00");
    let asked = json!({"papers": [{"name": "Bản sao CCCD"}], "reason": "Thiếu"});
    office.act(&code, "request_supplement", &mai.0, asked).await.expect(200);
    office.app.set("2026-10-06 08:00");
    office.act(&code, "supply", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-06 09:00");
    advance(&office, &code, &mai.0).await;
    office.app.set("2026-10-06 14:00");
    office.act(&code, "finish", &office.leader, json!({"result": "granted"})).await.expect(200);
    // What comes after the end is nobody's time.
    office.app.set("2026-10-09 14:00");

    let view = process(&office, &code).await;
    let held = &view["held"];
    let minutes = |list: &str| -> Vec<(String, i64)> {
        let list = held[list].as_array().unwrap().iter();
        list.map(|one| (one["name"].as_str().unwrap().to_owned(), one["minutes"].as_i64().unwrap())).collect()
    };
    let named = |list: &[(&str, i64)]| list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(held["whole_minutes"], 150 + 210 + 270 + 30, "two stretches on Monday, two on Tuesday");
    assert_eq!(minutes("by_step"), named(&[("receive and hand on", 20), ("examine", 160), ("sign", 180)]));
    assert_eq!(
        minutes("by_person"),
        named(&[("clerk", 20), ("officer", 40), ("Nguyễn Văn officer", 120), ("leader", 180)])
    );
    assert_eq!(held["by_pause"][0]["minutes"], 30 + 210 + 60);
    assert_eq!(held["outside_minutes"], 300);
    assert_eq!(sum(&held["by_unit"]), 360);
    assert_eq!(held["inside_minutes"], 360);
}

#[actix_web::test]
async fn seconds_never_get_lost_between_two_hops() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    for round in 0..8 {
        office.app.pass(chrono::TimeDelta::seconds(1_013 + 7 * round));
        let (token, verb) = match round % 2 {
            0 => (&office.officer, "advance"),
            _ => (&office.leader, "send_back"),
        };
        office
            .act(&code, verb, token, json!(if verb == "advance" { json!({}) } else { json!({"reason": "Sửa"}) }))
            .await
            .expect(200);
    }
    let view = process(&office, &code).await;
    let held = &view["held"];
    for list in ["by_step", "by_person", "by_unit"] {
        assert_eq!(sum(&held[list]), held["whole_minutes"].as_i64().unwrap(), "{list}");
    }
    let shown = office.show(&code).await;
    let hops: i64 = shown["steps"].as_array().unwrap().iter().filter_map(|hop| hop["working_minutes"].as_i64()).sum();
    assert_eq!(hops, held["whole_minutes"].as_i64().unwrap(), "the hops as they were written add up too");
}

#[actix_web::test]
async fn each_hop_stands_against_its_own_budget() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(ONE_DAY).await["code"].as_str().unwrap().to_owned();
    // The counter's 5 percent of 14 hours are 42 minutes.
    office.app.set("2026-10-05 09:42");
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-05 10:00");
    advance(&office, &code, &office.officer).await;
    office.app.set("2026-10-05 15:00");
    let sign = process(&office, &code).await;
    assert_eq!((&sign["at"]["used_minutes"], &sign["at"]["due_at"]), (&json!(180), &Value::Null), "its 120 are used");
    advance(&office, &code, &office.leader).await;
    let taken = process(&office, &code).await["taken"].clone();
    let standing: Vec<_> = taken.as_array().unwrap().iter().map(|hop| hop["standing"].clone()).collect();
    assert_eq!(standing, [json!("on_time"), json!("early"), json!("late"), Value::Null]);
}
