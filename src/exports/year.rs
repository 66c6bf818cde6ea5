//! The page of figures that the yearly report of the province quotes: the layout `year`, as a text.

use super::files::printed;
use super::filled::{Filled, Level, Line, Value};
use super::layouts::{Column, Shows};

/// Under which code its layout is found.
pub(super) const LAYOUT: &str = "year";

/// Writes the page as text to quote from: a line for each row, its figures by their headings.
pub(super) fn text(page: &Filled) -> String {
    let caption = &page.caption;
    let mut lines = vec![caption.layout.title.clone(), caption.unit_name.clone(), caption.period_text(), String::new()];
    lines.extend(page.lines.iter().map(|line| row(line, &caption.layout.columns)));
    lines.push(String::new());
    lines.extend(page.notes());
    lines.push(String::new());
    lines.join("\n")
}

fn row(line: &Line, columns: &[Column]) -> String {
    let figures = columns.iter().filter(|column| !matches!(column.shows, Shows::RowNumber | Shows::Name));
    let figures = figures.filter_map(|column| {
        let figure = match Filled::value(line, column) {
            Value::Blank => return None,
            Value::Text(text) => text,
            Value::Count(count) => printed(count),
            Value::Rate(rate, decimals) => rate.printed(decimals).unwrap_or_else(|| "không phát sinh".to_owned()),
        };
        Some(format!("{} {figure}", column.heading().to_lowercase()))
    });
    let indent = if line.level == Level::Row { "  " } else { "" };
    let number = line.number.as_ref().map_or(String::new(), |number| format!("{number}. "));
    format!("{indent}{number}{}: {}", line.name, figures.collect::<Vec<_>>().join("; "))
}
