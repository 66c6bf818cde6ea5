//! The morning's list: what a leader must look at today, the most urgent first.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::CalendarError;
use crate::domain::dossier::Status;
use crate::domain::ids::UnitId;
use crate::domain::period::{from_office_time, office_date};
use crate::domain::words::words;
use crate::dossiers::deadline::refused;
use crate::dossiers::model::Dossier;
use crate::dossiers::search::{Query, visible};
use crate::dossiers::view::Summary;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::{dossier_foresight, dossier_pauses, dossiers};
use crate::state::Act;

/// So many dossiers are named in each group; their number is told whole.
const NAMED: i64 = 50;

words! {
    /// Why a leader must look at a dossier.
    pub enum Group {
        /// Its due date has passed.
        Late = "late",
        /// It is due today.
        DueToday = "due_today",
        /// It is due on the next working day: the last day for an apology (NĐ 61/2018 Đ19.9).
        DueNext = "due_next",
        /// It will be late as things stand.
        WillBeLate = "will_be_late",
        /// It is at risk.
        AtRisk = "at_risk",
        /// Papers that were asked for did not come in time: it may lapse.
        SupplementPassed = "supplement_passed",
        /// Filed online and not answered within 8 working hours (NĐ 45/2020 Đ11).
        IntakeLate = "intake_late",
    }
}

/// Whose list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MorningQuery {
    /// The resolving unit, with those below; one's own where nothing is said.
    pub unit: Option<String>,
}

/// The list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Morning {
    /// The day.
    pub day: NaiveDate,
    /// The groups, the most urgent first; each dossier stands in the first that is right for it.
    pub groups: Vec<MorningGroup>,
}

/// One group.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MorningGroup {
    /// `late`, `due_today`, `due_next`, `will_be_late`, `at_risk`, `supplement_passed` or `intake_late`.
    pub group: String,
    /// How many there are.
    pub total: i64,
    /// The first 50, by due date.
    pub dossiers: Vec<Summary>,
}

/// The moments that part the groups.
struct Moments {
    now: DateTime<Utc>,
    tomorrow: DateTime<Utc>,
    after_next: DateTime<Utc>,
    today: NaiveDate,
}

/// Makes the list.
///
/// # Errors
/// [`AppError::Invalid`] for a unit that there is not.
pub(super) fn morning(conn: &mut PgConnection, act: &Act<'_>, query: &MorningQuery) -> Result<Morning, AppError> {
    let mut faults = Faults::new();
    let unit = match query.unit.as_deref() {
        None => Some(act.by.unit),
        Some(code) => {
            let said = Said::new("no_such_unit", "Không có đơn vị này", "There is no such unit");
            faults.read("?unit", said, act.catalogue().unit_by_code(code)).map(|unit| unit.id)
        }
    };
    let units = act.catalogue().within(faults.finish(unit)?);
    let moments = Moments::new(act).map_err(|err| refused(err.into()))?;
    let mut groups = Vec::new();
    for group in Group::ALL {
        groups.push(load(conn, act, &units, (*group, &moments))?);
    }
    Ok(Morning { day: moments.today, groups })
}

impl Moments {
    fn new(act: &Act<'_>) -> Result<Self, CalendarError> {
        let calendar = act.catalogue().calendar();
        let today = office_date(act.now);
        let start = |day: NaiveDate| from_office_time(day.and_time(chrono::NaiveTime::MIN));
        let tomorrow = today.succ_opt().unwrap_or(today);
        let after = |day: NaiveDate| day.succ_opt().unwrap_or(day);
        Ok(Self {
            now: act.now,
            tomorrow: start(tomorrow),
            after_next: start(after(calendar.next_working_day(today)?)),
            today,
        })
    }
}

fn load(
    conn: &mut PgConnection,
    act: &Act<'_>,
    units: &[UnitId],
    (group, moments): (Group, &Moments),
) -> Result<MorningGroup, AppError> {
    let query = || of_group(visible(act, dossiers::table.into_boxed()), units, (group, moments));
    let total = query().count().get_result(conn)?;
    let found: Vec<Dossier> = query()
        .order((dossiers::due_at, dossiers::registered_at, dossiers::id))
        .limit(NAMED)
        .select(Dossier::as_select())
        .load(conn)?;
    let dossiers = found.iter().map(|dossier| Summary::of(act, dossier)).collect();
    Ok(MorningGroup { group: group.to_string(), total, dossiers })
}

fn of_group<'a>(query: Query<'a>, units: &[UnitId], (group, at): (Group, &Moments)) -> Query<'a> {
    let of_the_unit = dossiers::resolving_unit_id.eq_any(units.to_vec());
    let query = match group {
        // What waits to be answered is in the hands of the counter.
        Group::IntakeLate => query.filter(of_the_unit.or(dossiers::receiving_unit_id.eq_any(units.to_vec()))),
        _ => query.filter(of_the_unit),
    };
    let query = query.filter(dossiers::ended_at.is_null());
    let foresight = dossier_foresight::table.select(dossier_foresight::dossier_id).into_boxed();
    let in_view = foresight.filter(dossier_foresight::due_at.ge(at.after_next));
    match group {
        Group::Late => query.filter(dossiers::due_at.lt(at.now)),
        Group::DueToday => query.filter(dossiers::due_at.ge(at.now)).filter(dossiers::due_at.lt(at.tomorrow)),
        Group::DueNext => query.filter(dossiers::due_at.ge(at.tomorrow)).filter(dossiers::due_at.lt(at.after_next)),
        Group::WillBeLate => {
            query.filter(dossiers::id.eq_any(in_view.filter(dossier_foresight::will_be_late_at.le(at.now))))
        }
        Group::AtRisk => {
            let at_risk = in_view
                .filter(dossier_foresight::at_risk_at.le(at.now))
                .filter(dossier_foresight::will_be_late_at.gt(at.now));
            query.filter(dossiers::id.eq_any(at_risk))
        }
        Group::SupplementPassed => {
            let passed = dossier_pauses::table
                .filter(dossier_pauses::closed_at.is_null())
                .filter(dossier_pauses::answer_by.lt(at.today))
                .select(dossier_pauses::dossier_id);
            query.filter(dossiers::status.eq(Status::AwaitingSupplement)).filter(dossiers::id.eq_any(passed))
        }
        Group::IntakeLate => {
            query.filter(dossiers::status.eq(Status::Registered)).filter(dossiers::answer_due_at.lt(at.now))
        }
    }
}
