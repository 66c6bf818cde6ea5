//! The house that is measured: durable, with the demo province and open dossiers of November 2026.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::app;
use motcua::catalogue::import::{self, DryRun};
use motcua::config::Config;
use motcua::domain::period::from_office_time;
use motcua::platform::clock::Clock;
use motcua::platform::db::Scope;
use motcua::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use motcua::platform::migrations;
use motcua::platform::progress::Progress;
use motcua::state::AppState;
use motcua::{dossiers, notices};
use serde_json::json;
use uuid::Uuid;

/// Procedures that resolve within weeks, and where: working days, calendar days and hours.
const PROCEDURES: [(&str, &str); 10] = [
    ("1.014196", "H21.11"),
    ("2.001955", "H21.11"),
    ("1.014199", "H21.11"),
    ("1.115336", "H21.02"),
    ("2.000894", "H21.16"),
    ("1.001122", "H21.16"),
    ("1.001029", "H21.17"),
    ("1.014390", "H21.09"),
    ("1.014445", "H21.09"),
    ("2.001827", "H21.24"),
];
/// Dossiers that are received, of which the others are copies.
const ORIGINALS: usize = 200;
/// Tables of which a copied dossier has rows; what is sealed of people can't be copied.
const COPIED: [&str; 4] = ["dossier_units", "dossier_states", "dossier_events", "dossier_steps"];

/// How the open dossiers come in.
#[derive(Debug, Clone, Copy)]
pub enum Open {
    /// A few are received, the others copied row by row.
    Copied(usize),
    /// Each is received, with people who can be told.
    Received(usize),
}

/// The house, on the morning of 19 November 2026.
pub struct House {
    /// What use cases have at hand.
    pub state: AppState,
    _postgres: EmbeddedPostgres,
}

impl House {
    /// Builds it anew.
    pub fn open(open: Open) -> anyhow::Result<Self> {
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
        std::fs::create_dir_all(&data)?;
        let postgres = EmbeddedPostgres::attach(&Options {
            data_dir: data.clone(),
            durability: Durability::Durable,
            max_connections: 200,
            bin_dir: None,
            shared_buffers_mb: 512,
        })?;
        let name = format!("recompute_{}", Uuid::now_v7().simple());
        postgres.ensure_database(&name)?;
        let url = postgres.url(&name);
        migrations::migrate(&url)?;
        let mut config = Config::defaults()?;
        config.data.dir.clone_from(&data);
        let state = app::state(config, &url, Clock::manual(morning(2)?))?;
        import::run(&state, Path::new("config/province"), DryRun::No, &Progress::silent())?;
        state.db.tx_here(&Scope::system(), |conn| notices::templates::sync(conn, state.clock.now()))?;
        match open {
            Open::Received(all) => receive(&state, all)?,
            Open::Copied(all) => {
                receive(&state, ORIGINALS)?;
                copy(&mut PgConnection::establish(&url)?, all / ORIGINALS - 1)?;
            }
        }
        PgConnection::establish(&url)?.batch_execute("ANALYZE; CHECKPOINT")?;
        state.clock.set(morning(19)?);
        Ok(Self { state, _postgres: postgres })
    }
}

/// 09:00 of a day of November 2026.
fn morning(day: u32) -> anyhow::Result<DateTime<Utc>> {
    let at = NaiveDate::from_ymd_opt(2026, 11, day).and_then(|date| date.and_hms_opt(9, 0, 0));
    Ok(from_office_time(at.context("no such day")?))
}

/// Receives dossiers on the working days from the 12th to the 18th, of each procedure about as many.
fn receive(state: &AppState, all: usize) -> anyhow::Result<()> {
    let days = [12, 13, 16, 17, 18];
    let forms: Vec<dossiers::Intake> =
        PROCEDURES.iter().map(|what| serde_json::from_value(intake(what))).collect::<Result<_, _>>()?;
    let by = motcua::command::console();
    for (at, day) in days.into_iter().enumerate() {
        state.clock.set(morning(day)?);
        for first in (at..all).step_by(days.len() * 100) {
            let now = state.clock.now() + TimeDelta::seconds(i64::try_from(first)?);
            let batch = (first..all).step_by(days.len()).take(100);
            state.act_here(&by, now, |conn, act| {
                for number in batch {
                    if let Some(form) = forms.get(number / days.len() % forms.len()) {
                        dossiers::receive(conn, act, form)?;
                    }
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn intake((procedure, unit): &(&str, &str)) -> serde_json::Value {
    json!({
        "procedure_code": procedure, "unit_code": unit,
        "applicant": { "name": "Nguyễn Thị Ánh", "id_number": "052190000123", "phone": "0905123456",
            "email": "anh@example.vn" },
        "papers": [{ "name": "Tờ khai", "kind": "original", "quantity": 1 }],
    })
}

/// Copies each dossier so many times, with keys and codes of its own.
fn copy(conn: &mut PgConnection, times: usize) -> anyhow::Result<()> {
    conn.batch_execute(&format!(
        "CREATE TABLE copies AS SELECT gen_random_uuid() AS id, d.id AS of, d.code || '-' || n AS code
         FROM dossiers d CROSS JOIN generate_series(1, {times}) AS n"
    ))?;
    let sql = copying(conn, "dossiers", &[("id", "c.id"), ("code", "c.code")], "t.id")?;
    conn.batch_execute(&sql)?;
    for table in COPIED {
        let sql = copying(conn, table, &[("id", "gen_random_uuid()"), ("dossier_id", "c.id")], "t.dossier_id")?;
        conn.batch_execute(&sql)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// `INSERT … SELECT` of the rows of a table, some columns replaced.
fn copying(conn: &mut PgConnection, table: &str, own: &[(&str, &str)], of: &str) -> anyhow::Result<String> {
    let sql =
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position";
    let columns: Vec<Column> = diesel::sql_query(sql).bind::<Text, _>(table).load(conn)?;
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    let value =
        |name: &str| own.iter().find(|(own, _)| *own == name).map_or(format!("t.{name}"), |own| own.1.to_owned());
    let values: Vec<_> = names.iter().map(|name| value(name)).collect();
    Ok(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} t JOIN copies c ON c.of = {of}",
        names.join(", "),
        values.join(", ")
    ))
}
