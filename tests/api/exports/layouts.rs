//! Layouts are data: every one of them says the same in every format, and what makes no sense is refused with its place.

use motcua::app;
use motcua::domain::role::Role;
use motcua::platform::clock::Clock;
use serde_json::Value;

use super::files::{bare, pdf_text, sheet};
use super::given;
use crate::support::app::{TestApp, at};
use crate::support::db::{Holds, config};
use crate::support::rows::World;

const JUNE: &str = "month=2024-06";
/// Those that show figures.
const TABLES: [&str; 8] = ["06", "06a", "06b", "06c", "progress", "provincial", "late", "late-acceptance"];

/// The numbers of a line as JSON has them: counts, then shares in hundredths of a percent.
fn figures(line: &Value) -> Vec<String> {
    let counts = line["counts"].as_array().unwrap().iter().map(ToString::to_string);
    let rates = line["rates"].as_array().unwrap().iter().filter_map(|rate| rate["basis_points"].as_i64());
    counts.chain(rates.map(|points| format!("{},{:02} %", points / 100, points % 100))).collect()
}

/// Columns of a kind, by their place.
fn of_kind(report: &Value, kind: &str) -> Vec<usize> {
    let columns = report["columns"].as_array().unwrap().iter().enumerate();
    columns.filter(|(_, column)| column["kind"] == kind).map(|(place, _)| place).collect()
}

/// Picks what stands under counts, then under shares.
fn picked(row: &[String], report: &Value) -> Vec<String> {
    let places = [of_kind(report, "count"), of_kind(report, "rate")].concat();
    places.iter().map(|place| row[*place].clone()).filter(|text| !text.is_empty()).collect()
}

/// A share stands in a sheet as a part of 1.
fn as_percent(text: &str) -> String {
    let hundredths = (text.parse::<f64>().unwrap() * 10_000.0).round();
    format!("{},{:02} %", (hundredths / 100.0).floor(), hundredths % 100.0)
}

#[actix_web::test]
async fn every_layout_says_the_same_in_every_format() {
    let (app, token) = given();
    for layout in TABLES {
        let path = format!("/reports/{layout}?{JUNE}");
        let report = app.get(&path, &token).await.expect(200).body;
        let mut lines = vec![figures(&report["total"])];
        lines.extend(report["lines"].as_array().unwrap().iter().map(figures));

        let csv = app.get(&format!("{path}&format=csv"), &token).await.expect(200);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(csv.bytes.as_slice());
        let records: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
        let said: Vec<_> = records[7..7 + lines.len()].iter().map(|record| picked(record, &report)).collect();
        assert_eq!(said, lines, "{layout} as csv");

        let xlsx = app.get(&format!("{path}&format=xlsx"), &token).await.expect(200);
        let rows = sheet(&xlsx.bytes);
        let first = rows.iter().position(|row| row[1] == "Tổng cộng").unwrap();
        let rates = of_kind(&report, "rate");
        for (row, line) in rows[first..].iter().zip(&lines) {
            let mut row = row.clone();
            for place in &rates {
                row[*place] =
                    Some(&row[*place]).filter(|text| !text.is_empty()).map_or(String::new(), |t| as_percent(t));
            }
            assert_eq!(&picked(&row, &report), line, "{layout} as xlsx");
        }

        let pdf = app.get(&format!("{path}&format=pdf"), &token).await.expect(200);
        assert_eq!(pdf.header("content-type"), "application/pdf");
        assert_eq!(pdf.bytes, app.get(&format!("{path}&format=pdf"), &token).await.bytes, "{layout} as pdf");
    }
}

#[actix_web::test]
async fn a_pdf_says_what_the_sheet_says() {
    let (app, token) = given();
    let answer = app.get(&format!("/reports/06?{JUNE}&unit=H21.16&format=pdf"), &token).await.expect(200);
    let text = pdf_text(&answer.bytes);
    for said in [
        "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
        "từ ngày 15/05/2024 đến ngày 14/06/2024",
        "Tổng cộng",
        "Đất đai",
        "66,67 %",
        "công dân rút 1",
        "THỦ TRƯỞNG ĐƠN VỊ",
        "Trang 1/1",
    ] {
        assert!(text.contains(&bare(said)), "{said} in {text}");
    }
}

#[actix_web::test]
async fn groups_of_a_report_are_the_sums_of_their_rows() {
    let (app, token) = given();
    let report = app.get(&format!("/reports/06c?{JUNE}"), &token).await.expect(200).body;
    let lines = report["lines"].as_array().unwrap();
    let group = &lines[0];
    assert_eq!(
        (&group["level"], &group["number"], &group["name"]),
        (&"group".into(), &"I".into(), &"Sở, ban, ngành".into())
    );
    let sum = |place: usize| lines[1..].iter().map(|line| line["counts"][place].as_i64().unwrap()).sum::<i64>();
    assert_eq!(
        (0..11).map(sum).collect::<Vec<_>>(),
        serde_json::from_value::<Vec<i64>>(group["counts"].clone()).unwrap()
    );
    assert_eq!(group["counts"], report["total"]["counts"]);
}

#[actix_web::test]
async fn half_years_are_two_quarters_of_the_decree_or_of_the_calendar() {
    let (app, token) = given();
    for (asked, text) in [
        ("half_year=2024-H1", "6 tháng đầu năm 2024 (từ ngày 15/12/2023 đến ngày 14/06/2024)"),
        ("calendar_half_year=2024-H1", "6 tháng đầu năm 2024 (từ ngày 01/01/2024 đến ngày 30/06/2024)"),
        // Under way, so that it does not look final.
        (
            "calendar_half_year=2024-H2",
            "6 tháng cuối năm 2024 (từ ngày 01/07/2024 đến ngày 31/12/2024; \
             kỳ chưa kết thúc, số liệu tính đến ngày 01/07/2024)",
        ),
        ("half_year=2023-H2", "6 tháng cuối năm 2023 (từ ngày 15/06/2023 đến ngày 14/12/2023)"),
    ] {
        let report = app.get(&format!("/reports/06?{asked}"), &token).await.expect(200).body;
        assert_eq!(report["period_text"], format!("Kỳ báo cáo: {text}"));
    }
    let wrong = app.get("/reports/06?half_year=2024-H3", &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?half_year", "no_such_part")]);
}

#[actix_web::test]
async fn what_would_look_like_zero_is_refused() {
    let (app, token) = given();
    let unknown = app.get(&format!("/reports/07?{JUNE}"), &token).await.expect(404);
    assert_eq!(unknown.code(), "layout_not_found");
    app.get(&format!("/reports/0%006?{JUNE}"), &token).await.expect(404);
    let future = app.get("/reports/06?month=2024-09", &token).await.expect(422);
    assert_eq!(future.faults(), [("?from", "period_in_the_future")]);
    let early = app.get("/reports/06?year=2018&unit=H21.16", &token).await.expect(422);
    assert_eq!(early.faults(), [("?unit", "unit_not_in_period")]);
    let register = app.get(&format!("/reports/register?{JUNE}"), &token).await.expect(422);
    assert_eq!(register.faults(), [("layout", "register_is_a_job")]);
}

#[actix_web::test]
async fn a_period_beyond_the_calendar_is_refused() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let controller = app.sign_in(Role::Controller, "H21");
    let beyond = app.get("/reports/06?from=2026-01-01&to=2199-01-01", &controller).await.expect(422);
    assert_eq!(beyond.faults(), [("?to", "period_beyond_calendar")]);
}

const MINE: &str = "like = \"06\"\nabout = \"Của tỉnh\"\nfile = \"cua-tinh\"\n\
    columns = [{ name = \"Lĩnh vực\", shows = \"name\" }, { name = \"Muộn\", shows = \"late + pending_overdue\" }]";

#[actix_web::test]
async fn a_file_in_the_operators_directory_is_a_form_and_no_code() {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |config| {
        config.exports.layouts_dir = config.data.dir.clone();
    });
    World::lay(&mut app.db.connect());
    let token = app.sign_in(Role::Controller, "H21");
    std::fs::write(app.dir.path().join("mine.toml"), MINE).unwrap();
    let listed = app.get("/reports", &token).await.expect(200);
    assert!(listed.codes().contains(&"mine") && listed.codes().contains(&"06"), "{}", listed.text);
    let report = app.get(&format!("/reports/mine?{JUNE}"), &token).await.expect(200).body;
    assert_eq!(
        (&report["total"]["counts"], &report["columns"][1]["shows"]),
        (&serde_json::json!([0]), &"late + pending_overdue".into())
    );

    std::fs::write(app.dir.path().join("mine.toml"), MINE.replace("late +", "latest +")).unwrap();
    let broken = app.get(&format!("/reports/mine?{JUNE}"), &token).await.expect(409);
    assert_eq!(broken.code(), "layout_broken");
    for said in ["mine.toml", "columns.Muộn.shows", "latest"] {
        assert!(broken.text.contains(said), "{said} in {}", broken.text);
    }
    let mut settings = config();
    settings.exports.layouts_dir = app.dir.path().to_owned();
    let Err(refused) = app::state(settings, &app.db.url, Clock::manual(at("2024-07-01 08:00"))) else {
        panic!("a house with a broken form has started");
    };
    assert!(refused.to_string().contains("mine.toml"), "{refused}");
}
