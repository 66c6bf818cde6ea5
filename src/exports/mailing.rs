//! Monthly reports by e-mail to leaders. Each is a line that is written when the report month has ended, claimed by lease and
//! token, filled and sent outside any transaction, and recorded; so it is neither lost nor sent by two.
//!
//! They are no notices: no dossier and no citizen stands behind them. They leave by the same gateway, and not while sending
//! is paused.

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::filled::{Asked, Filled};
use super::layouts::Layouts;
use super::{ByteOrderMark, ReportFormat, files, note_export};
use crate::config::MailedReport;
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::period::office_date;
use crate::domain::role::Actor;
use crate::error::{AppError, Said};
use crate::notices::sending::Gateway;
use crate::platform::db::Scope;
use crate::platform::mail::{Attached, Letter};
use crate::schema::{report_mails, sending};
use crate::state::{Act, AppState};
use crate::statistics::{AskedPeriod, PeriodRule, seen_unit};

/// After so long whoever was sending is taken for dead.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// The first wait after a failure; it doubles with each.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(5);
/// Tries before one is given up: the last comes some ten hours after the first.
const MOST_TRIES: i16 = 8;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_mails, check_for_backend(diesel::pg::Pg))]
struct ReportMail {
    id: Uuid,
    layout: String,
    unit_code: String,
    format: String,
    month: String,
    recipient: String,
    written_at: DateTime<Utc>,
    next_at: DateTime<Utc>,
    attempts: i16,
}

/// Writes down what the ended month wants, and sends what is due; returns how many were sent or tried.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    if state.config.exports.mailed.is_empty() {
        return Ok(0);
    }
    plan(state).await?;
    let mut tried = 0;
    while let Some((mail, lease)) = claim(state).await? {
        let reply = match letter(state, &mail).await {
            Ok(letter) => send(gateways, state.clock.now(), &letter).await,
            Err(err @ AppError::Unavailable { .. }) => return Err(err),
            // At another hour it may not take as long, and what is wrong with a layout or with figures can be put right.
            Err(err) => Reply::new(Outcome::NotSent, err.code()),
        };
        record(state, (mail, lease), reply).await?;
        tried += 1;
    }
    Ok(tried)
}

async fn plan(state: &AppState) -> Result<(), AppError> {
    let (clock, config) = (state.clock.clone(), state.config.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let rows: Vec<ReportMail> = config.exports.mailed.iter().flat_map(|report| rows(report, now)).collect();
        diesel::insert_into(report_mails::table).values(&rows).on_conflict_do_nothing().execute(conn)?;
        Ok::<(), AppError>(())
    };
    state.db.tx(&Scope::system(), work).await
}

fn rows(report: &MailedReport, now: DateTime<Utc>) -> Vec<ReportMail> {
    let month = ended_month(office_date(now));
    let row = |to: &String| ReportMail {
        id: Uuid::now_v7(),
        layout: report.layout.clone(),
        unit_code: report.unit.clone(),
        format: report.format.as_str().to_owned(),
        month: month.clone(),
        recipient: to.clone(),
        written_at: now,
        next_at: now,
        attempts: 0,
    };
    report.to.iter().map(row).collect()
}

/// Returns the report month that ended last: June ends with its 14th day (NĐ 09/2019/NĐ-CP).
fn ended_month(today: NaiveDate) -> String {
    let ended = if today.day() >= 15 { today } else { today - Months::new(1) };
    ended.format("%Y-%m").to_string()
}

async fn claim(state: &AppState) -> Result<Option<(ReportMail, Uuid)>, AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let paused: Option<Option<String>> = sending::table.select(sending::paused_why).first(conn).optional()?;
        if paused.flatten().is_some() {
            return Ok(None);
        }
        let free = report_mails::leased_until.is_null().or(report_mails::leased_until.le(now));
        let due: Option<ReportMail> = report_mails::table
            .filter(report_mails::sent_at.is_null())
            .filter(report_mails::given_up_at.is_null())
            .filter(report_mails::next_at.le(now))
            .filter(free)
            .order((report_mails::next_at, report_mails::id))
            .select(ReportMail::as_select())
            .for_update()
            .skip_locked()
            .first(conn)
            .optional()?;
        let Some(mail) = due else { return Ok(None) };
        let lease = Uuid::now_v7();
        diesel::update(report_mails::table.find(mail.id))
            .set((report_mails::lease.eq(lease), report_mails::leased_until.eq(now + LEASE)))
            .execute(conn)?;
        Ok(Some((mail, lease)))
    };
    state.db.tx(&Scope::system(), work).await
}

/// Fills the report and puts it into a letter.
async fn letter(state: &AppState, mail: &ReportMail) -> Result<Letter, AppError> {
    let mail = mail.clone();
    state.act(&Actor::house(), move |conn, act| write(conn, act, &mail)).await
}

fn write(conn: &mut PgConnection, act: &Act<'_>, mail: &ReportMail) -> Result<Letter, AppError> {
    let layout = Layouts::of(&act.office.config)?.find(&mail.layout)?;
    let period = AskedPeriod::month(&mail.month, PeriodRule::Decree092019)?;
    let unit = seen_unit(act, Some(mail.unit_code.as_str()).filter(|code| !code.is_empty()))?;
    let format: ReportFormat = mail.format.parse().or(Err(unknown_format()))?;
    let report = Filled::fill(conn, act, &Asked { layout, period, unit })?;
    let bytes = files::write(&report, (format, ByteOrderMark::Written), &act.office.config.exports)?;
    let caption = &report.caption;
    note_export(conn, act, (&mail.layout, caption.unit_code.as_deref()), &caption.period.period, format)?;
    let (title, unit, dates) = (&caption.layout.title, &caption.unit_name, caption.period_text());
    Ok(Letter {
        id: mail.id,
        to: mail.recipient.clone(),
        subject: format!("{} – {unit} – {}", caption.layout.form, mail.month),
        text: format!("Kính gửi Lãnh đạo,\n\n{title}\nĐơn vị: {unit}\n{dates}\n\nSố liệu trong tệp đính kèm.\n"),
        attached: Attached { name: caption.file_name(format.as_str()), media_type: format.media_type(), bytes },
        written_at: mail.written_at,
    })
}

fn unknown_format() -> AppError {
    AppError::Conflict(Said::new("unknown_format", "Định dạng không còn dùng", "The format is not used any more"))
}

async fn send(gateways: &[Gateway], now: DateTime<Utc>, letter: &Letter) -> Reply {
    for gateway in gateways {
        if let Some(reply) = gateway.deliver(now, letter).await {
            return reply;
        }
    }
    Reply::new(Outcome::NotSent, "no gateway takes mail")
}

async fn record(state: &AppState, (mail, lease): (ReportMail, Uuid), reply: Reply) -> Result<(), AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let tried = mail.attempts.saturating_add(1);
        let is_sent = matches!(reply.outcome, Outcome::Accepted | Outcome::Duplicate);
        // What the gateway does not take, or to nobody, is the same each time.
        let is_hopeless = matches!(reply.outcome, Outcome::Recipient | Outcome::Content | Outcome::Refused);
        let given_up = !is_sent && (is_hopeless || tried >= MOST_TRIES);
        if given_up {
            tracing::error!(mail.id = %mail.id, code = reply.code, "the report {} could not be mailed", mail.layout);
        }
        let wait = FIRST_WAIT * 2_i32.saturating_pow(u32::from(mail.attempts.unsigned_abs()).min(10));
        diesel::update(report_mails::table.find(mail.id).filter(report_mails::lease.eq(lease)))
            .set((
                report_mails::attempts.eq(tried),
                report_mails::last_answer.eq(reply.code.unwrap_or_else(|| reply.outcome.as_str().to_owned())),
                report_mails::sent_at.eq(is_sent.then_some(now)),
                report_mails::given_up_at.eq(given_up.then_some(now)),
                report_mails::next_at.eq(now + wait),
                report_mails::lease.eq(None::<Uuid>),
                report_mails::leased_until.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)?;
        Ok::<(), AppError>(())
    };
    state.db.tx(&Scope::system(), work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_month_has_ended_on_the_15th() {
        let on = |day: &str| ended_month(day.parse().unwrap());
        assert_eq!(
            (on("2024-06-14"), on("2024-06-15"), on("2025-01-01")),
            ("2024-05".into(), "2024-06".into(), "2024-12".into())
        );
    }
}
