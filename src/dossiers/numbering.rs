//! The next dossier code of a unit and day.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::domain::catalogue::Unit;
use crate::domain::code::DossierCode;
use crate::domain::period::office_date;
use crate::platform::prepared::Prepare;
use crate::schema::code_counters;

/// Takes the next code of the unit that resolves, for the day of Asia/Ho_Chi_Minh on which the dossier first
/// exists here. The counter's row stays locked to the end of the transaction, so no number is given twice and
/// one that is rolled back is given again.
pub fn next_code(conn: &mut PgConnection, unit: &Unit, at: DateTime<Utc>) -> QueryResult<DossierCode> {
    let day = office_date(at);
    let number: i32 = diesel::insert_into(code_counters::table)
        .values((code_counters::unit_id.eq(unit.id), code_counters::day.eq(day), code_counters::last_number.eq(1)))
        .on_conflict((code_counters::unit_id, code_counters::day))
        .do_update()
        .set(code_counters::last_number.eq(code_counters::last_number + excluded(code_counters::last_number)))
        .returning(code_counters::last_number)
        .prepared()
        .get_result(conn)?;
    Ok(DossierCode::new(&unit.code, day, number))
}
