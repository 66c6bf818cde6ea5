//! Which report is to be sealed, as it is asked for.

use serde::Deserialize;

use crate::domain::ids::SealId;
use crate::error::AppError;
use crate::http::body::Faults;
use crate::statistics::{AskedPeriod, Grouping, PeriodForm};

/// Which report. The period is named in one way, as in `GET /statistics/units`.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeal {
    /// The first date, with `to`.
    from: Option<String>,
    /// The first date after the period.
    to: Option<String>,
    /// Report month by NĐ 09/2019/NĐ-CP: `2024-06`.
    month: Option<String>,
    /// Report quarter by NĐ 09/2019/NĐ-CP: `2024-Q2`.
    quarter: Option<String>,
    /// Report half year by NĐ 09/2019/NĐ-CP: `2024-H1`.
    half_year: Option<String>,
    /// Report year by NĐ 09/2019/NĐ-CP: `2024`.
    year: Option<String>,
    /// Month of the calendar.
    calendar_month: Option<String>,
    /// Quarter of the calendar.
    calendar_quarter: Option<String>,
    /// Half year of the calendar.
    calendar_half_year: Option<String>,
    /// Year of the calendar.
    calendar_year: Option<String>,
    /// The code of a unit: it and all below it. Without it, all that one may read.
    unit_code: Option<String>,
    /// What makes a row: `unit` (the default), `kind`, `field` or `parent`.
    group: Option<String>,
    /// The key of the seal that this one puts right.
    replaces: Option<String>,
    /// Why, where it puts one right: up to 1,000 letters.
    reason: Option<String>,
}

/// A report to be sealed.
#[derive(Debug, Clone)]
pub struct SealForm {
    /// The period.
    pub asked: AskedPeriod,
    /// The code of the unit.
    pub unit: Option<String>,
    /// What makes a row.
    pub grouping: Grouping,
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
        let grouping = match &self.group {
            Some(word) => faults.word("/group", word),
            None => Some(Grouping::Unit),
        };
        let replaces = self.replaced(&mut faults);
        let form = PeriodForm {
            from: self.from,
            to: self.to,
            month: self.month,
            quarter: self.quarter,
            half_year: self.half_year,
            year: self.year,
            calendar_month: self.calendar_month,
            calendar_quarter: self.calendar_quarter,
            calendar_half_year: self.calendar_half_year,
            calendar_year: self.calendar_year,
        };
        let asked = match form.read() {
            Ok(asked) => Some(asked),
            Err(AppError::Invalid(found)) => {
                found.into_iter().for_each(|fault| faults.add(fault.pointer.replacen('?', "/", 1), fault.said));
                None
            }
            Err(other) => return Err(other),
        };
        let (asked, (grouping, replaces)) = faults.finish(asked.zip(grouping.zip(replaces)))?;
        Ok(SealForm { asked, unit: self.unit_code, grouping, replaces })
    }

    fn replaced(&self, faults: &mut Faults) -> Option<Option<(SealId, String)>> {
        let Some(id) = &self.replaces else { return Some(None) };
        let reason = faults.text("/reason", 1000, self.reason.as_deref());
        // Whatever is no key is the key of no seal.
        let id = SealId(uuid::Uuid::try_parse(id).unwrap_or_default());
        reason.map(|reason| Some((id, reason)))
    }
}
