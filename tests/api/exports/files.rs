//! Files of reports as other programs read them.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

/// The first sheet of a workbook, cell by cell, as text.
pub fn sheet(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| match cell {
        Data::Float(number) => format!("{number}"),
        other => other.to_string(),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// The text of a PDF file, without the blanks between its words.
pub fn pdf_text(bytes: &[u8]) -> String {
    let file = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().keys().copied().collect();
    bare(&file.extract_text(&pages).unwrap())
}

/// A text without its blanks, and without the places where a long word may be broken.
pub fn bare(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{200b}').collect()
}

/// The formulas that a workbook would compute.
pub fn formulas(bytes: &[u8]) -> Vec<String> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let formulas = names
        .iter()
        .flat_map(|name| book.worksheet_formula(name).unwrap().rows().flatten().cloned().collect::<Vec<_>>());
    formulas.filter(|formula| !formula.is_empty()).collect()
}

/// The lines of a CSV file.
pub fn records(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
    reader.deserialize().map(Result::unwrap).collect()
}
