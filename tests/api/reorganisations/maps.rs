//! Figures by the map of then and by the map of now, each leading to its dossiers.

use serde_json::{Value, json};

use super::given::{HEIR, OTHER_HEIR, Reorganised, received, split};
use crate::support::office::{DEPARTMENT, Office};

const DECEMBER: &str = "calendar_month=2026-12";

fn row(code: &str, name: &str, count: i64) -> (String, String, i64) {
    (code.to_owned(), name.to_owned(), count)
}

async fn behind(given: &Reorganised, query: &str) -> Vec<Value> {
    let found = given.statistics(&format!("dossiers?cell=received&{DECEMBER}&{query}")).await;
    found["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect()
}

#[actix_web::test]
async fn what_an_ended_unit_did_stands_in_its_own_row_then_and_in_those_of_who_follow_now() {
    let given = Reorganised::new().await;
    let [rest, other, done] = given.dossiers().await;
    given.decided(&split()).await;
    given.new_year().await;
    let then = given.statistics(&format!("units?{DECEMBER}")).await;
    assert_eq!(received(&then), [row(DEPARTMENT, "Sở Tư pháp", 3)]);
    let now = given.statistics(&format!("units?{DECEMBER}&map=now")).await;
    let expected = [row(HEIR, "Sở Nội vụ và Tư pháp", 2), row(OTHER_HEIR, "Sở Hộ tịch", 1)];
    assert_eq!((received(&now), &now["map"]), (expected.to_vec(), &json!("now")));
    assert_eq!(then["total"], now["total"], "the same dossiers, however they are put in rows");

    assert_eq!(behind(&given, &format!("map=now&unit={OTHER_HEIR}")).await, [json!(other)]);
    assert_eq!(behind(&given, &format!("map=now&group=unit&group_key={HEIR}")).await, [json!(rest), json!(done)]);
    assert_eq!(behind(&given, &format!("unit={DEPARTMENT}")).await.len(), 3);
    let january = given.statistics("units?calendar_month=2027-01").await;
    let expected = [row(HEIR, "Sở Nội vụ và Tư pháp", 1), row(OTHER_HEIR, "Sở Hộ tịch", 1)];
    assert_eq!(received(&january), expected, "carried over to where they are resolved");
}

#[actix_web::test]
async fn who_leads_the_unit_that_follows_reads_the_figures_of_the_ended_one() {
    let given = Reorganised::new().await;
    given.dossiers().await;
    given.decided(&split()).await;
    given.new_year().await;
    let Office { app, leader, .. } = &given.office;
    let own = app.get(&format!("/statistics/units?{DECEMBER}&map=now"), leader).await.expect(200).body;
    assert_eq!(received(&own), [row(HEIR, "Sở Nội vụ và Tư pháp", 2)]);
    let of_before = format!("/statistics/units?{DECEMBER}&unit={DEPARTMENT}");
    assert_eq!(received(&app.get(&of_before, leader).await.expect(200).body), [row(DEPARTMENT, "Sở Tư pháp", 3)]);
}

#[actix_web::test]
async fn a_renamed_unit_is_called_in_figures_as_it_was_called_then() {
    let given = Reorganised::new().await;
    let [rest, ..] = given.dossiers().await;
    let plan = json!({
        "code": "QD-2-2027", "source": "Quyết định 2/QĐ-UBND", "on": "2027-01-01",
        "renames": [{ "unit": DEPARTMENT, "code": "H21.36", "name": "Sở Tư pháp và Pháp chế" }],
    });
    given.decided(&plan).await;
    given.new_year().await;
    let shown = given.office.show(&rest).await;
    assert_eq!((&shown["code"], &shown["resolving_unit"]), (&json!(rest), &json!("H21.36")));
    let then = given.statistics(&format!("units?{DECEMBER}")).await;
    assert_eq!(received(&then), [row(DEPARTMENT, "Sở Tư pháp", 3)]);
    let now = given.statistics(&format!("units?{DECEMBER}&map=now")).await;
    assert_eq!(received(&now), [row("H21.36", "Sở Tư pháp và Pháp chế", 3)]);
    assert_eq!(behind(&given, &format!("group=unit&group_key={DEPARTMENT}")).await.len(), 3, "by the code of then");
    let unit = given.office.app.read(&format!("/units/{DEPARTMENT}")).await.expect(200).body;
    assert_eq!(unit["code"], "H21.36", "the old code still leads there");
}
