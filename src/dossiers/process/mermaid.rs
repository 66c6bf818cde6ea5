//! The path of a dossier as a Mermaid flowchart: what was taken is drawn through, what comes is dotted.

use std::fmt::Write;

use super::path::Path;
use crate::domain::dossier::StepOutcome;
use crate::dossiers::held::Held;

/// Draws it; any Mermaid viewer shows it.
pub(super) fn draw(held: &Held, path: &Path<'_>) -> String {
    let mut text = String::from("flowchart TD\n");
    for (number, hop) in held.hops.iter().enumerate() {
        let minutes = held.minutes(|part| part.hop == Some(number) && part.pause.is_none());
        let holder = hop.holder_name.as_deref().unwrap_or(&hop.role);
        let (open, close) = if hop.left_at.is_none() { ("([", "])") } else { ("[", "]") };
        let label = quoted(&format!("{}\n{holder}\n{minutes} min", hop.does));
        line(&mut text, &format!("h{number}{open}{label}{close}"));
        if number > 0 {
            let back = held.hops.get(number - 1).and_then(|before| before.outcome) == Some(StepOutcome::SentBack);
            let arrow = if back { "-- back -->" } else { "-->" };
            line(&mut text, &format!("h{} {arrow} h{number}", number - 1));
        }
    }
    let mut before = held.hops.len().checked_sub(1).map(|last| format!("h{last}"));
    for index in &path.ahead {
        let Some(step) = path.steps.get(*index) else { continue };
        line(&mut text, &format!("s{index}[{}]", quoted(&format!("{}\n{}", step.does, step.role))));
        if let Some(before) = before.replace(format!("s{index}")) {
            line(&mut text, &format!("{before} -.-> s{index}"));
        }
    }
    text
}

fn line(text: &mut String, content: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "    {content}");
}

/// Puts text into quotes, so that nothing in it is read as part of the drawing.
fn quoted(label: &str) -> String {
    let safe: String = label
        .chars()
        .map(|c| match c {
            '"' => "#quot;".to_owned(),
            '#' => "#35;".to_owned(),
            '<' => "#lt;".to_owned(),
            '>' => "#gt;".to_owned(),
            '\n' => "<br>".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!("\"{safe}\"")
}
