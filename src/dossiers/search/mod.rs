//! Officers' lists: the dossiers that who asks may see, filtered, page by page.

mod walk;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{exists, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Text};
use serde::Deserialize;

use super::model::Dossier;
use super::view::Summary;
use crate::domain::code::DossierCode;
use crate::domain::deadline::Standing;
use crate::domain::dossier::{Status, UnitRelation};
use crate::domain::foresight::Forecast;
use crate::domain::ids::UnitId;
use crate::domain::period::from_office_time;
use crate::domain::person::{IdNumber, Phone, words_of};
use crate::domain::procedure::Channel;
use crate::domain::role::{Sight, Who};
use crate::domain::words::words;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::page::{Cursor, Page, limit};
use crate::platform::keyset::before;
use crate::schema::{
    dossier_foresight, dossier_originals, dossier_units, dossier_words, dossiers, procedure_versions, procedures,
    unit_tree,
};
use crate::state::Act;
use walk::{Among, Stretch, Walk};

/// What is looked for. All conditions hold together.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// One status, or several with commas.
    pub status: Option<String>,
    /// The resolving unit, with those below.
    pub unit: Option<String>,
    /// The procedure's code.
    pub procedure: Option<String>,
    /// `direct`, `online` or `postal`.
    pub channel: Option<String>,
    /// Registered on or after this day.
    pub received_from: Option<NaiveDate>,
    /// Registered before this day.
    pub received_before: Option<NaiveDate>,
    /// Open and due before this day.
    pub due_before: Option<NaiveDate>,
    /// Ended `early`, `on_time` or `late`; `overdue` for open ones past their due date; of the others `safe`, `at_risk`
    /// or `will_be_late`, as things stand.
    pub standing: Option<String>,
    /// `held`: the office holds originals that it is to give back; `left_behind`: and the dossier is over.
    pub originals: Option<String>,
    /// A code, words of a name (accents don't matter), or a whole phone or ID number.
    pub q: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1–200, 50 when left out.
    pub limit: Option<i64>,
}

impl Filter {
    /// What `q` looks for, where it looks for anything.
    fn text(&self) -> Option<&str> {
        self.q.as_deref().filter(|text| !text.trim().is_empty())
    }
}

/// How a dossier ended, or what becomes of it.
#[derive(Clone, Copy)]
enum Wish {
    Ended(Standing),
    Overdue,
    Foreseen(Forecast),
}

impl Wish {
    /// Whether only dossiers that have not ended are so.
    const fn is_of_open_ones(self) -> bool {
        matches!(self, Self::Overdue | Self::Foreseen(_))
    }
}

words! {
    /// Which dossiers are looked for by the originals that the office holds.
    pub enum OriginalsWish {
        /// It holds some.
        Held = "held",
        /// It holds some of a dossier that is over: nobody comes for anything else.
        LeftBehind = "left_behind",
    }
}

struct Wanted {
    statuses: Vec<Status>,
    units: Option<Vec<UnitId>>,
    channel: Option<Channel>,
    wish: Option<Wish>,
    originals: Option<OriginalsWish>,
    cursor: Option<Cursor>,
    limit: i64,
}

impl Wanted {
    /// Whether nothing is looked for in the status in which nearly all are.
    fn is_of_rare_statuses(&self) -> bool {
        !self.statuses.is_empty() && !self.statuses.contains(&Status::Returned)
    }
}

pub(super) type Query<'a> = dossiers::BoxedQuery<'a, Pg>;

/// Lists dossiers, newest first.
///
/// # Errors
/// [`AppError::Invalid`] for filters that can't be.
pub fn search(conn: &mut PgConnection, act: &Act<'_>, filter: &Filter) -> Result<Page<Summary>, AppError> {
    let wanted = read(act, filter)?;
    let many = wanted.limit + 1;
    let newest = |query: Query<'_>, conn: &mut PgConnection, many: i64| {
        let query = query.order((dossiers::registered_at.desc(), dossiers::id.desc())).limit(many);
        query.select(Dossier::as_select()).load(conn)
    };
    let walk = Walk::of(act, wanted.units.as_deref(), among(&wanted));
    let found = match walk.filter(|_| !has_an_index_of_its_own(filter, &wanted)) {
        Some(walk) => walk.until(conn, stretch(filter, &wanted), many, |conn, keys, many| {
            newest(looked_for(act, filter, &wanted).filter(dossiers::id.eq_any(keys)), conn, many)
        }),
        None => newest(looked_for(act, filter, &wanted), conn, many),
    };
    let page = Page::cut(found?, wanted.limit, |dossier| Cursor { at: dossier.registered_at, id: dossier.id.0 });
    let items = page.items.iter().map(|dossier| Summary::of(act, dossier)).collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Returns the stretch of the list in which a page may lie.
fn stretch(filter: &Filter, wanted: &Wanted) -> Stretch {
    let first_after = filter.received_before.map(|day| Cursor { at: start_of(day), id: uuid::Uuid::nil() });
    let before = wanted.cursor.into_iter().chain(first_after).min_by_key(|cursor| (cursor.at, cursor.id));
    Stretch { before, since: filter.received_from.map(start_of) }
}

/// Returns among which dossiers of a unit all lie that are looked for.
fn among(wanted: &Wanted) -> Among {
    match wanted.wish {
        Some(Wish::Ended(Standing::Late)) => Among::Late,
        _ if wanted.is_of_rare_statuses() => Among::Statuses(wanted.statuses.clone()),
        _ => Among::All,
    }
}

/// Whether few dossiers are looked for, which an index finds whatever unit they are of.
fn has_an_index_of_its_own(filter: &Filter, wanted: &Wanted) -> bool {
    filter.text().is_some()
        || filter.due_before.is_some()
        || wanted.originals.is_some()
        || wanted.wish.is_some_and(Wish::is_of_open_ones)
}

/// Returns the dossiers that are looked for, of those that who asks may know of.
fn looked_for<'a>(act: &Act<'_>, filter: &Filter, wanted: &Wanted) -> Query<'a> {
    let mut query = visible(act, dossiers::table.into_boxed());
    query = match wanted.statuses.as_slice() {
        [] => query,
        [status] => query.filter(dossiers::status.eq(*status)),
        statuses => query.filter(dossiers::status.eq_any(statuses.to_vec())),
    };
    if wanted.is_of_rare_statuses() {
        // As the indexes of the others say it.
        query = query.filter(sql::<Bool>("dossiers.status <> 'returned'"));
    }
    query = match wanted.units.as_deref() {
        None => query,
        Some([unit]) => query.filter(dossiers::resolving_unit_id.eq(*unit)),
        Some(units) => query.filter(dossiers::resolving_unit_id.eq_any(units.to_vec())),
    };
    if let Some(channel) = wanted.channel {
        query = query.filter(dossiers::channel.eq(channel));
    }
    query = by_dates(query, filter);
    query = by_originals(query, wanted.originals);
    query = match wanted.wish {
        Some(Wish::Ended(standing)) => query.filter(dossiers::standing.eq(standing)),
        Some(Wish::Overdue) => query.filter(dossiers::ended_at.is_null()).filter(dossiers::due_at.lt(act.now)),
        Some(Wish::Foreseen(forecast)) => foreseen(act, query, forecast),
        None => query,
    };
    if let Some(code) = &filter.procedure {
        let versions = procedure_versions::table
            .inner_join(procedures::table)
            .filter(procedures::code.eq(code.clone()))
            .select(procedure_versions::id);
        query = query.filter(dossiers::procedure_version_id.eq_any(versions));
    }
    if let Some(text) = filter.text() {
        query = by_text(act, query, text);
    }
    if let Some(Cursor { at, id }) = wanted.cursor {
        query = query.filter(before((dossiers::registered_at, dossiers::id), (at, id)));
    }
    query
}

fn read(act: &Act<'_>, filter: &Filter) -> Result<Wanted, AppError> {
    let mut faults = Faults::new();
    let words = filter.status.as_deref().unwrap_or_default().split(',').filter(|word| !word.is_empty());
    let statuses = words.filter_map(|word| faults.word("?status", word.trim())).collect();
    let channel = filter.channel.as_deref().and_then(|word| faults.word("?channel", word));
    let wish = match filter.standing.as_deref() {
        Some("overdue") => Some(Wish::Overdue),
        Some(word) => match word.parse() {
            Ok(forecast) if forecast != Forecast::Late => Some(Wish::Foreseen(forecast)),
            _ => faults.word("?standing", word).map(Wish::Ended),
        },
        None => None,
    };
    let originals = filter.originals.as_deref().and_then(|word| faults.word("?originals", word));
    let units = filter.unit.as_deref().and_then(|code| {
        let said = Said::new("no_such_unit", "Không có đơn vị này", "There is no such unit");
        let unit = faults.read("?unit", said, act.catalogue().unit_by_code(code))?;
        Some(act.catalogue().within(unit.id))
    });
    let cursor = filter.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = limit(filter.limit)?;
    faults.finish(Some(Wanted { statuses, units, channel, wish, originals, cursor, limit }))
}

/// Open ones whose clock runs, by what becomes of them as things stand.
fn foreseen<'a>(act: &Act<'_>, query: Query<'a>, forecast: Forecast) -> Query<'a> {
    let kept = dossier_foresight::table
        .filter(dossier_foresight::due_at.ge(act.now))
        .select(dossier_foresight::dossier_id)
        .into_boxed();
    let kept = match forecast {
        Forecast::Safe => kept.filter(dossier_foresight::at_risk_at.gt(act.now)),
        Forecast::AtRisk => kept
            .filter(dossier_foresight::at_risk_at.le(act.now))
            .filter(dossier_foresight::will_be_late_at.gt(act.now)),
        Forecast::WillBeLate | Forecast::Late => kept.filter(dossier_foresight::will_be_late_at.le(act.now)),
    };
    query.filter(dossiers::id.eq_any(kept))
}

/// Only what who asks may know of.
pub(super) fn visible<'a>(act: &Act<'_>, query: Query<'a>) -> Query<'a> {
    if act.by.who == Who::System {
        return query;
    }
    let ours = dossier_units::table
        .inner_join(unit_tree::table.on(unit_tree::unit_id.eq(dossier_units::unit_id)))
        .filter(unit_tree::above_id.eq(act.by.unit))
        .filter(dossier_units::dossier_id.eq(dossiers::id));
    match act.by.role.sight() {
        Sight::All => query,
        Sight::Nothing => query.filter(sql::<Bool>("false")),
        Sight::OfTheUnit => query.filter(exists(ours)),
        Sight::ReceivedHere => query.filter(exists(ours.filter(dossier_units::why.eq(UnitRelation::Received)))),
    }
}

fn by_dates<'a>(mut query: Query<'a>, filter: &Filter) -> Query<'a> {
    if let Some(day) = filter.received_from {
        query = query.filter(dossiers::registered_at.ge(start_of(day)));
    }
    if let Some(day) = filter.received_before {
        query = query.filter(dossiers::registered_at.lt(start_of(day)));
    }
    if let Some(day) = filter.due_before {
        query = query.filter(dossiers::ended_at.is_null()).filter(dossiers::due_at.lt(start_of(day)));
    }
    query
}

fn by_originals(query: Query<'_>, wish: Option<OriginalsWish>) -> Query<'_> {
    let Some(wish) = wish else { return query };
    let held = dossier_originals::table
        .filter(dossier_originals::given_back_at.is_null())
        .select(dossier_originals::dossier_id);
    let query = query.filter(dossiers::id.eq_any(held));
    let over = Status::ALL.iter().copied().filter(|status| status.is_final());
    match wish {
        OriginalsWish::Held => query,
        OriginalsWish::LeftBehind => query.filter(dossiers::status.eq_any(over.collect::<Vec<_>>())),
    }
}

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    from_office_time(day.and_time(chrono::NaiveTime::MIN))
}

/// A code when it looks like one, a phone or ID number when it is whole, else words of a name.
fn by_text<'a>(act: &Act<'_>, query: Query<'a>, text: &str) -> Query<'a> {
    let vault = &act.office.vault;
    if let Some(code) = DossierCode::read(text).filter(|code| code.as_str().contains('.')) {
        let code = code.as_str().to_owned();
        return query.filter(dossiers::code.eq(code).or(dossiers::source_code.eq(text.trim().to_owned())));
    }
    let has_digits = text.chars().filter(char::is_ascii_digit).count() >= 6;
    if has_digits {
        let phone = Phone::read(text).map(|phone| vault.index("phone", phone.as_str())).unwrap_or_default();
        let number = IdNumber::read(text).map(|number| vault.index("id_number", number.as_str())).unwrap_or_default();
        // The people of a leg are kept with its parent, which who sees the leg need not see: the database tells keys alone.
        // A code of an old system may look like anything. One list of keys, so that each is one look at an index.
        let found = sql::<Bool>("dossiers.id IN (SELECT motcua_dossiers_of(")
            .bind::<Binary, _>(phone)
            .sql(", ")
            .bind::<Binary, _>(number)
            .sql(") UNION SELECT old.id FROM dossiers old WHERE old.source_code = ")
            .bind::<Text, _>(text.trim().to_owned())
            .sql(")");
        return query.filter(found);
    }
    words_of(text).into_iter().take(8).fold(query, |query, word| {
        let named = dossier_words::table.filter(dossier_words::word.eq(word)).select(dossier_words::dossier_id);
        query.filter(dossiers::id.eq_any(named))
    })
}
