//! The house that is measured: durable, with the demo province and open dossiers of November 2026.

use anyhow::Context;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::app;
use motcua::config::Config;
use motcua::domain::period::from_office_time;
use motcua::dossiers;
use motcua::platform::clock::Clock;
use motcua::platform::embedded_postgres::EmbeddedPostgres;
use motcua::state::AppState;

use crate::copies::copy_dossiers;
use crate::intake::intake;
use crate::{postgres, province};

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
        let data = postgres::data_dir()?;
        let server = postgres::start(&data, 512)?;
        let url = server.url(&postgres::fresh(&server, "recompute")?);
        let mut config = Config::defaults()?;
        config.data.dir.clone_from(&data);
        let state = app::state(config, &url, Clock::manual(morning(2)?))?;
        province::load(&state, province::DEMO)?;
        match open {
            Open::Received(all) => receive(&state, all)?,
            Open::Copied(all) => {
                receive(&state, ORIGINALS)?;
                let mut conn = PgConnection::establish(&url)?;
                copy_dossiers(&mut conn, "true", all / ORIGINALS - 1, "d.code || '-' || n")?;
            }
        }
        PgConnection::establish(&url)?.batch_execute("ANALYZE; CHECKPOINT")?;
        state.clock.set(morning(19)?);
        Ok(Self { state, _postgres: server })
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
    let form = |(procedure, unit): &(&str, &str)| serde_json::from_value(intake(procedure, unit));
    let forms: Vec<dossiers::Intake> = PROCEDURES.iter().map(form).collect::<Result<_, _>>()?;
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
