//! What every answer with figures says of them.

use serde::Serialize;

use super::asked::{AskedPeriod, PeriodOut};
use super::definitions::Topic;
use super::periods::CalendarOut;
use crate::domain::period::Period;
use crate::http::office_time::OfficeTime;
use crate::state::Act;

/// Of which period figures are, when and by which calendars they were counted, and where they are explained.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FiguresHead {
    period: PeriodOut,
    /// The one instant at which all was counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: OfficeTime,
    /// The calendars by which due dates of the period were counted.
    calendar: CalendarOut,
    /// Where the figures are explained.
    definitions: String,
}

impl FiguresHead {
    /// Says it of what was counted at the moment of `act`.
    pub fn new(act: &Act<'_>, asked: &AskedPeriod, topic: Topic) -> Self {
        Self::over(act, (asked, &asked.period), topic)
    }

    /// As [`FiguresHead::new`], where more was counted than the period asked for.
    pub fn over(act: &Act<'_>, (asked, counted): (&AskedPeriod, &Period), topic: Topic) -> Self {
        Self {
            period: asked.into(),
            as_of: act.now.into(),
            calendar: CalendarOut::of(act.catalogue().calendars(), counted, act.now),
            definitions: topic.address(),
        }
    }
}
