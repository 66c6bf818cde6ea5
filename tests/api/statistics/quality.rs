//! The index of service quality: what it counts, what it scores, what it can't, and the dossiers behind it.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

const JUNE: &str = "/statistics/quality?month=2024-06";

/// Five dossiers of June 2024: early, on time, late, pending in time, and early but asked for papers twice.
fn given() -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = || History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00");
    let lives = [
        life().online().then("2024-05-24 16:00", Deed::Finish),
        life().then("2024-05-27 16:00", Deed::Finish),
        life().then("2024-05-29 16:00", Deed::Finish),
        History::new("H21.18", "2024-06-10 08:00", "2024-06-20 17:00"),
        life().then("2024-05-24 16:00", Deed::Finish),
    ];
    let put = lives.map(|life| put(&mut conn, &world, &app.state.vault, &life));
    for day in [21, 22] {
        let pause = format!(
            "INSERT INTO dossier_pauses (id, dossier_id, kind, effect, back_to, opened_at, closed_at, reason) VALUES \
             (gen_random_uuid(), '{}', 'supplement', 'resume', 'processing', '2024-05-{day} 02:00+00', \
              '2024-05-{day} 03:00+00', 'thiếu')",
            put[4].id
        );
        conn.batch_execute(&pause).unwrap();
    }
    app
}

fn indicator(index: &Value, name: &str) -> Value {
    let groups = index["groups"].as_array().unwrap().iter();
    let mut all = groups.flat_map(|group| group["indicators"].as_array().unwrap());
    all.find(|one| one["indicator"] == name).unwrap().clone()
}

#[actix_web::test]
async fn pending_in_time_counts_and_papers_asked_for_twice_do_not() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let index = app.get(JUNE, &token).await.expect(200).body;
    let on_time = indicator(&index, "resolved_on_time");
    assert_eq!((&on_time["numerator"], &on_time["denominator"]), (&json!(3), &json!(5)));
    assert_eq!((&on_time["score"], &on_time["max"]), (&json!("12.00"), &json!(20)));
    assert_eq!(indicator(&index, "dossier_receiving_satisfaction")["score"], "4.00");
    assert_eq!(index["scored"], json!({ "score": "16.00", "max": 26 }));
    let own = &index["own_rates"][0];
    assert_eq!((&own["rate"]["text"], &own["rate"]["definition"]), (&json!("75.00"), &json!("on_time_rate")));
    assert!(own["differs_vi"].as_str().unwrap().contains("766"));
}

#[actix_web::test]
async fn every_group_and_indicator_is_called_by_its_name_in_both_languages() {
    let app = given();
    let token = app.sign_in(Role::Auditor, "H21");
    let index = app.get(JUNE, &token).await.expect(200).body;
    let groups = index["groups"].as_array().unwrap();
    assert_eq!((&groups[0]["code"], &groups[0]["vi"]), (&json!("CKMB"), &json!("Công khai, minh bạch")));
    assert_eq!(indicator(&index, "resolved_on_time")["vi"], "Hồ sơ giải quyết đúng hạn");
    let mut names = std::collections::BTreeSet::new();
    let indicators = groups.iter().flat_map(|group| group["indicators"].as_array().unwrap());
    for one in indicators.chain(groups).chain(index["own_rates"].as_array().unwrap()) {
        for language in ["vi", "en"] {
            let name = one[language].as_str().unwrap_or_default();
            assert!(!name.is_empty() && names.insert(name.to_owned()), "{language} of {one}");
        }
    }
}

#[actix_web::test]
async fn what_can_not_be_computed_says_why_and_scores_nothing() {
    let app = given();
    let token = app.sign_in(Role::Auditor, "H21");
    let index = app.get(JUNE, &token).await.expect(200).body;
    let groups = index["groups"].as_array().unwrap();
    assert_eq!(groups.iter().map(|group| group["max"].as_i64().unwrap()).sum::<i64>(), 100);
    for one in groups.iter().flat_map(|group| group["indicators"].as_array().unwrap()) {
        let is_scored = one["score"].is_string();
        assert_eq!(is_scored, one["not_computable"].is_null(), "{one}");
        assert!(is_scored || one["not_computable"]["code"].is_string() && one["not_computable"]["vi"].is_string());
    }
    let online = indicator(&index, "online_dossiers");
    assert_eq!((&online["numerator"], &online["denominator"]), (&json!(1), &json!(5)));
    assert_eq!(online["not_computable"]["code"], "split_unknown");
    let procedures = indicator(&index, "online_procedures");
    assert_eq!((&procedures["numerator"], &procedures["denominator"]), (&json!(1), &json!(1)));
    assert_eq!((&procedures["threshold_percent"], &procedures["counts"]), (&json!(80), &json!("procedures")));
    assert_eq!(procedures["not_computable"]["code"], "online_offer_unknown");
    assert_eq!(indicator(&index, "paid_online_procedures")["not_computable"]["code"], "no_payment_way");
    let nothing = app.get("/statistics/quality?month=2020-06", &token).await.expect(200).body;
    assert_eq!(indicator(&nothing, "resolved_on_time")["score"], Value::Null);
}

#[actix_web::test]
async fn every_count_of_the_index_leads_to_its_dossiers() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let index = app.get(JUNE, &token).await.expect(200).body;
    for one in index["groups"].as_array().unwrap().iter().flat_map(|group| group["indicators"].as_array().unwrap()) {
        for (cell, count) in [("numerator_cell", "numerator"), ("denominator_cell", "denominator")] {
            let Some(cell) = one[cell].as_str() else { continue };
            let path = format!("/statistics/quality/dossiers?month=2024-06&cell={cell}");
            let behind = app.get(&path, &token).await.expect(200);
            let of = if one["counts"] == "procedures" { "procedure_code" } else { "code" };
            let names: BTreeSet<_> = behind.items().iter().map(|item| item[of].as_str().unwrap()).collect();
            assert_eq!(json!(names.len()), one[count], "{cell} of {}", one["indicator"]);
        }
    }
    let twice = app.get("/statistics/quality/dossiers?month=2024-06&cell=asked_again", &token).await.expect(200);
    assert_eq!(twice.items().len(), 1);
    let wrong = app.get("/statistics/quality/dossiers?month=2024-06&cell=shoe", &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?cell", "unknown_word")]);
}

#[actix_web::test]
async fn a_leader_reads_the_index_of_every_unit_and_an_officer_of_the_own() {
    let app = given();
    let foreign = format!("{JUNE}&unit=H21.18");
    let leader = app.sign_in(Role::Leader, "H21.16");
    let index = app.get(&foreign, &leader).await.expect(200).body;
    assert_eq!(indicator(&index, "resolved_on_time")["denominator"], 1);
    let behind = "/statistics/quality/dossiers?month=2024-06&cell=to_resolve&unit=H21.18";
    assert_eq!(app.get(behind, &leader).await.expect(404).code(), "unit_not_found");
    let officer = app.sign_in(Role::Officer, "H21.16");
    assert_eq!(app.get(&foreign, &officer).await.expect(404).code(), "unit_not_found");
    assert_eq!(indicator(&app.get(JUNE, &officer).await.expect(200).body, "resolved_on_time")["denominator"], 4);
}
