//! Notices over the API: what was sent to whom, sending again, pausing, and what gateways tell us.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use diesel::PgConnection;
use serde::Deserialize;

use super::deeds::no_such_notice;
use super::evidence::prove;
use super::queries::{self, Narrow};
use super::switch::{pause_sending, resume_sending};
use super::view::{Evidence, NoticeView, Paused, Summary};
use crate::domain::ids::NoticeId;
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query, RawBody, from_json};
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::{Map, check_period};

/// How the list of notices is narrowed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// A dossier's code.
    dossier: Option<String>,
    /// Where it stands.
    status: Option<String>,
    /// `sms`, `email` or `zalo`.
    channel: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl ListQuery {
    fn parse(self) -> Result<Narrow, AppError> {
        let mut faults = Faults::new();
        let status = self.status.and_then(|word| faults.word("?status", &word));
        let channel = self.channel.and_then(|word| faults.word("?channel", &word));
        faults.finish(Some(()))?;
        Ok(Narrow {
            dossier: self.dossier,
            status,
            channel,
            after: self.cursor.map(|text| Cursor::read(&text)).transpose()?.map(|at| NoticeId(at.id)),
            limit: page::limit(self.limit)?,
        })
    }
}

/// Lists notices, the newest first; addresses are masked.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices",
    security(("bearer" = [])), params(ListQuery),
    responses((status = 200, body = Page<NoticeView>)))]
pub async fn list_notices(
    state: web::Data<AppState>,
    signed: Signed,
    query: Query<ListQuery>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadNotices)?;
    let narrow = query.0.parse()?;
    let limit = narrow.limit;
    let rows = state.look(&signed.0, move |conn, act| Ok(queries::list(conn, act.by, &narrow)?)).await?;
    let page = Page::cut(rows, limit, |(row, ..)| Cursor { at: row.created_at, id: row.id.0 });
    Ok(HttpResponse::Ok()
        .json(Page { items: page.items.into_iter().map(NoticeView::from).collect(), next_cursor: page.next_cursor }))
}

/// Shows one notice with all that proves it: its words, attempts and receipts.
#[utoipa::path(get, path = "/api/v1/notices/{id}", tag = "notices",
    security(("bearer" = [])),
    params(("id" = String, Path)), responses((status = 200, body = Evidence), (status = 404)))]
pub async fn show_notice(
    state: web::Data<AppState>,
    signed: Signed,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadNotices)?;
    let id = notice_id(&path)?;
    let evidence = state.look(&signed.0, move |conn, act| evidence(conn, act, id)).await?;
    Ok(HttpResponse::Ok().json(evidence))
}

/// The period of a summary, dates of the office.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// The first date.
    from: Option<String>,
    /// The first date after the period.
    to: Option<String>,
}

/// Counts notices of a period by purpose, channel and status.
#[utoipa::path(get, path = "/api/v1/notices/summary", tag = "notices",
    security(("bearer" = [])), params(SummaryQuery),
    responses((status = 200, body = Summary)))]
pub async fn summarise_notices(
    state: web::Data<AppState>,
    signed: Signed,
    query: Query<SummaryQuery>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadNotices)?;
    let period = period(&query.0)?;
    let rows = state.look(&signed.0, move |conn, act| counted(conn, act, &period)).await?;
    Ok(HttpResponse::Ok().json(Summary::new(&period, rows)))
}

/// Why sending is paused.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchBody {
    /// For those who wonder; needed to pause.
    reason: Option<String>,
}

/// Pauses or resumes all sending.
#[utoipa::path(post, path = "/api/v1/notices/sending/actions/{action}", tag = "notices",
    security(("bearer" = [])),
    params(("action" = String, Path, description = "`pause` or `resume`")), request_body = SwitchBody,
    responses((status = 200, body = Paused), (status = 404)))]
pub async fn switch_sending(
    state: web::Data<AppState>,
    signed: Signed,
    path: web::Path<String>,
    body: RawBody,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::SwitchSending)?;
    let form: SwitchBody = from_json(&body.0)?;
    let paused_why = match path.as_str() {
        "pause" => {
            let mut faults = Faults::new();
            let reason = faults.text("/reason", 500, form.reason.as_deref());
            Some(faults.finish(reason)?)
        }
        "resume" => None,
        _ => return Err(no_such_action()),
    };
    let paused = Paused::new(paused_why.clone());
    state
        .act(&signed.0, move |conn, act| match &paused_why {
            Some(why) => pause_sending(conn, act, why),
            None => resume_sending(conn, act),
        })
        .await?;
    Ok(HttpResponse::Ok().json(paused))
}

/// Counts the notices of a period that who acts may see.
///
/// # Errors
/// [`AppError::Invalid`] where there can be no notices of the period yet.
pub(super) fn counted(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
) -> Result<Vec<queries::Counted>, AppError> {
    check_period(act, period, (None, Map::Then))?;
    Ok(queries::summary(conn, act.by, period.bounds())?)
}

fn period(query: &SummaryQuery) -> Result<Period, AppError> {
    let mut faults = Faults::new();
    let mut date = |pointer: &str, text: &Option<String>| {
        let text = faults.required(pointer, text.as_deref())?;
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        faults.read(pointer, wrong_date(), date)
    };
    let (from, to) = (date("?from", &query.from), date("?to", &query.to));
    let period = from.zip(to).and_then(|(from, to)| {
        let why = |err: &dyn std::fmt::Display| {
            let vi = "Kỳ phải từ 1990 đến 2200 và to phải sau from".to_owned();
            Said::new("wrong_period", vi, err.to_string())
        };
        Period::new(from, to).map_err(|err| faults.add("?to", why(&err))).ok()
    });
    faults.finish(period)
}

fn wrong_date() -> Said {
    Said::new("wrong_date", "Ngày viết theo dạng 2026-09-25", "A date is written as in 2026-09-25")
}

fn no_such_action() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có đường dẫn này", "There is no such path"))
}

pub(super) fn notice_id(text: &str) -> Result<NoticeId, AppError> {
    text.parse().map(NoticeId).or(Err(no_such_notice()))
}

pub(super) fn evidence(conn: &mut PgConnection, act: &Act<'_>, id: NoticeId) -> Result<Evidence, AppError> {
    let found = queries::find(conn, act.by, id)?.ok_or_else(no_such_notice)?;
    let proof = prove(conn, act, vec![found])?.pop();
    proof.map(Evidence::from).ok_or_else(no_such_notice)
}
