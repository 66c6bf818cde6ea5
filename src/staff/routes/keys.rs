//! API keys, for who manages them.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::read_id;
use crate::domain::ids::KeyId;
use crate::domain::role::{Deed, Role};
use crate::error::{AppError, Said};
use crate::http::body::{Body, Faults, Query};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::accounts::unit_code;
use crate::staff::keys::{self, ApiKey, LONGEST_OVERLAP_HOURS, NewKey, read_addresses, read_role, read_scopes};
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
    /// The device that holds it: one key each.
    device: Option<String>,
    /// The role.
    role: String,
    /// The code of the unit.
    unit_code: String,
    /// What it carries of its role's rights, verbs and deeds as in `/me`; all of them when nothing is said.
    scopes: Option<Vec<String>>,
    /// From where it opens; from anywhere when nothing is said.
    addresses: Option<Vec<String>>,
    /// The account that made it.
    created_by: Option<uuid::Uuid>,
    /// Since when.
    created_at: OfficeTime,
    /// Until when, where it ends.
    expires_at: Option<OfficeTime>,
    /// Since when it opens nothing any more.
    revoked_at: Option<OfficeTime>,
    /// The key that takes its place; then it works until it expires.
    replaced_by: Option<uuid::Uuid>,
    /// When it was last used, to the minute.
    last_used_at: Option<OfficeTime>,
    /// From which address.
    last_used_from: Option<String>,
    /// When it was last shown from an address that it does not open from.
    refused_at: Option<OfficeTime>,
}

impl KeyShown {
    fn of(key: &ApiKey, act: &Act<'_>) -> Self {
        let role: Role = key.role;
        let told = |texts: &Vec<Option<String>>| texts.iter().flatten().cloned().collect();
        Self {
            id: key.id.0,
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            device: key.device.clone(),
            role: role.as_str().to_owned(),
            unit_code: unit_code(act, key.unit_id),
            scopes: key.scopes.as_ref().map(told),
            addresses: key.addresses.as_ref().map(told),
            created_by: key.created_by.map(|by| by.0),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(OfficeTime),
            revoked_at: key.revoked_at.map(OfficeTime),
            replaced_by: key.replaced_by.map(|by| by.0),
            last_used_at: key.last_used_at.map(OfficeTime),
            last_used_from: key.last_used_from.clone(),
            refused_at: key.refused_at.map(OfficeTime),
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
    /// The device that will hold it, by a name of its own such as `kiosk-03`; a device holds one key.
    device: Option<String>,
    /// A role that does not reach over the whole province; keys of those are made on the server.
    role: Option<String>,
    /// The code of the unit.
    unit_code: Option<String>,
    /// What it carries of its role's rights, verbs and deeds as in `/me`; all of them when nothing is said.
    scopes: Option<Vec<String>>,
    /// Addresses and networks (`10.1.0.0/16`) from which it opens; from anywhere when nothing is said.
    addresses: Option<Vec<String>>,
    /// Until when; for ever when nothing is said.
    expires_at: Option<DateTime<Utc>>,
}

impl NewKeyForm {
    fn read(self) -> Result<NewKey, AppError> {
        let mut faults = Faults::new();
        let name = faults.text("/name", 200, self.name.as_deref());
        let device = faults.optional_text("/device", 100, self.device.as_deref());
        let role = read_role(&mut faults, "/role", self.role.as_deref());
        let role = role
            .and_then(|role| faults.read("/role", from_the_server_only(), Some(role).filter(|role| !role.is_wide())));
        let unit_code = faults.required("/unit_code", self.unit_code);
        let scopes = read_scopes(&mut faults, "/scopes", role, self.scopes.as_deref());
        let addresses = read_addresses(&mut faults, "/addresses", self.addresses.as_deref());
        let read = || {
            Some(NewKey {
                name: name?,
                device,
                role: role?,
                unit_code: unit_code?,
                scopes: scopes?,
                addresses: addresses?,
                expires_at: self.expires_at,
            })
        };
        let read = read();
        faults.finish(read)
    }
}

fn from_the_server_only() -> Said {
    Said::new(
        "role_needs_two",
        "Khóa của vai trò này chỉ tạo được trên máy chủ: motcua key add",
        "A key of this role is made on the server alone: motcua key add",
    )
}

/// Makes a key, which is shown this once.
///
/// # Errors
/// 401; 403; 409 when the device holds a key already; 422.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "staff", request_body = NewKeyForm, security(("bearer" = [])),
    responses((status = 201, body = KeyMade), (status = 401), (status = 403), (status = 409), (status = 422)))]
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
    Ok(HttpResponse::Created().json(made))
}

/// What the rotation of a key takes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotationForm {
    /// For how long the old key works beside the new one: 0 to 720 hours, 24 when nothing is said.
    overlap_hours: Option<u32>,
    /// The end of the new one; that of the old one when nothing is said.
    expires_at: Option<DateTime<Utc>>,
}

impl RotationForm {
    fn read(self) -> Result<(TimeDelta, Option<DateTime<Utc>>), AppError> {
        let hours = self.overlap_hours.unwrap_or(24);
        if hours > LONGEST_OVERLAP_HOURS {
            let vi = format!("Tối đa {LONGEST_OVERLAP_HOURS} giờ");
            let en = format!("At most {LONGEST_OVERLAP_HOURS} hours");
            return Err(AppError::invalid("/overlap_hours", Said::new("too_long", vi, en)));
        }
        Ok((TimeDelta::hours(i64::from(hours)), self.expires_at))
    }
}

/// Makes a key that takes another's place, which works on for a while; the new one is shown this once.
///
/// # Errors
/// 401; 403; 404; 409 when it is revoked, replaced or at its end; 422.
#[utoipa::path(post, path = "/api/v1/api-keys/{id}/rotate", tag = "staff", request_body = RotationForm,
    security(("bearer" = [])), params(("id" = String, Path, description = "The key, by its id in the list")),
    responses((status = 201, body = KeyMade), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub async fn rotate_key(
    state: web::Data<AppState>,
    known: KnownBearers,
    signed: Signed,
    id: web::Path<String>,
    Body(form): Body<RotationForm>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ManageKeys)?;
    let id = KeyId(read_id(&id, "khóa API", "API key")?);
    let (overlap, expires_at) = form.read()?;
    let made = state
        .act(&signed.0, move |conn, act| {
            let (key, row) = keys::rotate(conn, act, id, overlap, expires_at)?;
            let shown = KeyShown::of(&row, act);
            Ok(KeyMade { key, shown })
        })
        .await?;
    // The old one may end at once.
    known.forget();
    Ok(HttpResponse::Created().json(made))
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
