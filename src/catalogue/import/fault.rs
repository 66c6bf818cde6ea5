//! What is wrong in a file, on one line: file, row, field, why.

use std::fmt;

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: &'static str,
    /// The row as a person finds it: `item 17 (1.115339)`; empty for the whole file.
    pub row: String,
}

impl Place {
    /// The file as a whole.
    pub fn whole(file: &'static str) -> Self {
        Self { file, row: String::new() }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Where.
    pub place: Place,
    /// The JSON pointer of the field within the row; empty for the whole row.
    pub pointer: String,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place.file)?;
        for part in [&self.place.row, &self.pointer] {
            if !part.is_empty() {
                write!(f, ": {part}")?;
            }
        }
        write!(f, ": {}", self.why.replace('\n', " "))
    }
}

/// All that is wrong so far.
#[derive(Debug, Default)]
pub struct RowFaults(Vec<RowFault>);

impl RowFaults {
    /// Notes one.
    pub fn add(&mut self, place: &Place, pointer: &str, why: impl fmt::Display) {
        self.0.push(RowFault { place: place.clone(), pointer: pointer.to_owned(), why: why.to_string() });
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands them over.
    pub fn into_vec(self) -> Vec<RowFault> {
        self.0
    }
}
