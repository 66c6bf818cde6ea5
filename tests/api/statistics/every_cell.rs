//! Every cell of every table leads to exactly as many dossiers as it counts: of dossiers and legs, by each map of units,
//! by each grouping, of each row and of the total; of each group and each row of every shipped layout; and by the address
//! that a report itself says.

use std::collections::BTreeSet;

use diesel::prelude::*;
use motcua::domain::ids::UnitId;
use motcua::domain::period::Period;
use motcua::domain::role::Role;
use motcua::exports::layouts::{Layouts, Rows};
use motcua::state::Act;
use motcua::statistics::{
    Cell, Counting, DrillForm, GroupKey, Grouping, Map, Row, RowKey, TableForm, dossiers_behind, tabulate,
    tabulate_groups,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::intake::{came_in, what_came};
use super::properties::{a_life, a_period};
use super::system;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{World, put};

/// Tries a check over random lives in random periods.
fn over_random_lives(
    cases: u32,
    check: impl Fn(&mut PgConnection, (&Act<'_>, &World), Period) -> Result<(), TestCaseError>,
) {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let lives = prop::collection::vec(a_life(), 5..25);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&(lives, a_period()), |(lives, period)| {
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            for life in lives.iter().filter(|life| life.deeds.iter().all(|(when, _)| *when <= now)) {
                put(&mut conn, &world, &office.vault, life);
            }
            check(&mut conn, (&act, &world), period)
        })
        .unwrap();
}

#[test]
fn every_cell_of_every_table_leads_to_exactly_its_dossiers() {
    over_random_lives(4, |conn, (act, _), period| {
        for (counting, map) in
            Counting::ALL.iter().flat_map(|counting| Map::ALL.iter().map(move |map| (*counting, *map)))
        {
            for grouping in Grouping::ALL {
                let form = TableForm { counting, map, period, within: None, grouping: *grouping };
                check(conn, act, &form)?;
            }
        }
        Ok(())
    });
}

#[test]
fn every_cell_of_every_row_of_every_shipped_layout_leads_to_exactly_its_dossiers() {
    // Layouts with the same rows differ in their columns alone, and every cell is tried; the rows of counters are in `intake`.
    let layouts = Layouts::load(None).unwrap();
    let mut levels: BTreeSet<(Grouping, Option<Grouping>)> = BTreeSet::new();
    for layout in layouts.all() {
        match layout.rows {
            Rows::Of(grouping) => drop(levels.insert((grouping, None))),
            Rows::In(outer, inner) => drop(levels.insert((outer, Some(inner)))),
            Rows::Counters | Rows::Dossiers => {}
        }
    }
    assert!(levels.contains(&(Grouping::Kind, Some(Grouping::Field))), "that of 06c is among them");
    over_random_lives(8, |conn, (act, world), period| {
        for (grouping, inner) in &levels {
            for within in [None, Some(UnitId(world.units["H21.18"]))] {
                let (counting, map, grouping) = (Counting::Dossiers, Map::Then, *grouping);
                let form = TableForm { counting, map, period, within, grouping };
                match inner {
                    None => check(conn, act, &form)?,
                    Some(inner) => check_groups(conn, act, &form, *inner)?,
                }
            }
        }
        Ok(())
    });
}

fn check(conn: &mut PgConnection, act: &Act<'_>, form: &TableForm) -> Result<(), TestCaseError> {
    let table = tabulate(conn, act, form).unwrap();
    for row in &table.rows {
        let group = GroupKey { grouping: form.grouping, code: row.key.code.clone() };
        check_row(conn, act, form, (row, RowKey { group: Some(group), row: None }))?;
    }
    check_row(conn, act, form, (&table.total, RowKey::default()))
}

fn check_groups(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &TableForm,
    inner: Grouping,
) -> Result<(), TestCaseError> {
    let (groups, total) = tabulate_groups(conn, act, form, inner).unwrap();
    for group in &groups {
        let outer = Some(GroupKey { grouping: form.grouping, code: group.row.key.code.clone() });
        check_row(conn, act, form, (&group.row, RowKey { group: outer.clone(), row: None }))?;
        for row in &group.rows {
            let inner = Some(GroupKey { grouping: inner, code: row.key.code.clone() });
            check_row(conn, act, form, (row, RowKey { group: outer.clone(), row: inner }))?;
        }
    }
    check_row(conn, act, form, (&total, RowKey::default()))
}

fn check_row(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &TableForm,
    (row, key): (&Row, RowKey),
) -> Result<(), TestCaseError> {
    for cell in Cell::ALL {
        let drill = DrillForm {
            counting: form.counting,
            map: form.map,
            cell: *cell,
            period: form.period,
            within: form.within,
            row: key.clone(),
            after: None,
            limit: 200,
        };
        let behind = dossiers_behind(conn, act, &drill).unwrap().items.len();
        let (counted, place) = (cell.of(&row.cells), (&key, form.map, form.counting));
        prop_assert_eq!(counted, i64::try_from(behind).unwrap(), "{} of {} by {:?}", cell, row.key.code, place);
    }
    Ok(())
}

#[actix_web::test]
async fn every_line_of_every_shipped_layout_says_where_its_dossiers_are() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let came = prop::collection::vec(what_came(), 40).new_tree(&mut TestRunner::default()).unwrap().current();
    for came in &came {
        came_in(&mut conn, &world, &app.state.vault, came);
    }
    let token = app.sign_in(Role::Controller, "H21");
    for layout in app.get("/reports", &token).await.expect(200).items() {
        if layout["counts"] == "register" {
            continue;
        }
        for unit in ["", "&unit=H21.18"] {
            let asked = format!("/reports/{}?from=2024-04-10&to=2024-06-10{unit}", layout["code"].as_str().unwrap());
            let report = app.get(&asked, &token).await.expect(200).body;
            let lines = report["lines"].as_array().unwrap();
            assert!(!lines.is_empty() || !unit.is_empty(), "{asked}");
            for line in lines.iter().chain([&report["total"]]) {
                check_line(&app, &token, &report, line).await;
            }
        }
    }
}

/// Follows the address of a line for the cells of each column that shows counts; all of the shipped ones are sums.
async fn check_line(app: &TestApp, token: &str, report: &Value, line: &Value) {
    let address = line["dossiers"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
    let columns = report["columns"].as_array().unwrap().iter().filter(|column| column["kind"] == "count");
    for (column, count) in columns.zip(line["counts"].as_array().unwrap()) {
        let mut behind = 0;
        for cell in column["cells"].as_array().unwrap() {
            let listed = app.get(&format!("{address}{}&limit=200", cell.as_str().unwrap()), token).await.expect(200);
            behind += listed.items().len();
        }
        assert_eq!(count, behind, "{} at {address}", column["shows"]);
    }
}
