//! What happens next to a dossier, and when: by its plan, its due date and the calendar. Pure.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::moments::{days_later, later, of_day, on_the_way};
use super::plan::{Detour, End, Intake, Life};
use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::dossier::ResultDelivery;
use crate::domain::period::office_time;
use crate::domain::procedure::TermUnit;

/// What is done to a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It comes.
    Come,
    /// What the counter found missing comes.
    Complete,
    /// It is accepted.
    Accept,
    /// It is not.
    Decline,
    /// It goes to the resolving unit.
    Transfer,
    /// Its step is done.
    Advance,
    /// Papers are asked for.
    Ask,
    /// They come.
    Supply,
    /// They don't.
    Lapse,
    /// Money is owed.
    Bill,
    /// It is paid.
    Pay,
    /// The citizen takes it back.
    Withdraw,
    /// An apology for being late.
    Apologise,
    /// The result is ready, at the counter already.
    Finish,
    /// The result is ready, elsewhere.
    FinishElsewhere,
    /// It comes to the counter.
    Arrive,
    /// It is handed over.
    HandOver,
}

impl Deed {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Come => "take in",
            Self::Complete | Self::Supply => "supply",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Transfer => "transfer",
            Self::Advance => "advance",
            Self::Ask => "request_supplement",
            Self::Lapse => "lapse",
            Self::Bill => "request_payment",
            Self::Pay => "confirm_payment",
            Self::Withdraw => "withdraw",
            Self::Apologise => "apologise",
            Self::Finish | Self::FinishElsewhere => "finish",
            Self::Arrive => "arrive",
            Self::HandOver => "hand_over",
        }
    }
}

/// Where a dossier stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// What was done last.
    pub last: Deed,
    /// When.
    pub at: NaiveDateTime,
    /// The due date in force.
    pub due_at: Option<DateTime<Utc>>,
    /// The unit of its term.
    pub unit: TermUnit,
    /// Working days that a citizen has for a supplement.
    pub supplement_days: u32,
}

type Next = Result<Option<(NaiveDateTime, Deed)>, CalendarError>;

/// Returns what is done next, and when; nothing when the life is over.
///
/// # Errors
/// A calendar that ends.
pub fn next(calendar: &Calendar, life: &Life, stands: &Standing) -> Next {
    let [quick, wait, ..] = life.luck;
    let at = stands.at;
    let soon = |minutes: u32| later(calendar, at, i64::from(10 + quick * minutes / 10_000));
    Ok(Some(match stands.last {
        Deed::Come => match life.intake {
            Intake::Complete => (soon(80)?, Deed::Transfer),
            Intake::Incomplete => (days_later(calendar, at, 1 + wait / 2500, quick)?, Deed::Complete),
            Intake::Online => (soon(200)?, Deed::Accept),
            Intake::Unfit => (soon(200)?, Deed::Decline),
        },
        Deed::Complete => (soon(30)?, Deed::Accept),
        Deed::Accept => (soon(80)?, Deed::Transfer),
        Deed::Transfer => return detour(calendar, life, stands),
        Deed::Ask if life.end == End::Lapsed => {
            (days_later(calendar, at, stands.supplement_days + 1, quick)?, Deed::Lapse)
        }
        Deed::Ask => (days_later(calendar, at, 1 + wait / 1700, quick)?, Deed::Supply),
        Deed::Bill => (days_later(calendar, at, wait / 1700, quick)?, Deed::Pay),
        Deed::Advance | Deed::Supply | Deed::Pay => return end(calendar, life, stands),
        Deed::Apologise => (late(calendar, life, stands)?, finish(life)),
        Deed::Finish => return hand_over(calendar, life, stands),
        Deed::FinishElsewhere => (days_later(calendar, at, 1, 500 + quick / 10)?, Deed::Arrive),
        Deed::Arrive => return hand_over(calendar, life, stands),
        Deed::Decline | Deed::Lapse | Deed::Withdraw | Deed::HandOver => return Ok(None),
    }))
}

fn detour(calendar: &Calendar, life: &Life, stands: &Standing) -> Next {
    let [_, wait, ..] = life.luck;
    let deed = match life.detour {
        Detour::None => return end(calendar, life, stands),
        Detour::Advance => Deed::Advance,
        Detour::Supplement => Deed::Ask,
        Detour::Payment => Deed::Bill,
    };
    let at = later(calendar, stands.at, i64::from(20 + wait * 300 / 10_000))?;
    // Near the due date nothing is begun any more.
    let Some(due) = stands.due_at.map(office_time) else { return Ok(None) };
    if at.date() < due.date() { Ok(Some((at, deed))) } else { end(calendar, life, stands) }
}

fn end(calendar: &Calendar, life: &Life, stands: &Standing) -> Next {
    let Some(due) = stands.due_at.map(office_time) else { return Ok(None) };
    let [.., share, _, _] = life.luck;
    Ok(Some(match life.end {
        End::Withdrawn | End::Lapsed => {
            (on_the_way(calendar, stands.at, due, 1000 + share / 2)?.max(stands.at), Deed::Withdraw)
        }
        End::Late { days: 1 } => (late(calendar, life, stands)?, finish(life)),
        End::Late { .. } => {
            let morning = of_day(calendar, calendar.next_working_day(due.date())?, 800);
            (morning.max(stands.at + TimeDelta::minutes(5)), Deed::Apologise)
        }
        End::Early => (early(calendar, stands, due, 1500 + share * 7 / 10)?, finish(life)),
        End::OnTheDay => (on_the_day(calendar, stands, due, share), finish(life)),
    }))
}

fn finish(life: &Life) -> Deed {
    let [.., elsewhere, _] = life.luck;
    let is_paper = life.delivery == ResultDelivery::Counter;
    if is_paper && elsewhere < 1000 { Deed::FinishElsewhere } else { Deed::Finish }
}

/// Before the due date if there is still time, else on it.
fn early(
    calendar: &Calendar,
    stands: &Standing,
    due: NaiveDateTime,
    share: u32,
) -> Result<NaiveDateTime, CalendarError> {
    let at = on_the_way(calendar, stands.at, due, share)?;
    if stands.unit == TermUnit::WorkingHour || at.date() < due.date() {
        return Ok(at.max(stands.at));
    }
    let day = calendar.previous_working_day(due.date())?;
    let evening = calendar.closing_at(day) - TimeDelta::minutes(i64::from(5 + share % 50));
    // Somebody stays a little longer, or it is done tomorrow.
    let at = evening.max(stands.at + TimeDelta::minutes(3));
    Ok(if at.date() < due.date() { at } else { on_the_day(calendar, stands, due, share) })
}

fn on_the_day(calendar: &Calendar, stands: &Standing, due: NaiveDateTime, share: u32) -> NaiveDateTime {
    let at = match stands.unit {
        TermUnit::WorkingHour => due.with_second(0).unwrap_or(due),
        _ => of_day(calendar, due.date(), share * 9 / 10).min(due - TimeDelta::minutes(5)),
    };
    at.max(stands.at + TimeDelta::minutes(2))
}

fn late(calendar: &Calendar, life: &Life, stands: &Standing) -> Result<NaiveDateTime, CalendarError> {
    let (End::Late { days }, Some(due)) = (life.end, stands.due_at.map(office_time)) else {
        return Ok(stands.at + TimeDelta::minutes(2));
    };
    let [.., share, _, _] = life.luck;
    let day = calendar.nth_working_day(due.date(), days)?;
    Ok(of_day(calendar, day, 1000 + share * 8 / 10).max(stands.at + TimeDelta::minutes(2)))
}

/// A few never come for their result.
fn hand_over(calendar: &Calendar, life: &Life, stands: &Standing) -> Next {
    let [quick, .., collects] = life.luck;
    if collects > 9_700 {
        return Ok(None);
    }
    let at = match life.delivery {
        ResultDelivery::Counter => days_later(calendar, stands.at, collects / 1000, quick)?,
        ResultDelivery::Postal => days_later(calendar, stands.at, 1, quick)?,
        ResultDelivery::Online => stands.at + TimeDelta::minutes(10),
    };
    Ok(Some((at.max(stands.at), Deed::HandOver)))
}

/// Returns the working day on which a late result is promised.
pub fn promised(calendar: &Calendar, life: &Life, stands: &Standing) -> Result<chrono::NaiveDate, CalendarError> {
    let planned = late(calendar, life, stands)?.date();
    Ok(planned.max(calendar.next_working_day(stands.at.date())?))
}
