//! Tariffs: what a part of a message costs through a gateway, by network and kind, from a day on.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::cost::{TariffKind, Telco, Vnd};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// Stands for every network that has no line of its own.
const ANY: &str = "any";
/// Lines that are changed at a time.
const MOST_LINES: usize = 200;
const LONGEST_GATEWAY: usize = 40;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tariff {
    /// The gateway, by its name in the settings.
    pub gateway: String,
    /// The network, or `any`.
    pub telco: String,
    /// `accented`, `folded` or `zns`.
    #[schema(value_type = String)]
    pub kind: TariffKind,
    /// The first day, of Vietnam.
    pub valid_from: NaiveDate,
    /// What a part costs, in VND to the hundredth.
    #[schema(value_type = String)]
    pub vnd_per_segment: Vnd,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    gateway: String,
    #[diesel(sql_type = Text)]
    telco: String,
    #[diesel(sql_type = Text)]
    kind: TariffKind,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = BigInt)]
    hundredths: i64,
}

impl From<Row> for Tariff {
    fn from(row: Row) -> Self {
        let Row { gateway, telco, kind, valid_from, hundredths } = row;
        Self { gateway, telco, kind, valid_from, vnd_per_segment: Vnd(hundredths) }
    }
}

const IN_FORCE: &str = "-- costs::tariffs::tariffs_on
SELECT DISTINCT ON (gateway, telco, kind)
    gateway, telco, kind, valid_from, (vnd_per_segment * 100)::bigint AS hundredths
FROM notice_tariffs WHERE valid_from <= $1
ORDER BY gateway, telco, kind, valid_from DESC LIMIT 1000";

/// Lists the lines in force on a day.
///
/// # Errors
/// Whatever the database says.
pub fn tariffs_on(conn: &mut PgConnection, day: NaiveDate) -> QueryResult<Vec<Tariff>> {
    let rows: Vec<Row> = diesel::sql_query(IN_FORCE).bind::<Date, _>(day).load(conn)?;
    Ok(rows.into_iter().map(Tariff::from).collect())
}

const ALL: &str = "-- costs::tariffs::all
SELECT gateway, telco, kind, valid_from, (vnd_per_segment * 100)::bigint AS hundredths
FROM notice_tariffs ORDER BY gateway, telco, kind, valid_from DESC LIMIT 5000";

/// Lists all lines, the newest of each kind first.
pub(super) fn all(conn: &mut PgConnection) -> QueryResult<Vec<Tariff>> {
    let rows: Vec<Row> = diesel::sql_query(ALL).load(conn)?;
    Ok(rows.into_iter().map(Tariff::from).collect())
}

/// Lines that are put in, put right or taken out.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffsForm {
    /// 1 to 200.
    items: Option<Vec<TariffForm>>,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TariffForm {
    /// The gateway, by its name in the settings.
    gateway: Option<String>,
    /// `viettel`, `vinaphone`, `mobifone`, `vietnamobile`, `gmobile`, `itel`, `wintel`; `any` when nothing is said.
    telco: Option<String>,
    /// `accented`, `folded` or `zns`.
    kind: Option<String>,
    /// The first day: `2026-01-01`.
    valid_from: Option<String>,
    /// What a part costs in VND, at most two decimals: `"850"`; `null` takes the line out.
    #[schema(value_type = Option<String>)]
    vnd_per_segment: Option<Value>,
}

/// A line to be written, or taken out where it has no price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    gateway: String,
    telco: String,
    kind: TariffKind,
    valid_from: NaiveDate,
    price: Option<Vnd>,
}

impl TariffsForm {
    /// Reads the lines.
    pub(super) fn read(&self) -> Result<Vec<Line>, AppError> {
        let mut faults = Faults::new();
        let items = faults.required("/items", self.items.as_ref());
        if items.is_some_and(|items| items.is_empty() || items.len() > MOST_LINES) {
            faults.add("/items", Said::new("wrong_length", "Cần từ 1 đến 200 dòng", "Must have 1 to 200 lines"));
        }
        let read = |(number, item): (usize, &TariffForm)| item.read(&mut faults, &format!("/items/{number}"));
        let lines: Vec<Option<Line>> = items.into_iter().flatten().take(MOST_LINES).enumerate().map(read).collect();
        faults.finish(lines.into_iter().collect())
    }
}

impl TariffForm {
    fn read(&self, faults: &mut Faults, at: &str) -> Option<Line> {
        let gateway = faults.text(&format!("{at}/gateway"), LONGEST_GATEWAY, self.gateway.as_deref());
        let telco = match self.telco.as_deref() {
            None | Some(ANY) => Some(ANY),
            Some(word) => faults.word::<Telco>(&format!("{at}/telco"), word).map(Telco::as_str),
        };
        let pointer = format!("{at}/kind");
        let kind = faults.required(&pointer, self.kind.as_deref()).and_then(|word| faults.word(&pointer, word));
        let pointer = format!("{at}/valid_from");
        let day = faults.required(&pointer, self.valid_from.as_deref());
        let day = day.and_then(|text| {
            let said = Said::new("wrong_date", "Ngày viết theo dạng 2026-09-25", "A date is written as in 2026-09-25");
            faults.read(&pointer, said, NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        });
        let price = amount(faults, &format!("{at}/vnd_per_segment"), self.vnd_per_segment.as_ref(), LONGEST_PRICE);
        Some(Line { gateway: gateway?, telco: telco?.to_owned(), kind: kind?, valid_from: day?, price: price? })
    }
}

/// Larger than any message costs, and what the column holds.
const LONGEST_PRICE: Vnd = Vnd(9_999_999_999);

/// Reads an amount that may be `null`, up to a largest.
pub(super) fn amount(faults: &mut Faults, pointer: &str, given: Option<&Value>, largest: Vnd) -> Option<Option<Vnd>> {
    let text = match given {
        None | Some(Value::Null) => return Some(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let said = Said::new(
        "wrong_amount",
        "Số tiền từ 0, nhiều nhất hai chữ số thập phân",
        "An amount is at least 0, with two decimals at most",
    );
    faults.read(pointer, said, Vnd::read(&text).filter(|amount| *amount <= largest)).map(Some)
}

const PUT: &str = "-- costs::tariffs::put
INSERT INTO notice_tariffs (gateway, telco, kind, valid_from, vnd_per_segment)
SELECT DISTINCT ON (gateway, telco, kind, valid_from) gateway, telco, kind, valid_from, hundredths::numeric / 100
FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS t (gateway, telco, kind, valid_from, hundredths, number)
ORDER BY gateway, telco, kind, valid_from, number DESC
ON CONFLICT (gateway, telco, kind, valid_from) DO UPDATE SET vnd_per_segment = excluded.vnd_per_segment";

const TAKE_OUT: &str = "-- costs::tariffs::take_out
DELETE FROM notice_tariffs n USING unnest($1, $2, $3, $4) AS t (gateway, telco, kind, valid_from)
WHERE (n.gateway, n.telco, n.kind, n.valid_from) = (t.gateway, t.telco, t.kind, t.valid_from)";

/// Changes lines. What was estimated before stays as it was.
///
/// # Errors
/// Whatever the database says.
pub(super) fn change(conn: &mut PgConnection, act: &Act<'_>, lines: &[Line]) -> Result<(), AppError> {
    let (put, out): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(|line| line.price.is_some());
    let prices: Vec<i64> = put.iter().filter_map(|line| line.price).map(|price| price.0).collect();
    key_of(PUT, &put).bind::<Array<BigInt>, _>(prices).execute(conn)?;
    key_of(TAKE_OUT, &out).execute(conn)?;
    let told = lines.iter().map(|line| {
        let Line { gateway, telco, kind, valid_from, price } = line;
        json!({"gateway": gateway, "telco": telco, "kind": kind, "valid_from": valid_from, "vnd_per_segment": price})
    });
    let details = json!({"lines": told.collect::<Vec<_>>()});
    audit::note(conn, act, Action::TariffsChanged, Subject::Tariffs, details)?;
    Ok(())
}

type Keyed<'a> = diesel::query_builder::BoxedSqlQuery<'a, diesel::pg::Pg, diesel::query_builder::SqlQuery>;

fn key_of<'a>(sql: &'a str, lines: &[&Line]) -> Keyed<'a> {
    let texts = |of: fn(&Line) -> &str| lines.iter().map(|line| of(line).to_owned()).collect::<Vec<_>>();
    diesel::sql_query(sql)
        .into_boxed()
        .bind::<Array<Text>, _>(texts(|line| &line.gateway))
        .bind::<Array<Text>, _>(texts(|line| &line.telco))
        .bind::<Array<Text>, _>(texts(|line| line.kind.as_str()))
        .bind::<Array<Date>, _>(lines.iter().map(|line| line.valid_from).collect::<Vec<_>>())
}
