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

/// A text without its blanks.
pub fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}
