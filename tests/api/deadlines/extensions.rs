//! The one extension of a due date.

use super::given::{asked, at, calendar, date, days, open_pause, pause, term};
use motcua::domain::deadline::{
    Extension, ExtensionAsk, ExtensionRefused, LineKind, Pause, Question, Rescheduling, answer_extended,
    check_extension, dates,
};
use motcua::domain::procedure::PauseEffect::{Restart, Resume};
use motcua::domain::procedure::TermUnit;

const ASK: fn() -> ExtensionAsk =
    || ExtensionAsk { due_at: Some(at("2026-10-19T17:00")), to: date("2026-10-23"), rescheduling: Rescheduling::Free };

fn refused(now: &str, ask: ExtensionAsk) -> ExtensionRefused {
    check_extension(&calendar(), at(now), &ask).unwrap_err()
}

#[test]
fn an_extension_moves_to_the_closing_of_a_later_working_day() {
    let granted = check_extension(&calendar(), at("2026-10-16T18:00"), &ASK());
    assert_eq!(granted, Ok(at("2026-10-23T17:00")));
}

#[test]
fn an_extension_is_issued_at_the_latest_one_working_day_before() {
    let latest = date("2026-10-16");
    assert_eq!(refused("2026-10-17T08:00", ASK()), ExtensionRefused::TooLate { latest });
}

#[test]
fn a_second_extension_is_refused() {
    let ask = ExtensionAsk { rescheduling: Rescheduling::Used, ..ASK() };
    assert_eq!(refused("2026-10-12T08:00", ask), ExtensionRefused::AlreadyRescheduled);
}

#[test]
fn a_paused_dossier_is_not_extended() {
    let ask = ExtensionAsk { due_at: None, ..ASK() };
    assert_eq!(refused("2026-10-12T08:00", ask), ExtensionRefused::Paused);
}

#[test]
fn an_extension_to_no_later_day_or_to_a_day_off_is_refused() {
    let to = |day| refused("2026-10-12T08:00", ExtensionAsk { to: date(day), ..ASK() });
    assert_eq!(to("2026-10-19"), ExtensionRefused::NotLater { due_on: date("2026-10-19") });
    assert_eq!(to("2026-10-24"), ExtensionRefused::NotAWorkingDay { date: date("2026-10-24") });
}

fn both(pauses: &[Pause]) -> (String, String) {
    let extension = Extension { granted_at: at("2026-10-14T09:00"), to: date("2026-10-26") };
    let question = Question { pauses, ..asked("2026-10-05T09:00", days("10")) };
    let dates = dates(&calendar(), &question, Some(extension)).unwrap();
    let shown = |at| super::given::shown(at)[5..10].to_owned();
    (shown(dates.due_unextended.unwrap()), shown(dates.due_at.unwrap()))
}

fn pair(unextended: &str, due: &str) -> (String, String) {
    (unextended.to_owned(), due.to_owned())
}

#[test]
fn an_extension_leaves_the_unextended_date() {
    assert_eq!(both(&[]), pair("10-19", "10-26"));
}

#[test]
fn a_pause_before_the_extension_moves_only_the_unextended_date() {
    let earlier = pause("2026-10-12T09:00", "2026-10-13T09:00", Resume);
    assert_eq!(both(&[earlier]), pair("10-20", "10-26"));
}

#[test]
fn a_pause_after_the_extension_moves_both_dates() {
    let later = pause("2026-10-15T09:00", "2026-10-16T09:00", Resume);
    assert_eq!(both(&[later]), pair("10-20", "10-27"));
    let past_the_first = pause("2026-10-21T09:00", "2026-10-22T09:00", Resume);
    assert_eq!(both(&[past_the_first]), pair("10-20", "10-27"));
}

#[test]
fn after_a_restart_the_due_date_is_the_later_of_the_two() {
    let short = pause("2026-10-14T10:00", "2026-10-15T09:00", Restart);
    assert_eq!(both(&[short]), pair("10-29", "10-29"));
    let extension = Extension { granted_at: at("2026-10-06T09:00"), to: date("2026-11-30") };
    let pauses = [pause("2026-10-14T10:00", "2026-10-15T09:00", Restart)];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    let dates = dates(&calendar(), &question, Some(extension)).unwrap();
    assert_eq!(dates.due_at, Some(at("2026-11-30T17:00")));
}

#[test]
fn hours_and_calendar_days_are_extended_and_paused_too() {
    let extension = Extension { granted_at: at("2026-10-05T10:00"), to: date("2026-10-09") };
    let pauses = [pause("2026-10-06T07:00", "2026-10-06T08:00", Resume)];
    let hours = Question { pauses: &pauses, ..asked("2026-10-05T09:00", term("16", TermUnit::WorkingHour)) };
    let found = dates(&calendar(), &hours, Some(extension)).unwrap();
    assert_eq!(found.due_unextended, Some(at("2026-10-07T10:00")));
    assert_eq!(found.due_at, Some(at("2026-10-12T08:00")));
    let pauses = [pause("2026-10-06T07:00", "2026-10-07T08:00", Resume)];
    let days = Question { pauses: &pauses, ..asked("2026-10-05T09:00", term("3", TermUnit::CalendarDay)) };
    let found = dates(&calendar(), &days, Some(extension)).unwrap();
    assert_eq!(found.due_unextended, Some(at("2026-10-09T17:00")));
    assert_eq!(found.due_at, Some(at("2026-10-12T17:00")));
}

#[test]
fn while_a_pause_is_open_neither_date_is_known() {
    let pauses = [open_pause("2026-10-15T09:00", Resume)];
    let extension = Extension { granted_at: at("2026-10-14T09:00"), to: date("2026-10-26") };
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    let found = dates(&calendar(), &question, Some(extension)).unwrap();
    assert_eq!((found.due_unextended, found.due_at), (None, None));
}

#[test]
fn the_explanation_names_the_extension_before_the_due_date() {
    let extension = Extension { granted_at: at("2026-10-14T09:00"), to: date("2026-10-26") };
    let question = asked("2026-10-05T09:00", days("10"));
    let answer = answer_extended(&calendar(), &question, Some(extension)).unwrap();
    let kinds: Vec<_> = answer.explanation.iter().rev().take(2).map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Due, LineKind::Extended]);
    assert_eq!(answer.due_at, Some(at("2026-10-26T17:00")));
}
