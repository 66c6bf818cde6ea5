//! Units (cơ quan, đơn vị): what they are, and what they were called before.

use chrono::NaiveDate;

use super::ids::UnitId;
use super::words::words;

words! {
    /// What a unit is.
    pub enum UnitKind {
        /// UBND tỉnh.
        Province = "province",
        /// Sở, ban, ngành.
        Department = "department",
        /// Văn phòng đăng ký đất đai and its branches.
        LandOffice = "land_office",
        /// Trung tâm Phục vụ hành chính công.
        OneStopCentre = "one_stop_centre",
        /// Ngành dọc.
        Vertical = "vertical",
        /// Xã, phường, đặc khu.
        Commune = "commune",
    }
}

words! {
    /// Whether a code was found in a publication or made up for the demo.
    pub enum CodeIs {
        /// Found.
        Published = "published",
        /// Made up.
        MadeUp = "made_up",
    }
}

/// A unit (cơ quan, đơn vị).
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its key.
    pub id: UnitId,
    /// Its code (QĐ 20/2020/QĐ-TTg).
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// Where its dossiers are received.
    pub receives_at: UnitId,
    /// Whether places in it have the longer terms of hard areas.
    pub hard_area: bool,
    /// Where the code comes from.
    pub code_is: CodeIs,
    /// The first day on which it existed.
    pub valid_from: NaiveDate,
    /// The first day on which it no longer does.
    pub valid_to: Option<NaiveDate>,
}

impl Unit {
    /// Whether it exists on a day.
    pub fn exists_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day < end)
    }
}

/// What a unit was called before.
#[derive(Debug, Clone)]
pub struct FormerName {
    /// Which unit.
    pub unit: UnitId,
    /// Its code then.
    pub code: String,
    /// Its name then.
    pub name: String,
    /// The first day on which it was called otherwise.
    pub valid_to: NaiveDate,
}

/// As the table checks it: a letter, two digits, then capitals and digits after dots (QĐ 20/2020/QĐ-TTg).
pub fn is_unit_code(code: &str) -> bool {
    let mut parts = code.split('.');
    let is_first = |part: &str| {
        matches!(part.as_bytes(), [letter, a, b]
            if letter.is_ascii_uppercase() && a.is_ascii_digit() && b.is_ascii_digit())
    };
    let is_later =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    parts.next().is_some_and(is_first) && parts.all(is_later)
}
