//! The lines that explain a due date, in the two languages of the office.

use crate::domain::calendar::DayKind;
use crate::domain::procedure::{Amount, Term, TermUnit};
use crate::domain::words::words;
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

words! {
    /// What a line says of its date.
    pub enum LineKind {
        /// The dossier was accepted; the day is not counted.
        Received = "received",
        /// The count begins at another moment than the acceptance, or ends on another day.
        Moved = "moved",
        /// A day, or minutes of it, of the term.
        Counted = "counted",
        /// A make-up working day of the term.
        MakeUp = "make_up",
        /// A weekend day, not counted.
        Weekend = "weekend",
        /// A day off, not counted.
        Off = "off",
        /// The clock stands.
        Paused = "paused",
        /// The whole term counts anew.
        Restarted = "restarted",
        /// The fraction of the last day.
        Fraction = "fraction",
        /// The last day is off; the due date rolls on.
        Rolled = "rolled",
        /// The due date is not earlier than a working day after the pause.
        Floor = "floor",
        /// The due date is extended.
        Extended = "extended",
        /// The due date.
        Due = "due",
    }
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The date it is about, of Asia/Ho_Chi_Minh.
    pub date: NaiveDate,
    /// What it says.
    pub kind: LineKind,
    /// The number of the day in the term.
    pub number: Option<u32>,
    /// The working minutes counted, or paused, on the day; only of terms in hours.
    pub minutes: Option<i64>,
    /// The line in Vietnamese.
    pub text_vi: String,
    /// The line in English.
    pub text_en: String,
}

/// Where a count writes its lines, if anywhere: the same count serves both.
#[derive(Debug)]
pub(super) enum Notes {
    /// Only the due date is wanted.
    Silent,
    /// The lines so far.
    Written(Vec<Line>),
}

impl Notes {
    pub(super) fn add(&mut self, line: impl FnOnce() -> Line) {
        if let Self::Written(lines) = self {
            lines.push(line());
        }
    }

    pub(super) fn into_lines(self) -> Vec<Line> {
        match self {
            Self::Silent => Vec::new(),
            Self::Written(lines) => lines,
        }
    }
}

impl Line {
    pub(super) fn received(at: NaiveDateTime, term: Term) -> Self {
        let moment = moment(at);
        let (vi, en) = match term.unit() {
            TermUnit::WorkingHour => ("", ""),
            _ if term.is_same_day() => ("", ""),
            _ => ("; ngày tiếp nhận không tính", "; the day of receipt is not counted"),
        };
        let vi = format!("Tiếp nhận lúc {moment}{vi}");
        let en = format!("Received at {moment}{en}");
        Self::new(at.date(), LineKind::Received, vi, en)
    }

    pub(super) fn moved(to: NaiveDateTime) -> Self {
        let moment = moment(to);
        let vi = format!("Ngoài giờ nhận, chuyển sang {moment}");
        let en = format!("Outside the hours of receipt, moved to {moment}");
        Self::new(to.date(), LineKind::Moved, vi, en)
    }

    pub(super) fn counted(date: NaiveDate, kind: DayKind, unit: TermUnit, number: u32) -> Self {
        let working_days = unit == TermUnit::WorkingDay;
        let (kind, vi, en) = match kind {
            DayKind::MakeUp if working_days => (
                LineKind::MakeUp,
                format!("Ngày làm bù, tính là ngày làm việc thứ {number}"),
                format!("Make-up day, counted as working day {number}"),
            ),
            _ if working_days => {
                (LineKind::Counted, format!("Ngày làm việc thứ {number}"), format!("Working day {number}"))
            }
            _ => (LineKind::Counted, format!("Ngày thứ {number}"), format!("Day {number}")),
        };
        Self { number: Some(number), ..Self::new(date, kind, vi, en) }
    }

    pub(super) fn counted_minutes(date: NaiveDate, minutes: i64) -> Self {
        let vi = format!("Tính {minutes} phút làm việc");
        let en = format!("{minutes} working minutes counted");
        Self { minutes: Some(minutes), ..Self::new(date, LineKind::Counted, vi, en) }
    }

    pub(super) fn not_worked(date: NaiveDate, kind: DayKind) -> Self {
        let (kind, vi, en) = match kind {
            DayKind::Off => (LineKind::Off, "Ngày nghỉ lễ, không tính", "Day off, not counted"),
            _ => (LineKind::Weekend, "Nghỉ cuối tuần, không tính", "Weekend, not counted"),
        };
        Self::new(date, kind, vi.to_owned(), en.to_owned())
    }

    pub(super) fn paused_day(date: NaiveDate) -> Self {
        let vi = "Tạm dừng, không tính".to_owned();
        Self::new(date, LineKind::Paused, vi, "Paused, not counted".to_owned())
    }

    pub(super) fn paused_minutes(date: NaiveDate, minutes: i64) -> Self {
        let vi = format!("Tạm dừng {minutes} phút làm việc, không tính");
        let en = format!("Paused for {minutes} working minutes, not counted");
        Self { minutes: Some(minutes), ..Self::new(date, LineKind::Paused, vi, en) }
    }

    pub(super) fn paused_too_late(opened: NaiveDateTime) -> Self {
        let moment = moment(opened);
        let vi = format!("Tạm dừng từ {moment}, sau khi đã quá hạn: hạn không đổi");
        let en = format!("Paused from {moment}, after the due date: it does not move");
        Self::new(opened.date(), LineKind::Paused, vi, en)
    }

    pub(super) fn standing(opened: NaiveDateTime) -> Self {
        let moment = moment(opened);
        let vi = format!("Đang tạm dừng từ {moment}; chưa có hạn trả kết quả");
        let en = format!("Paused since {moment}; there is no due date until the pause ends");
        Self::new(opened.date(), LineKind::Paused, vi, en)
    }

    pub(super) fn restarted(date: NaiveDate, start: NaiveDateTime) -> Self {
        let moment = moment(start);
        let vi = format!("Tính lại toàn bộ thời hạn từ {moment}");
        let en = format!("The whole term counts anew from {moment}");
        Self::new(date, LineKind::Restarted, vi, en)
    }

    pub(super) fn fraction(end: NaiveDateTime, fraction: Amount) -> Self {
        let time = end.format("%H:%M");
        let comma = fraction.to_string().replace('.', ",");
        let vi = format!("Phần lẻ {comma} ngày làm việc: đến {time}");
        let en = format!("The fraction of {fraction} working day: until {time}");
        Self::new(end.date(), LineKind::Fraction, vi, en)
    }

    pub(super) fn rolled(from: NaiveDate, to: NaiveDate) -> Self {
        let (from, day) = (from.format("%d/%m/%Y"), to.format("%d/%m/%Y"));
        let vi = format!("Ngày cuối {from} là ngày nghỉ, chuyển sang ngày làm việc {day}");
        let en = format!("The last day {from} is not worked, rolled to working day {day}");
        Self::new(to, LineKind::Rolled, vi, en)
    }

    pub(super) fn floor(floor: NaiveDateTime) -> Self {
        let moment = moment(floor);
        let vi = format!("Sau tạm dừng, hạn không sớm hơn {moment}");
        let en = format!("After the pause it is not due before {moment}");
        Self::new(floor.date(), LineKind::Floor, vi, en)
    }

    pub(super) fn extended(due: NaiveDateTime) -> Self {
        let moment = moment(due);
        let (vi, en) = (format!("Gia hạn đến {moment}"), format!("Extended to {moment}"));
        Self::new(due.date(), LineKind::Extended, vi, en)
    }

    pub(super) fn due(due: NaiveDateTime) -> Self {
        let moment = moment(due);
        let (vi, en) = (format!("Hạn trả kết quả: {moment}"), format!("Due at {moment}"));
        Self::new(due.date(), LineKind::Due, vi, en)
    }

    const fn new(date: NaiveDate, kind: LineKind, text_vi: String, text_en: String) -> Self {
        Self { date, kind, number: None, minutes: None, text_vi, text_en }
    }
}

fn moment(at: NaiveDateTime) -> String {
    at.format("%H:%M %d/%m/%Y").to_string()
}
