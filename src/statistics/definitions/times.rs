//! How long results take, and when one may be expected.

use super::{Definition, figure};

pub(super) const DURATIONS: [Definition; 5] = [
    figure(
        "count",
        "Số kết quả có trong kỳ mà thời gian xử lý từng bước được ghi nhận; theo bước: số lần qua bước đó",
        "Results of the period whose steps were recorded; by step: how often it was gone through",
    ),
    figure(
        "p50_minutes",
        "Trung vị: một nửa không lâu hơn số phút làm việc này, không kể thời gian tạm dừng; một ngày làm việc có 480 phút",
        "The median: half took no more working minutes, pauses left out; a working day has 480",
    ),
    figure(
        "p90_minutes",
        "Bách phân vị 90: chín phần mười không lâu hơn số phút làm việc này, không kể thời gian tạm dừng",
        "The ninth decile: nine of ten took no more working minutes, pauses left out",
    ),
    figure(
        "average_minutes",
        "Số phút làm việc trung bình, không kể thời gian tạm dừng, làm tròn đến phút",
        "The mean of the working minutes, pauses left out, rounded half up to the minute",
    ),
    figure(
        "unmeasured",
        "Kết quả có trong kỳ mà thời gian từng bước không được ghi nhận, như hồ sơ chuyển từ hệ thống cũ; không nằm ở dòng nào",
        "Results of the period whose steps were not recorded, as of old systems; in no row",
    ),
];

pub(super) const AGEING: [Definition; 2] = [
    figure(
        "from_days",
        "Số ngày ít nhất kể từ ngày tiếp nhận đến cuối kỳ của hồ sơ đang giải quyết ở dòng này",
        "The fewest days from acceptance to the end of the period of what is pending in this row",
    ),
    figure(
        "to_days",
        "Số ngày nhiều nhất kể từ ngày tiếp nhận đến cuối kỳ; để trống ở dòng lâu nhất",
        "The most days from acceptance to the end of the period; none in the row of the oldest",
    ),
];

pub(super) const EXPECTED: [Definition; 4] = [
    figure(
        "half_ready_by",
        "Ngày mà một nửa số hồ sơ của thủ tục này tại đơn vị thường có kết quả, tính theo thời gian làm việc và với điều kiện không tạm dừng thêm; không phải cam kết",
        "The date by which half of the results of this procedure in this unit are usually ready, in working time and without another pause; no promise",
    ),
    figure(
        "most_ready_by",
        "Ngày mà chín phần mười số hồ sơ của thủ tục này tại đơn vị thường có kết quả, tính như trên; không phải cam kết",
        "The date by which nine of ten of them are usually ready, counted in the same way; no promise",
    ),
    figure(
        "longer_than_usual",
        "Hồ sơ đã được xử lý lâu hơn chín phần mười số hồ sơ cùng loại nên không dự kiến được ngày",
        "It has taken longer than nine of ten of its kind, so that no date can be expected",
    ),
    figure(
        "counted_on",
        "Ngày tính các thời gian thường thấy, từ kết quả của những tháng gần nhất; chỉ khi có đủ số kết quả",
        "The day on which usual times were counted from the results of the last months; only where there are enough",
    ),
];
