//! What a column shows: a figure by its name, a sum of figures, a share, or what a row is called.

use crate::domain::tally::{Cells, Rate};
use crate::domain::words::words;
use crate::statistics::{Cell, IntakeCell, IntakeCounts};

use super::Counts;

words! {
    /// What a register shows of a dossier, beside its code.
    pub enum RegisterColumn {
        /// The name of its procedure.
        Procedure = "procedure",
        /// The code of its procedure.
        ProcedureCode = "procedure_code",
        /// Whom it is for.
        Applicant = "applicant",
        /// The unit that resolves it.
        Unit = "unit",
        /// How it came in.
        Channel = "channel",
        /// When it was accepted.
        AcceptedAt = "accepted_at",
        /// When its result is due.
        DueAt = "due_at",
        /// When its result was ready.
        FinishedAt = "finished_at",
        /// When its result was handed over.
        ReturnedAt = "returned_at",
        /// How the result goes to the applicant.
        ResultDelivery = "result_delivery",
        /// Who took it in.
        ReceivedBy = "received_by",
        /// Where the matter lies.
        Place = "place",
        /// Its status of now.
        Status = "status",
        /// How its end is counted.
        Standing = "standing",
    }
}

impl RegisterColumn {
    /// Whether it says when something was.
    #[must_use]
    pub const fn is_moment(self) -> bool {
        matches!(self, Self::AcceptedAt | Self::DueAt | Self::FinishedAt | Self::ReturnedAt)
    }
}

/// The figures of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figures {
    /// Of dossiers.
    Dossiers(Cells),
    /// Of intake.
    Intake(IntakeCounts),
}

/// One figure by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Dossiers(Cell),
    Intake(IntakeCell),
}

/// Figures that are added and taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum(Vec<(i64, Figure)>);

/// What a column shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// The number of the row.
    RowNumber,
    /// What the row stands for.
    Name,
    /// Its code.
    Code,
    /// Nothing: people fill it in.
    Open,
    /// A count.
    Count(Sum),
    /// A share.
    Rate(Sum, Sum),
    /// Something of a dossier.
    Register(RegisterColumn),
}

impl Shows {
    /// Reads what a layout says a column shows.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, counts: Counts) -> Result<Self, String> {
        match text.trim() {
            "row_number" => return Ok(Self::RowNumber),
            "name" if counts != Counts::Register => return Ok(Self::Name),
            "code" => return Ok(Self::Code),
            "open" => return Ok(Self::Open),
            _ => {}
        }
        if counts == Counts::Register {
            return text.trim().parse().map(Self::Register).map_err(|err| err.to_string());
        }
        // A share may be called by its name; what it is made of stands in its definition alone.
        let formula = counts.topic().share(text.trim()).unwrap_or(text);
        let parts: Vec<_> = formula.split('/').collect();
        match parts.as_slice() {
            [sum] => Ok(Self::Count(Sum::read(sum, counts)?)),
            [part, whole] => Ok(Self::Rate(Sum::read(part, counts)?, Sum::read(whole, counts)?)),
            _ => Err(format!("`{text}` has more than one `/`")),
        }
    }
}

impl Shows {
    /// Whether what stands there is a date with its time of day.
    #[must_use]
    pub const fn is_moment(&self) -> bool {
        matches!(self, Self::Register(column) if column.is_moment())
    }

    /// Returns the names of the cells of which its number is made, each once; none where it shows no number.
    #[must_use]
    pub fn cells(&self) -> Vec<&'static str> {
        let sums = match self {
            Self::Count(sum) => vec![sum],
            Self::Rate(part, whole) => vec![part, whole],
            Self::RowNumber | Self::Name | Self::Code | Self::Open | Self::Register(_) => Vec::new(),
        };
        let mut cells = Vec::new();
        for (_, figure) in sums.into_iter().flat_map(|sum| &sum.0) {
            if !cells.contains(&figure.name()) {
                cells.push(figure.name());
            }
        }
        cells
    }
}

impl Sum {
    /// Reads `early + on_time`, with or without brackets around the whole.
    fn read(text: &str, counts: Counts) -> Result<Self, String> {
        let text = text.trim();
        let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        let spaced = bare.replace('+', " + ").replace('-', " - ");
        let mut sum = Vec::new();
        let mut sign = Some(1);
        for word in spaced.split_whitespace() {
            match (word, sign) {
                ("+", None) => sign = Some(1),
                ("-", None) => sign = Some(-1),
                (name, Some(sign_of_it)) => {
                    sum.push((sign_of_it, Figure::read(name, counts)?));
                    sign = None;
                }
                _ => return Err(format!("`{text}` is no sum of figures; write it like `early + on_time`")),
            }
        }
        match (sum.is_empty(), sign) {
            (false, None) => Ok(Self(sum)),
            _ => Err(format!("`{text}` is no sum of figures; write it like `early + on_time`")),
        }
    }

    /// Returns what it comes to in a row.
    #[must_use]
    pub fn of(&self, figures: &Figures) -> i64 {
        self.0.iter().map(|(sign, figure)| sign * figure.of(figures)).sum()
    }
}

impl Figure {
    fn read(name: &str, counts: Counts) -> Result<Self, String> {
        match counts {
            Counts::Intake => name.parse().map(Self::Intake).map_err(|err| err.to_string()),
            Counts::Dossiers | Counts::Register => name.parse().map(Self::Dossiers).map_err(|err| err.to_string()),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Dossiers(cell) => cell.as_str(),
            Self::Intake(cell) => cell.as_str(),
        }
    }

    /// A layout names figures of one kind alone, as it was read.
    const fn of(self, figures: &Figures) -> i64 {
        match (self, figures) {
            (Self::Dossiers(cell), Figures::Dossiers(cells)) => cell.of(cells),
            (Self::Intake(cell), Figures::Intake(counts)) => cell.of(counts),
            (Self::Dossiers(_), Figures::Intake(_)) | (Self::Intake(_), Figures::Dossiers(_)) => 0,
        }
    }
}

/// Returns the share of one sum in another.
#[must_use]
pub fn share(part: &Sum, whole: &Sum, figures: &Figures) -> Rate {
    Rate::new(part.of(figures), whole.of(figures))
}
