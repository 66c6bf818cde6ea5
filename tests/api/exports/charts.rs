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

/// Two dozen names of months would lie on each other.
#[actix_web::test]
async fn a_trend_of_two_years_names_every_second_month_and_the_last() {
    let (app, token) = given();
    let years = "/statistics/charts/trend?from=2022-07-01&to=2024-07-01";
    let chart = app.get(years, &token).await.expect(200);
    for (month, is_told) in
        [("06/2024", true), ("05/2024", false), ("04/2024", true), ("08/2022", true), ("07/2022", false)]
    {
        // The title has both dates.
        let stands = chart.text.lines().any(|line| line.trim() == month);
        assert_eq!(stands, is_told, "{month} in {}", chart.text);
    }
}

#[actix_web::test]
async fn a_chart_says_of_whom_it_is_and_until_when_was_counted() {
    let (app, token) = given();
    for chart in ["rates", "trend", "ageing"] {
        let path = format!("/statistics/charts/{chart}?calendar_month=2024-07");
        let of_one = app.get(&format!("{path}&unit=H21.16"), &token).await.expect(200);
        for said in ["Cơ quan H21.16 (H21.16)", "kỳ chưa kết thúc, số liệu tính đến ngày 01/07/2024"] {
            assert!(of_one.text.contains(said), "{said} in {}", of_one.text);
        }
        let of_all = app.get(&format!("/statistics/charts/{chart}?{JUNE}"), &token).await.expect(200);
        assert!(of_all.text.contains("Toàn tỉnh") && !of_all.text.contains("chưa kết thúc"), "{}", of_all.text);
    }
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
