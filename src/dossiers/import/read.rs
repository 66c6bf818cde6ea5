//! A CSV or XLSX file into rows of text, by the names in its heading.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};

/// The columns that a table may have, in any order.
pub const COLUMNS: [&str; 19] = [
    "source",
    "source_code",
    "procedure_code",
    "unit_code",
    "place_code",
    "channel",
    "received_at",
    "status",
    "due_first",
    "finished_at",
    "returned_at",
    "ended_at",
    "result",
    "kind",
    "applicant_name",
    "applicant_id_number",
    "applicant_phone",
    "applicant_email",
    "applicant_address",
];

/// The columns that every table has.
const NEEDED: [&str; 5] = ["source", "source_code", "procedure_code", "received_at", "applicant_name"];

/// Far more than a table of dossiers needs.
const MOST_COLUMNS: usize = 1000;

/// Why a file is no table of dossiers.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It can't be opened.
    #[error("{file} can't be read: {cause}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        cause: String,
    },
    /// It is neither, whatever its name says.
    #[error("{file} is neither a CSV nor an XLSX file; save the table as one of them")]
    UnknownKind {
        /// Which.
        file: String,
    },
    /// The heading does not fit.
    #[error("the heading is wrong: {}; docs/import.md names the columns", .0.join("; "))]
    Heading(Vec<String>),
}

/// A row of text.
#[derive(Debug)]
pub struct TableRow {
    /// As a spreadsheet counts: the heading is 1.
    pub number: usize,
    /// The cells that hold anything, trimmed, by column.
    pub cells: BTreeMap<&'static str, String>,
    /// Whether there are more cells than columns.
    pub is_too_long: bool,
}

/// Reads a file by what it holds, not by its name. Empty rows are left out.
///
/// # Errors
/// Every [`FileError`].
pub fn rows(file: &Path) -> Result<Vec<TableRow>, FileError> {
    let name = file.display().to_string();
    let unreadable = |cause: String| FileError::Unreadable { file: name.clone(), cause };
    let bytes = std::fs::read(file).map_err(|err| unreadable(err.to_string()))?;
    let lines = match Kind::of(&bytes) {
        Some(Kind::Csv) => csv_lines(bytes).map_err(unreadable)?,
        Some(Kind::Xlsx) => xlsx_lines(bytes).map_err(unreadable)?,
        None => return Err(FileError::UnknownKind { file: name }),
    };
    rows_of(lines)
}

/// Reads lines whose first is the heading. Empty ones are left out.
///
/// # Errors
/// [`FileError::Heading`].
pub fn rows_of(lines: Lines) -> Result<Vec<TableRow>, FileError> {
    let mut lines = lines.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    let (_, heading) = lines.next().ok_or_else(|| FileError::Heading(vec!["the file is empty".to_owned()]))?;
    let columns = columns(&heading)?;
    Ok(lines.map(|(number, cells)| row(number, &columns, cells)).collect())
}

enum Kind {
    Csv,
    Xlsx,
}

impl Kind {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            // An archive, as every XLSX file is.
            [b'P', b'K', 3, 4, ..] => Some(Self::Xlsx),
            text if text.contains(&0) => None,
            _ => Some(Self::Csv),
        }
    }
}

/// Numbered lines of cells.
pub type Lines = Vec<(usize, Vec<String>)>;

/// Reads a CSV file.
///
/// # Errors
/// Why it is none.
pub fn csv_lines(bytes: Vec<u8>) -> Result<Lines, String> {
    let text = String::from_utf8(bytes).map_err(|err| format!("it is not UTF-8 ({err}); save it as “CSV UTF-8”"))?;
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    // Vietnamese spreadsheets separate by semicolons.
    let delimiter = if heading.contains(';') && !heading.contains(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for (number, record) in (1..).zip(reader.records()) {
        let record = record.map_err(|err| err.to_string())?;
        lines.push((number, record.iter().map(str::to_owned).collect()));
    }
    Ok(lines)
}

/// Reads the first sheet of an XLSX file.
///
/// # Errors
/// Why it is none.
pub fn xlsx_lines(bytes: Vec<u8>) -> Result<Lines, String> {
    // The reader of workbooks trusts some numbers of the file: one that it stumbles over is no workbook.
    std::panic::catch_unwind(|| first_sheet(bytes))
        .unwrap_or_else(|_| Err("its numbers contradict each other; save it anew from a spreadsheet".to_owned()))
}

fn first_sheet(bytes: Vec<u8>) -> Result<Lines, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|err| err.to_string())?;
    let sheet = book.sheet_names().first().cloned().ok_or("it has no sheet")?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|err| err.to_string())?;
    // By the cells that are there: a rectangle around two that lie far apart would fill the memory.
    let mut lines: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell().map_err(|err| err.to_string())? {
        let (row, column) = cell.get_position();
        let (number, column) = (count(row)? + 1, count(column)?);
        if column >= MOST_COLUMNS {
            return Err(format!("row {number} has a cell beyond column {MOST_COLUMNS}"));
        }
        let line = lines.entry(number).or_default();
        line.resize(line.len().max(column + 1), String::new());
        if let Some(place) = line.get_mut(column) {
            *place = text_of(&cell.get_value().clone().into());
        }
    }
    Ok(lines.into_iter().collect())
}

fn count(place: u32) -> Result<usize, String> {
    usize::try_from(place).map_err(|err| err.to_string())
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        other => other.to_string(),
    }
}

fn columns(heading: &[String]) -> Result<Vec<Option<&'static str>>, FileError> {
    let mut faults = Vec::new();
    let mut columns: Vec<Option<&'static str>> = Vec::new();
    for name in heading {
        let name = name.trim().to_lowercase();
        let known = COLUMNS.into_iter().find(|column| *column == name);
        match known {
            Some(column) if columns.contains(&Some(column)) => faults.push(format!("{column} stands twice")),
            None if !name.is_empty() => faults.push(format!("there is no column {name}")),
            _ => {}
        }
        columns.push(known);
    }
    let missing = NEEDED.into_iter().filter(|needed| !columns.contains(&Some(needed)));
    faults.extend(missing.map(|needed| format!("{needed} is missing")));
    if faults.is_empty() { Ok(columns) } else { Err(FileError::Heading(faults)) }
}

fn row(number: usize, columns: &[Option<&'static str>], cells: Vec<String>) -> TableRow {
    let filled = |cell: &String| !cell.trim().is_empty();
    let is_too_long = cells.iter().skip(columns.len()).any(filled);
    let named = columns.iter().zip(cells).filter_map(|(column, cell)| Some(((*column)?, cell.trim().to_owned())));
    TableRow { number, cells: named.filter(|(_, cell)| !cell.is_empty()).collect(), is_too_long }
}
