//! A database of its own for each test, cloned from a template on a private PostgreSQL that forgets quickly.

use std::path::PathBuf;
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::app;
use motcua::catalogue::import::{self, DryRun};
use motcua::config::Config;
use motcua::notices;
use motcua::platform::clock::Clock;
use motcua::platform::db::Scope;
use motcua::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use motcua::platform::migrations;
use motcua::platform::progress::Progress;

/// What a fresh database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Tables.
    Nothing,
    /// Tables, the demo province and the wordings of notices.
    TheProvince,
}

/// A database that goes with the test.
pub struct TestDb {
    pub url: String,
    /// None for a second hand on a database that another one drops.
    name: Option<String>,
}

impl TestDb {
    pub fn new(holds: Holds) -> Self {
        let template = template(holds);
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        // A server that forgets need not write each page into its log first.
        admin().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")).unwrap();
        Self { url: server().url(&name), name: Some(name) }
    }

    /// Returns the same database once more; it goes with this one.
    pub fn shared(&self) -> Self {
        Self { url: self.url.clone(), name: None }
    }

    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // What is left behind by a failed drop is only room on a disk.
        let Some(name) = &self.name else { return };
        let _ = admin().batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// The PostgreSQL of all tests. It is left running for the next test process; `make test` stops it.
pub fn server() -> &'static EmbeddedPostgres {
    static SERVER: OnceLock<EmbeddedPostgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        EmbeddedPostgres::attach(&Options {
            data_dir: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tests"),
            durability: Durability::Disposable,
            max_connections: 200,
            bin_dir: None,
            shared_buffers_mb: 128,
        })
        .unwrap()
    })
}

fn admin() -> PgConnection {
    PgConnection::establish(&server().url("postgres")).unwrap()
}

/// Settings of tests: nothing is limited, nothing leaves the house, and a proxy on this machine may say who asks.
pub fn config() -> Config {
    let mut config = Config::defaults().unwrap();
    config.server.bind = "127.0.0.1:0".parse().unwrap();
    config.server.threads = 1;
    config.server.trusted_proxies = vec![config.server.bind.ip()];
    config.sessions.idle_minutes = 60 * 24 * 3650;
    config.limits.public_per_minute = 100_000;
    config.limits.sessions_per_minute = 100_000;
    config.limits.citizens_per_minute = 100_000;
    config.limits.catalogue_per_second = 100_000;
    config.database.connections = 4;
    // A busy machine is no reason to turn anybody away.
    config.database.patience_ms = 30_000;
    config.secrets.index_key = "aW5kZXgga2V5IG9mIHRlc3RzLCAzMiBieXRlcyBvZiBpdA==".to_owned().into();
    let key = "c2VhbGluZyBrZXkgb2YgdGVzdHMsIDMyIGJ5dGVzISE=".to_owned();
    config.secrets.sealing_keys.insert("1".to_owned(), key.into());
    config.secrets.audit_key = "YXVkaXQga2V5IG9mIHRlc3RzLCAzMiBieXRlcyEhISE=".to_owned().into();
    config
}

/// A template is named by what goes into it, made under a lock and renamed when whole.
fn template(holds: Holds) -> &'static str {
    static NOTHING: OnceLock<String> = OnceLock::new();
    static PROVINCE: OnceLock<String> = OnceLock::new();
    let made = match holds {
        Holds::Nothing => &NOTHING,
        Holds::TheProvince => &PROVINCE,
    };
    made.get_or_init(|| {
        let name = format!("template_{}_{:016x}", if holds == Holds::Nothing { "bare" } else { "full" }, fingerprint());
        let mut admin = admin();
        admin.batch_execute("SELECT pg_advisory_lock(4711)").unwrap();
        let there: i64 = diesel::sql_query("SELECT count(*) AS n FROM pg_database WHERE datname = $1")
            .bind::<diesel::sql_types::Text, _>(&name)
            .get_result::<Count>(&mut admin)
            .unwrap()
            .n;
        if there == 0 {
            make(holds, &name, &mut admin);
        }
        admin.batch_execute("SELECT pg_advisory_unlock(4711)").unwrap();
        name
    })
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn make(holds: Holds, name: &str, admin: &mut PgConnection) {
    let half = format!("{name}_half");
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)")).unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {half}")).unwrap();
    let url = server().url(&half);
    migrations::migrate(&url).unwrap();
    if holds == Holds::TheProvince {
        let now = "2026-01-05T01:00:00Z".parse().unwrap();
        let state = app::state(config(), &url, Clock::manual(now)).unwrap();
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/province");
        import::run(&state, &dir, DryRun::No, &Progress::silent()).unwrap();
        state.db.tx_here(&Scope::system(), |conn| notices::templates::sync(conn, now)).unwrap();
    }
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ";
    admin.batch_execute(&format!("{end}'{half}'")).unwrap();
    admin.batch_execute(&format!("ALTER DATABASE {half} RENAME TO {name}")).unwrap();
}

/// FNV-1a over everything that a template is made of.
fn fingerprint() -> u64 {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for dir in ["migrations", "config/province", "config/templates"] {
        walk(&root.join(dir), &mut files);
    }
    files.sort();
    let bytes = files.iter().flat_map(|file| std::fs::read(file).unwrap());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn walk(dir: &std::path::Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
