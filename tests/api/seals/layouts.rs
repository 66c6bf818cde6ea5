//! Reports sealed in a layout, and the files that are made of them.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use data_encoding::HEXLOWER;
use motcua::domain::role::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Month, SEALS};

const FORMATS: [&str; 4] = ["xlsx", "pdf", "csv", "json"];

impl Month {
    async fn sealed_in(&self, layout: &str) -> Value {
        self.seal(json!({ "calendar_month": "2026-10", "layout": layout })).await.expect(201).body
    }

    async fn file(&self, seal: &Value, format: &str) -> Vec<u8> {
        self.read(seal, &format!("/file?format={format}")).await.bytes
    }
}

#[actix_web::test]
async fn a_file_of_a_seal_is_the_report_of_that_day_with_hash_signer_and_time_below() {
    let month = Month::over().await;
    let report = "/reports/06a?calendar_month=2026-10&format=csv";
    let report = month.office.app.get(report, &month.office.leader).await.expect(200).text;
    let seal = month.sealed_in("06a").await;
    assert_eq!((&seal["layout"], &seal["group"]), (&json!("06a"), &json!("field")));
    let file = String::from_utf8(month.file(&seal, "csv").await).unwrap();
    assert!(file.starts_with(&report) && report.contains("Tổng cộng"), "{file}\n{report}");
    let foot = &file[report.len()..];
    for said in [
        "Số liệu đã chốt lúc 08:00 ngày 02/11/2026",
        seal["sealed_by"].as_str().unwrap(),
        seal["id"].as_str().unwrap(),
        seal["hash"].as_str().unwrap(),
    ] {
        assert!(foot.contains(said), "{said} in {foot}");
    }
    let answer = month.read(&seal, "/file").await;
    assert!(answer.header("content-disposition").contains("bieu-06a_H21.16_2026-10-01_2026-10-31.xlsx"));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.as_slice())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let hash = seal["hash"].as_str().unwrap();
    assert!(sheet.used_cells().any(|(.., cell)| cell.to_string().contains(hash)));
}

#[actix_web::test]
async fn neither_what_happens_later_nor_another_layout_of_that_name_changes_a_file() {
    let month = Month::with(|config| config.exports.layouts_dir = config.data.dir.clone()).await;
    let path = month.office.app.dir.path().join("mine.toml");
    let mine = "like = \"06\"\nabout = \"Của tỉnh\"\nfile = \"cua-tinh\"\n\
        columns = [{ name = \"Lĩnh vực\", shows = \"name\" }, { name = \"Còn lại\", shows = \"pending\" }]";
    std::fs::write(&path, mine).unwrap();
    let seal = month.sealed_in("mine").await;
    let mut before = Vec::new();
    for format in FORMATS {
        before.push(month.file(&seal, format).await);
    }
    let said: Value = serde_json::from_slice(&before[3]).unwrap();
    assert_eq!((&said["total"]["counts"], &said["as_of"]), (&json!([2]), &json!("2026-11-02T08:00:00+07:00")));

    month.recall_the_first().await;
    month.void_the_second().await;
    std::fs::write(&path, mine.replace("shows = \"pending\"", "shows = \"late\"")).unwrap();
    month.office.app.set("2026-12-20 08:00");
    for (format, before) in FORMATS.iter().zip(&before) {
        assert!(&month.file(&seal, format).await == before, "{format} has changed");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(month.file(&seal, "xlsx").await == before[0], "it needs no layout any more");
}

#[actix_web::test]
async fn a_seal_defines_every_rate_that_its_rows_and_its_files_print() {
    let month = Month::over().await;
    let seal = month.sealed_in("06a").await;
    let said = month.read(&seal, "").await.body;
    assert_eq!(said["form"], "motcua seal 3");
    let defined: Vec<_> = said["definitions"]["items"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    let rates: Vec<_> = said["total"].as_object().unwrap().keys().filter(|name| name.contains("_rate")).collect();
    assert_eq!(rates, ["early_rate", "on_time_rate", "on_time_rate_with_result", "statutory_rate"]);
    assert!(rates.iter().all(|rate| defined.contains(&&json!(rate))), "{defined:?}");
    let live = month.office.app.get("/statistics/units?calendar_month=2026-10", &month.office.leader).await.expect(200);
    for rate in rates {
        assert_eq!(said["total"][rate]["text"], live.body["total"][rate]["text"], "{rate}");
    }
    assert!(said["report"]["layout"].to_string().contains("{on_time_rate_with_result}"), "its files print it");
}

/// As the program before wrote them: without this rate, in rows and definitions, and without the source of a definition.
fn in_the_form_before(said: &Value) -> Vec<u8> {
    let mut said = said.clone();
    let rate = "on_time_rate_with_result";
    said["form"] = json!("motcua seal 2");
    said["total"].as_object_mut().unwrap().remove(rate).unwrap();
    for row in said["rows"].as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove(rate).unwrap();
    }
    let items = said["definitions"]["items"].as_array_mut().unwrap();
    items.retain(|item| item["name"] != rate);
    for item in items {
        item.as_object_mut().unwrap().remove("source");
    }
    serde_json::to_vec(&said).unwrap()
}

#[actix_web::test]
async fn a_seal_of_the_form_before_stays_the_same_to_the_byte_and_has_its_files() {
    let month = Month::over().await;
    let seal = month.sealed_in("06a").await;
    let before = in_the_form_before(&month.read(&seal, "").await.body);
    let hash = HEXLOWER.encode(&Sha256::digest(&before));
    month.sql(&format!(
        "ALTER TABLE seals DISABLE TRIGGER USER; ALTER TABLE audit_entries DISABLE TRIGGER USER; \
         UPDATE seals SET content = '\\x{}', hash = '\\x{hash}'; \
         UPDATE audit_entries SET details = jsonb_set(details, '{{hash}}', '\"{hash}\"') WHERE action = 'report_sealed'",
        HEXLOWER.encode(&before)
    ));
    let said = month.read(&seal, "").await;
    assert_eq!((&said.bytes, said.header("etag")), (&before, &*format!("\"{hash}\"")));
    assert_eq!(month.faults(), []);
    for format in FORMATS {
        assert!(!month.file(&seal, format).await.is_empty(), "{format}");
    }
    let csv = String::from_utf8(month.file(&seal, "csv").await).unwrap();
    assert!(csv.contains("Tổng cộng") && csv.contains(&hash), "{csv}");
    let late = month.read(&seal, "/dossiers?cell=early").await;
    assert_eq!(json!(late.items().len()), said.body["total"]["early"]);
    assert!(month.read(&seal, "/adjustments").await.items().is_empty());
}

#[actix_web::test]
async fn every_line_of_a_layout_of_two_levels_leads_to_its_frozen_dossiers() {
    let month = Month::over().await;
    let seal = month.sealed_in("06b").await;
    let said = month.read(&seal, "").await.body;
    let lines = said["report"]["lines"].as_array().unwrap();
    assert_eq!((&lines[0]["level"], &lines[1]["level"]), (&json!("group"), &json!("row")));
    let mut group = String::new();
    for line in lines {
        let code = line["code"].as_str().unwrap();
        let row = match line["level"].as_str().unwrap() {
            "group" => {
                group = code.to_owned();
                String::new()
            }
            _ => format!("&row_key={code}"),
        };
        for cell in ["carried_over", "early", "late", "pending_in_time", "received_direct_postal"] {
            let behind = month.read(&seal, &format!("/dossiers?cell={cell}&group_key={group}{row}")).await;
            assert_eq!(line["cells"][cell], json!(behind.items().len()), "{cell} of {group}{row}");
        }
    }
    assert_eq!(lines[1]["cells"]["pending_in_time"], 2);
}

#[actix_web::test]
async fn the_file_of_a_seal_says_where_the_frozen_dossiers_of_each_line_are() {
    let month = Month::over().await;
    let seal = month.sealed_in("06b").await;
    month.recall_the_first().await;
    month.void_the_second().await;
    let file: Value = serde_json::from_slice(&month.file(&seal, "json").await).unwrap();
    let path = format!("/api/v1{SEALS}/{}/dossiers?", seal["id"].as_str().unwrap());
    assert_eq!(file["columns"][2]["cells"], json!(["received"]));
    for line in file["lines"].as_array().unwrap().iter().chain([&file["total"]]) {
        let address = line["dossiers"].as_str().unwrap();
        assert!(address.starts_with(&path), "{address}");
        let asked = format!("{}received", address.strip_prefix("/api/v1").unwrap());
        let behind = month.office.app.get(&asked, &month.office.leader).await.expect(200);
        assert_eq!(line["counts"][0], behind.items().len(), "{asked}");
    }
}

#[actix_web::test]
async fn what_has_no_file_says_why() {
    let month = Month::over().await;
    let plain = month.october().await;
    assert_eq!(plain["layout"], Value::Null);
    let (app, leader) = (&month.office.app, &month.office.leader);
    let path = |seal: &Value| format!("{SEALS}/{}/file", seal["id"].as_str().unwrap());
    assert_eq!(app.get(&path(&plain), leader).await.expect(409).code(), "seal_has_no_layout");

    let seal = month.sealed_in("06a").await;
    let word = app.get(&format!("{}?format=doc", path(&seal)), leader).await.expect(422);
    assert_eq!(word.faults(), [("?format", "unknown_word")]);
    let stranger = app.sign_in(Role::Officer, "H21.05");
    app.get(&path(&seal), &stranger).await.expect(404);
    for invented in ["00000000-0000-7000-8000-000000000000", "x", "%00"] {
        app.get(&format!("{SEALS}/{invented}/file"), leader).await.expect(404);
    }
    month.sql("ALTER TABLE seals DISABLE TRIGGER USER; UPDATE seals SET content = content || ' '::bytea");
    assert_eq!(app.get(&path(&seal), leader).await.expect(409).code(), "seal_broken");
}

#[actix_web::test]
async fn each_layout_of_a_report_is_sealed_once() {
    let month = Month::over().await;
    let (of_fields, of_units) = (month.sealed_in("06a").await, month.sealed_in("06b").await);
    month.seal(json!({ "calendar_month": "2026-10", "group": "field" })).await.expect(201);
    let again = json!({ "calendar_month": "2026-10", "layout": "06a" });
    assert_eq!(month.seal(again).await.expect(409).code(), "already_sealed");
    let mut other =
        json!({ "calendar_month": "2026-10", "layout": "06a", "reason": "Sai", "replaces": of_units["id"] });
    assert_eq!(month.seal(other.clone()).await.expect(409).code(), "replaces_another_report");
    other["replaces"] = of_fields["id"].clone();
    let right = month.seal(other).await.expect(201).body;
    let foot = String::from_utf8(month.file(&right, "csv").await).unwrap();
    assert!(foot.contains("Đính chính") && foot.contains(of_fields["id"].as_str().unwrap()), "{foot}");
}

#[actix_web::test]
async fn only_layouts_that_count_dossiers_are_sealed() {
    let month = Month::over().await;
    let of = |layout: &str| json!({ "calendar_month": "2026-10", "layout": layout });
    assert_eq!(month.seal(of("07")).await.expect(404).code(), "layout_not_found");
    for layout in ["register", "late-acceptance"] {
        assert_eq!(month.seal(of(layout)).await.expect(422).faults(), [("/layout", "layout_not_sealed")]);
    }
    let both = json!({ "calendar_month": "2026-10", "layout": "06a", "group": "unit" });
    assert_eq!(month.seal(both).await.expect(422).faults(), [("/layout", "group_or_layout")]);
}
