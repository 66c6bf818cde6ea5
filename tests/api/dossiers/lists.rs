//! Officers' lists: whoever asks, and whatever for, gets the dossiers that are his, newest first, page by page.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::dossier::{Shelf, Status};
use motcua::domain::role::Role;
use motcua::schema::{dossier_units, dossiers};

use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, RESOLVERS, UNITS, World, put};

/// What is known of a dossier.
struct Line {
    code: String,
    registered: String,
    resolves: &'static str,
    related: Vec<(&'static str, &'static str)>,
    status: &'static str,
    is_late: bool,
    channel: &'static str,
}

/// Sixty dossiers of all units, some registered at the same moment, with which units have to do in one way, several or none.
fn given() -> (TestApp, Vec<Line>) {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for (above, unit) in UNITS.iter().flat_map(|(above, ..)| UNITS.iter().map(move |(unit, ..)| (*above, *unit))) {
        if is_within(unit, above) {
            let pair = format!("INSERT INTO unit_tree VALUES ('{}', '{}')", world.units[above], world.units[unit]);
            conn.batch_execute(&pair).unwrap();
        }
    }
    let lines = (0..60).map(|number| {
        let resolves = RESOLVERS[number % 5];
        let registered = format!("2024-05-{:02} 08:00", 2 + (number * 7) % 20);
        let history = History::new(resolves, &registered, "2024-06-07 17:00");
        let history = if number % 7 < 3 { history.online() } else { history };
        let (history, status) = match number % 6 {
            0 => (history.then("2024-06-03 16:00", Deed::Finish), "finished"),
            1 => (history.then("2024-06-12 16:00", Deed::Finish), "finished"),
            2 => (history.then("2024-06-03 16:00", Deed::Finish), "returned"),
            3 => (history.then("2024-06-12 16:00", Deed::Finish), "returned"),
            4 => (history.then("2024-06-03 16:00", Deed::Withdraw), "withdrawn"),
            _ => (history.then("2024-06-03 16:00", Deed::Pause), "awaiting_supplement"),
        };
        let dossier = put(&mut conn, &world, &app.state.vault, &history);
        let counter = if number % 2 == 0 { "H21.01" } else { resolves };
        let mut related = vec![(resolves, "resolves"), (counter, "received"), (RESOLVERS[(number / 5) % 5], "step")];
        // One that nobody but those who oversee may see.
        if number % 11 == 0 {
            related.clear();
        }
        for (unit, why) in &related {
            let unit = world.units[unit];
            let row = format!(
                "INSERT INTO dossier_units (unit_id, dossier_id, why) VALUES ('{unit}', '{}', '{why}')",
                dossier.id
            );
            conn.batch_execute(&row).unwrap();
        }
        if status == "returned" {
            let returned = "UPDATE dossiers SET status = 'returned', returned_at = ended_at";
            conn.batch_execute(&format!("{returned} WHERE id = '{}'", dossier.id)).unwrap();
        }
        let is_late = matches!(number % 6, 1 | 3);
        Line { code: dossier.code, registered, resolves, related, status, is_late, channel: history.channel }
    });
    let mut lines: Vec<Line> = lines.collect();
    // Newest first; of those registered together, the last put in.
    lines.reverse();
    lines.sort_by(|one, other| other.registered.cmp(&one.registered));
    drop(conn);
    (app, lines)
}

/// Whether a unit is another or lies below it.
fn is_within(unit: &str, above: &str) -> bool {
    unit == above || unit.starts_with(&format!("{above}.")) || (above == "H21.18" && unit.starts_with("H21.24"))
}

/// Turns all pages of a list over.
async fn codes(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    let (mut codes, mut path) = (Vec::new(), format!("/dossiers?limit=3{query}"));
    loop {
        let page = app.get(&path, token).await.expect(200).body;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        codes.extend(items.iter().map(|item| item["code"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { return codes };
        path = format!("/dossiers?limit=3{query}&cursor={cursor}");
    }
}

type Filter = (&'static str, fn(&Line) -> bool);

const FILTERS: [Filter; 16] = [
    ("", |_| true),
    ("&q=%20", |_| true),
    ("&status=finished", |line| line.status == "finished"),
    ("&status=awaiting_supplement&channel=online", |line| {
        line.status == "awaiting_supplement" && line.channel == "online"
    }),
    ("&status=stopped", |_| false),
    ("&status=returned", |line| line.status == "returned"),
    ("&status=returned,withdrawn", |line| ["returned", "withdrawn"].contains(&line.status)),
    ("&status=withdrawn,processing,awaiting_supplement", |line| {
        ["withdrawn", "awaiting_supplement"].contains(&line.status)
    }),
    ("&standing=late", |line| line.is_late),
    ("&standing=late&status=finished", |line| line.is_late && line.status == "finished"),
    ("&received_from=2024-05-10&received_before=2024-05-12", |line| {
        ("2024-05-10".."2024-05-12").contains(&line.registered.as_str())
    }),
    ("&unit=H21.24", |line| is_within(line.resolves, "H21.24")),
    ("&unit=H21.18&channel=direct", |line| is_within(line.resolves, "H21.18") && line.channel == "direct"),
    ("&unit=H21.16&status=finished", |line| line.resolves == "H21.16" && line.status == "finished"),
    ("&unit=H21.18&status=finished", |line| is_within(line.resolves, "H21.18") && line.status == "finished"),
    ("&unit=H21.24&standing=late", |line| is_within(line.resolves, "H21.24") && line.is_late),
];

#[actix_web::test]
async fn every_list_gives_what_is_looked_for_of_what_may_be_seen_without_gap_or_repeat() {
    let (app, lines) = given();
    let sees = |role: Role, unit: &str, line: &Line| match role {
        Role::Controller => true,
        Role::Clerk => line.related.iter().any(|(of, why)| *why == "received" && is_within(of, unit)),
        _ => line.related.iter().any(|(of, _)| is_within(of, unit)),
    };
    for (role, unit) in [
        (Role::Controller, "H21"),
        (Role::Leader, "H21"),
        (Role::Leader, "H21.18"),
        (Role::Officer, "H21.24"),
        (Role::Officer, "H21.101"),
        (Role::Clerk, "H21.01"),
        (Role::Clerk, "H21.16"),
    ] {
        let token = app.sign_in(role, unit);
        for (query, fits) in FILTERS {
            let expected = lines.iter().filter(|line| sees(role, unit, line) && fits(line));
            let expected: Vec<&str> = expected.map(|line| line.code.as_str()).collect();
            assert_eq!(codes(&app, &token, query).await, expected, "{role} of {unit} asks for {query:?}");
        }
    }
}

#[actix_web::test]
async fn a_relation_lies_where_its_dossier_was_registered() {
    let (app, lines) = given();
    let there = dossier_units::table.inner_join(dossiers::table).count();
    let elsewhere = there.filter(dossier_units::registered_at.ne(dossiers::registered_at));
    let mut conn = app.db.connect();
    let related = lines.iter().map(|line| line.related.iter().collect::<BTreeSet<_>>().len()).sum::<usize>();
    assert_eq!(there.get_result::<i64>(&mut conn), Ok(i64::try_from(related).unwrap()));
    assert_eq!(elsewhere.get_result::<i64>(&mut conn), Ok(0));
}

#[actix_web::test]
async fn a_relation_lies_on_the_shelf_of_its_dossier_wherever_that_goes() {
    let (app, lines) = given();
    let mut conn = app.db.connect();
    // What else goes with a status is another matter.
    let alone = "ALTER TABLE dossiers DROP CONSTRAINT dossiers_ended_check, DROP CONSTRAINT dossiers_standing_ended_check, \
                 DROP CONSTRAINT dossiers_finished_check, DROP CONSTRAINT dossiers_returned_check";
    conn.batch_execute(alone).unwrap();
    let related = dossier_units::table.count().get_result::<i64>(&mut conn).unwrap();
    let lying = |conn: &mut PgConnection, shelf: Shelf, is_late: bool| {
        let there = dossier_units::table.filter(dossier_units::shelf.eq(shelf.as_str()));
        there.filter(dossier_units::is_late.eq(is_late)).count().get_result::<i64>(conn).unwrap()
    };
    for status in Status::ALL {
        for standing in [None, Some("late"), Some("early"), Some("late"), None] {
            let changed = diesel::update(dossiers::table)
                .set((dossiers::status.eq(status.as_str()), dossiers::standing.eq(standing)))
                .execute(&mut conn);
            assert_eq!(changed, Ok(lines.len()));
            assert_eq!(lying(&mut conn, status.shelf(), standing == Some("late")), related, "{status}, {standing:?}");
        }
    }
}
