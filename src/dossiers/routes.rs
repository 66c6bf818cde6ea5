//! Handlers for dossiers.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde_json::json;

use super::action::{Action, Done};
use super::assign::{Reassign, Reassigned, reassign};
use super::batch::{Batch, BatchReceived, receive_batch};
use super::change::{Ask, no_such_dossier};
use super::correct::{Correction, correct};
use super::intake::Intake;
use super::mirror::{Mirrored, mirror};
use super::process::{self, ProcessView};
use super::receive::{Received, receive, submit};
use super::search::{Filter, search};
use super::view::{DeadlineView, DossierView, EventView, Summary, events, explained, show};
use crate::approvals;
use crate::approvals::routes::ApprovalShown;
use crate::domain::code::DossierCode;
use crate::domain::dossier::Verb;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::{Query, RawBody, from_json};
use crate::http::etag::{IfMatch, etag};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::page::Page;
use crate::staff::signed::Signed;
use crate::state::{Act, AppState};

/// A body whose faults wait until it is clear that who asks may use the verb at all.
type Unread = Result<RawBody, AppError>;

/// Takes a dossier in at the counter or from the post.
///
/// # Errors
/// See [`receive`].
#[utoipa::path(post, path = "/api/v1/dossiers", tag = "dossiers",
    security(("bearer" = [])), request_body = Intake,
    responses((status = 201, body = Summary), (status = 422, description = "Fields are wrong: all are named")))]
pub async fn receive_dossier(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    body: Unread,
) -> Result<HttpResponse, AppError> {
    by.may_use(Verb::Receive)?;
    let body = body?.0;
    let (intake, key): (Intake, _) = (from_json(&body)?, Key::read(&req, &body)?);
    let answer =
        state.act(&by.0, move |conn, act| once(conn, act, key.as_ref(), |conn| slip(conn, act, &intake, receive)));
    Ok(answer.await?.response())
}

/// Takes in many dossiers of one submitter at the counter: all of them or none.
///
/// # Errors
/// See `batch::receive_batch`.
#[utoipa::path(post, path = "/api/v1/dossiers/batches", tag = "dossiers",
    security(("bearer" = [])), request_body = Batch,
    responses((status = 201, body = BatchReceived), (status = 422, description = "Fields are wrong: all are named")))]
pub async fn receive_dossiers(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    body: Unread,
) -> Result<HttpResponse, AppError> {
    by.may_use(Verb::Receive)?;
    let body = body?.0;
    let (batch, key): (Batch, _) = (from_json(&body)?, Key::read(&req, &body)?);
    let answer = state.act(&by.0, move |conn, act| {
        once(conn, act, key.as_ref(), |conn| Answer::new(StatusCode::CREATED, None, &receive_batch(conn, act, &batch)?))
    });
    Ok(answer.await?.response())
}

/// Registers a dossier filed online.
///
/// # Errors
/// See [`submit`].
#[utoipa::path(post, path = "/api/v1/dossiers/submissions", tag = "dossiers",
    security(("bearer" = [])), request_body = Intake,
    responses((status = 201, body = Summary), (status = 422, description = "Fields are wrong: all are named")))]
pub async fn submit_dossier(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    body: Unread,
) -> Result<HttpResponse, AppError> {
    by.may_use(Verb::Submit)?;
    let body = body?.0;
    let (intake, key): (Intake, _) = (from_json(&body)?, Key::read(&req, &body)?);
    let answer =
        state.act(&by.0, move |conn, act| once(conn, act, key.as_ref(), |conn| slip(conn, act, &intake, submit)));
    Ok(answer.await?.response())
}

type TakeIn = fn(&mut PgConnection, &Act<'_>, &Intake) -> Result<Received, AppError>;

fn slip(conn: &mut PgConnection, act: &Act<'_>, intake: &Intake, take_in: TakeIn) -> Result<Answer, AppError> {
    let summary = take_in(conn, act, intake)?.slip(conn, act, intake)?;
    Answer::new(StatusCode::CREATED, Some(summary.version), &summary)
}

/// Stores what a ministry's own system tells of a dossier, for the first time or anew; nothing is told to its people.
///
/// # Errors
/// See `mirror::mirror`.
#[utoipa::path(put, path = "/api/v1/dossiers/mirrored", tag = "dossiers",
    security(("bearer" = [])), request_body = Mirrored,
    responses((status = 200, body = Summary), (status = 409, description = "The code is that of a dossier of our own"),
        (status = 422, description = "Fields are wrong: all are named")))]
pub async fn mirror_dossier(state: web::Data<AppState>, by: Signed, body: Unread) -> Result<HttpResponse, AppError> {
    by.may_use(Verb::Mirror)?;
    let form: Mirrored = from_json(&body?.0)?;
    let summary = state.act(&by.0, move |conn, act| Ok(Summary::of(act, &mirror(conn, act, &form)?))).await?;
    Ok(HttpResponse::Ok().insert_header(etag(summary.version)).json(summary))
}

/// Lists dossiers.
///
/// # Errors
/// See [`search`].
#[utoipa::path(get, path = "/api/v1/dossiers", tag = "dossiers",
    security(("bearer" = [])), params(Filter),
    responses((status = 200, body = Page<Summary>)))]
pub async fn list_dossiers(
    state: web::Data<AppState>,
    by: Signed,
    filter: Query<Filter>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let page = state.look(&by.0, move |conn, act| search(conn, act, &filter.0)).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Shows a dossier whole.
///
/// # Errors
/// [`AppError::NotFound`] for one that who asks may not know of.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}", tag = "dossiers",
    security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = DossierView), (status = 404, description = "None that you may know of")))]
pub async fn show_dossier(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let code = read_code(&code)?;
    let view = state.see(&by.0, move |conn, act| show(conn, act, &code)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.summary.version)).json(view))
}

/// Shows the history of a dossier.
///
/// # Errors
/// As [`show_dossier`].
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/events", tag = "dossiers",
    security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = Page<EventView>), (status = 404, description = "None that you may know of")))]
pub async fn list_events(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let code = read_code(&code)?;
    let items = state.look(&by.0, move |conn, act| events(conn, act, &code)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Explains the due date of a dossier day by day.
///
/// # Errors
/// As [`show_dossier`]; also for a dossier that is not accepted yet.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/deadline", tag = "dossiers",
    security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = DeadlineView), (status = 404, description = "None, or not accepted yet")))]
pub async fn explain_deadline(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let code = read_code(&code)?;
    let view = state.look(&by.0, move |conn, act| explained(conn, act, &code)).await?;
    let view = view.ok_or_else(|| {
        AppError::NotFound(crate::error::Said::new(
            "not_accepted",
            "Hồ sơ chưa được tiếp nhận nên chưa có hạn trả",
            "The dossier is not accepted yet, so it has no due date",
        ))
    })?;
    Ok(HttpResponse::Ok().json(view))
}

/// Shows where a dossier is in its process, who holds it, what comes, and who held it for how long.
///
/// # Errors
/// As [`show_dossier`].
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/process", tag = "dossiers",
    security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = ProcessView), (status = 404, description = "None that you may know of")))]
pub async fn show_process(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let code = read_code(&code)?;
    let view = state.look(&by.0, move |conn, act| process::show(conn, act, &code)).await?;
    Ok(HttpResponse::Ok().json(view))
}

/// Gives the steps under way that somebody holds to a colleague: for leave and transfers. At most 200 at once.
///
/// # Errors
/// 401; 403; 422 for people who are not there.
#[utoipa::path(post, path = "/api/v1/steps/reassignments", tag = "dossiers",
    security(("bearer" = [])), request_body = Reassign,
    responses((status = 200, body = Reassigned), (status = 401), (status = 403),
        (status = 422, description = "Fields are wrong: all are named")))]
pub async fn reassign_steps(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    body: Unread,
) -> Result<HttpResponse, AppError> {
    by.may_use(Verb::Assign)?;
    let body = body?.0;
    let (form, key): (Reassign, _) = (from_json(&body)?, Key::read(&req, &body)?);
    let answer = state.act(&by.0, move |conn, act| {
        once(conn, act, key.as_ref(), |conn| Answer::new(StatusCode::OK, None, &reassign(conn, act, &form)?))
    });
    Ok(answer.await?.response())
}

/// Corrects contact and descriptive data.
///
/// # Errors
/// See `correct::correct`.
#[utoipa::path(patch, path = "/api/v1/dossiers/{code}", tag = "dossiers",
    security(("bearer" = [])), params(("code" = String, Path)),
    request_body = Correction,
    responses((status = 200, body = Summary), (status = 409, description = "The status forbids it"),
        (status = 412, description = "It has changed since it was read")))]
pub async fn correct_dossier(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    code: web::Path<String>,
    body: Unread,
) -> Result<HttpResponse, AppError> {
    by.may_use(Verb::Correct)?;
    let ask = ask(&req, &code)?;
    let form: Correction = from_json(&body?.0)?;
    let summary = state.act(&by.0, move |conn, act| Ok(Summary::of(act, &correct(conn, act, &ask, &form)?))).await?;
    Ok(HttpResponse::Ok().insert_header(etag(summary.version)).json(summary))
}

/// Does a verb to a dossier: `accept`, `transfer`, `finish`, `hand_over` …
///
/// # Errors
/// [`AppError::Conflict`] when the status forbids it, [`AppError::Stale`] when `If-Match` failed.
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/actions/{verb}", tag = "dossiers",
    security(("bearer" = [])),
    params(("code" = String, Path), ("verb" = String, Path)), request_body = Object,
    responses((status = 200, body = Summary), (status = 202, description = "Proposed: a second person must confirm"),
        (status = 409, description = "The status forbids it"),
        (status = 412, description = "It has changed since it was read")))]
pub async fn act_on_dossier(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    path: web::Path<(String, String)>,
    body: Unread,
) -> Result<HttpResponse, AppError> {
    let (code, verb) = path.into_inner();
    by.may_use(Action::verb(&verb)?)?;
    let body = body?.0;
    let action = Action::read(&verb, &body)?;
    let (ask, key) = (ask(&req, &code)?, Key::read(&req, &body)?);
    let answer =
        state.act(&by.0, move |conn, act| once(conn, act, key.as_ref(), |conn| carry_out(conn, act, &ask, &action)));
    Ok(answer.await?.response())
}

fn carry_out(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, action: &Action) -> Result<Answer, AppError> {
    match action.apply(conn, act, ask)? {
        Done::Changed(dossier) => {
            let summary = Summary::of(act, &dossier);
            Answer::new(StatusCode::OK, Some(summary.version), &summary)
        }
        Done::Proposed(dossier, proposal) => {
            let proposed = approvals::propose(conn, act, &proposal)?;
            let shown = ApprovalShown::of(&proposed, act);
            Answer::new(StatusCode::ACCEPTED, Some(dossier.version), &json!({ "approval": shown }))
        }
    }
}

fn ask(req: &HttpRequest, code: &str) -> Result<Ask, AppError> {
    Ok(Ask { code: read_code(code)?, if_match: IfMatch::read(req.headers()) })
}

/// A code that can't be one is no dossier either.
pub(super) fn read_code(code: &str) -> Result<DossierCode, AppError> {
    DossierCode::read(code).ok_or_else(no_such_dossier)
}
