//! Dossiers put in as rows, with the histories that the verbs would have written.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use motcua::domain::deadline::{Standing, is_past, standing, standing_without_result};
use motcua::domain::procedure::TermUnit;
use motcua::platform::secret::{Pin, Vault};
use serde_json::{Value, json};
use uuid::Uuid;

use super::app::at;

/// Units of the world: code, kind, the one above.
pub const UNITS: [(&str, &str, Option<&str>); 7] = [
    ("H21", "province", None),
    ("H21.01", "one_stop_centre", Some("H21")),
    ("H21.16", "department", Some("H21")),
    ("H21.18", "department", Some("H21")),
    ("H21.24", "land_office", Some("H21.18")),
    ("H21.24.01", "land_office", Some("H21.24")),
    ("H21.101", "commune", Some("H21")),
];
/// The units that resolve.
pub const RESOLVERS: [&str; 5] = ["H21.16", "H21.18", "H21.24", "H21.24.01", "H21.101"];

/// The keys of what the catalogue holds.
#[derive(Debug, Clone)]
pub struct World {
    pub units: BTreeMap<&'static str, Uuid>,
    pub day_field: Uuid,
    pub hour_field: Uuid,
    day_procedure: Uuid,
    hour_procedure: Uuid,
    process: Uuid,
}

impl World {
    /// Puts a small catalogue in: one procedure with a term in days, one with a term in hours.
    pub fn lay(conn: &mut PgConnection) -> Self {
        let units: BTreeMap<_, _> = UNITS.iter().map(|(code, ..)| (*code, Uuid::now_v7())).collect();
        // In one batch, hence one transaction: the centre that receives comes after those it receives for.
        let rows = UNITS.iter().map(|(code, kind, above)| {
            format!(
                "INSERT INTO units VALUES ('{}', '{code}', 'Cơ quan {code}', '{kind}', {}, '{}', false, 'made_up', '2020-01-01')",
                units[code],
                above.map_or("NULL".to_owned(), |above| format!("'{}'", units[above])),
                units["H21.01"],
            )
        });
        run(conn, &rows.collect::<Vec<_>>().join(";"));
        let world = Self {
            units,
            day_field: Uuid::now_v7(),
            hour_field: Uuid::now_v7(),
            day_procedure: Uuid::now_v7(),
            hour_procedure: Uuid::now_v7(),
            process: Uuid::now_v7(),
        };
        run(
            conn,
            &format!(
                "INSERT INTO processes VALUES ('{0}', 'W1'); \
                 INSERT INTO process_versions VALUES ('{0}', '{0}', 1, 'W1', '[]', '[]', '2020-01-01')",
                world.process
            ),
        );
        world.lay_procedure(conn, (world.day_field, world.day_procedure), ("G1", "Đất đai", "working_day"));
        world.lay_procedure(conn, (world.hour_field, world.hour_procedure), ("G2", "Ngoại thương", "working_hour"));
        run(conn, "UPDATE catalogue_version SET version = version + 1");
        world
    }

    fn lay_procedure(&self, conn: &mut PgConnection, keys: (Uuid, Uuid), words: (&str, &str, &str)) {
        let ((field, procedure), (code, name, unit)) = (keys, words);
        let terms = format!(
            r#"{{"base": {{"amount": 5, "unit": "{unit}"}}, "statutory": null, "by_channel": {{}}, "hard_area": null, "cases": []}}"#
        );
        run(
            conn,
            &format!(
                "INSERT INTO fields VALUES ('{field}', '{code}', '{name}', 'made_up'); \
                 INSERT INTO procedures VALUES ('{procedure}', '1.{code}'); \
                 INSERT INTO procedure_versions (id, procedure_id, version, state, name, field_id, terms, cutoff, \
                   supplement_effect, supplement_within_days, excludes_external_time, process_version_id, papers, \
                   fees, limit_source, valid_from) \
                 VALUES ('{procedure}', '{procedure}', 1, 'draft', 'Thủ tục {name}', '{field}', '{terms}', 'none', \
                   'restart', 3, true, NULL, '[]', '[]', 'test', '2020-01-01')"
            ),
        );
    }
}

fn run(conn: &mut PgConnection, sql: &str) {
    use diesel::connection::SimpleConnection;
    conn.batch_execute(sql).unwrap();
}

/// What happened to a dossier after its acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Papers are asked for.
    Pause,
    /// A payment is waited for.
    PauseForPayment,
    /// With the new due date.
    Resume(DateTime<Utc>),
    /// With the new due date.
    Extend(DateTime<Utc>),
    MoveTo(&'static str),
    Finish,
    Refuse,
    Recall,
    Withdraw,
    Stop,
}

/// What keeps a dossier out of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    Yes,
    Leg,
    Mirrored,
    Voided,
}

/// A dossier's life.
#[derive(Debug, Clone)]
pub struct History {
    pub unit: &'static str,
    pub hourly: bool,
    pub channel: &'static str,
    pub accepted_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub deeds: Vec<(DateTime<Utc>, Deed)>,
    pub counts: Counts,
}

impl History {
    pub fn new(unit: &'static str, accepted: &str, due: &str) -> Self {
        Self {
            unit,
            hourly: false,
            channel: "direct",
            accepted_at: at(accepted),
            due_at: at(due),
            deeds: Vec::new(),
            counts: Counts::Yes,
        }
    }

    pub fn online(self) -> Self {
        Self { channel: "online", ..self }
    }

    pub fn then(mut self, when: &str, deed: Deed) -> Self {
        self.deeds.push((at(when), deed));
        self
    }
}

/// How a life stands after some of its deeds.
#[derive(Debug, Clone, Copy)]
pub struct Stand {
    pub unit: &'static str,
    pub due_first: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// When the open pause was opened.
    pub paused_at: Option<DateTime<Utc>>,
    /// Whether the last pause waits for a payment.
    pub for_payment: bool,
    pub end: Option<End>,
    /// Whether it was extended, with the letter that goes with it.
    pub extended: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy)]
pub struct End {
    pub at: DateTime<Utc>,
    pub status: &'static str,
    pub refused: bool,
    pub standing: Standing,
    pub apologised: bool,
}

impl Stand {
    pub fn first(history: &History) -> Self {
        Self {
            unit: history.unit,
            due_first: history.due_at,
            due_at: history.due_at,
            paused_at: None,
            for_payment: false,
            end: None,
            extended: false,
        }
    }

    /// Returns how it stands after the deed; `None` when the deed would be unlawful.
    pub fn after(self, unit: TermUnit, at: DateTime<Utc>, deed: Deed) -> Option<Self> {
        let runs = self.end.is_none() && self.paused_at.is_none();
        match deed {
            Deed::Pause | Deed::PauseForPayment if runs => {
                Some(Self { paused_at: Some(at), for_payment: deed == Deed::PauseForPayment, ..self })
            }
            Deed::Resume(due) if self.end.is_none() && self.paused_at.is_some() => {
                let due = due.max(at);
                Some(Self { paused_at: None, due_first: due, due_at: due, ..self })
            }
            Deed::Extend(due) if runs && !self.extended && due > self.due_at => {
                Some(Self { due_at: due, extended: true, ..self })
            }
            Deed::MoveTo(unit) if self.end.is_none() => Some(Self { unit, ..self }),
            Deed::Finish | Deed::Refuse if runs => {
                let ended = standing(unit, self.due_first, self.due_at, at);
                Some(self.ended(End {
                    at,
                    status: "finished",
                    refused: deed == Deed::Refuse,
                    standing: ended.standing,
                    apologised: ended.apologised,
                }))
            }
            Deed::Recall => self.end.filter(|end| end.status == "finished").map(|_| Self { end: None, ..self }),
            Deed::Withdraw | Deed::Stop if self.end.is_none() => {
                let late = is_past(unit, self.paused_at.unwrap_or(at), self.due_at);
                let plain = standing_without_result(unit, Some(self.due_at), at);
                let standing = match (self.paused_at, late) {
                    (None, _) => plain,
                    (Some(_), true) => Standing::Late,
                    (Some(_), false) => Standing::OnTime,
                };
                Some(self.ended(End {
                    at,
                    status: if deed == Deed::Stop { "stopped" } else { "withdrawn" },
                    refused: false,
                    standing,
                    apologised: false,
                }))
            }
            _ => None,
        }
    }

    fn ended(self, end: End) -> Self {
        Self { end: Some(end), ..self }
    }

    pub fn status(&self) -> &'static str {
        match (self.end, self.paused_at) {
            (Some(end), _) => end.status,
            (None, Some(_)) if self.for_payment => "awaiting_payment",
            (None, Some(_)) => "awaiting_supplement",
            (None, None) => "processing",
        }
    }
}

pub fn term_unit(history: &History) -> TermUnit {
    match history.hourly {
        true => TermUnit::WorkingHour,
        false => TermUnit::WorkingDay,
    }
}

/// A dossier that was put in.
#[derive(Debug, Clone)]
pub struct Put {
    pub id: Uuid,
    pub code: String,
    pub pin: String,
}

/// Puts a dossier in with its states and events; deeds that would be unlawful are passed over.
pub fn put(conn: &mut PgConnection, world: &World, vault: &Vault, history: &History) -> Put {
    let id = Uuid::now_v7();
    let number = id.simple().to_string();
    let code = format!("{}-240101-{}", history.unit, number[20..].to_uppercase());
    let pin = Pin::new();
    let mut stand = Stand::first(history);
    let mut stands = vec![(history.accepted_at, "received", stand)];
    for (when, deed) in &history.deeds {
        if let Some(next) = stand.after(term_unit(history), *when, *deed) {
            stand = next;
            stands.push((*when, stand.status(), stand));
        }
    }
    insert_dossier(conn, world, history, (id, &code, pin.hash(vault)), &stand);
    if let Some((when, ..)) = stands.iter().find(|(.., stand)| stand.extended) {
        insert_letter(conn, id, *when);
    }
    for (number, window) in stands.iter().enumerate() {
        let until = stands.get(number + 1).map(|(when, ..)| *when);
        insert_state(conn, world, id, *window, until);
        let from = number.checked_sub(1).map(|before| stands[before].1);
        let result = window.2.end.filter(|end| end.status == "finished");
        let details =
            result.map_or(json!({}), |end| json!({ "result": if end.refused { "refused" } else { "granted" } }));
        insert_event(conn, (id, i32::try_from(number).unwrap() + 1), from, (window.0, window.1, details));
    }
    Put { id, code, pin: pin.printed() }
}

fn insert_dossier(
    conn: &mut PgConnection,
    world: &World,
    history: &History,
    (id, code, pin_hash): (Uuid, &str, Vec<u8>),
    stand: &Stand,
) {
    let (field, procedure) = match history.hourly {
        true => (world.hour_field, world.hour_procedure),
        false => (world.day_field, world.day_procedure),
    };
    let end = stand.end;
    let status = match history.counts {
        Counts::Voided => "voided",
        _ => stand.status(),
    };
    let parent = (history.counts == Counts::Leg).then_some(id);
    diesel::sql_query(
        "INSERT INTO dossiers (id, code, version, status, progress, procedure_version_id, process_version_id, field_id, \
           receiving_unit_id, resolving_unit_id, returning_unit_id, parent_id, leg, mirrored, channel, result_delivery, \
           notify_sms, notify_email, notify_zalo, pin_hash, registered_at, accepted_at, finished_at, ended_at, \
           due_first, due_unextended, due_at, provisional, standing, apologised, result, created_by) \
         VALUES ($1, $2, 1, $3, 40, $4, $5, $6, $7, $8, $7, $9, CASE WHEN $9 IS NULL THEN NULL ELSE 1 END, $10, $11, \
           'counter', true, false, false, $12, $13, $13, $14, $15, $16, $17, $18, false, $19, $20, $21, 'test')",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(code)
    .bind::<Text, _>(status)
    .bind::<SqlUuid, _>(procedure)
    .bind::<SqlUuid, _>(world.process)
    .bind::<SqlUuid, _>(field)
    .bind::<SqlUuid, _>(world.units["H21.01"])
    .bind::<SqlUuid, _>(world.units[stand.unit])
    .bind::<Nullable<SqlUuid>, _>(parent)
    .bind::<Bool, _>(history.counts == Counts::Mirrored)
    .bind::<Text, _>(history.channel)
    .bind::<diesel::sql_types::Binary, _>(pin_hash)
    .bind::<Timestamptz, _>(history.accepted_at)
    .bind::<Nullable<Timestamptz>, _>(end.filter(|end| end.status == "finished").map(|end| end.at))
    .bind::<Nullable<Timestamptz>, _>(end.map(|end| end.at))
    .bind::<Timestamptz, _>(history.due_at)
    .bind::<Nullable<Timestamptz>, _>(stand.paused_at.is_none().then_some(stand.due_first))
    .bind::<Nullable<Timestamptz>, _>(stand.paused_at.is_none().then_some(stand.due_at))
    .bind::<Nullable<Text>, _>(end.map(|end| end.standing.as_str()))
    .bind::<Bool, _>(end.is_some_and(|end| end.apologised))
    .bind::<Nullable<Text>, _>(end.filter(|end| end.status == "finished").map(|end| {
        if end.refused { "refused" } else { "granted" }
    }))
    .execute(conn)
    .unwrap();
}

fn insert_letter(conn: &mut PgConnection, dossier: Uuid, when: DateTime<Utc>) {
    diesel::sql_query("INSERT INTO dossier_reschedulings VALUES ($1, 'extend', $2, $2::date, 'quá tải', 'Xin lỗi')")
        .bind::<SqlUuid, _>(dossier)
        .bind::<Timestamptz, _>(when)
        .execute(conn)
        .unwrap();
}

fn insert_state(
    conn: &mut PgConnection,
    world: &World,
    dossier: Uuid,
    (from, status, stand): (DateTime<Utc>, &str, Stand),
    until: Option<DateTime<Utc>>,
) {
    let runs = stand.paused_at.is_none() || stand.end.is_some();
    diesel::sql_query("INSERT INTO dossier_states VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)")
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<SqlUuid, _>(dossier)
        .bind::<Text, _>(status)
        .bind::<SqlUuid, _>(world.units[stand.unit])
        .bind::<Nullable<Timestamptz>, _>(runs.then_some(stand.due_first))
        .bind::<Nullable<Timestamptz>, _>(runs.then_some(stand.due_at))
        .bind::<Bool, _>(!runs)
        .bind::<Timestamptz, _>(from)
        .bind::<Nullable<Timestamptz>, _>(until)
        .execute(conn)
        .unwrap();
}

fn insert_event(
    conn: &mut PgConnection,
    (dossier, number): (Uuid, i32),
    from: Option<&str>,
    (when, status, details): (DateTime<Utc>, &str, Value),
) {
    diesel::sql_query(
        "INSERT INTO dossier_events (id, dossier_id, number, verb, from_status, to_status, happened_at, recorded_at, \
           actor, actor_name, details) VALUES ($1, $2, $3, 'test', $4, $5, $6, $6, 'staff:1', 'Trần Thị Bí Mật', $7)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(dossier)
    .bind::<diesel::sql_types::Integer, _>(number)
    .bind::<Nullable<Text>, _>(from)
    .bind::<Text, _>(status)
    .bind::<Timestamptz, _>(when)
    .bind::<diesel::sql_types::Jsonb, _>(details)
    .execute(conn)
    .unwrap();
}

/// Opens the pause in which papers are asked for, and says until when.
pub fn ask_papers(conn: &mut PgConnection, dossier: Uuid, names: &[&str], by: NaiveDate) {
    let pause = Uuid::now_v7();
    diesel::sql_query(
        "WITH p AS (INSERT INTO dossier_pauses (id, dossier_id, kind, effect, back_to, opened_at, answer_by, reason) \
           VALUES ($1, $2, 'supplement', 'restart', 'processing', $5, $3, 'thiếu') RETURNING id) \
         INSERT INTO dossier_papers (dossier_id, position, name, kind, quantity, state, pause_id) \
         SELECT $2, n, name, 'copy', 1, 'asked', $1 FROM unnest($4) WITH ORDINALITY AS t(name, n)",
    )
    .bind::<SqlUuid, _>(pause)
    .bind::<SqlUuid, _>(dossier)
    .bind::<diesel::sql_types::Date, _>(by)
    .bind::<Array<Text>, _>(names.to_vec())
    .bind::<Timestamptz, _>(at("2024-05-20 08:00"))
    .execute(conn)
    .unwrap();
}

/// Opens the pause in which money is owed.
pub fn ask_money(conn: &mut PgConnection, dossier: Uuid, amount: Option<i64>, by: NaiveDate) {
    let pause = Uuid::now_v7();
    diesel::sql_query(
        "WITH p AS (INSERT INTO dossier_pauses (id, dossier_id, kind, effect, back_to, opened_at, reason) \
           VALUES ($1, $2, 'payment', 'resume', 'processing', $5, 'thuế') RETURNING id), \
         d AS (UPDATE dossiers SET status = 'awaiting_payment', due_at = NULL WHERE id = $2 RETURNING id) \
         INSERT INTO dossier_payments (id, dossier_id, pause_id, amount_vnd, pay_by) SELECT $1, $2, p.id, $3, $4 FROM p, d",
    )
    .bind::<SqlUuid, _>(pause)
    .bind::<SqlUuid, _>(dossier)
    .bind::<Nullable<BigInt>, _>(amount)
    .bind::<diesel::sql_types::Date, _>(by)
    .bind::<Timestamptz, _>(at("2024-05-20 08:00"))
    .execute(conn)
    .unwrap();
}
