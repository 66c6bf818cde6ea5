//! Typst, as far as a report needs it: one template, three fonts and the data of one report. It reaches no file, package, clock
//! or network; whatever else a template asked for would be refused.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Label, Smart};
use typst::layout::PagedDocument;
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::{LazyHash, PicoStr};
use typst::{Library, LibraryExt, World, comemo};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use unicode_normalization::UnicodeNormalization;

use crate::error::AppError;

const TEMPLATE: &str = include_str!("../../../../config/reports/report.typ");
/// Liberation Serif: as wide as Times New Roman, with every Vietnamese letter.
const FONTS: [&[u8]; 3] = [
    include_bytes!("../../../../config/fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../../../../config/fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../../../../config/fonts/LiberationSerif-Italic.ttf"),
];
/// Stands for a letter that the font lacks.
const NO_LETTER: char = '□';
/// A word longer than this may be broken anywhere.
const LONGEST_WORD: usize = 24;
const BREAK: char = '\u{200b}';
/// Ahead of UTC, in minutes.
const OFFICE_OFFSET: i32 = 7 * 60;

static SHOP: LazyLock<Shop> = LazyLock::new(Shop::new);

/// What is the same for every report.
struct Shop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data: FileId,
}

impl Shop {
    fn new() -> Self {
        let fonts: Vec<Font> = FONTS.iter().filter_map(|font| Font::new(Bytes::new(*font), 0)).collect();
        let id = |path: &str| FileId::new(None, VirtualPath::new(path));
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            template: Source::new(id("report.typ"), TEMPLATE.to_owned()),
            data: id("report.json"),
        }
    }
}

/// One report on its way to paper.
struct Job(Bytes);

impl World for Job {
    fn library(&self) -> &LazyHash<Library> {
        &SHOP.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHOP.book
    }

    fn main(&self) -> FileId {
        SHOP.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match id == SHOP.template.id() {
            true => Ok(SHOP.template.clone()),
            false => Err(FileError::AccessDenied),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id == SHOP.data {
            true => Ok(self.0.clone()),
            false => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHOP.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<i64>) -> Option<Datetime> {
        None
    }
}

/// Sheets that are laid out.
pub(super) struct Sheets(PagedDocument);

/// Lays out what the template makes of this data.
///
/// # Errors
/// Only faults of ours.
pub(super) fn set(manuscript: &impl Serialize) -> Result<Sheets, AppError> {
    let data = serde_json::to_vec(manuscript).map_err(|err| AppError::Internal(err.into()))?;
    let set = typst::compile::<PagedDocument>(&Job(Bytes::new(data))).output;
    // What typst remembers helps with no other report, and would stay in memory.
    comemo::evict(0);
    set.map(Sheets).map_err(|faults| fault(&faults))
}

impl Sheets {
    /// Whether two marks of the template lie on different sheets.
    pub(super) fn parts(&self, one: &str, other: &str) -> bool {
        matches!((self.sheet_of(one), self.sheet_of(other)), (Some(one), Some(other)) if one != other)
    }

    fn sheet_of(&self, mark: &str) -> Option<NonZeroUsize> {
        let known = &self.0.introspector;
        let marked = known.query_label(Label::new(PicoStr::intern(mark))?).ok()?;
        marked.location().map(|location| known.page(location))
    }

    /// Prints them as PDF/A-2a: tagged, with the letters that they use and a date that is given, midnight of the office.
    /// `ident` tells one document from another.
    ///
    /// # Errors
    /// Only faults of ours.
    pub(super) fn print(&self, ident: &str, made_on: NaiveDate) -> Result<Vec<u8>, AppError> {
        let options = PdfOptions {
            ident: Smart::Custom(ident),
            timestamp: midnight(made_on),
            standards: PdfStandards::new(&[PdfStandard::A_2a]).map_err(AppError::internal)?,
            ..PdfOptions::default()
        };
        let printed = typst_pdf::pdf(&self.0, &options);
        comemo::evict(0);
        printed.map_err(|faults| fault(&faults))
    }
}

fn midnight(day: NaiveDate) -> Option<Timestamp> {
    let [month, date] = [day.month(), day.day()].map(|number| u8::try_from(number).unwrap_or(1));
    Timestamp::new_local(Datetime::from_ymd_hms(day.year(), month, date, 0, 0, 0)?, OFFICE_OFFSET)
}

fn fault(faults: &[SourceDiagnostic]) -> AppError {
    let said: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    AppError::internal(format!("typst: {}", said.join("; ")))
}

/// Returns a text as the font can print it: letters that it lacks as a box, and places where a very long word may be broken.
pub(super) fn printable(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut letters_since = 0;
    for letter in text.nfc() {
        let is_blank = letter.is_whitespace() || letter.is_control();
        letters_since = if is_blank { 0 } else { letters_since + 1 };
        if letters_since > LONGEST_WORD {
            written.push(BREAK);
            letters_since = 1;
        }
        written.push(match letter {
            _ if is_blank => ' ',
            letter if is_in_the_fonts(letter) => letter,
            _ => NO_LETTER,
        });
    }
    written
}

/// Letters for private use say nothing to who reads a file aloud, and PDF/A has none of them.
fn is_in_the_fonts(letter: char) -> bool {
    let is_private = ('\u{e000}'..='\u{f8ff}').contains(&letter);
    letter.is_ascii() || !is_private && SHOP.fonts.iter().all(|font| font.info().coverage.contains(u32::from(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_font_lacks_is_a_box_and_a_long_word_may_be_broken() {
        assert_eq!(printable("Sở Y tế\tĐắk\nPơ"), "Sở Y tế Đắk Pơ");
        assert_eq!(printable("xã \u{1f600} 漢 \u{e001}"), "xã □ □ □");
        assert_eq!(printable("o\u{31b}\u{309}"), "ở");
        assert_eq!(printable(&"ă".repeat(30)), format!("{}\u{200b}{}", "ă".repeat(24), "ă".repeat(6)));
        assert!(is_in_the_fonts(NO_LETTER));
    }

    #[test]
    fn the_fonts_have_every_vietnamese_letter() {
        let letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ–…“”‘’";
        let missing: Vec<char> =
            letters.chars().flat_map(|it| it.to_uppercase().chain([it])).filter(|it| !is_in_the_fonts(*it)).collect();
        assert_eq!(missing, Vec::<char>::new());
        assert_eq!(SHOP.fonts.len(), FONTS.len());
    }
}
