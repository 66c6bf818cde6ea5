//! A due date explained day by day.

use super::given::{asked, calendar, days, open_pause, pause, term};
use motcua::domain::deadline::{Line, LineKind, Pause, Question, answer};
use motcua::domain::procedure::PauseEffect::{Restart, Resume};
use motcua::domain::procedure::{Term, TermUnit};

fn lines(received: &str, term: Term, pauses: &[Pause]) -> Vec<Line> {
    let question = Question { pauses, ..asked(received, term) };
    answer(&calendar(), &question).unwrap().explanation
}

fn short(lines: &[Line]) -> Vec<String> {
    let number = |line: &Line| line.number.map_or(String::new(), |number| format!(" {number}"));
    let minutes = |line: &Line| line.minutes.map_or(String::new(), |minutes| format!(" {minutes}m"));
    let one = |line: &Line| format!("{} {}{}{}", line.date.format("%d"), line.kind, number(line), minutes(line));
    lines.iter().map(one).collect()
}

#[test]
fn days_counted_weekends_make_up_days_and_days_off_are_named() {
    let lines = lines("2025-04-25T09:00", days("2"), &[]);
    let expected = ["25 received", "26 make_up 1", "27 weekend", "28 counted 2", "28 due"];
    assert_eq!(short(&lines), expected);
    assert_eq!(lines[1].text_vi, "Ngày làm bù, tính là ngày làm việc thứ 1");
    assert_eq!(lines[4].text_en, "Due at 17:00 28/04/2025");
}

#[test]
fn paused_days_are_named_and_the_count_goes_on_after_them() {
    let pauses = [pause("2026-10-07T10:00", "2026-10-09T10:00", Resume)];
    let expected = [
        "05 received",
        "06 counted 1",
        "07 counted 2",
        "08 paused",
        "09 paused",
        "10 weekend",
        "11 weekend",
        "12 counted 3",
        "12 due",
    ];
    assert_eq!(short(&lines("2026-10-05T09:00", days("3"), &pauses)), expected);
}

#[test]
fn a_restart_shows_what_it_set_aside() {
    let pauses = [pause("2026-10-06T10:00", "2026-10-07T10:00", Restart)];
    let expected =
        ["05 received", "06 counted 1", "07 paused", "07 restarted", "08 counted 1", "09 counted 2", "09 due"];
    assert_eq!(short(&lines("2026-10-05T09:00", days("2"), &pauses)), expected);
}

#[test]
fn fractions_rolls_and_floors_have_their_line() {
    let fraction = lines("2026-10-05T09:00", days("0.5"), &[]);
    assert_eq!(short(&fraction), ["05 received", "06 counted 1", "06 fraction", "06 due"]);
    let calendar_days = lines("2026-10-08T09:00", term("2", TermUnit::CalendarDay), &[]);
    let expected = ["08 received", "09 counted 1", "10 counted 2", "10 weekend", "11 weekend", "12 rolled", "12 due"];
    assert_eq!(short(&calendar_days), expected);
    let pauses = [pause("2026-10-06T08:00", "2026-10-06T16:00", Resume)];
    let floor = lines("2026-10-05T09:00", days("0.25"), &pauses);
    assert_eq!(short(&floor[2..]), ["06 fraction", "07 floor", "07 due"]);
}

#[test]
fn a_term_in_hours_shows_the_minutes_of_each_day() {
    let pauses = [pause("2026-10-09T09:00", "2026-10-09T10:00", Resume)];
    let shown = lines("2026-10-08T15:30", term("8", TermUnit::WorkingHour), &pauses);
    let expected = ["08 received", "08 counted 90m", "09 counted 390m", "09 paused 60m", "09 due"];
    assert_eq!(short(&shown), expected);
}

#[test]
fn an_open_pause_ends_the_explanation() {
    let pauses = [open_pause("2026-10-06T10:00", Resume)];
    let shown = lines("2026-10-05T09:00", days("5"), &pauses);
    assert_eq!(short(&shown), ["05 received", "06 counted 1", "06 paused"]);
}

#[test]
fn every_kind_of_line_has_its_own_word() {
    let words: std::collections::BTreeSet<_> = LineKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), LineKind::ALL.len());
    let line = lines("2026-10-05T09:00", days("1"), &[]).remove(1);
    let json = serde_json::to_value(line).unwrap();
    assert_eq!((&json["date"], &json["kind"]), (&"2026-10-06".into(), &"counted".into()));
}
