//! `GET /reports/…`.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::report06::{Report06, Report06Out};
use super::{ByteOrderMark, FileFormat, note_export};
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::{Faults, Query};
use crate::staff::Signed;
use crate::state::AppState;
use crate::statistics::{AskedPeriod, PeriodOut, period_query, seen_unit};

period_query! {
    /// Which report, and how it is written.
    ReportQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// `json` (the default), `xlsx` or `csv`.
        format: Option<String>,
        /// Whether a CSV file begins with the byte-order mark that spreadsheets want.
        bom: Option<bool>,
    }
}

/// Returns biểu 06 of a period: thirteen columns, the total first, then a row a field.
///
/// # Errors
/// Problems of the query, of who asks, and figures that do not add up.
#[utoipa::path(get, path = "/api/v1/reports/06", tag = "reports",
    security(("bearer" = [])), params(ReportQuery),
    responses((status = 200, body = Report06Out), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_report_06(
    signed: Signed,
    Query(query): Query<ReportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let (asked, format) = read(&query)?;
    let mark = ByteOrderMark::from(query.bom.unwrap_or(false));
    let period = asked.period;
    let made = state.figures(&signed.0, move |conn, act| {
        let unit = seen_unit(act, query.unit.as_deref())?;
        let code = unit.and_then(|id| act.catalogue().unit(id)).map(|unit| unit.code.clone());
        let report = Report06::fill(conn, act, &asked, unit)?;
        Ok((shape(&report, &asked, (code.as_deref(), format, mark))?, code))
    });
    let (answer, code) = made.await?;
    // Figures are read on one picture that can't be written to; nothing is handed out before it is recorded.
    let note = state.act(&signed.0, move |conn, act| Ok(note_export(conn, act, code.as_deref(), &period, format)?));
    note.await?;
    Ok(shaped(answer, format))
}

fn shape(
    report: &Report06,
    asked: &AskedPeriod,
    (unit, format, mark): (Option<&str>, FileFormat, ByteOrderMark),
) -> Result<HttpAnswer, AppError> {
    if format == FileFormat::Json {
        return Ok(HttpAnswer::Json(Box::new(Report06Out::new(report, Some(PeriodOut::from(asked))))));
    }
    Ok(HttpAnswer::File(file_name(&asked.period, unit, format), report.write(format, mark)?))
}

enum HttpAnswer {
    Json(Box<Report06Out>),
    File(String, Vec<u8>),
}

fn shaped(answer: HttpAnswer, format: FileFormat) -> HttpResponse {
    match answer {
        HttpAnswer::Json(report) => HttpResponse::Ok().json(report),
        HttpAnswer::File(name, bytes) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, media_type(format)))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(bytes),
    }
}

fn read(query: &ReportQuery) -> Result<(AskedPeriod, FileFormat), AppError> {
    let mut faults = Faults::new();
    let format = match &query.format {
        Some(word) => faults.word("?format", word),
        None => Some(FileFormat::Json),
    };
    let asked = query.period().gather(&mut faults);
    faults.finish(asked.zip(format))
}

pub(crate) fn media_type(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FileFormat::Csv => "text/csv; charset=utf-8",
        FileFormat::Json => "application/json",
    }
}

/// Names the file by form, unit and both dates; codes of units have nothing that a name must not have.
pub(super) fn file_name(period: &Period, unit: Option<&str>, format: FileFormat) -> String {
    format!("bieu-06_{}_{}_{}.{format}", unit.unwrap_or("toan-tinh"), period.from(), period.last_day())
}
