//! Messages to people in a period, as lines below a report: how many were written, and what became of them.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::files::printed;
use crate::domain::ids::UnitId;
use crate::domain::notice::NoticeChannel;
use crate::domain::period::Period;
use crate::state::Act;
use crate::statistics::units_then;

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

const TOLD: &str = "-- exports::messages::told
SELECT channel, purpose = 'result_early' AS is_early, count(*) AS written, count(sent_at) AS sent,
    count(*) FILTER (WHERE status = 'delivered') AS delivered,
    count(*) FILTER (WHERE status IN ('failed', 'given_up', 'expired')) AS failed,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled
FROM notices WHERE created_at >= $1 AND created_at < $2 AND purpose <> 'one_time_code'
    AND ($3 IS NULL OR unit_id = ANY ($3))
GROUP BY 1, 2 ORDER BY 1, 2 DESC";

/// Returns the lines that say what was written in a period, in the name of a unit and all below it or of all, and what
/// became of it.
pub(super) fn lines(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, unit): (&Period, Option<UnitId>),
) -> QueryResult<Vec<String>> {
    let told = told(conn, period, units_then(act, unit, period))?;
    let satisfaction = "Mức độ hài lòng: chưa có số liệu, vì hệ thống chưa ghi nhận phiếu đánh giá.".to_owned();
    Ok(said(&told).into_iter().chain([satisfaction]).collect())
}

fn told(conn: &mut PgConnection, period: &Period, units: Option<Vec<UnitId>>) -> QueryResult<Vec<Told>> {
    let (from, to) = period.bounds();
    diesel::sql_query(TOLD)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .load(conn)
}

fn said(told: &[Told]) -> Vec<String> {
    if told.is_empty() {
        return vec!["Tin nhắn: không có tin nào được lập trong kỳ.".to_owned()];
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
    std::iter::once(line("Tin nhắn, tất cả các kênh", all)).chain(lines).collect()
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
