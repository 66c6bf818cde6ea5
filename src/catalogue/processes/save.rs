//! A process is saved: the version that the next dossiers go by.

use diesel::PgConnection;
use serde_json::{Value, json};

use super::view::SavedProcess;
use crate::audit;
use crate::catalogue::import::one_process::{PlannedProcess, plan_one};
use crate::catalogue::publication;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::office_date;
use crate::error::{AppError, Said};
use crate::http::etag::IfMatch;
use crate::state::Act;

/// What somebody wants a process to be.
#[derive(Debug)]
pub struct Wanted {
    /// Its code.
    pub code: String,
    /// As a row of `processes.json`; without `code` and `valid_from` it is the code above and holds from today.
    pub content: Value,
    /// The version that it was made from; `None` for a process that there was none of.
    pub seen: Option<IfMatch>,
}

/// Saves it: dossiers accepted from its first day on go by it, those under way keep theirs. What is saved already is not
/// saved once more.
///
/// # Errors
/// [`AppError::Invalid`] with every fault, [`AppError::Stale`] when somebody else has saved it since.
pub fn save(conn: &mut PgConnection, act: &Act<'_>, wanted: Wanted) -> Result<SavedProcess, AppError> {
    publication::lock(conn)?;
    let (code, seen) = (wanted.code.clone(), wanted.seen.clone());
    let planned = plan(conn, act, wanted)?;
    if !planned.changes_nothing() {
        check_seen(planned.before, seen.as_ref())?;
        planned.write(conn, act.now)?;
        let procedures: Vec<&str> = planned.procedures().map(|change| change.code.as_str()).collect();
        let (version, from) = (planned.version, planned.valid_from);
        let details = json!({ "version": version, "valid_from": from, "procedures": procedures });
        audit::note(conn, act, Action::ProcessSaved, Subject::Process(&code), details)?;
    }
    Ok(SavedProcess::of(code, planned))
}

/// Says what saving it would do, and writes nothing.
///
/// # Errors
/// As [`save`], whatever version it was made from.
pub fn try_out(conn: &mut PgConnection, act: &Act<'_>, wanted: Wanted) -> Result<SavedProcess, AppError> {
    let code = wanted.code.clone();
    Ok(SavedProcess::of(code, plan(conn, act, wanted)?))
}

fn plan(conn: &mut PgConnection, act: &Act<'_>, wanted: Wanted) -> Result<PlannedProcess, AppError> {
    let today = office_date(act.now);
    let Wanted { code, mut content, .. } = wanted;
    if let Value::Object(fields) = &mut content {
        fields.entry("code").or_insert_with(|| json!(code));
        fields.entry("valid_from").or_insert_with(|| json!(today));
    }
    let planned = plan_one(conn, &code, content, today)?;
    planned.map_err(|faults| AppError::Invalid(faults.into_iter().map(|fault| fault.in_body("")).collect()))
}

/// Who changes a process says which version it was made from, so that nobody undoes unseen what another has done.
fn check_seen(before: Option<i32>, seen: Option<&IfMatch>) -> Result<(), AppError> {
    match (before, seen) {
        (None, None) => Ok(()),
        (Some(version), Some(seen)) if seen.accepts(version.into()) => Ok(()),
        (Some(version), Some(_)) => Err(AppError::Stale(Said::new(
            "stale_version",
            format!("Quy trình đã được người khác thay đổi, hiện là phiên bản {version}; hãy tải lại"),
            format!("Somebody else has changed the process, which is now version {version}; load it again"),
        ))),
        (Some(version), None) => Err(AppError::Stale(Said::new(
            "version_needed",
            format!("Quy trình đã có phiên bản {version}; hãy gửi If-Match với phiên bản đã xem"),
            format!("There is version {version} of the process; send If-Match with the version that was seen"),
        ))),
        (None, Some(_)) => Err(AppError::Stale(Said::new(
            "stale_version",
            "Chưa có quy trình mang mã này",
            "There is no process of this code yet",
        ))),
    }
}
