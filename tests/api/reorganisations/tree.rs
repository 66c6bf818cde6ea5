//! Units below others: where they lie afterwards, and where figures of before count them.

use motcua::catalogue::import::{self, DryRun};
use motcua::domain::role::Role;
use motcua::exports;
use motcua::platform::progress::Progress;
use serde_json::{Value, json};

use super::given::{FIELD, HEIR, OTHER_HEIR, Reorganised, province, received, split};
use crate::catalogue::given::Copy;
use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};
use crate::support::program::motcua;

/// Lies below the department.
const BRANCH: &str = "H21.16.09";
/// Another department, which goes on.
const ELSEWHERE: &str = "H21.05";
const DECEMBER: &str = "calendar_month=2026-12";
const JANUARY: &str = "calendar_month=2027-01";

/// The province of [`province`] with the branch.
fn with_branch() -> Copy {
    let copy = province();
    copy.change("units.json", |rows| {
        let row = json!({
            "code": BRANCH, "name": "Chi cục Hộ tịch", "kind": "department", "parent": DEPARTMENT,
            "receives_at": CENTRE, "hard_area": false, "code_is": "made_up", "valid_from": "2024-01-01",
        });
        rows.as_array_mut().unwrap().push(row);
    });
    copy.change("procedures.json", |rows| {
        for row in rows.as_array_mut().unwrap() {
            let resolvers = row["resolved_by"].as_array_mut().unwrap();
            if resolvers.contains(&json!(DEPARTMENT)) {
                resolvers.push(json!(BRANCH));
            }
        }
    });
    copy
}

/// A department with a branch: each has a dossier in hand.
struct Branched {
    given: Reorganised,
    of_branch: String,
}

impl Branched {
    async fn new() -> Self {
        let given = Reorganised::new().await;
        let Office { app, clerk, .. } = &given.office;
        import::run(&app.state, with_branch().path(), DryRun::No, &Progress::silent()).unwrap();
        given.office.in_process(TEN_DAYS).await;
        let taken = app.post("/dossiers", clerk, &intake(TEN_DAYS, BRANCH)).await.expect(201).body;
        let of_branch = taken["code"].as_str().unwrap().to_owned();
        app.act(&of_branch, "transfer", clerk, &json!({})).await.expect(200);
        Self { given, of_branch }
    }

    async fn counts(&self, query: &str) -> Vec<(String, i64)> {
        let table = self.given.statistics(&format!("units?{query}")).await;
        received(&table).into_iter().map(|(code, _, count)| (code, count)).collect()
    }

    async fn behind(&self, query: &str) -> Vec<Value> {
        let found = self.given.statistics(&format!("dossiers?cell=received&{query}")).await;
        found["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect()
    }

    async fn parent(&self) -> Value {
        self.given.office.app.read(&format!("/units/{BRANCH}")).await.expect(200).body["parent"].clone()
    }
}

fn row(code: &str, count: i64) -> (String, i64) {
    (code.to_owned(), count)
}

/// The branch goes elsewhere with the new year; nothing else changes.
fn moved() -> Value {
    json!({
        "code": "QD-3-2027", "source": "Quyết định 3/QĐ-UBND", "on": "2027-01-01",
        "parents": [{ "unit": BRANCH, "parent": ELSEWHERE }],
    })
}

#[actix_web::test]
async fn what_a_split_department_and_its_branches_did_stays_the_figure_of_then() {
    let branched = Branched::new().await;
    let of_then = format!("{DECEMBER}&unit={DEPARTMENT}");
    let before = branched.given.statistics(&format!("units?{of_then}")).await;
    assert_eq!(before["total"]["received"], 2);
    branched.given.decided(&split()).await;
    branched.given.new_year().await;
    assert_eq!(branched.parent().await, json!(HEIR), "it follows who follows in all that is not said otherwise");

    let after = branched.given.statistics(&format!("units?{of_then}")).await;
    assert_eq!((&before["rows"], &before["total"]), (&after["rows"], &after["total"]));
    assert_eq!(branched.counts(&format!("{DECEMBER}&group=parent&unit={DEPARTMENT}")).await.len(), 2);
    let of_row = format!("{DECEMBER}&group=parent&group_key={DEPARTMENT}");
    assert_eq!(branched.behind(&of_row).await, [json!(branched.of_branch)]);
    assert_eq!(branched.behind(&of_then).await.len(), 2);

    let january = branched.counts(&format!("{JANUARY}&unit={HEIR}")).await;
    assert_eq!(january, [row(BRANCH, 1), row(HEIR, 1)]);
    let now = branched.counts(&format!("{DECEMBER}&unit={HEIR}&map=now")).await;
    assert_eq!(now, [row(BRANCH, 1), row(HEIR, 1)], "by the map of now it lies there for all time");
}

#[actix_web::test]
async fn a_branch_goes_where_the_plan_says() {
    let branched = Branched::new().await;
    let mut plan = split();
    plan["parents"] = json!([{ "unit": BRANCH, "parent": OTHER_HEIR }]);
    let body = json!({ "plan": plan, "dry_run": true });
    let Reorganised { office, controller, .. } = &branched.given;
    let would = office.app.post("/reorganisations", controller, &body).await.expect(200).body;
    assert_eq!(would["placed"], 1);
    branched.given.decided(&plan).await;
    branched.given.new_year().await;
    assert_eq!(branched.parent().await, json!(OTHER_HEIR));
    let head = office.app.sign_in(Role::DivisionHead, OTHER_HEIR);
    office.app.get(&format!("/dossiers/{}", branched.of_branch), &head).await.expect(200);
    assert_eq!(branched.counts(&format!("{JANUARY}&unit={OTHER_HEIR}")).await, [row(BRANCH, 1)]);
    assert_eq!(branched.counts(&format!("{DECEMBER}&unit={DEPARTMENT}")).await.len(), 2);
}

#[actix_web::test]
async fn the_command_says_what_a_plan_does_before_it_does_anything() {
    let branched = Branched::new().await;
    let app = &branched.given.office.app;
    let file = app.dir.path().join("plan.json");
    std::fs::write(&file, moved().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let tried = motcua(&app.db, app.dir.path(), &["reorganise", file, "--dry-run"]).succeeds();
    assert!(tried.out.contains("0 units end, 0 go on under another name or code, 1 below another unit"), "{tried:?}");
    assert!(tried.out.contains("a dry run, nothing was written"), "{tried:?}");
    let listed = app.get("/reorganisations", &branched.given.controller).await.expect(200).body;
    assert_eq!(listed["items"], json!([]));
}

#[actix_web::test]
async fn what_a_branch_that_goes_takes_along_has_moved_out_of_one_seal_and_into_the_other() {
    let branched = Branched::new().await;
    let Reorganised { office, .. } = &branched.given;
    let leaders = [DEPARTMENT, ELSEWHERE].map(|unit| (unit, office.app.sign_in(Role::Leader, unit)));
    branched.given.decided(&moved()).await;
    branched.given.new_year().await;
    for (_, leader) in &leaders {
        office.app.post("/statistics/seals", leader, &json!({ "calendar_month": "2026-12" })).await.expect(201);
    }
    office.app.set("2027-02-01 08:00");
    for ((unit, leader), why) in leaders.iter().zip(["moved_out", "moved_in"]) {
        let body = json!({ "calendar_month": "2027-01" });
        let seal = office.app.post("/statistics/seals", leader, &body).await.expect(201).body;
        let path = format!("/statistics/seals/{}", seal["id"].as_str().unwrap());
        let carried = office.app.get(&path, leader).await.expect(200).body["carried"].clone();
        let told = &carried["adjustments"][0];
        assert_eq!((&told["code"], &told["why"]), (&json!(branched.of_branch), &json!(why)), "{carried}");
        let listed = office.app.get("/statistics/seals", leader).await.expect(200);
        let of_then = listed.items().iter().find(|seal| seal["from"] == "2026-12-01" && seal["unit"] == *unit);
        let of_then = of_then.unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/statistics/seals/{of_then}/adjustments");
        assert_eq!(office.app.get(&path, leader).await.expect(200).body["items"], json!([]), "nothing of then changed");
    }
}

#[actix_web::test]
async fn each_fault_of_where_a_unit_is_to_lie_is_named() {
    let branched = Branched::new().await;
    let lies = |unit: &str, parent: &str| json!({ "unit": unit, "parent": parent });
    for (lines, pointer, code) in [
        (json!([lies("H21.77", HEIR)]), "/plan/parents/0/unit", "no_such_unit"),
        (json!([lies(BRANCH, "H21.77")]), "/plan/parents/0/parent", "no_such_unit"),
        (json!([lies(BRANCH, DEPARTMENT)]), "/plan/parents/0/parent", "no_new_parent"),
        (json!([lies(DEPARTMENT, BRANCH)]), "/plan/parents/0/parent", "below_itself"),
        (json!([lies(BRANCH, BRANCH)]), "/plan/parents/0/parent", "below_itself"),
        (json!([lies(BRANCH, HEIR), lies(BRANCH, OTHER_HEIR)]), "/plan/parents/1/unit", "stands_twice"),
    ] {
        let mut plan = moved();
        plan["parents"] = lines.clone();
        let refused = branched.given.propose(&plan).await.expect(422).body;
        let fault = &refused["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{lines}");
    }
    let circle = json!({
        "code": "QD-4-2027", "source": "Quyết định 4/QĐ-UBND", "on": "2027-01-01",
        "moves": [{ "from": DEPARTMENT, "to": BRANCH }], "parents": [lies("H21", BRANCH)],
    });
    let refused = branched.given.propose(&circle).await.expect(422).body;
    assert_eq!(refused["errors"][0]["code"], "below_itself", "the branch takes the place of the department: {refused}");
    let mut ended = split();
    ended["moves"].as_array_mut().unwrap().push(json!({ "from": DEPARTMENT, "to": HEIR, "field": FIELD }));
    ended["moves"].as_array_mut().unwrap().remove(1);
    ended["parents"] = json!([lies(ELSEWHERE, DEPARTMENT)]);
    let refused = branched.given.propose(&ended).await.expect(422).body;
    assert_eq!(refused["errors"][0]["code"], "unit_not_there", "{refused}");
}

#[actix_web::test]
async fn a_move_that_is_decided_late_for_a_day_before_the_last_one_changes_no_figure_of_before() {
    let branched = Branched::new().await;
    branched.given.decided(&moved()).await;
    branched.given.new_year().await;
    let mut late = moved();
    late["code"] = json!("QD-7-2027");
    late["on"] = json!("2026-12-30");
    late["parents"] = json!([{ "unit": BRANCH, "parent": "H21.18" }]);
    branched.given.decided(&late).await;
    branched.given.carry_out().await;
    assert_eq!(branched.parent().await, json!("H21.18"));
    let before = branched.counts(&format!("from=2026-12-28&to=2026-12-30&unit={DEPARTMENT}")).await;
    assert_eq!(before, [row(DEPARTMENT, 1), row(BRANCH, 1)]);
}

#[actix_web::test]
async fn of_two_plans_that_make_a_circle_the_later_leaves_the_unit_where_it_is() {
    let branched = Branched::new().await;
    let below_each_other = |code: &str, unit: &str, parent: &str| {
        let lies = json!([{ "unit": unit, "parent": parent }]);
        json!({ "code": code, "source": "Quyết định 5/QĐ-UBND", "on": "2027-01-01", "parents": lies })
    };
    branched.given.decided(&below_each_other("QD-5-2027", DEPARTMENT, ELSEWHERE)).await;
    branched.given.decided(&below_each_other("QD-6-2027", ELSEWHERE, BRANCH)).await;
    branched.given.new_year().await;
    let parent = async |unit: &str| branched.given.office.app.read(&format!("/units/{unit}")).await.expect(200).body;
    assert_eq!(parent(DEPARTMENT).await["parent"], ELSEWHERE);
    assert_eq!(parent(ELSEWHERE).await["parent"], "H21");
    assert_eq!(branched.counts(&format!("{JANUARY}&unit={ELSEWHERE}")).await, [row(DEPARTMENT, 1), row(BRANCH, 1)]);
}

#[actix_web::test]
async fn a_register_with_names_is_of_what_lies_below_today() {
    let branched = Branched::new().await;
    branched.given.decided(&moved()).await;
    branched.given.new_year().await;
    let Reorganised { office, .. } = &branched.given;
    for (unit, count) in [(DEPARTMENT, 1), (ELSEWHERE, 1)] {
        let leader = office.app.sign_in(Role::Leader, unit);
        let asked = json!({ "layout": "register", "format": "csv", "calendar_month": "2026-12" });
        let export = office.app.post("/exports", &leader, &asked).await.expect(202).body;
        while exports::jobs::tick(office.app.state.clone()).await.unwrap() > 0 {}
        let path = format!("/exports/{}", export["id"].as_str().unwrap());
        let made = office.app.get(&path, &leader).await.expect(200).body;
        assert_eq!((&made["status"], &made["rows_done"]), (&json!("done"), &json!(count)), "{made}");
    }
}

#[actix_web::test]
async fn files_of_before_do_not_bring_a_unit_back_to_where_it_lay() {
    let branched = Branched::new().await;
    branched.given.decided(&moved()).await;
    branched.given.new_year().await;
    let state = &branched.given.office.app.state;
    let of_before = with_branch();
    let refused = import::run(state, of_before.path(), DryRun::No, &Progress::silent()).unwrap_err();
    assert!(format!("{refused:?}").contains("since 2027-01-01: write H21.05"), "{refused:?}");
    of_before.change("units.json", |rows| {
        let branch = rows.as_array_mut().unwrap().iter_mut().find(|row| row["code"] == BRANCH).unwrap();
        branch["parent"] = json!(ELSEWHERE);
    });
    import::run(state, of_before.path(), DryRun::No, &Progress::silent()).unwrap();
    assert_eq!(branched.counts(&format!("{DECEMBER}&unit={DEPARTMENT}")).await.len(), 2);
}
