//! What comes of being early.

use super::{Definition, figure};

pub(super) const COUNTS: [Definition; 11] = [
    figure(
        "results",
        "Kết quả có trong kỳ, không kể hồ sơ rút và dừng xử lý",
        "Results that became ready in the period; the withdrawn and stopped left out",
    ),
    figure("early", "Trong số đó: có trước ngày hẹn", "Of those: ready before the due date"),
    figure(
        "at_counter",
        "Trong số kết quả trước hạn: nhận tại quầy",
        "Of the early results: to be fetched at a counter",
    )
    .formula("told + untold"),
    figure(
        "told",
        "Trong số nhận tại quầy: đã báo được cho người dân (tin đã đến, cổng gửi đã nhận, hoặc đã gọi điện)",
        "Of those at a counter: their people were told (it arrived, a gateway took it, or somebody called)",
    ),
    figure("told_collected", "Trong số đã báo được: đã nhận kết quả", "Of the told: the result was fetched"),
    figure(
        "told_within_3",
        "Trong số đã báo được: nhận trong 3 ngày làm việc kể từ khi có thể nhận",
        "Of the told: fetched within three working days after it could be",
    ),
    figure("told_before_due", "Trong số đã báo được: nhận trước ngày hẹn", "Of the told: fetched before the due date"),
    figure(
        "untold",
        "Trong số nhận tại quầy: chưa báo được cho người dân",
        "Of those at a counter: nobody was reached",
    ),
    figure("untold_collected", "Trong số chưa báo được: đã nhận kết quả", "Of the untold: the result was fetched"),
    figure(
        "untold_within_3",
        "Trong số chưa báo được: nhận trong 3 ngày làm việc kể từ khi có thể nhận",
        "Of the untold: fetched within three working days after it could be",
    ),
    figure(
        "untold_before_due",
        "Trong số chưa báo được: nhận trước ngày hẹn",
        "Of the untold: fetched before the due date",
    ),
];

pub(super) const DAYS: [Definition; 4] = [
    figure(
        "saved_days",
        "Tổng số ngày làm việc từ khi có kết quả đến ngày hẹn của các kết quả trước hạn",
        "Working days from the early results to their due dates, all together",
    ),
    figure(
        "median_saved_days",
        "Trung vị: một nửa số kết quả trước hạn có sớm không quá số ngày làm việc này",
        "The median: half of the early results were ready by no more working days before their date",
    ),
    figure(
        "median_told_wait_days",
        "Trung vị: một nửa số người đã báo được nhận kết quả sau không quá số ngày làm việc này",
        "The median: half of the told who came waited no more working days",
    ),
    figure(
        "median_untold_wait_days",
        "Trung vị: một nửa số người chưa báo được nhận kết quả sau không quá số ngày làm việc này",
        "The median: half of the untold who came waited no more working days",
    ),
];

pub(super) const RATES: [Definition; 6] = [
    figure(
        "early_of_results_rate",
        "Tỷ lệ trước hạn trên số kết quả có trong kỳ; khác tỷ lệ trước hạn của các bảng, vốn tính trên tổng số đã giải quyết, kể cả hồ sơ rút và dừng xử lý",
        "Share of the results that were early; the early rate of the tables is of all that was resolved, with the withdrawn and stopped",
    )
    .formula("early / results"),
    figure(
        "told_rate",
        "Tỷ lệ kết quả trước hạn nhận tại quầy đã báo được cho người dân",
        "Share of the early results at a counter whose people were told",
    )
    .formula("told / at_counter"),
    figure(
        "told_before_due_rate",
        "Tỷ lệ nhận trước ngày hẹn khi đã báo được",
        "Share of the told who had the result before its date",
    )
    .formula("told_before_due / told"),
    figure(
        "untold_before_due_rate",
        "Tỷ lệ nhận trước ngày hẹn khi chưa báo được",
        "Share of the untold who had the result before its date",
    )
    .formula("untold_before_due / untold"),
    figure(
        "told_within_3_rate",
        "Tỷ lệ nhận trong 3 ngày làm việc khi đã báo được",
        "Share of the told who came within three working days",
    )
    .formula("told_within_3 / told"),
    figure(
        "untold_within_3_rate",
        "Tỷ lệ nhận trong 3 ngày làm việc khi chưa báo được",
        "Share of the untold who came within three working days",
    )
    .formula("untold_within_3 / untold"),
];
