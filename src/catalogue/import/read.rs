//! The five files into rows. Every row is read to its end, and every fault is told.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::calendar::{self, CalendarFile};
use super::fault::{Place, RowFaults};
use super::procedure::{ProcedureRow, read_procedure};
use super::process::{ProcessRow, read_process};
use super::row::RowReader;
use crate::domain::catalogue::{CodeIs, UnitKind};
use crate::domain::unit::is_unit_code;

/// The files of a catalogue.
pub const UNITS: &str = "units.json";
/// See [`UNITS`].
pub const FIELDS: &str = "fields.json";
/// See [`UNITS`].
pub const PROCESSES: &str = "processes.json";
/// See [`UNITS`].
pub const PROCEDURES: &str = "procedures.json";
/// See [`UNITS`].
pub const CALENDAR: &str = "calendar.json";

/// The longest name of anything: names of procedures fill half a page.
pub(super) const LONGEST_NAME: usize = 2000;

/// A row and where it is.
#[derive(Debug)]
pub struct Item<T> {
    /// Where it is.
    pub place: Place,
    /// What it says.
    pub row: T,
}

/// All that the files say.
#[derive(Debug)]
pub struct Files {
    pub(super) units: Vec<Item<UnitRow>>,
    pub(super) fields: Vec<Item<FieldRow>>,
    pub(super) processes: Vec<Item<ProcessRow>>,
    pub(super) procedures: Vec<Item<ProcedureRow>>,
    pub(super) calendar: Option<CalendarFile>,
    /// The codes that stand in each file that could be read, wrong rows included: who names one is not at fault.
    pub(super) codes: Codes,
}

/// Codes by file.
pub type Codes = HashMap<&'static str, HashSet<String>>;

/// A row of [`UNITS`].
#[derive(Debug)]
pub struct UnitRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: UnitKind,
    pub(super) parent: Option<String>,
    pub(super) receives_at: String,
    pub(super) hard_area: bool,
    pub(super) code_is: CodeIs,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: Option<NaiveDate>,
    pub(super) former_codes: Vec<FormerCode>,
}

/// A code that a unit had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerCode {
    pub(super) code: String,
    #[serde(default)]
    pub(super) valid_to: Option<NaiveDate>,
}

/// A row of [`FIELDS`].
#[derive(Debug)]
pub struct FieldRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) code_is: CodeIs,
}

/// Reads the five files of a directory.
pub fn read_files(dir: &Path, faults: &mut RowFaults) -> Files {
    let mut reading = Reading { dir, faults, codes: Codes::new() };
    Files {
        units: reading.items(UNITS, read_unit),
        fields: reading.items(FIELDS, read_field),
        processes: reading.items(PROCESSES, read_process),
        procedures: reading.items(PROCEDURES, read_procedure),
        calendar: read_json(dir, CALENDAR, reading.faults).and_then(|whole| calendar::read(whole, reading.faults)),
        codes: reading.codes,
    }
}

struct Reading<'a> {
    dir: &'a Path,
    faults: &'a mut RowFaults,
    codes: Codes,
}

impl Reading<'_> {
    fn items<T>(&mut self, file: &'static str, read: fn(&mut RowReader<'_>) -> Option<T>) -> Vec<Item<T>> {
        let items = match read_json(self.dir, file, self.faults) {
            Some(Value::Array(items)) => items,
            Some(_) => {
                let place = Place::whole(file);
                self.faults.add(&place, "", "must be a list […] of objects");
                return Vec::new();
            }
            None => return Vec::new(),
        };
        let seen = self.codes.entry(file).or_default();
        let mut rows = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let place = place_of(file, "", index, &item, "code");
            if let Some(Value::String(code)) = item.get("code")
                && !seen.insert(code.clone())
            {
                self.faults.add(&place, "/code", "stands twice in this file");
            }
            let row = read_row(&place, item, self.faults, read);
            rows.extend(row.map(|row| Item { place, row }));
        }
        rows
    }
}

/// Reads one row to its end.
pub(super) fn read_row<T>(
    place: &Place,
    item: Value,
    faults: &mut RowFaults,
    read: fn(&mut RowReader<'_>) -> Option<T>,
) -> Option<T> {
    let mut reader = RowReader::begin(place, item, faults)?;
    let row = read(&mut reader);
    reader.end();
    row
}

/// `item 17 (1.115339)`, counted from 1, of the list at a pointer.
pub(super) fn place_of(file: &'static str, list: &str, index: usize, item: &Value, name: &str) -> Place {
    let number = index + 1;
    let row = match item.get(name) {
        Some(Value::String(code)) => format!("item {number} ({})", short(code)),
        Some(Value::Number(code)) => format!("item {number} ({code})"),
        _ => format!("item {number}"),
    };
    Place { file, row, at: format!("{list}/{index}") }
}

fn short(code: &str) -> String {
    code.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

fn read_json(dir: &Path, file: &'static str, faults: &mut RowFaults) -> Option<Value> {
    let place = Place::whole(file);
    let text = std::fs::read_to_string(dir.join(file))
        .map_err(|err| faults.add(&place, "", format!("can't be read: {err}")))
        .ok()?;
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|err| faults.add(&place, "", format!("is no JSON: {err}")))
        .ok()
}

fn read_unit(row: &mut RowReader<'_>) -> Option<UnitRow> {
    let code = row.text("code", 35);
    if code.as_deref().is_some_and(|code| !is_unit_code(code)) {
        row.fault("/code", "must be a letter, two digits and parts after dots, as H21.24.01");
    }
    let name = row.text("name", LONGEST_NAME);
    let kind = row.required("kind");
    let parent = row.optional("parent");
    let receives_at = row.required("receives_at");
    let hard_area = row.required("hard_area");
    let code_is = row.required("code_is");
    let (valid_from, valid_to) = read_validity(row);
    let former_codes: Vec<FormerCode> = row.or("former_codes", Vec::new());
    Some(UnitRow {
        code: code?,
        name: name?,
        kind: kind?,
        parent,
        receives_at: receives_at?,
        hard_area: hard_area?,
        code_is: code_is?,
        valid_from: valid_from?,
        valid_to,
        former_codes,
    })
}

fn read_field(row: &mut RowReader<'_>) -> Option<FieldRow> {
    let code = row.text("code", 35);
    let name = row.text("name", LONGEST_NAME);
    let code_is = row.required("code_is");
    Some(FieldRow { code: code?, name: name?, code_is: code_is? })
}

/// Reads from when to when a row holds.
pub fn read_validity(row: &mut RowReader<'_>) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from: Option<NaiveDate> = row.required("valid_from");
    let to: Option<NaiveDate> = row.optional("valid_to");
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        row.fault("/valid_to", "must be later than valid_from: it is the first day after");
    }
    (from, to)
}
