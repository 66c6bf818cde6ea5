//! Invitations to collect a result early.

use super::{Definition, figure};

pub(super) const COUNTS: [Definition; 19] = [
    figure(
        "invited",
        "Hồ sơ được mời nhận kết quả sớm trong kỳ; mỗi hồ sơ tính một lần, theo lần mời cuối",
        "Dossiers invited early in the period, each once, by the last invitation",
    )
    .formula("reached + not_reached"),
    figure("reached", "Trong số đã mời: đã báo được cho người dân", "Of the invited: their people were reached")
        .formula("delivered + told_by_phone + handed_over"),
    figure(
        "delivered",
        "Trong số báo được: tin đã đến máy hoặc hộp thư, theo biên nhận",
        "Of the reached: a phone or mail server has it, as a receipt says",
    ),
    figure("told_by_phone", "Trong số báo được: có người gọi điện", "Of the reached: called up by somebody"),
    figure(
        "handed_over",
        "Trong số báo được: cổng gửi đã nhận, chưa có biên nhận",
        "Of the reached: a gateway took it, and no receipt came",
    ),
    figure(
        "not_reached",
        "Trong số đã mời: chưa báo được cho người dân",
        "Of the invited: their people were not reached",
    )
    .formula("waiting + in_doubt + failed + given_up + expired + cancelled"),
    figure("waiting", "Trong số chưa báo được: tin đang chờ gửi", "Of those not reached: the message waits to be sent"),
    figure(
        "in_doubt",
        "Trong số chưa báo được: chưa rõ tin đã gửi đi hay chưa",
        "Of those not reached: nobody knows whether it went out",
    ),
    figure("failed", "Trong số chưa báo được: bị từ chối hẳn", "Of those not reached: refused for good"),
    figure(
        "given_up",
        "Trong số chưa báo được: đã thôi thử lại",
        "Of those not reached: tried as often as is sensible",
    ),
    figure(
        "expired",
        "Trong số chưa báo được: quá thời gian còn có ích",
        "Of those not reached: too late to be of use",
    ),
    figure(
        "cancelled",
        "Trong số chưa báo được: hủy trước khi gửi, thường vì người dân đã đến nhận",
        "Of those not reached: called back before it went out, mostly as people came before",
    ),
    figure("came", "Trong số đã mời: đã nhận kết quả", "Of the invited: the result was handed over"),
    figure(
        "came_within_1",
        "Trong số đã nhận: trong 1 ngày làm việc kể từ lúc mời",
        "Of those who came: within one working day of the invitation",
    ),
    figure(
        "came_within_3",
        "Trong số đã nhận: trong 3 ngày làm việc kể từ lúc mời",
        "Of those who came: within three working days of the invitation",
    ),
    figure(
        "came_within_5",
        "Trong số đã nhận: trong 5 ngày làm việc kể từ lúc mời",
        "Of those who came: within five working days of the invitation",
    ),
    figure("not_come", "Trong số đã mời: kết quả còn chờ người đến nhận", "Of the invited: the result still waits")
        .formula("invited - came - taken_back"),
    figure(
        "taken_back",
        "Trong số đã mời: kết quả bị thu hồi, hoặc ký lại mà không còn trước hạn",
        "Of the invited: the result was taken back, or signed again and early no more",
    ),
    figure(
        "reminded",
        "Trong số đã mời: đã được nhắc đến nhận kết quả",
        "Of the invited: reminded that the result waits",
    ),
];

pub(super) const SUMS: [Definition; 5] = [
    figure(
        "median_wait_days",
        "Trung vị số ngày làm việc từ lúc mời đến lúc nhận kết quả, của người đã nhận",
        "The median of the working days between invitation and hand-over, of those who came",
    ),
    figure(
        "saved_days",
        "Tổng số ngày làm việc từ khi có kết quả đến ngày hẹn",
        "Working days from the results to their due dates, all together",
    ),
    figure("reminders", "Số lần nhắc đến nhận kết quả", "Reminders that the result waits"),
    figure(
        "segments",
        "Số phần tin đã gửi đi, không kể tin nhắc",
        "Parts of messages that left the house, reminders left out",
    ),
    figure(
        "cost_vnd",
        "Chi phí của các tin đó, theo nhà cung cấp hoặc theo ước tính khi chưa có",
        "What they cost, as the gateways said or, where they did not, as estimated",
    ),
];

pub(super) const RATES: [Definition; 5] = [
    figure(
        "reached_rate",
        "Tỷ lệ hồ sơ mời nhận kết quả sớm đã báo được cho người dân (tin đã đến, cổng gửi đã nhận, hoặc đã gọi điện)",
        "Share of the dossiers invited early whose people were told: it arrived, a gateway took it, or somebody called",
    )
    .formula("reached / invited"),
    figure(
        "came_rate",
        "Tỷ lệ hồ sơ mời nhận kết quả sớm đã nhận kết quả, không tính kết quả bị thu hồi",
        "Share of the dossiers invited early whose result was handed over, those taken back left out",
    )
    .formula("came / (invited - taken_back)"),
    figure(
        "came_within_1_rate",
        "Như trên, nhận trong 1 ngày làm việc kể từ lúc mời",
        "The same, within one working day of the invitation",
    )
    .formula("came_within_1 / (invited - taken_back)"),
    figure(
        "came_within_3_rate",
        "Như trên, nhận trong 3 ngày làm việc kể từ lúc mời",
        "The same, within three working days of the invitation",
    )
    .formula("came_within_3 / (invited - taken_back)"),
    figure(
        "came_within_5_rate",
        "Như trên, nhận trong 5 ngày làm việc kể từ lúc mời",
        "The same, within five working days of the invitation",
    )
    .formula("came_within_5 / (invited - taken_back)"),
];
