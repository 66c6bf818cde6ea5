//! API keys, for who manages them.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::read_id;
use super::sessions::{PageQuery, secret_answer};
use crate::domain::ids::KeyId;
use crate::domain::role::{Deed, Role};
use crate::error::AppError;
use crate::http::body::{Body, Faults, Query};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page};
use crate::staff::accounts::unit_code;
use crate::staff::keys::{self, ApiKey, NewKey, read_role};
use crate::staff::{KnownBearers, Signed};
use crate::state::{Act, AppState};

/// A key as answers show it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyShown {
    /// Its own key in this list.
    id: uuid::Uuid,
    /// Which counter or system holds it.
    name: String,
    /// The eight characters after `mck_`, by which a key is told from others.
    prefix: String,
    /// The role.
    role: String,
    /// The code of the unit.
    unit_code: String,
    /// The account that made it.
    created_by: Option<uuid::Uuid>,
    /// Since when.
    created_at: OfficeTime,
    /// Until when, where it ends.
    expires_at: Option<OfficeTime>,
    /// Since when it opens nothing any more.
    revoked_at: Option<OfficeTime>,
    /// When it was last used, to the minute.
    last_used_at: Option<OfficeTime>,
}

impl KeyShown {
    fn of(key: &ApiKey, act: &Act<'_>) -> Self {
        let role: Role = key.role;
        Self {
            id: key.id.0,
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            role: role.as_str().to_owned(),
            unit_code: unit_code(act, key.unit_id),
            created_by: key.created_by.map(|by| by.0),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(OfficeTime),
            revoked_at: key.revoked_at.map(OfficeTime),
            last_used_at: key.last_used_at.map(OfficeTime),
        }
    }
}

/// A key just made: the only time that it is shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyMade {
    /// The whole key; goes into `Authorization: Bearer …`.
    key: String,
    /// What the list shows of it.
    #[serde(flatten)]
    shown: KeyShown,
}

/// Lists keys in the order in which they were made.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "staff", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<KeyShown>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_keys(
    state: web::Data<AppState>,
    signed: Signed,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<KeyShown>>, AppError> {
    signed.may(Deed::ManageKeys)?;
    let (after, limit) = query.read()?;
    let page = state
        .look(&signed.0, move |conn, act| {
            let page = Page::cut(keys::list(conn, after, limit)?, limit, |key: &ApiKey| Cursor {
                at: key.created_at,
                id: key.id.0,
            });
            let items = page.items.iter().map(|key| KeyShown::of(key, act));
            Ok(Page { items: items.collect(), next_cursor: page.next_cursor })
        })
        .await?;
    Ok(web::Json(page))
}

/// What a new key takes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKeyForm {
    /// Which counter or system will hold it.
    name: Option<String>,
    /// Any role but `admin`.
    role: Option<String>,
    /// The code of the unit.
    unit_code: Option<String>,
    /// Until when; for ever when nothing is said.
    expires_at: Option<DateTime<Utc>>,
}

impl NewKeyForm {
    fn read(self) -> Result<NewKey, AppError> {
        let mut faults = Faults::new();
        let name = faults.text("/name", 200, self.name.as_deref());
        let role = read_role(&mut faults, "/role", self.role.as_deref());
        let unit_code = faults.required("/unit_code", self.unit_code);
        let read = || Some(NewKey { name: name?, role: role?, unit_code: unit_code?, expires_at: self.expires_at });
        let read = read();
        faults.finish(read)
    }
}

/// Makes a key, which is shown this once.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "staff", request_body = NewKeyForm, security(("bearer" = [])),
    responses((status = 201, body = KeyMade), (status = 401), (status = 403), (status = 422)))]
pub async fn add_key(
    state: web::Data<AppState>,
    signed: Signed,
    Body(form): Body<NewKeyForm>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ManageKeys)?;
    let form = form.read()?;
    let made = state
        .act(&signed.0, move |conn, act| {
            let (key, row) = keys::add(conn, act, &form)?;
            let shown = KeyShown::of(&row, act);
            Ok(KeyMade { key, shown })
        })
        .await?;
    Ok(secret_answer(HttpResponse::Created()).json(made))
}

/// Revokes a key.
///
/// # Errors
/// 401, 403, 404.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "staff", security(("bearer" = [])),
    params(("id" = String, Path, description = "The key, by its id in the list")),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn revoke_key(
    state: web::Data<AppState>,
    known: KnownBearers,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ManageKeys)?;
    let id = KeyId(read_id(&id, "khóa API", "API key")?);
    state.act(&signed.0, move |conn, act| keys::revoke(conn, act, id)).await?;
    known.forget();
    Ok(HttpResponse::NoContent().finish())
}
