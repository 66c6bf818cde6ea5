//! The routes: what they print, who may read what, and how wrong questions are answered.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::bare::{Ask, Bare};
use crate::support::rows::{Deed, History, World, at, put};

const JUNE: &str = "/api/v1/statistics/units?month=2024-06";

fn given() -> (Bare, World) {
    let bare = Bare::at(at("2024-07-01 08:00"));
    let mut conn = bare.conn();
    let world = World::lay(&mut conn);
    let life = || History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00");
    let lives = [
        life().online().then("2024-05-24 16:00", Deed::Finish),
        life().then("2024-05-27 16:00", Deed::Finish),
        life().then("2024-05-29 16:00", Deed::Finish),
        History { unit: "H21.24.01", ..life() },
    ];
    for life in &lives {
        put(&mut conn, &world, &bare.state.vault, life);
    }
    (bare, world)
}

fn codes(table: &Value) -> Vec<&str> {
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| row["key"]["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_table_prints_both_dates_and_exact_rates() {
    let (bare, world) = given();
    let token = bare.signed(Role::Controller, world.units["H21"]);
    let table = bare.get(JUNE, &token).await.json();
    let period = json!({ "from": "2024-05-15", "to": "2024-06-15", "text": "15/05/2024 – 14/06/2024",
        "name": "Tháng 6 năm 2024", "rule": "decree_09_2019" });
    assert_eq!(table["period"], period);
    assert_eq!(table["as_of"], "2024-07-01T08:00:00+07:00");
    let row = &table["rows"][0];
    assert_eq!(row["key"]["code"], "H21.16");
    let rate = json!({ "numerator": 2, "denominator": 3, "basis_points": 6667, "text": "66.67", "definition": "on_time_rate" });
    assert_eq!(row["on_time_rate"], rate);
    assert_eq!((&row["received"], &row["resolved"], &row["pending"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(table["rows"][1]["early_rate"]["text"], Value::Null);
    assert_eq!(table["total"]["received"], 4);
}

#[actix_web::test]
async fn every_figure_of_a_row_has_its_definition() {
    let (bare, world) = given();
    let token = bare.signed(Role::Auditor, world.units["H21"]);
    let table = bare.get(JUNE, &token).await.json();
    let definitions = bare.get("/api/v1/statistics/definitions", &token).await.json();
    let named: Vec<_> = definitions["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
    for figure in table["total"].as_object().unwrap().keys().filter(|name| *name != "key") {
        assert!(named.contains(&json!(figure)), "{figure} is not defined");
    }
}

#[actix_web::test]
async fn an_officer_sees_the_own_unit_and_below_only() {
    let (bare, world) = given();
    let land = bare.signed(Role::Officer, world.units["H21.24"]);
    assert_eq!(codes(&bare.get(JUNE, &land).await.json()), ["H21.24.01"]);
    for foreign in ["H21.16", "H21", "H99", "'; DROP TABLE dossiers"] {
        let path = format!("{JUNE}&unit={}", foreign.replace(' ', "%20"));
        let answer = bare.get(&path, &land).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "unit_not_found".to_owned()), "{foreign}");
    }
    let all = bare.signed(Role::CentreHead, world.units["H21.01"]);
    assert_eq!(codes(&bare.get(JUNE, &all).await.json()), ["H21.16", "H21.24.01"]);
    let one = bare.get(&format!("{JUNE}&unit=H21.24"), &all).await.json();
    assert_eq!(codes(&one), ["H21.24.01"]);
    assert_eq!(one["unit"]["code"], "H21.24");
}

#[actix_web::test]
async fn whoever_may_not_read_figures_is_refused() {
    let (bare, world) = given();
    for (token, status) in [
        (bare.signed(Role::Clerk, world.units["H21.01"]), 403),
        (bare.signed(Role::Admin, world.units["H21"]), 403),
        ("mcs_unknown".to_owned(), 401),
    ] {
        for path in [JUNE, "/api/v1/statistics/dossiers?month=2024-06&cell=late", "/api/v1/reports/06?month=2024-06"] {
            assert_eq!(bare.get(path, &token).await.status.as_u16(), status, "{path}");
        }
    }
}

#[actix_web::test]
async fn a_cell_leads_to_its_dossiers() {
    let (bare, world) = given();
    let token = bare.signed(Role::Leader, world.units["H21.16"]);
    let list = bare.get("/api/v1/statistics/dossiers?month=2024-06&cell=late", &token).await.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["ended_at"], "2024-05-29T16:00:00+07:00");
    assert_eq!(items[0]["due_at"], "2024-05-27T17:00:00+07:00");
    assert_eq!(items[0]["standing"], "late");
    assert_eq!(list["next_cursor"], Value::Null);
    let foreign = "/api/v1/statistics/dossiers?month=2024-06&cell=pending&group=unit&group_key=H21.24.01";
    assert_eq!(bare.get(foreign, &token).await.json()["items"], json!([]));
}

#[actix_web::test]
async fn wrong_questions_are_told_all_at_once() {
    let (bare, world) = given();
    let token = bare.signed(Role::Controller, world.units["H21"]);
    let answer = bare.get("/api/v1/statistics/dossiers?from=2024-13-01&cell=lateness&group=planet", &token).await;
    assert_eq!(answer.status.as_u16(), 422);
    let pointers: Vec<_> =
        answer.json()["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].clone()).collect();
    assert_eq!(pointers, ["?cell", "?group", "?group_key", "?from", "?to"]);
    for (query, status) in [
        ("from=2024-06-01&to=2024-06-01", 422),
        ("from=2024-06-02&to=2024-06-01", 422),
        ("from=0001-01-01&to=9999-01-01", 422),
        ("month=2024-06&unit=%00", 422),
        ("month=2024-06&colour=red", 422),
        ("", 422),
        ("from=2024-06-01&to=2024-06-02&unit=H21.16", 200),
        ("quarter=2024-Q2", 200),
        ("year=2024", 200),
        ("calendar_month=2024-06", 200),
        ("from=2199-01-01&to=2199-06-01", 200),
    ] {
        let path = format!("/api/v1/statistics/units?{query}");
        let answer = bare.ask(Ask { path: &path, token: Some(&token), ..Ask::default() }).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
    }
}
