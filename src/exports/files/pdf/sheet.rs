//! Sheets of paper: boxes with text in them, from the top down, a new sheet when one is full.

use chrono::{Datelike, NaiveDate};
use pdf_writer::{Content, Date, Finish, Pdf, Rect, Ref, Str, TextStr};

use super::font::{Fonts, Style};
use crate::error::AppError;
use crate::exports::layouts::{Orientation, Page, Paper};

/// The sides of A4, in points; the longer one of A3 is twice the shorter one.
const A4: (f32, f32) = (595.28, 841.89);
const A3: (f32, f32) = (841.89, 1190.55);
/// What is left free around.
pub(super) const MARGIN: f32 = 36.0;
/// From one line to the next, in sizes of the letters.
const LEADING: f32 = 1.18;
/// What is left free in a box.
const PADDING: f32 = 2.5;

/// Where a text stands in its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// A text and how it looks.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub text: String,
    pub style: Style,
    pub size: f32,
    pub align: Align,
}

/// Whether a box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    Drawn,
    None,
}

/// The sheets of a file.
pub(super) struct Sheets {
    fonts: Fonts,
    done: Vec<Content>,
    page: Content,
    width: f32,
    height: f32,
    /// How far down the next box begins.
    pub y: f32,
}

impl Sheets {
    pub(super) fn new(page: Page) -> Result<Self, AppError> {
        let (short, long) = match page.paper {
            Paper::A4 => A4,
            Paper::A3 => A3,
        };
        let (width, height) = match page.orientation {
            Orientation::Landscape => (long, short),
            Orientation::Portrait => (short, long),
        };
        Ok(Self { fonts: Fonts::new()?, done: Vec::new(), page: Content::new(), width, height, y: MARGIN })
    }

    /// Returns how wide what is printed may be.
    pub(super) fn room(&self) -> f32 {
        self.width - MARGIN * 2.0
    }

    /// Says whether a box of this height fits below.
    pub(super) fn has_room(&self, height: f32) -> bool {
        self.y + height <= self.height - MARGIN
    }

    /// Takes a new sheet.
    pub(super) fn turn(&mut self) {
        self.done.push(std::mem::replace(&mut self.page, Content::new()));
        self.y = MARGIN;
    }

    /// Returns how high a box of this width must be for its words.
    pub(super) fn height(&self, words: &Words, width: f32) -> f32 {
        let lines = self.lines(words, width).len().max(1);
        let lines = f32::from(u16::try_from(lines).unwrap_or(u16::MAX));
        lines * words.size * LEADING + PADDING * 2.0
    }

    /// Draws a box `(x, y, width, height)` with words in its middle.
    pub(super) fn put(&mut self, words: &Words, (x, y, width, height): (f32, f32, f32, f32), frame: Frame) {
        if frame == Frame::Drawn {
            self.page.set_line_width(0.5).rect(x, self.height - y - height, width, height).stroke();
        }
        let lines = self.lines(words, width);
        let step = words.size * LEADING;
        let count = f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX));
        let mut top = y + (height - count * step) / 2.0;
        for line in lines {
            let free = width - PADDING * 2.0 - self.fonts.of(words.style).width(&line, words.size);
            let left = x
                + PADDING
                + match words.align {
                    Align::Left => 0.0,
                    Align::Centre => free / 2.0,
                    Align::Right => free,
                };
            self.write(&line, (words.style, words.size), (left, top + words.size));
            top += step;
        }
    }

    fn write(&mut self, text: &str, (style, size): (Style, f32), (x, y): (f32, f32)) {
        let bytes = self.fonts.of_mut(style).encode(text);
        self.page.begin_text().set_font(style.name(), size);
        self.page.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, self.height - y]).show(Str(&bytes)).end_text();
    }

    /// Breaks words into lines; a word that is wider than its box is broken too.
    fn lines(&self, words: &Words, width: f32) -> Vec<String> {
        let (font, room) = (self.fonts.of(words.style), width - PADDING * 2.0);
        let fits = |text: &str| font.width(text, words.size) <= room;
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in words.text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
                continue;
            }
            lines.extend(Some(std::mem::take(&mut line)).filter(|line| !line.is_empty()));
            for letter in word.chars() {
                line.push(letter);
                if !fits(&line) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.to_string()));
                }
            }
        }
        lines.extend(Some(line).filter(|line| !line.is_empty()));
        lines
    }

    /// Ends the last sheet, numbers all of them, and returns the file.
    pub(super) fn finish(mut self, title: &str, made_on: NaiveDate) -> Result<Vec<u8>, AppError> {
        self.turn();
        let pages = std::mem::take(&mut self.done);
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        let [catalog, tree, info] = [1, 2, 3].map(Ref::new);
        let (first_font, first_page) = (4, 19);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids((0..count).map(|page| Ref::new(first_page + page * 2))).count(count);
        // The date of the file is that of the period's end, not of the writing.
        let part = |number: u32| u8::try_from(number).unwrap_or(1);
        let date = Date::new(u16::try_from(made_on.year()).unwrap_or(2000)).month(part(made_on.month()));
        let date = date.day(part(made_on.day())).hour(0).minute(0).second(0).utc_offset_hour(7).utc_offset_minute(0);
        pdf.document_info(info).title(TextStr(title)).creator(TextStr("motcua")).creation_date(date);
        for (number, page) in (1..=count).zip(pages) {
            self.page = page;
            let words = format!("Trang {number}/{count}");
            self.write(&words, (Style::Italic, 8.0), (self.width - MARGIN - 48.0, self.height - 18.0));
            let content = std::mem::replace(&mut self.page, Content::new()).finish();
            let place = first_page + (number - 1) * 2;
            let mut written = pdf.page(Ref::new(place));
            written.media_box(Rect::new(0.0, 0.0, self.width, self.height)).parent(tree).contents(Ref::new(place + 1));
            let mut resources = written.resources();
            let mut fonts = resources.fonts();
            for style in [Style::Regular, Style::Bold, Style::Italic] {
                fonts.pair(style.name(), style.place(first_font));
            }
            fonts.finish();
            resources.finish();
            written.finish();
            pdf.stream(Ref::new(place + 1), &content);
        }
        self.fonts.write(&mut pdf, first_font)?;
        Ok(pdf.finish())
    }
}
