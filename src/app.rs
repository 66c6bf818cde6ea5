//! The house put together: settings, database, keys, catalogue.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use data_encoding::BASE64;
use diesel::prelude::*;
use secrecy::ExposeSecret;

use crate::config::{Config, Mode};
use crate::domain::catalogue::Catalogue;
use crate::domain::notice::Templates;
use crate::error::AppError;
use crate::exports::layouts::Layouts;
use crate::http::limit::Limits;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, DbOptions, Scope};
use crate::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use crate::platform::migrations;
use crate::platform::oidc::Providers;
use crate::platform::secret::Vault;
use crate::platform::secret_file;
use crate::platform::signing::{PublicKey, SigningKey};
use crate::schema::installation;
use crate::state::{AppState, OfficeCache, OfficeSource};
use crate::{catalogue, notices};

/// The database's name in the private PostgreSQL.
const DATABASE: &str = "motcua";

/// The state, with the private PostgreSQL that must live as long as it does.
pub struct House {
    /// What requests and ticks have at hand.
    pub state: AppState,
    /// Where the database is, for programs that need it.
    pub database_url: String,
    /// The private PostgreSQL, where there is one.
    pub postgres: Option<EmbeddedPostgres>,
}

impl House {
    /// Opens the house: attaches to the database, brings it up to date and reads the keys.
    ///
    /// # Errors
    /// What is missing or wrong, in words that say what to do.
    pub fn open(config: Config) -> anyhow::Result<Self> {
        let (postgres, url) = database(&config)?;
        bring_up_to_date(&config, &url, postgres.is_some())?;
        let state = state(config, &url, Clock::System)?;
        state.db.tx_here(&Scope::system(), |conn| {
            let now = state.clock.now();
            mark_installation(conn, state.config.server.mode, now)?;
            notices::templates::sync(conn, now)?;
            Ok::<_, AppError>(notices::templates::warn_of_faults(conn)?)
        })?;
        state.have_keys_here(state.clock.now())?;
        Ok(Self { state, database_url: url, postgres })
    }
}

/// Returns the database: the one configured, or the private one, which is started when it has to be.
///
/// # Errors
/// What starting it meets, in words that say what to do.
pub fn database(config: &Config) -> anyhow::Result<(Option<EmbeddedPostgres>, String)> {
    if !config.database.url.is_empty() {
        return Ok((None, config.database.url.clone()));
    }
    std::fs::create_dir_all(&config.data.dir)
        .with_context(|| format!("data.dir {} can't be made", config.data.dir.display()))?;
    let options = Options {
        data_dir: config.data.dir.clone(),
        durability: Durability::Durable,
        max_connections: 200,
        bin_dir: None,
        shared_buffers_mb: 256,
    };
    let postgres = EmbeddedPostgres::attach(&options)?;
    postgres.ensure_database(DATABASE)?;
    let url = postgres.url(DATABASE);
    Ok((Some(postgres), url))
}

fn bring_up_to_date(config: &Config, url: &str, is_private: bool) -> anyhow::Result<()> {
    if is_private || config.server.mode == Mode::Demo {
        for name in migrations::migrate(url)? {
            tracing::info!(migration = name, "migration {name} was run");
        }
        return Ok(());
    }
    let pending = migrations::pending(url)?;
    anyhow::ensure!(
        pending.is_empty(),
        "the database lacks {} migrations: run `motcua migrate` first ({})",
        pending.len(),
        pending.join(", ")
    );
    let missing = migrations::missing_roles(url)?;
    anyhow::ensure!(
        missing.is_empty(),
        "the login of database.url is no member of {}: GRANT them to it, see docs/operations.md",
        missing.join(", ")
    );
    Ok(())
}

/// Makes the state on a database that is up to date.
///
/// # Errors
/// Keys that can't be used.
pub fn state(config: Config, url: &str, clock: Clock) -> anyhow::Result<AppState> {
    let audit_key = audit_key(&config)?;
    let layouts = Layouts::load(config.exports.layouts())?;
    for report in &config.exports.mailed {
        layouts.check_mailed(report)?;
    }
    let classes = config.retention.classes();
    let vault = Arc::new(vault(&config)?.with_classes(classes).with_audit_key(audit_key));
    let db = doors(&config, url);
    let limits = Arc::new(Limits::new(&config.limits));
    let providers = Providers::new(&config)?;
    let config = Arc::new(config);
    let source = OfficeSource { load: load_office, versions: catalogue::versions, hold: catalogue::hold };
    let office = OfficeCache::new(source, Arc::clone(&vault), Arc::clone(&config));
    Ok(AppState { db, clock, vault, config, limits, providers, office })
}

/// Makes the doors to a database.
pub fn doors(config: &Config, url: &str) -> Db {
    Db::new(&DbOptions {
        url: url.to_owned(),
        read_url: Some(config.database.read_url.clone()).filter(|url| !url.is_empty()),
        connections: config.database.connections,
        patience: config.database.patience(),
        statement_timeout: Duration::from_millis(config.database.statement_timeout_ms),
    })
}

fn load_office(conn: &mut PgConnection) -> Result<(Catalogue, Templates), AppError> {
    Ok((catalogue::load(conn)?, notices::templates::load(conn)?))
}

fn vault(config: &Config) -> anyhow::Result<Vault> {
    let secrets = &config.secrets;
    let is_given = !secrets.sealing_keys.is_empty() || !secrets.index_key.expose_secret().is_empty();
    let (keys, index_key) = if is_given || config.server.mode == Mode::Production {
        let keys = secrets.sealing_keys.iter().map(|(id, key)| {
            let id = id.parse().with_context(|| format!("secrets.sealing_keys: {id} is no number"))?;
            Ok((id, key.expose_secret().to_owned()))
        });
        (keys.collect::<anyhow::Result<BTreeMap<i16, String>>>()?, secrets.index_key.expose_secret().to_owned())
    } else {
        std::fs::create_dir_all(&config.data.dir)?;
        let keys = secret_file::read_or_make(&config.data.dir.join("secrets.json"))?;
        (keys.sealing_keys, keys.index_key)
    };
    let decoded = keys.iter().map(|(id, key)| {
        let bytes = BASE64.decode(key.as_bytes());
        Ok((*id, bytes.with_context(|| format!("secrets.sealing_keys.{id} is no base64"))?))
    });
    let decoded: BTreeMap<i16, Vec<u8>> = decoded.collect::<anyhow::Result<_>>()?;
    let index_key = BASE64.decode(index_key.as_bytes()).context("secrets.index_key is no base64")?;
    anyhow::ensure!(
        index_key.len() >= 32,
        "secrets.index_key must be at least 32 bytes in base64: `head -c 32 /dev/urandom | base64` makes one"
    );
    Vault::new(&decoded, &index_key).context("`head -c 32 /dev/urandom | base64` makes a key for secrets.sealing_keys")
}

fn audit_key(config: &Config) -> anyhow::Result<SigningKey> {
    let given = config.secrets.audit_key.expose_secret().to_owned();
    let text = if !given.is_empty() || config.server.mode == Mode::Production {
        given
    } else {
        std::fs::create_dir_all(&config.data.dir)?;
        secret_file::read_or_make_key(&config.data.dir.join("audit-key"))?
    };
    let key = BASE64.decode(text.trim().as_bytes()).ok().and_then(|seed| SigningKey::from_seed(&seed).ok());
    key.context("secrets.audit_key must be 32 bytes in base64: `head -c 32 /dev/urandom | base64` makes one")
}

/// Returns the keys that checkpoints of the audit are believed by, the one of now first.
///
/// # Errors
/// Keys that can't be used.
pub fn audit_public_keys(config: &Config) -> anyhow::Result<Vec<PublicKey>> {
    let now = audit_key(config)?.public_key();
    let before = config.secrets.audit_public_keys.iter().map(|text| {
        PublicKey::read(text).with_context(|| format!("secrets.audit_public_keys: {text} is no public key"))
    });
    std::iter::once(Ok(now)).chain(before).collect()
}

/// Writes what the database is for, once; a demo never becomes a production database.
fn mark_installation(conn: &mut PgConnection, mode: Mode, now: chrono::DateTime<chrono::Utc>) -> Result<(), AppError> {
    let kind = match mode {
        Mode::Demo => "demo",
        Mode::Production => "production",
    };
    diesel::insert_into(installation::table)
        .values((installation::id.eq(uuid::Uuid::now_v7()), installation::kind.eq(kind), installation::made_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn)?;
    let made_as: String = installation::table.select(installation::kind).first(conn)?;
    if made_as == "demo" && mode == Mode::Production {
        return Err(AppError::internal(
            "this database was made as a demo; production needs a database of its own (database.url)",
        ));
    }
    Ok(())
}

/// Whether the database was made as a demo.
///
/// # Errors
/// Whatever the database says.
pub fn is_demo(conn: &mut PgConnection) -> QueryResult<bool> {
    let kind: Option<String> = installation::table.select(installation::kind).first(conn).optional()?;
    Ok(kind.as_deref() == Some("demo"))
}

/// Returns a path under the data directory.
pub fn data_path(config: &Config, name: &str) -> PathBuf {
    config.data.dir.join(name)
}
