//! The index of service quality (QĐ 766/QĐ-TTg).

use super::{Definition, figure};

const INDEX: &str = "QĐ 766/QĐ-TTg";

pub(super) const SCORES: [Definition; 5] = [
    figure(
        "numerator",
        "Tử số của tỷ lệ; numerator_cell là tên của số đếm",
        "The part of the share; numerator_cell names the count",
    ),
    figure(
        "denominator",
        "Mẫu số của tỷ lệ; denominator_cell là tên của số đếm",
        "The whole of the share; denominator_cell names the count",
    ),
    figure(
        "threshold_percent",
        "Tỷ lệ phần trăm đạt điểm tối đa; để trống khi chưa được công bố hoặc không phải tỷ lệ",
        "The share that scores the most, in percent; null where it is not published, or there is no share",
    )
    .by(INDEX),
    figure(
        "max",
        "Điểm tối đa; để trống khi cách chia điểm trong nhóm chưa được công bố",
        "The most points; null where it is not published how the points of the group are split",
    )
    .by(INDEX),
    figure(
        "score",
        "Điểm, làm tròn hai chữ số thập phân; để trống khi không tính được hoặc không phát sinh",
        "Points, rounded half up to two decimals; null where it can't be computed, or nothing was to be counted",
    )
    .formula("max × min(1, numerator / denominator × 100 / threshold_percent)")
    .by(INDEX),
];

pub(super) const COUNTS: [Definition; 11] = [
    figure(
        "to_resolve",
        "Hồ sơ phải giải quyết trong kỳ: tiếp nhận trong kỳ hoặc từ kỳ trước chuyển sang",
        "Dossiers received in the period or carried over into it",
    )
    .by("QĐ 766/QĐ-TTg, 2.1"),
    figure(
        "punctual",
        "Trong số phải giải quyết: kết thúc đúng hạn, hoặc chưa kết thúc mà còn trong hạn ở cuối kỳ, và không bị yêu cầu bổ sung quá một lần",
        "Of those to resolve: ended on time or in time at the end of the period, and papers asked for once at most",
    )
    .by("QĐ 766/QĐ-TTg, 2.1"),
    figure(
        "asked_again",
        "Trong số phải giải quyết: đúng hạn hoặc còn trong hạn theo ngày hẹn, nhưng bị yêu cầu bổ sung quá một lần nên tính là quá hạn",
        "Of those to resolve: on time or in time by its dates, but papers were asked for more than once, so that it counts late",
    )
    .by("QĐ 766/QĐ-TTg, 2.1"),
    figure(
        "received",
        "Hồ sơ được tiếp nhận trong kỳ, không kể hồ sơ từ kỳ trước chuyển sang",
        "Accepted in the period; what is carried over is left out",
    ),
    figure("received_online", "Trong số tiếp nhận trong kỳ: nộp trực tuyến", "Of those accepted in the period: filed online"),
    figure(
        "timed_working_hour",
        "Kết quả có trong kỳ của thủ tục có thời hạn tính bằng giờ làm việc, có ghi nhận thời gian từng bước",
        "Results of the period, of procedures with a term in working hours, whose steps were recorded",
    ),
    figure(
        "timed_working_day",
        "Kết quả có trong kỳ của thủ tục có thời hạn tính bằng ngày làm việc, có ghi nhận thời gian từng bước",
        "Results of the period, of procedures with a term in working days, whose steps were recorded",
    ),
    figure(
        "timed_calendar_day",
        "Kết quả có trong kỳ của thủ tục có thời hạn tính bằng ngày, có ghi nhận thời gian từng bước",
        "Results of the period, of procedures with a term in calendar days, whose steps were recorded",
    ),
    figure(
        "timed_month",
        "Kết quả có trong kỳ của thủ tục có thời hạn tính bằng tháng, có ghi nhận thời gian từng bước",
        "Results of the period, of procedures with a term in months, whose steps were recorded",
    ),
    figure(
        "results",
        "Số kết quả mà thời gian trung bình được tính từ đó; cell là tên của số đếm",
        "How many results an average is of; cell names the count",
    ),
    figure(
        "average_minutes",
        "Thời gian giải quyết trung bình, tính bằng phút làm việc, không kể thời gian tạm dừng; một ngày làm việc có 480 phút",
        "The mean of the working minutes, pauses left out, rounded half up to the minute; a working day has 480",
    )
    .by("QĐ 766/QĐ-TTg, 2.2"),
];

pub(super) const INDICATORS: [Definition; 20] = [
    figure(
        "publish_on_time",
        "Tỷ lệ thủ tục được công bố ít nhất 5 ngày làm việc trước khi có hiệu lực",
        "Share of procedures decided on five working days or more before they take effect",
    )
    .by("QĐ 766/QĐ-TTg, 1.1"),
    figure(
        "public_update_on_time",
        "Tỷ lệ thủ tục được công khai trong 5 ngày làm việc kể từ khi có quyết định công bố",
        "Share of procedures published within five working days of the decision",
    )
    .by("QĐ 766/QĐ-TTg, 1.2"),
    figure(
        "public_content_full",
        "Tỷ lệ thủ tục được công khai đủ nội dung (NĐ 63/2010/NĐ-CP Điều 8 khoản 2)",
        "Share of procedures whose published content is whole",
    )
    .by("QĐ 766/QĐ-TTg, 1.3"),
    figure(
        "dossier_sync",
        "Tỷ lệ hồ sơ đã đồng bộ lên Cổng Dịch vụ công quốc gia",
        "Share of dossiers reported to the national portal",
    )
    .by("QĐ 766/QĐ-TTg, 1.4"),
    figure(
        "resolved_on_time",
        "Tỷ lệ hồ sơ giải quyết đúng hạn; hồ sơ chưa kết thúc mà còn trong hạn cũng tính là đúng hạn",
        "Share of dossiers that were on time; those pending in time count too",
    )
    .formula("punctual / to_resolve")
    .by("QĐ 766/QĐ-TTg, 2.1"),
    figure(
        "average_time",
        "Thời gian giải quyết trung bình theo đơn vị tính của thời hạn: giờ làm việc, ngày làm việc, ngày, tháng",
        "The average time by the unit of the term: working hours, working days, calendar days, months",
    )
    .by("QĐ 766/QĐ-TTg, 2.2"),
    figure(
        "online_dossiers",
        "Tỷ lệ hồ sơ nộp trực tuyến trên số hồ sơ tiếp nhận trong kỳ; Bộ chỉ số chỉ tính hồ sơ có kết quả điện tử",
        "Share of the dossiers accepted in the period that were filed online; the index counts those with an electronic result alone",
    )
    .formula("received_online / received")
    .by("QĐ 766/QĐ-TTg, 3"),
    figure(
        "online_procedures",
        "Tỷ lệ thủ tục có hồ sơ nộp trực tuyến trên số thủ tục có hồ sơ tiếp nhận trong kỳ",
        "Share of the procedures of which dossiers were accepted in the period that had one filed online",
    )
    .formula("procedures of received_online / procedures of received")
    .by("QĐ 766/QĐ-TTg, 3"),
    figure(
        "paid_online",
        "Tỷ lệ hồ sơ thanh toán trực tuyến trên số hồ sơ của thủ tục có phí, lệ phí; không kể hồ sơ có mức thu bằng 0",
        "Share of dossiers paid online, of those of procedures with a fee; those that owe nothing left out",
    )
    .by("QĐ 766/QĐ-TTg, 3.6"),
    figure(
        "paid_online_procedures",
        "Tỷ lệ thủ tục có thanh toán trực tuyến trên số thủ tục có phí, lệ phí phát sinh hồ sơ trong kỳ",
        "Share of procedures with a payment online, of those with a fee and a dossier in the period",
    )
    .by("QĐ 766/QĐ-TTg, 3.6"),
    figure(
        "original_result_available",
        "Tỷ lệ hồ sơ có kết quả giải quyết điện tử",
        "Share of dossiers with an electronic result",
    )
    .by("QĐ 766/QĐ-TTg, 4.1"),
    figure(
        "so_hoa",
        "Tỷ lệ hồ sơ được số hóa thành phần và có kết quả điện tử",
        "Share of dossiers with digitised papers and an electronic result",
    )
    .by("QĐ 766/QĐ-TTg, 4.2"),
    figure(
        "reused_digitized",
        "Tỷ lệ hồ sơ khai thác, sử dụng lại thông tin, dữ liệu đã số hóa",
        "Share of dossiers that used what was digitised before",
    )
    .by("QĐ 766/QĐ-TTg, 4.3"),
    figure(
        "synced_personal_storage",
        "Tỷ lệ hồ sơ đồng bộ với Kho quản lý dữ liệu điện tử của tổ chức, cá nhân",
        "Share of dossiers in sync with the electronic store of the person or organisation",
    )
    .by("QĐ 766/QĐ-TTg, 4.4"),
    figure(
        "citizen_data_dossiers",
        "Tỷ lệ hồ sơ có tài khoản được xác thực với Cơ sở dữ liệu quốc gia về dân cư",
        "Share of dossiers from an account that was checked with the population database",
    )
    .by("QĐ 766/QĐ-TTg, 4.5"),
    figure(
        "citizen_data_formalities",
        "Tỷ lệ thủ tục khai thác Cơ sở dữ liệu quốc gia về dân cư",
        "Share of procedures that use the population database",
    )
    .by("QĐ 766/QĐ-TTg, 4.5"),
    figure(
        "electronic_certified_copy",
        "Tỷ lệ thực hiện chứng thực bản sao điện tử từ bản chính",
        "Share of certified copies that were made electronically",
    )
    .by(INDEX),
    figure(
        "dossier_receiving_satisfaction",
        "Mức độ hài lòng trong tiếp nhận, giải quyết hồ sơ: như Cổng Dịch vụ công quốc gia tính, là tỷ lệ đúng hạn với ngưỡng 90 %",
        "Satisfaction with intake and resolution: as the national portal computes it, the on-time share at a threshold of 90 %",
    )
    .formula("punctual / to_resolve")
    .by("QĐ 766/QĐ-TTg, 5.4"),
    figure(
        "petition_processing_on_time",
        "Tỷ lệ phản ánh, kiến nghị được xử lý đúng hạn",
        "Share of petitions that were dealt with in time",
    )
    .by("QĐ 766/QĐ-TTg, 5.2"),
    figure(
        "petition_handling_satisfaction",
        "Mức độ hài lòng trong xử lý phản ánh, kiến nghị",
        "Satisfaction with how petitions were dealt with",
    )
    .by(INDEX),
];
