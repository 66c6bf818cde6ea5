//! At which counters the dossiers of a period were taken in, as lines below a report: what a centre took in for each agency,
//! told apart from what communes took in themselves. `GET /statistics/received-at` answers the same figures.

use diesel::PgConnection;

use super::files::printed;
use crate::domain::catalogue::UnitKind;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::state::Act;
use crate::statistics::received_at::{ReceivedAtCounts, ReceivedAtFigures, received_at};

/// Returns the lines: of all that was taken in, then of each agency for which a centre took anything in; communes together.
pub(super) fn lines(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
) -> Result<Vec<String>, AppError> {
    let ReceivedAtFigures { rows, total } = received_at(conn, act, scope)?;
    let mut lines = vec![whole(&total)];
    let mut communes = 0;
    for (unit, key, counts) in rows.into_iter().filter(|(.., counts)| counts.at_centre > 0) {
        match act.catalogue().unit(unit).map(|unit| unit.kind) {
            Some(UnitKind::Commune) => communes += counts.at_centre,
            _ => lines.push(of_agency(&format!("{} ({})", key.name, key.code), counts.at_centre)),
        }
    }
    if communes > 0 {
        lines.push(of_agency("xã, phường, đặc khu", communes));
    }
    Ok(lines)
}

fn whole(counts: &ReceivedAtCounts) -> String {
    if counts.taken_in == 0 {
        return "Nơi tiếp nhận: không có hồ sơ nào được tiếp nhận trong kỳ.".to_owned();
    }
    format!(
        "Nơi tiếp nhận {} hồ sơ trong kỳ: Trung tâm Phục vụ hành chính công {} (trực tuyến {}, trực tiếp và bưu chính {}); \
         xã, phường, đặc khu {}; cơ quan khác {}.",
        printed(counts.taken_in),
        printed(counts.at_centre),
        printed(counts.at_centre_online),
        printed(counts.at_centre_direct_postal),
        printed(counts.at_commune),
        printed(counts.elsewhere)
    )
}

fn of_agency(agency: &str, at_centre: i64) -> String {
    format!("Trung tâm Phục vụ hành chính công tiếp nhận cho {agency}: {} hồ sơ.", printed(at_centre))
}
