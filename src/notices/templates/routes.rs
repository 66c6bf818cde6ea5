//! Wordings over the API. Whoever works here reads them; who manages notices writes them, and another reviews them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;

use super::draft::{self, DraftForm};
use super::in_use::{activate, retire};
use super::name::{Name, read_key};
use super::preview::{PreviewView, preview};
use super::queries;
use super::review::{no_such_version, submit};
use super::row::{Row, faults};
use super::vendor_ids::{self, VendorIdForm, is_gateway};
use super::view::{ItemView, ListView, ShownView, VersionView};
use crate::approvals::routes::ApprovalShown;
use crate::domain::notice::Parameter;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Body, Faults, Query, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::Signed;
use crate::state::{Act, AppState};

const LONGEST_REASON: usize = 500;

/// Lists the wordings in use by purpose and channel, and what a wording may speak of.
///
/// # Errors
/// 401.
#[utoipa::path(get, path = "/api/v1/notice-templates", tag = "notices", security(("bearer" = [])),
    responses((status = 200, body = ListView), (status = 401)))]
pub async fn list_templates(state: web::Data<AppState>, by: Signed) -> Result<HttpResponse, AppError> {
    let items = state.look(&by.0, |conn, _| list(conn)).await?;
    let parameters = Parameter::ALL.iter().map(|parameter| (*parameter).into()).collect();
    Ok(HttpResponse::Ok().json(ListView { items, parameters }))
}

fn list(conn: &mut PgConnection) -> Result<Vec<ItemView>, AppError> {
    let (active, highest) = (queries::active(conn)?, queries::highest(conn)?);
    let ids: Vec<_> = active.iter().map(|row| row.id).collect();
    let mut vendor_ids = queries::vendor_ids(conn, &ids)?;
    let items = active.into_iter().map(|row| ItemView {
        newest_version: highest.get(&row.key()).copied().unwrap_or(row.version),
        faults: faults(&row).into_iter().map(Into::into).collect(),
        version: VersionView::new(row.clone(), vendor_ids.remove(&row.id).unwrap_or_default()),
    });
    Ok(items.collect())
}

/// Lists all versions of a wording, the newest first.
///
/// # Errors
/// 401; [`AppError::NotFound`]; 422.
#[utoipa::path(get, path = "/api/v1/notice-templates/{purpose}/{channel}", tag = "notices",
    security(("bearer" = [])), params(("purpose" = String, Path), ("channel" = String, Path), PageQuery),
    responses((status = 200, body = Page<VersionView>), (status = 401), (status = 404), (status = 422)))]
pub async fn list_template_versions(
    state: web::Data<AppState>,
    by: Signed,
    path: web::Path<(String, String)>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let key = read_key(&format!("{}/{}", path.0, path.1)).ok_or_else(no_such_version)?;
    let (after, limit) = query.read()?;
    let page = state.look(&by.0, move |conn, _| {
        let rows = queries::versions(conn, key, (after, limit))?;
        let page = Page::cut(rows, limit, |row: &Row| Cursor { at: row.created_at, id: row.id.0 });
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        let mut vendor_ids = queries::vendor_ids(conn, &ids)?;
        let shown = page.items.into_iter().map(|row| {
            let ids = vendor_ids.remove(&row.id).unwrap_or_default();
            VersionView::new(row, ids)
        });
        Ok(Page { items: shown.collect::<Vec<_>>(), next_cursor: page.next_cursor })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// Shows one version, with what its messages look like and cost.
///
/// # Errors
/// 401; [`AppError::NotFound`].
#[utoipa::path(get, path = "/api/v1/notice-templates/{purpose}/{channel}/{version}", tag = "notices",
    security(("bearer" = [])),
    params(("purpose" = String, Path), ("channel" = String, Path), ("version" = String, Path)),
    responses((status = 200, body = ShownView), (status = 401), (status = 404)))]
pub async fn show_template(
    state: web::Data<AppState>,
    by: Signed,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, AppError> {
    let name = read_name(&path)?;
    let shown = state.look(&by.0, move |conn, act| show(conn, act, name)).await?;
    Ok(HttpResponse::Ok().json(shown))
}

fn show(conn: &mut PgConnection, act: &Act<'_>, name: Name) -> Result<ShownView, AppError> {
    let row = queries::find(conn, name)?.ok_or_else(no_such_version)?;
    let vendor_ids = queries::vendor_ids(conn, &[row.id])?.remove(&row.id).unwrap_or_default();
    let (preview, faults) = match row.template(vendor_ids.clone()) {
        Ok(template) => (Some(preview(conn, act, &template)?), Vec::new()),
        Err(faults) => (None, faults.into_iter().map(Into::into).collect()),
    };
    Ok(ShownView { version: VersionView::new(row, vendor_ids), preview, faults })
}

/// Writes a wording as a draft, the next version of its purpose and channel. It is sent to nobody.
///
/// # Errors
/// 401; 403; [`AppError::Invalid`] with every fault.
#[utoipa::path(post, path = "/api/v1/notice-templates", tag = "notices", security(("bearer" = [])),
    request_body = DraftForm,
    responses((status = 201, body = ShownView), (status = 401), (status = 403), (status = 422)))]
pub async fn write_template(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageNotices)?;
    let form: DraftForm = from_json(&body)?;
    let key = Key::read(&req, &body)?;
    let writing = move |conn: &mut PgConnection, act: &Act<'_>| {
        once(conn, act, key.as_ref(), |conn| {
            let row = draft::write(conn, act, &form)?;
            Answer::new(StatusCode::CREATED, None, &show(conn, act, row.name())?)
        })
    };
    Ok(state.act_over_all(&by.0, writing).await?.response())
}

/// Shows what a wording would make and cost, and what is wrong with it; nothing is written.
///
/// # Errors
/// 401; 403; [`AppError::Invalid`] with every fault that a draft must not have.
#[utoipa::path(post, path = "/api/v1/notice-templates/preview", tag = "notices", security(("bearer" = [])),
    request_body = DraftForm,
    responses((status = 200, body = PreviewView), (status = 401), (status = 403), (status = 422)))]
pub async fn preview_template(
    state: web::Data<AppState>,
    by: Signed,
    Body(form): Body<DraftForm>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageNotices)?;
    let shown = state.look(&by.0, move |conn, act| preview(conn, act, &form.read(act.by, act.now)?.template)).await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// Why a draft is to be used.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateActionForm {
    /// To submit: why, for who reviews it.
    reason: Option<String>,
}

/// `submit` proposes a draft to a second person, who confirms at `/approvals`; `activate` brings a reviewed version into
/// use; `retire` takes the one in use out of it, and the one before speaks again.
///
/// # Errors
/// 401; 403; [`AppError::NotFound`]; [`AppError::Conflict`]; [`AppError::Invalid`] with what is wrong with the wording.
#[utoipa::path(post, path = "/api/v1/notice-templates/{purpose}/{channel}/{version}/actions/{action}",
    tag = "notices", security(("bearer" = [])), request_body = TemplateActionForm,
    params(("purpose" = String, Path), ("channel" = String, Path), ("version" = String, Path),
        ("action" = String, Path, description = "`submit`, `activate` or `retire`")),
    responses((status = 200, body = ShownView, description = "The version in use now"),
        (status = 202, body = ApprovalShown), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub async fn act_on_template(
    state: web::Data<AppState>,
    by: Signed,
    path: web::Path<(String, String, String, String)>,
    req: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageNotices)?;
    let (purpose, channel, version, action) = path.into_inner();
    let name = read_name(&(purpose, channel, version))?;
    let form: TemplateActionForm = from_json(&body)?;
    let key = Key::read(&req, &body)?;
    let acting = move |conn: &mut PgConnection, act: &Act<'_>| {
        once(conn, act, key.as_ref(), |conn| match action.as_str() {
            "submit" => proposed(conn, act, name, &form),
            "activate" => activate(conn, act, name).and_then(|row| in_use(conn, act, &row)),
            "retire" => retire(conn, act, name).and_then(|row| in_use(conn, act, &row)),
            _ => Err(no_such_action()),
        })
    };
    Ok(state.act_over_all(&by.0, acting).await?.response())
}

fn proposed(conn: &mut PgConnection, act: &Act<'_>, name: Name, form: &TemplateActionForm) -> Result<Answer, AppError> {
    let mut faults = Faults::new();
    let reason = faults.text("/reason", LONGEST_REASON, form.reason.as_deref());
    let approval = submit(conn, act, name, faults.finish(reason)?)?;
    Answer::new(StatusCode::ACCEPTED, None, &ApprovalShown::of(&approval, act))
}

fn in_use(conn: &mut PgConnection, act: &Act<'_>, row: &Row) -> Result<Answer, AppError> {
    Answer::new(StatusCode::OK, None, &show(conn, act, row.name())?)
}

/// Notes under which number the vendor behind a gateway keeps a reviewed version; its words stay as they are.
///
/// # Errors
/// 401; 403; [`AppError::NotFound`]; [`AppError::Conflict`] for a draft; 422.
#[utoipa::path(put, path = "/api/v1/notice-templates/{purpose}/{channel}/{version}/vendor-ids/{gateway}",
    tag = "notices", security(("bearer" = [])), request_body = VendorIdForm,
    params(("purpose" = String, Path), ("channel" = String, Path), ("version" = String, Path),
        ("gateway" = String, Path, description = "Its name in the settings")),
    responses((status = 200, body = ShownView), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub async fn set_template_vendor_id(
    state: web::Data<AppState>,
    by: Signed,
    path: web::Path<(String, String, String, String)>,
    Body(form): Body<VendorIdForm>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageNotices)?;
    let (purpose, channel, version, gateway) = path.into_inner();
    let name = read_name(&(purpose, channel, version))?;
    if !is_gateway(&gateway) {
        return Err(no_such_version());
    }
    let vendor_id = form.read()?;
    let setting = move |conn: &mut PgConnection, act: &Act<'_>| {
        vendor_ids::set(conn, act, name, (&gateway, &vendor_id))?;
        show(conn, act, name)
    };
    Ok(HttpResponse::Ok().json(state.act_over_all(&by.0, setting).await?))
}

fn read_name((purpose, channel, version): &(String, String, String)) -> Result<Name, AppError> {
    Name::read(&format!("{purpose}/{channel}/{version}")).ok_or_else(no_such_version)
}

fn no_such_action() -> AppError {
    AppError::NotFound(Said::new(
        "no_such_action",
        "Chỉ có submit, activate và retire",
        "There are only submit, activate and retire",
    ))
}
