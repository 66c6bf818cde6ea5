//! The open routes of the catalogue.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::given::{Copy, House};

#[actix_web::test]
async fn all_units_are_listed_and_paged_by_their_codes() {
    let house = House::with_province();
    let all = house.get("/api/v1/units").await;
    assert_eq!(all.codes().len(), 41);
    assert_eq!(all.body["next_cursor"], Value::Null);
    let mut seen = Vec::new();
    let mut path = "/api/v1/units?limit=15".to_owned();
    loop {
        let page = house.get(&path).await;
        seen.extend(page.codes().into_iter().map(str::to_owned));
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/units?limit=15&cursor={cursor}");
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
    let unit = house.get("/api/v1/units/H08.50.12").await;
    assert_eq!(unit.status, StatusCode::OK);
    assert_eq!(unit.body["code"], "H21.236");
    assert_eq!(unit.body["parent"], "H21");
    assert_eq!(house.get("/api/v1/units/H99").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn drafts_are_not_listed_and_not_shown() {
    let house = House::with_province();
    let first = house.get("/api/v1/procedures?limit=200").await;
    assert_eq!(first.codes().len(), 100);
    assert!(!first.codes().contains(&"1.014755"));
    let draft = house.get("/api/v1/procedures/1.014755").await;
    assert_eq!(draft.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn procedures_are_found_without_accents_by_code_field_and_unit() {
    let house = House::with_province();
    let found = |query: &'static str| {
        let house = &house;
        async move {
            let page = house.get(&format!("/api/v1/procedures?limit=200&{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
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
        let answer = house.get(&format!("/api/v1/procedures?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[actix_web::test]
async fn a_procedure_is_shown_with_terms_cases_fees_of_the_day_and_steps() {
    let house = House::with_province();
    let origin = house.get("/api/v1/procedures/1.000603").await.body;
    assert_eq!(origin["by_channel"], json!({"direct": 8, "online": 6, "postal": 24}));
    assert_eq!(origin["fees"].as_array().unwrap().len(), 1);
    assert_eq!(origin["fees"][0]["amount_vnd"], 30_000);
    let later = house.get("/api/v1/procedures/1.000603?as_of=2027-01-01").await.body;
    assert_eq!(later["fees"][0]["amount_vnd"], 60_000);
    let split = house.get("/api/v1/procedures/1.115343").await.body;
    assert_eq!(split["term"], json!({"amount": 9, "unit": "working_day"}));
    assert_eq!(split["hard_area"], 19);
    assert_eq!(split["excludes_external_time"], true);
    assert_eq!(split["resolved_by"][0]["unit"]["code"], "H21.24.01");
    assert_eq!(split["process"]["steps"].as_array().unwrap().len(), 7);
    let marriage = house.get("/api/v1/procedures/1.000894").await.body;
    assert_eq!(marriage["cases"][0]["code"], "verification");
    assert_eq!(marriage["cases"][0]["amount"], 5);
    assert_eq!(marriage["resolved_by"], json!([{"kind": "commune"}]));
}

#[actix_web::test]
async fn a_year_of_the_calendar_is_shown_or_not_found() {
    let house = House::with_province();
    let year = house.get("/api/v1/calendars/2026").await.body;
    assert_eq!(year["state"], "published");
    assert_eq!(year["work"], json!(["2026-01-10", "2026-08-22"]));
    assert_eq!(year["working_time"][0], json!({"from": "07:00", "to": "11:30"}));
    let provisional = house.get("/api/v1/calendars/2027").await.body;
    assert_eq!(provisional["state"], "provisional");
    for year in ["2030", "0", "-1", "next", "99999999999"] {
        let answer = house.get(&format!("/api/v1/calendars/{year}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{year}");
    }
}

#[actix_web::test]
async fn who_has_the_answer_already_is_told_so_until_an_import() {
    let house = House::with_province();
    for path in ["/api/v1/units", "/api/v1/procedures", "/api/v1/calendars/2026"] {
        let tag = house.get(path).await.tag;
        let again = || TestRequest::get().uri(path).insert_header(("If-None-Match", tag.clone()));
        assert_eq!(house.ask(again()).await.status, StatusCode::NOT_MODIFIED, "{path}");
        let copy = Copy::new();
        copy.change_row("units.json", "H21.20", |row| row["name"] = json!(format!("Sở {path}")));
        house.load(copy.path()).unwrap();
        assert_eq!(house.ask(again()).await.status, StatusCode::OK, "{path}");
    }
}

#[actix_web::test]
async fn an_empty_catalogue_answers_too() {
    let house = House::empty();
    assert_eq!(house.get("/api/v1/units").await.codes().len(), 0);
    assert_eq!(house.get("/api/v1/procedures").await.codes().len(), 0);
}

#[actix_web::test]
async fn who_asks_too_often_is_told_to_wait() {
    let house = House::with_province();
    let mut refused = 0;
    for _ in 0..2_000 {
        let answer = house.get("/api/v1/calendars/1").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused += 1;
            break;
        }
    }
    assert_eq!(refused, 1);
}
