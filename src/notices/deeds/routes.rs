//! Handlers for operators: dead letters, and what is done with one notice or with many.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};

use super::dead::{self, Question, Which};
use super::filter::{Filter, FilterForm, SeenBy};
use super::many::{self, Bulk, Came};
use super::one::do_to_one;
use super::order::{DeedForm, Order};
use super::view::{DeadPage, DeadView};
use crate::approvals::routes::ApprovalShown;
use crate::domain::ids::NoticeId;
use crate::domain::notice::NoticeDeed;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::page::{self, Cursor};
use crate::notices::queries;
use crate::notices::routes::{evidence, notice_id};
use crate::notices::view::Evidence;
use crate::staff::Signed;
use crate::state::{Act, AppState};

/// Which dead letters.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadQuery {
    /// `given_up`, `expired`, `in_doubt`, `account`, `content`, `recipient`, `refused`, `receipt` or
    /// `no_gateway`.
    reason: Option<String>,
    /// The code of a unit: what it and all below it say.
    unit: Option<String>,
    /// The gateway that was spoken to last.
    gateway: Option<String>,
    /// `sms`, `email` or `zalo`.
    channel: Option<String>,
    /// What for.
    purpose: Option<String>,
    /// Written on this date or later.
    from: Option<String>,
    /// Written before this date.
    to: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

impl DeadQuery {
    fn read(self) -> Result<(Filter, Option<NoticeId>, i64), AppError> {
        let Self { reason, unit, gateway, channel, purpose, from, to, cursor, limit } = self;
        let mut faults = Faults::new();
        let form = FilterForm { reason, unit, gateway, channel, purpose, from, to };
        let filter = form.read(&mut faults, "?");
        let filter = faults.finish(Some(filter))?;
        let before = cursor.map(|text| Cursor::read(&text)).transpose()?.map(|at| NoticeId(at.id));
        Ok((filter, before, page::limit(limit)?))
    }
}

/// Counts by reason the notices that are over without having arrived, and lists them, the newest first.
///
/// # Errors
/// 401, 403, 404 for a unit that there is not, 422.
#[utoipa::path(get, path = "/api/v1/notices/dead", tag = "notices",
    security(("bearer" = [])), params(DeadQuery),
    responses((status = 200, body = DeadPage), (status = 404), (status = 422)))]
pub async fn list_dead_notices(
    state: web::Data<AppState>,
    signed: Signed,
    query: Query<DeadQuery>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadNotices)?;
    let (filter, before, limit) = query.0.read()?;
    let page = state.look(&signed.0, move |conn, act| dead_page(conn, act, filter, (before, limit)));
    Ok(HttpResponse::Ok().json(page.await?))
}

fn dead_page(
    conn: &mut PgConnection,
    act: &Act<'_>,
    filter: Filter,
    (before, limit): (Option<NoticeId>, i64),
) -> Result<DeadPage, AppError> {
    let units = filter.units(act)?;
    let question = Question { which: Which::Dead, filter, units, seen_by: SeenBy::from(act.by), as_of: act.now };
    let counted = dead::count(conn, &question)?;
    let found = dead::list(conn, &question, (before, limit))?;
    let page = page::Page::cut(found, limit, |one| Cursor { at: one.created_at, id: one.id.0 });
    let ids: Vec<NoticeId> = page.items.iter().map(|one| one.id).collect();
    let rows = queries::by_keys(conn, &ids)?;
    let items = page.items.into_iter().zip(rows).map(|(found, listed)| DeadView::new(found, listed));
    Ok(DeadPage::new(counted, items.collect(), page.next_cursor))
}

/// Sends a notice again that failed, was given up, came too late or is in doubt.
#[utoipa::path(post, path = "/api/v1/notices/{id}/resend", tag = "notices",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = Evidence), (status = 404), (status = 409)))]
pub async fn resend_notice(
    state: web::Data<AppState>,
    signed: Signed,
    path: web::Path<String>,
    req: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ResendNotices)?;
    from_json::<Nothing>(&body.0)?;
    let (id, order) = (notice_id(&path)?, Order::replay(&signed.0));
    let key = Key::read(&req, &body.0)?;
    let answer = state
        .act(&signed.0, move |conn, act| once(conn, act, key.as_ref(), |conn| done_to_one(conn, act, id, &order)))
        .await?;
    Ok(answer.response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Does something with one notice: `replay`, `replay_on` another channel, `cancel`, or note that the person was
/// `told_by_phone`.
///
/// # Errors
/// 401, 403, 404, 409 where it can't be done to this notice, 422.
#[utoipa::path(post, path = "/api/v1/notices/{id}/actions/{deed}", tag = "notices",
    security(("bearer" = [])),
    params(("id" = String, Path), ("deed" = String, Path)), request_body = DeedForm,
    responses((status = 200, body = Evidence), (status = 404), (status = 409), (status = 422)))]
pub async fn act_on_notice(
    state: web::Data<AppState>,
    signed: Signed,
    path: web::Path<(String, String)>,
    req: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ResendNotices)?;
    let (id, deed) = (notice_id(&path.0)?, read_deed(&path.1)?);
    let mut faults = Faults::new();
    let order = from_json::<DeedForm>(&body.0)?.read(&mut faults, deed, (&signed.0, state.clock.now()));
    let order = faults.finish(Some(order))?;
    let key = Key::read(&req, &body.0)?;
    let answer = state
        .act(&signed.0, move |conn, act| once(conn, act, key.as_ref(), |conn| done_to_one(conn, act, id, &order)))
        .await?;
    Ok(answer.response())
}

fn done_to_one(conn: &mut PgConnection, act: &Act<'_>, id: NoticeId, order: &Order) -> Result<Answer, AppError> {
    do_to_one(conn, act, id, order)?;
    Answer::new(StatusCode::OK, None, &evidence(conn, act, id)?)
}

/// What is done with many notices, and which.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkDeedForm {
    /// Which: dead letters, or with `cancel` what waits in the queue.
    filter: Option<FilterForm>,
    /// Why, or what was said on the telephone: 1–500 characters.
    reason: Option<String>,
    /// For `replay_on`: the channel to send it on.
    channel: Option<String>,
    /// For `told_by_phone`: when the calls were; now when left out.
    told_at: Option<String>,
    /// Only counts what it would reach.
    dry_run: Option<bool>,
}

/// What came of something that was to be done with many notices.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BulkDeedDone {
    /// To how many it was done; with `dry_run` to how many it would be.
    count: i64,
    /// The proposal that another person confirms at `/approvals`, where they are too many for one.
    approval: Option<ApprovalShown>,
}

/// Does something with all notices that a filter finds. Above `notices.two_people_above` of them it is a proposal (202),
/// done when a centre head confirms it. What is sent again goes out at `notices.replay_per_second`.
///
/// # Errors
/// 401, 403, 404 for a unit that there is not, 409 when the same is proposed already, 422.
#[utoipa::path(post, path = "/api/v1/notices/actions/{deed}", tag = "notices",
    security(("bearer" = [])),
    params(("deed" = String, Path)), request_body = BulkDeedForm,
    responses((status = 200, body = BulkDeedDone), (status = 202, body = BulkDeedDone), (status = 404), (status = 409),
        (status = 422)))]
pub async fn act_on_notices(
    state: web::Data<AppState>,
    signed: Signed,
    path: web::Path<String>,
    req: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ResendNotices)?;
    let deed = read_deed(&path)?;
    let form: BulkDeedForm = from_json(&body.0)?;
    let key = Key::read(&req, &body.0)?;
    let answer = state
        .act(&signed.0, move |conn, act| once(conn, act, key.as_ref(), |conn| done_to_many(conn, act, deed, &form)))
        .await?;
    Ok(answer.response())
}

fn done_to_many(
    conn: &mut PgConnection,
    act: &Act<'_>,
    deed: NoticeDeed,
    form: &BulkDeedForm,
) -> Result<Answer, AppError> {
    let bulk = form.read(act, deed)?;
    if form.dry_run == Some(true) {
        let count = many::count(conn, act, &bulk)?;
        return Answer::new(StatusCode::OK, None, &BulkDeedDone { count, approval: None });
    }
    match many::do_to_many(conn, act, bulk)? {
        Came::Done(done) => {
            let count = i64::try_from(done).unwrap_or(i64::MAX);
            Answer::new(StatusCode::OK, None, &BulkDeedDone { count, approval: None })
        }
        Came::Proposed(approval) => {
            let approval = Some(ApprovalShown::of(&approval, act));
            Answer::new(StatusCode::ACCEPTED, None, &BulkDeedDone { count: 0, approval })
        }
    }
}

impl BulkDeedForm {
    fn read(&self, act: &Act<'_>, deed: NoticeDeed) -> Result<Bulk, AppError> {
        let mut faults = Faults::new();
        let form = faults.required("/filter", self.filter.as_ref());
        if deed == NoticeDeed::Cancel && form.is_some_and(|form| form.reason.is_some()) {
            let said = Said::new(
                "not_for_this",
                "Tin đang chờ gửi chưa có lý do",
                "What waits in the queue is not dead, so it has no reason",
            );
            faults.add("/filter/reason", said);
        }
        let filter = form.map(|form| form.read(&mut faults, "/filter/"));
        let (reason, channel, told_at) = (self.reason.clone(), self.channel.clone(), self.told_at.clone());
        let order = DeedForm { reason, channel, told_at }.read(&mut faults, deed, (act.by, act.now));
        let filter = faults.finish(filter)?;
        Ok(Bulk::new(act, order, filter))
    }
}

fn read_deed(word: &str) -> Result<NoticeDeed, AppError> {
    word.parse().or(Err(AppError::NotFound(Said::new(
        "no_such_action",
        format!("Chỉ có {}", NoticeDeed::WORDS.join(", ")),
        format!("There are only {}", NoticeDeed::WORDS.join(", ")),
    ))))
}
