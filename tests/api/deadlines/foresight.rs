//! The moments at which a forecast turns, and the forecast at any moment, are one and the same rule.

use chrono::TimeDelta;
use motcua::domain::foresight::{Forecast, Outlook, Tolerance};
use motcua::domain::period::office_time;
use proptest::{prop_assert_eq, proptest};

use super::given::calendar;
use crate::support::app::at;

proptest! {
    #[test]
    fn between_two_turns_the_forecast_stays(
        start in 0_i64..10_000, term in 1_i64..6_000, step_left in 0_i64..3_000, ahead in 0_i64..3_000,
        percent in 1_u32..100, near in 0_u32..600, later in 0_i64..6_000,
    ) {
        let calendar = calendar();
        let tolerance = Tolerance { catch_up_percent: percent, near_minutes: near };
        let opening = office_time(at("2026-04-20 07:00"));
        let now = calendar.add_working_time(opening, TimeDelta::minutes(start)).unwrap();
        let due = calendar.add_working_time(now, TimeDelta::minutes(term)).unwrap();
        let outlook = Outlook { at: now, due, step_left, ahead };
        let turns = outlook.turns(&calendar, tolerance).unwrap();
        // The step is held on and uses what it has.
        let then = calendar.add_working_time(now, TimeDelta::minutes(later.min(term))).unwrap();
        let held = Outlook { at: then, step_left: (step_left - later.min(term)).max(0), ..outlook };
        let kept = if then > turns.will_be_late_at {
            Forecast::WillBeLate
        } else if then > turns.at_risk_at {
            Forecast::AtRisk
        } else {
            Forecast::Safe
        };
        let counted = held.forecast(&calendar, tolerance).unwrap();
        // At the very minute of a turn both are right.
        let near_a_turn = [turns.at_risk_at, turns.will_be_late_at].into_iter().any(|turn| {
            calendar.working_minutes_between(turn.min(then), turn.max(then)).unwrap() <= 1
        });
        if !near_a_turn {
            prop_assert_eq!(kept, counted);
        }
    }
}
