//! The suppression list: numbers and addresses that get no messages, why, on whose word, and until when.

pub mod routes;
mod view;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::cancel::call_back_unsent;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{NoticeId, SuppressionId};
use crate::domain::notice::{NoticeChannel, NoticeStatus, SuppressionReason};
use crate::domain::person::{Email, Phone};
use crate::error::{AppError, Said};
use crate::http::page::Cursor;
use crate::schema::{notice_suppressions as t, notices};
use crate::state::Act;

/// A number or address as the list keeps it.
pub(super) struct Address {
    hash: Vec<u8>,
    masked: String,
    is_mail: bool,
}

impl Address {
    /// Reads a phone number or an e-mail address; `None` for what is neither.
    fn read(act: &Act<'_>, text: &str) -> Option<Self> {
        let vault = &act.office.vault;
        let mail = |mail: Email| (vault.index("email", mail.as_str()), mail.masked(), true);
        let phone = |phone: Phone| (vault.index("phone", phone.as_str()), phone.masked(), false);
        let (hash, masked, is_mail) = Phone::read(text).map(phone).or_else(|| Email::read(text).map(mail))?;
        Some(Self { hash, masked, is_mail })
    }
}

/// What is put on the list.
pub(super) struct Entry {
    pub(super) address: String,
    pub(super) channel: Option<NoticeChannel>,
    pub(super) reason: SuppressionReason,
    pub(super) note: Option<String>,
    pub(super) until: Option<DateTime<Utc>>,
}

/// A line of the list.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = t)]
pub(super) struct Row {
    pub(super) id: SuppressionId,
    address_hash: Vec<u8>,
    pub(super) address_masked: String,
    pub(super) channel: Option<NoticeChannel>,
    pub(super) reason: SuppressionReason,
    pub(super) note: Option<String>,
    pub(super) added_at: DateTime<Utc>,
    added_by: String,
    pub(super) added_by_name: String,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) lifted_at: Option<DateTime<Utc>>,
    lifted_by: Option<String>,
    pub(super) lifted_by_name: Option<String>,
}

/// Puts a number or address on the list, and calls back what waits for it. One that is on the list already stays as it is.
///
/// # Errors
/// [`AppError::Invalid`] for what is neither number nor address; [`AppError::Conflict`] when it is on the list already.
pub(super) fn add(conn: &mut PgConnection, act: &Act<'_>, entry: Entry) -> Result<Row, AppError> {
    let address = Address::read(act, &entry.address).filter(|address| match entry.channel {
        None => true,
        Some(channel) => address.is_mail == (channel == NoticeChannel::Email),
    });
    let address = address.ok_or_else(no_address)?;
    let row = Row {
        id: SuppressionId::new(),
        address_hash: address.hash,
        address_masked: address.masked,
        channel: entry.channel,
        reason: entry.reason,
        note: entry.note,
        added_at: act.now,
        added_by: act.by.principal(),
        added_by_name: act.by.name.clone(),
        until: entry.until,
        lifted_at: None,
        lifted_by: None,
        lifted_by_name: None,
    };
    // One whose time is over makes room.
    lift_over(conn, act, &row)?;
    let added = diesel::insert_into(t::table).values(&row).on_conflict_do_nothing().execute(conn)?;
    if added == 0 {
        return Err(AppError::Conflict(Said::new(
            "suppressed_already",
            "Số hoặc địa chỉ này đã có trong danh sách không gửi",
            "This number or address is on the list already",
        )));
    }
    call_back_what_waits(conn, act, &row)?;
    let details = json!({"reason": row.reason, "channel": row.channel, "until": row.until});
    audit::note(conn, act, Action::NoticesSuppressed, Subject::Suppression(row.id), details)?;
    Ok(row)
}

fn lift_over(conn: &mut PgConnection, act: &Act<'_>, row: &Row) -> QueryResult<usize> {
    let over = t::table
        .filter(t::address_hash.eq(&row.address_hash))
        .filter(t::channel.is_not_distinct_from(row.channel))
        .filter(t::lifted_at.is_null())
        .filter(t::until.le(act.now));
    diesel::update(over)
        .set((t::lifted_at.eq(t::until), t::lifted_by.eq("house"), t::lifted_by_name.eq("hết hạn")))
        .execute(conn)
}

/// What nobody has begun to send yet does not go out.
fn call_back_what_waits(conn: &mut PgConnection, act: &Act<'_>, row: &Row) -> QueryResult<()> {
    let mut waiting = notices::table
        .filter(notices::status.eq_any([NoticeStatus::Queued, NoticeStatus::Standby]))
        .filter(notices::address_hash.eq(&row.address_hash))
        .select(notices::id)
        .into_boxed();
    if let Some(channel) = row.channel {
        waiting = waiting.filter(notices::channel.eq(channel));
    }
    let ids: Vec<NoticeId> = waiting.load(conn)?;
    call_back_unsent(conn, act, &ids, "suppressed")
}

/// Takes a line off the list: messages go there again.
///
/// # Errors
/// [`AppError::NotFound`] for a line that there is not, or that was lifted.
pub(super) fn lift(conn: &mut PgConnection, act: &Act<'_>, id: SuppressionId) -> Result<Row, AppError> {
    let lifted: Option<Row> = diesel::update(t::table.find(id).filter(t::lifted_at.is_null()))
        .set((t::lifted_at.eq(act.now), t::lifted_by.eq(act.by.principal()), t::lifted_by_name.eq(act.by.name.clone())))
        .returning(Row::as_returning())
        .get_result(conn)
        .optional()?;
    let row = lifted.ok_or_else(no_such_line)?;
    audit::note(conn, act, Action::SuppressionLifted, Subject::Suppression(id), json!({}))?;
    Ok(row)
}

/// Lists the lines, the newest first, one more than `limit`; `address` narrows it to one number or address.
///
/// # Errors
/// [`AppError::Invalid`] for what is neither number nor address.
pub(super) fn list(
    conn: &mut PgConnection,
    act: &Act<'_>,
    address: Option<&str>,
    (before, limit): (Option<Cursor>, i64),
) -> Result<Vec<Row>, AppError> {
    let mut query = t::table.select(Row::as_select()).into_boxed();
    if let Some(text) = address {
        query = query.filter(t::address_hash.eq(Address::read(act, text).ok_or_else(no_address)?.hash));
    }
    if let Some(before) = before {
        let is_older = t::added_at.lt(before.at).or(t::added_at.eq(before.at).and(t::id.lt(SuppressionId(before.id))));
        query = query.filter(is_older);
    }
    Ok(query.order((t::added_at.desc(), t::id.desc())).limit(limit + 1).load(conn)?)
}

fn no_address() -> AppError {
    AppError::invalid(
        "/address",
        Said::new(
            "no_address",
            "Ghi một số điện thoại (0905 123 456), hoặc một địa chỉ thư nếu kênh là email",
            "Write a phone number (0905 123 456), or an e-mail address where the channel is email",
        ),
    )
}

pub(super) fn no_such_line() -> AppError {
    AppError::NotFound(Said::new(
        "no_such_suppression",
        "Không có dòng này trong danh sách không gửi, hoặc đã được gỡ",
        "There is no such line on the list, or it was lifted",
    ))
}
