//! When a gateway is left alone: too much of what it is asked comes to nothing.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

/// How far back is looked.
const LOOK_BACK: TimeDelta = TimeDelta::seconds(30);
/// Fewer calls say nothing.
const ENOUGH: u32 = 20;
/// An answer after this time is a slow one.
const SLOW: TimeDelta = TimeDelta::seconds(8);

/// What came of the calls of the last half minute.
#[derive(Debug, Default, Clone)]
pub struct Window(VecDeque<Call>);

#[derive(Debug, Clone, Copy)]
struct Call {
    at: DateTime<Utc>,
    is_bad: bool,
    is_slow: bool,
}

impl Window {
    /// Notes a call: when it ended, how long it took, and whether it came to nothing by the gateway's fault.
    pub fn note(&mut self, at: DateTime<Utc>, took: TimeDelta, is_bad: bool) {
        self.0.push_back(Call { at, is_bad, is_slow: took > SLOW });
        while self.0.front().is_some_and(|call| call.at + LOOK_BACK < at) {
            self.0.pop_front();
        }
    }

    /// Whether the gateway is to be left alone: the last twenty calls came to nothing; or of twenty calls or more half did
    /// or three in ten were slow.
    pub fn is_tripped(&self, now: DateTime<Utc>) -> bool {
        if self.fails_at(now) {
            return true;
        }
        let recent = self.0.iter().filter(|call| call.at + LOOK_BACK >= now);
        let (calls, bad, slow) = recent.fold((0_u32, 0_u32, 0_u32), |(calls, bad, slow), call| {
            (calls + 1, bad + u32::from(call.is_bad), slow + u32::from(call.is_slow))
        });
        calls >= ENOUGH && (bad * 2 >= calls || slow * 10 >= calls * 3)
    }

    /// Whether none of the last twenty calls came to anything: after a busy half minute in which all was well, half of all
    /// calls would be thousands.
    fn fails_at(&self, now: DateTime<Utc>) -> bool {
        let is_bad = |call: &Call| call.is_bad && call.at + LOOK_BACK >= now;
        let last = (1..=ENOUGH).zip(self.0.iter().rev()).take_while(|(_, call)| is_bad(call)).last();
        last.is_some_and(|(number, _)| number == ENOUGH)
    }

    /// Forgets everything: what comes after a rest is judged by itself.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Returns how long a gateway is left alone the first, second … time in a row: from 5 seconds, doubled, to 5 minutes.
pub fn open_for(times: i16) -> TimeDelta {
    const FIRST: i64 = 5;
    let doubled = FIRST << times.saturating_sub(1).clamp(0, 6);
    TimeDelta::seconds(doubled).min(TimeDelta::minutes(5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(n)
    }

    fn window(calls: &[(bool, i64)]) -> Window {
        let mut window = Window::default();
        calls.iter().for_each(|(is_bad, took)| window.note(second(10), TimeDelta::seconds(*took), *is_bad));
        window
    }

    #[test]
    fn half_of_twenty_calls_are_enough_and_nineteen_calls_say_nothing() {
        let calls = |bad: usize, good: usize| [vec![(true, 0); bad], vec![(false, 0); good]].concat();
        assert!(window(&calls(10, 10)).is_tripped(second(10)));
        assert!(!window(&calls(9, 11)).is_tripped(second(10)));
        assert!(!window(&calls(19, 0)).is_tripped(second(10)));
        assert!(window(&[vec![(false, 9); 6], calls(0, 14)].concat()).is_tripped(second(10)));
    }

    #[test]
    fn twenty_calls_in_a_row_are_enough_however_many_went_well_before() {
        let calls = |bad: usize| window(&[vec![(false, 0); 9_000], vec![(true, 0); bad]].concat());
        assert!(calls(20).is_tripped(second(10)));
        assert!(!calls(19).is_tripped(second(10)));
    }

    #[test]
    fn what_is_older_than_half_a_minute_counts_no_more() {
        let window = window(&[(true, 0); 30]);
        assert!(window.is_tripped(second(40)));
        assert!(!window.is_tripped(second(41)));
    }

    proptest! {
        #[test]
        fn the_rest_grows_to_five_minutes_and_no_further(times in 1..i16::MAX) {
            prop_assert!(open_for(times) <= open_for(times.saturating_add(1)));
            prop_assert!(open_for(times) >= TimeDelta::seconds(5) && open_for(times) <= TimeDelta::minutes(5));
        }
    }
}
