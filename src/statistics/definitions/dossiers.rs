//! The cells of biểu 06 and the rates made of them.

use super::{Definition, figure};

const FORM: &str = "TT 01/2020/TT-VPCP, biểu 06";
const LETTERS: &str = "NĐ 61/2018/NĐ-CP Điều 19 khoản 9";

/// The columns of the form, and what they are made of.
pub(super) const CELLS: [Definition; 25] = [
    figure("received", "Tổng số hồ sơ phải giải quyết trong kỳ", "All dossiers to be resolved in the period")
        .column(3)
        .formula("received_online + received_direct_postal + carried_over")
        .by(FORM),
    figure("received_online", "Hồ sơ được tiếp nhận trong kỳ, nộp trực tuyến", "Accepted in the period, filed online")
        .column(4)
        .by(FORM),
    figure(
        "received_direct_postal",
        "Hồ sơ được tiếp nhận trong kỳ, nộp trực tiếp hoặc qua bưu chính",
        "Accepted in the period, brought to the counter or sent by post",
    )
    .column(5)
    .by(FORM),
    figure(
        "carried_over",
        "Hồ sơ được tiếp nhận trước kỳ và chưa kết thúc trước kỳ",
        "Accepted before the period and not ended before it",
    )
    .column(6)
    .by(FORM),
    figure(
        "resolved",
        "Hồ sơ kết thúc trong kỳ: đã xử lý xong, công dân rút hoặc dừng xử lý; kết quả bị thu hồi không tính",
        "Ended in the period: finished, withdrawn or stopped; an end that was undone is none",
    )
    .column(7)
    .formula("early + on_time + late")
    .by(FORM),
    figure(
        "early",
        "Xử lý xong trước ngày hẹn (thời hạn tính giờ: trước phút hẹn)",
        "Finished before the due date (hour terms: before the minute)",
    )
    .column(8)
    .by(FORM),
    figure(
        "on_time",
        "Xử lý xong đúng ngày hẹn hoặc trong thời gian gia hạn; hồ sơ rút, dừng khi chưa quá hạn",
        "Finished on the due date or within an extension; withdrawn or stopped when not yet late",
    )
    .column(9)
    .by(FORM),
    figure("late", "Kết thúc sau ngày hẹn đang có hiệu lực", "Ended after the due date in force").column(10).by(FORM),
    figure("pending", "Hồ sơ chưa kết thúc ở cuối kỳ", "Not ended at the end of the period")
        .column(11)
        .formula("pending_in_time + pending_overdue")
        .by(FORM),
    figure(
        "pending_in_time",
        "Chưa kết thúc, còn trong hạn hoặc đang tạm dừng khi chưa quá hạn",
        "Not ended, in time or standing since before its due date",
    )
    .column(12)
    .by(FORM),
    figure(
        "pending_overdue",
        "Chưa kết thúc, đã quá hạn; kể cả tạm dừng sau khi quá hạn",
        "Not ended and overdue, also when paused after the due date",
    )
    .column(13)
    .by(FORM),
    figure("withdrawn", "Trong số đã giải quyết: công dân rút hồ sơ", "Of the resolved: withdrawn by the citizen"),
    figure("stopped", "Trong số đã giải quyết: dừng xử lý", "Of the resolved: stopped by the office"),
    figure(
        "refused",
        "Trong số đã giải quyết: từ chối giải quyết (kết quả là văn bản từ chối)",
        "Of the resolved: finished with a refusal",
    ),
    figure(
        "apologised",
        "Trong số đúng hạn: sau ngày hẹn đầu nhưng trong thời gian gia hạn có xin lỗi",
        "Of the on-time: after the first due date, within an extension with its apology",
    ),
    figure(
        "late_statutory",
        "Trong số quá hạn: quá cả thời hạn theo luật, khi đơn vị cam kết thời hạn ngắn hơn; không có cam kết thì như late",
        "Of the late: after the statutory term too, where a shorter one is pledged; all of them where none is",
    ),
    figure(
        "received_direct",
        "Trong số tiếp nhận trong kỳ: nộp trực tiếp",
        "Accepted in the period, brought to the counter",
    )
    .formula("received_direct_postal - received_postal"),
    figure(
        "received_postal",
        "Trong số tiếp nhận trong kỳ: gửi qua dịch vụ bưu chính công ích",
        "Accepted in the period, sent by post",
    ),
    figure(
        "with_result",
        "Trong số đã giải quyết: có kết quả, không kể hồ sơ rút và dừng",
        "Of the resolved: with a result, neither withdrawn nor stopped",
    )
    .formula("resolved - withdrawn - stopped"),
    figure(
        "late_with_result",
        "Trong số quá hạn: có kết quả, không kể hồ sơ rút và dừng",
        "Of the late: with a result, neither withdrawn nor stopped",
    ),
    figure(
        "late_apologised",
        "Trong số quá hạn: có văn bản xin lỗi, hẹn lại ngày trả kết quả",
        "Of the late: with a letter that apologised and named another date",
    )
    .by(LETTERS),
    figure("late_unapologised", "Trong số quá hạn: không có văn bản xin lỗi", "Of the late: without such a letter")
        .formula("late - late_apologised")
        .by(LETTERS),
    figure(
        "paused",
        "Trong số chưa kết thúc: đang tạm dừng ở cuối kỳ",
        "Of the pending: standing at the end of the period",
    ),
    figure("paused_supplement", "Trong số tạm dừng: chờ bổ sung hồ sơ", "Of the standing: papers are asked for"),
    figure(
        "paused_payment",
        "Trong số tạm dừng: chờ thực hiện nghĩa vụ tài chính",
        "Of the standing: a payment is waited for",
    ),
];

/// The rates that every row prints.
pub(super) const RATES: [Definition; 4] = [
    figure(
        "on_time_rate",
        "Tỷ lệ giải quyết trước hạn và đúng hạn trên tổng số đã giải quyết; không phát sinh thì để trống",
        "Share of the resolved that were early or on time; null when nothing was resolved",
    ).formula("(early + on_time) / resolved"),
    figure(
        "on_time_rate_with_result",
        "Tỷ lệ giải quyết trước hạn và đúng hạn, không kể hồ sơ rút và dừng ở cả tử số và mẫu số",
        "Share of those with a result that were early or on time, the withdrawn and stopped left out on both sides",
    ).formula("(with_result - late_with_result) / with_result"),
    figure(
        "early_rate",
        "Tỷ lệ giải quyết trước hạn trên tổng số đã giải quyết; không phát sinh thì để trống",
        "Share of the resolved that were early; null when nothing was resolved",
    ).formula("early / resolved"),
    figure(
        "statutory_rate",
        "Tỷ lệ giải quyết trong thời hạn theo luật, không tính cam kết cắt giảm; không phát sinh thì để trống",
        "Share of the resolved that kept the statutory term, whatever shorter one is pledged; null when nothing was resolved",
    ).formula("(resolved - late_statutory) / resolved"),
];
