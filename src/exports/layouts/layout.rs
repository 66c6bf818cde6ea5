//! What a layout says, once it is read.

use super::read;
use super::shows::Shows;
use super::texts::Text;
use crate::domain::words::words;
use crate::statistics::{Grouping, Topic};

words! {
    /// What a layout counts.
    pub enum Counts {
        /// Dossiers that are resolved, by the cells of biểu 06.
        Dossiers = "dossiers",
        /// What counters receive, and how soon they answer.
        Intake = "intake",
        /// Nothing: it lists dossiers.
        Register = "register",
    }
}

impl Counts {
    /// Returns what its figures are about.
    #[must_use]
    pub const fn topic(self) -> Topic {
        match self {
            Self::Dossiers | Self::Register => Topic::Dossiers,
            Self::Intake => Topic::Intake,
        }
    }
}

words! {
    /// The paper of a report.
    pub enum Paper {
        /// 210 × 297 mm.
        A4 = "a4",
        /// 297 × 420 mm.
        A3 = "a3",
    }
}

words! {
    /// How the paper lies.
    pub enum Orientation {
        /// Wider than high.
        Landscape = "landscape",
        /// Higher than wide.
        Portrait = "portrait",
    }
}

/// How a page is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// On which paper.
    pub paper: Paper,
    /// How it lies.
    pub orientation: Orientation,
}

/// What makes the rows of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A row a group.
    Of(Grouping),
    /// Groups, each with a row for each group in it.
    In(Grouping, Grouping),
    /// A row a counter.
    Counters,
    /// A row a dossier.
    Dossiers,
}

/// One cell of the head, in rows and columns from the table's corner, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The first row.
    pub top: u16,
    /// The first column.
    pub left: u16,
    /// The last row.
    pub bottom: u16,
    /// The last column.
    pub right: u16,
    /// What stands in it.
    pub text: String,
}

/// A column that shows something.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its headings from the outermost inwards.
    pub path: Vec<String>,
    /// What it shows.
    pub shows: Shows,
    /// As the layout writes it.
    pub shows_text: String,
    /// In characters.
    pub width: u16,
    /// Decimals of a rate, 0 to 2.
    pub decimals: u32,
}

impl Column {
    /// Returns all its headings in one line.
    #[must_use]
    pub fn heading(&self) -> String {
        self.path.join(": ")
    }
}

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// In which office.
    pub who: String,
    /// How.
    pub how: String,
}

/// A layout as it was written, with nothing else needed to read it again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Written {
    /// Its file, in TOML.
    pub text: String,
    /// The file that it builds on.
    pub like: Option<String>,
}

/// A form that figures are put into.
#[derive(Debug, Clone)]
pub struct Layout {
    /// By what it is asked for.
    pub code: String,
    /// As it was written.
    pub written: Written,
    /// What it is, in a line.
    pub about: String,
    /// The number of the form.
    pub form: String,
    /// The title that is printed.
    pub title: String,
    /// What is counted; empty where nothing is.
    pub counted_in: String,
    /// The text that prescribes it.
    pub source: String,
    /// How its files are named.
    pub file: String,
    /// How its sheet is named.
    pub sheet: String,
    /// What it counts.
    pub counts: Counts,
    /// What makes its rows.
    pub rows: Rows,
    /// How it is printed.
    pub page: Page,
    /// Printed above, on the left.
    pub head_left: Vec<Text>,
    /// Printed above, on the right.
    pub head_right: Vec<Text>,
    /// The cells of the head.
    pub heads: Vec<Head>,
    /// How many rows the head has.
    pub depth: u16,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    /// Printed below the table.
    pub notes: Vec<Text>,
    /// Whether it is said below the table at which counters the dossiers of the period were taken in.
    pub received_at: bool,
    /// Whether the messages of the period are counted below the table.
    pub messages: bool,
    /// The line above the signatures.
    pub place_and_date: String,
    /// Who signs, from the left.
    pub signatures: Vec<Signature>,
}

impl Layout {
    /// Reads a layout that was kept as it was written.
    ///
    /// # Errors
    /// The first [`LayoutFault`].
    pub fn of_written(code: &str, written: Written) -> Result<Self, LayoutFault> {
        read::written((code, code), written)
    }

    /// Returns how many columns there are.
    #[must_use]
    pub fn width(&self) -> u16 {
        u16::try_from(self.columns.len()).unwrap_or(u16::MAX)
    }
}

/// A layout can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {place}: {why}")]
pub struct LayoutFault {
    /// In which file.
    pub file: String,
    /// At which key.
    pub place: String,
    /// What is wrong and what to do.
    pub why: String,
}
