//! Proposing that an account gets a role that reaches over the whole province.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::read_id;
use crate::approvals::routes::ApprovalShown;
use crate::domain::ids::StaffId;
use crate::domain::role::{Deed, Role};
use crate::error::AppError;
use crate::http::body::{Faults, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::staff::accounts::read_role;
use crate::staff::{Signed, grants};
use crate::state::AppState;

const LONGEST_REASON: usize = 500;

/// What the proposal of a role takes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantForm {
    /// Which role: `centre_head`, `controller`, `auditor` or `admin`; any other is given by `PATCH /staff/{id}`.
    role: Option<String>,
    /// Why.
    reason: Option<String>,
}

impl GrantForm {
    fn read(self) -> Result<(Role, String), AppError> {
        let mut faults = Faults::new();
        let role = faults.required("/role", self.role);
        let role = role.and_then(|word| read_role(&mut faults, "/role", Some(&word)));
        let reason = faults.text("/reason", LONGEST_REASON, self.reason.as_deref());
        faults.finish(role.zip(reason))
    }
}

/// Proposes that an account gets a role that reaches over the whole province; it has it when another admin or a centre
/// head confirms at `/approvals`.
///
/// # Errors
/// 401; 403; 404; 409 when the account has the role or it is proposed already; 422.
#[utoipa::path(post, path = "/api/v1/staff/{id}/grants", tag = "staff", request_body = GrantForm,
    params(("id" = String, Path, description = "The account")), security(("bearer" = [])),
    responses((status = 202, body = ApprovalShown), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub async fn propose_grant(
    req: HttpRequest,
    state: web::Data<AppState>,
    signed: Signed,
    id: web::Path<String>,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ManageStaff)?;
    let id = StaffId(read_id(&id, "tài khoản", "account")?);
    let (role, reason) = from_json::<GrantForm>(&body)?.read()?;
    let key = Key::read(&req, &body)?;
    let answer = state
        .act(&signed.0, move |conn, act| {
            once(conn, act, key.as_ref(), |conn| {
                let approval = grants::propose(conn, act, id, role, reason.clone())?;
                Answer::new(StatusCode::ACCEPTED, None, &ApprovalShown::of(&approval, act))
            })
        })
        .await?;
    Ok(answer.response())
}
