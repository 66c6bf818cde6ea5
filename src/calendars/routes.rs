//! Handlers for calendars that come into force, for who manages the catalogue.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;
use serde_json::Value;

use super::foresee::foresee;
use super::publish::publish;
use super::queries;
use super::view::{MoveView, PublicationView, WouldMoveView};
use crate::catalogue::import::RowFault;
use crate::catalogue::publication::{Publication, Tell};
use crate::domain::role::Deed;
use crate::dossiers::recalculate::Move;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::Signed;
use crate::state::{Act, AppState};

/// A calendar to be published.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPublication {
    /// As in `config/province/calendar.json`: one year or several. Years that it does not have stay.
    #[schema(value_type = Option<Object>)]
    calendar: Option<Value>,
    /// Only says what would move.
    dry_run: Option<bool>,
    /// Whether the people of a dossier whose due date moves are told; nobody is when nothing is said.
    tell: Option<bool>,
}

/// Publishes a calendar: it is in force at once, and the open dossiers follow it batch by batch. With `dry_run` it only
/// says which due dates would move, from when to when, page by page.
///
/// # Errors
/// [`AppError::Invalid`] with every fault of the calendar, [`AppError::Conflict`] while dossiers still follow another.
#[utoipa::path(post, path = "/api/v1/calendars/publications", tag = "calendars", params(PageQuery),
    security(("bearer" = [])), request_body = NewPublication,
    responses((status = 200, body = WouldMoveView, description = "A dry run: nothing was written"),
        (status = 201, body = PublicationView), (status = 401), (status = 403),
        (status = 409, description = "The open dossiers still follow the one before"), (status = 422)))]
pub async fn publish_calendar(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    Query(page): Query<PageQuery>,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let form: NewPublication = from_json(&body)?;
    if form.dry_run == Some(true) {
        let page = page.read()?;
        let foreseen = state.figures(&by.0, move |conn, act| would_move(conn, act, form.calendar()?, page)).await?;
        return Ok(HttpResponse::Ok().json(foreseen));
    }
    let key = Key::read(&req, &body)?;
    let publish =
        move |conn: &mut PgConnection, act: &Act<'_>| once(conn, act, key.as_ref(), |conn| published(conn, act, form));
    Ok(state.act_over_all(&by.0, publish).await?.response())
}

impl NewPublication {
    fn calendar(self) -> Result<Value, AppError> {
        let mut faults = Faults::new();
        let calendar = faults.required("/calendar", self.calendar);
        faults.finish(calendar)
    }
}

fn published(conn: &mut PgConnection, act: &Act<'_>, form: NewPublication) -> Result<Answer, AppError> {
    let tell = if form.tell == Some(true) { Tell::People } else { Tell::Nobody };
    let published = publish(conn, act, form.calendar()?, tell)?.map_err(refused)?;
    Answer::new(StatusCode::CREATED, None, &PublicationView::from(published))
}

fn would_move(
    conn: &mut PgConnection,
    act: &Act<'_>,
    calendar: Value,
    (after, limit): (Option<Cursor>, i64),
) -> Result<WouldMoveView, AppError> {
    let most = usize::try_from(limit).unwrap_or(0) + 1;
    let mut moves = Vec::new();
    let foresight = foresee(conn, act, calendar, |moving| {
        if moves.len() < most
            && after.is_none_or(|after| (after.at, after.id) < (moving.before.at, moving.dossier_id.0))
        {
            moves.push(moving);
        }
    })?;
    let foresight = foresight.map_err(refused)?;
    let cut = Page::cut(moves, limit, |moving: &Move| Cursor { at: moving.before.at, id: moving.dossier_id.0 });
    let items = cut.items.iter().map(|moving| MoveView::foreseen(moving, act.catalogue())).collect();
    Ok(WouldMoveView::of(foresight, (items, cut.next_cursor), act.catalogue()))
}

fn refused(faults: Vec<RowFault>) -> AppError {
    AppError::Invalid(faults.into_iter().map(|fault| fault.in_body("/calendar")).collect())
}

/// Lists the calendars that came into force, the newest first.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/calendars/publications", tag = "calendars", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, body = Page<PublicationView>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_publications(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<PublicationView>>, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let (after, limit) = query.read()?;
    // A number is all that orders them, so it takes the place of the key.
    let before = after.map(|cursor| number_of(&cursor));
    let found = state.look(&by.0, move |conn, _| Ok(queries::list(conn, before, limit + 1)?)).await?;
    let page = Page::cut(found, limit, key_of);
    let items = page.items.into_iter().map(PublicationView::from).collect();
    Ok(web::Json(Page { items, next_cursor: page.next_cursor }))
}

fn key_of(publication: &Publication) -> Cursor {
    let number = u128::try_from(publication.calendar_version).unwrap_or(0);
    Cursor { at: publication.published_at, id: uuid::Uuid::from_u128(number) }
}

fn number_of(cursor: &Cursor) -> i32 {
    i32::try_from(cursor.id.as_u128()).unwrap_or(i32::MAX)
}

/// Shows a calendar that came into force, and how far the open dossiers have followed it.
///
/// # Errors
/// [`AppError::NotFound`].
#[utoipa::path(get, path = "/api/v1/calendars/publications/{number}", tag = "calendars",
    security(("bearer" = [])), params(("number" = i32, Path, description = "The calendar's number")),
    responses((status = 200, body = PublicationView), (status = 401), (status = 403), (status = 404)))]
pub async fn show_publication(
    state: web::Data<AppState>,
    by: Signed,
    number: web::Path<String>,
) -> Result<web::Json<PublicationView>, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let number = read_number(&number)?;
    let found = state.look(&by.0, move |conn, _| Ok(queries::find(conn, number)?)).await?;
    Ok(web::Json(found.ok_or_else(no_such_publication)?.into()))
}

/// Lists the due dates that a calendar moved, by the due dates of before.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Invalid`] for a wrong limit or cursor.
#[utoipa::path(get, path = "/api/v1/calendars/publications/{number}/moves", tag = "calendars",
    security(("bearer" = [])), params(("number" = i32, Path, description = "The calendar's number"), PageQuery),
    responses((status = 200, body = Page<MoveView>), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub async fn list_moves(
    state: web::Data<AppState>,
    by: Signed,
    number: web::Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<MoveView>>, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let (number, (after, limit)) = (read_number(&number)?, query.read()?);
    let page = state.figures(&by.0, move |conn, act| moved(conn, act, number, (after, limit))).await?;
    Ok(web::Json(page))
}

fn moved(
    conn: &mut PgConnection,
    act: &Act<'_>,
    number: i32,
    (after, limit): (Option<Cursor>, i64),
) -> Result<Page<MoveView>, AppError> {
    queries::find(conn, number)?.ok_or_else(no_such_publication)?;
    let found = queries::moves(conn, number, after, limit + 1)?;
    let page = Page::cut(found, limit, |moved| Cursor { at: moved.due_before, id: moved.dossier_id });
    let items = page.items.iter().map(|moved| MoveView::done(moved, act.catalogue())).collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// What can be no number is no publication either.
fn read_number(text: &str) -> Result<i32, AppError> {
    text.parse().ok().ok_or_else(no_such_publication)
}

fn no_such_publication() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có lịch số này", "There is no calendar of this number"))
}
