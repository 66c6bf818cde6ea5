//! The routes of proposals.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{Approval, Hands};
use crate::domain::ids::ApprovalId;
use crate::domain::role::Deed;
use crate::domain::words::words;
use crate::error::{AppError, Said};
use crate::http::body::{Query, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::{KnownBearers, Signed};
use crate::state::{Act, AppState};

words! {
    /// What a second person says.
    pub enum Decision {
        /// Yes: it is done at once.
        Confirm = "confirm",
        /// No.
        Reject = "reject",
    }
}

/// A proposal as answers show it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApprovalShown {
    /// Its key.
    id: Uuid,
    /// What is proposed: `void_dossier`, `undo_end`, `grant_role`, `reorganise`, `review_template` or `notice_deed`.
    verb: String,
    /// Of what: a dossier's code, the key of an account, the code of a reorganisation, a version of a wording, shown at
    /// `/notice-templates/{subject}`, or a deed with its filter.
    subject: String,
    /// The role that the account would get.
    role: Option<String>,
    /// How many notices it was about when it was proposed.
    notices: Option<i64>,
    /// Why.
    reason: String,
    /// The account that proposed it.
    proposed_by: Uuid,
    /// The name of who did.
    proposed_by_name: String,
    /// When.
    proposed_at: OfficeTime,
    /// Until when it can be confirmed.
    expires_at: OfficeTime,
    /// `open`, `confirmed`, `rejected` or `expired`.
    state: &'static str,
    /// The account that decided.
    decided_by: Option<Uuid>,
    /// When.
    decided_at: Option<OfficeTime>,
    /// Whether who asks could confirm it.
    may_confirm: bool,
}

impl ApprovalShown {
    /// Shows a proposal to who acts.
    pub fn of(approval: &Approval, act: &Act<'_>) -> Self {
        let state = approval.state_at(act.now);
        let another = act.by.staff_id().is_some_and(|by| by != approval.proposed_by);
        let is_open = state == super::State::Open;
        let may = approval.proposal().is_ok_and(|proposal| act.by.may(proposal.deeds().1));
        Self {
            id: approval.id.0,
            verb: approval.verb.clone(),
            subject: approval.subject.clone(),
            role: approval.role().map(str::to_owned),
            notices: approval.notices(),
            reason: approval.reason.clone(),
            proposed_by: approval.proposed_by.0,
            proposed_by_name: approval.proposed_by_name.clone(),
            proposed_at: approval.proposed_at.into(),
            expires_at: approval.expires_at.into(),
            state: state.as_str(),
            decided_by: approval.decided_by.map(|by| by.0),
            decided_at: approval.decided_at.map(OfficeTime),
            may_confirm: is_open && another && may,
        }
    }
}

/// Lists the open proposals that who asks may confirm or has made, the oldest first.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/approvals", tag = "approvals", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<ApprovalShown>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_approvals(
    state: web::Data<AppState>,
    signed: Signed,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<ApprovalShown>>, AppError> {
    may_come_in(&signed)?;
    let (after, limit) = query.read()?;
    let page = state
        .look(&signed.0, move |conn, act| {
            let found = super::list_open(conn, act, (after, limit))?;
            let page =
                Page::cut(found, limit, |approval: &Approval| Cursor { at: approval.proposed_at, id: approval.id.0 });
            let items = page.items.iter().map(|approval| ApprovalShown::of(approval, act));
            Ok(Page { items: items.collect(), next_cursor: page.next_cursor })
        })
        .await?;
    Ok(web::Json(page))
}

/// A decision needs nothing more.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {}

/// Confirms or rejects a proposal. Confirming does at once what is proposed.
///
/// # Errors
/// 401; 403 for the proposer, keys and roles that may not; 404; 409 when decided or expired.
#[utoipa::path(post, path = "/api/v1/approvals/{id}/actions/{decision}", tag = "approvals",
    request_body = Option<DecisionForm>, security(("bearer" = [])),
    params(("id" = String, Path, description = "The proposal"),
        ("decision" = String, Path, description = "`confirm` or `reject`")),
    responses((status = 200, body = ApprovalShown), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub async fn decide_approval(
    req: HttpRequest,
    state: web::Data<AppState>,
    signed: Signed,
    path: web::Path<(String, String)>,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    may_come_in(&signed)?;
    let (id, decision) = read_path(&path)?;
    let DecisionForm {} = from_json(&body)?;
    let key = Key::read(&req, &body)?;
    let hands = hands_of(&req)?;
    let answer = state
        .act(&signed.0, move |conn, act| {
            once(conn, act, key.as_ref(), |conn| {
                let approval = match decision {
                    Decision::Confirm => super::confirm(conn, act, hands, id)?,
                    Decision::Reject => super::reject(conn, act, id)?,
                };
                Answer::new(StatusCode::OK, None, &ApprovalShown::of(&approval, act))
            })
        })
        .await?;
    // Somebody may have another role now.
    KnownBearers::of(&req).forget();
    Ok(answer.response())
}

/// Whoever may propose or confirm anything.
fn may_come_in(signed: &Signed) -> Result<(), AppError> {
    let managing = [Deed::ManageStaff, Deed::ManageCatalogue, Deed::ManageNotices];
    let deeds = [Deed::Propose, Deed::Confirm, Deed::ConfirmWide];
    match deeds.iter().chain(&managing).any(|deed| signed.0.may(*deed)) {
        true => Ok(()),
        false => signed.may(Deed::Propose),
    }
}

fn hands_of(req: &HttpRequest) -> Result<Hands, AppError> {
    let hands = req.app_data::<web::Data<Hands>>();
    hands.map(|hands| ***hands).ok_or_else(|| AppError::internal("nobody said what confirmations run"))
}

fn read_path((id, decision): &(String, String)) -> Result<(ApprovalId, Decision), AppError> {
    let id = Uuid::try_parse(id).or(Err(super::no_such()))?;
    let decision: Decision = decision.parse().or(Err(AppError::NotFound(Said::new(
        "no_such_action",
        "Chỉ có confirm và reject",
        "There are only confirm and reject",
    ))))?;
    Ok((ApprovalId(id), decision))
}
