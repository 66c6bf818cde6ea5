//! Due dates, terms, periods, rates and budgets.

mod explanations;
mod extensions;
mod given;
mod golden;
mod pauses;
mod peers_bugs;
mod periods_and_rates;
mod processes;
mod properties;
mod slow_count;
mod standings;
mod terms;
