//! Joins the gateway's journal with the database.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use uuid::Uuid;

use crate::figures::Figures;
use crate::gateway::Gateway;
use crate::gateway::journal::{End, Journal, Message};
use crate::house::connect;

/// The notices of a run.
const NOTICES: &str = "SELECT n.id, n.status, q.notice_id IS NOT NULL AS waits
FROM notices n LEFT JOIN notice_queue q ON q.notice_id = n.id
WHERE n.channel = 'sms' AND n.gateway IS DISTINCT FROM 'beforehand'";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Bool)]
    waits: bool,
}

/// What the join found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// All notices of the run.
    pub notices: usize,
    /// How many stand where.
    pub by_status: BTreeMap<String, usize>,
    /// Still in the queue.
    pub waiting: usize,
    /// Neither in the queue, nor over, nor in the hands of an operator; or said to be sent and the gateway has it not.
    pub lost: usize,
    /// Messages that went on their way more than once, and phones that got more than one.
    pub twice: usize,
    /// Messages of the gateway that no notice knows.
    pub unknown: usize,
    /// Stands otherwise than in the journal: not sent here and sent there, or another end than a receipt told.
    pub differ: usize,
    /// What journal and database say of some that are not as they should be.
    pub examples: Vec<String>,
}

/// So many examples are enough to look further.
const EXAMPLES: usize = 3;

const ATTEMPTS: &str = "SELECT COALESCE(string_agg(concat_ws(' ', attempt, outcome, code), ', ' ORDER BY started_at), 'no attempt') AS told
FROM notice_attempts WHERE notice_id = $1";

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

/// Joins journal and database.
pub fn check(url: &str, gateway: &Gateway) -> anyhow::Result<Verdict> {
    let mut conn = connect(url)?;
    let rows: Vec<Row> = diesel::sql_query(NOTICES).load(&mut conn)?;
    let journal = gateway.journal();
    let mut verdict = Verdict { notices: rows.len(), ..Verdict::default() };
    for row in &rows {
        *verdict.by_status.entry(row.status.clone()).or_default() += 1;
        let message = journal.messages.get(&row.id);
        verdict.waiting += usize::from(row.waits);
        let (is_lost, differs) = (is_lost(row, message), differs(row, message));
        verdict.lost += usize::from(is_lost);
        verdict.differ += usize::from(differs);
        let is_odd = is_lost || differs || message.is_some_and(|message| message.sent > 1);
        if is_odd && verdict.examples.len() < EXAMPLES {
            verdict.examples.push(example(&mut conn, row, &journal)?);
        }
    }
    let known: HashMap<Uuid, &Row> = rows.iter().map(|row| (row.id, row)).collect();
    verdict.unknown = journal.messages.keys().filter(|id| !known.contains_key(*id)).count();
    verdict.twice = twice(&journal);
    Ok(verdict)
}

fn example(conn: &mut PgConnection, row: &Row, journal: &Journal) -> anyhow::Result<String> {
    let attempts: Told = diesel::sql_query(ATTEMPTS).bind::<diesel::sql_types::Uuid, _>(row.id).get_result(conn)?;
    let asked = journal.requests.iter().filter(|request| request.id == row.id);
    let asked: Vec<String> =
        asked.map(|request| format!("{:?} at {:.3} s", request.said, request.at.as_secs_f64())).collect();
    Ok(format!("{} is {}; here: {}; there: {}", row.id, row.status, attempts.told, asked.join(", ")))
}

fn twice(journal: &Journal) -> usize {
    let messages = journal.messages.values().filter(|message| message.sent > 1).count();
    messages.max(journal.phones_told_twice())
}

fn is_lost(row: &Row, message: Option<&Message>) -> bool {
    let is_there = message.is_some_and(|message| message.sent > 0);
    match row.status.as_str() {
        _ if row.waits => false,
        "queued" | "sending" => true,
        "sent" | "delivered" => !is_there,
        _ => false,
    }
}

/// What is in doubt may be either; what waits is not over.
fn differs(row: &Row, message: Option<&Message>) -> bool {
    let is_there = message.is_some_and(|message| message.sent > 0);
    let told = message.filter(|message| message.is_told).and_then(|message| message.end);
    match (row.status.as_str(), told) {
        (status, Some(End::Delivered)) => status != "delivered",
        (status, Some(End::Failed)) => status != "failed",
        ("sent" | "in_doubt", None) => false,
        ("delivered", None) => true,
        (_, None) if row.waits => false,
        (_, None) => is_there,
    }
}

impl Verdict {
    /// How many stand so.
    pub fn count(&self, status: &str) -> usize {
        self.by_status.get(status).copied().unwrap_or(0)
    }

    /// Those that ended in the list of operators: dead letters and doubts.
    pub fn dead(&self) -> usize {
        ["failed", "given_up", "expired"].iter().map(|status| self.count(status)).sum()
    }

    /// Tells what every run must hold.
    pub fn tell(&self, figures: &mut Figures) {
        let standing: Vec<String> = self.by_status.iter().map(|(status, n)| format!("{n} {status}")).collect();
        figures.tell("notices", format!("{}: {}", self.notices, standing.join(", ")));
        figures.must_be_none("still waiting", self.waiting);
        figures.must_be_none("lost", self.lost);
        figures.must_be_none("sent twice", self.twice);
        figures.must_be_none("unknown to us", self.unknown);
        figures.must_be_none("status other than the journal's", self.differ);
        self.examples.iter().for_each(|example| println!("    {example}"));
    }
}
