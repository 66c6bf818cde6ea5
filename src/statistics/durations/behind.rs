//! `GET /statistics/durations/dossiers`: what a row of working times counts, each with its minutes: results, or the hops of
//! results through a step.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::{DurationGroup, hops, measured};
use crate::domain::ids::{ProcedureVersionId, UnitId};
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::domain::words::words;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::http::office_time::OfficeTime;
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::drill::{GroupKey, check_row, chosen, no_such_group};
use crate::statistics::queries::{self, Map, Question};
use crate::statistics::routes::KeyOut;
use crate::statistics::sight::own_in;
use crate::statistics::tally::{self, unit_key};
use crate::statistics::{AskedPeriod, period_query};

words! {
    /// Which figure of working times is looked into.
    pub enum DurationCell {
        /// What the measures of a row, or of the total, are made of.
        Count = "count",
        /// Results whose steps were not recorded: in no row.
        Unmeasured = "unmeasured",
    }
}

/// A row of the table; which table it is, says how it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DurationRow {
    /// All results.
    Total,
    /// The results of the unit of a code.
    Unit(String),
    /// The results of the procedure of a code.
    Procedure(String),
    /// The hops through a step, by what is done in it and the code of the unit that did it.
    Step(String, String),
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct DurationsBehind {
    /// The figure.
    pub cell: DurationCell,
    /// The row.
    pub row: DurationRow,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// How long the page is.
    pub limit: i64,
}

/// A result that a row counts, or a hop of one through the row's step.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MeasuredOut {
    /// The code of the dossier.
    code: String,
    /// The unit that resolved it, or that did the step.
    unit: KeyOut,
    procedure_code: Option<String>,
    /// What was done in the step; `null` for a result.
    does: Option<String>,
    /// The working minutes in which the clock ran; `null` where no step was recorded.
    minutes: Option<i64>,
    /// When the dossier was accepted, or came to the step.
    #[schema(value_type = String, format = DateTime)]
    began_at: OfficeTime,
    /// When it ended, or left the step.
    #[schema(value_type = String, format = DateTime)]
    ended_at: OfficeTime,
}

impl MeasuredOut {
    /// Returns the code of the dossier.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns its working minutes.
    pub const fn minutes(&self) -> Option<i64> {
        self.minutes
    }
}

#[derive(QueryableByName)]
struct Found {
    /// Of the dossier, or of the hop.
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = SqlUuid)]
    unit_id: UnitId,
    #[diesel(sql_type = SqlUuid)]
    procedure_version_id: ProcedureVersionId,
    #[diesel(sql_type = Nullable<Text>)]
    does: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    minutes: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    began_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ended_at: DateTime<Utc>,
}

/// Lists a page of what a figure counts, by its end.
///
/// # Errors
/// [`AppError::Invalid`] when the row asked for is none of the table.
pub fn durations_behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, within): (&Period, Option<UnitId>),
    form: &DurationsBehind,
) -> Result<Page<MeasuredOut>, AppError> {
    let asked = tally::question(conn, act, (period, Map::Then))?;
    let unit = match &form.row {
        DurationRow::Unit(code) => GroupKey::of_unit(Some(code)),
        _ => None,
    };
    let (units, _) = chosen(act, (within, Map::Then.day(act.now, period)), unit.as_ref())?;
    let question = Question { units, ..asked };
    let found = match &form.row {
        DurationRow::Total => results(conn, &question, None, form)?,
        DurationRow::Procedure(code) => results(conn, &question, Some(versions_of(act, code)?), form)?,
        DurationRow::Unit(_) => {
            let found = results(conn, &question, None, form)?;
            if found.is_empty() {
                let has_any = || Ok(!queries::list(conn, &question, "true", (None, 0))?.is_empty());
                check_row(act, (period, Map::Then), question.units.as_deref(), has_any)?;
            }
            found
        }
        DurationRow::Step(does, code) => {
            let doer = act.catalogue().unit_by_code(code.trim()).ok_or_else(|| no_such_group().told_of("?row_key"))?;
            let found = hops_of(conn, &question, (does, doer.id), form)?;
            if found.is_empty() {
                let any = DurationsBehind { after: None, limit: 0, ..form.clone() };
                let has_any = || Ok(!hops_of(conn, &question, (does, doer.id), &any)?.is_empty());
                check_step(act, period, (does, doer.id), has_any)?;
            }
            found
        }
    };
    let page = Page::cut(found, form.limit, |found| Cursor { at: found.ended_at, id: found.id });
    let items = page.items.into_iter().map(|found| shown(act, found)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

fn versions_of<'a>(act: &'a Act<'_>, code: &str) -> Result<&'a [ProcedureVersionId], AppError> {
    match act.catalogue().versions_of(code.trim()) {
        [] => Err(no_such_group()),
        versions => Ok(versions),
    }
}

/// Checks a step through which nothing was found to go: it is one of some process, and its unit was there in the period; or
/// something went through it, and the page begins behind all of it.
fn check_step(
    act: &Act<'_>,
    period: &Period,
    (does, doer): (&str, UnitId),
    has_any: impl FnOnce() -> QueryResult<bool>,
) -> Result<(), AppError> {
    if has_any()? {
        return Ok(());
    }
    if !act.catalogue().has_step(does) {
        return Err(no_such_group());
    }
    let checked = check_row(act, (period, Map::Then), Some(&[doer]), || Ok(false));
    checked.map_err(|err| err.told_of("?row_key"))
}

/// Lists results by their end, one more than the page has: of some versions of a procedure, or of all.
fn results(
    conn: &mut PgConnection,
    question: &Question,
    versions: Option<&[ProcedureVersionId]>,
    form: &DurationsBehind,
) -> QueryResult<Vec<Found>> {
    let is_counted = match form.cell {
        DurationCell::Count => "minutes IS NOT NULL",
        DurationCell::Unmeasured => "minutes IS NULL",
    };
    let sql = format!(
        "/* statistics::durations::results */ SELECT id, code, unit_id, procedure_version_id, NULL::text AS does, minutes, \
           accepted_at AS began_at, ended_at \
         FROM {} WHERE {is_counted} AND ($13 IS NULL OR procedure_version_id = ANY($13)) \
         AND ($14 IS NULL OR (ended_at, id) > ($14, $15)) ORDER BY ended_at, id LIMIT $16",
        measured(question)
    );
    queries::ask(sql, question)
        .bind::<Nullable<Array<SqlUuid>>, _>(versions.map(<[_]>::to_vec))
        .bind::<Nullable<Timestamptz>, _>(form.after.map(|cursor| cursor.at))
        .bind::<Nullable<SqlUuid>, _>(form.after.map(|cursor| cursor.id))
        .bind::<BigInt, _>(form.limit + 1)
        .load(conn)
}

/// Lists the hops through a step by their end, one more than the page has.
fn hops_of(
    conn: &mut PgConnection,
    question: &Question,
    (does, doer): (&str, UnitId),
    form: &DurationsBehind,
) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* statistics::durations::hops_of */ SELECT id, code, doer AS unit_id, procedure_version_id, does, minutes, \
           entered_at AS began_at, left_at AS ended_at \
         FROM {} WHERE does = $13 AND doer = $14 \
         AND ($15 IS NULL OR (left_at, id) > ($15, $16)) ORDER BY left_at, id LIMIT $17",
        hops(question)
    );
    queries::ask(sql, question)
        .bind::<Text, _>(does.to_owned())
        .bind::<SqlUuid, _>(doer)
        .bind::<Nullable<Timestamptz>, _>(form.after.map(|cursor| cursor.at))
        .bind::<Nullable<SqlUuid>, _>(form.after.map(|cursor| cursor.id))
        .bind::<BigInt, _>(form.limit + 1)
        .load(conn)
}

fn shown(act: &Act<'_>, found: Found) -> Result<MeasuredOut, AppError> {
    let procedure = act.catalogue().procedure(found.procedure_version_id);
    Ok(MeasuredOut {
        code: found.code,
        unit: unit_key(act.catalogue(), found.unit_id)?.into(),
        procedure_code: procedure.map(|procedure| procedure.code.clone()),
        does: found.does,
        minutes: found.minutes,
        began_at: found.began_at.into(),
        ended_at: found.ended_at.into(),
    })
}

period_query! {
    /// Which results, or hops.
    DurationsBehindQuery {
        /// `count`, or `unmeasured`, which is in no row.
        cell: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// How the table was grouped, with `group_key`: `unit` (the default), `procedure` or `step`.
        group: Option<String>,
        /// The `key` of one row of the table; without it, the total of all results.
        group_key: Option<String>,
        /// With `group=step`: the `unit` of the row, that did the step.
        row_key: Option<String>,
        /// Where the page begins.
        cursor: Option<String>,
        /// How long the page is, 1 to 200.
        limit: Option<i64>,
    }
}

/// Lists exactly what a count of working times is made of, by its end, each with its minutes: results, or of a step its hops.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/durations/dossiers", tag = "statistics", security(("bearer" = [])),
    params(DurationsBehindQuery),
    responses((status = 200, body = Page<MeasuredOut>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_durations_behind(
    signed: Signed,
    Query(query): Query<DurationsBehindQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let (asked, form) = read(&query)?;
    let page = state.figures(&signed.0, move |conn, act| {
        let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
        durations_behind(conn, act, (&asked.period, unit), &form)
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

fn read(query: &DurationsBehindQuery) -> Result<(AskedPeriod, DurationsBehind), AppError> {
    let after = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = page::limit(query.limit)?;
    let mut faults = Faults::new();
    let cell = faults.required("?cell", query.cell.as_deref()).and_then(|word| faults.word("?cell", word));
    let row = read_row(&mut faults, query);
    let asked = query.period().gather(&mut faults);
    let (asked, (cell, row)) = faults.finish(asked.zip(cell.zip(row)))?;
    if cell == DurationCell::Unmeasured && row != DurationRow::Total {
        return Err(no_such_group());
    }
    Ok((asked, DurationsBehind { cell, row, after, limit }))
}

fn read_row(faults: &mut Faults, query: &DurationsBehindQuery) -> Option<DurationRow> {
    let grouping = match query.group.as_deref() {
        Some(word) => faults.word("?group", word),
        None => Some(DurationGroup::Unit),
    };
    let Some(key) = query.group_key.clone() else {
        if query.group.is_some() || query.row_key.is_some() {
            faults.add("?group_key", key_needed());
        }
        return Some(DurationRow::Total);
    };
    match (grouping?, query.row_key.clone()) {
        (DurationGroup::Step, Some(unit)) => Some(DurationRow::Step(key, unit)),
        (DurationGroup::Step, None) => faults.read("?row_key", key_needed(), None),
        (_, Some(_)) => faults.read("?row_key", one_level_only(), None),
        (DurationGroup::Unit, None) => Some(DurationRow::Unit(key)),
        (DurationGroup::Procedure, None) => Some(DurationRow::Procedure(key)),
    }
}

fn key_needed() -> Said {
    Said::new(
        "required",
        "Một dòng được xác định bằng group và group_key; với group=step cần thêm row_key: mã đơn vị thực hiện bước đó",
        "A row is named by group and group_key; with group=step also by row_key: the code of the unit that did the step",
    )
}

fn one_level_only() -> Said {
    Said::new("group_not_found", "Chỉ group=step mới có row_key", "Only group=step has a row_key")
}
