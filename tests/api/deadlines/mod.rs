//! Due dates, terms, periods, rates and budgets.

mod explanations;
mod extensions;
mod foresight;
pub mod given;
mod golden;
mod held;
mod pauses;
mod peers_bugs;
mod periods_and_rates;
pub mod processes;
mod properties;
mod slow_count;
mod standings;
mod tables;
mod terms;
