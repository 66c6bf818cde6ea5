//! Whatever units and people are called, a file shows it: nothing is a formula to a spreadsheet, or markup.

use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use serde_json::json;

use super::files::{bare, formulas, pdf_text, records, sheet};
use super::jobs::worked;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

/// Names of units that mean something to a spreadsheet, to typesetting or to a shell.
const NAMES: [(&str, &str); 5] = [
    ("H21.16", "=HYPERLINK(\"http://x\"; \"Sở\")"),
    ("H21.18", "#import \"@preview/a:0.1.0\": *"),
    ("H21.24", "*đậm* _nghiêng_ $x^2$ <nhãn> @tham // chú"),
    ("H21.24.01", "+84 905 `mã` \\ [ngoặc] {móc}"),
    ("H21.101", "-- = Xã 'Đắk Pơ' /* hết */"),
];
const PERSON: &str = "@SUM(A1:A9)";
const JUNE: &str = "month=2024-06";

/// A dossier at each of them, of a person with a name like theirs.
fn given() -> (TestApp, String) {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for (code, name) in NAMES {
        let name = name.replace('\'', "''");
        let renamed = format!("UPDATE units SET name = '{name}' WHERE code = '{code}'");
        conn.batch_execute(&renamed).unwrap();
        let life = History::new(code, "2024-05-20 08:00", "2024-05-27 17:00").then("2024-05-24 16:00", Deed::Finish);
        let id = put(&mut conn, &world, &app.state.vault, &life).id;
        let person = format!(
            "INSERT INTO dossier_people (dossier_id, part, kind, name, key_id)
             VALUES ('{id}', 'applicant', 'citizen', '{PERSON}', 1)"
        );
        conn.batch_execute(&person).unwrap();
    }
    conn.batch_execute("UPDATE catalogue_version SET version = version + 1").unwrap();
    let token = app.sign_in(Role::Controller, "H21");
    (app, token)
}

#[actix_web::test]
async fn a_name_that_looks_like_a_formula_or_markup_is_printed_as_it_is() {
    let (app, token) = given();
    let path = format!("/reports/06b?{JUNE}");
    let csv = records(&app.get(&format!("{path}&format=csv"), &token).await.expect(200).bytes);
    let xlsx = app.get(&format!("{path}&format=xlsx"), &token).await.expect(200).bytes;
    let pdf = pdf_text(&app.get(&format!("{path}&format=pdf"), &token).await.expect(200).bytes);
    let rows = sheet(&xlsx);
    for (code, name) in NAMES {
        let quoted = if name.starts_with(['=', '+', '-', '@']) { format!("'{name}") } else { name.to_owned() };
        assert!(csv.iter().any(|line| line.get(1) == Some(&quoted)), "{code} in {csv:?}");
        assert!(rows.iter().any(|row| row[1] == name), "{code} in {rows:?}");
        assert!(pdf.contains(&bare(name)), "{name} in {pdf}");
    }
    assert_eq!(formulas(&xlsx), Vec::<String>::new());
    // Above the table too.
    let of_one = app.get(&format!("{path}&unit=H21.18&format=pdf"), &token).await.expect(200);
    assert!(pdf_text(&of_one.bytes).contains(&bare(NAMES[1].1)));
}

#[actix_web::test]
async fn a_person_in_a_register_is_no_formula_either() {
    let (app, token) = given();
    for format in ["csv", "xlsx"] {
        let form = json!({ "layout": "register", "month": "2024-06", "format": format });
        let id = app.post("/exports", &token, &form).await.expect(202).field("id");
        worked(&app).await;
        let file = app.get(&format!("/exports/{id}/file"), &token).await.expect(200).bytes;
        let (rows, name) = match format {
            "csv" => (records(&file), format!("'{PERSON}")),
            _ => (sheet(&file), PERSON.to_owned()),
        };
        assert_eq!(rows.iter().flatten().filter(|cell| **cell == name).count(), NAMES.len(), "{format}: {rows:?}");
        if format == "xlsx" {
            assert_eq!(formulas(&file), Vec::<String>::new());
        }
    }
}
