//! The house that is measured: ten years of a demo province, as few dossiers or as many as asked.

use std::cell::Cell;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use anyhow::Context;
use chrono::{Datelike, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::catalogue::import::{self, DryRun};
use motcua::config::Config;
use motcua::domain::period::office_date;
use motcua::domain::role::Role;
use motcua::domain::session::SecondFactor;
use motcua::platform::clock::Clock;
use motcua::platform::db::Scope;
use motcua::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use motcua::platform::migrations;
use motcua::platform::progress::Progress;
use motcua::platform::secret::{new_token, token_hash};
use motcua::schema::{dossiers, installation, sessions, staff, units};
use motcua::simulation::{Along, Targets, multiply, simulate};
use motcua::state::AppState;
use motcua::statistics::tallies;
use motcua::{app, listening, notices};
use serde_json::{Value, json};
use uuid::Uuid;

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
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
        std::fs::create_dir_all(&data)?;
        let postgres = EmbeddedPostgres::attach(&Options {
            data_dir: data.clone(),
            durability: Durability::Durable,
            max_connections: 200,
            bin_dir: None,
            shared_buffers_mb: 2048,
        })?;
        drop_former(&postgres)?;
        let name = format!("statistics_{}", Uuid::now_v7().simple());
        postgres.ensure_database(&name)?;
        migrations::migrate(&postgres.url(&name))?;
        let house = Self::over(name, Rc::new(postgres), data)?;
        import::run(&house.state, &house.province()?, DryRun::No, &Progress::silent())?;
        let now = house.state.clock.now();
        house.state.db.tx_here(&Scope::system(), |conn| {
            notices::templates::sync(conn, now)?;
            let kind = (installation::id.eq(Uuid::now_v7()), installation::kind.eq("demo"));
            diesel::insert_into(installation::table)
                .values((kind.0, kind.1, installation::made_at.eq(now)))
                .execute(conn)?;
            Ok::<_, motcua::error::AppError>(())
        })?;
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
        let (token, id, now) = (new_token("mcs_"), Uuid::now_v7(), self.state.clock.now());
        let mut conn = PgConnection::establish(&self.url)?;
        let unit: Uuid = units::table.filter(units::code.eq("H21")).select(units::id).first(&mut conn)?;
        diesel::insert_into(staff::table)
            .values((
                staff::id.eq(id),
                staff::username.eq(format!("controller-{}", id.simple())),
                staff::full_name.eq("controller"),
                staff::role.eq(Role::Controller.as_str()),
                staff::unit_id.eq(unit),
                staff::password_hash.eq("-"),
                staff::created_at.eq(now),
            ))
            .execute(&mut conn)?;
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(Uuid::now_v7()),
                sessions::staff_id.eq(id),
                sessions::token_hash.eq(token_hash(&token)),
                sessions::second_factor.eq(SecondFactor::Code.as_str()),
                sessions::created_at.eq(now),
                sessions::expires_at.eq(now + TimeDelta::hours(12)),
            ))
            .execute(&mut conn)?;
        Ok(token)
    }

    /// Writes the demo province as if it had been there for all the years; returns where. Years that it has no calendar of
    /// have weekends alone.
    fn province(&self) -> anyhow::Result<PathBuf> {
        let (from, to) = (Path::new("config/province"), self.data.join("province"));
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
