//! Successive periods, units side by side, patterns, busiest hours, and public totals.

use super::{Definition, figure};

pub(super) const TREND: [Definition; 3] = [
    figure(
        "under_way",
        "Kỳ chưa kết thúc, số liệu mới tính đến counted_until; chênh lệch của kỳ này là so với trọn kỳ trước nên chỉ để tham khảo",
        "The period has not ended and was counted until counted_until; its change is against the whole of the one before",
    ),
    figure(
        "on_time_basis_points",
        "Chênh lệch tỷ lệ trước hạn và đúng hạn so với kỳ trước, tính bằng phần trăm của một phần trăm; để trống khi một trong hai kỳ không phát sinh",
        "The on-time rate against the period before, in hundredths of a percent; null where one of the two has none",
    )
    .formula("on_time_rate - on_time_rate of the period before"),
    figure(
        "early_basis_points",
        "Chênh lệch tỷ lệ trước hạn so với kỳ trước, tính bằng phần trăm của một phần trăm; để trống khi một trong hai kỳ không phát sinh",
        "The early rate against the period before, in hundredths of a percent; null where one of the two has none",
    )
    .formula("early_rate - early_rate of the period before"),
];

pub(super) const RANKING: [Definition; 6] = [
    figure(
        "likely_from",
        "Cận dưới khoảng tin cậy 95 % (Wilson) của tỷ lệ trước hạn và đúng hạn, tính bằng phần trăm của một phần trăm",
        "The lower end of the Wilson interval at 95 % of the on-time rate, in hundredths of a percent",
    ),
    figure(
        "likely_to",
        "Cận trên khoảng tin cậy 95 % (Wilson) của tỷ lệ trước hạn và đúng hạn, tính bằng phần trăm của một phần trăm",
        "The upper end of the Wilson interval at 95 % of the on-time rate, in hundredths of a percent",
    ),
    figure(
        "best_place",
        "Thứ hạng cao nhất có thể: một cộng số đơn vị có cận dưới cao hơn cận trên của đơn vị này",
        "The best place that it may hold: one, and one for each unit whose interval lies wholly above",
    ),
    figure(
        "worst_place",
        "Thứ hạng thấp nhất có thể: số đơn vị có cận trên không thấp hơn cận dưới của đơn vị này; khoảng chồng nhau thì cùng hạng",
        "The worst place that it may hold: units whose intervals overlap share places",
    ),
    figure(
        "too_few_to_rank",
        "Không xếp hạng vì số hồ sơ đã giải quyết ít hơn số tối thiểu",
        "Not ranked, as it resolved fewer dossiers than are needed",
    ),
    figure(
        "fewest",
        "Số hồ sơ đã giải quyết tối thiểu để được xếp hạng",
        "How many dossiers a unit must have resolved to be ranked",
    ),
];

pub(super) const PATTERNS: [Definition; 5] = [
    figure(
        "bunched_at_due",
        "Hồ sơ có kết quả trong 10 phút cuối trước thời điểm hẹn",
        "Dossiers whose result was made ready in the last ten minutes before it was due",
    ),
    figure(
        "paused_before_late",
        "Hồ sơ được tạm dừng trong ngày hẹn, trước thời điểm hẹn",
        "Dossiers with a pause opened on the due date, before the due moment",
    ),
    figure(
        "corrected_after_due",
        "Hồ sơ được sửa từ hai lần trở lên sau thời điểm hẹn",
        "Dossiers corrected twice or more after the due moment",
    ),
    figure(
        "count",
        "Số hồ sơ có dấu hiệu này; tự nó không chứng minh vi phạm",
        "Dossiers in which the pattern was found; by itself it proves nothing",
    ),
    figure(
        "among",
        "Số hồ sơ được xem xét tại đơn vị: với kết quả sát giờ hẹn là các kết quả trong kỳ, còn lại là mọi hồ sơ phải giải quyết trong kỳ",
        "Dossiers looked at in the unit: for bunched ends the results of the period, otherwise all that were to be resolved in it",
    ),
];

pub(super) const HOURS: [Definition; 2] = [
    figure(
        "count",
        "Hồ sơ được tiếp nhận tại quầy hoặc qua dịch vụ bưu chính vào giờ này của ngày này trong tuần, tại đơn vị tiếp nhận",
        "Dossiers brought to the counter or sent by post that were accepted in this hour of this weekday",
    ),
    figure(
        "total",
        "Tổng số hồ sơ được tiếp nhận tại quầy hoặc qua dịch vụ bưu chính trong kỳ",
        "All dossiers brought to the counters or sent by post that were accepted in the period",
    ),
];

pub(super) const PUBLIC: [Definition; 1] = [figure(
    "smallest",
    "Số nhỏ hơn mức này không được công khai, cũng như số mà từ đó có thể tính ra nó",
    "Counts below this are not shown, nor what would give them away",
)];
