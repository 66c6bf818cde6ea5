//! Cursors of pages and periods of figures.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::http::page::Cursor;
use motcua::statistics::PeriodForm;

fuzz_target!(|input: (u8, &str, &str)| {
    let (which, text, second) = input;
    if let Ok(cursor) = Cursor::read(text) {
        assert_eq!(Cursor::read(&cursor.write()).ok(), Some(cursor));
    }
    let (mut form, text) = (PeriodForm::default(), Some(text.to_owned()));
    match which % 7 {
        0 => (form.from, form.to) = (text, Some(second.to_owned())),
        1 => form.month = text,
        2 => form.quarter = text,
        3 => form.year = text,
        4 => form.calendar_month = text,
        5 => form.calendar_quarter = text,
        _ => form.calendar_year = text,
    }
    if let Ok(asked) = form.read() {
        assert!(!asked.dates_text().is_empty());
    }
});
