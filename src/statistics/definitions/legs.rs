//! Legs of dossiers that several agencies resolve.

use super::{Definition, figure};

const DECREE: &str = "NĐ 63/2024/NĐ-CP";

pub(super) const COUNTS: [Definition; 9] = [
    figure(
        "started",
        "Nhánh liên thông bắt đầu trong kỳ, tính cho cơ quan thực hiện nhánh",
        "Legs that began in the period, each in the unit that has it",
    )
    .formula("acknowledged_in_time + acknowledged_late + open_in_time + open_late"),
    figure(
        "acknowledged_in_time",
        "Đã xác nhận tiếp nhận trong số giờ làm việc quy định",
        "Acknowledged within the working hours set for it",
    )
    .by(DECREE),
    figure(
        "acknowledged_late",
        "Đã xác nhận tiếp nhận sau số giờ làm việc quy định",
        "Acknowledged after the working hours set for it",
    )
    .by(DECREE),
    figure(
        "open_in_time",
        "Chưa xác nhận và chưa quá thời gian quy định, hoặc đã kết thúc trước đó",
        "Not acknowledged and not late: there is time left, or it ended before",
    ),
    figure("open_late", "Chưa xác nhận, đã quá thời gian quy định", "Not acknowledged, and the time is over"),
    figure(
        "synced_in_time",
        "Trong số nhánh phải chờ nhánh khác: bắt đầu trong số phút quy định sau khi nhánh trước có kết quả",
        "Of the legs that waited for another: begun within the minutes set for it",
    )
    .by(DECREE),
    figure(
        "synced_late",
        "Trong số nhánh phải chờ nhánh khác: bắt đầu sau số phút quy định",
        "Of the legs that waited for another: begun later than that",
    )
    .by(DECREE),
    figure(
        "acknowledge_hours",
        "Số giờ làm việc quy định để xác nhận tiếp nhận, theo cài đặt hiện nay; mỗi nhánh giữ số giờ lúc nó bắt đầu",
        "Working hours in which a leg is to be acknowledged, as set now; each leg keeps what was set when it began",
    )
    .by(DECREE),
    figure(
        "sync_minutes",
        "Số phút quy định để nhánh bắt đầu sau khi nhánh trước có kết quả, theo cài đặt hiện nay",
        "Minutes in which a leg is to begin when what it waited for is done, as set now",
    )
    .by(DECREE),
];

pub(super) const RATES: [Definition; 2] = [
    figure(
        "acknowledged_rate",
        "Tỷ lệ nhánh liên thông được xác nhận tiếp nhận trong thời gian quy định (02 giờ làm việc)",
        "Share of legs that were acknowledged in the time set for it (2 working hours)",
    )
    .formula("acknowledged_in_time / (acknowledged_in_time + acknowledged_late + open_late)")
    .by(DECREE),
    figure(
        "synced_rate",
        "Tỷ lệ nhánh liên thông bắt đầu trong thời gian quy định (10 phút) sau khi nhánh trước có kết quả",
        "Share of legs that began in the time set for it (10 minutes) after those that they waited for",
    )
    .formula("synced_in_time / (synced_in_time + synced_late)")
    .by(DECREE),
];
