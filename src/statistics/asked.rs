//! How a period is asked for: two dates, or a month, quarter, half year or year of the decree or of the calendar.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::period::{Period, PeriodError};
use crate::domain::words::{UnknownWord, words};
use crate::error::{AppError, Said};
use crate::http::body::Faults;

words! {
    /// By which rule the dates of a period were found.
    pub enum PeriodRule {
        /// Named date by date.
        Dates = "dates",
        /// From the 15th to the 14th (NĐ 09/2019/NĐ-CP).
        Decree092019 = "decree_09_2019",
        /// The month, quarter or year of the calendar.
        Calendar = "calendar",
    }
}

/// What a query says of the period; exactly one way is allowed.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the names are those of the query's parameters")]
pub struct PeriodForm {
    pub from: Option<String>,
    pub to: Option<String>,
    pub month: Option<String>,
    pub quarter: Option<String>,
    pub half_year: Option<String>,
    pub year: Option<String>,
    pub calendar_month: Option<String>,
    pub calendar_quarter: Option<String>,
    pub calendar_half_year: Option<String>,
    pub calendar_year: Option<String>,
}

/// A period with the way in which it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPeriod {
    /// The dates.
    pub period: Period,
    /// By which rule.
    pub rule: PeriodRule,
    /// What people call it: `Tháng 6 năm 2024`; `None` for bare dates.
    pub name: Option<String>,
}

/// A period as answers print it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PeriodOut {
    /// The first date.
    from: NaiveDate,
    /// The first date after it.
    to: NaiveDate,
    /// Both dates as people write them, the last one included.
    text: String,
    /// What people call it.
    name: Option<String>,
    /// By which rule: `dates`, `decree_09_2019` or `calendar`.
    rule: &'static str,
}

impl From<&AskedPeriod> for PeriodOut {
    fn from(asked: &AskedPeriod) -> Self {
        Self {
            from: asked.period.from(),
            to: asked.period.to(),
            text: asked.dates_text(),
            name: asked.name.clone(),
            rule: asked.rule.as_str(),
        }
    }
}

impl AskedPeriod {
    /// Returns the report month or the calendar's, from `2024-06`.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when there is no such month.
    pub fn month(text: &str, rule: PeriodRule) -> Result<Self, AppError> {
        let form = match rule {
            PeriodRule::Calendar => PeriodForm { calendar_month: Some(text.to_owned()), ..PeriodForm::default() },
            PeriodRule::Decree092019 | PeriodRule::Dates => {
                PeriodForm { month: Some(text.to_owned()), ..PeriodForm::default() }
            }
        };
        form.read()
    }

    /// Writes both dates as people do, the last one included: `15/05/2024 – 14/06/2024`.
    pub fn dates_text(&self) -> String {
        let written = |date: NaiveDate| date.format("%d/%m/%Y").to_string();
        format!("{} – {}", written(self.period.from()), written(self.period.last_day()))
    }
}

impl PeriodForm {
    /// Reads the period.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong.
    pub fn read(&self) -> Result<AskedPeriod, AppError> {
        let mut faults = Faults::new();
        let period = self.gather(&mut faults);
        faults.finish(period)
    }

    /// Reads the period, noting what is wrong.
    pub fn gather(&self, faults: &mut Faults) -> Option<AskedPeriod> {
        use PeriodRule::{Calendar, Decree092019};
        let presets = [
            ("?month", &self.month, Decree092019),
            ("?quarter", &self.quarter, Decree092019),
            ("?half_year", &self.half_year, Decree092019),
            ("?year", &self.year, Decree092019),
            ("?calendar_month", &self.calendar_month, Calendar),
            ("?calendar_quarter", &self.calendar_quarter, Calendar),
            ("?calendar_half_year", &self.calendar_half_year, Calendar),
            ("?calendar_year", &self.calendar_year, Calendar),
        ];
        let given =
            presets.into_iter().filter_map(|(pointer, text, rule)| text.as_deref().map(|text| (pointer, text, rule)));
        let given: Vec<_> = given.collect();
        let has_dates = self.from.is_some() || self.to.is_some();
        match (given.as_slice(), has_dates) {
            ([], _) => self.dates(faults),
            ([(pointer, text, rule)], false) => preset(faults, pointer, text, *rule),
            ([(pointer, ..), ..], _) => {
                faults.add(
                    *pointer,
                    Said::new(
                        "one_period_only",
                        "Chỉ chọn một cách: from và to, hoặc một tháng, quý hay năm",
                        "Name the period in one way: from and to, or one month, quarter or year",
                    ),
                );
                None
            }
        }
    }

    /// As [`PeriodForm::gather`], where a body named the period: its faults are at `/from` instead of `?from`.
    pub fn gather_in_body(&self, faults: &mut Faults) -> Option<AskedPeriod> {
        let mut found = Faults::new();
        let asked = self.gather(&mut found);
        faults.take_in_body(found);
        asked
    }

    /// Reads the word of a figure from the parameter at `pointer` with the period, for the dossiers behind it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with the faults of both.
    pub fn read_with<T>(&self, pointer: &str, word: Option<&str>) -> Result<(T, AskedPeriod), AppError>
    where
        T: FromStr<Err = UnknownWord>,
    {
        let mut faults = Faults::new();
        let word = faults.required(pointer, word).and_then(|word| faults.word(pointer, word));
        let asked = self.gather(&mut faults);
        faults.finish(word.zip(asked))
    }

    fn dates(&self, faults: &mut Faults) -> Option<AskedPeriod> {
        let from = date(faults, "?from", self.from.as_deref());
        let to = date(faults, "?to", self.to.as_deref());
        let period = checked(faults, "?to", Period::new(from?, to?))?;
        Some(AskedPeriod { period, rule: PeriodRule::Dates, name: None })
    }
}

fn date(faults: &mut Faults, pointer: &str, text: Option<&str>) -> Option<NaiveDate> {
    let text = faults.required(pointer, text)?;
    let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
    let said = Said::new("not_a_date", "Ngày phải viết như 2024-05-15", "A date is written like 2024-05-15");
    faults.read(pointer, said, date)
}

fn preset(faults: &mut Faults, pointer: &str, text: &str, rule: PeriodRule) -> Option<AskedPeriod> {
    let is_calendar = rule == PeriodRule::Calendar;
    let read = match pointer {
        "?month" | "?calendar_month" => split(text, "-").map(|(year, month)| {
            let period = match is_calendar {
                true => Period::calendar_month(year, month),
                false => Period::report_month(year, month),
            };
            (period, format!("Tháng {month} năm {year}"))
        }),
        "?quarter" | "?calendar_quarter" => split(text, "-Q").map(|(year, quarter)| {
            let period = match is_calendar {
                true => Period::calendar_quarter(year, quarter),
                false => Period::report_quarter(year, quarter),
            };
            (period, format!("Quý {quarter} năm {year}"))
        }),
        "?half_year" | "?calendar_half_year" => split(text, "-H").map(|(year, half)| {
            let period = match is_calendar {
                true => Period::calendar_half_year(year, half),
                false => Period::report_half_year(year, half),
            };
            (period, format!("{} năm {year}", if half == 1 { "6 tháng đầu" } else { "6 tháng cuối" }))
        }),
        _ => text.trim().parse().ok().map(|year: i32| {
            let period = match is_calendar {
                true => Period::calendar_year(year),
                false => Period::report_year(year),
            };
            (period, format!("Năm {year}"))
        }),
    };
    let said = Said::new(
        "not_a_period",
        "Kỳ phải viết như 2024-06 (tháng), 2024-Q2 (quý), 2024-H1 (6 tháng) hoặc 2024 (năm)",
        "A period is written like 2024-06 (month), 2024-Q2 (quarter), 2024-H1 (half year) or 2024 (year)",
    );
    let (period, name) = faults.read(pointer, said, read)?;
    Some(AskedPeriod { period: checked(faults, pointer, period)?, rule, name: Some(name) })
}

fn split(text: &str, by: &str) -> Option<(i32, u32)> {
    let (year, part) = text.trim().split_once(by)?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year) || !digits(part) {
        return None;
    }
    Some((year.parse().ok()?, part.parse().ok()?))
}

fn checked(faults: &mut Faults, pointer: &str, period: Result<Period, PeriodError>) -> Option<Period> {
    let said = match &period {
        Ok(_) => return period.ok(),
        Err(PeriodError::Empty { .. }) => Said::new(
            "empty_period",
            "Kỳ báo cáo trống: to là ngày đầu tiên sau kỳ và phải sau from",
            "The period is empty: to is the first day after it and must be later than from",
        ),
        Err(PeriodError::Year { year }) => Said::new(
            "year_out_of_range",
            format!("Không có báo cáo cho năm {year}; năm từ 1990 đến 2200"),
            format!("There are no reports for the year {year}; years go from 1990 to 2200"),
        ),
        Err(PeriodError::Part { .. }) => Said::new(
            "no_such_part",
            "Năm có 12 tháng, 4 quý và 2 nửa năm",
            "A year has 12 months, 4 quarters and 2 halves",
        ),
    };
    faults.add(pointer, said);
    None
}

/// Declares what names a period and has fields of its own: a query by [`period_query`], a body by [`period_body`].
macro_rules! with_period {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The first date, with `to`: `2024-05-15`.
            from: Option<String>,
            /// The first date after the period.
            to: Option<String>,
            /// Report month by NĐ 09/2019/NĐ-CP, from the 15th to the 14th: `2024-06`.
            month: Option<String>,
            /// Report quarter by NĐ 09/2019/NĐ-CP: `2024-Q2`.
            quarter: Option<String>,
            /// Report half year by NĐ 09/2019/NĐ-CP: `2024-H1`.
            half_year: Option<String>,
            /// Report year by NĐ 09/2019/NĐ-CP: `2024`.
            year: Option<String>,
            /// Month of the calendar: `2024-06`.
            calendar_month: Option<String>,
            /// Quarter of the calendar: `2024-Q2`.
            calendar_quarter: Option<String>,
            /// Half year of the calendar: `2024-H1`.
            calendar_half_year: Option<String>,
            /// Year of the calendar: `2024`.
            calendar_year: Option<String>,
            $($(#[$doc])* $field: $kind,)*
        }

        impl $name {
            fn period(&self) -> $crate::statistics::PeriodForm {
                $crate::statistics::PeriodForm {
                    from: self.from.clone(),
                    to: self.to.clone(),
                    month: self.month.clone(),
                    quarter: self.quarter.clone(),
                    half_year: self.half_year.clone(),
                    year: self.year.clone(),
                    calendar_month: self.calendar_month.clone(),
                    calendar_quarter: self.calendar_quarter.clone(),
                    calendar_half_year: self.calendar_half_year.clone(),
                    calendar_year: self.calendar_year.clone(),
                }
            }
        }
    };
}
pub(crate) use with_period;

/// Declares a query that names a period and has parameters of its own.
macro_rules! period_query {
    ($(#[$meta:meta])* $name:ident $fields:tt) => {
        $crate::statistics::with_period! {
            $(#[$meta])*
            #[derive(utoipa::IntoParams)]
            #[into_params(parameter_in = Query)]
            $name $fields
        }
    };
}
pub(crate) use period_query;

/// Declares a body that names a period and has fields of its own; [`PeriodForm::gather_in_body`] reads it.
macro_rules! period_body {
    ($(#[$meta:meta])* $name:ident $fields:tt) => {
        $crate::statistics::with_period! {
            $(#[$meta])*
            #[derive(utoipa::ToSchema)]
            $name $fields
        }
    };
}
pub(crate) use period_body;

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(form: &PeriodForm) -> Vec<(String, &'static str)> {
        match form.read().unwrap_err() {
            AppError::Invalid(faults) => faults.into_iter().map(|fault| (fault.pointer, fault.said.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_report_month_goes_from_the_15th_to_the_14th() {
        let asked = AskedPeriod::month("2024-06", PeriodRule::Decree092019).unwrap();
        assert_eq!(asked.dates_text(), "15/05/2024 – 14/06/2024");
        let asked = AskedPeriod::month("2024-06", PeriodRule::Calendar).unwrap();
        assert_eq!(asked.dates_text(), "01/06/2024 – 30/06/2024");
    }

    #[test]
    fn a_period_is_named_in_one_way() {
        let form =
            PeriodForm { month: Some("2024-06".into()), from: Some("2024-01-01".into()), ..PeriodForm::default() };
        assert_eq!(codes(&form), [("?month".to_owned(), "one_period_only")]);
    }

    #[test]
    fn every_fault_of_the_dates_is_told_at_once() {
        let form = PeriodForm { from: Some("yesterday".into()), ..PeriodForm::default() };
        let expected = [("?from".to_owned(), "not_a_date"), ("?to".to_owned(), "required")];
        assert_eq!(codes(&form), expected);
    }

    #[test]
    fn a_body_is_told_by_its_own_pointers() {
        let mut faults = Faults::new();
        let form = PeriodForm { from: Some("2024-05-15".into()), ..PeriodForm::default() };
        let refused = form.gather_in_body(&mut faults);
        let AppError::Invalid(found) = faults.finish(refused).unwrap_err() else { panic!("it was taken") };
        assert_eq!(found.iter().map(|fault| &*fault.pointer).collect::<Vec<_>>(), ["/to"]);
    }

    #[test]
    fn there_is_no_thirteenth_month() {
        for (text, code) in [
            ("2024-13", "no_such_part"),
            ("2024-00", "no_such_part"),
            ("1800-01", "year_out_of_range"),
            ("2024/06", "not_a_period"),
            ("-2024-06", "not_a_period"),
            ("2024-99999999999", "not_a_period"),
        ] {
            let form = PeriodForm { month: Some(text.into()), ..PeriodForm::default() };
            assert_eq!(codes(&form), [("?month".to_owned(), code)], "{text}");
        }
    }
}
