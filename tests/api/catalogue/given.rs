//! The open routes over a database of their own, and files to import.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::{App, test, web};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use motcua::catalogue::import::{self, DryRun, ImportError, Report};
use motcua::catalogue::{self, routes};
use motcua::config::Config;
use motcua::domain::notice::Templates;
use motcua::domain::period::from_office_time;
use motcua::http::limit::Limits;
use motcua::http::locale::speak;
use motcua::platform::clock::Clock;
use motcua::platform::db::{Db, DbOptions};
use motcua::platform::progress::Progress;
use motcua::platform::secret::Vault;
use motcua::state::{AppState, OfficeCache};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::db::{Holds, TestDb};

/// A moment of the office's clock: `2026-11-21 08:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    from_office_time(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
}

/// A house without catalogue.
pub struct House {
    pub state: AppState,
    db: TestDb,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub tag: String,
    pub body: Value,
}

impl House {
    pub fn empty() -> Self {
        let database = TestDb::new(Holds::Nothing);
        let config = Arc::new(Config::defaults().unwrap());
        let vault = Vault::new(&BTreeMap::from([(1, vec![7; 32])]), b"an index key").unwrap();
        let vault = Arc::new(vault);
        let db = Db::new(&DbOptions {
            url: database.url.clone(),
            read_url: None,
            connections: 2,
            patience: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
        });
        let office = OfficeCache::new(
            |conn| Ok((catalogue::load(conn)?, Templates::default())),
            catalogue::version,
            Arc::clone(&vault),
            Arc::clone(&config),
        );
        let state = AppState {
            db,
            clock: Clock::manual(at("2026-11-21 08:00")),
            vault,
            limits: Arc::new(Limits::new(&config.limits)),
            config,
            office,
        };
        Self { state, db: database }
    }

    /// A house with the demo province.
    pub fn with_province() -> Self {
        let house = Self::empty();
        house.load(&province()).unwrap();
        house
    }

    pub fn load(&self, dir: &Path) -> Result<Report, ImportError> {
        import::run(&self.state, dir, DryRun::No, &Progress::silent())
    }

    pub fn try_out(&self, dir: &Path) -> Result<Report, ImportError> {
        import::run(&self.state, dir, DryRun::Yes, &Progress::silent())
    }

    pub fn conn(&self) -> PgConnection {
        self.db.connect()
    }

    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("(SELECT count(*) FROM {table})");
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&sql)).get_result(&mut self.conn()).unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(test::TestRequest::get().uri(path)).await
    }

    pub async fn preview(&self, body: Value) -> Answer {
        let request = test::TestRequest::post().uri("/api/v1/deadlines/preview");
        self.ask(request.set_json(body)).await
    }

    pub async fn ask(&self, request: test::TestRequest) -> Answer {
        let app = App::new().app_data(web::Data::new(self.state.clone())).wrap(from_fn(speak)).service(
            web::scope("/api/v1")
                .route("/units", web::get().to(routes::list_units))
                .route("/units/{code}", web::get().to(routes::show_unit))
                .route("/fields", web::get().to(routes::list_fields))
                .route("/procedures", web::get().to(routes::list_procedures))
                .route("/procedures/{code}", web::get().to(routes::show_procedure))
                .route("/calendars/{year}", web::get().to(routes::show_calendar))
                .route("/deadlines/preview", web::post().to(routes::preview_deadline)),
        );
        let app = test::init_service(app).await;
        let response = test::call_service(&app, request.to_request()).await;
        let status = response.status();
        let tag = response.headers().get("etag");
        let tag = tag.map_or("", |tag| tag.to_str().unwrap()).to_owned();
        let bytes = test::read_body(response).await;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, tag, body }
    }
}

impl Answer {
    /// The pointers and codes of all faults.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
        let faults = self.body["errors"].as_array().unwrap();
        faults.iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
    }

    pub fn codes(&self) -> Vec<&str> {
        let items = self.body["items"].as_array().unwrap();
        items.iter().map(|item| item["code"].as_str().unwrap()).collect()
    }
}

/// The demo province as it is shipped.
pub fn province() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/province")
}

/// A copy of the demo province that may be changed.
pub struct Copy(TempDir);

impl Copy {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        for entry in std::fs::read_dir(province()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
        }
        Self(dir)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Changes a whole file.
    pub fn change(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let path = self.path().join(file);
        let mut value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        change(&mut value);
        std::fs::write(path, value.to_string()).unwrap();
    }

    /// Changes the row with this code.
    pub fn change_row(&self, file: &str, code: &str, change: impl FnOnce(&mut Value)) {
        self.change(file, |rows| {
            let mut rows = rows.as_array_mut().unwrap().iter_mut();
            change(rows.find(|row| row["code"] == code).unwrap());
        });
    }
}
