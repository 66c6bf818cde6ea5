//! `GET /audit`.

use actix_web::web;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::entry::{Entry, HOUSE};
use super::queries::{self, Narrow, Place};
use crate::domain::audit::Action;
use crate::domain::ids::UnitId;
use crate::domain::period::from_office_time;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::http::office_time::{OfficeTime, read_moment};
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};

/// Which entries. All conditions hold together.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// On or after this date, or at or after this moment.
    from: Option<String>,
    /// Before this date or moment.
    to: Option<String>,
    /// The code of a unit: what was done by who sits there or below; `house` for the house itself.
    unit: Option<String>,
    /// A word of the list, such as `logged_in`.
    action: Option<String>,
    /// Who, such as `staff:<id>`, `key:<id>`, `system` or `unknown`.
    principal: Option<String>,
    /// What it was done to, such as `staff:<id>` or `dossier:<code>`.
    subject: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// An entry as answers show it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EntryShown {
    /// Its key.
    id: Uuid,
    /// When.
    happened_at: OfficeTime,
    /// Who: an account, a key, `system` or `unknown`.
    principal: String,
    /// The name of who did.
    actor_name: String,
    /// The role of who did; none for the house itself.
    role: Option<String>,
    /// The code of the unit of who did; none for the house itself.
    unit_code: Option<String>,
    /// The deed.
    action: String,
    /// What it was done to.
    subject: String,
    /// More about it: ids, words, counts and dates.
    #[schema(value_type = Object)]
    details: Value,
    /// Its place in the chain of the unit; none until it is linked, some seconds later.
    seq: Option<i64>,
    /// The hash of that link, in hexadecimal.
    hash: Option<String>,
}

impl EntryShown {
    fn of(act: &Act<'_>, entry: &Entry, place: Option<&Place>) -> Self {
        Self {
            id: entry.id.0,
            happened_at: entry.happened_at.into(),
            principal: entry.principal.clone(),
            actor_name: entry.actor_name.clone(),
            role: entry.role.clone(),
            unit_code: act.catalogue().unit(entry.unit_id).map(|unit| unit.code.clone()),
            action: entry.action.clone(),
            subject: entry.subject.clone(),
            details: entry.details.clone(),
            seq: place.map(|place| place.seq),
            hash: place.map(|place| HEXLOWER.encode(&place.hash)),
        }
    }
}

/// Lists what was recorded, the newest first.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<EntryShown>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_audit(
    state: web::Data<AppState>,
    signed: Signed,
    Query(query): Query<AuditQuery>,
) -> Result<web::Json<Page<EntryShown>>, AppError> {
    signed.may(Deed::ReadAudit)?;
    let page = state
        .look(&signed.0, move |conn, act| {
            let narrow = query.read(act)?;
            let page = Page::cut(queries::list(conn, &narrow)?, narrow.limit, |(entry, _)| Cursor {
                at: entry.happened_at,
                id: entry.id.0,
            });
            let items = page.items.iter().map(|(entry, place)| EntryShown::of(act, entry, place.as_ref()));
            Ok(Page { items: items.collect(), next_cursor: page.next_cursor })
        })
        .await?;
    Ok(web::Json(page))
}

impl AuditQuery {
    fn read(&self, act: &Act<'_>) -> Result<Narrow, AppError> {
        let after = self.cursor.as_deref().map(Cursor::read).transpose()?;
        let limit = page::limit(self.limit)?;
        let mut faults = Faults::new();
        let mut moment = |pointer: &str, text: &Option<String>| {
            text.as_deref().and_then(|text| faults.read(pointer, wrong_moment(), date_or_moment(text)))
        };
        let (from, to) = (moment("?from", &self.from), moment("?to", &self.to));
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            let said =
                Said::new("wrong_period", "to phải sau from", "to must be after from: it is the first moment after");
            faults.add("?to", said);
        }
        let action: Option<Action> = self.action.as_deref().and_then(|word| faults.word("?action", word));
        let units = self.unit.as_deref().and_then(|code| faults.read("?unit", unknown_unit(), units(act, code)));
        let (principal, subject) = (self.principal.clone(), self.subject.clone());
        faults.finish(Some(Narrow { from, to, units, action, principal, subject, after, limit }))
    }
}

/// A date of the office is its first moment.
fn date_or_moment(text: &str) -> Option<DateTime<Utc>> {
    // Ten characters: years that the database can't hold have more.
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    date.map(|date| from_office_time(date.and_time(NaiveTime::MIN))).or_else(|| read_moment(text))
}

fn units(act: &Act<'_>, code: &str) -> Option<Vec<UnitId>> {
    if code == "house" {
        return Some(vec![HOUSE]);
    }
    act.catalogue().unit_by_code(code).map(|unit| act.catalogue().within(unit.id))
}

fn wrong_moment() -> Said {
    Said::new(
        "wrong_moment",
        "Viết ngày như 2026-10-05 hoặc thời điểm như 2026-10-05T09:00:00+07:00",
        "Write a date as in 2026-10-05 or a moment as in 2026-10-05T09:00:00+07:00",
    )
}

fn unknown_unit() -> Said {
    Said::new("unknown_unit", "Không có cơ quan nào mang mã này", "There is no unit of this code")
}
