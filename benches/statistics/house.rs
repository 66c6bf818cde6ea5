//! The house that is measured: ten years of a demo province, as few dossiers or as many as asked.

use std::cell::Cell;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use anyhow::Context;
use chrono::Datelike;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::period::office_date;
use motcua::domain::role::Role;
use motcua::platform::clock::Clock;
use motcua::platform::db::Scope;
use motcua::platform::embedded_postgres::EmbeddedPostgres;
use motcua::platform::progress::Progress;
use motcua::schema::{dossiers, installation};
use motcua::simulation::{Along, Targets, multiply, simulate};
use motcua::state::AppState;
use motcua::statistics::tallies;
use motcua::{app, listening};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::staff::sign_in;
use crate::{postgres, province};

const YEARS: i32 = 10;

/// The house.
pub struct House {
    /// What use cases have at hand.
    pub state: AppState,
    name: String,
    url: String,
    postgres: Rc<EmbeddedPostgres>,
    data: PathBuf,
    last_year: i32,
    served: Cell<Option<SocketAddr>>,
}

impl House {
    /// Builds it anew, and replays so many dossiers in ten years.
    pub fn replayed(models: u32) -> anyhow::Result<Self> {
        let data = postgres::data_dir()?;
        let server = postgres::start(&data, 2048)?;
        drop_former(&server)?;
        let name = postgres::fresh(&server, "statistics")?;
        let house = Self::over(name, Rc::new(server), data)?;
        province::load(&house.state, house.province()?)?;
        house.become_a_demo()?;
        for year in house.years() {
            let targets = Targets {
                year,
                dossiers: models / YEARS.unsigned_abs(),
                seed: u64::from(year.unsigned_abs()),
                on_time_departments: 9_996,
                on_time_land_offices: 9_720,
                early_sms: Some(0),
            };
            simulate(&house.state, &targets, &Progress::new(&format!("replay {year}"), 0))?;
        }
        Ok(house)
    }

    /// Only a demo takes a replay.
    fn become_a_demo(&self) -> anyhow::Result<()> {
        let kind = (installation::id.eq(Uuid::now_v7()), installation::kind.eq("demo"));
        diesel::insert_into(installation::table)
            .values((kind.0, kind.1, installation::made_at.eq(self.state.clock.now())))
            .execute(&mut PgConnection::establish(&self.url)?)?;
        Ok(())
    }

    fn over(name: String, postgres: Rc<EmbeddedPostgres>, data: PathBuf) -> anyhow::Result<Self> {
        let url = postgres.url(&name);
        let mut config = Config::defaults()?;
        config.data.dir.clone_from(&data);
        config.server.bind = "127.0.0.1:0".parse()?;
        let state = app::state(config, &url, Clock::System)?;
        let last_year = office_date(state.clock.now()).year();
        Ok(Self { state, name, url, postgres, data, last_year, served: Cell::new(None) })
    }

    /// Returns the same with so many dossiers, taken up by the tallies: copied into a database of its own.
    pub fn with(&self, dossiers: u64, along: Along) -> anyhow::Result<Self> {
        let name = format!("statistics_{dossiers}_{}", Uuid::now_v7().simple());
        let from = &self.name;
        let mut admin = PgConnection::establish(&self.postgres.url("postgres"))?;
        admin.batch_execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'"
        ))?;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {from}"))?;
        let house = Self::over(name, Rc::clone(&self.postgres), self.data.clone())?;
        let there = u64::try_from(house.dossiers()?)?;
        let begun = Instant::now();
        multiply(&house.state, dossiers.saturating_sub(there), along, &Progress::new("copy", 0))?;
        println!("copied            {:.1} s up to {dossiers} dossiers", begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        house.repair()?;
        println!("first fill        {:.1} s of {dossiers} dossiers", begun.elapsed().as_secs_f64());
        house.change("VACUUM ANALYZE")?;
        house.change("CHECKPOINT")?;
        Ok(house)
    }

    /// Takes all dossiers up into the tallies.
    pub fn repair(&self) -> anyhow::Result<()> {
        let (now, progress) = (self.state.clock.now(), Progress::new("tallies", 0));
        self.state
            .db
            .tx_here(&Scope::system(), |conn| tallies::verify::repair(conn, (&self.state.office, now), &progress))?;
        Ok(())
    }

    /// Where its database is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its files lie.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The years that were replayed.
    pub fn years(&self) -> RangeInclusive<i32> {
        self.last_year - YEARS..=self.last_year - 1
    }

    /// How many dossiers there are.
    pub fn dossiers(&self) -> anyhow::Result<i64> {
        Ok(dossiers::table.count().get_result(&mut PgConnection::establish(&self.url)?)?)
    }

    /// Changes the database as its owner.
    pub fn change(&self, sql: &str) -> anyhow::Result<()> {
        Ok(PgConnection::establish(&self.url)?.batch_execute(sql)?)
    }

    /// Serves it; returns where.
    pub fn serve(&self) -> anyhow::Result<SocketAddr> {
        if let Some(served) = self.served.get() {
            return Ok(served);
        }
        let listening = listening::listen(self.state.clone())?;
        self.served.set(Some(listening.address));
        tokio::spawn(listening.server);
        Ok(listening.address)
    }

    /// Signs somebody in who may read all figures; returns the token.
    pub fn leader(&self) -> anyhow::Result<String> {
        sign_in(&self.url, Role::Controller, "H21")
    }

    /// Writes the demo province as if it had been there for all the years; returns where. Years that it has no calendar of
    /// have weekends alone.
    fn province(&self) -> anyhow::Result<PathBuf> {
        let (from, to) = (Path::new(province::DEMO), self.data.join("province"));
        std::fs::create_dir_all(&to)?;
        let first = *self.years().start();
        for file in ["calendar", "fields", "procedures", "processes", "units"] {
            let name = format!("{file}.json");
            let mut content: Value = serde_json::from_slice(&std::fs::read(from.join(&name))?)?;
            for row in content.as_array_mut().into_iter().flatten() {
                if row.get("valid_from").is_some() {
                    row["valid_from"] = json!(format!("{first}-01-01"));
                }
            }
            if let Some(years) = content.get_mut("years").and_then(Value::as_array_mut) {
                let known = years.first().and_then(|year| year["year"].as_i64()).context("a calendar without years")?;
                let made_up = (i64::from(first)..known).map(
                    |year| json!({ "year": year, "state": "published", "off": [], "work": [], "source": "made up" }),
                );
                let all: Vec<Value> = made_up.chain(years.drain(..)).collect();
                *years = all;
            }
            std::fs::write(to.join(&name), content.to_string())?;
        }
        Ok(to)
    }
}

/// Makes room: what a run before has left can be many gigabytes.
fn drop_former(postgres: &EmbeddedPostgres) -> anyhow::Result<()> {
    let mut admin = PgConnection::establish(&postgres.url("postgres"))?;
    let former: Vec<Database> = diesel::sql_query(
        "SELECT datname::text AS name FROM pg_catalog.pg_database WHERE datname LIKE 'statistics\\_%'",
    )
    .load(&mut admin)?;
    for Database { name } in former {
        admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Database {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}
