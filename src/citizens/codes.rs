//! Asking for a one-time code, and showing it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::digits::Digits;
use super::sessions::{self, Opened, Opens};
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::code::DossierCode;
use crate::domain::ids::{DossierId, OneTimeCodeId};
use crate::domain::notice::ONE_TIME_CODE_LASTS;
use crate::error::AppError;
use crate::platform::secret::{Vault, same};
use crate::schema::one_time_codes;

/// Wrong codes after which no right one helps.
const MOST_TRIES: i16 = 5;

/// A request for a code.
pub(super) struct Asked {
    pub id: OneTimeCodeId,
    pub expires_at: DateTime<Utc>,
}

/// Writes down that somebody asks for a code. Whether there is such a dossier is not looked up here, so that neither
/// the answer nor its time can tell.
pub(super) fn ask(conn: &mut PgConnection, typed: &str, now: DateTime<Utc>) -> QueryResult<Asked> {
    let asked = Asked { id: OneTimeCodeId::new(), expires_at: now + ONE_TIME_CODE_LASTS };
    let code = DossierCode::read(typed);
    diesel::insert_into(one_time_codes::table)
        .values((
            one_time_codes::id.eq(asked.id),
            one_time_codes::asked_for.eq(code.as_ref().map_or("", DossierCode::as_str)),
            one_time_codes::asked_at.eq(now),
            one_time_codes::expires_at.eq(asked.expires_at),
            one_time_codes::tries.eq(0),
        ))
        .execute(conn)?;
    Ok(asked)
}

/// What a person shows.
pub(super) struct Shown {
    pub id: OneTimeCodeId,
    pub digits: Digits,
}

/// Opens a session for who shows the right digits; `None` for all others, and then too the try has counted.
pub(super) fn redeem(
    conn: &mut PgConnection,
    vault: &Vault,
    shown: &Shown,
    now: DateTime<Utc>,
) -> Result<Option<Opened>, AppError> {
    let counted = count_try(conn, shown.id, now)?;
    // Hashed and compared whether or not there is anything to compare with.
    let hash = shown.digits.hash(vault, shown.id);
    let stored = counted.as_ref().and_then(|found| found.code_hash.as_deref()).unwrap_or_default();
    let is_right = same(stored, &hash);
    let Some((found, dossier)) = counted.and_then(|found| found.dossier_id.map(|id| (found, id))) else {
        return Ok(None);
    };
    if !is_right {
        return Ok(None);
    }
    diesel::update(one_time_codes::table.find(shown.id)).set(one_time_codes::used_at.eq(now)).execute(conn)?;
    let opened = sessions::open(conn, Opens::Dossier(dossier), now)?;
    let details = json!({"by": "one_time_code", "dossier": found.asked_for});
    let noted = Noted { action: Action::CitizenLoggedIn, subject: Subject::CitizenSession(opened.id), details };
    audit::note_by(conn, &Doer::unknown(), now, &noted)?;
    Ok(Some(opened))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = one_time_codes)]
struct Tried {
    asked_for: String,
    dossier_id: Option<DossierId>,
    code_hash: Option<Vec<u8>>,
}

/// Counts a try and returns what to compare with: one statement, so that of any number at once at most five are. Its
/// lock is held to the end, so that none sees a code that another has just used.
fn count_try(conn: &mut PgConnection, id: OneTimeCodeId, now: DateTime<Utc>) -> QueryResult<Option<Tried>> {
    let open = one_time_codes::table
        .find(id)
        .filter(one_time_codes::tries.lt(MOST_TRIES))
        .filter(one_time_codes::used_at.is_null())
        .filter(one_time_codes::expires_at.gt(now));
    diesel::update(open)
        .set(one_time_codes::tries.eq(one_time_codes::tries + 1))
        .returning(Tried::as_returning())
        .get_result(conn)
        .optional()
}
