//! What each figure means: every figure names its definition, and nothing is shown that has none.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::AppError;

/// What a figure means.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Definition {
    /// The name of the figure in answers.
    pub name: &'static str,
    /// The column of biểu 06, where it has one.
    pub column: Option<u8>,
    /// In Vietnamese.
    pub vi: &'static str,
    /// In English.
    pub en: &'static str,
    /// How it is computed, in terms of other figures.
    pub formula: Option<&'static str>,
}

/// Returns a word that changes exactly when what these definitions say does.
///
/// # Errors
/// Only faults of ours.
pub fn version_of(definitions: &[Definition]) -> Result<String, AppError> {
    let text = serde_json::to_vec(definitions).map_err(|err| AppError::Internal(err.into()))?;
    Ok(Sha256::digest(text).get(..8).map_or_else(String::new, |short| HEXLOWER.encode(short)))
}

const fn cell(
    name: &'static str,
    column: Option<u8>,
    formula: Option<&'static str>,
    vi: &'static str,
    en: &'static str,
) -> Definition {
    Definition { name, column, vi, en, formula }
}

/// Every figure of the answers.
pub const DEFINITIONS: [Definition; 36] = [
    cell(
        "received",
        Some(3),
        Some("received_online + received_direct_postal + carried_over"),
        "Tổng số hồ sơ phải giải quyết trong kỳ",
        "All dossiers to be resolved in the period",
    ),
    cell(
        "received_online",
        Some(4),
        None,
        "Hồ sơ được tiếp nhận trong kỳ, nộp trực tuyến",
        "Accepted in the period, filed online",
    ),
    cell(
        "received_direct_postal",
        Some(5),
        None,
        "Hồ sơ được tiếp nhận trong kỳ, nộp trực tiếp hoặc qua bưu chính",
        "Accepted in the period, brought to the counter or sent by post",
    ),
    cell(
        "carried_over",
        Some(6),
        None,
        "Hồ sơ được tiếp nhận trước kỳ và chưa kết thúc trước kỳ",
        "Accepted before the period and not ended before it",
    ),
    cell(
        "resolved",
        Some(7),
        Some("early + on_time + late"),
        "Hồ sơ kết thúc trong kỳ: đã xử lý xong, công dân rút hoặc dừng xử lý; kết quả bị thu hồi không tính",
        "Ended in the period: finished, withdrawn or stopped; an end that was undone is none",
    ),
    cell(
        "early",
        Some(8),
        None,
        "Xử lý xong trước ngày hẹn (thời hạn tính giờ: trước phút hẹn)",
        "Finished before the due date (hour terms: before the minute)",
    ),
    cell(
        "on_time",
        Some(9),
        None,
        "Xử lý xong đúng ngày hẹn hoặc trong thời gian gia hạn; hồ sơ rút, dừng khi chưa quá hạn",
        "Finished on the due date or within an extension; withdrawn or stopped when not yet late",
    ),
    cell("late", Some(10), None, "Kết thúc sau ngày hẹn đang có hiệu lực", "Ended after the due date in force"),
    cell(
        "pending",
        Some(11),
        Some("pending_in_time + pending_overdue"),
        "Hồ sơ chưa kết thúc ở cuối kỳ",
        "Not ended at the end of the period",
    ),
    cell(
        "pending_in_time",
        Some(12),
        None,
        "Chưa kết thúc, còn trong hạn hoặc đang tạm dừng khi chưa quá hạn",
        "Not ended, in time or standing since before its due date",
    ),
    cell(
        "pending_overdue",
        Some(13),
        None,
        "Chưa kết thúc, đã quá hạn; kể cả tạm dừng sau khi quá hạn",
        "Not ended and overdue, also when paused after the due date",
    ),
    cell(
        "withdrawn",
        None,
        None,
        "Trong số đã giải quyết: công dân rút hồ sơ",
        "Of the resolved: withdrawn by the citizen",
    ),
    cell("stopped", None, None, "Trong số đã giải quyết: dừng xử lý", "Of the resolved: stopped by the office"),
    cell(
        "refused",
        None,
        None,
        "Trong số đã giải quyết: từ chối giải quyết (kết quả là văn bản từ chối)",
        "Of the resolved: finished with a refusal",
    ),
    cell(
        "apologised",
        None,
        None,
        "Trong số đúng hạn: sau ngày hẹn đầu nhưng trong thời gian gia hạn có xin lỗi",
        "Of the on-time: after the first due date, within an extension with its apology",
    ),
    cell(
        "late_statutory",
        None,
        None,
        "Trong số quá hạn: quá cả thời hạn theo luật, khi đơn vị cam kết thời hạn ngắn hơn; không có cam kết thì như late",
        "Of the late: after the statutory term too, where a shorter one is pledged; all of them where none is",
    ),
    cell(
        "received_direct",
        None,
        Some("received_direct_postal - received_postal"),
        "Trong số tiếp nhận trong kỳ: nộp trực tiếp",
        "Accepted in the period, brought to the counter",
    ),
    cell(
        "received_postal",
        None,
        None,
        "Trong số tiếp nhận trong kỳ: gửi qua dịch vụ bưu chính công ích",
        "Accepted in the period, sent by post",
    ),
    cell(
        "with_result",
        None,
        Some("resolved - withdrawn - stopped"),
        "Trong số đã giải quyết: có kết quả, không kể hồ sơ rút và dừng",
        "Of the resolved: with a result, neither withdrawn nor stopped",
    ),
    cell(
        "late_with_result",
        None,
        None,
        "Trong số quá hạn: có kết quả, không kể hồ sơ rút và dừng",
        "Of the late: with a result, neither withdrawn nor stopped",
    ),
    cell(
        "late_apologised",
        None,
        None,
        "Trong số quá hạn: có văn bản xin lỗi, hẹn lại ngày trả kết quả",
        "Of the late: with a letter that apologised and named another date",
    ),
    cell(
        "late_unapologised",
        None,
        Some("late - late_apologised"),
        "Trong số quá hạn: không có văn bản xin lỗi",
        "Of the late: without such a letter",
    ),
    cell(
        "paused",
        None,
        None,
        "Trong số chưa kết thúc: đang tạm dừng ở cuối kỳ",
        "Of the pending: standing at the end of the period",
    ),
    cell(
        "paused_supplement",
        None,
        None,
        "Trong số tạm dừng: chờ bổ sung hồ sơ",
        "Of the standing: papers are asked for",
    ),
    cell(
        "paused_payment",
        None,
        None,
        "Trong số tạm dừng: chờ thực hiện nghĩa vụ tài chính",
        "Of the standing: a payment is waited for",
    ),
    cell(
        "on_time_rate",
        None,
        Some("(early + on_time) / resolved"),
        "Tỷ lệ giải quyết trước hạn và đúng hạn trên tổng số đã giải quyết; không phát sinh thì để trống",
        "Share of the resolved that were early or on time; null when nothing was resolved",
    ),
    cell(
        "on_time_rate_with_result",
        None,
        Some("(with_result - late_with_result) / with_result"),
        "Tỷ lệ giải quyết trước hạn và đúng hạn, không kể hồ sơ rút và dừng ở cả tử số và mẫu số",
        "Share of those with a result that were early or on time, the withdrawn and stopped left out on both sides",
    ),
    cell(
        "early_rate",
        None,
        Some("early / resolved"),
        "Tỷ lệ giải quyết trước hạn trên tổng số đã giải quyết; không phát sinh thì để trống",
        "Share of the resolved that were early; null when nothing was resolved",
    ),
    cell(
        "statutory_rate",
        None,
        Some("(resolved - late_statutory) / resolved"),
        "Tỷ lệ giải quyết trong thời hạn theo luật, không tính cam kết cắt giảm; không phát sinh thì để trống",
        "Share of the resolved that kept the statutory term, whatever shorter one is pledged; null when nothing was resolved",
    ),
    cell(
        "acknowledged_rate",
        None,
        Some("acknowledged_in_time / (acknowledged_in_time + acknowledged_late + open_late)"),
        "Tỷ lệ nhánh liên thông được xác nhận tiếp nhận trong thời gian quy định (02 giờ làm việc)",
        "Share of legs that were acknowledged in the time set for it (2 working hours)",
    ),
    cell(
        "synced_rate",
        None,
        Some("synced_in_time / (synced_in_time + synced_late)"),
        "Tỷ lệ nhánh liên thông bắt đầu trong thời gian quy định (10 phút) sau khi nhánh trước có kết quả",
        "Share of legs that began in the time set for it (10 minutes) after those that they waited for",
    ),
    cell(
        "reached_rate",
        None,
        Some("reached / invited"),
        "Tỷ lệ hồ sơ mời nhận kết quả sớm đã báo được cho người dân (tin đã đến, cổng gửi đã nhận, hoặc đã gọi điện)",
        "Share of the dossiers invited early whose people were told: it arrived, a gateway took it, or somebody called",
    ),
    cell(
        "came_rate",
        None,
        Some("came / (invited - taken_back)"),
        "Tỷ lệ hồ sơ mời nhận kết quả sớm đã nhận kết quả, không tính kết quả bị thu hồi",
        "Share of the dossiers invited early whose result was handed over, those taken back left out",
    ),
    cell(
        "came_within_1_rate",
        None,
        Some("came_within_1 / (invited - taken_back)"),
        "Như trên, nhận trong 1 ngày làm việc kể từ lúc mời",
        "The same, within one working day of the invitation",
    ),
    cell(
        "came_within_3_rate",
        None,
        Some("came_within_3 / (invited - taken_back)"),
        "Như trên, nhận trong 3 ngày làm việc kể từ lúc mời",
        "The same, within three working days of the invitation",
    ),
    cell(
        "came_within_5_rate",
        None,
        Some("came_within_5 / (invited - taken_back)"),
        "Như trên, nhận trong 5 ngày làm việc kể từ lúc mời",
        "The same, within five working days of the invitation",
    ),
];
