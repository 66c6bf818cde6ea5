//! What messages cost.

use super::{Definition, figure};

pub(super) const COSTS: [Definition; 8] = [
    figure("notices", "Thông báo mà tổng đài đã nhận gửi trong kỳ", "Notices that a gateway took in the period"),
    figure("segments", "Số bản tin của các thông báo đó", "The parts of these notices"),
    figure(
        "unpriced",
        "Thông báo chưa biết chi phí vì chưa có đơn giá: không tính là 0",
        "Notices whose cost is not known, as no tariff says it: they are not counted as 0",
    ),
    figure(
        "estimated_vnd",
        "Chi phí ước tính theo đơn giá lúc tổng đài nhận; null khi không thông báo nào có đơn giá",
        "Estimated by the tariff of the moment when the gateway took it; null where none has a tariff",
    )
    .formula("Σ segments × vnd_per_segment"),
    figure(
        "billed_notices",
        "Thông báo đã có số tiền do nhà cung cấp tính",
        "Notices of which the vendor has said what it charged",
    ),
    figure(
        "billed_vnd",
        "Số tiền nhà cung cấp đã tính; null khi chưa có",
        "What vendors have charged; null where none has said",
    ),
    figure(
        "difference_vnd",
        "Chênh lệch, chỉ của các thông báo có cả hai số",
        "The difference, of those notices alone that have both",
    )
    .formula("billed_vnd - estimated_vnd"),
    figure(
        "differs",
        "Chênh lệch quá 1 %: xem lại đơn giá hoặc hóa đơn",
        "A difference above 1 %: look at the tariffs or the bill",
    )
    .formula("|difference_vnd| > 1 % of the estimate of the same notices"),
];
