//! What is not loaded, and how that is told.

use motcua::dossiers::import::{DryRun, Mode, What, write};
use rust_xlsxwriter::Workbook;

use super::given::{Given, faulty, returned, row};

#[test]
fn one_wrong_row_holds_all_back_and_every_fault_is_told() {
    let given = Given::new();
    let wrong = row(
        "A-2",
        &[("procedure_code", "9.999999"), ("received_at", "20-05-2024"), ("applicant_phone", "12"), ("channel", "fax")],
    );
    let verdicts = given.load(&[row("A-1", &[]), wrong], Mode::AllOrNothing);
    assert_eq!(verdicts[0].what, What::HeldBack);
    let mut columns = faulty(&verdicts[1]);
    columns.sort_unstable();
    assert_eq!(columns, ["applicant_phone", "channel", "procedure_code", "received_at"]);
    assert_eq!((given.count(), given.told()), (0, 0));
}

#[test]
fn row_by_row_the_right_ones_are_in_and_the_wrong_one_leaves_no_trace() {
    let given = Given::new();
    let wrong = row("A-2", &[("status", "returned"), ("finished_at", "2024-05-28")]);
    let verdicts = given.load(&[row("A-1", &[]), wrong, returned("A-3")], Mode::RowByRow);
    assert_eq!(faulty(&verdicts[1]), ["returned_at"]);
    assert_eq!(verdicts[2].what, What::Loaded("H21.16-240520-0002".to_owned()), "no number is lost");
    assert_eq!(given.count(), 2);
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let given = Given::new();
    let file = given.csv(&[row("A-1", &[]), row("A-1", &[]), row("A-2", &[("applicant_name", "")])]);
    let verdicts = given.import(&file, Mode::RowByRow, DryRun::Yes).unwrap();
    assert_eq!(verdicts[0].what, What::WouldLoad);
    assert!(matches!(verdicts[1].what, What::There(_)), "the same dossier twice in a file");
    assert_eq!(faulty(&verdicts[2]), ["applicant_name"]);
    assert_eq!(given.count(), 0);
}

#[test]
fn cells_that_do_not_fit_the_status_are_named() {
    let given = Given::new();
    let rows = [
        row("A-1", &[("finished_at", "2024-05-28")]),
        row("A-2", &[("status", "finished")]),
        row("A-3", &[("status", "withdrawn"), ("ended_at", "2024-05-19")]),
        row("A-4", &[("status", "processing"), ("result", "granted")]),
        row("A-5", &[("status", "declined")]),
        row("A-6", &[("received_at", "2024-07-02 08:00")]),
    ];
    let verdicts = given.load(&rows, Mode::RowByRow);
    let columns: Vec<_> = verdicts.iter().map(faulty).collect();
    let expected = [["finished_at"], ["finished_at"], ["ended_at"], ["result"], ["status"], ["received_at"]];
    assert_eq!(columns, expected);
}

#[test]
fn a_heading_that_does_not_fit_stops_the_import() {
    let given = Given::new();
    let path = given.path("wrong.csv");
    std::fs::write(&path, "source;source_code;procedure_code;ngay_nhan\ncu;1;2.000894;x\n").unwrap();
    let err = given.import(&path, Mode::RowByRow, DryRun::No).unwrap_err().to_string();
    for part in ["no column ngay_nhan", "received_at is missing", "applicant_name is missing"] {
        assert!(err.contains(part), "{err}");
    }
}

/// Its sheet says that it ends before it begins, which the reader of workbooks takes for granted that none does.
const BACKWARDS: &[u8] = include_bytes!("../../fixtures/workbook_with_a_dimension_backwards.xlsx");

#[test]
fn a_file_is_taken_for_what_it_holds_not_for_what_it_is_called() {
    let given = Given::new();
    for (name, bytes, said) in [
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "neither a CSV nor an XLSX"),
        ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".as_slice(), "neither a CSV nor an XLSX"),
        ("archive.csv", b"PK\x03\x04 and no table".as_slice(), "can't be read"),
        ("backwards.xlsx", BACKWARDS, "contradict each other"),
        ("table.xlsx", b"source;source_code\ncu;1\n".as_slice(), "procedure_code is missing"),
    ] {
        let path = given.path(name);
        std::fs::write(&path, bytes).unwrap();
        let err = given.import(&path, Mode::RowByRow, DryRun::No).unwrap_err().to_string();
        assert!(err.contains(said), "{name}: {err}");
    }
}

#[test]
fn verdicts_are_a_table_too() {
    let given = Given::new();
    let verdicts = given.load(&[row("A-1", &[]), row("A-2", &[("applicant_phone", "12")])], Mode::RowByRow);
    let mut out = Vec::new();
    write(&mut out, &verdicts).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[..2], ["row,verdict,code,faults", "2,loaded,H21.16-240520-0001,"]);
    assert!(lines[2].starts_with("3,refused,,") && lines[2].contains("applicant_phone: "), "{text}");
}

#[test]
fn two_cells_that_lie_far_apart_do_not_fill_the_memory() {
    let given = Given::new();
    for (row, column, why) in [(1_048_575, 0, "the heading is wrong"), (1_048_575, 16_383, "beyond column 1000")] {
        let (mut book, path) = (Workbook::new(), given.path("far.xlsx"));
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "a").unwrap();
        sheet.write_string(row, column, "b").unwrap();
        book.save(&path).unwrap();
        let refused = given.import(&path, Mode::RowByRow, DryRun::No).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
