//! Charts show the figures of the tables.

use super::given;

const JUNE: &str = "month=2024-06";

#[actix_web::test]
async fn the_rates_of_units_stand_beside_their_bars() {
    let (app, token) = given();
    let chart = app.get(&format!("/statistics/charts/rates?{JUNE}"), &token).await.expect(200);
    assert_eq!(chart.header("content-type"), "image/svg+xml");
    for said in ["Cơ quan H21.16", "66,67 %", "33,33 %", "15/05/2024 – 14/06/2024", "Trước hạn và đúng hạn"]
    {
        assert!(chart.text.contains(said), "{said} in {}", chart.text);
    }
}

#[actix_web::test]
async fn a_trend_has_a_point_for_each_month_in_which_something_was_resolved() {
    let (app, token) = given();
    let chart = app.get("/statistics/charts/trend?quarter=2024-Q2", &token).await.expect(200);
    for month in ["04/2024", "05/2024", "06/2024"] {
        assert!(chart.text.contains(month), "{month} in {}", chart.text);
    }
    assert_eq!(chart.text.matches("<circle").count(), 2);
    let days = app.get("/statistics/charts/trend?from=2024-06-01&to=2024-06-05", &token).await.expect(422);
    assert_eq!(days.faults(), [("?", "no_trend")]);
}

#[actix_web::test]
async fn the_trend_of_a_year_under_way_ends_with_the_month_that_has_begun() {
    let (app, token) = given();
    let chart = app.get("/statistics/charts/trend?calendar_year=2024", &token).await.expect(200);
    assert!(chart.text.contains("07/2024") && !chart.text.contains("08/2024"), "{}", chart.text);
}

#[actix_web::test]
async fn what_is_pending_stands_in_its_age() {
    let (app, token) = given();
    let chart = app.get(&format!("/statistics/charts/ageing?{JUNE}"), &token).await.expect(200);
    assert!(chart.text.contains("1 (quá hạn 1)"), "{}", chart.text);
    assert!(chart.text.contains("31–60 ngày"), "{}", chart.text);
}

#[actix_web::test]
async fn a_chart_as_dots_is_the_same_bytes_each_time() {
    let (app, token) = given();
    let path = format!("/statistics/charts/rates?{JUNE}&format=png");
    let first = app.get(&path, &token).await.expect(200);
    assert_eq!(first.header("content-type"), "image/png");
    assert_eq!(first.bytes[..8], *b"\x89PNG\r\n\x1a\n");
    assert!(first.bytes == app.get(&path, &token).await.bytes);
}

#[actix_web::test]
async fn there_is_no_other_chart() {
    let (app, token) = given();
    let unknown = app.get(&format!("/statistics/charts/pie?{JUNE}"), &token).await.expect(404);
    assert_eq!(unknown.code(), "chart_not_found");
    let format = app.get(&format!("/statistics/charts/rates?{JUNE}&format=gif"), &token).await.expect(422);
    assert_eq!(format.pointers(), ["?format"]);
}
