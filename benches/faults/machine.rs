//! On what, and when, it is measured.

use chrono::TimeDelta;
use motcua::platform::clock::Clock;

/// Returns the day at the office, the cores and the memory of the machine.
pub fn describe() -> String {
    let today = (Clock::System.now() + TimeDelta::hours(7)).format("%Y-%m-%d");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = text.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    format!("{today}, {cores} cores, {} GiB", (kib + 524_288) / 1_048_576)
}
