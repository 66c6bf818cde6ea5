//! Starts, cutoffs, fractions and pauses, sentence by sentence.

use super::given::{asked, at, calendar, days, due, open_pause, pause, shown, term};
use motcua::domain::deadline::{DeadlineError, Left, Pause, Question, answer, due_at};
use motcua::domain::deadline::{SupplementAsk, SupplementEffect, supplement_effect};
use motcua::domain::procedure::PauseEffect::{Restart, Resume};
use motcua::domain::procedure::{Channel, Cutoff, Term, TermUnit};

fn due_after(received: &str, term: Term, pauses: &[Pause]) -> String {
    due(&Question { pauses, ..asked(received, term) })
}

fn due_cut(received: &str, term: Term, cutoff: Cutoff) -> String {
    due(&Question { cutoff, ..asked(received, term) })
}

#[test]
fn a_dossier_from_the_portal_at_night_counts_from_the_next_opening() {
    let question = asked("2026-10-09T22:00", days("1"));
    assert_eq!(due(&question), "2026-10-12T17:00");
    let online = Question { channel: Channel::Online, ..question };
    assert_eq!(due(&online), "2026-10-13T17:00");
    let answer = answer(&calendar(), &online).unwrap();
    assert_eq!(shown(answer.counts_from), "2026-10-12T07:00");
}

#[test]
fn a_term_of_no_days_is_due_at_the_closing_of_a_working_day() {
    for (received, expected) in [
        ("2026-10-05T05:00", "2026-10-05T17:00"),
        ("2026-10-05T16:59", "2026-10-05T17:00"),
        ("2026-10-05T17:00", "2026-10-06T17:00"),
        ("2026-10-10T09:00", "2026-10-12T17:00"),
    ] {
        assert_eq!(due(&asked(received, days("0"))), expected, "{received}");
    }
}

#[test]
fn the_cutoff_at_15_00_moves_terms_of_no_days_only() {
    let cut = |received, amount| due_cut(received, days(amount), Cutoff::At1500);
    assert_eq!(cut("2026-10-13T15:00", "0"), "2026-10-13T17:00");
    assert_eq!(cut("2026-10-13T15:00:00.000001", "0"), "2026-10-14T17:00");
    assert_eq!(cut("2026-10-13T15:00:00.000000", "0"), "2026-10-13T17:00");
    assert_eq!(cut("2026-10-13T15:01", "5"), "2026-10-20T17:00");
}

#[test]
fn the_last_hour_counts_as_the_next_working_days_opening() {
    let cut = |received, term| due_cut(received, term, Cutoff::LastHour);
    assert_eq!(cut("2026-10-05T15:59", days("0")), "2026-10-05T17:00");
    assert_eq!(cut("2026-10-05T16:00", days("0")), "2026-10-06T17:00");
    assert_eq!(cut("2026-10-09T17:30", days("1")), "2026-10-13T17:00");
    assert_eq!(cut("2026-10-10T10:00", days("1")), "2026-10-13T17:00");
    let hour = term("1", TermUnit::WorkingHour);
    assert_eq!(cut("2026-10-09T16:10", hour), "2026-10-12T08:00");
}

#[test]
fn fractions_end_inside_the_working_day_after_the_whole_days() {
    for (amount, expected) in [
        ("0.25", "2026-10-06T09:00"),
        ("0.5", "2026-10-06T11:00"),
        ("0.75", "2026-10-06T15:00"),
        ("1.5", "2026-10-07T11:00"),
        ("4.75", "2026-10-12T15:00"),
    ] {
        assert_eq!(due(&asked("2026-10-05T09:00", days(amount))), expected, "{amount}");
    }
}

#[test]
fn a_term_in_months_ends_on_the_same_day_number_or_the_months_last_day() {
    let months = |n| term(n, TermUnit::Month);
    assert_eq!(due(&asked("2025-01-31T09:00", months("1"))), "2025-02-28T17:00");
    assert_eq!(due(&asked("2026-10-05T09:00", months("1"))), "2026-11-05T17:00");
    assert_eq!(due(&asked("2026-10-24T09:00", months("1"))), "2026-11-25T17:00");
}

#[test]
fn a_term_in_hours_resumes_by_the_working_minutes_of_the_pause() {
    let hours = term("8", TermUnit::WorkingHour);
    let pauses = [pause("2026-10-05T11:00", "2026-10-05T14:00", Resume)];
    assert_eq!(due_after("2026-10-05T07:00", hours, &pauses), "2026-10-06T08:00");
    let lunch = [pause("2026-10-05T11:30", "2026-10-05T13:30", Resume)];
    assert_eq!(due_after("2026-10-05T07:00", hours, &lunch), "2026-10-05T17:00");
    let restart = [pause("2026-10-05T11:00", "2026-10-05T14:00", Restart)];
    assert_eq!(due_after("2026-10-05T07:00", hours, &restart), "2026-10-06T14:00");
}

#[test]
fn a_term_of_no_days_starts_anew_with_either_effect() {
    for effect in [Restart, Resume] {
        let pauses = [pause("2026-10-05T10:00", "2026-10-07T15:30", effect)];
        let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("0")) };
        assert_eq!(due(&question), "2026-10-07T17:00");
        let cut = Question { cutoff: Cutoff::At1500, ..question };
        assert_eq!(due(&cut), "2026-10-08T17:00");
    }
}

#[test]
fn a_restart_of_an_online_dossier_counts_from_the_next_opening() {
    let pauses = [pause("2026-10-06T10:00", "2026-10-09T20:00", Restart)];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("2")) };
    assert_eq!(due(&question), "2026-10-13T17:00");
    assert_eq!(due(&Question { channel: Channel::Online, ..question }), "2026-10-14T17:00");
}

#[test]
fn a_closing_on_a_day_off_counts_as_closing_time() {
    let pauses = [pause("2026-10-06T08:00", "2026-10-10T08:00", Resume)];
    assert_eq!(due_after("2026-10-05T09:00", days("0.5"), &pauses), "2026-10-12T17:00");
}

#[test]
fn the_closings_time_is_kept_within_the_working_day() {
    for (closed, expected) in [("05:00", "07:00"), ("20:00", "17:00"), ("12:00", "12:00")] {
        let pauses = [pause("2026-10-06T04:00", &format!("2026-10-06T{closed}"), Resume)];
        let due = due_after("2026-10-05T09:00", days("0.25"), &pauses);
        let floor = format!("2026-10-07T{expected}");
        assert_eq!(due, floor, "{closed}");
    }
}

#[test]
fn a_pause_before_the_moved_acceptance_changes_nothing() {
    let pauses = [pause("2026-10-09T22:30", "2026-10-11T10:00", Restart)];
    let question = Question { channel: Channel::Online, pauses: &pauses, ..asked("2026-10-09T22:00", days("2")) };
    assert_eq!(due(&question), "2026-10-14T17:00");
}

#[test]
fn a_pause_opened_after_the_due_date_removes_no_lateness() {
    for amount in ["0", "2", "1.5"] {
        let question = asked("2026-10-05T09:00", days(amount));
        let pauses = [pause("2026-10-12T09:00", "2026-10-15T09:00", Resume)];
        assert_eq!(due(&Question { pauses: &pauses, ..question }), due(&question));
    }
}

#[test]
fn two_pauses_move_the_due_date_one_after_the_other() {
    let pauses =
        [pause("2026-10-13T09:00", "2026-10-15T09:00", Resume), pause("2026-10-06T09:00", "2026-10-07T09:00", Resume)];
    assert_eq!(due_after("2026-10-05T09:00", days("10"), &pauses), "2026-10-22T17:00");
    let mixed =
        [pause("2026-10-06T09:00", "2026-10-07T09:00", Restart), pause("2026-10-13T09:00", "2026-10-15T09:00", Resume)];
    assert_eq!(due_after("2026-10-05T09:00", days("10"), &mixed), "2026-10-23T17:00");
}

#[test]
fn a_pause_closed_before_it_was_opened_is_refused() {
    let pauses = [pause("2026-10-07T09:00", "2026-10-06T09:00", Resume)];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    let opened_at = at("2026-10-07T09:00");
    assert_eq!(due_at(&calendar(), &question), Err(DeadlineError::ClosedBeforeOpened { opened_at }));
}

#[test]
fn while_a_pause_is_open_the_time_left_is_shown() {
    let left = |term, opened, effect| {
        let pauses = [open_pause(opened, effect)];
        let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", term) };
        answer(&calendar(), &question).unwrap().left.unwrap()
    };
    let (ten, hours) = (days("10"), term("8", TermUnit::WorkingHour));
    assert_eq!(left(ten, "2026-10-07T10:00", Resume), Left::WorkingDays { days: 8 });
    assert_eq!(left(ten, "2026-10-07T10:00", Restart), Left::WholeTerm { term: ten });
    assert_eq!(left(ten, "2026-10-30T10:00", Resume), Left::Overdue);
    assert_eq!(left(hours, "2026-10-05T10:30", Resume), Left::WorkingMinutes { minutes: 390 });
    let calendar_days = term("20", TermUnit::CalendarDay);
    assert_eq!(left(calendar_days, "2026-10-07T10:00", Resume), Left::CalendarDays { days: 19 });
}

#[test]
fn a_supplement_restarts_the_term_only_when_asked_for_in_time() {
    let effect = |requested: &str, due: &str| {
        let ask = SupplementAsk {
            counts_from: at("2026-10-05T09:00"),
            requested_at: at(requested),
            due_at: at(due),
            unit: TermUnit::WorkingDay,
            within_days: 3,
            version_effect: Restart,
        };
        supplement_effect(&calendar(), &ask).unwrap()
    };
    let due = "2026-10-19T17:00";
    assert_eq!(effect("2026-10-08T16:59", due), SupplementEffect::InTime(Restart));
    assert_eq!(effect("2026-10-09T07:00", due), SupplementEffect::NeedsOverride);
    assert_eq!(effect("2026-10-07T07:00", "2026-10-06T17:00").pause_effect(), Resume);
}

#[test]
fn a_pause_across_the_moved_acceptance_counts_from_it_on() {
    let pauses = [pause("2026-10-09T22:30", "2026-10-13T10:00", Resume)];
    let question = Question { channel: Channel::Online, pauses: &pauses, ..asked("2026-10-09T22:00", days("5")) };
    assert_eq!(due(&question), "2026-10-20T17:00");
}

#[test]
fn a_due_date_kept_late_by_one_pause_is_moved_by_the_next() {
    let pauses =
        [pause("2026-10-12T08:00", "2026-10-12T16:00", Resume), pause("2026-10-12T16:30", "2026-10-14T09:00", Resume)];
    let due = due_after("2026-10-05T09:00", days("4.75"), &pauses);
    assert_eq!(due, "2026-10-15T16:00");
}
