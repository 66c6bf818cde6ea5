//! What became of each row.

use std::fmt;
use std::io::Write;

use super::DryRun;
use crate::error::Fault;

/// What is wrong with a cell; without a column, with the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The column.
    pub column: String,
    /// What is wrong, and what to do.
    pub text: String,
}

impl CellFault {
    /// Puts the two together.
    pub fn new(column: impl Into<String>, text: impl Into<String>) -> Self {
        Self { column: column.into(), text: text.into() }
    }

    /// Tells a fault of the intake by the column that it came from.
    pub fn of(fault: &Fault) -> Self {
        let column = fault.pointer.trim_start_matches('/').replace('/', "_");
        let column = if column == "applicant_kind" { "kind".to_owned() } else { column };
        Self::new(column, fault.said.en.clone())
    }
}

impl fmt::Display for CellFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column.as_str() {
            "" => f.write_str(&self.text),
            column => write!(f, "{column}: {}", self.text),
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Loaded under this code.
    Loaded(String),
    /// It is there already, under this code.
    There(Option<String>),
    /// Nothing is wrong with it, but nothing was to be written.
    WouldLoad,
    /// Nothing is wrong with it, but with others.
    HeldBack,
    /// It can't be loaded.
    Refused(Vec<CellFault>),
}

/// The verdict on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The row as a spreadsheet counts: the heading is 1.
    pub row: usize,
    /// What became of it.
    pub what: What,
}

impl Verdict {
    /// Whether the row can't be loaded.
    pub fn is_refused(&self) -> bool {
        matches!(self.what, What::Refused(_))
    }

    /// The verdict after the transaction was undone; what was there before is there still.
    pub(super) fn undone(self, dry_run: DryRun) -> Self {
        let what = match (self.what, dry_run) {
            (What::Loaded(_), DryRun::Yes) => What::WouldLoad,
            (What::Loaded(_), DryRun::No) => What::HeldBack,
            (what, _) => what,
        };
        Self { row: self.row, what }
    }

    fn cells(&self) -> [String; 4] {
        let (word, code, faults) = match &self.what {
            What::Loaded(code) => ("loaded", code.clone(), String::new()),
            What::There(code) => ("there already", code.clone().unwrap_or_default(), String::new()),
            What::WouldLoad => ("would load", String::new(), String::new()),
            What::HeldBack => ("held back", String::new(), String::new()),
            What::Refused(faults) => {
                let faults: Vec<_> = faults.iter().map(CellFault::to_string).collect();
                ("refused", String::new(), faults.join("; "))
            }
        };
        [self.row.to_string(), word.to_owned(), code, faults]
    }
}

/// Writes the verdicts as CSV: row, verdict, code, faults.
///
/// # Errors
/// What the writer says.
pub fn write(out: impl Write, verdicts: &[Verdict]) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["row", "verdict", "code", "faults"])?;
    for verdict in verdicts {
        writer.write_record(verdict.cells())?;
    }
    writer.flush()?;
    Ok(())
}
