//! The codes of the dossiers behind a figure, page by page.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use super::queries::{self, Question};
use crate::http::by_code::ByCode;
use crate::http::page::Page;

/// A dossier behind a figure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodedDossier {
    code: String,
}

impl CodedDossier {
    /// Makes a page of the codes behind a figure, of which one more was read.
    pub fn page(page: &ByCode, codes: Vec<String>) -> Page<Self> {
        page.cut(codes.into_iter().map(|code| Self { code }).collect(), |item| &item.code)
    }
}

#[derive(QueryableByName)]
struct Coded {
    #[diesel(sql_type = Text)]
    code: String,
}

/// Lists the codes of the dossiers of a source for which a condition holds, after the one given, one more than `limit`. The
/// source is [`queries::classified`], or made of it.
pub(super) fn codes_behind(
    conn: &mut PgConnection,
    question: &Question,
    (source, condition): (&str, &str),
    (after, limit): (Option<&str>, i64),
) -> QueryResult<Vec<String>> {
    let sql = format!(
        "/* statistics::codes::codes_behind */ SELECT code FROM {source} WHERE {condition} \
         AND ($13 IS NULL OR code > $13) ORDER BY code LIMIT $14"
    );
    let rows: Vec<Coded> = queries::ask(sql, question)
        .bind::<Nullable<Text>, _>(after.map(str::to_owned))
        .bind::<BigInt, _>(limit + 1)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}
