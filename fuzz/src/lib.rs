//! An office without a database: one unit, one procedure, the calendar of two years.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use motcua::config::Config;
use motcua::domain::calendar::{Calendar, CalendarYear, YearState};
use motcua::domain::calendars::{Calendars, PublishedCalendar};
use motcua::domain::catalogue::{
    Catalogue, CodeIs, Field, Parts, Procedure, ProcedureState, Process, Resolver, Unit, UnitKind,
};
use motcua::domain::ids::{FieldId, ProcedureId, ProcedureVersionId, ProcessVersionId, UnitId};
use motcua::domain::legs::Legs;
use motcua::domain::notice::Templates;
use motcua::domain::procedure::{Amount, Cutoff, PauseEffect, Term, TermRules, TermUnit};
use motcua::domain::process::{self, Step};
use motcua::domain::role::{Actor, Role, Who};
use motcua::domain::successions::Successions;
use motcua::platform::secret::Vault;
use motcua::state::{Act, Office};

/// The office.
pub static OFFICE: LazyLock<Office> = LazyLock::new(|| Office {
    catalogue: Arc::new(catalogue()),
    templates: Arc::new(Templates::default()),
    vault: Arc::new(Vault::new(&BTreeMap::from([(1, vec![7; 32])]), &[7; 32]).expect("keys of the right length")),
    config: Arc::new(Config::defaults().expect("the defaults are right")),
});

static CLERK: LazyLock<Actor> = LazyLock::new(|| Actor::new(Who::System, "fuzz", Role::Clerk, UnitId::new()));

/// A clerk's deed on 22 November 2026.
pub fn act() -> Act<'static> {
    Act { office: &OFFICE, by: &CLERK, now: now() }
}

/// The moment at which everything happens.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_320_000, 0).expect("a moment")
}

fn catalogue() -> Catalogue {
    let (unit, field, procedure, process) =
        (UnitId::new(), FieldId::new(), ProcedureVersionId::new(), ProcessVersionId::new());
    let from = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a date");
    let term = Term::new(Amount::whole(5), TermUnit::WorkingDay).expect("a term");
    Catalogue::new(Parts {
        version: 1,
        calendars: Calendars::new(
            PublishedCalendar { number: 1, published_at: now(), calendar: calendar() },
            Vec::new(),
        ),
        units: vec![Unit {
            id: unit,
            code: "H21.16".to_owned(),
            name: "Sở Tư pháp".to_owned(),
            kind: UnitKind::Department,
            parent: None,
            receives_at: unit,
            hard_area: false,
            code_is: CodeIs::MadeUp,
            valid_from: from,
            valid_to: None,
        }],
        former_names: Vec::new(),
        former_parents: Vec::new(),
        successions: Successions::default(),
        aliases: Vec::new(),
        fields: vec![Field {
            id: field, code: "HT".to_owned(), name: "Hộ tịch".to_owned(), code_is: CodeIs::MadeUp
        }],
        procedures: vec![Procedure {
            id: procedure,
            procedure_id: ProcedureId::new(),
            version: 1,
            code: "2.002516".to_owned(),
            name: "Thử".to_owned(),
            field_id: field,
            state: ProcedureState::Published,
            terms: Some(TermRules {
                base: term,
                statutory: None,
                by_channel: Vec::new(),
                hard_area: None,
                cases: Vec::new(),
            }),
            cutoff: Cutoff::None,
            supplement_effect: PauseEffect::Restart,
            supplement_within_days: 2,
            excludes_external_time: true,
            process_id: Some(process),
            papers: Vec::new(),
            fees: Vec::new(),
            resolvers: vec![Resolver::Unit(unit)],
            limit_source: String::new(),
            note: None,
            valid_from: from,
            valid_to: None,
        }],
        processes: vec![Process {
            id: process,
            code: "P".to_owned(),
            version: 1,
            name: "Thử".to_owned(),
            steps: steps(),
            legs: Legs::default(),
            whose: None,
            valid_from: from,
        }],
    })
}

fn steps() -> Vec<Step> {
    let written = serde_json::json!([{"role": "officer", "does": "xem", "rest_of_term": true}]);
    process::read(serde_json::from_value(written).expect("steps as they are written")).expect("steps")
}

fn calendar() -> Calendar {
    let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    let year = |year| {
        let row = CalendarYear {
            state: YearState::Published,
            off: [NaiveDate::from_ymd_opt(year, 9, 2).expect("a date")].into(),
            work: Default::default(),
            source: String::new(),
        };
        (year, row)
    };
    let years = [year(2025), year(2026), year(2027)].into();
    Calendar::new(&weekdays, vec![(hour(7), hour(11)), (hour(13), hour(17))], years).expect("a calendar")
}
