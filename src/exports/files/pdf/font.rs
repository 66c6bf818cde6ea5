//! The fonts of PDF files: Liberation Serif, as wide as Times New Roman, with every Vietnamese letter. Of each font only the
//! letters that a file uses go into it.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

use crate::error::AppError;

const REGULAR: &[u8] = include_bytes!("../../../../config/fonts/LiberationSerif-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../../config/fonts/LiberationSerif-Bold.ttf");
const ITALIC: &[u8] = include_bytes!("../../../../config/fonts/LiberationSerif-Italic.ttf");

const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Regular,
    Bold,
    Italic,
}

/// One font, and the letters of it that were used.
pub(super) struct Font {
    name: &'static str,
    data: &'static [u8],
    face: Face<'static>,
    used: GlyphRemapper,
    /// By the number in the file: what it stands for, and how wide it is in thousandths.
    letters: BTreeMap<u16, (char, f32)>,
}

/// The three fonts of a file.
pub(super) struct Fonts([Font; 3]);

impl Fonts {
    pub(super) fn new() -> Result<Self, AppError> {
        Ok(Self([
            Font::new("LiberationSerif", REGULAR)?,
            Font::new("LiberationSerif-Bold", BOLD)?,
            Font::new("LiberationSerif-Italic", ITALIC)?,
        ]))
    }

    pub(super) fn of(&self, style: Style) -> &Font {
        let [regular, bold, italic] = &self.0;
        match style {
            Style::Regular => regular,
            Style::Bold => bold,
            Style::Italic => italic,
        }
    }

    pub(super) fn of_mut(&mut self, style: Style) -> &mut Font {
        let [regular, bold, italic] = &mut self.0;
        match style {
            Style::Regular => regular,
            Style::Bold => bold,
            Style::Italic => italic,
        }
    }

    /// Writes the fonts; each takes five numbers from `first` on.
    pub(super) fn write(&self, pdf: &mut Pdf, first: i32) -> Result<(), AppError> {
        for (font, at) in self.0.iter().zip((first..).step_by(5)) {
            font.write(pdf, at)?;
        }
        Ok(())
    }
}

impl Style {
    /// Returns its name in a page.
    pub(super) fn name(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"F0"),
            Self::Bold => Name(b"F1"),
            Self::Italic => Name(b"F2"),
        }
    }

    /// Returns its place among the numbers of the file.
    pub(super) fn place(self, first: i32) -> Ref {
        match self {
            Self::Regular => Ref::new(first),
            Self::Bold => Ref::new(first + 5),
            Self::Italic => Ref::new(first + 10),
        }
    }
}

impl Font {
    fn new(name: &'static str, data: &'static [u8]) -> Result<Self, AppError> {
        let face = Face::parse(data, 0).map_err(|err| AppError::Internal(err.into()))?;
        Ok(Self { name, data, face, used: GlyphRemapper::new(), letters: BTreeMap::new() })
    }

    fn advance(&self, letter: char) -> f32 {
        let glyph = self.face.glyph_index(letter).unwrap_or_default();
        let advance = self.face.glyph_hor_advance(glyph).unwrap_or_default();
        f32::from(advance) * 1000.0 / f32::from(self.face.units_per_em())
    }

    /// Returns how wide a text is, in points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.nfc().map(|letter| self.advance(letter)).sum::<f32>() * size / 1000.0
    }

    /// Returns a text as the file writes it.
    pub(super) fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() * 2);
        for letter in text.nfc() {
            let glyph = self.face.glyph_index(letter).unwrap_or_default();
            let number = self.used.remap(glyph.0);
            let advance = self.advance(letter);
            self.letters.entry(number).or_insert((letter, advance));
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    fn write(&self, pdf: &mut Pdf, first: i32) -> Result<(), AppError> {
        let [font, cid, descriptor, file, unicode] = [0, 1, 2, 3, 4].map(|step| Ref::new(first + step));
        let subset = subsetter::subset(self.data, 0, &self.used).map_err(|err| AppError::internal(err.to_string()))?;
        // A subset is called by six letters before its name.
        let name = format!("MOTCUA+{}", self.name);
        let name = Name(name.as_bytes());
        pdf.type0_font(font)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let mut written = pdf.cid_font(cid);
        written.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM).font_descriptor(descriptor);
        written.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = written.widths();
        for (number, (_, width)) in &self.letters {
            widths.consecutive(*number, [*width]);
        }
        widths.finish();
        written.finish();
        let per_mille = |units: i16| f32::from(units) * 1000.0 / f32::from(self.face.units_per_em());
        let bounds = self.face.global_bounding_box();
        let (ascent, descent) = (per_mille(self.face.ascender()), per_mille(self.face.descender()));
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SERIF | FontFlags::SYMBOLIC)
            .bbox(Rect::new(
                per_mille(bounds.x_min),
                per_mille(bounds.y_min),
                per_mille(bounds.x_max),
                per_mille(bounds.y_max),
            ))
            .italic_angle(if self.name.ends_with("Italic") { -16.0 } else { 0.0 })
            .ascent(ascent)
            .descent(descent)
            .cap_height(self.face.capital_height().map_or(ascent, per_mille))
            .stem_v(80.0)
            .font_file2(file);
        pdf.stream(file, &subset).pair(Name(b"Length1"), i32::try_from(subset.len()).unwrap_or(i32::MAX));
        let mut letters = UnicodeCmap::new(Name(b"Letters"), SYSTEM);
        for (number, (letter, _)) in &self.letters {
            letters.pair(*number, *letter);
        }
        pdf.cmap(unicode, &letters.finish());
        Ok(())
    }
}
