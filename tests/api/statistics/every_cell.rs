//! Every cell of every table leads to exactly as many dossiers as it counts: of dossiers and legs, by each map of units,
//! by each grouping, of each row and of the total.

use diesel::prelude::*;
use motcua::state::Act;
use motcua::statistics::{
    Cell, Counting, DrillForm, GroupKey, Grouping, Map, Row, TableForm, dossiers_behind, tabulate,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::properties::{a_life, a_period};
use super::system;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{World, put};

#[test]
fn every_cell_of_every_table_leads_to_exactly_its_dossiers() {
    let app = TestApp::over(Holds::Nothing, "2024-08-20 09:17", |_| {});
    let (now, mut conn) = (app.state.clock.now(), app.db.connect());
    let world = World::lay(&mut conn);
    let office = app.state.office.in_force(&mut conn).unwrap();
    let by = system(world.units["H21"]);
    let act = Act { office: &office, by: &by, now };
    let lives = prop::collection::vec(a_life(), 5..25);
    let mut runner = TestRunner::new(Config { cases: 4, failure_persistence: None, ..Config::default() });
    runner
        .run(&(lives, a_period()), |(lives, period)| {
            let mut conn = app.db.connect();
            conn.begin_test_transaction().unwrap();
            for life in lives.iter().filter(|life| life.deeds.iter().all(|(when, _)| *when <= now)) {
                put(&mut conn, &world, &office.vault, life);
            }
            for (counting, map) in
                Counting::ALL.iter().flat_map(|counting| Map::ALL.iter().map(move |map| (*counting, *map)))
            {
                for grouping in Grouping::ALL {
                    let form = TableForm { counting, map, period, within: None, grouping: *grouping };
                    check(&mut conn, &act, &form)?;
                }
            }
            Ok(())
        })
        .unwrap();
}

fn check(conn: &mut PgConnection, act: &Act<'_>, form: &TableForm) -> Result<(), TestCaseError> {
    let table = tabulate(conn, act, form).unwrap();
    for row in &table.rows {
        let group = GroupKey { grouping: form.grouping, code: row.key.code.clone() };
        check_row(conn, act, form, (row, Some(group)))?;
    }
    check_row(conn, act, form, (&table.total, None))
}

fn check_row(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &TableForm,
    (row, group): (&Row, Option<GroupKey>),
) -> Result<(), TestCaseError> {
    for cell in Cell::ALL {
        let drill = DrillForm {
            counting: form.counting,
            map: form.map,
            cell: *cell,
            period: form.period,
            within: form.within,
            group: group.clone(),
            after: None,
            limit: 200,
        };
        let behind = dossiers_behind(conn, act, &drill).unwrap().items.len();
        let (counted, place) = (cell.of(&row.cells), (form.grouping, form.map, form.counting));
        prop_assert_eq!(counted, i64::try_from(behind).unwrap(), "{} of {} by {:?}", cell, row.key.code, place);
    }
    Ok(())
}
