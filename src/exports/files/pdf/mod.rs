//! Reports as PDF: the page as the layout has it, the head of the table on every sheet, who signs below it. The same report is always the
//! same bytes.

mod font;
mod sheet;

use super::xlsx::head_lines;
use crate::error::AppError;
use crate::exports::files::printed;
use crate::exports::filled::{Filled, Level, Line, Value};
use crate::exports::layouts::{Head, Layout};
use font::Style;
use sheet::{Align, Frame, MARGIN, Sheets, Words};

/// Where the columns of a table stand, and how large its letters are.
struct Grid {
    lefts: Vec<f32>,
    room: f32,
    size: f32,
}

impl Grid {
    /// Spreads the columns over the sheet as wide as the layout wants them against each other.
    fn new(layout: &Layout, room: f32) -> Self {
        let all: f32 = layout.columns.iter().map(|column| f32::from(column.width)).sum();
        let mut lefts = vec![MARGIN];
        let mut at = MARGIN;
        for column in &layout.columns {
            at += f32::from(column.width) / all * room;
            lefts.push(at);
        }
        Self { lefts, room, size: if layout.columns.len() > 14 { 7.5 } else { 9.0 } }
    }

    /// Returns the left edge and the width of columns, both ends included.
    fn span(&self, left: u16, right: u16) -> (f32, f32) {
        let edge = |column: u16| self.lefts.get(usize::from(column)).copied().unwrap_or(MARGIN + self.room);
        (edge(left), edge(right.saturating_add(1)) - edge(left))
    }
}

fn words(text: impl Into<String>, style: Style, size: f32, align: Align) -> Words {
    Words { text: text.into(), style, size, align }
}

/// Writes a report.
pub(super) fn write(report: &Filled) -> Result<Vec<u8>, AppError> {
    let layout = &report.caption.layout;
    let mut sheets = Sheets::new(layout.page)?;
    let grid = Grid::new(layout, sheets.room());
    write_top(&mut sheets, report);
    write_head(&mut sheets, layout, &grid);
    for line in &report.lines {
        write_line(&mut sheets, (line, layout), &grid);
    }
    write_bottom(&mut sheets, layout, &report.notes());
    sheets.finish(&layout.title, report.caption.period.period.to())
}

/// Writes words over a part of the sheet's width, from the top down.
fn flow(sheets: &mut Sheets, words: &Words) {
    let room = sheets.room();
    let height = sheets.height(words, room);
    if !sheets.has_room(height) {
        sheets.turn();
    }
    let y = sheets.y;
    sheets.put(words, (MARGIN, y, room, height), Frame::None);
    sheets.y += height;
}

fn write_top(sheets: &mut Sheets, report: &Filled) {
    let (caption, layout) = (&report.caption, &report.caption.layout);
    let half = sheets.room() / 2.0;
    for (left, right) in head_lines(layout, |text| report.text(text)) {
        let [left, right] = [left, right].map(|text| words(text, Style::Regular, 10.0, Align::Left));
        let height = sheets.height(&left, half).max(sheets.height(&right, half));
        let y = sheets.y;
        sheets.put(&left, (MARGIN, y, half, height), Frame::None);
        sheets.put(&right, (MARGIN + half, y, half, height), Frame::None);
        sheets.y += height;
    }
    flow(sheets, &words(&layout.title, Style::Bold, 13.0, Align::Centre));
    flow(sheets, &words(caption.period_text(), Style::Bold, 10.5, Align::Centre));
    flow(sheets, &words(&layout.counted_in, Style::Italic, 9.0, Align::Right));
}

/// Draws the head of the table with the numbers of its columns.
fn write_head(sheets: &mut Sheets, layout: &Layout, grid: &Grid) {
    let text = |head: &Head| words(&head.text, Style::Bold, grid.size, Align::Centre);
    let mut heights = vec![0.0_f32; usize::from(layout.depth)];
    // A cell that spans rows makes the last of them higher when it must.
    let mut heads: Vec<&Head> = layout.heads.iter().collect();
    heads.sort_by_key(|head| head.bottom - head.top);
    for head in &heads {
        let (_, width) = grid.span(head.left, head.right);
        let needed = sheets.height(&text(head), width);
        let spanned = heights.get_mut(usize::from(head.top)..=usize::from(head.bottom)).unwrap_or_default();
        let there: f32 = spanned.iter().sum();
        if let Some(last) = spanned.last_mut() {
            *last += (needed - there).max(0.0);
        }
    }
    let top = sheets.y;
    let above = |row: u16| heights.iter().take(usize::from(row)).sum::<f32>();
    for head in heads {
        let (left, width) = grid.span(head.left, head.right);
        let (from, to) = (above(head.top), above(head.bottom + 1));
        sheets.put(&text(head), (left, top + from, width, to - from), Frame::Drawn);
    }
    sheets.y = top + above(layout.depth);
    let numbers =
        (0..layout.width()).map(|column| words(format!("({})", column + 1), Style::Italic, 7.5, Align::Centre));
    let numbers: Vec<_> = numbers.collect();
    put_row(sheets, &numbers, grid);
}

fn put_row(sheets: &mut Sheets, cells: &[Words], grid: &Grid) {
    let spans: Vec<_> = (0..).zip(cells).map(|(column, _)| grid.span(column, column)).collect();
    let heights = cells.iter().zip(&spans).map(|(cell, (_, width))| sheets.height(cell, *width));
    let height = heights.fold(0.0_f32, f32::max);
    let y = sheets.y;
    for (cell, (left, width)) in cells.iter().zip(spans) {
        sheets.put(cell, (left, y, width, height), Frame::Drawn);
    }
    sheets.y += height;
}

fn write_line(sheets: &mut Sheets, (line, layout): (&Line, &Layout), grid: &Grid) {
    let style = match line.level {
        Level::Row => Style::Regular,
        Level::Total | Level::Group => Style::Bold,
    };
    let cells = layout.columns.iter().map(|column| match Filled::value(line, column) {
        Value::Blank => words("", style, grid.size, Align::Left),
        Value::Text(text) => words(text, style, grid.size, Align::Left),
        Value::Count(count) => words(printed(count), style, grid.size, Align::Right),
        Value::Rate(rate, decimals) => {
            words(rate.printed(decimals).unwrap_or_default(), style, grid.size, Align::Right)
        }
    });
    let cells: Vec<_> = cells.collect();
    let heights = (0..).zip(&cells).map(|(column, cell)| sheets.height(cell, grid.span(column, column).1));
    if !sheets.has_room(heights.fold(0.0_f32, f32::max)) {
        sheets.turn();
        write_head(sheets, layout, grid);
    }
    put_row(sheets, &cells, grid);
}

fn write_bottom(sheets: &mut Sheets, layout: &Layout, notes: &[String]) {
    sheets.y += 4.0;
    for note in notes {
        flow(sheets, &words(note, Style::Italic, 9.0, Align::Left));
    }
    let Ok(signing) = u16::try_from(layout.signatures.len()) else { return };
    if signing == 0 {
        return;
    }
    // Room to sign by hand, with the date above it, on one sheet.
    if !sheets.has_room(110.0) {
        sheets.turn();
    }
    let width = sheets.room() / f32::from(signing);
    let top = sheets.y + 6.0;
    for (place, signature) in (0..signing).zip(&layout.signatures) {
        let left = MARGIN + f32::from(place) * width;
        let at = |line: f32| (left, top + line * 15.0, width, 15.0);
        if place + 1 == signing {
            sheets.put(&words(&layout.place_and_date, Style::Italic, 10.0, Align::Centre), at(0.0), Frame::None);
        }
        sheets.put(&words(&signature.who, Style::Bold, 10.0, Align::Centre), at(1.0), Frame::None);
        sheets.put(&words(&signature.how, Style::Italic, 9.0, Align::Centre), at(2.0), Frame::None);
    }
}
