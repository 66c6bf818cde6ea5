//! What a seal says: written once, as canonical bytes, and handed out as they are.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::ids::{SealId, UnitId};
use crate::domain::period::Period;
use crate::domain::role::Role;
use crate::domain::tally::{Cells, Rate};
use crate::error::AppError;
use crate::exports::kept::KeptReport;
use crate::http::office_time::OfficeTime;
use crate::statistics::frozen::FrozenForm;
use crate::statistics::{AskedPeriod, Cell, Definition, Grouping, Key, PeriodOut, Row, of_rows, version_of};

/// Grows when the shape of the content changes; what was sealed in an earlier one stays as it is.
const FORM: &str = "motcua seal 3";

/// A sealed report, as it was signed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealContent {
    /// The shape of this document.
    form: &'static str,
    /// Its key.
    id: Uuid,
    period: PeriodOut,
    /// The unit counted with all below it; `null` for the whole province.
    unit: Option<SealedKey>,
    /// What makes a row.
    group: &'static str,
    /// The one instant at which all was counted and sealed.
    #[schema(value_type = String, format = DateTime)]
    as_of: OfficeTime,
    /// The name of who signed.
    sealed_by: String,
    /// The role of who signed.
    role: &'static str,
    /// The seal that this one puts right.
    replaces: Option<Uuid>,
    /// Why.
    reason: Option<String>,
    /// The number of the calendar in force.
    calendar_version: i32,
    /// The number of the catalogue in force.
    catalogue_version: i64,
    /// Whether an end within an extension counted late.
    apologised_counts_late: bool,
    definitions: SealedDefinitions,
    /// The cells in the order of their bits in what is frozen of each dossier.
    #[schema(value_type = Vec<String>)]
    cells: Vec<Cell>,
    rows: Vec<SealedRow>,
    total: SealedRow,
    /// The finest rows, unit by field: whatever layout of the period is asked for later is made of them.
    by_unit_and_field: Vec<SealedGrain>,
    /// The report in the layout in which it was sealed: files are made of this alone. `null` where it is sealed without one.
    report: Option<KeptReport>,
    /// How it goes on from the seal of the period before; `null` where there is none.
    carried: Option<Carried>,
    dossiers: SealedDossiers,
}

/// What the figures meant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealedDefinitions {
    /// A word that changes exactly when they do.
    version: String,
    items: Vec<Definition>,
}

/// What a row stands for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SealedKey {
    pub(super) code: String,
    pub(super) name: String,
}

/// A row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealedRow {
    key: SealedKey,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    cells: SealedCells,
    #[schema(value_type = Object)]
    on_time_rate: Rate,
    #[schema(value_type = Object)]
    on_time_rate_with_result: Rate,
    #[schema(value_type = Object)]
    early_rate: Rate,
    #[schema(value_type = Object)]
    statutory_rate: Rate,
}

/// The cells of one field in one unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealedGrain {
    unit: SealedKey,
    field: SealedKey,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    cells: SealedCells,
}

/// Every cell by its name, with the sums of the form.
type SealedCells = BTreeMap<&'static str, i64>;

/// From the pending of the seal before to what is carried over into this one.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Carried {
    /// The seal of the period before.
    pub(super) from: Uuid,
    /// Column 11 of it.
    pub(super) pending: i64,
    /// What came to it.
    pub(super) added: i64,
    /// What went from it.
    pub(super) removed: i64,
    /// Column 6 of this one: `pending + added - removed`.
    pub(super) carried_over: i64,
    /// Each by its dossier.
    pub(super) adjustments: Vec<CarriedDossier>,
}

/// A dossier that was pending and is not carried over, or the other way round.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CarriedDossier {
    pub(super) code: String,
    /// `corrected` after the former seal, `moved_in` from another unit, or `moved_out` to one.
    pub(super) why: &'static str,
    /// The cells that counted it in the former seal.
    #[schema(value_type = Vec<String>)]
    pub(super) before: Vec<Cell>,
    /// The cells of the former period that count it as is known now.
    #[schema(value_type = Vec<String>)]
    pub(super) after: Vec<Cell>,
}

/// The dossiers that are frozen with it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SealedDossiers {
    /// How many.
    pub(super) count: i64,
    /// The SHA-256 of their keys, units, fields and cells, by key, in hexadecimal.
    pub(super) hash: String,
}

/// What is needed of a content to read its dossiers by.
#[derive(Debug, Deserialize)]
pub(super) struct Kept {
    pub cells: Vec<Cell>,
    pub apologised_counts_late: bool,
    pub dossiers: SealedDossiers,
    /// None in what was sealed before there were any.
    #[serde(default)]
    pub report: Option<KeptReport>,
    pub total: KeptTotal,
    pub period: KeptPeriod,
    pub unit: Option<SealedKey>,
    pub role: Role,
    pub calendar_version: i32,
}

/// The cells of all rows together.
#[derive(Debug, Deserialize)]
pub(super) struct KeptTotal {
    #[serde(flatten)]
    pub cells: Cells,
}

/// What people call the period.
#[derive(Debug, Deserialize)]
pub(super) struct KeptPeriod {
    pub name: Option<String>,
}

/// Who signs what, and what it puts right.
pub(super) struct Signature<'a> {
    pub id: SealId,
    pub name: &'a str,
    pub role: &'static str,
    pub as_of: OfficeTime,
    pub replaces: Option<(SealId, &'a str)>,
    /// Calendar and catalogue in force.
    pub versions: (i32, i64),
}

/// What was counted.
pub(super) struct Counted {
    pub rows: Vec<Row>,
    pub total: Row,
    pub grain: Vec<(Key, Key, Cells)>,
    pub report: Option<KeptReport>,
    pub carried: Option<Carried>,
    pub dossiers: SealedDossiers,
}

impl SealContent {
    pub(super) fn new(
        signature: &Signature<'_>,
        (asked, unit, group): (&AskedPeriod, Option<Key>, &'static str),
        form: &FrozenForm,
        counted: Counted,
    ) -> Result<Self, AppError> {
        Ok(Self {
            form: FORM,
            id: signature.id.0,
            period: asked.into(),
            unit: unit.map(SealedKey::from),
            group,
            as_of: signature.as_of,
            sealed_by: signature.name.to_owned(),
            role: signature.role,
            replaces: signature.replaces.map(|(id, _)| id.0),
            reason: signature.replaces.map(|(_, reason)| reason.to_owned()),
            calendar_version: signature.versions.0,
            catalogue_version: signature.versions.1,
            apologised_counts_late: form.apologised_counts_late,
            definitions: SealedDefinitions::of(&form.cells)?,
            cells: form.cells.clone(),
            rows: counted.rows.into_iter().map(SealedRow::from).collect(),
            total: counted.total.into(),
            by_unit_and_field: counted.grain.into_iter().map(SealedGrain::from).collect(),
            report: counted.report,
            carried: counted.carried,
            dossiers: counted.dossiers,
        })
    }

    /// Returns the bytes that are kept and handed out.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, AppError> {
        serde_json::to_vec(self).map_err(|err| AppError::Internal(err.into()))
    }
}

impl Kept {
    pub(super) fn read(content: &[u8]) -> Result<Self, AppError> {
        serde_json::from_slice(content).map_err(|err| AppError::Internal(err.into()))
    }

    /// Returns what makes a row within a row, in a layout of two levels.
    pub(super) fn inner(&self) -> Option<Grouping> {
        self.report.as_ref().and_then(|report| report.inner)
    }

    /// Returns how the dossiers of a seal were frozen.
    pub(super) fn form(
        &self,
        (from, to): (NaiveDate, NaiveDate),
        unit: Option<UnitId>,
    ) -> Result<FrozenForm, AppError> {
        Ok(FrozenForm {
            period: Period::new(from, to).map_err(|err| AppError::Internal(err.into()))?,
            within: unit,
            cells: self.cells.clone(),
            apologised_counts_late: self.apologised_counts_late,
        })
    }
}

impl SealedDefinitions {
    fn of(cells: &[Cell]) -> Result<Self, AppError> {
        let items = of_rows(|name| cells.iter().any(|cell| cell.as_str() == name));
        Ok(Self { version: version_of(&items)?, items })
    }
}

impl From<Key> for SealedKey {
    fn from(key: Key) -> Self {
        Self { code: key.code, name: key.name }
    }
}

fn sealed(cells: &Cells) -> SealedCells {
    Cell::ALL.iter().map(|cell| (cell.as_str(), cell.of(cells))).collect()
}

impl From<Row> for SealedRow {
    fn from(row: Row) -> Self {
        Self {
            key: row.key.into(),
            cells: sealed(&row.cells),
            on_time_rate: row.on_time_rate,
            on_time_rate_with_result: row.cells.on_time_rate_with_result(),
            early_rate: row.early_rate,
            statutory_rate: row.statutory_rate,
        }
    }
}

impl From<(Key, Key, Cells)> for SealedGrain {
    fn from((unit, field, cells): (Key, Key, Cells)) -> Self {
        Self { unit: unit.into(), field: field.into(), cells: sealed(&cells) }
    }
}
