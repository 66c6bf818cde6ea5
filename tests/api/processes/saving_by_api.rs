//! Processes saved one by one over the API.

use diesel::prelude::*;
use motcua::catalogue::import::{self, DryRun};
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use serde_json::{Value, json};

use super::given::{PROCEDURE, process, province_with};
use crate::deadlines::processes::mineral_exploration;
use crate::support::answer::Answer;
use crate::support::client::JsonBody;
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

/// An office, and who manages its catalogue.
struct Given {
    office: Office,
    controller: String,
}

impl Given {
    async fn at(now: &str) -> Self {
        let office = Office::at(now).await;
        Self { controller: office.app.sign_in(Role::Controller, "H21"), office }
    }

    /// The newest version of a process as it was written.
    async fn entry(&self, code: &str) -> Value {
        self.show(code).await["versions"][0]["entry"].clone()
    }

    async fn show(&self, code: &str) -> Value {
        self.office.app.get(&format!("/processes/{code}"), &self.controller).await.expect(200).body
    }

    async fn put(&self, path: &str, headers: &[(&str, &str)], entry: &Value) -> Answer {
        let app = &self.office.app;
        let mut request = app.http.put(app.url(&format!("/processes/{path}"))).bearer_auth(&self.controller);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app.send(request.json_body(entry)).await
    }

    /// Saves what was made from a version.
    async fn save(&self, code: &str, version: i32, entry: &Value) -> Answer {
        self.put(code, &[("If-Match", &format!("\"{version}\""))], entry).await
    }

    async fn fails(&self, entry: &Value) -> Vec<(String, String)> {
        let tried = self.put("TRIED?dry_run=true", &[], entry).await.expect(422);
        let refused = self.put("TRIED", &[], entry).await.expect(422);
        assert_eq!(tried.faults(), refused.faults());
        refused.faults().into_iter().map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).collect()
    }

    fn count(&self, table: &str) -> i64 {
        let sql = format!("(SELECT count(*) FROM {table})");
        let count = diesel::dsl::sql::<diesel::sql_types::BigInt>(&sql);
        diesel::select(count).get_result(&mut self.office.app.db.connect()).unwrap()
    }
}

fn simple(steps: Value) -> Value {
    json!({ "name": "Thử", "steps": steps, "legs": [] })
}

fn examine_and_sign() -> Value {
    json!([
        {"role": "officer", "does": "examine", "rest_of_term": true},
        {"role": "leader", "does": "sign", "days": 0.5}
    ])
}

/// W4 with another name for the last step.
async fn changed(given: &Given) -> Value {
    let mut entry = given.entry("W4").await;
    let last = entry["steps"].as_array_mut().unwrap().last_mut().unwrap();
    last["does"] = json!("hand over");
    entry
}

#[actix_web::test]
async fn the_next_dossiers_go_by_what_was_saved_and_those_under_way_keep_theirs() {
    let given = Given::at("2026-10-05 09:00").await;
    let before = given.office.in_process(TEN_DAYS).await;
    let saved = given.save("W4", 1, &changed(&given).await).await.expect(200);
    assert_eq!(saved.header("etag"), "\"2\"");
    assert_eq!(
        (&saved.body["outcome"], &saved.body["version"], &saved.body["valid_from"], &saved.body["changes"]),
        (&json!("new_version"), &json!(2), &json!("2026-10-05"), &json!(["steps"]))
    );
    let carried = saved.body["procedures"].as_array().unwrap();
    assert_eq!(carried.len(), 14);
    let ten_days = carried.iter().find(|one| one["code"] == TEN_DAYS).unwrap();
    assert_eq!(*ten_days, json!({"code": TEN_DAYS, "version": 2, "valid_from": "2026-10-05", "changes": ["process"]}));
    let after = given.office.in_process(TEN_DAYS).await;
    assert_eq!(process(&given.office, &before).await["version"], 1);
    assert_eq!(process(&given.office, &after).await["version"], 2);
    let shown = given.show("W4").await;
    assert_eq!(shown["versions"][0]["procedures"].as_array().unwrap().len(), 14);
    assert_eq!(shown["versions"][1]["version"], 1);
}

#[actix_web::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let given = Given::at("2026-10-05 09:00").await;
    let tables = ["process_versions", "procedure_versions", "audit_entries", "processes"];
    let before = tables.map(|table| given.count(table));
    let entry = changed(&given).await;
    let tried = given.put("W4?dry_run=true", &[], &entry).await.expect(200).body;
    assert_eq!(tables.map(|table| given.count(table)), before);
    assert_eq!(tried, given.save("W4", 1, &entry).await.expect(200).body);
}

#[actix_web::test]
async fn what_is_saved_already_is_not_saved_once_more() {
    let given = Given::at("2026-10-05 09:00").await;
    let entry = given.entry("W4").await;
    for headers in [&[("If-Match", "\"1\"")][..], &[][..], &[("If-Match", "\"7\"")][..]] {
        let same = given.put("W4", headers, &entry).await.expect(200).body;
        assert_eq!((&same["outcome"], &same["version"]), (&json!("unchanged"), &json!(1)));
    }
    assert_eq!(given.count("process_versions"), 8);
    assert_eq!(given.count("audit_entries WHERE action = 'process_saved'"), 0);
}

#[actix_web::test]
async fn two_editors_of_one_version_do_not_undo_each_other() {
    let given = Given::at("2026-10-05 09:00").await;
    let first = changed(&given).await;
    let mut second = given.entry("W4").await;
    second["name"] = json!("committee");
    given.save("W4", 1, &first).await.expect(200);
    assert_eq!(given.save("W4", 1, &second).await.expect(412).code(), "stale_version");
    assert_eq!(given.put("W4", &[], &second).await.expect(412).code(), "version_needed");
    assert_eq!(given.put("W99", &[("If-Match", "\"1\"")], &simple(examine_and_sign())).await.status, 412);
    given.save("W4", 2, &second).await.expect(200);
    assert_eq!(given.show("W4").await["version"], 3);
}

#[actix_web::test]
async fn two_that_save_at_the_same_moment_make_one_version() {
    let given = Given::at("2026-10-05 09:00").await;
    let (mut first, mut second) = (given.entry("W4").await, given.entry("W4").await);
    (first["name"], second["name"]) = (json!("first"), json!("second"));
    let both = futures_util::future::join(given.save("W4", 1, &first), given.save("W4", 1, &second)).await;
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(given.show("W4").await["version"], 2);
}

#[actix_web::test]
async fn a_repeated_request_gets_the_first_answer_again() {
    let given = Given::at("2026-10-05 09:00").await;
    let headers = [("If-Match", "\"1\""), ("Idempotency-Key", "edit-W4")];
    let entry = changed(&given).await;
    let first = given.put("W4", &headers, &entry).await.expect(200);
    let again = given.put("W4", &headers, &entry).await.expect(200);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((first.body, first.headers["etag"].clone()), (again.body, again.headers["etag"].clone()));
}

#[actix_web::test]
async fn a_new_process_and_a_units_own_way_which_it_gives_up_again() {
    let given = Given::at("2026-10-05 09:00").await;
    let code = "H21.16%2Fgiam-dinh";
    let mut own = simple(examine_and_sign());
    own["procedure"] = json!(TEN_DAYS);
    own["unit"] = json!(DEPARTMENT);
    let made = given.put(code, &[], &own).await.expect(201);
    assert_eq!((&made.body["outcome"], &made.body["code"]), (&json!("new"), &json!("H21.16/giam-dinh")));
    assert_eq!(made.body["procedures"], json!([]));
    let of = async || process(&given.office, &given.office.in_process(TEN_DAYS).await).await["code"].clone();
    assert_eq!(of().await, "H21.16/giam-dinh");
    given.save(code, 1, &simple(examine_and_sign())).await.expect(200);
    assert_eq!(of().await, "W4");
}

#[actix_web::test]
async fn a_version_holds_from_its_first_day_and_never_from_before_it_was_known() {
    let given = Given::at("2026-10-05 09:00").await;
    let mut entry = changed(&given).await;
    entry["valid_from"] = json!("2026-10-08");
    let saved = given.save("W4", 1, &entry).await.expect(200).body;
    assert_eq!(saved["valid_from"], "2026-10-08");
    let of = async || process(&given.office, &given.office.in_process(TEN_DAYS).await).await["version"].clone();
    assert_eq!(of().await, 1);
    given.office.app.set("2026-10-08 08:00");
    assert_eq!(of().await, 2);
    entry["valid_from"] = json!("2026-02-01");
    entry["name"] = json!("again");
    let saved = given.save("W4", 2, &entry).await.expect(200).body;
    assert_eq!(saved["valid_from"], "2026-10-08");
}

#[actix_web::test]
async fn every_fault_is_named_at_once_with_its_place() {
    let given = Given::at("2026-10-05 09:00").await;
    let mut wrong = simple(json!([
        {"role": "officer", "does": "examine", "rest_of_term": true, "sends_back_to": "sign"},
        {"role": "king", "does": "more", "days": 1, "goes_to": [{"when": {"choice": "again"}, "to": "examine"}]},
        {"does": "together", "unit": "H21.16", "shared_budget": {"days": 1}, "steps": [
            {"role": "officer", "does": "one", "goes_to": [{"to": "the moon"}]},
            {"role": "officer", "does": "one", "opens_pause": "lunch"}
        ]},
        {"role": "leader", "does": "sign", "days": 1}
    ]));
    wrong["colour"] = json!("red");
    wrong["legs"] = json!([{"does": "a", "unit_kind": "commune", "lead": true, "after": ["a"],
        "procedure_code": "1.004873", "term": {"amount": 3, "unit": "working_day"}}]);
    let faults = given.fails(&wrong).await;
    let named: Vec<(&str, &str)> = faults.iter().map(|(pointer, code)| (&**pointer, &**code)).collect();
    assert_eq!(
        named,
        [
            ("/steps/0/sends_back_to", "sends_back_nowhere"),
            ("/steps/1/role", "unknown_role"),
            ("/steps/1/goes_to", "endless_loop"),
            ("/steps/2/steps/0/goes_to", "goes_nowhere"),
            ("/steps/2/steps/1/opens_pause", "unknown_pause"),
            ("/steps/2/steps/1/does", "step_twice"),
            ("/legs/0/after", "waits_for_itself"),
            ("/colour", "wrong_field"),
        ]
    );
}

#[actix_web::test]
async fn what_cannot_be_lived_through_is_named_step_by_step() {
    let given = Given::at("2026-10-05 09:00").await;
    let lost = simple(json!([
        {"role": "officer", "does": "examine", "rest_of_term": true, "goes_to": [{"to": "check"}]},
        {"role": "officer", "does": "alone", "no_clock": true, "unit": "H99"},
        {"role": "officer", "does": "check", "hours": 1}
    ]));
    let faults = given.fails(&lost).await;
    let named: Vec<(&str, &str)> = faults.iter().map(|(pointer, code)| (&**pointer, &**code)).collect();
    assert_eq!(
        named,
        [("/steps/1", "unreachable_step"), ("/steps/2", "no_way_out"), ("/steps/1/unit", "unknown_unit")]
    );
    let mut foreign = simple(json!([
        {"role": "officer", "does": "examine", "rest_of_term": true, "unit": "H99"},
        {"role": "leader", "does": "sign", "no_clock": true}
    ]));
    foreign["procedure"] = json!("9.999999");
    foreign["unit"] = json!("H98");
    let faults = given.fails(&foreign).await;
    let named: Vec<(&str, &str)> = faults.iter().map(|(pointer, code)| (&**pointer, &**code)).collect();
    assert_eq!(
        named,
        [("/procedure", "unknown_procedure"), ("/unit", "unknown_unit"), ("/steps/0/unit", "unknown_unit")]
    );
}

#[actix_web::test]
async fn budgets_above_the_term_of_a_procedure_name_it_and_each_language_says_so() {
    let given = Given::at("2026-10-05 09:00").await;
    let path = province_with(&mineral_exploration(), 32);
    import::run(&given.office.app.state, path.path(), DryRun::No, &Progress::silent()).unwrap();
    let mut entry = given.entry("T1").await;
    entry["steps"][3]["days"] = json!(13);
    let refused = given.save("T1", 1, &entry).await.expect(422);
    assert_eq!(refused.faults(), [("/steps", "budgets_above_term")]);
    assert!(refused.text.contains(&format!("Thủ tục {PROCEDURE}")), "{}", refused.text);
    assert_eq!(given.show("T1").await["version"], 1);
}

#[actix_web::test]
async fn a_term_that_is_what_its_legs_add_up_to_follows_them() {
    let given = Given::at("2026-10-05 09:00").await;
    let mut entry = given.entry("W8").await;
    let amount = entry["legs"][0]["term"]["amount"].as_u64().unwrap();
    entry["legs"][0]["term"]["amount"] = json!(amount + 1);
    let saved = given.save("W8", 1, &entry).await.expect(200).body;
    let changes = saved["procedures"][0]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{saved}");
    assert!(changes.iter().any(|change| change == "process"), "{saved}");
    assert!(changes.iter().any(|change| change.as_str().unwrap().starts_with("term 16 working_day → 17")), "{saved}");
}

#[actix_web::test]
async fn a_role_that_nobody_has_is_a_warning_of_the_answer_and_of_the_import() {
    let given = Given::at("2026-10-05 09:00").await;
    let mut own = simple(json!([
        {"role": "officer", "does": "examine", "rest_of_term": true},
        {"role": "division_head", "does": "ask", "days": 0.5, "unit": "H21.20"},
        {"role": "chair", "does": "decide", "days": 0.5},
        {"role": "clerk", "does": "hand over", "no_clock": true}
    ]));
    own["procedure"] = json!(TEN_DAYS);
    own["unit"] = json!(DEPARTMENT);
    let told = |saved: &Value| -> Vec<String> {
        saved["warnings"].as_array().unwrap().iter().map(|one| one["en"].as_str().unwrap().to_owned()).collect()
    };
    let saved = given.put("OWN", &[], &own).await.expect(201).body;
    assert_eq!(
        told(&saved),
        ["“decide”: nobody at H21.16 has the role chair", "“ask”: nobody at H21.20 has the role division_head"]
    );
    given.office.app.sign_in(Role::Chair, DEPARTMENT);
    given.office.app.sign_in(Role::DivisionHead, "H21.20");
    let saved = given.put("OWN", &[], &own).await.expect(200).body;
    assert_eq!(told(&saved), Vec::<String>::new());
    let report =
        import::run(&given.office.app.state, &crate::catalogue::given::province(), DryRun::Yes, &Progress::silent());
    let report = report.unwrap().to_string();
    let line = report.lines().find(|line| line.starts_with("warning: processes.json: W1: ")).unwrap_or(&report);
    assert!(line.contains("nobody at") && line.contains("more has the role"), "{line}");
}

#[actix_web::test]
async fn rubbish_is_refused_and_never_breaks_anything() {
    let given = Given::at("2026-10-05 09:00").await;
    let many = |count: usize| -> Vec<Value> {
        (0..count).map(|at| json!({"role": "leader", "does": at.to_string(), "no_clock": true})).collect()
    };
    let leg = |at: usize| {
        json!({"does": at.to_string(), "unit": "H21.16", "lead": at == 0, "procedure_code": "1.004873",
            "after": (0..at).map(|before| before.to_string()).collect::<Vec<_>>(),
            "term": {"amount": 1, "unit": "working_day"}})
    };
    let legs = |count: usize| (0..count).map(leg).collect::<Vec<_>>();
    let sound = simple(examine_and_sign());
    let with = |field: &str, value: Value| {
        let mut entry = sound.clone();
        entry[field] = value;
        entry
    };
    let bodies = [
        (json!([]), ""),
        (json!(7), ""),
        (json!({}), "/name"),
        (with("steps", json!("none")), "/steps"),
        (with("steps", json!([])), "/steps"),
        (with("steps", json!([7])), "/steps/0"),
        (with("steps", json!(many(101))), "/steps"),
        (with("legs", json!(legs(21))), "/legs"),
        (with("legs", json!([{}])), "/legs/0"),
        (with("name", json!(" ")), "/name"),
        (with("name", json!("a\u{0}b")), "/name"),
        (with("code", json!("OTHER")), "/code"),
        (with("unit", json!("H21.16")), "/unit"),
        (with("valid_from", json!("-9999-01-01")), "/valid_from"),
        (with("valid_from", json!("2026-02-30")), "/valid_from"),
        (with("steps", json!([{"role": "leader", "does": "a", "days": -1}])), "/steps/0/days"),
        (with("steps", json!([{"does": "b", "steps": [{"role": "leader", "does": "a"}]}])), "/steps/0"),
    ];
    for (body, pointer) in bodies {
        let refused = given.put("TRIED", &[], &body).await.expect(422);
        assert!(refused.pointers().contains(&pointer), "{pointer}: {}", refused.text);
    }
    let app = &given.office.app;
    for (path, status) in [("%00", 422), ("%0A", 422), ("a%2F..%2Fb", 201), (&*"x".repeat(36), 422)] {
        given.put(path, &[], &sound).await.expect(status);
    }
    app.get("/processes/%00", &given.controller).await.expect(404);
    app.get("/processes/nowhere", &given.controller).await.expect(404);
    app.get("/processes?cursor=rubbish!", &given.controller).await.expect(422);
    given.put("TRIED?dry_run=perhaps", &[], &sound).await.expect(422);
    given.put("LEGS", &[], &with("legs", json!(legs(20)))).await.expect(201);
}

#[actix_web::test]
async fn processes_are_listed_page_by_page_in_the_order_of_their_codes() {
    let given = Given::at("2026-10-05 09:00").await;
    given.save("W4", 1, &changed(&given).await).await.expect(200);
    let (mut codes, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = given.office.app.get(&format!("/processes?limit=3{cursor}"), &given.office.clerk).await.expect(200);
        codes.extend(page.items().iter().map(|item| format!("{} {}", item["code"], item["version"])));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let expected: Vec<String> = (1..=8).map(|at| format!("\"W{at}\" {}", if at == 4 { 2 } else { 1 })).collect();
    assert_eq!(codes, expected);
}
