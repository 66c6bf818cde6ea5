//! Handlers for reorganisations, for who manages the catalogue.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;

use super::decide::code_taken;
use super::foresee::foresee;
use super::form::{PlanForm, is_code};
use super::queries;
use super::view::{ReorganisationList, ReorganisationView, WouldReorganiseView};
use crate::approvals::routes::ApprovalShown;
use crate::approvals::{Proposal, propose};
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::staff::Signed;
use crate::state::{Act, AppState};

/// A reorganisation to be proposed.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReorganisation {
    /// What becomes of which unit.
    plan: Option<PlanForm>,
    /// Only says what it would reach.
    dry_run: Option<bool>,
}

/// Proposes that units merge, split or are renamed from a day on; decided when an admin or a centre head confirms at
/// `/approvals`. With `dry_run` it only says what the plan would reach.
///
/// # Errors
/// [`AppError::Invalid`] with every fault of the plan, [`AppError::Conflict`] when the code is in use.
#[utoipa::path(post, path = "/api/v1/reorganisations", tag = "reorganisations",
    security(("bearer" = [])), request_body = NewReorganisation,
    responses((status = 200, body = WouldReorganiseView, description = "A dry run: nothing was written"),
        (status = 202, body = ApprovalShown), (status = 401), (status = 403),
        (status = 409, description = "There is one with this code, or it is proposed already"), (status = 422)))]
pub async fn propose_reorganisation(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let form: NewReorganisation = from_json(&body)?;
    let mut faults = Faults::new();
    let plan = faults.required("/plan", form.plan);
    let plan = faults.finish(plan)?;
    if form.dry_run == Some(true) {
        let would = state.figures(&by.0, move |conn, act| {
            let (plan, reach) = foresee(conn, act, &plan).map_err(in_plan)?;
            Ok(WouldReorganiseView::new(plan, reach))
        });
        return Ok(HttpResponse::Ok().json(would.await?));
    }
    let key = Key::read(&req, &body)?;
    let answer = state.act(&by.0, move |conn, act| once(conn, act, key.as_ref(), |conn| proposed(conn, act, &plan)));
    Ok(answer.await?.response())
}

fn proposed(conn: &mut PgConnection, act: &Act<'_>, form: &PlanForm) -> Result<Answer, AppError> {
    let plan = form.read(act.catalogue()).map_err(in_plan)?;
    if queries::find(conn, &plan.code)?.is_some() {
        return Err(code_taken());
    }
    let body = serde_json::to_value(form).map_err(|err| AppError::Internal(err.into()))?;
    let approval = propose(conn, act, &Proposal::Reorganise { code: plan.code, plan: body, source: plan.source })?;
    Answer::new(StatusCode::ACCEPTED, None, &ApprovalShown::of(&approval, act))
}

/// The plan lies below `/plan` in the body.
fn in_plan(err: AppError) -> AppError {
    match err {
        AppError::Invalid(mut faults) => {
            for fault in &mut faults {
                fault.pointer.insert_str(0, "/plan");
            }
            AppError::Invalid(faults)
        }
        err => err,
    }
}

/// Lists reorganisations, the latest day first.
///
/// # Errors
/// 401, 403.
#[utoipa::path(get, path = "/api/v1/reorganisations", tag = "reorganisations", security(("bearer" = [])),
    responses((status = 200, body = ReorganisationList), (status = 401), (status = 403)))]
pub async fn list_reorganisations(state: web::Data<AppState>, by: Signed) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let found = state.look(&by.0, |conn, _| Ok(queries::list(conn)?)).await?;
    let items = found.into_iter().map(ReorganisationView::from).collect();
    Ok(HttpResponse::Ok().json(ReorganisationList { items }))
}

/// Shows a reorganisation, and how far the dossiers have followed it.
///
/// # Errors
/// [`AppError::NotFound`].
#[utoipa::path(get, path = "/api/v1/reorganisations/{code}", tag = "reorganisations", security(("bearer" = [])),
    params(("code" = String, Path, description = "Its code")),
    responses((status = 200, body = ReorganisationView), (status = 401), (status = 403), (status = 404)))]
pub async fn show_reorganisation(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let code = code.into_inner();
    // What can be no code is no reorganisation either.
    let found = match is_code(&code) {
        true => state.look(&by.0, move |conn, _| Ok(queries::find(conn, &code)?)).await?,
        false => None,
    };
    let said = || Said::new("not_found", "Không có đợt sắp xếp này", "There is no such reorganisation");
    let found = found.ok_or_else(|| AppError::NotFound(said()))?;
    Ok(HttpResponse::Ok().json(ReorganisationView::from(found)))
}
