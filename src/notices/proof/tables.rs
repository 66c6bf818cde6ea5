//! The tables of a notice's proof: attempts, receipts, and what operators did.

use super::page::moment;
use crate::domain::delivery::Outcome;
use crate::http::html::Html;
use crate::notices::deeds::history::DeedRow;
use crate::notices::queries::{AttemptRow, ReceiptRow};

/// Adds the attempts to hand the notice over.
pub(super) fn attempts(html: &mut Html, rows: &[AttemptRow]) {
    if rows.is_empty() {
        html.markup("<p>Chưa lần nào được giao cho cổng gửi.</p>\n");
        return;
    }
    html.markup("<table>\n<thead><tr><th>Lần</th><th>Cổng gửi</th><th>Bắt đầu</th><th>Kết thúc</th><th>Kết quả</th>")
        .markup("<th>Mã của cổng</th><th>Số tham chiếu</th></tr></thead>\n<tbody>\n");
    for row in rows {
        html.between("<tr><td>", &row.attempt.to_string(), "</td>")
            .between("<td>", &row.gateway, "</td>")
            .between("<td>", &moment(row.started_at), "</td>")
            .between("<td>", &row.ended_at.map(moment).unwrap_or_default(), "</td>")
            .between("<td>", outcome(row.outcome), "</td>")
            .between("<td>", row.code.as_deref().unwrap_or_default(), "</td>")
            .between("<td>", row.gateway_ref.as_deref().unwrap_or_default(), "</td></tr>\n");
    }
    html.markup("</tbody></table>\n");
}

/// What an outcome is called; one without a name of its own is shown by its word.
fn outcome(outcome: Outcome) -> &'static str {
    match outcome.as_str() {
        "intent" => "bắt đầu, chưa có câu trả lời",
        "accepted" => "cổng đã nhận",
        "duplicate" => "cổng đã có từ trước, không gửi hai lần",
        "elsewhere" => "cổng này không chuyển được, cần cổng khác",
        "refused" => "cổng từ chối hẳn",
        "recipient" => "cổng không nhận số hoặc địa chỉ này",
        "content" => "cổng không nhận nội dung",
        "not_sent" => "chắc chắn chưa đến cổng",
        "ambiguous" => "không rõ: mất câu trả lời",
        "throttled" => "cổng yêu cầu gửi chậm lại",
        "account" => "tài khoản ở cổng không gửi được",
        word => word,
    }
}

/// Adds the delivery receipts.
pub(super) fn receipts(html: &mut Html, rows: &[ReceiptRow]) {
    if rows.is_empty() {
        html.markup("<p>Không có báo phát.</p>\n");
        return;
    }
    html.markup("<table>\n<thead><tr><th>Báo phát nhận lúc</th><th>Mã</th></tr></thead>\n<tbody>\n");
    for row in rows {
        html.between("<tr><td>", &moment(row.received_at), "</td>").between("<td>", &row.code, "</td></tr>\n");
    }
    html.markup("</tbody></table>\n");
}

/// Adds what operators did, where they did something.
pub(super) fn deeds(html: &mut Html, rows: &[DeedRow]) {
    if rows.is_empty() {
        return;
    }
    html.markup("<table>\n<thead><tr><th>Cán bộ đã làm</th><th>Lúc</th><th>Ai</th><th>Người xác nhận</th>")
        .markup("<th>Gọi lúc</th><th>Lý do, ghi chú</th></tr></thead>\n<tbody>\n");
    for row in rows {
        html.between("<tr><td>", row.what.vi(), "</td>")
            .between("<td>", &moment(row.done_at), "</td>")
            .between("<td>", &row.actor_name, "</td>")
            .between("<td>", row.confirmed_by_name.as_deref().unwrap_or_default(), "</td>")
            .between("<td>", &row.told_at.map(moment).unwrap_or_default(), "</td>")
            .between("<td>", row.reason.as_deref().unwrap_or_default(), "</td></tr>\n");
    }
    html.markup("</tbody></table>\n");
}
