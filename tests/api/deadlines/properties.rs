//! What holds for every receipt, term and pause.

use super::given::{calendar, calendar_of, local, years};
use super::slow_count::SlowCount;
use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use motcua::domain::calendar::Calendar;
use motcua::domain::deadline::{LineKind, Pause, Question, answer, due_at};
use motcua::domain::period::{from_office_time, office_date, office_time};
use motcua::domain::procedure::{Amount, Channel, Cutoff, PauseEffect, Term, TermUnit};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::{collection, prop_assert, prop_assert_eq, prop_assume, proptest, sample};
use std::sync::LazyLock;

static CALENDAR: LazyLock<Calendar> = LazyLock::new(calendar);

/// Minutes from the first receipt to the last: 2024 to the middle of 2027.
const RECEIPTS: i64 = 3 * 365 * 24 * 60 + 180 * 24 * 60;

#[derive(Debug, Clone)]
struct Case {
    received: i64,
    channel: Channel,
    term: Term,
    cutoff: Cutoff,
    // Minutes from the receipt, or the pause before, to the opening; then to the closing.
    pauses: Vec<(i64, i64, PauseEffect)>,
}

impl Case {
    fn pauses(&self) -> Vec<Pause> {
        let mut at = moment(self.received);
        let mut pauses = Vec::new();
        for &(gap, length, effect) in &self.pauses {
            let opened_at = at + TimeDelta::minutes(gap);
            at = opened_at + TimeDelta::minutes(length);
            pauses.push(Pause { opened_at, closed_at: Some(at), effect });
        }
        pauses
    }

    fn question<'a>(&self, pauses: &'a [Pause]) -> Question<'a> {
        Question {
            received_at: moment(self.received),
            channel: self.channel,
            term: self.term,
            cutoff: self.cutoff,
            pauses,
        }
    }

    fn due(&self, calendar: &Calendar) -> DateTime<Utc> {
        due_at(calendar, &self.question(&self.pauses())).unwrap().unwrap()
    }

    /// Returns the same with the last closing so much later, and perhaps another effect.
    fn with_last(&self, later: i64, effect: Option<PauseEffect>) -> Self {
        let mut other = self.clone();
        if let Some(last) = other.pauses.last_mut() {
            last.1 += later;
            last.2 = effect.unwrap_or(last.2);
        }
        other
    }
}

fn moment(minutes: i64) -> DateTime<Utc> {
    from_office_time(local("2024-01-02T00:00") + TimeDelta::minutes(minutes))
}

fn terms() -> impl Strategy<Value = Term> {
    let term = |hundredths, unit| Term::new(Amount::from_hundredths(hundredths).unwrap(), unit).unwrap();
    prop_oneof![
        3 => (0_u32..120).prop_map(move |quarters| term(quarters * 25, TermUnit::WorkingDay)),
        1 => Just(term(0, TermUnit::WorkingDay)),
        1 => (0_u32..4).prop_map(move |quarters| term(quarters * 25, TermUnit::WorkingDay)),
        2 => (1_u32..160).prop_map(move |quarters| term(quarters * 25, TermUnit::WorkingHour)),
        2 => (1_u32..60).prop_map(move |days| term(days * 100, TermUnit::CalendarDay)),
        1 => (1_u32..4).prop_map(move |months| term(months * 100, TermUnit::Month)),
    ]
}

fn cases(pauses: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Case> {
    let length = prop_oneof![0_i64..600, 0_i64..20_000];
    let pause = (0_i64..12_000, length, sample::select(PauseEffect::ALL));
    let parts = (
        0..RECEIPTS,
        sample::select(Channel::ALL),
        terms(),
        sample::select(Cutoff::ALL),
        collection::vec(pause, pauses),
    );
    parts.prop_map(|(received, channel, term, cutoff, pauses)| Case { received, channel, term, cutoff, pauses })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_later_receipt_is_never_due_earlier(case in cases(0..=0), later in 0_i64..6_000) {
        let after = Case { received: case.received + later, ..case.clone() };
        prop_assert!(case.due(&CALENDAR) <= after.due(&CALENDAR));
    }

    #[test]
    fn a_later_receipt_before_the_same_pauses_is_never_due_earlier(case in cases(1..=2), share in 0_i64..=100) {
        let later = case.pauses[0].0 * share / 100;
        let mut after = Case { received: case.received + later, ..case.clone() };
        after.pauses[0].0 -= later;
        prop_assert!(case.due(&CALENDAR) <= after.due(&CALENDAR));
    }

    #[test]
    fn one_more_day_off_never_makes_a_due_date_earlier(case in cases(0..=3), ahead in 0_u64..60) {
        let day = office_date(moment(case.received)) + Days::new(ahead);
        let mut rows = years();
        let row = rows.get_mut(&day.year()).unwrap();
        row.work.remove(&day);
        row.off.insert(day);
        prop_assert!(case.due(&CALENDAR) <= case.due(&calendar_of(rows)));
    }

    #[test]
    fn the_explanation_ends_with_the_due_date_and_counts_the_whole_term(case in cases(0..=3)) {
        let pauses = case.pauses();
        let answer = answer(&CALENDAR, &case.question(&pauses)).unwrap();
        let due = case.due(&CALENDAR);
        prop_assert_eq!(answer.due_at, Some(due));
        let lines = &answer.explanation;
        let last = lines.last().unwrap();
        prop_assert_eq!((last.kind, last.date), (LineKind::Due, office_date(due)));
        let anew = lines.iter().rposition(|line| line.kind == LineKind::Restarted).unwrap_or(0);
        let counted: Vec<_> = lines[anew..].iter()
            .filter(|line| matches!(line.kind, LineKind::Counted | LineKind::MakeUp)).collect();
        let amount = case.term.amount();
        match case.term.unit() {
            TermUnit::WorkingHour => {
                let minutes: i64 = counted.iter().filter_map(|line| line.minutes).sum();
                prop_assert_eq!(minutes, i64::from(amount.hundredths()) * 60 / 100);
            }
            TermUnit::Month => {}
            _ => {
                let days = amount.hundredths().div_ceil(100);
                prop_assert_eq!(counted.last().and_then(|line| line.number).unwrap_or(0), days);
                prop_assert_eq!(u32::try_from(counted.len()).unwrap(), days);
            }
        }
    }

    #[test]
    fn a_restart_is_never_due_before_a_resume_but_for_months(case in cases(1..=1)) {
        prop_assume!(case.term.unit() != TermUnit::Month);
        let restart = case.with_last(0, Some(PauseEffect::Restart)).due(&CALENDAR);
        prop_assert!(case.with_last(0, Some(PauseEffect::Resume)).due(&CALENDAR) <= restart);
    }

    #[test]
    fn a_later_closing_is_never_due_earlier(case in cases(1..=3), later in 0_i64..6_000) {
        prop_assert!(case.due(&CALENDAR) <= case.with_last(later, None).due(&CALENDAR));
    }

    #[test]
    fn nothing_is_due_on_a_day_off_or_outside_the_working_day(case in cases(0..=3)) {
        let due = office_time(case.due(&CALENDAR));
        prop_assert!(CALENDAR.is_working_day(due.date()).unwrap());
        prop_assert!((CALENDAR.opening()..=CALENDAR.closing()).contains(&due.time()));
    }

    #[test]
    fn nothing_is_due_before_its_receipt(case in cases(0..=3)) {
        prop_assert!(case.due(&CALENDAR) >= moment(case.received));
    }

    #[test]
    fn the_order_in_which_pauses_are_given_does_not_matter(case in cases(2..=3)) {
        let mut pauses = case.pauses();
        pauses.reverse();
        prop_assert_eq!(due_at(&CALENDAR, &case.question(&pauses)).unwrap(), Some(case.due(&CALENDAR)));
    }

    #[test]
    fn a_slow_count_written_apart_agrees(case in cases(0..=3)) {
        let slow = SlowCount { years: CALENDAR.years().clone() };
        let pauses = case.pauses();
        let expected = slow.due(&case.question(&pauses));
        prop_assert_eq!(office_time(case.due(&CALENDAR)), expected);
    }

    #[test]
    fn working_time_is_additive_and_added_back(from in 0..RECEIPTS, first in 0_i64..30_000, second in 0_i64..30_000) {
        let at = |minutes| office_time(moment(minutes));
        let between = |from, to| CALENDAR.working_minutes_between(at(from), at(to)).unwrap();
        let (middle, end) = (from + first, from + first + second);
        let whole = between(from, end);
        prop_assert_eq!(between(from, middle) + between(middle, end), whole);
        let back = CALENDAR.add_working_time(at(from), TimeDelta::minutes(whole)).unwrap();
        prop_assert!(back <= at(end));
        prop_assert_eq!(CALENDAR.working_minutes_between(at(from), back).unwrap(), whole);
    }

    #[test]
    fn any_question_gets_an_answer_or_an_error(seconds in any::<i32>(), term in terms()) {
        let received_at = DateTime::from_timestamp(i64::from(seconds) * 4, 7).unwrap();
        let question = Question { received_at, channel: Channel::Online, term, cutoff: Cutoff::LastHour, pauses: &[] };
        prop_assert_eq!(due_at(&CALENDAR, &question).is_ok(), answer(&CALENDAR, &question).is_ok());
    }
}
