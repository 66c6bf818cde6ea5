//! `GET /statistics/durations`: how long results took, in working minutes in which the clock ran.
//!
//! Nothing is kept for this: the verb that leaves a step writes down its working minutes without the pauses, by the
//! calendar of that day (`dossier_steps.working_minutes`), and a dossier's time is the sum of them up to its end. A number
//! computed again by a later calendar could differ from the one that people were shown. Averages hide long waits, so the
//! median and the ninth decile come first. `behind` lists what a count is made of, each with its minutes.

pub mod behind;

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use crate::domain::ids::UnitId;
use crate::domain::words::words;
use crate::error::AppError;
use crate::http::body::{Faults, Query};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::definitions::Topic;
use crate::statistics::head::FiguresHead;
use crate::statistics::queries::{self, CHOSEN, Question};
use crate::statistics::sight::seen_in;
use crate::statistics::tally::{question_within, total_key};
use crate::statistics::{AskedPeriod, Key, period_query};

period_query! {
    /// Which results.
    DurationsQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// What makes a row: `unit` (the default), `procedure`, or `step`, each of a unit.
        group: Option<String>,
    }
}

words! {
    /// What makes a row.
    pub enum DurationGroup {
        /// The unit that resolves.
        Unit = "unit",
        /// The procedure.
        Procedure = "procedure",
        /// What is done in a step, and the unit that did it; a hop counts once.
        Step = "step",
    }
}

/// How long the results of a row took, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Durations {
    /// The code of the unit or procedure, or what is done in the step; `total` for all of them.
    key: String,
    /// The name of the unit or procedure as the catalogue has it, in Vietnamese; of a step what is done in it.
    name: String,
    /// The code of the unit that did the step.
    unit: Option<String>,
    /// Its name.
    unit_name: Option<String>,
    #[serde(flatten)]
    measures: Measures,
}

/// How long results took, in working minutes; a working day has 480.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct Measures {
    /// How many results, or hops, are counted.
    #[diesel(sql_type = BigInt)]
    count: i64,
    /// Half of them took no longer.
    #[diesel(sql_type = Nullable<BigInt>)]
    p50_minutes: Option<i64>,
    /// Nine of ten took no longer.
    #[diesel(sql_type = Nullable<BigInt>)]
    p90_minutes: Option<i64>,
    /// The mean, rounded half up, where a form asks for it.
    #[diesel(sql_type = Nullable<BigInt>)]
    average_minutes: Option<i64>,
}

/// How long results of a period took.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DurationsTable {
    #[serde(flatten)]
    head: FiguresHead,
    /// What makes a row.
    group: &'static str,
    rows: Vec<Durations>,
    /// Of all results; not of steps.
    total: Durations,
    /// Results of the period whose steps were not recorded, as of old systems: in no row.
    unmeasured: i64,
    /// Where what is counted is listed, each with its minutes: by `group`, `group_key` and, for steps, `row_key`.
    dossiers: &'static str,
}

pub(in crate::statistics) const MEASURES: &str = "count(*) AS count, percentile_disc(0.5) WITHIN GROUP (ORDER BY minutes) AS p50_minutes, \
    percentile_disc(0.9) WITHIN GROUP (ORDER BY minutes) AS p90_minutes, round(avg(minutes))::bigint AS average_minutes";

/// The minutes of a classified dossier `c` that has ended; none where no step was recorded.
pub(in crate::statistics) const MINUTES: &str = "(SELECT sum(s.working_minutes)::bigint FROM dossier_steps s \
    WHERE s.dossier_id = c.id AND s.entered_at < c.ended_at)";

/// Results of the period with their minutes; none where no step was recorded.
pub(in crate::statistics) fn measured(question: &Question) -> String {
    format!(
        "(SELECT id, code, unit_id, procedure_version_id, accepted_at, ended_at, {MINUTES} AS minutes \
         FROM {} WHERE {CHOSEN} AND ended_in AND status IN ('finished', 'returned')) m",
        queries::classified(question)
    )
}

/// Hops of the results of the period through the steps of their processes.
fn hops(question: &Question) -> String {
    format!(
        "(SELECT s.id, c.code, c.procedure_version_id, s.does, s.unit_id AS doer, s.working_minutes AS minutes, \
           s.entered_at, s.left_at \
         FROM (SELECT id, code, procedure_version_id, ended_at \
               FROM {} WHERE {CHOSEN} AND ended_in AND status IN ('finished', 'returned')) c \
         JOIN dossier_steps s ON s.dossier_id = c.id \
         WHERE s.working_minutes IS NOT NULL AND s.entered_at < c.ended_at) s",
        queries::classified(question)
    )
}

fn rows_of(question: &Question, group: DurationGroup) -> String {
    let measured = measured(question);
    match group {
        DurationGroup::Unit => format!(
            "SELECT u.code AS key, NULL::text AS unit, {MEASURES} FROM {measured} JOIN units u ON u.id = unit_id \
             WHERE minutes IS NOT NULL GROUP BY u.code ORDER BY u.code"
        ),
        DurationGroup::Procedure => format!(
            "SELECT p.code AS key, NULL::text AS unit, {MEASURES} FROM {measured} \
             JOIN procedure_versions v ON v.id = procedure_version_id JOIN procedures p ON p.id = v.procedure_id \
             WHERE minutes IS NOT NULL GROUP BY p.code ORDER BY p.code"
        ),
        DurationGroup::Step => format!(
            "SELECT s.does AS key, u.code AS unit, {MEASURES} FROM {} \
             JOIN units u ON u.id = s.doer GROUP BY s.does, u.code ORDER BY s.does, u.code",
            hops(question)
        ),
    }
}

/// A row as it is counted, by codes alone.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Nullable<Text>)]
    unit: Option<String>,
    #[diesel(embed)]
    measures: Measures,
}

impl Counted {
    /// Names what the codes stand for.
    fn named(self, act: &Act<'_>, group: DurationGroup) -> Durations {
        let catalogue = act.catalogue();
        let unit_called = |code: &str| catalogue.unit_by_code(code).map(|unit| unit.name.clone());
        let named = match group {
            DurationGroup::Unit => unit_called(&self.key),
            DurationGroup::Procedure => {
                let newest = catalogue.versions_of(&self.key).last();
                newest.and_then(|version| catalogue.procedure(*version)).map(|procedure| procedure.name.clone())
            }
            DurationGroup::Step => None,
        };
        Durations {
            name: named.unwrap_or_else(|| self.key.clone()),
            key: self.key,
            unit_name: self.unit.as_deref().and_then(unit_called),
            unit: self.unit,
            measures: self.measures,
        }
    }
}

#[derive(QueryableByName)]
struct Unmeasured {
    #[diesel(sql_type = BigInt)]
    unmeasured: i64,
    #[diesel(embed)]
    total: Measures,
}

/// Tells how long results of a period took, for a unit and all below it or for all.
///
/// # Errors
/// Whatever the database says.
pub fn durations(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    (unit, group): (Option<UnitId>, DurationGroup),
) -> Result<DurationsTable, AppError> {
    let question = question_within(conn, act, (&asked.period, unit))?;
    let sql = format!("/* statistics::durations::rows */ {}", rows_of(&question, group));
    let counted: Vec<Counted> = queries::ask(sql, &question).load(conn)?;
    let rows = counted.into_iter().map(|row| row.named(act, group)).collect();
    let sql = format!(
        "/* statistics::durations::total */ SELECT n.unmeasured, t.* \
         FROM (SELECT count(*) AS unmeasured FROM {0} WHERE minutes IS NULL) n, \
              (SELECT {MEASURES} FROM {0} WHERE minutes IS NOT NULL) t",
        measured(&question)
    );
    let Unmeasured { unmeasured, total } = queries::ask(sql, &question).get_result(conn)?;
    let Key { code: key, name } = total_key();
    let total = Durations { key, name, unit: None, unit_name: None, measures: total };
    let head = FiguresHead::new(act, asked, Topic::Durations);
    let (group, dossiers) = (group.as_str(), "/api/v1/statistics/durations/dossiers");
    Ok(DurationsTable { head, group, rows, total, unmeasured, dossiers })
}

/// Returns how long the results of a period took: median, ninth decile and mean of the working minutes in which the clock
/// ran, by unit, procedure or step. Each count leads to what it counts by `/statistics/durations/dossiers`.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/durations", tag = "statistics", security(("bearer" = [])),
    params(DurationsQuery),
    responses((status = 200, body = DurationsTable), (status = 403), (status = 404), (status = 422)))]
pub async fn read_durations(
    signed: Signed,
    Query(query): Query<DurationsQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let mut faults = Faults::new();
    let group = query.group.as_deref().map_or(Some(DurationGroup::Unit), |word| faults.word("?group", word));
    let asked = query.period().gather(&mut faults).zip(group);
    let (asked, group) = faults.finish(asked)?;
    let table = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        durations(conn, act, &asked, (unit, group))
    });
    Ok(HttpResponse::Ok().json(table.await?))
}
