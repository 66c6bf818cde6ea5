//! What is wrong in a file, on one line: file, row, field, why.

use std::fmt;

use crate::error::{Fault, Said};

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: &'static str,
    /// The row as a person finds it: `item 17 (1.115339)`; empty for the whole file.
    pub row: String,
    /// The JSON pointer of the row within the file.
    pub at: String,
}

impl Place {
    /// The file as a whole.
    pub fn whole(file: &'static str) -> Self {
        Self { file, row: String::new(), at: String::new() }
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
    pub said: Said,
}

impl RowFault {
    /// Turns it into the fault of a body that holds the file's content at a pointer.
    pub fn in_body(self, content_at: &str) -> Fault {
        Fault::new(format!("{content_at}{}{}", self.place.at, self.pointer), self.said)
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place.file)?;
        for part in [&self.place.row, &self.pointer] {
            if !part.is_empty() {
                write!(f, ": {part}")?;
            }
        }
        write!(f, ": {}", self.said.en.replace('\n', " "))
    }
}

/// All that is wrong so far.
#[derive(Debug, Default)]
pub struct RowFaults(Vec<RowFault>);

impl RowFaults {
    /// Notes one that is told at the terminal alone.
    pub fn add(&mut self, place: &Place, pointer: &str, why: impl fmt::Display) {
        self.say(place, pointer, Said::new("wrong_field", format!("Nội dung không đúng: {why}"), why.to_string()));
    }

    /// Notes one.
    pub fn say(&mut self, place: &Place, pointer: &str, said: Said) {
        self.0.push(RowFault { place: place.clone(), pointer: pointer.to_owned(), said });
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
