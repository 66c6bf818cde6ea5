//! A row of `procedures.json`, with the rules that its term must keep.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::read::read_validity;
use super::row::RowReader;
use crate::catalogue::stored::StoredCase;
use crate::domain::catalogue::{Fee, PaperNeeded, ProcedureState};
use crate::domain::procedure::{Amount, CaseEffect, Channel, Cutoff, PauseEffect, Term, TermCase, TermRules, TermUnit};

/// Working days after receipt in which a supplement restarts the term when the file says nothing (DESIGN §6).
const SUPPLEMENT_WITHIN_DAYS: i32 = 3;

/// What a row says.
#[derive(Debug)]
pub struct ProcedureRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) field: String,
    pub(super) state: ProcedureState,
    pub(super) resolved_by: Vec<String>,
    pub(super) terms: Option<TermRules>,
    /// It is published and names no term: its process must have legs.
    pub(super) needs_term: bool,
    pub(super) cutoff: Cutoff,
    pub(super) supplement_effect: PauseEffect,
    pub(super) supplement_within_days: i32,
    pub(super) excludes_external_time: bool,
    pub(super) process: Option<String>,
    pub(super) papers: Vec<PaperNeeded>,
    pub(super) fees: Vec<Fee>,
    pub(super) limit_source: String,
    pub(super) note: Option<String>,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: Option<NaiveDate>,
}

/// Reads a row.
pub fn read_procedure(row: &mut RowReader<'_>) -> Option<ProcedureRow> {
    let code = row.text("code", 35);
    if code.as_deref().is_some_and(|code| !is_code(code)) {
        row.fault("/code", "may have letters, digits, dots and dashes only");
    }
    let name = row.text("name", 2000);
    let field = row.required("field");
    let state: Option<ProcedureState> = row.required("state");
    let resolved_by: Option<Vec<String>> = row.required("resolved_by");
    if state == Some(ProcedureState::Published) {
        check_published(row, resolved_by.as_deref());
    }
    let needs_term = state == Some(ProcedureState::Published) && !row.has("term") && row.has("process");
    let cutoff = row.or("cutoff", Cutoff::None);
    let terms = read_terms(row, cutoff);
    let supplement_effect = row.or("supplement_effect", PauseEffect::Restart);
    let supplement_within_days = read_within_days(row);
    let excludes_external_time = row.or("excludes_external_time", false);
    let process: Option<String> = row.optional("process");
    let papers = read_papers(row);
    let fees = read_fees(row);
    let limit_source = row.text("limit_source", 500);
    let note = row.optional("note");
    let (valid_from, valid_to) = read_validity(row);
    let row = ProcedureRow {
        code: code?,
        name: name?,
        field: field?,
        state: state?,
        resolved_by: resolved_by?,
        terms,
        needs_term,
        cutoff,
        supplement_effect,
        supplement_within_days,
        excludes_external_time,
        process,
        papers,
        fees,
        limit_source: limit_source?,
        note,
        valid_from: valid_from?,
        valid_to,
    };
    Some(row)
}

/// A procedure without a term stays a draft and cannot be received (DESIGN §6); what several agencies do takes as long
/// as their legs.
fn check_published(row: &mut RowReader<'_>, resolved_by: Option<&[String]>) {
    if !row.has("process") {
        let missing: &[&str] = if row.has("term") { &["process"] } else { &["term", "process"] };
        for name in missing {
            row.fault(&format!("/{name}"), "is missing: without it the state must be draft");
        }
    }
    if resolved_by.is_some_and(<[String]>::is_empty) {
        row.fault("/resolved_by", "names nobody: the state must be draft");
    }
}

fn is_code(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
}

fn read_within_days(row: &mut RowReader<'_>) -> i32 {
    let days = row.or("supplement_within_days", SUPPLEMENT_WITHIN_DAYS);
    if !(0..=100).contains(&days) {
        row.fault("/supplement_within_days", "must be from 0 to 100");
    }
    days
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTerm {
    amount: Amount,
    unit: TermUnit,
}

fn read_terms(row: &mut RowReader<'_>, cutoff: Cutoff) -> Option<TermRules> {
    let has_term = row.has("term");
    let base = read_term(row, "term");
    let statutory = read_term(row, "statutory");
    let by_channel: BTreeMap<Channel, Amount> = row.or("by_channel", BTreeMap::new());
    let hard_area: Option<Amount> = row.optional("hard_area");
    let cases = read_cases(row);
    let Some(base) = base else {
        let is_plain = statutory.is_none() && by_channel.is_empty() && hard_area.is_none();
        let needs_term = !is_plain || !cases.is_empty();
        if !has_term && needs_term {
            row.fault("/term", "is missing, but other terms are given");
        }
        return None;
    };
    for (channel, amount) in &by_channel {
        check_amount(row, &format!("/by_channel/{channel}"), *amount, base.unit());
    }
    if let Some(amount) = hard_area {
        check_amount(row, "/hard_area", amount, base.unit());
    }
    for (index, case) in cases.iter().enumerate() {
        if let CaseEffect::Limit(amount) | CaseEffect::Adds(Some(amount)) = case.effect {
            check_amount(row, &format!("/cases/{index}/amount"), amount, base.unit());
        }
        if cases.iter().take(index).any(|other| other.code == case.code) {
            row.fault(&format!("/cases/{index}/code"), "stands twice in this row");
        }
    }
    if cutoff == Cutoff::At1500 && !base.is_same_day() {
        row.fault("/cutoff", "at_15_00 belongs to a term of 0 working days");
    }
    Some(TermRules { base, statutory, by_channel: by_channel.into_iter().collect(), hard_area, cases })
}

fn read_term(row: &mut RowReader<'_>, name: &str) -> Option<Term> {
    let written: WrittenTerm = row.optional(name)?;
    Term::new(written.amount, written.unit).map_err(|err| row.fault(&format!("/{name}/amount"), err)).ok()
}

fn check_amount(row: &mut RowReader<'_>, pointer: &str, amount: Amount, unit: TermUnit) {
    if let Err(err) = Term::new(amount, unit) {
        row.fault(pointer, err);
    }
}

fn read_cases(row: &mut RowReader<'_>) -> Vec<TermCase> {
    let stored: Vec<StoredCase> = row.or("cases", Vec::new());
    let mut cases = Vec::new();
    for (index, case) in stored.into_iter().enumerate() {
        match case.read() {
            Some(case) => cases.push(case),
            None => row.fault(&format!("/cases/{index}/amount"), "is missing: a limit needs it"),
        }
    }
    cases
}

fn read_papers(row: &mut RowReader<'_>) -> Vec<PaperNeeded> {
    let papers: Vec<PaperNeeded> = row.or("papers", Vec::new());
    for (index, paper) in papers.iter().enumerate() {
        if paper.quantity < 1 {
            row.fault(&format!("/papers/{index}/quantity"), "must be above 0");
        }
        if paper.name.trim().is_empty() {
            row.fault(&format!("/papers/{index}/name"), "must not be empty");
        }
    }
    papers
}

fn read_fees(row: &mut RowReader<'_>) -> Vec<Fee> {
    let fees: Vec<Fee> = row.or("fees", Vec::new());
    for (index, fee) in fees.iter().enumerate() {
        if fee.amount_vnd < 0 {
            row.fault(&format!("/fees/{index}/amount_vnd"), "must not be negative");
        }
        if fee.valid_from.zip(fee.valid_to).is_some_and(|(from, to)| to <= from) {
            row.fault(&format!("/fees/{index}/valid_to"), "must be later than valid_from");
        }
    }
    fees
}
