//! `GET /statistics/ageing`: how long what is pending at the end of a period has been there, and the dossiers behind it. The
//! chart of it draws the same counts.

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use serde::Serialize;

use super::asked::{AskedPeriod, period_query};
use super::cell::Cell;
use super::definitions::Topic;
use super::drill::{Behind, page_of};
use super::head::FiguresHead;
use super::queries::{self, CHOSEN};
use super::routes::{BehindOut, KeyOut};
use super::sight::{own_in, seen_in};
use super::tally::{question_within, unit_key};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::domain::words::words;
use crate::error::AppError;
use crate::http::body::{Faults, Query};
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};

words! {
    /// How many days a pending dossier has been there since its acceptance.
    pub enum Age {
        /// Not a week yet.
        UpTo5 = "0-5",
        /// A week and more.
        UpTo10 = "6-10",
        /// Two weeks and more.
        UpTo20 = "11-20",
        /// Three weeks and more.
        UpTo30 = "21-30",
        /// A month and more.
        UpTo60 = "31-60",
        /// Two months and more.
        UpTo90 = "61-90",
        /// Longer.
        Over90 = "over-90",
    }
}

impl Age {
    /// Returns what people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpTo5 => "0–5 ngày",
            Self::UpTo10 => "6–10 ngày",
            Self::UpTo20 => "11–20 ngày",
            Self::UpTo30 => "21–30 ngày",
            Self::UpTo60 => "31–60 ngày",
            Self::UpTo90 => "61–90 ngày",
            Self::Over90 => "trên 90 ngày",
        }
    }

    /// Returns the same in English.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::UpTo5 => "0–5 days",
            Self::UpTo10 => "6–10 days",
            Self::UpTo20 => "11–20 days",
            Self::UpTo30 => "21–30 days",
            Self::UpTo60 => "31–60 days",
            Self::UpTo90 => "61–90 days",
            Self::Over90 => "over 90 days",
        }
    }

    /// Returns the fewest days.
    const fn fewest_days(self) -> i32 {
        match self {
            Self::UpTo5 => 0,
            Self::UpTo10 => 6,
            Self::UpTo20 => 11,
            Self::UpTo30 => 21,
            Self::UpTo60 => 31,
            Self::UpTo90 => 61,
            Self::Over90 => 91,
        }
    }

    /// Returns the most days; none for the oldest.
    fn most_days(self) -> Option<i32> {
        let next = Self::ALL.iter().map(|age| age.fewest_days()).find(|days| *days > self.fewest_days());
        next.map(|days| days - 1)
    }

    /// Returns its place in the list, which is what [`bucket`] says.
    fn place(self) -> usize {
        Self::ALL.iter().take_while(|age| **age != self).count()
    }
}

words! {
    /// Which of the pending dossiers of an age are counted.
    pub enum AgeingCell {
        /// All of them.
        Pending = "pending",
        /// In time or standing.
        PendingInTime = "pending_in_time",
        /// Overdue.
        PendingOverdue = "pending_overdue",
    }
}

impl AgeingCell {
    /// Returns the cell of the tables of which it is a part.
    const fn of_tables(self) -> Cell {
        match self {
            Self::Pending => Cell::Pending,
            Self::PendingInTime => Cell::PendingInTime,
            Self::PendingOverdue => Cell::PendingOverdue,
        }
    }
}

/// The place of a dossier's age among [`Age::ALL`]: shared by counts and drill-down.
fn bucket() -> String {
    let edges = Age::ALL.iter().skip(1).map(|age| age.fewest_days().to_string()).collect::<Vec<_>>().join(", ");
    format!(
        "width_bucket((($3 AT TIME ZONE INTERVAL '+07:00')::date - (accepted_at AT TIME ZONE INTERVAL '+07:00')::date), \
         ARRAY[{edges}])"
    )
}

/// How many dossiers are pending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PendingCounts {
    /// All of them.
    pub pending: i64,
    /// In time or standing.
    pub pending_in_time: i64,
    /// Overdue.
    pub pending_overdue: i64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    bucket: i32,
    #[diesel(sql_type = BigInt)]
    in_time: i64,
    #[diesel(sql_type = BigInt)]
    overdue: i64,
}

impl From<&Counted> for PendingCounts {
    fn from(counted: &Counted) -> Self {
        let (pending_in_time, pending_overdue) = (counted.in_time, counted.overdue);
        Self { pending: pending_in_time + pending_overdue, pending_in_time, pending_overdue }
    }
}

impl std::ops::Add for PendingCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            pending: self.pending + other.pending,
            pending_in_time: self.pending_in_time + other.pending_in_time,
            pending_overdue: self.pending_overdue + other.pending_overdue,
        }
    }
}

/// Counts what is pending at the end of a period by its age, for a unit and all below it or for all; every age is named.
///
/// # Errors
/// Whatever the database says.
pub fn ageing(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, within): (&Period, Option<UnitId>),
) -> Result<Vec<(Age, PendingCounts)>, AppError> {
    let question = question_within(conn, act, (period, within))?;
    let sql = format!(
        "/* statistics::ageing::ageing */ SELECT {} AS bucket, \
         count(*) FILTER (WHERE NOT overdue) AS in_time, count(*) FILTER (WHERE overdue) AS overdue \
         FROM {} WHERE {CHOSEN} AND {} GROUP BY 1",
        bucket(),
        queries::classified(&question),
        Cell::Pending.condition()
    );
    let counted: Vec<Counted> = queries::ask(sql, &question).load(conn)?;
    let of = |age: Age| {
        let found = counted.iter().find(|counted| usize::try_from(counted.bucket) == Ok(age.place()));
        found.map(PendingCounts::from).unwrap_or_default()
    };
    Ok(Age::ALL.iter().map(|age| (*age, of(*age))).collect())
}

/// Which pending dossiers are looked for.
#[derive(Debug, Clone)]
pub struct AgeingBehind {
    /// Which of them.
    pub cell: AgeingCell,
    /// Of one age; `None` for all.
    pub age: Option<Age>,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// How long the page is.
    pub limit: i64,
}

/// Lists a page of the pending dossiers that are counted, by acceptance.
///
/// # Errors
/// Whatever the database says.
pub fn ageing_behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
    form: &AgeingBehind,
) -> Result<Page<Behind>, AppError> {
    let question = question_within(conn, act, scope)?;
    let cell = form.cell.of_tables().condition();
    let condition = match form.age {
        Some(age) => format!("{cell} AND {} = {}", bucket(), age.place()),
        None => cell.to_owned(),
    };
    page_of(act, queries::list(conn, &question, &condition, (form.after, form.limit))?, form.limit)
}

period_query! {
    /// At the end of which period.
    AgeingQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

/// How many pending dossiers are of an age.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PendingOfAge)]
pub struct AgeOut {
    /// The word by which its dossiers are asked for.
    age: &'static str,
    /// What people call it, in Vietnamese.
    name: &'static str,
    /// In English.
    name_en: &'static str,
    /// The fewest days since the acceptance.
    from_days: i32,
    /// The most; `null` for the oldest.
    to_days: Option<i32>,
    #[serde(flatten)]
    counts: PendingCounts,
}

/// How old what is pending is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ageing {
    #[serde(flatten)]
    head: FiguresHead,
    /// The unit counted with all below it; `null` for the whole province.
    unit: Option<KeyOut>,
    /// The youngest first.
    ages: Vec<AgeOut>,
    /// Of all ages: what the tables say is pending.
    total: PendingCounts,
    /// Where the dossiers behind each count are listed, by `age` and `cell`.
    dossiers: &'static str,
}

fn table(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    unit: Option<UnitId>,
) -> Result<Ageing, AppError> {
    let counted = ageing(conn, act, (&asked.period, unit))?;
    let total = counted.iter().fold(PendingCounts::default(), |sum, (_, counts)| sum + *counts);
    let ages = counted.into_iter().map(|(age, counts)| AgeOut {
        age: age.as_str(),
        name: age.name(),
        name_en: age.name_en(),
        from_days: age.fewest_days(),
        to_days: age.most_days(),
        counts,
    });
    Ok(Ageing {
        head: FiguresHead::new(act, asked, Topic::Ageing),
        unit: unit.map(|id| unit_key(act.catalogue(), id)).transpose()?.map(KeyOut::from),
        ages: ages.collect(),
        total,
        dossiers: "/api/v1/statistics/ageing/dossiers",
    })
}

/// Returns how many dossiers are pending at the end of a period, by the days since their acceptance: what the chart `ageing`
/// draws. Each count leads to its dossiers by `/statistics/ageing/dossiers?age=31-60&cell=pending_overdue`.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/ageing", tag = "statistics", security(("bearer" = [])), params(AgeingQuery),
    responses((status = 200, body = Ageing), (status = 403), (status = 404), (status = 422)))]
pub async fn read_ageing(
    signed: Signed,
    Query(query): Query<AgeingQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let found = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        table(conn, act, &asked, unit)
    });
    Ok(HttpResponse::Ok().json(found.await?))
}

period_query! {
    /// Which pending dossiers.
    AgeingDossiersQuery {
        /// `pending`, `pending_in_time` or `pending_overdue`.
        cell: Option<String>,
        /// The word of one age, as `31-60`; without it, all of them.
        age: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

/// Lists exactly the pending dossiers that an age counts, by acceptance.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/ageing/dossiers", tag = "statistics", security(("bearer" = [])),
    params(AgeingDossiersQuery),
    responses((status = 200, body = Page<BehindOut>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_ageing_dossiers(
    signed: Signed,
    Query(query): Query<AgeingDossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let (asked, form) = read(&query)?;
    let page = state.figures(&signed.0, move |conn, act| {
        let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
        ageing_behind(conn, act, (&asked.period, unit), &form)
    });
    Ok(HttpResponse::Ok().json(BehindOut::page(page.await?)))
}

fn read(query: &AgeingDossiersQuery) -> Result<(AskedPeriod, AgeingBehind), AppError> {
    let after = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = page::limit(query.limit)?;
    let mut faults = Faults::new();
    let cell = faults.required("?cell", query.cell.as_deref()).and_then(|word| faults.word("?cell", word));
    let age = query.age.as_deref().and_then(|word| faults.word("?age", word));
    let asked = query.period().gather(&mut faults);
    let (asked, cell) = faults.finish(asked.zip(cell))?;
    Ok((asked, AgeingBehind { cell, age, after, limit }))
}
