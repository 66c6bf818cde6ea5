//! At which counters dossiers were taken in.

use super::{Definition, figure};

pub(super) const COUNTS: [Definition; 6] = [
    figure(
        "taken_in",
        "Hồ sơ được tiếp nhận trong kỳ qua mọi cách nộp (cột 4 và cột 5 của biểu 06), theo cơ quan giải quyết",
        "Dossiers received in the period however they were filed (columns 4 and 5 of biểu 06), by the unit that resolves",
    )
    .formula("at_centre + at_commune + elsewhere"),
    figure(
        "at_centre",
        "Trong số đó: do Trung tâm Phục vụ hành chính công tiếp nhận",
        "Of them: taken in by a centre (Trung tâm Phục vụ hành chính công)",
    )
    .formula("at_centre_online + at_centre_direct_postal"),
    figure(
        "at_centre_online",
        "Trong số hồ sơ do Trung tâm tiếp nhận: nộp trực tuyến",
        "Of those that a centre took in: filed online",
    ),
    figure(
        "at_centre_direct_postal",
        "Trong số hồ sơ do Trung tâm tiếp nhận: nộp trực tiếp hoặc qua dịch vụ bưu chính",
        "Of those that a centre took in: brought to its counters or sent by post",
    ),
    figure(
        "at_commune",
        "Trong số tiếp nhận trong kỳ: do bộ phận một cửa của xã, phường, đặc khu tiếp nhận",
        "Of those received in the period: taken in at the counters of communes",
    ),
    figure(
        "elsewhere",
        "Trong số tiếp nhận trong kỳ: do bộ phận một cửa của cơ quan khác tiếp nhận",
        "Of those received in the period: taken in at the counters of other units",
    ),
];
