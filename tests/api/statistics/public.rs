//! What anybody may know: totals of months that are over, and no row so small that it would point at a person.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

const JUNE: &str = "/public/statistics?month=2024-06";

/// Dossiers of units, all of them early.
fn given(rows: &[(&'static str, usize)]) -> TestApp {
    let rows: Vec<_> = rows.iter().map(|(unit, count)| (*unit, *count, "2024-05-24 16:00")).collect();
    given_ended(&rows)
}

/// Dossiers of units, with when they ended.
fn given_ended(rows: &[(&'static str, usize, &str)]) -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for (unit, count, ended) in rows {
        for _ in 0..*count {
            let life = History::new(unit, "2024-05-20 08:00", "2024-05-27 17:00");
            put(&mut conn, &world, &app.state.vault, &life.then(ended, Deed::Finish));
        }
    }
    app
}

fn received(table: &Value) -> Vec<(&str, Option<i64>)> {
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["key"]["code"].as_str().unwrap(), row["received"].as_i64())).collect()
}

#[actix_web::test]
async fn a_small_row_is_hidden_with_another_so_that_it_can_not_be_subtracted_out() {
    let app = given(&[("H21.16", 6), ("H21.18", 2), ("H21.24", 9)]);
    let table = app.read(JUNE).await.expect(200).body;
    assert_eq!(received(&table), [("H21.16", None), ("H21.18", None), ("H21.24", Some(9))]);
    assert_eq!((&table["total"]["received"], &table["smallest"]), (&json!(17), &json!(5)));
    let hidden = &table["rows"][1];
    for name in ["resolved", "pending", "on_time_rate", "early_rate"] {
        assert_eq!(hidden[name], Value::Null, "{name}");
    }
    assert_eq!(table["rows"][2]["on_time_rate"]["text"], "100.00");
}

#[actix_web::test]
async fn where_nothing_is_small_everything_is_shown() {
    let app = given(&[("H21.16", 5), ("H21.24", 6)]);
    let table = app.read(JUNE).await.expect(200).body;
    assert_eq!(received(&table), [("H21.16", Some(5)), ("H21.24", Some(6))]);
}

#[actix_web::test]
async fn a_total_that_is_small_itself_is_hidden() {
    let app = given(&[("H21.16", 2)]);
    let table = app.read(JUNE).await.expect(200).body;
    assert_eq!((received(&table), &table["total"]["received"]), (vec![("H21.16", None)], &Value::Null));
}

fn early(row: &Value) -> [Option<i64>; 3] {
    [row["resolved"].as_i64(), row["on_time_rate"]["numerator"].as_i64(), row["early_rate"]["numerator"].as_i64()]
}

#[actix_web::test]
async fn rates_that_tell_of_one_among_few_are_hidden_and_of_one_in_a_crowd_are_not() {
    let (early_end, on_the_day, late_end) = ("2024-05-24 16:00", "2024-05-27 16:00", "2024-05-29 16:00");
    let app = given_ended(&[
        ("H21.16", 5, early_end),
        ("H21.16", 1, late_end),
        ("H21.18", 7, early_end),
        ("H21.18", 1, on_the_day),
        ("H21.24", 99, early_end),
        ("H21.24", 1, late_end),
    ]);
    let table = app.read(JUNE).await.expect(200).body;
    let rows: Vec<_> = table["rows"].as_array().unwrap().iter().map(early).collect();
    // What is left of the total would tell of one late among fourteen.
    assert_eq!(rows, [[Some(6), None, None], [Some(8), None, None], [Some(100), None, None]]);
    assert_eq!(early(&table["total"]), [Some(114), Some(112), Some(111)]);

    let app = given_ended(&[("H21.16", 6, early_end), ("H21.24", 99, early_end), ("H21.24", 1, late_end)]);
    let table = app.read(JUNE).await.expect(200).body;
    let rows: Vec<_> = table["rows"].as_array().unwrap().iter().map(early).collect();
    assert_eq!(rows, [[Some(6), Some(6), Some(6)], [Some(100), Some(99), Some(99)]]);
}

#[actix_web::test]
async fn only_months_that_are_over_and_nothing_finer_is_public() {
    let app = given(&[("H21.16", 5)]);
    assert_eq!(
        app.read("/public/statistics?month=2024-07").await.expect(422).faults(),
        [("?month", "period_not_over")]
    );
    assert_eq!(app.read("/public/statistics").await.expect(422).faults(), [("?month", "required")]);
    assert_eq!(app.read("/public/statistics?month=2024-13").await.expect(422).faults(), [("?month", "no_such_part")]);
    for finer in ["&unit=H21.16", "&group=field", "&from=2024-06-01&to=2024-06-02"] {
        app.read(&format!("{JUNE}{finer}")).await.expect(422);
    }
}

#[actix_web::test]
async fn the_public_is_let_in_as_often_as_to_any_public_route() {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |config| config.limits.public_per_minute = 1);
    app.read(JUNE).await.expect(200);
    app.read(JUNE).await.expect(429);
}
