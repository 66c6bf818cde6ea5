//! What was found: figures, aims and invariants, printed as rows of a Markdown table.

use std::fmt::Display;

/// What a figure means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It is only told.
    Told,
    /// It is aimed at; the machine may be too busy for it.
    Aim { is_reached: bool },
    /// Without it the run has failed.
    Must { holds: bool },
}

#[derive(Debug, Clone)]
struct Figure {
    what: String,
    wanted: String,
    found: String,
    weight: Weight,
}

/// The figures of one run.
#[derive(Debug, Clone)]
pub struct Figures {
    run: String,
    all: Vec<Figure>,
}

impl Figures {
    /// Begins a run.
    pub fn of(run: &str) -> Self {
        println!("\n{run}");
        Self { run: run.to_owned(), all: Vec::new() }
    }

    /// Tells a figure.
    pub fn tell(&mut self, what: &str, found: impl Display) {
        self.add(what, String::new(), found, Weight::Told);
    }

    /// Tells a figure that is to reach something.
    pub fn aim(&mut self, what: &str, found: impl Display, wanted: &str, is_reached: bool) {
        self.add(what, wanted.to_owned(), found, Weight::Aim { is_reached });
    }

    /// Tells what must hold.
    pub fn must(&mut self, what: &str, found: impl Display, wanted: &str, holds: bool) {
        self.add(what, wanted.to_owned(), found, Weight::Must { holds });
    }

    /// Tells a number that must be nought.
    pub fn must_be_none(&mut self, what: &str, found: usize) {
        self.must(what, found, "0", found == 0);
    }

    fn add(&mut self, what: &str, wanted: String, found: impl Display, weight: Weight) {
        let figure = Figure { what: what.to_owned(), wanted, found: found.to_string(), weight };
        println!("  {:<52} {}{}", figure.what, figure.found, figure.judgement());
        self.all.push(figure);
    }

    /// Whether everything holds that must.
    pub fn hold(&self) -> bool {
        !self.all.iter().any(|figure| figure.weight == Weight::Must { holds: false })
    }
}

impl Figure {
    fn judgement(&self) -> &'static str {
        match self.weight {
            Weight::Must { holds: false } => "  BROKEN",
            Weight::Aim { is_reached: false } => "  missed",
            _ => "",
        }
    }
}

/// Prints all runs as a table to be pasted.
pub fn print(runs: &[Figures]) {
    println!("\n| run | figure | wanted | measured |\n|---|---|---|---|");
    for run in runs {
        let mut name = run.run.as_str();
        for figure in &run.all {
            println!("| {name} | {} | {} | {}{} |", figure.what, figure.wanted, figure.found, figure.judgement());
            name = "";
        }
    }
}

/// The value that `percent` of a hundred do not pass, in ms.
pub fn percentile(times: &mut [f64], percent: f64) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    let count = count(times.len());
    let passed = times.iter().zip(1_u32..).find(|(_, number)| f64::from(*number) * 100.0 >= count * percent);
    passed.map_or(0.0, |(time, _)| *time)
}

/// A count as a number to divide by.
pub fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

/// A share in percent.
pub fn percent(part: usize, of: usize) -> String {
    format!("{:.2} %", 100.0 * count(part) / count(of.max(1)))
}
