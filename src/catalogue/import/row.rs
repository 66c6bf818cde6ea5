//! One JSON object, read field by field, so that every wrong field is told and not only the first.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::fault::{Place, RowFaults};
use crate::error::Said;

/// The fields of a row that are not read yet.
pub struct RowReader<'a> {
    place: &'a Place,
    fields: Map<String, Value>,
    faults: &'a mut RowFaults,
}

impl<'a> RowReader<'a> {
    /// Begins a row; `None` with a fault when it is no object.
    pub fn begin(place: &'a Place, row: Value, faults: &'a mut RowFaults) -> Option<Self> {
        if has_nul(&row) {
            faults.add(place, "", "holds the NUL character, which no text may");
            return None;
        }
        match row {
            Value::Object(fields) => Some(Self { place, fields, faults }),
            _ => {
                faults.add(place, "", "must be an object {…}");
                None
            }
        }
    }

    /// Reads a field that must be there.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        match self.fields.remove(name) {
            Some(value) => self.read(name, value),
            None => {
                self.fault(&format!("/{name}"), "is missing");
                None
            }
        }
    }

    /// Reads a field that may be left out or null.
    pub fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => self.read(name, value),
        }
    }

    /// Reads a field that has a default.
    pub fn or<T: DeserializeOwned>(&mut self, name: &str, default: T) -> T {
        self.optional(name).unwrap_or(default)
    }

    /// Reads a text of 1 to `longest` characters that must be there.
    pub fn text(&mut self, name: &str, longest: usize) -> Option<String> {
        let text: String = self.required(name)?;
        let fits = (1..=longest).contains(&text.chars().count()) && !text.trim().is_empty();
        if !fits {
            self.fault(&format!("/{name}"), format!("must have 1 to {longest} characters"));
        }
        fits.then_some(text)
    }

    /// Whether a field that is not read yet is there and not null.
    pub fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// Reads what was taken out of the field `name` before.
    pub fn inner<T: DeserializeOwned>(&mut self, name: &str, value: Value) -> Option<T> {
        self.read(name, value)
    }

    /// Notes a fault of this row.
    pub fn fault(&mut self, pointer: &str, why: impl std::fmt::Display) {
        self.faults.add(self.place, pointer, why);
    }

    /// Notes a fault of this row by its name.
    pub fn say(&mut self, pointer: &str, said: Said) {
        self.faults.say(self.place, pointer, said);
    }

    /// Ends the row: what is left is unknown.
    pub fn end(mut self) {
        for name in std::mem::take(&mut self.fields).keys() {
            self.fault(&format!("/{name}"), "is no field of this file");
        }
    }

    fn read<T: DeserializeOwned>(&mut self, name: &str, value: Value) -> Option<T> {
        serde_path_to_error::deserialize(value)
            .map_err(|err| {
                let pointer = format!("/{name}{}", pointer_of(err.path()));
                self.fault(&pointer, err.into_inner());
            })
            .ok()
    }
}

fn pointer_of(path: &Path) -> String {
    let parts = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{key}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    parts.collect()
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
