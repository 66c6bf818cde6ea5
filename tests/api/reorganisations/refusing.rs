//! Plans that can't be carried out, and who may not decide them.

use motcua::catalogue::import::{self, DryRun};
use motcua::platform::progress::Progress;
use serde_json::{Value, json};

use super::given::{FIELD, HEIR, OTHER_HEIR, PATH, Reorganised, province, split};
use crate::support::office::DEPARTMENT;

async fn faults(given: &Reorganised, change: impl FnOnce(&mut Value)) -> Vec<(String, String)> {
    let mut plan = split();
    change(&mut plan);
    let refused = given.propose(&plan).await.expect(422).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = refused["errors"].as_array().unwrap().iter();
    errors.map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
}

fn fault(pointer: &str, code: &str) -> (String, String) {
    (format!("/plan{pointer}"), code.to_owned())
}

#[actix_web::test]
async fn each_fault_of_a_plan_is_named() {
    let given = Reorganised::new().await;
    let moves = |lines: Value| move |plan: &mut Value| plan["moves"] = lines;
    let line = |from: &str, to: &str| json!({ "from": from, "to": to });
    let of_field = |from: &str, to: &str| json!({ "from": from, "to": to, "field": FIELD });
    for (lines, expected) in [
        (json!([line("H21.77", HEIR)]), fault("/moves/0/from", "no_such_unit")),
        (json!([line(DEPARTMENT, DEPARTMENT)]), fault("/moves/0/to", "heir_ends_too")),
        (json!([line(DEPARTMENT, HEIR), line("H21.05", DEPARTMENT)]), fault("/moves/1/to", "heir_ends_too")),
        (json!([of_field(DEPARTMENT, HEIR)]), fault("/moves/0", "no_heir_for_the_rest")),
        (json!([line(DEPARTMENT, HEIR), line(DEPARTMENT, OTHER_HEIR)]), fault("/moves/1", "stands_twice")),
        (json!([]), fault("/moves", "nothing_to_do")),
    ] {
        assert_eq!(faults(&given, moves(lines.clone())).await, [expected], "{lines}");
    }
    let early = faults(&given, |plan| plan["on"] = json!("2026-12-31")).await;
    assert_eq!(early, [fault("/moves/0/to", "heir_not_there"), fault("/moves/1/to", "heir_not_there")]);
    let renamed = |line: Value| {
        move |plan: &mut Value| {
            plan["moves"] = json!([]);
            plan["renames"] = json!([line]);
        }
    };
    for (line, expected) in [
        (json!({ "unit": DEPARTMENT }), fault("/renames/0/name", "no_new_name")),
        (json!({ "unit": DEPARTMENT, "code": "H21.05" }), fault("/renames/0/code", "code_taken")),
        (json!({ "unit": DEPARTMENT, "code": "sở 5" }), fault("/renames/0/code", "bad_unit_code")),
    ] {
        assert_eq!(faults(&given, renamed(line.clone())).await, [expected], "{line}");
    }
    let twice = |plan: &mut Value| plan["renames"] = json!([{ "unit": DEPARTMENT, "name": "Sở khác" }]);
    assert_eq!(faults(&given, twice).await, [fault("/renames/0/unit", "changes_twice")]);
    let nowhere = |plan: &mut Value| plan["staff"] = json!([{ "username": "an", "to": "H21.05" }]);
    assert_eq!(faults(&given, nowhere).await, [fault("/staff/0/to", "no_heir")]);
    assert_eq!(faults(&given, |plan| plan["code"] = json!("đợt 1")).await, [fault("/code", "bad_code")]);
}

#[actix_web::test]
async fn one_person_alone_reorganises_nothing() {
    let given = Reorganised::new().await;
    let app = &given.office.app;
    let id = given.propose(&split()).await.expect(202).body["id"].as_str().unwrap().to_owned();
    let confirm = format!("/approvals/{id}/actions/confirm");
    app.post(&confirm, &given.controller, &json!({})).await.expect(403);
    given.carry_out().await;
    let listed = app.get(PATH, &given.controller).await.expect(200).body;
    assert_eq!(listed["items"], json!([]));
    assert_eq!(given.propose(&split()).await.expect(409).code(), "already_proposed");
    app.post(&confirm, &given.admin, &json!({})).await.expect(200);
    assert_eq!(given.propose(&split()).await.expect(409).code(), "code_taken");
    let recorded = app.get("/audit?action=units_reorganised", &given.controller).await.expect(200).body;
    let [entry] = recorded["items"].as_array().unwrap().as_slice() else { panic!("{recorded}") };
    assert_eq!(entry["subject"], "reorganisation:QD-1-2027");
}

#[actix_web::test]
async fn a_dry_run_says_what_it_reaches_and_writes_nothing() {
    let given = Reorganised::new().await;
    given.dossiers().await;
    let body = json!({ "plan": split(), "dry_run": true });
    let would = given.office.app.post(PATH, &given.controller, &body).await.expect(200).body;
    assert_eq!((&would["ending"], &would["open_dossiers"], &would["dossiers"]), (&json!(1), &json!(2), &json!(3)));
    assert_eq!((&would["staff"], &would["warnings"]), (&json!(4), &json!([])));
    let listed = given.office.app.get("/approvals", &given.admin).await.expect(200).body;
    assert_eq!(listed["items"], json!([]));
}

#[actix_web::test]
async fn procedures_that_nobody_could_receive_afterwards_are_told() {
    let given = Reorganised::new().await;
    let mut plan = split();
    plan["moves"] = json!([{ "from": DEPARTMENT, "to": "H21.05" }]);
    let body = json!({ "plan": plan, "dry_run": true });
    let would = given.office.app.post(PATH, &given.controller, &body).await.expect(200).body;
    let warnings = would["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|one| one["en"].as_str().unwrap().contains("2.000894")), "{warnings:?}");
}

#[actix_web::test]
async fn a_plan_that_no_longer_fits_the_catalogue_is_refused_and_says_why() {
    let given = Reorganised::new().await;
    let app = &given.office.app;
    let id = given.propose(&split()).await.expect(202).body["id"].as_str().unwrap().to_owned();
    app.post(&format!("/approvals/{id}/actions/confirm"), &given.admin, &json!({})).await.expect(200);
    let copy = province();
    copy.change("units.json", |rows| {
        let row = rows.as_array_mut().unwrap().iter_mut().find(|row| row["code"] == HEIR).unwrap();
        row["valid_from"] = json!("2027-06-01");
    });
    import::run(&app.state, copy.path(), DryRun::No, &Progress::silent()).unwrap();
    given.carry_out().await;
    let shown = given.shown("QD-1-2027").await;
    assert_eq!(shown["stage"], "refused");
    assert!(shown["refused"].as_str().unwrap().contains(HEIR), "{shown}");
    given.new_year().await;
    given.office.in_process(crate::support::office::TEN_DAYS).await;
}

#[actix_web::test]
async fn rubbish_is_refused_and_what_is_not_there_is_not_found() {
    let given = Reorganised::new().await;
    let app = &given.office.app;
    for body in
        [json!({}), json!({ "plan": 5 }), json!({ "plan": { "moves": 7 } }), json!({ "plan": { "on": "soon" } })]
    {
        let refused = app.post(PATH, &given.controller, &body).await;
        assert!(matches!(refused.status, 400 | 422), "{body}: {}", refused.status);
    }
    for code in ["nothing", "%00", "a%27%20OR%201=1", "%F0%9F%98%80"] {
        app.get(&format!("{PATH}/{code}"), &given.controller).await.expect(404);
    }
}

#[actix_web::test]
async fn the_example_that_is_shipped_can_be_carried_out() {
    let given = Reorganised::new().await;
    let example = std::fs::read_to_string("config/examples/reorganisation.json").unwrap();
    let plan: Value = serde_json::from_str(&example).unwrap();
    let body = json!({ "plan": plan, "dry_run": true });
    let would = given.office.app.post(PATH, &given.controller, &body).await.expect(200).body;
    assert_eq!((&would["ending"], &would["renamed"]), (&json!(1), &json!(1)));
}
