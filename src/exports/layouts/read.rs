//! Reads a layout from its file, and says where it makes no sense.

use std::collections::BTreeMap;

use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;

use super::{
    Column, Counts, Head, Layout, LayoutFault, Orientation, Page, Paper, Rows, Shows, Signature, Text, Written,
};
use crate::statistics::Grouping;

/// Rows that a head may have.
const DEEPEST: u16 = 4;
/// Columns that a sheet of A4 may have.
const MOST_COLUMNS: usize = 60;
/// What a sheet of a workbook may not be called by.
const NOT_IN_SHEET: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutForm {
    #[serde(default)]
    #[expect(dead_code, reason = "what it names was merged below it before")]
    like: Option<String>,
    about: String,
    form: String,
    title: String,
    #[serde(default)]
    counted_in: String,
    #[serde(default)]
    source: String,
    file: String,
    sheet: String,
    counts: Counts,
    rows: Vec<String>,
    #[serde(default = "usual_page")]
    page: Page,
    #[serde(default)]
    head_left: Vec<String>,
    #[serde(default)]
    head_right: Vec<String>,
    columns: Vec<ColumnForm>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    received_at: bool,
    #[serde(default)]
    messages: bool,
    #[serde(default)]
    place_and_date: String,
    #[serde(default)]
    signatures: Vec<Signature>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnForm {
    name: String,
    shows: Option<String>,
    #[serde(default)]
    columns: Vec<ColumnForm>,
    width: Option<u16>,
    decimals: Option<u32>,
}

const fn usual_page() -> Page {
    Page { paper: Paper::A4, orientation: Orientation::Landscape }
}

#[derive(Debug, Deserialize)]
struct Likeness {
    like: Option<String>,
}

type Fault = (String, String);

/// Reads a layout: the name of its file, its code and its text, with all texts by code for those that build on another.
///
/// # Errors
/// What is wrong first, with its place.
pub(super) fn layout(
    (file, code, text): (&str, &str, &str),
    all: &BTreeMap<&str, &str>,
) -> Result<Layout, LayoutFault> {
    let fault = |(place, why)| LayoutFault { file: file.to_owned(), place, why };
    let like = base_of(text, all).map_err(fault)?;
    written((file, code), Written { text: text.to_owned(), like })
}

/// Reads a layout as it was written: the name of its file, its code, and its texts.
///
/// # Errors
/// What is wrong first, with its place.
pub(super) fn written((file, code): (&str, &str), written: Written) -> Result<Layout, LayoutFault> {
    let fault = |(place, why)| LayoutFault { file: file.to_owned(), place, why };
    let form = form(&written).map_err(fault)?;
    shape(code, form, written).map_err(fault)
}

fn unreadable(err: figment::Error) -> Fault {
    (err.path.join("."), err.kind.to_string())
}

fn base_of(text: &str, all: &BTreeMap<&str, &str>) -> Result<Option<String>, Fault> {
    let likeness: Likeness = Figment::from(Toml::string(text)).extract().map_err(unreadable)?;
    let Some(other) = likeness.like else { return Ok(None) };
    let base = all.get(other.as_str()).map(|text| (*text).to_owned());
    base.map(Some).ok_or_else(|| ("like".to_owned(), format!("there is no layout `{other}` to build on")))
}

fn form(written: &Written) -> Result<LayoutForm, Fault> {
    let own = Toml::string(&written.text);
    let whole = match &written.like {
        None => Figment::from(own),
        Some(base) => Figment::from(Toml::string(base)).merge(own),
    };
    whole.extract().map_err(unreadable)
}

fn shape(code: &str, form: LayoutForm, written: Written) -> Result<Layout, Fault> {
    let counts = form.counts;
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    for (place, text) in [("file name", code), ("file", form.file.as_str())] {
        if !is_plain(text) {
            return Err((place.to_owned(), format!("`{text}` must have letters, digits and hyphens alone")));
        }
    }
    let sheet_length = form.sheet.chars().count();
    if !(1..=31).contains(&sheet_length) || form.sheet.contains(NOT_IN_SHEET) {
        let why = format!("`{}` is no name of a sheet: 1 to 31 letters, none of []:*?/\\", form.sheet);
        return Err(("sheet".to_owned(), why));
    }
    let mut head = HeadBuilder { counts, depth: depth(&form.columns), heads: Vec::new(), columns: Vec::new() };
    if head.depth > DEEPEST {
        return Err(("columns".to_owned(), format!("are nested deeper than {DEEPEST}")));
    }
    head.add(&form.columns, &[], 0)?;
    if head.columns.is_empty() || head.columns.len() > MOST_COLUMNS {
        return Err(("columns".to_owned(), format!("must be 1 to {MOST_COLUMNS}")));
    }
    Ok(Layout {
        code: code.to_owned(),
        written,
        rows: rows(counts, &form.rows)?,
        head_left: texts("head_left", &form.head_left, counts)?,
        head_right: texts("head_right", &form.head_right, counts)?,
        notes: texts("notes", &form.notes, counts)?,
        received_at: below("received_at", counts, form.received_at)?,
        messages: below("messages", counts, form.messages)?,
        heads: head.heads,
        depth: head.depth,
        columns: head.columns,
        about: form.about,
        form: form.form,
        title: form.title,
        counted_in: form.counted_in,
        source: form.source,
        file: form.file,
        sheet: form.sheet,
        counts,
        page: form.page,
        place_and_date: form.place_and_date,
        signatures: form.signatures,
    })
}

/// What is counted below a table.
fn below(key: &str, counts: Counts, wanted: bool) -> Result<bool, Fault> {
    match counts {
        Counts::Register if wanted => Err((key.to_owned(), "a register counts nothing".to_owned())),
        _ => Ok(wanted),
    }
}

fn texts(place: &str, lines: &[String], counts: Counts) -> Result<Vec<Text>, Fault> {
    let read =
        |(number, line): (usize, &String)| Text::read(line, counts).map_err(|why| (format!("{place}.{number}"), why));
    lines.iter().enumerate().map(read).collect()
}

fn rows(counts: Counts, words: &[String]) -> Result<Rows, Fault> {
    let fault = |why: String| ("rows".to_owned(), why);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (counts, words.as_slice()) {
        (Counts::Register, ["dossier"]) => Ok(Rows::Dossiers),
        (Counts::Register, _) => Err(fault("a register has rows = [\"dossier\"]".to_owned())),
        (Counts::Intake, ["unit"]) => Ok(Rows::Counters),
        (Counts::Intake, _) => Err(fault("intake has rows = [\"unit\"]: a row a counter".to_owned())),
        (Counts::Dossiers, [one]) => Ok(Rows::Of(grouping(one).map_err(fault)?)),
        (Counts::Dossiers, [outer, inner]) if outer == inner => Err(fault(format!("`{outer}` stands there twice"))),
        (Counts::Dossiers, [outer, inner]) => {
            Ok(Rows::In(grouping(outer).map_err(fault)?, grouping(inner).map_err(fault)?))
        }
        (Counts::Dossiers, _) => Err(fault("must be one or two of unit, kind, field, parent".to_owned())),
    }
}

fn grouping(word: &str) -> Result<Grouping, String> {
    word.parse().map_err(|err: crate::domain::words::UnknownWord| err.to_string())
}

fn depth(columns: &[ColumnForm]) -> u16 {
    columns.iter().map(|column| 1 + depth(&column.columns)).max().unwrap_or(0)
}

/// Puts the cells of the head in their places.
struct HeadBuilder {
    counts: Counts,
    depth: u16,
    heads: Vec<Head>,
    columns: Vec<Column>,
}

impl HeadBuilder {
    fn next(&self) -> u16 {
        u16::try_from(self.columns.len()).unwrap_or(u16::MAX)
    }

    fn add(&mut self, columns: &[ColumnForm], above: &[String], top: u16) -> Result<(), Fault> {
        for form in columns {
            let path: Vec<String> = above.iter().cloned().chain([form.name.clone()]).collect();
            let place = format!("columns.{}", path.join("."));
            let (place_in_heads, left) = (self.heads.len(), self.next());
            let bottom = match (&form.shows, form.columns.as_slice()) {
                (Some(shows), []) => {
                    self.show(form, shows, path, &place)?;
                    self.depth - 1
                }
                (None, [_, ..]) => {
                    self.add(&form.columns, &path, top + 1)?;
                    top
                }
                (Some(_), _) => return Err((place, "has both `shows` and `columns`".to_owned())),
                (None, []) => return Err((place, "has neither `shows` nor `columns`".to_owned())),
            };
            let right = self.next().saturating_sub(1);
            self.heads.insert(place_in_heads, Head { top, left, bottom, right, text: form.name.clone() });
        }
        Ok(())
    }

    fn show(&mut self, form: &ColumnForm, shows_text: &str, path: Vec<String>, place: &str) -> Result<(), Fault> {
        let shows = Shows::read(shows_text, self.counts).map_err(|why| (format!("{place}.shows"), why))?;
        let (width, decimals) = (form.width.unwrap_or(10), form.decimals.unwrap_or(2));
        if !(2..=100).contains(&width) {
            return Err((format!("{place}.width"), "must be 2 to 100 letters".to_owned()));
        }
        if decimals > 2 {
            return Err((format!("{place}.decimals"), "must be 0 to 2".to_owned()));
        }
        self.columns.push(Column { path, shows, shows_text: shows_text.to_owned(), width, decimals });
        Ok(())
    }
}
