//! The page of figures that the yearly report of the province quotes: the layout `year`, with the messages of the year.

use diesel::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};

use super::files::printed;
use super::filled::{Asked, Filled, Level, Line, Value};
use super::layouts::{Column, Shows};
use crate::domain::notice::NoticeChannel;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::state::Act;

/// Under which code its layout is found.
pub(super) const LAYOUT: &str = "year";

/// Messages to people on one channel.
#[derive(Debug, QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    channel: NoticeChannel,
    /// Invitations to collect a result early, or all others.
    #[diesel(sql_type = Bool)]
    is_early: bool,
    #[diesel(sql_type = BigInt)]
    written: i64,
    /// A gateway took them, as costs count it.
    #[diesel(sql_type = BigInt)]
    sent: i64,
    /// Their phones confirmed them.
    #[diesel(sql_type = BigInt)]
    delivered: i64,
    /// They did not arrive, and are not tried any more.
    #[diesel(sql_type = BigInt)]
    failed: i64,
    /// They were called back before they went out, or another channel had done it.
    #[diesel(sql_type = BigInt)]
    cancelled: i64,
}

const TOLD: &str = "-- exports::year::told
SELECT channel, purpose = 'result_early' AS is_early, count(*) AS written, count(sent_at) AS sent,
    count(*) FILTER (WHERE status = 'delivered') AS delivered,
    count(*) FILTER (WHERE status IN ('failed', 'given_up', 'expired')) AS failed,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled
FROM notices WHERE created_at >= $1 AND created_at < $2 AND purpose <> 'one_time_code'
GROUP BY 1, 2 ORDER BY 1, 2 DESC";

/// Fills the page.
///
/// # Errors
/// As [`Filled::fill`].
pub(super) fn fill(conn: &mut PgConnection, act: &Act<'_>, asked: &Asked) -> Result<Filled, AppError> {
    let page = Filled::fill(conn, act, asked)?;
    let mut notes = messages(conn, &asked.period.period)?;
    notes.push("Mức độ hài lòng: chưa có số liệu, vì hệ thống chưa ghi nhận phiếu đánh giá.".to_owned());
    Ok(page.with_notes(notes))
}

fn messages(conn: &mut PgConnection, period: &Period) -> QueryResult<Vec<String>> {
    let (from, to) = period.bounds();
    let told: Vec<Told> = diesel::sql_query(TOLD).bind::<Timestamptz, _>(from).bind::<Timestamptz, _>(to).load(conn)?;
    if told.is_empty() {
        return Ok(vec!["Tin nhắn: không có tin nào được lập trong kỳ.".to_owned()]);
    }
    let sum = |figure: fn(&Told) -> i64| told.iter().map(figure).sum::<i64>();
    let all = [
        sum(|told| told.written),
        sum(|told| told.sent),
        sum(|told| told.delivered),
        sum(|told| told.failed),
        sum(|told| told.cancelled),
    ];
    let lines = told.iter().map(|told| {
        let what = if told.is_early { "mời nhận kết quả sớm" } else { "thông báo khác" };
        let Told { written, sent, delivered, failed, cancelled, .. } = *told;
        line(&format!("Tin {} {what}", name(told.channel)), [written, sent, delivered, failed, cancelled])
    });
    Ok(std::iter::once(line("Tin nhắn, tất cả các kênh", all)).chain(lines).collect())
}

fn line(what: &str, counts: [i64; 5]) -> String {
    let [written, sent, delivered, failed, cancelled] = counts.map(printed);
    format!(
        "{what}: {written} tin đã lập, {sent} đã gửi, {delivered} có báo đã nhận, {failed} không tới được, \
         {cancelled} đã hủy."
    )
}

fn name(channel: NoticeChannel) -> &'static str {
    match channel {
        NoticeChannel::Sms => "SMS",
        NoticeChannel::Email => "e-mail",
        NoticeChannel::Zalo => "Zalo",
        NoticeChannel::Push => "trên ứng dụng",
    }
}

/// Writes the page as text to quote from: a line for each row, its figures by their headings.
pub(super) fn text(page: &Filled) -> String {
    let caption = &page.caption;
    let mut lines = vec![caption.layout.title.clone(), caption.unit_name.clone(), caption.period_text(), String::new()];
    lines.extend(page.lines.iter().map(|line| row(line, &caption.layout.columns)));
    lines.push(String::new());
    lines.extend(page.notes());
    lines.push(String::new());
    lines.join("\n")
}

fn row(line: &Line, columns: &[Column]) -> String {
    let figures = columns.iter().filter(|column| !matches!(column.shows, Shows::RowNumber | Shows::Name));
    let figures = figures.filter_map(|column| {
        let figure = match Filled::value(line, column) {
            Value::Blank => return None,
            Value::Text(text) => text,
            Value::Count(count) => printed(count),
            Value::Rate(rate, decimals) => rate.printed(decimals).unwrap_or_else(|| "không phát sinh".to_owned()),
        };
        Some(format!("{} {figure}", column.heading().to_lowercase()))
    });
    let indent = if line.level == Level::Row { "  " } else { "" };
    let number = line.number.as_ref().map_or(String::new(), |number| format!("{number}. "));
    format!("{indent}{number}{}: {}", line.name, figures.collect::<Vec<_>>().join("; "))
}
