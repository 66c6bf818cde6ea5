//! Reports in their layouts: what a file says is what the API says.

mod charts;
mod files;
mod jobs;
mod layouts;
mod mailing;
mod names;
mod pdf;
mod register;
mod whole;
mod year;

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use motcua::config::Config;
use motcua::domain::role::Role;

use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

const JUNE: &str = "month=2024-06&unit=H21.16";

pub fn given() -> (TestApp, String) {
    given_with(|_| {})
}

/// As [`given`], with other settings.
pub fn given_with(change: impl FnOnce(&mut Config)) -> (TestApp, String) {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", change);
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = || History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00");
    let lives = [
        life().online().then("2024-05-24 16:00", Deed::Finish),
        life().then("2024-05-29 16:00", Deed::Finish),
        life().then("2024-05-22 16:00", Deed::Withdraw),
        History { hourly: true, ..History::new("H21.16", "2024-05-10 08:00", "2024-05-10 16:00") },
    ];
    for life in &lives {
        put(&mut conn, &world, &app.state.vault, life);
    }
    let token = app.sign_in(Role::Controller, "H21");
    (app, token)
}

fn sheet(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range("Biểu 06").unwrap();
    let text = |cell: &Data| match cell {
        Data::Float(number) => format!("{number}"),
        other => other.to_string(),
    };
    // From the sheet's first cell, whatever the range begins with.
    let (top, left) = range.start().unwrap();
    assert_eq!((top, left), (0, 0));
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

const TOTAL: [&str; 13] = ["", "Tổng cộng", "4", "1", "2", "1", "3", "1", "1", "1", "1", "0", "1"];
const LAND: [&str; 13] = ["1", "Đất đai", "3", "1", "2", "0", "3", "1", "1", "1", "0", "0", "0"];
const TRADE: [&str; 13] = ["2", "Ngoại thương", "1", "0", "0", "1", "0", "0", "0", "0", "1", "0", "1"];

#[actix_web::test]
async fn the_sheet_has_the_thirteen_columns_of_the_form() {
    let (app, token) = given();
    let answer = app.get(&format!("/reports/06?{JUNE}&format=xlsx"), &token).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-disposition").contains("bieu-06_H21.16_2024-05-15_2024-06-14.xlsx"));
    let rows = sheet(&answer.bytes);
    assert_eq!(rows[2], [""; 13], "room below what stands above");
    assert_eq!(rows[3][0], "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH");
    assert_eq!(rows[4][0], "Kỳ báo cáo: Tháng 6 năm 2024 (từ ngày 15/05/2024 đến ngày 14/06/2024)");
    assert!(rows[0][6].contains("H21.16"));
    let numbers: Vec<_> = (1..=13).map(|n| format!("({n})")).collect();
    assert_eq!(rows[10], numbers);
    assert_eq!(rows[11], TOTAL);
    assert_eq!(rows[12], LAND);
    assert_eq!(rows[13], TRADE);
    assert!(rows[14][0].contains("công dân rút 1"), "{:?}", rows[14]);
    assert!(rows[15][0].contains("66,67 %"), "{:?}", rows[15]);
    assert!(rows.iter().any(|row| row.iter().any(|cell| cell == "THỦ TRƯỞNG ĐƠN VỊ")));
}

#[actix_web::test]
async fn the_same_report_is_the_same_bytes() {
    let (app, token) = given();
    let path = format!("/reports/06?{JUNE}&format=xlsx");
    let first = app.get(&path, &token).await.bytes;
    app.set("2024-07-02 08:00");
    assert!(first == app.get(&path, &token).await.bytes);
}

#[actix_web::test]
async fn csv_and_json_say_what_the_sheet_says() {
    let (app, token) = given();
    let csv = app.get(&format!("/reports/06?{JUNE}&format=csv"), &token).await;
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(csv.bytes.as_slice());
    let records: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
    assert!(records[2][0].contains("15/05/2024"), "{:?}", records[2]);
    assert_eq!(records[7..10], [TOTAL, LAND, TRADE]);
    let with_mark = app.get(&format!("/reports/06?{JUNE}&format=csv&bom=true"), &token).await;
    assert_eq!(with_mark.bytes[..3], *b"\xef\xbb\xbf");
    assert_eq!(with_mark.bytes[3..], csv.bytes);

    let json = app.get(&format!("/reports/06?{JUNE}"), &token).await.body;
    let counts: Vec<_> = json["total"]["counts"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(counts, TOTAL[2..]);
    assert_eq!(json["period"]["to"], "2024-06-15");
    assert_eq!(json["columns"].as_array().unwrap().len(), 13);
}

#[actix_web::test]
async fn a_unit_without_dossiers_has_a_report_of_nothing() {
    let (app, token) = given();
    let answer = app.get("/reports/06?month=2024-06&unit=H21.101&format=xlsx", &token).await;
    let rows = sheet(&answer.bytes);
    assert_eq!(rows[11][2..], vec!["0"; 11]);
    assert!(rows[13][0].contains("không phát sinh"), "{:?}", rows[13]);
}

#[actix_web::test]
async fn an_unknown_format_is_refused() {
    let (app, token) = given();
    let answer = app.get(&format!("/reports/06?{JUNE}&format=docx"), &token).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.body["errors"][0]["pointer"], "?format");
}
