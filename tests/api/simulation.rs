//! A small year, replayed.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use motcua::command::console;
use motcua::domain::catalogue::UnitKind;
use motcua::domain::period::Period;
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use motcua::schema::{dossiers, installation, notice_attempts, notice_queue, notices};
use motcua::simulation::{Along, SimulationError, Targets, YearReport, multiply, simulate};
use motcua::state::Act;
use motcua::statistics::tallies;
use motcua::statistics::tallies::verify::{Findings, verify};

use crate::support::app::{TestApp, at};
use crate::support::db::Holds;

fn made_as(kind: &str, now: &str) -> TestApp {
    // Whatever is configured, a replay reaches no gateway.
    let app = TestApp::over(Holds::TheProvince, now, |config| {
        let table =
            "kind = \"http\"\nrequest = { url = \"http://127.0.0.1:1/never\" }\nanswer = { accepted = [\"*\"] }\n";
        config.gateways.insert("sms".to_owned(), crate::notices::given::gateway(table));
    });
    diesel::insert_into(installation::table)
        .values((
            installation::id.eq(uuid::Uuid::now_v7()),
            installation::kind.eq(kind),
            installation::made_at.eq(at(now)),
        ))
        .execute(&mut app.db.connect())
        .unwrap();
    app
}

fn replay(app: &TestApp, dossiers: u32) -> Result<YearReport, SimulationError> {
    let targets = Targets {
        year: 2024,
        dossiers,
        seed: 7,
        on_time_departments: 9_900,
        on_time_land_offices: 9_000,
        early_sms: None,
    };
    simulate(&app.state, &targets, &Progress::silent())
}

#[test]
fn a_small_year_adds_up_and_the_table_says_what_happened() {
    let app = made_as("demo", "2025-06-02 09:00");
    let report = replay(&app, 300).unwrap();
    let total = &report.agencies.total.cells;
    total.check().unwrap();
    let accepted: i64 = dossiers::table
        .filter(dossiers::accepted_at.lt(at("2025-01-01 00:00")))
        .count()
        .get_result(&mut app.db.connect())
        .unwrap();
    assert_eq!(total.received(), accepted);
    let rate = |kind| report.kind(kind).unwrap().on_time_rate.basis_points.unwrap();
    assert!(rate(UnitKind::Department) > rate(UnitKind::LandOffice));
    assert!(rate(UnitKind::LandOffice) < 9_600);
    let open: i64 =
        dossiers::table.filter(dossiers::ended_at.is_null()).count().get_result(&mut app.db.connect()).unwrap();
    assert!(open < 10, "all lives but the declined ones end: {open} are open");
    let text = report.to_string();
    assert!(text.contains("SMS mời nhận kết quả sớm") && text.contains("Sở Tư pháp"), "{text}");
}

#[test]
fn no_notice_of_a_replay_is_left_for_a_worker_and_invitations_are_counted_apart() {
    let app = made_as("demo", "2025-06-02 09:00");
    let report = replay(&app, 200).unwrap();
    let mut conn = app.db.connect();
    assert_eq!(notice_queue::table.count().get_result::<i64>(&mut conn), Ok(0));
    let strange: i64 = notices::table
        .filter(sql::<diesel::sql_types::Bool>("status <> 'sent' OR gateway <> 'simulation' OR sent_at <> created_at"))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(strange, 0);
    let all: i64 = notices::table.count().get_result(&mut conn).unwrap();
    assert_eq!(notice_attempts::table.count().get_result::<i64>(&mut conn), Ok(all));
    let sms = |purpose: &str| {
        notices::table
            .filter(
                sql::<diesel::sql_types::Bool>("channel = 'sms' AND created_at < '2024-12-31 17:00Z' AND purpose = ")
                    .bind::<Text, _>(purpose.to_owned()),
            )
            .count()
            .get_result::<i64>(&mut app.db.connect())
            .unwrap()
    };
    assert_eq!(report.sms.early, sms("result_early"));
    assert!(report.sms.early > 100, "{:?}", report.sms);
    assert!(report.sms.other > sms("received"), "{:?}", report.sms);
}

type Seen = (String, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<String>);

#[test]
fn the_same_seed_gives_the_same_year() {
    let seen = || -> (Vec<Seen>, YearReport) {
        let app = made_as("demo", "2025-06-02 09:00");
        let report = replay(&app, 120).unwrap();
        let rows = dossiers::table
            .order(dossiers::code)
            .select((
                dossiers::code,
                dossiers::accepted_at,
                dossiers::due_at,
                dossiers::finished_at,
                sql::<Nullable<Text>>("standing"),
            ))
            .load(&mut app.db.connect())
            .unwrap();
        (rows, report)
    };
    let (first, second) = (seen(), seen());
    assert_eq!(first.0.len(), 120);
    assert_eq!(first, second);
}

#[test]
fn a_second_replay_adds_to_the_first() {
    let app = made_as("demo", "2025-06-02 09:00");
    let first = replay(&app, 60).unwrap().agencies.total.cells.received();
    let second = replay(&app, 60).unwrap().agencies.total.cells.received();
    assert_eq!(second, 2 * first);
}

#[actix_web::test]
async fn copies_are_dossiers_like_those_that_were_replayed() {
    let app = made_as("demo", "2025-06-02 09:00");
    replay(&app, 60).unwrap();
    multiply(&app.state, 500, Along::Everything, &Progress::silent()).unwrap();
    let mut conn = app.db.connect();
    let codes: Vec<String> = dossiers::table.order(dossiers::code).select(dossiers::code).load(&mut conn).unwrap();
    assert_eq!(codes.len(), 560);
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 560);
    // A unit goes on counting where the copies end.
    replay(&app, 10).unwrap();

    let years = [Period::calendar_year(2024).unwrap(), Period::report_year(2025).unwrap()];
    let by = console();
    tallies::tick(app.state.clone()).await.unwrap();
    let look =
        |conn: &mut PgConnection, act: &Act<'_>| tallies::verify::verify(conn, act, None, &years, &Progress::silent());
    let found = app.state.act_here(&by, app.state.clock.now(), look).unwrap();
    assert_eq!((found.faults, found.dossiers, found.wrong, found.waiting, found.tables), (vec![], 570, 0, 0, 4));

    let controller = app.sign_in(Role::Controller, "H21");
    let newest = diesel::sql_query(
        "SELECT d.code AS name FROM dossiers d WHERE accepted_at IS NOT NULL \
         AND NOT EXISTS (SELECT FROM dossier_people p WHERE p.dossier_id = d.id AND p.phone IS NOT NULL) ORDER BY d.id LIMIT 3",
    );
    let copies: Vec<Name> = newest.load(&mut conn).unwrap();
    assert_eq!(copies.len(), 3);
    for Name { name } in copies {
        let shown = app.get(&format!("/dossiers/{name}"), &controller).await.expect(200).body;
        assert_eq!(shown["code"], *name);
        let events = app.get(&format!("/dossiers/{name}/events"), &controller).await.expect(200);
        assert!(events.items().len() >= 2, "{name}");
        app.get(&format!("/dossiers/{name}/deadline"), &controller).await.expect(200);
    }
}

#[actix_web::test]
async fn copies_for_figures_alone_are_counted_and_point_to_nothing_that_is_not_there() {
    let app = made_as("demo", "2025-06-02 09:00");
    replay(&app, 60).unwrap();
    multiply(&app.state, 120, Along::Figures, &Progress::silent()).unwrap();
    tallies::tick(app.state.clone()).await.unwrap();
    let years = [Period::calendar_year(2024).unwrap()];
    let found = recounted(&app, &years);
    assert_eq!((found.faults, found.dossiers, found.wrong, found.waiting, found.tables), (vec![], 180, 0, 0, 2));
    let lost = "SELECT s.id::text AS name FROM dossier_states s \
         WHERE NOT EXISTS (SELECT FROM dossiers d WHERE d.id = s.dossier_id)";
    assert_eq!(diesel::sql_query(lost).load::<Name>(&mut app.db.connect()).unwrap().len(), 0);
}

fn recounted(app: &TestApp, years: &[Period]) -> Findings {
    let look = |conn: &mut PgConnection, act: &Act<'_>| verify(conn, act, None, years, &Progress::silent());
    app.state.act_here(&console(), app.state.clock.now(), look).unwrap()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[test]
fn nothing_is_copied_where_nothing_was_replayed_or_in_a_real_office() {
    let copied = |kind| multiply(&made_as(kind, "2025-06-02 09:00").state, 10, Along::Everything, &Progress::silent());
    assert!(matches!(copied("demo"), Err(SimulationError::NothingToCopy)));
    assert!(matches!(copied("production"), Err(SimulationError::NotADemo)));
}

#[test]
fn nothing_happens_after_now() {
    let app = made_as("demo", "2024-07-01 09:00");
    replay(&app, 100).unwrap();
    let last: Option<DateTime<Utc>> =
        notices::table.select(diesel::dsl::max(notices::created_at)).first(&mut app.db.connect()).unwrap();
    assert!(last.unwrap() <= at("2024-07-01 09:00"));
    let count: i64 = dossiers::table.count().get_result(&mut app.db.connect()).unwrap();
    assert!((20..90).contains(&count), "half a year's dossiers: {count}");
}

#[test]
fn a_production_database_or_one_of_unknown_use_takes_no_replay() {
    let app = made_as("production", "2025-06-02 09:00");
    assert!(matches!(replay(&app, 10), Err(SimulationError::NotADemo)));
    diesel::delete(installation::table).execute(&mut app.db.connect()).unwrap();
    assert!(matches!(replay(&app, 10), Err(SimulationError::NotADemo)));
    let count: i64 = dossiers::table.count().get_result(&mut app.db.connect()).unwrap();
    assert_eq!(count, 0);
}
