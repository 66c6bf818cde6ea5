//! A house without catalogue, and files to import.

use std::path::{Path, PathBuf};

use diesel::prelude::*;
use motcua::catalogue::import::{self, DryRun, ImportError, Report};
use motcua::platform::progress::Progress;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::JsonBody;
use crate::support::db::Holds;

/// The service, and what is done to its catalogue.
pub struct House {
    pub app: TestApp,
}

impl House {
    pub fn empty() -> Self {
        Self { app: TestApp::over(Holds::Nothing, "2026-11-21 08:00", |_| {}) }
    }

    /// A house with the demo province.
    pub fn with_province() -> Self {
        let house = Self::empty();
        house.load(&province()).unwrap();
        house
    }

    pub fn load(&self, dir: &Path) -> Result<Report, ImportError> {
        import::run(&self.app.state, dir, DryRun::No, &Progress::silent())
    }

    pub fn try_out(&self, dir: &Path) -> Result<Report, ImportError> {
        import::run(&self.app.state, dir, DryRun::Yes, &Progress::silent())
    }

    pub fn conn(&self) -> PgConnection {
        self.app.db.connect()
    }

    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("(SELECT count(*) FROM {table})");
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&sql)).get_result(&mut self.conn()).unwrap()
    }

    pub async fn preview(&self, body: Value) -> Answer {
        self.app.send(self.app.http.post(self.app.url("/deadlines/preview")).json_body(&body)).await
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
