//! When the result may be expected: what usually happens, beside the due date, which is what was promised.

use chrono::NaiveDate;
use diesel::PgConnection;
use serde::Serialize;

use super::queries::{self, Pinned};
use super::view::Reading;
use super::wording::date;
use crate::domain::dossier::Status;
use crate::domain::expectation::{Expectation, expect};
use crate::domain::held::Span;
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::http::locale::Language;
use crate::statistics::Topic;

/// When results of this procedure are usually ready in this unit. It is no promise: that is `due_at`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ExpectedResult)]
pub struct ExpectedOut {
    /// The date by which half of the results were ready, counted in working time without pauses; `null` once it has passed.
    half_ready_by: Option<NaiveDate>,
    /// The date by which nine of ten were; `null` once it has passed.
    most_ready_by: Option<NaiveDate>,
    /// Whether it has taken longer than nine of ten.
    longer_than_usual: bool,
    /// The day on which it was counted how long results took.
    counted_on: NaiveDate,
    /// All of it in words, which say that it is no promise.
    text: String,
    /// Where this is explained.
    definitions: String,
}

/// Says when the result may be expected; nothing while the clock stands, once there is a result, and where too few results
/// are known.
pub(super) fn expected(
    conn: &mut PgConnection,
    found: &Pinned,
    reading: &Reading<'_>,
) -> Result<Option<ExpectedOut>, AppError> {
    let is_worked_on = matches!(found.status.status, Status::Received | Status::Processing);
    let Some(accepted_at) = found.accepted_at.filter(|_| is_worked_on && found.due_at.is_some()) else {
        return Ok(None);
    };
    let Some((usual, counted_at)) = queries::usual_time(conn, found)? else { return Ok(None) };
    let pauses: Vec<Span> = queries::pauses(conn, found.id)?;
    // Nobody is refused the status for a year that the calendar lacks.
    let Ok(expectation) = expect(reading.calendar, usual, (accepted_at, reading.now), &pauses) else {
        return Ok(None);
    };
    Ok(Some(ExpectedOut::new(expectation, office_date(counted_at), reading.language)))
}

impl ExpectedOut {
    fn new(expectation: Expectation, counted_on: NaiveDate, language: Language) -> Self {
        let (half_ready_by, most_ready_by) = match expectation {
            Expectation::Ready { half_by, most_by } => (half_by, Some(most_by)),
            Expectation::LongerThanUsual => (None, None),
        };
        let text = text(half_ready_by, most_ready_by, language);
        Self {
            half_ready_by,
            most_ready_by,
            longer_than_usual: most_ready_by.is_none(),
            counted_on,
            text,
            definitions: Topic::Expected.address(),
        }
    }
}

fn text(half_by: Option<NaiveDate>, most_by: Option<NaiveDate>, language: Language) -> String {
    match (half_by, most_by, language) {
        (Some(half), Some(most), Language::Vietnamese) => format!(
            "Dự kiến để tham khảo, không phải cam kết: một nửa số hồ sơ cùng loại xong chậm nhất ngày {}, chín phần mười \
             chậm nhất ngày {}. Ngày hẹn trả kết quả không thay đổi.",
            date(half),
            date(most)
        ),
        (Some(half), Some(most), Language::English) => format!(
            "An estimate and not a promise: half of such dossiers are ready by {}, nine of ten by {}. The due date stays \
             as it is.",
            date(half),
            date(most)
        ),
        (None, Some(most), Language::Vietnamese) => format!(
            "Dự kiến để tham khảo, không phải cam kết: chín phần mười số hồ sơ cùng loại xong chậm nhất ngày {}. Ngày hẹn \
             trả kết quả không thay đổi.",
            date(most)
        ),
        (None, Some(most), Language::English) => format!(
            "An estimate and not a promise: nine of ten such dossiers are ready by {}. The due date stays as it is.",
            date(most)
        ),
        (_, None, Language::Vietnamese) => {
            "Hồ sơ này đang lâu hơn phần lớn hồ sơ cùng loại. Ông/Bà có thể hỏi tại nơi nộp hồ sơ.".to_owned()
        }
        (_, None, Language::English) => {
            "Your dossier takes longer than most of its kind. You may ask where it was handed in.".to_owned()
        }
    }
}
