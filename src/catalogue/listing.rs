//! Pages of the catalogue, in the order of codes, and which procedures a query means.

use chrono::NaiveDate;
use serde::Deserialize;

use super::preview::unknown_unit;
use crate::domain::catalogue::{Catalogue, Procedure, ProcedureState};
use crate::domain::person::fold;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::page::{self, Page};

/// Which page of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    pub(super) limit: Option<i64>,
}

/// Which procedures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProcedureQuery {
    /// Words of the name, with or without accents, or the beginning of the code.
    pub(super) q: Option<String>,
    /// The code of a field.
    pub(super) field: Option<String>,
    /// The code of a unit that resolves them.
    pub(super) unit: Option<String>,
    /// The day on which they hold; today when nothing is said.
    #[param(value_type = Option<String>, format = Date)]
    pub(super) as_of: Option<NaiveDate>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    pub(super) limit: Option<i64>,
}

/// Cuts the page out of items in the order of their codes. The cursor is the last code of the page before.
///
/// # Errors
/// [`AppError::Invalid`] for a limit or cursor that can't be.
pub fn page<T: Copy>(
    items: Vec<T>,
    code: impl Fn(T) -> String,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Page<T>, AppError> {
    let limit = usize::try_from(page::limit(limit)?).unwrap_or(1);
    let after = cursor.map(read_cursor).transpose()?;
    let is_later = |item: &T| after.as_ref().is_none_or(|after| code(*item) > *after);
    let mut items: Vec<T> = items.into_iter().filter(is_later).take(limit + 1).collect();
    let has_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| has_more);
    let next_cursor = last.map(|last| data_encoding::BASE64URL_NOPAD.encode(code(*last).as_bytes()));
    Ok(Page { items, next_cursor })
}

fn read_cursor(text: &str) -> Result<String, AppError> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let code = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let said = Said::new(
        "bad_cursor",
        "cursor phải lấy từ next_cursor của trang trước",
        "cursor must come from next_cursor of the page before",
    );
    code.filter(|code| !code.is_empty()).ok_or_else(|| AppError::invalid("?cursor", said))
}

/// Returns the procedures that are meant, no drafts, in the order of their codes.
///
/// # Errors
/// [`AppError::Invalid`] for a unit or field that does not exist.
pub fn procedures<'a>(
    catalogue: &'a Catalogue,
    query: &ProcedureQuery,
    day: NaiveDate,
) -> Result<Vec<&'a Procedure>, AppError> {
    let mut faults = Faults::new();
    let unit =
        query.unit.as_deref().and_then(|code| faults.read("?unit", unknown_unit(), catalogue.unit_by_code(code)));
    let fields = catalogue.fields();
    let field = query.field.as_deref().and_then(|code| {
        let found = fields.iter().find(|field| field.code == code);
        faults.read("?field", unknown_field(), found)
    });
    faults.finish(Some(()))?;
    let sought = Sought::new(query.q.as_deref().unwrap_or_default());
    let is_meant = |procedure: &&Procedure| {
        procedure.state == ProcedureState::Published
            && unit.is_none_or(|unit| procedure.is_resolved_by(unit))
            && field.is_none_or(|field| procedure.field_id == field.id)
            && sought.finds(procedure)
    };
    let all = catalogue.procedures_on(day).into_iter();
    Ok(all.filter(is_meant).collect())
}

/// What is sought, without accents.
struct Sought {
    words: Vec<String>,
}

impl Sought {
    fn new(text: &str) -> Self {
        let folded = folded(text);
        Self { words: folded.split_whitespace().map(str::to_owned).collect() }
    }

    /// Every word must be in the name, or begin the code.
    fn finds(&self, procedure: &Procedure) -> bool {
        let name = folded(&procedure.name);
        let code = procedure.code.to_lowercase();
        self.words.iter().all(|word| name.contains(word) || code.starts_with(word))
    }
}

fn folded(text: &str) -> String {
    fold(text).to_lowercase()
}

fn unknown_field() -> Said {
    Said::new(
        "unknown_field",
        "Không có lĩnh vực mang mã này; xem /api/v1/fields",
        "There is no field with this code; see /api/v1/fields",
    )
}
