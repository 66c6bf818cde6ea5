//! Reports on paper: every sheet has its head and number, and what is too long is refused.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use diesel::connection::SimpleConnection;
use lopdf::{Document, Object};
use motcua::config::Config;
use motcua::domain::role::Role;
use serde_json::json;

use super::files::bare;
use super::jobs::worked;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{History, RESOLVERS, World, put};

const REPORT: &str = "/reports/06b?month=2024-06";

/// A dossier at every unit; one line in all, a group and a line a unit.
fn given(unit_name: &str, set: impl FnOnce(&mut Config)) -> (TestApp, String) {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", set);
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for unit in RESOLVERS {
        put(&mut conn, &world, &app.state.vault, &History::new(unit, "2024-05-20 08:00", "2024-05-27 17:00"));
    }
    let renamed = format!("UPDATE units SET name = '{unit_name}'; UPDATE catalogue_version SET version = version + 1");
    conn.batch_execute(&renamed).unwrap();
    let token = app.sign_in(Role::Controller, "H21");
    (app, token)
}

#[actix_web::test]
async fn every_sheet_has_the_head_of_the_table_and_its_number() {
    let (app, token) = given(&"Trung tâm Hành chính công ".repeat(24), |_| {});
    let answer = app.get(&format!("{REPORT}&format=pdf"), &token).await.expect(200);
    let file = Document::load_mem(&answer.bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().keys().copied().collect();
    assert!(pages.len() > 1, "{} sheets", pages.len());
    let numbers: String = (1..=13).map(|number| format!("({number})")).collect();
    for page in &pages {
        let text = bare(&file.extract_text(&[*page]).unwrap());
        assert!(text.contains(&format!("Trang{page}/{}", pages.len())), "{text}");
        let has_rows = *page < *pages.last().unwrap() || text.contains("Ngoạithương") || text.contains("Đấtđai");
        assert_eq!(text.contains(&numbers), has_rows, "{text}");
    }
    // Who signs does so on one sheet.
    let last = bare(&file.extract_text(&[*pages.last().unwrap()]).unwrap());
    assert!(last.contains("NGƯỜILẬPBIỂU") && last.contains("THỦTRƯỞNGĐƠNVỊ"), "{last}");
}

#[actix_web::test]
async fn a_pdf_can_be_read_aloud_and_kept_and_is_the_same_bytes_each_time() {
    let (app, token) = given("Sở Tư pháp", |_| {});
    let path = format!("{REPORT}&format=pdf");
    let answer = app.get(&path, &token).await.expect(200);
    let file = Document::load_mem(&answer.bytes).unwrap();
    let catalog = file.catalog().unwrap();
    let language = catalog.get(b"Lang").and_then(Object::as_str).unwrap();
    assert_eq!(String::from_utf8_lossy(language), "vi-VN");
    let marked = catalog.get_deref(b"MarkInfo", &file).and_then(Object::as_dict).unwrap();
    assert!(marked.get(b"Marked").and_then(Object::as_bool).unwrap());
    let about = catalog.get_deref(b"Metadata", &file).and_then(Object::as_stream).unwrap();
    let about = String::from_utf8_lossy(&about.content).into_owned();
    for said in
        ["pdfaid:part>2<", "pdfaid:conformance>A<", "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT", "2024-06-15T00:00:00+07:00"]
    {
        assert!(about.contains(said), "{said} in {about}");
    }
    app.set("2024-07-02 08:00");
    assert!(answer.bytes == app.get(&path, &token).await.expect(200).bytes);
}

/// A sheet with signatures alone could be put under any table.
#[actix_web::test]
async fn who_signs_does_so_under_rows_of_the_table_however_many_there_are() {
    let (app, token) = given("Sở Tư pháp", |_| {});
    let mut conn = app.db.connect();
    let mut sheets = BTreeSet::new();
    for more in 0..12 {
        // Another line of the table, two of the sheet.
        let longer = format!("UPDATE units SET name = name || ' và{}'", " Nội vụ".repeat(more * 3));
        conn.batch_execute(&format!("{longer}; UPDATE catalogue_version SET version = version + 1")).unwrap();
        let bytes = app.get(&format!("{REPORT}&format=pdf"), &token).await.expect(200).bytes;
        let file = Document::load_mem(&bytes).unwrap();
        let pages: Vec<u32> = file.get_pages().keys().copied().collect();
        let signed = pages.iter().map(|page| bare(&file.extract_text(&[*page]).unwrap()));
        let signed: Vec<_> = signed.filter(|text| text.contains("THỦTRƯỞNGĐƠNVỊ")).collect();
        assert_eq!(signed.len(), 1, "{more}");
        assert!(signed[0].contains("(13)") && signed[0].contains("Đấtđai"), "{more}: {}", signed[0]);
        sheets.insert(pages.len());
    }
    assert!(sheets.len() > 1, "{sheets:?}");
}

/// Nothing is made in time to come.
#[actix_web::test]
async fn a_report_of_a_period_under_way_says_that_it_was_made_on_the_day_until_which_was_counted() {
    let (app, token) = given("Sở Tư pháp", |_| {});
    app.set("2024-07-10 02:30");
    let path = "/reports/06b?calendar_month=2024-07&format=pdf";
    let first = app.get(path, &token).await.expect(200).bytes;
    let file = Document::load_mem(&first).unwrap();
    let about = file.catalog().unwrap().get_deref(b"Metadata", &file).and_then(Object::as_stream).unwrap();
    let about = String::from_utf8_lossy(&about.content).into_owned();
    assert!(about.contains("2024-07-10T00:00:00+07:00"), "{about}");
    app.set("2024-07-10 16:30");
    assert!(first == app.get(path, &token).await.expect(200).bytes, "the same day, the same figures");

    // A workbook says it in UTC.
    let book = app.get(&path.replace("pdf", "xlsx"), &token).await.expect(200).bytes;
    let mut book = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut about = String::new();
    book.by_name("docProps/core.xml").unwrap().read_to_string(&mut about).unwrap();
    assert!(about.contains("2024-07-09T17:00:00Z"), "{about}");
}

#[actix_web::test]
async fn a_report_that_is_too_long_for_paper_is_refused_with_the_most_rows_there_may_be() {
    let (app, token) = given("Sở Tư pháp", |config| config.exports.pdf_rows = 10);
    let refused = app.get(&format!("{REPORT}&format=pdf"), &token).await.expect(422);
    assert_eq!(refused.faults(), [("?format", "too_long_for_pdf")]);
    let said = refused.body["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("10 dòng") && said.contains("có 11;"), "{said}");
    app.get(&format!("{REPORT}&format=xlsx"), &token).await.expect(200);

    let form = json!({"layout": "06b", "month": "2024-06", "format": "pdf"});
    let id = app.post("/exports", &token, &form).await.expect(202).field("id");
    worked(&app).await;
    let export = app.get(&format!("/exports/{id}"), &token).await.expect(200).body;
    assert_eq!((&export["status"], &export["failed_why"]), (&json!("failed"), &json!("too_long_for_pdf")));
}
