//! Intake in its details: answers within eight hours, places apart, wrong agencies, many at once, results at once.

mod answers;
mod at_once;
mod mirrored;
mod places;
mod reminders;
mod supplements;
