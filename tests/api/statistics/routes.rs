//! The routes: what they print, who may read what, and how wrong questions are answered.

use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::calendars::given::Given;
use crate::reorganisations::given::{Reorganised, split};
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::office::Office;
use crate::support::rows::{Deed, History, World, put};

const JUNE: &str = "/statistics/units?month=2024-06";

fn given() -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = || History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00");
    let lives = [
        life().online().then("2024-05-24 16:00", Deed::Finish),
        life().then("2024-05-27 16:00", Deed::Finish),
        life().then("2024-05-29 16:00", Deed::Finish),
        History { unit: "H21.24.01", ..life() },
    ];
    for life in &lives {
        put(&mut conn, &world, &app.state.vault, life);
    }
    app
}

fn codes(table: &Value) -> Vec<&str> {
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| row["key"]["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_table_prints_both_dates_and_exact_rates() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let table = app.get(JUNE, &token).await.body;
    let period = json!({ "from": "2024-05-15", "to": "2024-06-15", "text": "15/05/2024 – 14/06/2024",
        "name": "Tháng 6 năm 2024", "rule": "decree_09_2019" });
    assert_eq!(table["period"], period);
    assert_eq!(table["as_of"], "2024-07-01T08:00:00+07:00");
    let row = &table["rows"][0];
    assert_eq!(row["key"]["code"], "H21.16");
    let rate = json!({ "numerator": 2, "denominator": 3, "basis_points": 6667, "text": "66.67", "definition": "on_time_rate" });
    assert_eq!(row["on_time_rate"], rate);
    assert_eq!((&row["received"], &row["resolved"], &row["pending"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(table["rows"][1]["early_rate"]["text"], Value::Null);
    assert_eq!(table["total"]["received"], 4);
}

#[actix_web::test]
async fn an_officer_sees_the_own_unit_and_below_only() {
    let app = given();
    let land = app.sign_in(Role::Officer, "H21.24");
    assert_eq!(codes(&app.get(JUNE, &land).await.body), ["H21.24.01"]);
    for foreign in ["H21.16", "H21", "H99", "'; DROP TABLE dossiers"] {
        let path = format!("{JUNE}&unit={}", foreign.replace(' ', "%20"));
        let answer = app.get(&path, &land).await;
        assert_eq!((answer.status, answer.code()), (404, "unit_not_found"), "{foreign}");
    }
    let all = app.sign_in(Role::CentreHead, "H21.01");
    assert_eq!(codes(&app.get(JUNE, &all).await.body), ["H21.16", "H21.24.01"]);
    let one = app.get(&format!("{JUNE}&unit=H21.24"), &all).await.body;
    assert_eq!(codes(&one), ["H21.24.01"]);
    assert_eq!(one["unit"]["code"], "H21.24");
}

#[actix_web::test]
async fn whoever_works_here_reads_the_figures_of_the_own_unit_and_no_list_of_dossiers_with_them() {
    let app = given();
    for role in [Role::Clerk, Role::Admin] {
        let token = app.sign_in(role, "H21.18");
        assert_eq!(codes(&app.get(JUNE, &token).await.expect(200).body), ["H21.24.01"], "{role}");
        let report = app.get("/reports/06?month=2024-06", &token).await.expect(200).body;
        assert_eq!(report["lines"].as_array().unwrap().len(), 1, "{role}");
        let foreign = app.get(&format!("{JUNE}&unit=H21.16"), &token).await.expect(404);
        assert_eq!(foreign.code(), "unit_not_found", "{role}");
        let behind = app.get("/statistics/dossiers?month=2024-06&cell=pending", &token).await.expect(403);
        assert_eq!(behind.code(), "role_may_not", "{role}");
        let asked = |layout: &str| json!({ "layout": layout, "month": "2024-06", "format": "csv" });
        app.post("/exports", &token, &asked("06")).await.expect(202);
        let register = app.post("/exports", &token, &asked("register")).await.expect(403);
        assert_eq!(register.code(), "role_may_not", "{role}");
    }
    app.get(JUNE, "mcs_unknown").await.expect(401);
}

#[actix_web::test]
async fn a_key_reads_figures_by_its_own_rights_and_not_because_its_holder_works_here() {
    let app = given();
    for (role, status) in [(Role::Clerk, 403), (Role::Portal, 403), (Role::Officer, 200)] {
        let key = app.key(role, "H21.18").await.0;
        assert_eq!(app.get(JUNE, &key).await.status, status, "{role}");
    }
}

#[actix_web::test]
async fn figures_of_counters_are_refused_for_a_unit_that_has_none() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let paths = [
        "/statistics/intake?month=2024-06",
        "/statistics/intake/dossiers?month=2024-06&cell=filed",
        "/statistics/hours?month=2024-06",
        "/statistics/hours/dossiers?month=2024-06",
        "/reports/late-acceptance?month=2024-06",
    ];
    for path in paths {
        for unit in ["", "&unit=H21", "&unit=H21.01"] {
            app.get(&format!("{path}{unit}"), &token).await.expect(200);
        }
        let refused = app.get(&format!("{path}&unit=H21.16"), &token).await.expect(422);
        assert_eq!(refused.faults(), [("?unit", "unit_has_no_counter")], "{path}");
        let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.contains("(H21.16)") && detail.contains("(H21.01)"),
            "whose figures to ask for instead: {detail}"
        );
    }
    let of_a_row = [
        ("/statistics/intake/dossiers?month=2024-06&cell=filed&group_key=H21.16", "?group_key"),
        ("/statistics/hours/dossiers?month=2024-06&counter=H21.16", "?counter"),
    ];
    for (path, pointer) in of_a_row {
        let refused = app.get(path, &token).await.expect(422);
        assert_eq!(refused.faults(), [(pointer, "unit_has_no_counter")], "{path}");
    }
    let asked = json!({ "layout": "late-acceptance", "month": "2024-06", "unit": "H21.16" });
    let refused = app.post("/exports", &token, &asked).await.expect(422);
    assert_eq!(refused.faults(), [("/unit", "unit_has_no_counter")]);
    // Whoever asks without a unit for the own one, too.
    let officer = app.sign_in(Role::Officer, "H21.16");
    app.get(paths[0], &officer).await.expect(422);
}

#[actix_web::test]
async fn a_unit_that_took_anything_in_has_figures_of_that_period_and_of_no_other() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let taken_in = "UPDATE dossiers SET receiving_unit_id = (SELECT id FROM units WHERE code = 'H21.16') \
        WHERE code IN (SELECT code FROM dossiers ORDER BY code LIMIT 1)";
    app.db.connect().batch_execute(taken_in).unwrap();
    let hours = app.get("/statistics/hours?month=2024-06&unit=H21.16", &token).await.expect(200).body;
    let intake = app.get("/statistics/intake?month=2024-06&unit=H21.16", &token).await.expect(200).body;
    assert_eq!(intake["rows"][0]["key"]["code"], "H21.16", "{hours}");
    for path in ["/statistics/hours", "/statistics/intake"] {
        let before = app.get(&format!("{path}?month=2024-05&unit=H21.16"), &token).await.expect(422);
        assert_eq!(before.faults(), [("?unit", "unit_has_no_counter")], "{path}");
    }
}

#[actix_web::test]
async fn a_cell_leads_to_its_dossiers() {
    let app = given();
    let token = app.sign_in(Role::Leader, "H21.16");
    let list = app.get("/statistics/dossiers?month=2024-06&cell=late", &token).await.body;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["ended_at"], "2024-05-29T16:00:00+07:00");
    assert_eq!(items[0]["due_at"], "2024-05-27T17:00:00+07:00");
    assert_eq!(items[0]["standing"], "late");
    assert_eq!(list["next_cursor"], Value::Null);
    let foreign = "/statistics/dossiers?month=2024-06&cell=pending&group=unit&group_key=H21.24.01";
    assert_eq!(app.get(foreign, &token).await.expect(422).faults(), [("?group_key", "group_not_found")]);
}

#[actix_web::test]
async fn wrong_questions_are_told_all_at_once() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    let answer = app.get("/statistics/dossiers?from=2024-13-01&cell=lateness&group=planet", &token).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.pointers(), ["?cell", "?group", "?group_key", "?from", "?to"]);
    for (query, status) in [
        ("from=2024-06-01&to=2024-06-01", 422),
        ("from=2024-06-02&to=2024-06-01", 422),
        ("from=0001-01-01&to=9999-01-01", 422),
        ("month=2024-06&unit=%00", 422),
        ("month=2024-06&colour=red", 422),
        ("", 422),
        ("from=2024-06-01&to=2024-06-02&unit=H21.16", 200),
        ("quarter=2024-Q2", 200),
        ("year=2024", 200),
        ("calendar_month=2024-06", 200),
        ("from=2199-01-01&to=2199-06-01", 422),
    ] {
        let path = format!("/statistics/units?{query}");
        let answer = app.get(&path, &token).await;
        assert_eq!(answer.status, status, "{query}");
    }
}

/// Every route that answers figures of a period, or what is behind them, with what more it must be asked.
pub const OF_A_PERIOD: [(&str, &str); 31] = [
    ("/statistics/received-at", ""),
    ("/statistics/received-at/dossiers", "&cell=taken_in"),
    ("/statistics/units", ""),
    ("/statistics/dossiers", "&cell=received"),
    ("/statistics/quality", ""),
    ("/statistics/quality/dossiers", "&cell=received"),
    ("/statistics/durations", ""),
    ("/statistics/durations/dossiers", "&cell=count"),
    ("/statistics/ageing", ""),
    ("/statistics/ageing/dossiers", "&cell=pending"),
    ("/statistics/intake", ""),
    ("/statistics/intake/dossiers", "&cell=filed"),
    ("/statistics/hours", ""),
    ("/statistics/hours/dossiers", "&hour=9"),
    ("/statistics/early-results", ""),
    ("/statistics/early-results/dossiers", "&cell=results"),
    ("/statistics/patterns", ""),
    ("/statistics/patterns/dossiers", "&pattern=bunched_at_due"),
    ("/statistics/legs", ""),
    ("/statistics/legs/dossiers", "&cell=started"),
    ("/statistics/trend", ""),
    ("/statistics/ranking", ""),
    ("/statistics/charts/rates", ""),
    ("/statistics/charts/trend", ""),
    ("/statistics/charts/ageing", ""),
    ("/reports/06", ""),
    ("/reports/progress", ""),
    ("/reports/year", ""),
    ("/campaigns/early-results", ""),
    ("/campaigns/early-results/dossiers", "&cell=invited"),
    ("/notices/costs", ""),
];

#[actix_web::test]
async fn a_period_without_figures_is_a_fault_and_no_table_of_zeros() {
    let office = Office::at("2026-10-05 09:00").await;
    let controller = office.app.sign_in(Role::Controller, "H21");
    for (query, pointer, code) in [
        ("from=2026-10-06&to=2026-11-01", "?from", "period_in_the_future"),
        ("calendar_month=2026-11", "?from", "period_in_the_future"),
        ("from=2026-10-01&to=2100-01-01", "?to", "period_beyond_calendar"),
        ("calendar_year=1995", "?to", "period_beyond_calendar"),
        ("from=1995-01-01&to=2026-10-05", "?to", "period_beyond_calendar"),
    ] {
        for (path, more) in OF_A_PERIOD {
            let answer = office.app.get(&format!("{path}?{query}{more}"), &controller).await.expect(422);
            assert_eq!(answer.faults(), [(pointer, code)], "{path}?{query}{more}");
        }
    }
    let public = office.app.read("/public/statistics?month=1995-06").await.expect(422);
    assert_eq!(public.faults(), [("?month", "period_beyond_calendar")]);
    let too_far_back = "/statistics/trend?calendar_year=2024&periods=3";
    let trend = office.app.get(too_far_back, &controller).await.expect(422);
    assert_eq!(trend.faults(), [("?periods", "period_beyond_calendar")]);
    // What has begun has figures, also before it is over.
    office.app.get("/statistics/units?from=2026-10-05&to=2026-11-01", &controller).await.expect(200);
}

#[actix_web::test]
async fn a_unit_that_was_not_there_in_the_period_has_no_figures_of_it() {
    let house = Reorganised::new().await;
    house.decided(&split()).await;
    house.new_year().await;
    let ask = |query: &str| format!("/statistics/units?{query}");
    let of_units = OF_A_PERIOD.iter().filter(|(path, _)| *path != "/statistics/ranking");
    for (path, more) in of_units {
        for query in ["calendar_month=2026-12&unit=H21.98", "calendar_month=2027-01&unit=H21.16"] {
            let asked = format!("{path}?{query}{more}");
            let answer = house.office.app.get(&asked, &house.controller).await.expect(422);
            assert_eq!(answer.faults(), [("?unit", "unit_not_in_period")], "{asked}");
        }
    }
    let too_far_back = "/statistics/trend?calendar_month=2027-01&unit=H21.98&periods=2";
    let answer = house.office.app.get(too_far_back, &house.controller).await.expect(422);
    assert_eq!(answer.faults(), [("?periods", "unit_not_in_period")]);
    // A trend takes no map: what does is named with it.
    let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("GET /statistics/units với map=now"), "{detail}");
    for query in ["calendar_month=2026-12&unit=H21.98&map=now", "calendar_month=2026-12&unit=H21.16"] {
        house.office.app.get(&ask(query), &house.controller).await.expect(200);
    }
}

/// Every route that lists what is behind a row of a table, with what more it must be asked and how it names the row.
const OF_A_ROW: [(&str, &str, &str); 13] = [
    ("/statistics/received-at/dossiers", "&cell=elsewhere", "group_key"),
    ("/statistics/dossiers", "&cell=late", "group_key"),
    ("/statistics/dossiers", "&cell=late&group=parent", "group_key"),
    ("/statistics/dossiers", "&cell=late&group=unit&count=legs", "group_key"),
    ("/statistics/dossiers", "&cell=late&group=kind&group_key=department&row_group=unit", "row_key"),
    ("/statistics/dossiers", "&cell=late&row_group=field&row_key=G2", "group_key"),
    ("/statistics/durations/dossiers", "&cell=count", "group_key"),
    ("/statistics/intake/dossiers", "&cell=answered_late", "group_key"),
    ("/statistics/hours/dossiers", "&hour=3", "counter"),
    ("/statistics/early-results/dossiers", "&cell=untold", "group_key"),
    ("/statistics/patterns/dossiers", "&pattern=corrected_after_due", "group_key"),
    ("/statistics/legs/dossiers", "&cell=synced_late", "group_key"),
    ("/campaigns/early-results/dossiers", "&cell=invited", "group_key"),
];

#[actix_web::test]
async fn a_row_that_no_table_can_have_is_a_fault_and_a_cell_of_0_an_empty_list() {
    let app = given();
    let token = app.sign_in(Role::Controller, "H21");
    for (path, more, key) in OF_A_ROW {
        let asked = |row: &str| format!("{path}?month=2024-06{more}&{key}={row}");
        let pointer = format!("?{key}");
        for unknown in ["H99", "", "%20", "'%20OR%201", "planet", "H21.24.01&unit=H21.16"] {
            let wrong = app.get(&asked(unknown), &token).await.expect(422);
            assert_eq!(wrong.faults(), [(pointer.as_str(), "group_not_found")], "{}", asked(unknown));
        }
        // H21.18 is there, is above a unit, and has nothing in any of these cells; counters are elsewhere.
        if path.contains("/intake") || path.contains("/hours") {
            let wrong = app.get(&asked("H21.18"), &token).await.expect(422);
            assert_eq!(wrong.faults(), [(pointer.as_str(), "unit_has_no_counter")], "{path}");
            continue;
        }
        assert!(app.get(&asked("H21.18"), &token).await.expect(200).items().is_empty(), "{}", asked("H21.18"));
    }
    for (group, known, unknown) in [
        ("field", "G2", "G9"),
        ("kind", "commune", "vertical"),
        ("kind", "department", "planet"),
        ("parent", "H21.24", "H21.16"),
    ] {
        let asked =
            |row: &str| format!("/statistics/dossiers?month=2024-06&cell=apologised&group={group}&group_key={row}");
        assert!(app.get(&asked(known), &token).await.expect(200).items().is_empty(), "{known}");
        assert_eq!(app.get(&asked(unknown), &token).await.expect(422).faults(), [("?group_key", "group_not_found")]);
    }
    for (row, pointer, code) in [
        ("group=kind&group_key=department&row_group=field&row_key=G9", "?row_key", "group_not_found"),
        ("group=kind&group_key=vertical&row_group=field&row_key=G2", "?group_key", "group_not_found"),
        ("group=kind&group_key=department&row_group=unit&row_key=H21.101", "?row_key", "group_not_found"),
        ("group=field&group_key=G1&row_group=field&row_key=G2", "?row_key", "group_not_found"),
        ("group=kind&group_key=department&row_group=planet&row_key=G2", "?row_group", "unknown_word"),
        ("group=kind&group_key=department&row_key=G2", "?row_group", "required"),
        ("group=kind&group_key=department&row_group=field", "?row_key", "required"),
        ("row_group=field&row_key=G2", "?group_key", "required"),
    ] {
        let asked = format!("/statistics/dossiers?month=2024-06&cell=apologised&{row}");
        assert_eq!(app.get(&asked, &token).await.expect(422).faults(), [(pointer, code)], "{row}");
    }
    let of_two = "group=kind&group_key=department&row_group=field&row_key=G2";
    let asked = format!("/statistics/dossiers?month=2024-06&cell=apologised&{of_two}");
    assert!(app.get(&asked, &token).await.expect(200).items().is_empty(), "it has nothing in this cell");
    let months = |key: &str| format!("/campaigns/early-results/dossiers?month=2024-06&cell=invited&group={key}");
    for known in ["month&group_key=2024-05", "month&group_key=2024-06", "unit_month&group_key=H21.16%202024-06"] {
        assert!(app.get(&months(known), &token).await.expect(200).items().is_empty(), "{known}");
    }
    for unknown in ["month&group_key=2024-07", "month&group_key=may", "unit_month&group_key=H21.16%202024-13"] {
        let wrong = app.get(&months(unknown), &token).await.expect(422);
        assert_eq!(wrong.faults(), [("?group_key", "group_not_found")], "{unknown}");
    }
}

#[actix_web::test]
async fn the_row_of_a_unit_that_was_not_there_in_the_period_is_a_fault_unless_something_is_in_it() {
    let house = Reorganised::new().await;
    house.dossiers().await;
    house.decided(&split()).await;
    house.new_year().await;
    // In campaigns a row is of the unit that has the dossier now.
    for (path, more, key) in OF_A_ROW
        .iter()
        .filter(|(path, more, _)| path.starts_with("/stat") && !more.contains("parent") && !more.contains("G2"))
    {
        for row in ["calendar_month=2026-12", "calendar_month=2027-01"].into_iter().zip(["H21.98", "H21.16"]) {
            let asked = format!("{path}?{}{more}&{key}={}", row.0, row.1);
            let answer = house.office.app.get(&asked, &house.controller).await.expect(422);
            assert_eq!(answer.faults(), [(format!("?{key}").as_str(), "unit_not_in_period")], "{asked}");
        }
    }
    let of_now = |row: &str| {
        format!("/statistics/dossiers?calendar_month=2026-12&cell=refused&map=now&group=unit&group_key={row}")
    };
    let ended = house.office.app.get(&of_now("H21.16"), &house.controller).await.expect(422);
    assert_eq!(ended.faults(), [("?group_key", "group_not_found")], "others stand for it now");
    house.office.app.get(&of_now("H21.98"), &house.controller).await.expect(200);
    // An ended unit that still has a dossier has a row, and each of its cells leads to what it counts.
    let back = "UPDATE dossier_states SET unit_id = (SELECT id FROM units WHERE code = 'H21.16') WHERE valid_to IS NULL; \
        UPDATE dossiers SET resolving_unit_id = (SELECT id FROM units WHERE code = 'H21.16')";
    house.office.app.db.connect().batch_execute(back).unwrap();
    let january = "calendar_month=2027-01";
    let table = house.office.app.get(&format!("/statistics/units?{january}"), &house.controller).await.expect(200).body;
    assert_eq!(table["rows"][0]["key"]["code"], "H21.16");
    for cell in ["carried_over", "refused"] {
        let asked = format!("/statistics/dossiers?{january}&cell={cell}&group_key=H21.16");
        let behind = house.office.app.get(&asked, &house.controller).await.expect(200);
        assert_eq!(table["rows"][0][cell], json!(behind.items().len()), "{cell}");
    }
}

#[actix_web::test]
async fn a_table_names_its_instant_its_calendars_and_its_definitions() {
    let given = Given::at("2026-11-09 08:00").await;
    let month = |month: &str| format!("/statistics/units?calendar_month={month}");
    let before = given.app().get(&month("2026-11"), &given.controller).await.expect(200).body;
    assert_eq!(before["as_of"], "2026-11-09T08:00:00+07:00");
    assert_eq!(before["definitions"], "/api/v1/statistics/definitions?topic=dossiers");
    assert_eq!(before["calendar"]["version"], 1);
    given.swapped().await;
    let after = given.app().get(&month("2026-11"), &given.controller).await.expect(200).body;
    assert_eq!(after["calendar"]["version"], 2);
    assert_eq!(after["calendar"]["versions"], json!([1, 2]));
}

#[actix_web::test]
async fn figures_that_take_too_long_say_so_and_what_to_do() {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |config| config.database.statement_timeout_ms = 1000);
    World::lay(&mut app.db.connect());
    let token = app.sign_in(Role::Controller, "H21");
    let mut lock = app.db.connect();
    lock.batch_execute("BEGIN; LOCK TABLE dossiers IN ACCESS EXCLUSIVE MODE").unwrap();
    let answer = app.get("/statistics/intake?month=2024-06", &token).await.expect(503);
    assert_eq!((answer.code(), answer.header("retry-after")), ("took_too_long", "60"));
    assert!(answer.body["detail"].as_str().unwrap().contains("kỳ ngắn hơn"), "{}", answer.body);
    lock.batch_execute("ROLLBACK").unwrap();
    app.get("/statistics/intake?month=2024-06", &token).await.expect(200);
}

#[actix_web::test]
async fn what_a_centre_took_in_is_told_from_what_communes_and_others_did_and_leads_to_its_dossiers() {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = |unit| History { unit, ..History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00") };
    // Of the department two at the centre and one at a commune; of the commune one at its own counter; of the land office one.
    let lives = [
        (life("H21.16").online(), "H21.01"),
        (life("H21.16"), "H21.01"),
        (life("H21.16"), "H21.101"),
        (life("H21.101"), "H21.101"),
        (life("H21.24"), "H21.24"),
    ];
    for (life, counter) in &lives {
        let id = put(&mut conn, &world, &app.state.vault, life).id;
        let at = world.units[counter];
        conn.batch_execute(&format!("UPDATE dossiers SET receiving_unit_id = '{at}' WHERE id = '{id}'")).unwrap();
    }
    let token = app.sign_in(Role::Controller, "H21");
    let table = app.get("/statistics/received-at?month=2024-06", &token).await.expect(200).body;
    let names = ["taken_in", "at_centre", "at_centre_online", "at_centre_direct_postal", "at_commune", "elsewhere"];
    let counts = |row: &Value| names.map(|name| row[name].as_i64().unwrap());
    let rows: Vec<_> =
        table["rows"].as_array().unwrap().iter().map(|row| (row["key"]["code"].clone(), counts(row))).collect();
    let expected = [
        (json!("H21.101"), [1, 0, 0, 0, 1, 0]),
        (json!("H21.16"), [3, 2, 1, 1, 1, 0]),
        (json!("H21.24"), [1, 0, 0, 0, 0, 1]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(counts(&table["total"]), [5, 2, 1, 1, 2, 1]);
    let units = app.get(JUNE, &token).await.expect(200).body;
    let (online, other) = (&units["total"]["received_online"], &units["total"]["received_direct_postal"]);
    assert_eq!(table["total"]["taken_in"].as_i64(), Some(online.as_i64().unwrap() + other.as_i64().unwrap()));
    let total = table["total"].clone();
    for row in table["rows"].as_array().unwrap().iter().chain([&total]) {
        let code = row["key"]["code"].as_str().filter(|code| *code != "total");
        let key = code.map_or(String::new(), |code| format!("&group_key={code}"));
        for name in names {
            let path = format!("/statistics/received-at/dossiers?month=2024-06&cell={name}{key}");
            assert_eq!(row[name], app.get(&path, &token).await.expect(200).items().len(), "{path}");
        }
    }
}
