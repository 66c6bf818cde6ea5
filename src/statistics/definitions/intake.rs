//! The figures of intake.

use super::{Definition, figure};

const ANSWERS: &str = "NĐ 45/2020/NĐ-CP Điều 11";

pub(super) const COUNTS: [Definition; 6] = [
    figure(
        "filed",
        "Hồ sơ nộp trực tuyến trong kỳ, phải được trả lời trong 08 giờ làm việc",
        "Filed online in the period, to be answered within eight working hours",
    )
    .formula("answered_in_time + answered_late + waiting_in_time + waiting_late")
    .by(ANSWERS),
    figure(
        "answered_in_time",
        "Đã trả lời trong thời hạn: tiếp nhận, không tiếp nhận hoặc yêu cầu bổ sung",
        "Answered in time: accepted, not taken in, or asked for more papers",
    )
    .by(ANSWERS),
    figure("answered_late", "Đã trả lời sau thời hạn (chậm tiếp nhận)", "Answered after the time set for it")
        .by(ANSWERS),
    figure(
        "waiting_in_time",
        "Chưa trả lời, còn trong thời hạn ở thời điểm tính",
        "Not answered, and still in time at the instant of counting",
    )
    .by(ANSWERS),
    figure(
        "waiting_late",
        "Chưa trả lời, đã quá thời hạn ở thời điểm tính",
        "Not answered, and late at the instant of counting",
    )
    .by(ANSWERS),
    figure(
        "asked_again",
        "Trong số hồ sơ nộp trong kỳ qua mọi kênh: bị yêu cầu bổ sung quá một lần",
        "Of all that came in the period, however it was filed: papers were asked for more than once",
    )
    .by("QĐ 766/QĐ-TTg"),
];
