//! How figures moved, who does better, and what a reviewer should look at.

use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::{Deed, History, World, put};

fn given(lives: &[History]) -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for life in lives {
        put(&mut conn, &world, &app.state.vault, life);
    }
    app
}

fn life(unit: &'static str) -> History {
    History::new(unit, "2024-05-20 08:00", "2024-05-27 17:00")
}

#[actix_web::test]
async fn a_trend_compares_each_period_with_the_one_before() {
    let may = History::new("H21.16", "2024-05-02 08:00", "2024-05-09 17:00");
    let app = given(&[
        may.clone().then("2024-05-10 08:00", Deed::Finish),
        may.then("2024-05-09 08:00", Deed::Finish),
        life("H21.16").then("2024-05-24 08:00", Deed::Finish),
        life("H21.18"),
    ]);
    let token = app.sign_in(Role::Controller, "H21");
    let trend = app.get("/statistics/trend?month=2024-06&periods=3", &token).await.expect(200).body;
    let points = trend["points"].as_array().unwrap();
    let of = |name: &str| points.iter().map(|point| point[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("from"), [json!("2024-03-15"), json!("2024-04-15"), json!("2024-05-15")]);
    assert_eq!(of("resolved"), [json!(0), json!(2), json!(1)]);
    assert_eq!(points[0]["change"], Value::Null);
    assert_eq!(points[1]["change"]["on_time_basis_points"], Value::Null, "there was no rate before");
    let change = &points[2]["change"];
    assert_eq!((&change["resolved"], &change["late"], &change["pending"]), (&json!(-1), &json!(-1), &json!(1)));
    assert_eq!(change["on_time_basis_points"], 5000);
    assert_eq!(of("under_way"), [json!(false), json!(false), json!(false)]);
    assert_eq!((&points[2]["counted_until"], &trend["note"]), (&Value::Null, &Value::Null));
    let wrong = app.get("/statistics/trend?month=2024-06&periods=25", &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?periods", "wrong_number")]);
}

#[actix_web::test]
async fn a_month_under_way_is_told_from_those_that_are_over_wherever_it_is_compared() {
    let app = given(&[life("H21.16").then("2024-05-24 08:00", Deed::Finish)]);
    let token = app.sign_in(Role::Controller, "H21");
    let trend = app.get("/statistics/trend?month=2024-07&periods=3", &token).await.expect(200).body;
    let points = trend["points"].as_array().unwrap();
    let of = |name: &str| points.iter().map(|point| point[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("under_way"), [json!(false), json!(false), json!(true)]);
    assert_eq!(of("counted_until"), [Value::Null, Value::Null, json!("2024-07-01")]);
    let changes: Vec<_> = points.iter().map(|point| point["change"]["under_way"].clone()).collect();
    assert_eq!(changes, [Value::Null, json!(false), json!(true)]);
    assert_eq!(trend["note"]["code"], "period_under_way");
    assert!(trend["note"]["vi"].as_str().unwrap().contains("tính đến ngày 01/07/2024"), "{}", trend["note"]);
    // The day after the last one of the month it is over.
    app.set("2024-07-15 00:00");
    let trend = app.get("/statistics/trend?month=2024-07&periods=2", &token).await.expect(200).body;
    assert_eq!((&trend["points"][1]["under_way"], &trend["note"]), (&json!(false), &Value::Null));
}

#[actix_web::test]
async fn few_dossiers_are_not_ranked_and_overlapping_units_share_places() {
    let mut lives = vec![life("H21.101").then("2024-05-24 08:00", Deed::Finish)];
    for number in 0..40 {
        let late = if number < 20 { "2024-05-29 08:00" } else { "2024-05-24 08:00" };
        lives.push(life("H21.16").then("2024-05-24 08:00", Deed::Finish));
        lives.push(life("H21.18").then(late, Deed::Finish));
        lives.push(life("H21.24").then("2024-05-24 08:00", Deed::Finish));
    }
    let app = given(&lives);
    let token = app.sign_in(Role::Leader, "H21.16");
    let ranking = app.get("/statistics/ranking?month=2024-06", &token).await.expect(200).body;
    let rows: Vec<_> = ranking["rows"].as_array().unwrap().iter().collect();
    let of = |row: &Value| {
        (row["key"]["code"].as_str().unwrap().to_owned(), row["best_place"].as_i64(), row["worst_place"].as_i64())
    };
    let expected = [
        ("H21.16", Some(1), Some(2)),
        ("H21.24", Some(1), Some(2)),
        ("H21.18", Some(3), Some(3)),
        ("H21.101", None, None),
    ];
    let expected = expected.map(|(code, best, worst)| (code.to_owned(), best, worst));
    assert_eq!(rows.iter().map(|row| of(row)).collect::<Vec<_>>(), expected);
    assert_eq!((&rows[3]["too_few_to_rank"], &rows[0]["too_few_to_rank"]), (&json!(true), &json!(false)));
    let officer = app.sign_in(Role::Officer, "H21.16");
    app.get("/statistics/ranking?month=2024-06", &officer).await.expect(403);
}

#[actix_web::test]
async fn each_pattern_leads_to_the_dossiers_in_which_it_was_found() {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let lives = [
        life("H21.16").then("2024-05-27 16:55", Deed::Finish),
        life("H21.16").then("2024-05-27 16:40", Deed::Finish),
        life("H21.18").then("2024-05-27 16:30", Deed::Pause),
        life("H21.18").then("2024-05-24 16:30", Deed::Pause),
        life("H21.18").then("2024-05-31 08:00", Deed::Finish),
    ];
    let put = lives.map(|life| put(&mut conn, &world, &app.state.vault, &life));
    for (number, at) in [(2, "2024-05-27 09:30+00"), (3, "2024-05-24 09:30+00")] {
        let pause = format!(
            "INSERT INTO dossier_pauses (id, dossier_id, kind, effect, back_to, opened_at, reason) VALUES \
             (gen_random_uuid(), '{}', 'supplement', 'resume', 'processing', '{at}', 'thiếu')",
            put[number].id
        );
        conn.batch_execute(&pause).unwrap();
    }
    for number in [8, 9] {
        let event = format!(
            "INSERT INTO dossier_events (id, dossier_id, number, verb, to_status, happened_at, recorded_at, actor, \
             actor_name, details) VALUES (gen_random_uuid(), '{}', {number}, 'correct', 'processing', \
             '2024-05-30 02:00+00', '2024-05-30 02:00+00', 'staff:1', 'Trần Thị Bí Mật', '{{}}')",
            put[4].id
        );
        conn.batch_execute(&event).unwrap();
    }
    let token = app.sign_in(Role::Controller, "H21");
    let found = app.get("/statistics/patterns?month=2024-06", &token).await.expect(200).body;
    for (pattern, unit, among, dossier) in [
        ("bunched_at_due", "H21.16", 2, 0),
        ("paused_before_late", "H21.18", 3, 2),
        ("corrected_after_due", "H21.18", 3, 4),
    ] {
        let shown = found["patterns"].as_array().unwrap().iter().find(|one| one["pattern"] == pattern).unwrap();
        assert_eq!(shown["count"], 1, "{pattern}");
        let of = &shown["units"][0];
        assert_eq!((&of["key"]["code"], &of["count"], &of["among"]), (&json!(unit), &json!(1), &json!(among)));
        let path = format!("/statistics/patterns/dossiers?month=2024-06&pattern={pattern}");
        assert_eq!(app.get(&path, &token).await.expect(200).codes(), [put[dossier].code.as_str()], "{pattern}");
    }
}

#[actix_web::test]
async fn a_count_of_a_pattern_is_of_one_unit_and_leads_to_its_dossiers_alone() {
    let late = |unit| History { unit, ..life("H21.18") }.then("2024-05-27 16:55", Deed::Finish);
    let app = given(&[late("H21.18"), late("H21.24"), late("H21.24")]);
    let token = app.sign_in(Role::Controller, "H21");
    let found = app.get("/statistics/patterns?month=2024-06", &token).await.expect(200).body;
    let behind = "/statistics/patterns/dossiers?month=2024-06&pattern=bunched_at_due";
    let units = found["patterns"][0]["units"].as_array().unwrap();
    assert_eq!(units.len(), 2);
    for unit in units {
        let row = format!("{behind}&group_key={}", unit["key"]["code"].as_str().unwrap());
        assert_eq!(unit["count"], json!(app.get(&row, &token).await.expect(200).items().len()), "{row}");
    }
    let with_those_below = app.get(&format!("{behind}&unit=H21.18"), &token).await.expect(200);
    assert_eq!(with_those_below.items().len(), 3);
}

#[actix_web::test]
async fn the_busiest_hour_of_a_counter_comes_first() {
    let on_monday = |at: &str| History::new("H21.16", at, "2024-05-27 17:00");
    let app = given(&[
        on_monday("2024-05-20 08:10"),
        on_monday("2024-05-20 09:10"),
        on_monday("2024-05-27 09:50"),
        on_monday("2024-05-27 09:55").online(),
        on_monday("2024-05-07 09:55"),
    ]);
    let token = app.sign_in(Role::Controller, "H21");
    let busy = app.get("/statistics/hours?month=2024-06", &token).await.expect(200).body;
    let hour = |hour: i64, count: i64| {
        json!({ "counter": "H21.01", "counter_name": "Cơ quan H21.01", "weekday": 1, "weekday_vi": "Thứ Hai",
            "weekday_en": "Monday", "hour": hour, "count": count })
    };
    assert_eq!((&busy["hours"], &busy["total"]), (&json!([hour(9, 2), hour(8, 1)]), &json!(3)));
    for (cell, count) in [
        ("counter=H21.01&weekday=1&hour=9", 2),
        ("counter=H21.01&weekday=1&hour=8", 1),
        ("counter=H21.01&weekday=1&hour=7", 0),
        ("weekday=1", 3),
        ("weekday=2", 0),
        ("unit=H21.01", 3),
    ] {
        let path = format!("/statistics/hours/dossiers?month=2024-06&{cell}");
        assert_eq!(app.get(&path, &token).await.expect(200).items().len(), count, "{cell}");
    }
    let of_others = "/statistics/hours/dossiers?month=2024-06&unit=H21.16&counter=H21.01";
    assert_eq!(app.get(of_others, &token).await.expect(422).faults(), [("?counter", "group_not_found")]);
    let wrong = app.get("/statistics/hours/dossiers?month=2024-06&weekday=8&hour=24", &token).await.expect(422);
    assert_eq!(wrong.faults(), [("?weekday", "wrong_number"), ("?hour", "wrong_number")]);
    let other = app.get("/statistics/hours?month=2024-06&unit=H21.16", &token).await.expect(422);
    assert_eq!(other.faults(), [("?unit", "unit_has_no_counter")], "it resolves, and receives nothing");
}
