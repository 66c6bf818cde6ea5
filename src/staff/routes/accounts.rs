//! Accounts, for who manages them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::read_id;
use crate::domain::ids::StaffId;
use crate::domain::role::{Deed, Role};
use crate::error::AppError;
use crate::http::body::{Body, Faults, Query};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::accounts::{
    self, Account, AccountChange, AccountFilter, NewAccount, read_role, read_username, unit_code,
};
use crate::staff::{KnownBearers, Signed, grants, password};
use crate::state::{Act, AppState};

const LONGEST_NAME: usize = 200;

/// An account as answers show it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccountShown {
    /// Its key.
    id: uuid::Uuid,
    /// The name to log in by.
    username: String,
    /// The name that histories show.
    full_name: String,
    /// The role.
    role: String,
    /// The code of the unit.
    unit_code: String,
    /// Whether nobody comes in by it.
    disabled: bool,
    /// Since when it is there.
    created_at: OfficeTime,
}

impl AccountShown {
    pub(super) fn of(account: &Account, act: &Act<'_>) -> Self {
        Self {
            id: account.id.0,
            username: account.username.clone(),
            full_name: account.full_name.clone(),
            role: account.role.as_str().to_owned(),
            unit_code: unit_code(act, account.unit_id),
            disabled: account.disabled_at.is_some(),
            created_at: account.created_at.into(),
        }
    }
}

/// Which accounts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// The code of a unit: its accounts and those of units below it.
    unit: Option<String>,
    /// A role.
    role: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl AccountQuery {
    fn read(self) -> Result<(AccountFilter, i64), AppError> {
        let page = PageQuery { cursor: self.cursor, limit: self.limit };
        let (after, limit) = page.read()?;
        let mut faults = Faults::new();
        let role: Option<Role> = self.role.and_then(|word| faults.word("?role", &word));
        let filter = AccountFilter { unit_code: self.unit, role, after };
        faults.finish(Some((filter, limit)))
    }
}

/// Lists accounts in the order in which they were made.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/staff", tag = "staff", params(AccountQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<AccountShown>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_staff(
    state: web::Data<AppState>,
    signed: Signed,
    Query(query): Query<AccountQuery>,
) -> Result<web::Json<Page<AccountShown>>, AppError> {
    signed.may(Deed::ManageStaff)?;
    let (filter, limit) = query.read()?;
    let page = state
        .look(&signed.0, move |conn, act| {
            let found = accounts::list(conn, act, &filter, limit)?;
            let page = Page::cut(found, limit, |account: &Account| Cursor { at: account.created_at, id: account.id.0 });
            let items = page.items.iter().map(|account| AccountShown::of(account, act));
            Ok(Page { items: items.collect(), next_cursor: page.next_cursor })
        })
        .await?;
    Ok(web::Json(page))
}

/// What a new account takes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccountForm {
    /// 2 to 64 small letters, digits, dots and dashes.
    username: Option<String>,
    /// The name that histories show.
    full_name: Option<String>,
    /// A role that does not reach over the whole province; those are proposed afterwards, at `/staff/{id}/grants`.
    role: Option<String>,
    /// The code of the unit.
    unit_code: Option<String>,
    /// At least 12 characters, and not the user name.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
}

impl NewAccountForm {
    fn read(self) -> Result<(NewAccount, SecretString), AppError> {
        let mut faults = Faults::new();
        let username = read_username(&mut faults, "/username", self.username.as_deref());
        let full_name = faults.text("/full_name", LONGEST_NAME, self.full_name.as_deref());
        let role = read_role(&mut faults, "/role", self.role.as_deref());
        let role = role.and_then(|role| grants::narrow(&mut faults, "/role", role));
        let unit_code = faults.required("/unit_code", self.unit_code);
        let name = username.as_deref().unwrap_or_default();
        let password = password::check_new(&mut faults, "/password", self.password, name);
        let read = || {
            let account = NewAccount { username: username?, full_name: full_name?, role: role?, unit_code: unit_code? };
            Some((account, password?))
        };
        let read = read();
        faults.finish(read)
    }
}

impl NewAccount {
    /// What `Idempotency-Key` compares: all but the password, of which no quick hash may be kept.
    fn without_secrets(&self) -> String {
        let role: Role = self.role;
        [&self.username, &self.full_name, role.as_str(), &self.unit_code].join("\0")
    }
}

/// Makes an account.
///
/// # Errors
/// 401, 403; 409 when the user name is taken; 422.
#[utoipa::path(post, path = "/api/v1/staff", tag = "staff", request_body = NewAccountForm, security(("bearer" = [])),
    responses((status = 201, body = AccountShown), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub async fn add_staff(
    req: HttpRequest,
    state: web::Data<AppState>,
    signed: Signed,
    Body(form): Body<NewAccountForm>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ManageStaff)?;
    let (form, password) = form.read()?;
    let key = Key::read(&req, form.without_secrets().as_bytes())?;
    let hash = password::hash(password).await?;
    let answer = state
        .act(&signed.0, move |conn, act| {
            once(conn, act, key.as_ref(), |conn| {
                let account = accounts::add(conn, act, &form, &hash)?;
                Answer::new(StatusCode::CREATED, None, &AccountShown::of(&account, act))
            })
        })
        .await?;
    Ok(answer.response())
}

/// What may be changed of an account; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChangeForm {
    /// The name that histories show.
    full_name: Option<String>,
    /// A role that does not reach over the whole province; those are proposed at `/staff/{id}/grants`.
    role: Option<String>,
    /// The code of the unit.
    unit_code: Option<String>,
    /// Whether nobody comes in by it any more.
    disabled: Option<bool>,
    /// A new password; ends all sessions.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
}

impl AccountChangeForm {
    fn read(self, username: &str) -> Result<(AccountChange, Option<SecretString>), AppError> {
        let mut faults = Faults::new();
        let full_name = self.full_name.and_then(|name| faults.text("/full_name", LONGEST_NAME, Some(&name)));
        let role = self.role.and_then(|word| read_role(&mut faults, "/role", Some(&word)));
        let role = role.and_then(|role| grants::narrow(&mut faults, "/role", role));
        let password =
            self.password.and_then(|password| password::check_new(&mut faults, "/password", Some(password), username));
        let change =
            AccountChange { full_name, role, unit_code: self.unit_code, disabled: self.disabled, password_hash: None };
        faults.finish(Some((change, password)))
    }
}

/// Changes an account; who is disabled or gets a new password, role or unit is logged out everywhere.
///
/// # Errors
/// 401, 403, 404; 409 for the last admin; 422.
#[utoipa::path(patch, path = "/api/v1/staff/{id}", tag = "staff", request_body = AccountChangeForm,
    params(("id" = String, Path, description = "The account")), security(("bearer" = [])),
    responses((status = 200, body = AccountShown), (status = 401), (status = 403), (status = 404),
        (status = 409), (status = 422)))]
pub async fn change_staff(
    state: web::Data<AppState>,
    known: KnownBearers,
    signed: Signed,
    id: web::Path<String>,
    Body(form): Body<AccountChangeForm>,
) -> Result<web::Json<AccountShown>, AppError> {
    signed.may(Deed::ManageStaff)?;
    let id = StaffId(read_id(&id, "tài khoản", "account")?);
    let account = state.look(&signed.0, move |conn, _| accounts::one(conn, id)).await?;
    let (mut change, password) = form.read(&account.username)?;
    if let Some(password) = password {
        change.password_hash = Some(password::hash(password).await?);
    }
    let shown = state
        .act(&signed.0, move |conn, act| {
            let account = accounts::change(conn, act, id, &change)?;
            Ok(AccountShown::of(&account, act))
        })
        .await?;
    known.forget();
    Ok(web::Json(shown))
}
