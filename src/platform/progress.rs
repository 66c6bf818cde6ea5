//! How far a long command is: a bar on a terminal, plain lines elsewhere. Both go to standard error.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// Percent between two plain lines.
const STEP_PERCENT: u64 = 5;

/// How far a command is. May be shared between threads.
#[derive(Debug)]
pub struct Progress(Shown);

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Lines(Lines),
    Nowhere,
}

#[derive(Debug)]
struct Lines {
    title: String,
    total: AtomicU64,
    done: AtomicU64,
    told_percent: AtomicU64,
}

impl Progress {
    /// Begins a command of `total` parts; 0 where that is not known yet.
    pub fn new(title: &str, total: u64) -> Self {
        if std::io::stderr().is_terminal() {
            return Self(Shown::Bar(bar(title, total)));
        }
        Self(Shown::Lines(Lines {
            title: title.to_owned(),
            total: AtomicU64::new(total),
            done: AtomicU64::new(0),
            told_percent: AtomicU64::new(0),
        }))
    }

    /// Begins a command that shows nothing.
    pub fn silent() -> Self {
        Self(Shown::Nowhere)
    }

    /// Says of how many parts the command is.
    pub fn set_total(&self, total: u64) {
        match &self.0 {
            Shown::Bar(bar) => bar.set_length(total),
            Shown::Lines(lines) => lines.total.store(total, Ordering::Relaxed),
            Shown::Nowhere => {}
        }
    }

    /// Says that `parts` more are done.
    pub fn advance(&self, parts: u64) {
        match &self.0 {
            Shown::Bar(bar) => bar.inc(parts),
            Shown::Lines(lines) => lines.advance(parts),
            Shown::Nowhere => {}
        }
    }

    /// Ends: the bar stays where it is.
    pub fn finish(&self) {
        match &self.0 {
            Shown::Bar(bar) => bar.finish(),
            Shown::Lines(lines) => {
                eprintln!("{}: {} done", lines.title, lines.done.load(Ordering::Relaxed));
            }
            Shown::Nowhere => {}
        }
    }
}

impl Lines {
    fn advance(&self, parts: u64) {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        let total = self.total.load(Ordering::Relaxed);
        let told = self.told_percent.load(Ordering::Relaxed);
        let Some(next) = next_to_tell(done, total, told) else {
            return;
        };
        // Of threads that come at the same time one tells.
        let won = self.told_percent.compare_exchange(told, next, Ordering::Relaxed, Ordering::Relaxed);
        if won.is_ok() {
            eprintln!("{}: {next} % ({done} of {total})", self.title);
        }
    }
}

/// Returns the percentage to tell now, if it is time; the whole is told by the end alone.
fn next_to_tell(done: u64, total: u64, told: u64) -> Option<u64> {
    let percent = done.saturating_mul(100).checked_div(total)?;
    let step = percent - percent % STEP_PERCENT;
    (step > told && step < 100).then_some(step)
}

fn bar(title: &str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_come_every_five_percent() {
        let mut told = 0;
        let mut lines = Vec::new();
        for done in 1..=1000 {
            if let Some(percent) = next_to_tell(done, 1000, told) {
                told = percent;
                lines.push(percent);
            }
        }
        let expected: Vec<u64> = (1..20).map(|step| step * 5).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_unknown_total_tells_nothing() {
        assert_eq!(next_to_tell(7, 0, 0), None);
    }
}
