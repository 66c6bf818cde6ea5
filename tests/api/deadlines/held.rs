//! The working time of a life, divided.

use chrono::{DateTime, TimeDelta, Utc};
use motcua::domain::held::{Span, divide};
use motcua::domain::period::office_time;
use proptest::{collection, prop_assert, prop_assert_eq, proptest};

use super::given::calendar;
use crate::support::app::at;

proptest! {
    #[test]
    fn parts_add_up_to_the_working_minutes_of_the_whole(
        lengths in collection::vec(0_i64..300_000, 1..12),
        stands in collection::vec((0_i64..2_000_000, 0_i64..200_000), 0..4),
    ) {
        let from: DateTime<Utc> = at("2026-04-22 10:13");
        let mut end = from;
        let hops: Vec<Span> = lengths.iter().map(|seconds| {
            let start = end;
            end += TimeDelta::seconds(*seconds);
            Span { from: start, to: Some(end) }
        }).collect();
        let pauses: Vec<Span> = stands.iter().map(|(after, long)| {
            let start = from + TimeDelta::seconds(*after);
            Span { from: start, to: Some(start + TimeDelta::seconds(*long)) }
        }).collect();
        let calendar = calendar();
        let parts = divide(&calendar, (from, end), &hops, &pauses).unwrap();
        let whole = calendar.working_minutes_between(office_time(from), office_time(end)).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.minutes).sum::<i64>(), whole);
        prop_assert!(parts.iter().all(|part| part.minutes >= 0 && part.hop.is_some()));
        prop_assert!(parts.windows(2).all(|two| two[0].to == two[1].from));
    }
}
