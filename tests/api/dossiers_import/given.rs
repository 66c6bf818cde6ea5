//! A province and a table to import.

use std::path::{Path, PathBuf};

use diesel::prelude::*;
use motcua::command::console;
use motcua::dossiers::import::{COLUMNS, DryRun, ImportError, Mode, Verdict, What, run};
use motcua::platform::progress::Progress;
use motcua::schema::{dossiers, notices};

use crate::support::app::TestApp;
use crate::support::db::Holds;

pub struct Given {
    pub app: TestApp,
}

/// One row by column.
pub type Cells = Vec<(&'static str, &'static str)>;

/// A new dossier of Sở Tư pháp, 10 calendar days.
pub fn row(code: &'static str, more: &[(&'static str, &'static str)]) -> Cells {
    let mut cells = vec![
        ("source", "cu"),
        ("source_code", code),
        ("procedure_code", "2.000894"),
        ("unit_code", "H21.16"),
        ("received_at", "2024-05-20 08:15"),
        ("applicant_name", "Nguyễn Văn An"),
        ("applicant_phone", "0900000001"),
    ];
    for (column, cell) in more {
        cells.retain(|(name, _)| name != column);
        cells.push((column, cell));
    }
    cells
}

/// The same, of the old system, ended.
pub fn returned(code: &'static str) -> Cells {
    row(
        code,
        &[
            ("status", "returned"),
            ("due_first", "2024-05-30"),
            ("finished_at", "28/05/2024 10:00"),
            ("returned_at", "2024-05-29 14:30"),
        ],
    )
}

impl Given {
    pub fn new() -> Self {
        Self { app: TestApp::over(Holds::TheProvince, "2024-07-01 09:00", |_| {}) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.app.dir.path().join(name)
    }

    pub fn csv(&self, rows: &[Cells]) -> PathBuf {
        let path = self.path("dossiers.csv");
        let mut writer = csv::Writer::from_path(&path).unwrap();
        writer.write_record(COLUMNS).unwrap();
        for cells in rows {
            let cell = |column: &&str| cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell);
            writer.write_record(COLUMNS.iter().map(cell)).unwrap();
        }
        writer.flush().unwrap();
        path
    }

    pub fn import(&self, path: &Path, mode: Mode, dry_run: DryRun) -> Result<Vec<Verdict>, ImportError> {
        run(&self.app.state, &console(), path, (mode, dry_run), &Progress::silent())
    }

    pub fn load(&self, rows: &[Cells], mode: Mode) -> Vec<Verdict> {
        self.import(&self.csv(rows), mode, DryRun::No).unwrap()
    }

    pub fn count(&self) -> i64 {
        dossiers::table.count().get_result(&mut self.app.db.connect()).unwrap()
    }

    pub fn told(&self) -> i64 {
        notices::table.count().get_result(&mut self.app.db.connect()).unwrap()
    }
}

/// The columns at fault.
pub fn faulty(verdict: &Verdict) -> Vec<&str> {
    match &verdict.what {
        What::Refused(faults) => faults.iter().map(|fault| fault.column.as_str()).collect(),
        other => panic!("not refused: {other:?}"),
    }
}
