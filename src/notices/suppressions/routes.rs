//! Handlers of the suppression list.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::view::SuppressionOut;
use super::{Entry, Row};
use crate::domain::ids::SuppressionId;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Body, Faults, Query};
use crate::http::office_time::read_moment;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::Signed;
use crate::state::AppState;

/// A number or address that is to get no messages.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionForm {
    /// A phone number or an e-mail address.
    address: Option<String>,
    /// `sms`, `email`, `zalo` …; every channel when nothing is said.
    channel: Option<String>,
    /// `wrong_person`, `asked` or `unreachable`.
    reason: Option<String>,
    /// What was said, 1–500 characters.
    note: Option<String>,
    /// From when on messages go there again; for good when nothing is said.
    until: Option<String>,
}

impl SuppressionForm {
    fn read(self, now: chrono::DateTime<chrono::Utc>) -> Result<Entry, AppError> {
        let mut faults = Faults::new();
        let address = faults.text("/address", 200, self.address.as_deref());
        let channel = self.channel.as_deref().map(|word| faults.word("/channel", word));
        let reason = faults.required("/reason", self.reason).and_then(|word| faults.word("/reason", &word));
        let note = self.note.map(|note| faults.text("/note", 500, Some(&note)));
        let wrong = Said::new(
            "wrong_moment",
            "Thời điểm viết như 2027-03-01T00:00:00+07:00 và ở tương lai",
            "A moment is written like 2027-03-01T00:00:00+07:00 and lies in the future",
        );
        let later = |text: String| read_moment(&text).filter(|at| *at > now);
        let until = self.until.map(|text| faults.read("/until", wrong, later(text)));
        let whole = address.zip(reason);
        let (address, reason) = faults.finish(whole)?;
        let (channel, note, until) = (channel.flatten(), note.flatten(), until.flatten());
        Ok(Entry { address, channel, reason, note, until })
    }
}

/// Which lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuppressionQuery {
    /// Those of one phone number or e-mail address.
    address: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Lists numbers and addresses that get no messages, and those that got none for a time, the newest first.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/notices/suppressions", tag = "notices", security(("bearer" = [])),
    params(SuppressionQuery),
    responses((status = 200, body = Page<SuppressionOut>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_suppressions(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<SuppressionQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ResendNotices)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (before, limit) = page.read()?;
    let address = query.address;
    let rows = state.look(&by.0, move |conn, act| super::list(conn, act, address.as_deref(), (before, limit))).await?;
    let page = Page::cut(rows, limit, |row: &Row| Cursor { at: row.added_at, id: row.id.0 });
    let items: Vec<SuppressionOut> = page.items.into_iter().map(SuppressionOut::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}

/// Puts a number or address on the list; what waits for it is called back.
///
/// # Errors
/// 401, 403, 409 when it is on the list already, 422.
#[utoipa::path(post, path = "/api/v1/notices/suppressions", tag = "notices", security(("bearer" = [])),
    request_body = SuppressionForm,
    responses((status = 201, body = SuppressionOut), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub async fn add_suppression(
    state: web::Data<AppState>,
    by: Signed,
    Body(form): Body<SuppressionForm>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ResendNotices)?;
    let entry = form.read(state.clock.now())?;
    let row = state.act_over_all(&by.0, move |conn, act| super::add(conn, act, entry)).await?;
    Ok(HttpResponse::Created().json(SuppressionOut::from(row)))
}

/// Takes a number or address off the list: messages go there again. What was not sent meanwhile stays unsent.
///
/// # Errors
/// 401, 403, [`AppError::NotFound`].
#[utoipa::path(delete, path = "/api/v1/notices/suppressions/{id}", tag = "notices", security(("bearer" = [])),
    params(("id" = String, Path, description = "The line")),
    responses((status = 200, body = SuppressionOut), (status = 401), (status = 403), (status = 404)))]
pub async fn lift_suppression(
    state: web::Data<AppState>,
    by: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ResendNotices)?;
    let id = id.parse().map(SuppressionId).or(Err(super::no_such_line()))?;
    let row = state.act_over_all(&by.0, move |conn, act| super::lift(conn, act, id)).await?;
    Ok(HttpResponse::Ok().json(SuppressionOut::from(row)))
}
