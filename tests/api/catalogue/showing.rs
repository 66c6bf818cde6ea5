//! The open routes of the catalogue.

use serde_json::{Value, json};

use super::given::{Copy, House};
use crate::support::app::TestApp;
use crate::support::db::Holds;

#[actix_web::test]
async fn all_units_are_listed_and_paged_by_their_codes() {
    let house = House::with_province();
    let all = house.app.read("/units").await;
    assert_eq!(all.codes().len(), 41);
    assert_eq!(all.body["next_cursor"], Value::Null);
    let mut seen = Vec::new();
    let mut path = "/units?limit=15".to_owned();
    loop {
        let page = house.app.read(&path).await;
        seen.extend(page.codes().into_iter().map(str::to_owned));
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/units?limit=15&cursor={cursor}");
    }
    assert_eq!(seen, all.codes());
}

#[actix_web::test]
async fn a_unit_is_found_by_a_former_code_and_shown_with_that_of_today() {
    let house = House::empty();
    let copy = Copy::new();
    copy.change_row("units.json", "H21.236", |row| {
        row["former_codes"] = json!([{"code": "H08.50.12", "valid_to": "2025-07-01"}]);
    });
    house.load(copy.path()).unwrap();
    let unit = house.app.read("/units/H08.50.12").await;
    assert_eq!(unit.status, 200);
    assert_eq!(unit.body["code"], "H21.236");
    assert_eq!(unit.body["parent"], "H21");
    assert_eq!(house.app.read("/units/H99").await.status, 404);
}

#[actix_web::test]
async fn drafts_are_not_listed_and_not_shown() {
    let house = House::with_province();
    let first = house.app.read("/procedures?limit=200").await;
    assert_eq!(first.codes().len(), 100);
    assert!(!first.codes().contains(&"1.014755"));
    let draft = house.app.read("/procedures/1.014755").await;
    assert_eq!(draft.status, 404);
}

#[actix_web::test]
async fn procedures_are_found_without_accents_by_code_field_and_unit() {
    let house = House::with_province();
    let found = |query: &'static str| {
        let house = &house;
        async move {
            let page = house.app.read(&format!("/procedures?limit=200&{query}")).await;
            assert_eq!(page.status, 200, "{query}");
            page.codes().into_iter().map(str::to_owned).collect::<Vec<_>>()
        }
    };
    assert!(found("q=khai%20sinh").await.contains(&"1.001193".to_owned()));
    assert!(found("q=KHAI%20dang%20ky").await.contains(&"1.001193".to_owned()));
    assert!(found("q=%C4%91%E1%BA%A5t").await.contains(&"1.115343".to_owned()));
    assert_eq!(found("q=1.000603").await, ["1.000603"]);
    assert_eq!(found("q=khongcogi").await, Vec::<String>::new());
    assert_eq!(found("unit=H21.05").await, ["1.000603"]);
    assert_eq!(found("field=G09-NV23").await, ["2.001955"]);
    assert_eq!(found("as_of=2022-12-31").await, Vec::<String>::new());
}

#[actix_web::test]
async fn wrong_queries_are_422() {
    let house = House::with_province();
    for query in
        ["unit=H99", "field=none", "as_of=yesterday", "limit=0", "limit=201", "limit=x", "cursor=!", "colour=red"]
    {
        let answer = house.app.read(&format!("/procedures?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
    }
}

#[actix_web::test]
async fn a_procedure_is_shown_with_terms_cases_fees_of_the_day_and_steps() {
    let house = House::with_province();
    let origin = house.app.read("/procedures/1.000603").await.body;
    assert_eq!(origin["by_channel"], json!({"direct": 8, "online": 6, "postal": 24}));
    assert_eq!(origin["fees"].as_array().unwrap().len(), 1);
    assert_eq!(origin["fees"][0]["amount_vnd"], 30_000);
    let later = house.app.read("/procedures/1.000603?as_of=2027-01-01").await.body;
    assert_eq!(later["fees"][0]["amount_vnd"], 60_000);
    let split = house.app.read("/procedures/1.115343").await.body;
    assert_eq!(split["term"], json!({"amount": 9, "unit": "working_day"}));
    assert_eq!(split["hard_area"], 19);
    assert_eq!(split["excludes_external_time"], true);
    assert_eq!(split["resolved_by"][0]["unit"]["code"], "H21.24.01");
    assert_eq!(split["process"]["steps"].as_array().unwrap().len(), 7);
    let marriage = house.app.read("/procedures/1.000894").await.body;
    assert_eq!(marriage["cases"][0]["code"], "verification");
    assert_eq!(marriage["cases"][0]["amount"], 5);
    assert_eq!(marriage["resolved_by"], json!([{"kind": "commune"}]));
}

#[actix_web::test]
async fn a_year_of_the_calendar_is_shown_or_not_found() {
    let house = House::with_province();
    let year = house.app.read("/calendars/2026").await.body;
    assert_eq!(year["state"], "published");
    assert_eq!(year["work"], json!(["2026-01-10", "2026-08-22"]));
    assert_eq!(year["working_time"][0], json!({"from": "07:00", "to": "11:30"}));
    let provisional = house.app.read("/calendars/2027").await.body;
    assert_eq!(provisional["state"], "provisional");
    for year in ["2030", "0", "-1", "next", "99999999999"] {
        let answer = house.app.read(&format!("/calendars/{year}")).await;
        assert_eq!(answer.status, 404, "{year}");
    }
}

#[actix_web::test]
async fn who_has_the_answer_already_is_told_so_until_an_import() {
    let house = House::with_province();
    for path in ["/units", "/procedures", "/calendars/2026"] {
        let shown = house.app.read(path).await;
        let again = || {
            let request = house.app.http.get(house.app.url(path));
            house.app.send(request.header("If-None-Match", shown.header("etag")))
        };
        assert_eq!(again().await.status, 304, "{path}");
        let copy = Copy::new();
        copy.change_row("units.json", "H21.20", |row| row["name"] = json!(format!("Sở {path}")));
        house.load(copy.path()).unwrap();
        assert_eq!(again().await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn an_empty_catalogue_answers_too() {
    let house = House::empty();
    assert_eq!(house.app.read("/units").await.codes().len(), 0);
    assert_eq!(house.app.read("/procedures").await.codes().len(), 0);
}

#[actix_web::test]
async fn who_asks_too_often_is_told_to_wait() {
    let app = TestApp::over(Holds::Nothing, "2026-11-21 08:00", |config| config.limits.catalogue_per_second = 5);
    let asked = (0..60).map(|_| app.read("/calendars/1"));
    let answers = futures_util::future::join_all(asked).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!((1..=55).contains(&refused.len()), "{}", refused.len());
    assert!(refused.iter().all(|answer| answer.header("retry-after") == "1"));
}
