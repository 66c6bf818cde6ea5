//! A parent counts once, in the row of the unit that leads; legs count apart.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::given::{Agencies, W6, W7};

const OCTOBER: &str = "calendar_month=2026-10";

async fn table(office: &Agencies, path: &str) -> Value {
    let controller = office.app.sign_in(Role::Controller, "H21");
    office.app.get(path, &controller).await.expect(200).body
}

fn rows(table: &Value, figure: &str) -> Vec<(String, Value)> {
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["key"]["code"].as_str().unwrap().to_owned(), row[figure].clone())).collect()
}

#[actix_web::test]
async fn a_parent_counts_once_and_its_legs_apart_in_their_own_units() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    office.do_leg(&code, 1, &office.police).await;
    let parents = table(&office, &format!("/statistics/units?{OCTOBER}")).await;
    assert_eq!(rows(&parents, "received"), [("H21.106".to_owned(), json!(1))]);
    assert_eq!((&parents["counts"], &parents["total"]["pending"]), (&json!("dossiers"), &json!(1)));

    let legs = table(&office, &format!("/statistics/units?{OCTOBER}&count=legs")).await;
    let one = |unit: &str| (unit.to_owned(), json!(1));
    assert_eq!(rows(&legs, "received"), [one("H21.106"), one("H21.90"), one("H21.92")]);
    assert_eq!((&legs["total"]["early"], &legs["total"]["pending"]), (&json!(2), &json!(1)));

    for (path, expected) in [
        (format!("cell=received&{OCTOBER}"), vec![code.clone()]),
        (format!("cell=early&count=legs&unit=H21.90&{OCTOBER}"), vec![office.leg(&code, 1).await]),
        (format!("cell=pending&count=legs&{OCTOBER}"), vec![office.leg(&code, 2).await]),
    ] {
        let behind = table(&office, &format!("/statistics/dossiers?{path}")).await;
        let codes: Vec<_> = behind["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect();
        assert_eq!(codes, expected, "{path}");
    }
    let form = table(&office, &format!("/reports/06?{OCTOBER}&format=json")).await;
    assert!(form.to_string().matches("\"received\":1").count() <= 2, "row and total of the parent: {form}");
}

#[actix_web::test]
async fn legs_that_wait_or_are_moot_count_nowhere() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    let refusal = json!({ "result": "refused", "reason": "Không đủ điều kiện" });
    office.act(&birth, "finish", &office.mayor, refusal).await.expect(200);
    let legs = table(&office, &format!("/statistics/units?{OCTOBER}&count=legs")).await;
    assert_eq!(rows(&legs, "refused"), [("H21.106".to_owned(), json!(1))]);
    assert_eq!(legs["total"]["received"], 1);
}

#[actix_web::test]
async fn how_soon_legs_are_acknowledged_and_begin_is_measured() {
    let office = Agencies::at("2026-10-05 15:30").await;
    let code = office.received(W6).await;
    // Two working hours end on Tuesday at 07:30.
    office.app.set("2026-10-06 07:30");
    office.do_leg(&code, 0, &office.mayor).await;
    office.app.set("2026-10-06 09:31");
    let residence = office.leg(&code, 1).await;
    office.acknowledge(&residence, &office.police).await;
    let table = table(&office, &format!("/statistics/legs?{OCTOBER}")).await;
    let counts = |figure: &str| rows(&table, figure).into_iter().map(|(_, count)| count).collect::<Vec<_>>();
    let units: Vec<_> = rows(&table, "started").into_iter().map(|(unit, _)| unit).collect();
    assert_eq!(units, ["H21.106", "H21.90", "H21.92"]);
    assert_eq!(counts("acknowledged_in_time"), [1, 0, 0]);
    assert_eq!(counts("acknowledged_late"), [0, 1, 0]);
    assert_eq!(counts("open_late"), [0, 0, 1]);
    assert_eq!(counts("synced_in_time"), [0, 1, 1], "the first leg waited for none");
    assert_eq!(table["total"]["acknowledged_rate"]["text"], "33.33");
    assert_eq!(table["total"]["synced_rate"]["text"], "100.00");

    let officer = office.app.sign_in(Role::Officer, "H21.90");
    let own = office.app.get(&format!("/statistics/legs?{OCTOBER}"), &officer).await.expect(200).body;
    assert_eq!(own["total"]["started"], 1, "of the own unit alone");
}
