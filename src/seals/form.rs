//! Which report is to be sealed, as it is asked for.

use crate::domain::ids::SealId;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::statistics::{AskedPeriod, Grouping, period_body};

period_body! {
    /// Which report. The period is named in one way, as in `GET /statistics/units`.
    NewSeal {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit_code: Option<String>,
        /// What makes a row: `unit` (the default), `kind`, `field` or `parent`.
        group: Option<String>,
        /// The code of a layout, as `06a`, instead of `group`: then files can be made of the seal.
        layout: Option<String>,
        /// The key of the seal that this one puts right.
        replaces: Option<String>,
        /// Why, where it puts one right: up to 1,000 letters.
        reason: Option<String>,
    }
}

/// What makes the rows of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// A grouping.
    Of(Grouping),
    /// The layout of this code.
    In(String),
}

/// A report to be sealed.
#[derive(Debug, Clone)]
pub struct SealForm {
    /// The period.
    pub asked: AskedPeriod,
    /// The code of the unit.
    pub unit: Option<String>,
    /// What makes its rows.
    pub rows: Rows,
    /// The seal that it puts right, and why.
    pub replaces: Option<(SealId, String)>,
}

impl NewSeal {
    /// Reads which report.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong.
    pub fn read(self) -> Result<SealForm, AppError> {
        let mut faults = Faults::new();
        let rows = self.rows(&mut faults);
        let replaces = self.replaced(&mut faults);
        let asked = self.period().gather_in_body(&mut faults);
        let (asked, (rows, replaces)) = faults.finish(asked.zip(rows.zip(replaces)))?;
        Ok(SealForm { asked, unit: self.unit_code, rows, replaces })
    }

    fn rows(&self, faults: &mut Faults) -> Option<Rows> {
        match (&self.group, &self.layout) {
            (None, None) => Some(Rows::Of(Grouping::Unit)),
            (Some(word), None) => faults.word("/group", word).map(Rows::Of),
            (None, Some(code)) => Some(Rows::In(code.trim().to_owned())),
            (Some(_), Some(_)) => {
                let said = Said::new(
                    "group_or_layout",
                    "Chỉ chọn một: group hoặc layout; mẫu báo cáo đã định cách chia dòng",
                    "Name one: group or layout; a layout says itself what makes its rows",
                );
                faults.read("/layout", said, None)
            }
        }
    }

    fn replaced(&self, faults: &mut Faults) -> Option<Option<(SealId, String)>> {
        let Some(id) = &self.replaces else { return Some(None) };
        let reason = faults.text("/reason", 1000, self.reason.as_deref());
        // Whatever is no key is the key of no seal.
        let id = SealId(uuid::Uuid::try_parse(id).unwrap_or_default());
        reason.map(|reason| Some((id, reason)))
    }
}
