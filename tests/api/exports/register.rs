//! The register (sổ theo dõi, mẫu 07): who took a dossier in, where its matter lies, and dates that are dates.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use motcua::domain::role::Role;
use motcua::dossiers::import::Mode;
use serde_json::{Value, json};

use super::files::records;
use super::given;
use super::jobs::worked;
use crate::dossiers_import::given::{Given, returned};
use crate::support::app::{TestApp, intake};
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office};

const HEADINGS: [&str; 19] = [
    "STT",
    "Mã hồ sơ",
    "Nội dung hồ sơ",
    "Số lượng (bộ)",
    "Họ tên chủ hồ sơ",
    "Địa chỉ",
    "Số điện thoại",
    "Cơ quan chủ trì giải quyết",
    "Ngày, tháng, năm: Nhận hồ sơ",
    "Ngày, tháng, năm: Hẹn trả kết quả",
    "Trả kết quả: Có kết quả",
    "Trả kết quả: Ngày nhận kết quả",
    "Trả kết quả: Phương thức",
    "Trả kết quả: Bên giao (ký)",
    "Trả kết quả: Bên nhận (ký)",
    "Người nhận hồ sơ",
    "Địa bàn phát sinh",
    "Tình trạng",
    "Ghi chú",
];

fn at_midnight(year: i32, month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().and_time(NaiveTime::MIN)
}

async fn register(app: &TestApp, token: &str, form: Value) -> Vec<u8> {
    let id = app.post("/exports", token, &form).await.expect(202).field("id");
    worked(app).await;
    app.get(&format!("/exports/{id}/file"), token).await.expect(200).bytes.to_vec()
}

#[actix_web::test]
async fn who_took_a_dossier_in_and_where_its_matter_lies_stand_there_by_name() {
    let office = Office::at("2026-10-05 09:00").await;
    let with_place = |place: &str| {
        let mut form = intake(ONE_DAY, DEPARTMENT);
        form["place_code"] = json!(place);
        form
    };
    let commune = "H21.106";
    office.app.post("/dossiers", &office.clerk, &with_place(commune)).await.expect(201);
    // Filed by the portal, taken in by the clerk: a dossier is received by who says so.
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let filed = office.app.post("/dossiers/submissions", &portal, &intake(ONE_DAY, DEPARTMENT)).await.expect(201);
    office.act(&filed.field("code"), "accept", &office.clerk, json!({})).await.expect(200);

    let form = json!({ "layout": "register", "from": "2026-10-01", "to": "2026-11-01", "format": "csv" });
    let lines = records(&register(&office.app, &office.leader, form).await);
    assert_eq!(lines[4], HEADINGS);
    let name = office.app.read(&format!("/units/{commune}")).await.expect(200).field("name");
    let of = |line: &Vec<String>| [line[15].clone(), line[16].clone()];
    assert_eq!(of(&lines[5]), ["Nguyễn Văn clerk", &name]);
    assert_eq!(of(&lines[6]), ["Nguyễn Văn clerk", ""]);
}

#[actix_web::test]
async fn nobody_is_said_to_have_taken_in_what_was_imported() {
    let given = Given::new();
    given.load(&[returned("A-1")], Mode::AllOrNothing);
    let leader = given.app.sign_in(Role::Leader, DEPARTMENT);
    let form = json!({ "layout": "register", "from": "2024-05-01", "to": "2024-06-01", "format": "csv" });
    let lines = records(&register(&given.app, &leader, form).await);
    assert_eq!([lines[5][4].as_str(), lines[5][15].as_str()], ["Nguyễn Văn An", ""]);
}

#[actix_web::test]
async fn moments_of_a_sheet_are_dates_that_can_be_sorted_and_counted_with() {
    let (app, token) = given();
    let form =
        |format: &str| json!({ "layout": "register", "from": "2024-05-01", "to": "2024-07-01", "format": format });
    let lines = records(&register(&app, &token, form("csv")).await);
    let bytes = register(&app, &token, form("xlsx")).await;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<_> = sheet.rows().filter(|row| row[1].to_string().starts_with("H21")).collect();
    assert_eq!(rows.len(), 4);
    let mut seen = 0;
    for (row, line) in rows.iter().zip(&lines[5..9]) {
        for place in 8..12 {
            let Data::DateTime(moment) = &row[place] else {
                assert_eq!((row[place].to_string(), line[place].as_str()), (String::new(), ""), "{row:?}");
                continue;
            };
            // What CSV says as a text, of the office's time; days are counted from the one before the last of 1899.
            let told = NaiveDateTime::parse_from_str(&line[place], "%H:%M %d/%m/%Y").unwrap();
            let minutes = (told - at_midnight(1899, 12, 30)).num_minutes();
            assert_eq!((moment.as_f64() * 1440.0).round(), f64::from(i32::try_from(minutes).unwrap()), "{row:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 10, "accepted and due of four, ended of two");
}
