//! A published procedure without a term of its own takes as long as the longest way through the legs of its process.

use super::existing::Existing;
use super::fault::RowFaults;
use super::read::Files;
use crate::domain::catalogue::Procedure;
use crate::domain::legs::{LegForm, Legs};
use crate::domain::procedure::{Term, TermRules};

/// Gives their terms to the procedures that have none, and notes those whose process has none for them either.
pub fn fill(files: &mut Files, existing: &Existing, faults: &mut RowFaults) {
    let processes = &files.processes;
    let written = |code: &str| processes.iter().find(|item| item.row.code == code).map(|item| item.row.parts.clone());
    for item in files.procedures.iter_mut().filter(|item| item.row.needs_term) {
        let Some(code) = item.row.process.as_deref() else { continue };
        let legs = written(code).or_else(|| stored(existing, code));
        match legs.as_ref().and_then(Legs::longest_path) {
            Some(base) => item.row.terms = Some(rules(base)),
            None => faults.add(
                &item.place,
                "/term",
                "is missing: without it the state must be draft, or the process must have legs whose terms add up",
            ),
        }
    }
}

/// Whether the term of a procedure is what the legs of its process add up to, so that it follows them.
pub fn gave(existing: &Existing, process: &str, procedure: &Procedure) -> bool {
    let given = stored(existing, process).as_ref().and_then(Legs::longest_path).map(rules);
    given.is_some() && given == procedure.terms
}

fn stored(existing: &Existing, code: &str) -> Option<Legs> {
    let legs = existing.processes.get(code)?.legs.clone();
    let forms: Vec<LegForm> = serde_json::from_value(legs).ok()?;
    Legs::read(forms).ok()
}

fn rules(base: Term) -> TermRules {
    TermRules { base, statutory: None, by_channel: Vec::new(), hard_area: None, cases: Vec::new() }
}
