//! Texts of a layout with places for words and figures: `Đơn vị báo cáo: {unit}`.

use crate::domain::words::words;

use super::{Counts, Shows};

words! {
    /// What a report knows of itself.
    pub enum Word {
        /// The number of the form.
        Form = "form",
        /// Whose figures they are.
        Unit = "unit",
        /// The period by its name, with both dates.
        Period = "period",
        /// Both dates, the last one included.
        Dates = "dates",
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Plain(String),
    /// A word of the report.
    Word(Word),
    /// A figure of the total.
    Figure(Shows),
}

/// A text with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

impl Text {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, counts: Counts) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("`{{{after}` has no end"))?;
            pieces.push(Piece::Plain(before.to_owned()));
            pieces.push(match (name.parse::<Word>(), Shows::read(name, counts)) {
                (Ok(word), _) => Piece::Word(word),
                (Err(_), Ok(shows @ (Shows::Count(_) | Shows::Rate(..)))) => Piece::Figure(shows),
                (Err(_), Ok(_)) => return Err(format!("`{{{name}}}` is no figure")),
                (Err(_), Err(why)) => return Err(why),
            });
            rest = after;
        }
        pieces.push(Piece::Plain(rest.to_owned()));
        Ok(Self(pieces))
    }
}
