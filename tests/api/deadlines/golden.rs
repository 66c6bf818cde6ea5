//! The table that was agreed on before the code.

use super::given::{calendar, file, local};
use chrono::DateTime;
use motcua::domain::deadline::{LineKind, Pause, Question, answer, due_at};
use motcua::domain::period::{from_office_time, office_date};
use motcua::domain::procedure::Term;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Row {
    received_at: String,
    channel: String,
    amount: String,
    unit: String,
    cutoff: String,
    pause_opened_at: String,
    pause_closed_at: String,
    pause_effect: String,
    due_at: String,
    why: String,
}

fn moment(text: &str) -> DateTime<chrono::Utc> {
    from_office_time(local(text.strip_suffix("+07:00").unwrap()))
}

#[test]
fn every_row_of_the_golden_table_holds() {
    let calendar = calendar();
    let text = file("tests/data/golden_deadlines.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<Row> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 20);
    for row in rows {
        let pauses: Vec<Pause> = (!row.pause_opened_at.is_empty())
            .then(|| Pause {
                opened_at: moment(&row.pause_opened_at),
                closed_at: Some(moment(&row.pause_closed_at)),
                effect: row.pause_effect.parse().unwrap(),
            })
            .into_iter()
            .collect();
        let question = Question {
            received_at: moment(&row.received_at),
            channel: row.channel.parse().unwrap(),
            term: Term::new(row.amount.parse().unwrap(), row.unit.parse().unwrap()).unwrap(),
            cutoff: row.cutoff.parse().unwrap(),
            pauses: &pauses,
        };
        let expected = Some(moment(&row.due_at));
        assert_eq!(due_at(&calendar, &question).unwrap(), expected, "{}", row.why);
        let answer = answer(&calendar, &question).unwrap();
        assert_eq!(answer.due_at, expected, "{}", row.why);
        let last = answer.explanation.last().unwrap();
        assert_eq!((last.kind, Some(last.date)), (LineKind::Due, expected.map(office_date)));
        assert_eq!(answer.provisional, row.why.contains("provisional"), "{}", row.why);
    }
}
