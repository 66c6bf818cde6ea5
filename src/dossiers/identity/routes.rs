//! Handlers for whole numbers and addresses.

use actix_web::web;

use super::export::{ExportForm, PersonExport, export};
use super::only_reason;
use super::reads::{Asked, ReadView, list};
use super::unmask::{IdentityView, UnmaskForm, unmask};
use crate::domain::role::Deed;
use crate::dossiers::routes::read_code;
use crate::error::AppError;
use crate::http::body::{Query, RawBody, from_json};
use crate::http::page::{Page, PageQuery};
use crate::staff::Signed;
use crate::state::AppState;

/// Shows the people of a dossier whole, to who oversees and gives a reason.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(post, path = "/api/v1/dossiers/{code}/identity", tag = "personal data",
    security(("bearer" = [])),
    params(("code" = String, Path)), request_body = UnmaskForm,
    responses((status = 200, body = IdentityView), (status = 404), (status = 422, description = "No good reason")))]
pub async fn unmask_identity(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
    body: RawBody,
) -> Result<web::Json<IdentityView>, AppError> {
    by.may(Deed::UnmaskIdentity)?;
    let form: UnmaskForm = from_json(&body.0)?;
    let (code, reason) = (read_code(&code)?, only_reason(form.reason.as_deref())?);
    Ok(web::Json(state.see(&by.0, move |conn, act| unmask(conn, act, &code, &reason)).await?))
}

/// Lists who has seen the people of a dossier whole, the newest first.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/identity/reads", tag = "personal data",
    security(("bearer" = [])),
    params(("code" = String, Path), PageQuery), responses((status = 200, body = Page<ReadView>), (status = 404)))]
pub async fn list_identity_reads(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<ReadView>>, AppError> {
    by.may(Deed::ReadAudit)?;
    let (after, limit) = query.read()?;
    let (code, asked) = (read_code(&code)?, Asked { after, limit });
    Ok(web::Json(state.look(&by.0, move |conn, act| list(conn, act, &code, asked)).await?))
}

/// Hands out all that is held of one person.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(post, path = "/api/v1/persons/exports", tag = "personal data",
    security(("bearer" = [])), request_body = ExportForm,
    responses((status = 200, body = PersonExport), (status = 422, description = "Fields are wrong: all are named")))]
pub async fn export_person(
    state: web::Data<AppState>,
    by: Signed,
    body: RawBody,
) -> Result<web::Json<PersonExport>, AppError> {
    by.may(Deed::ExportPerson)?;
    let wanted = from_json::<ExportForm>(&body.0)?.read()?;
    Ok(web::Json(state.see(&by.0, move |conn, act| export(conn, act, &wanted)).await?))
}
