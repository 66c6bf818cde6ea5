//! `GET /reports…`.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::files::{self, ReportOut};
use super::filled::{Asked, Filled};
use super::layouts::{Counts, Layout, Layouts};
use super::{ByteOrderMark, ReportFormat, note_export};
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::staff::Signed;
use crate::state::AppState;
use crate::statistics::{AskedPeriod, period_query, seen_unit};

period_query! {
    /// Of what a report is, and how it is written.
    ReportQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// `json` (the default), `xlsx`, `csv` or `pdf`.
        format: Option<String>,
        /// Whether a CSV file begins with the byte-order mark that spreadsheets want.
        bom: Option<bool>,
    }
}

/// A layout that there is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LayoutOut {
    /// By what it is asked for.
    code: String,
    /// What it is.
    about: String,
    form: String,
    title: String,
    /// The text that prescribes the form.
    source: String,
    /// What it counts: `dossiers`, `intake`, or `register` where it lists dossiers.
    counts: &'static str,
    /// How many columns it has.
    columns: u16,
}

impl From<&Layout> for LayoutOut {
    fn from(layout: &Layout) -> Self {
        Self {
            code: layout.code.clone(),
            about: layout.about.clone(),
            form: layout.form.clone(),
            title: layout.title.clone(),
            source: layout.source.clone(),
            counts: layout.counts.as_str(),
            columns: layout.width(),
        }
    }
}

/// All layouts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LayoutsOut {
    items: Vec<LayoutOut>,
}

/// Lists the layouts that there are: those that are shipped and those of the operator.
///
/// # Errors
/// Problems of who asks.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", security(("bearer" = [])),
    responses((status = 200, body = LayoutsOut), (status = 403)))]
pub async fn list_reports(signed: Signed, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let layouts = Layouts::of(&state.config)?;
    let items = layouts.all().map(|layout| LayoutOut::from(layout.as_ref())).collect();
    Ok(HttpResponse::Ok().json(LayoutsOut { items }))
}

/// Returns the report of a period in a layout, such as biểu 06: the total first, then its lines. As JSON each line says where
/// its dossiers are listed, and each column of which cells its numbers are made.
///
/// # Errors
/// Problems of the query, of who asks, and figures that do not add up.
#[utoipa::path(get, path = "/api/v1/reports/{layout}", tag = "reports",
    security(("bearer" = [])),
    params(("layout" = String, Path, description = "The code of a layout: `06`, `06c`, `progress` …"), ReportQuery),
    responses((status = 200, body = ReportOut), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_report(
    signed: Signed,
    code: web::Path<String>,
    Query(query): Query<ReportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let layout = Layouts::of(&state.config)?.find(&code)?;
    let (period, format) = read(&query, &layout)?;
    let (asked_period, mark) = (period.period, ByteOrderMark::from(query.bom.unwrap_or(false)));
    let made = state.figures(&signed.0, move |conn, act| {
        let unit = seen_unit(act, query.unit.as_deref())?;
        let report = Filled::fill(conn, act, &Asked { layout, period, unit })?;
        let name = report.caption.file_name(format.as_str());
        Ok((files::write(&report, (format, mark), &act.office.config.exports)?, name, report.caption.unit_code))
    });
    let (bytes, name, unit) = made.await?;
    // Figures are read on one picture that can't be written to; nothing is handed out before it is recorded.
    let note = state
        .act(&signed.0, move |conn, act| Ok(note_export(conn, act, (&code, unit.as_deref()), &asked_period, format)?));
    note.await?;
    Ok(answer(bytes, &name, format))
}

fn read(query: &ReportQuery, layout: &Layout) -> Result<(AskedPeriod, ReportFormat), AppError> {
    let mut faults = Faults::new();
    let format = match &query.format {
        Some(word) => faults.word("?format", word),
        None => Some(ReportFormat::Json),
    };
    if layout.counts == Counts::Register {
        faults.add(
            "layout",
            Said::new(
                "register_is_a_job",
                "Sổ theo dõi được lập bằng POST /api/v1/exports",
                "A register is made by POST /api/v1/exports",
            ),
        );
    }
    let asked = query.period().gather(&mut faults);
    faults.finish(asked.zip(format))
}

/// Answers with a file, or with what programs read.
pub(crate) fn answer(bytes: Vec<u8>, name: &str, format: ReportFormat) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, format.media_type()));
    if format != ReportFormat::Json {
        answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        answer.insert_header((CACHE_CONTROL, "no-store"));
    }
    answer.body(bytes)
}
