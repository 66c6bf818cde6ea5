//! `GET /campaigns/early-results…`: the figures, and the dossiers behind each; as JSON, CSV and XLSX.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use serde_json::json;

use super::CampaignGroup;
use super::files::{FileFormat, Sheet};
use super::invited::{self, Behind};
use super::table::{key_of, question, tabulate};
use super::view::{CampaignTable, InvitedDossier};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::exports::{ByteOrderMark, ReportFormat};
use crate::http::body::{Faults, Query};
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::{AskedPeriod, own_in, period_query};

period_query! {
    /// Which table of the campaign.
    CampaignQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// What makes a row: `unit` (the default), `month`, `kind` or `unit_month`.
        group: Option<String>,
        /// `json` (the default), `csv` or `xlsx`.
        format: Option<String>,
        /// Whether a CSV file begins with the byte-order mark that spreadsheets want.
        bom: Option<bool>,
    }
}

period_query! {
    /// Which dossiers of the campaign.
    InvitedQuery {
        /// The name of the figure, as in the table.
        cell: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// How the table was grouped, with `group_key`.
        group: Option<String>,
        /// The code of one row of the table; without it, the total.
        group_key: Option<String>,
        /// `json` (the default) by page; `csv` or `xlsx` with all of them.
        format: Option<String>,
        /// Whether a CSV file begins with the byte-order mark that spreadsheets want.
        bom: Option<bool>,
        /// Where the page begins.
        cursor: Option<String>,
        /// How long the page is, 1 to 200.
        limit: Option<i64>,
    }
}

/// What is answered: for programs, or as a file.
enum Shape<T> {
    Json(T),
    File(Vec<u8>),
}

/// Counts who was invited early in a period, reached and came, by unit, month or kind.
///
/// # Errors
/// Problems of the query and of who asks; 409 where the calendar lacks a year that is needed.
#[utoipa::path(get, path = "/api/v1/campaigns/early-results", tag = "campaigns",
    security(("bearer" = [])), params(CampaignQuery),
    responses((status = 200, body = CampaignTable), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_early_results(
    signed: Signed,
    Query(query): Query<CampaignQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    may_read(&signed)?;
    let mut faults = Faults::new();
    let group = read_group(&mut faults, query.group.as_deref());
    let format = read_format(&mut faults, query.format.as_deref());
    let period = query.period().gather(&mut faults);
    let asked = faults.finish(period)?;
    let (unit, mark) = (query.unit.clone(), ByteOrderMark::from(query.bom.unwrap_or(false)));
    let (period, file) = (asked.clone(), File { asked, unit: unit.clone(), format });
    let made = state.figures(&signed.0, move |conn, act| {
        let question = question(act, &period.period, own_in(act, unit.as_deref(), &period.period)?)?;
        let table = tabulate(conn, act, &question, group)?;
        match format {
            FileFormat::Json => Ok(Shape::Json(CampaignTable::new(act, &period, table))),
            format => Ok(Shape::File(Sheet::of_table(title(&period), &table).write(format, mark)?)),
        }
    });
    file.answer(&state, &signed, made.await?).await
}

/// Lists exactly the dossiers that a figure of the campaign counts, by their invitation.
///
/// # Errors
/// Problems of the query and of who asks.
#[utoipa::path(get, path = "/api/v1/campaigns/early-results/dossiers", tag = "campaigns",
    security(("bearer" = [])), params(InvitedQuery),
    responses((status = 200, body = Page<InvitedDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_early_results(
    signed: Signed,
    Query(query): Query<InvitedQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    may_read(&signed)?;
    let (asked, format, behind) = read_behind(&query)?;
    let mark = ByteOrderMark::from(query.bom.unwrap_or(false));
    let (period, file) = (asked.clone(), File { asked, unit: query.unit.clone(), format });
    let made = state.figures(&signed.0, move |conn, act| {
        let page = dossiers(conn, act, &period, (&query, behind))?;
        match format {
            FileFormat::Json => Ok(Shape::Json(page)),
            _ if page.next_cursor.is_some() => Err(too_many()),
            format => Ok(Shape::File(Sheet::of_dossiers(title(&period), &page.items).write(format, mark)?)),
        }
    });
    file.answer(&state, &signed, made.await?).await
}

/// Dossiers in one file at most.
const MOST_IN_A_FILE: i64 = 200_000;

fn read_behind(query: &InvitedQuery) -> Result<(AskedPeriod, FileFormat, Behind), AppError> {
    let after = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = page::limit(query.limit)?;
    let mut faults = Faults::new();
    let cell = faults.required("?cell", query.cell.as_deref()).and_then(|word| faults.word("?cell", word));
    let group = read_group(&mut faults, query.group.as_deref());
    let format = read_format(&mut faults, query.format.as_deref());
    let period = query.period().gather(&mut faults);
    let (asked, cell) = faults.finish(period.zip(cell))?;
    let whole = Behind { cell, group, key: None, after: None, limit: MOST_IN_A_FILE };
    match format {
        FileFormat::Json => Ok((asked, format, Behind { after, limit, ..whole })),
        _ => Ok((asked, format, whole)),
    }
}

fn dossiers(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &AskedPeriod,
    (query, mut behind): (&InvitedQuery, Behind),
) -> Result<Page<InvitedDossier>, AppError> {
    let question = question(act, &period.period, own_in(act, query.unit.as_deref(), &period.period)?)?;
    let code = query.group_key.as_deref();
    behind.key = code.map(|code| key_of(act, &question, (behind.group, code))).transpose()?;
    let found = invited::list(conn, &question, &behind)?;
    let page = Page::cut(found, behind.limit, |one| Cursor { at: one.invited_at, id: one.id });
    let items = page.items.into_iter().map(|one| InvitedDossier::new(act, one)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Figures of what was sent: for who may read both.
fn may_read(signed: &Signed) -> Result<(), AppError> {
    signed.may(Deed::ReadStatistics)?;
    signed.may(Deed::ReadNotices)
}

fn read_group(faults: &mut Faults, word: Option<&str>) -> CampaignGroup {
    word.and_then(|word| faults.word("?group", word)).unwrap_or(CampaignGroup::Unit)
}

fn read_format(faults: &mut Faults, word: Option<&str>) -> FileFormat {
    word.and_then(|word| faults.word("?format", word)).unwrap_or(FileFormat::Json)
}

fn title(asked: &AskedPeriod) -> String {
    format!("Mời nhận kết quả trước hạn, {}", asked.dates_text())
}

fn too_many() -> AppError {
    let said = Said::new(
        "too_many_rows",
        format!("Quá {MOST_IN_A_FILE} hồ sơ, hãy chọn kỳ ngắn hơn hoặc một cơ quan"),
        format!("More than {MOST_IN_A_FILE} dossiers: choose a shorter period or one unit"),
    );
    AppError::invalid("?to", said)
}

/// What is handed out.
struct File {
    asked: AskedPeriod,
    unit: Option<String>,
    format: FileFormat,
}

impl File {
    /// Answers; a file is recorded before it is handed out.
    async fn answer<T: serde::Serialize>(
        self,
        state: &AppState,
        signed: &Signed,
        shape: Shape<T>,
    ) -> Result<HttpResponse, AppError> {
        let bytes = match shape {
            Shape::Json(answer) => return Ok(HttpResponse::Ok().json(answer)),
            Shape::File(bytes) => bytes,
        };
        let (from, last, format) = (self.asked.period.from(), self.asked.period.last_day(), self.format);
        let name = format!("ket-qua-som_{from}_{last}.{format}");
        let details = json!({"unit": self.unit, "from": from, "to": self.asked.period.to(), "format": format});
        let note = state.act(&signed.0, move |conn, act| {
            Ok(audit::note(conn, act, Action::ReportExported, Subject::Report("early-results"), details)?)
        });
        note.await?;
        Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, ReportFormat::from(format).media_type()))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .body(bytes))
    }
}
