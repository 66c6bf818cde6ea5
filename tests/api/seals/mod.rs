//! Reports frozen as they were signed: the same to the byte for ever, what changed since shown by its dossiers, and each
//! going on from the one before.

mod layouts;

use data_encoding::HEXLOWER;
use diesel::connection::SimpleConnection;
use motcua::config::Config;
use motcua::domain::role::Role;
use motcua::platform::db::Scope;
use motcua::platform::progress::Progress;
use motcua::seals::verify::{Fault, verify};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::JsonBody;
use crate::support::db::Holds;
use crate::support::office::{CENTRE, Office, TEN_DAYS};
use crate::support::program::motcua;
use crate::support::rows::{Deed, History, World, put};

const SEALS: &str = "/statistics/seals";

/// October 2026 with three dossiers: the first finished early, the others pending at its end. It is 2 November.
struct Month {
    office: Office,
    codes: Vec<String>,
}

impl Month {
    async fn over() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let office = Office::with("2026-10-26 09:00", change).await;
        let mut codes = Vec::new();
        for _ in 0..3 {
            codes.push(office.in_process(TEN_DAYS).await);
        }
        office.app.set("2026-10-28 09:00");
        office.act(&codes[0], "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
        office.app.set("2026-11-02 08:00");
        Self { office, codes }
    }

    async fn seal(&self, body: Value) -> Answer {
        self.office.app.post(SEALS, &self.office.leader, &body).await
    }

    async fn october(&self) -> Value {
        self.seal(json!({ "calendar_month": "2026-10" })).await.expect(201).body
    }

    async fn read(&self, seal: &Value, rest: &str) -> Answer {
        let path = format!("{SEALS}/{}{rest}", seal["id"].as_str().unwrap());
        self.office.app.get(&path, &self.office.leader).await.expect(200)
    }

    async fn recall_the_first(&self) {
        let reason = json!({ "reason": "Sai tên người được cấp" });
        self.office.act(&self.codes[0], "recall", &self.office.leader, reason).await.expect(200);
    }

    async fn void_the_second(&self) {
        let reason = json!({ "reason": "Nhập trùng hồ sơ" });
        let proposed = self.office.act(&self.codes[1], "void", &self.office.clerk, reason).await.expect(202);
        let confirm = format!("/approvals/{}/actions/confirm", proposed.body["approval"]["id"].as_str().unwrap());
        let head = self.office.app.sign_in(Role::CentreHead, CENTRE);
        self.office.app.post(&confirm, &head, &json!({})).await.expect(200);
    }

    fn sql(&self, text: &str) {
        self.office.app.db.connect().batch_execute(text).unwrap();
    }

    fn faults(&self) -> Vec<Fault> {
        let found = self.office.app.state.db.read_here(&Scope::system(), |conn| verify(conn, &Progress::silent()));
        found.unwrap().faults
    }
}

fn cells(side: &Value) -> Vec<&str> {
    side["cells"].as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_seal_is_the_same_to_the_byte_whatever_happens_later() {
    let month = Month::over().await;
    let seal = month.october().await;
    let said = month.read(&seal, "").await;
    let total = &said.body["total"];
    assert_eq!((&total["received"], &total["early"], &total["pending"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!((&said.body["unit"]["code"], &said.body["period"]["from"]), (&json!("H21.16"), &json!("2026-10-01")));
    assert_eq!((&said.body["as_of"], &said.body["carried"]), (&json!("2026-11-02T08:00:00+07:00"), &Value::Null));
    assert_eq!((&said.body["dossiers"]["count"], &seal["dossiers"]), (&json!(3), &json!(3)));
    let hash = HEXLOWER.encode(&Sha256::digest(&said.bytes));
    assert_eq!((&*hash, said.header("etag")), (seal["hash"].as_str().unwrap(), &*format!("\"{hash}\"")));

    month.recall_the_first().await;
    month.void_the_second().await;
    month.office.app.set("2026-12-20 08:00");
    assert_eq!(month.read(&seal, "").await.bytes, said.bytes);
    assert_eq!(month.faults(), []);
}

#[actix_web::test]
async fn what_changes_later_is_an_adjustment_with_its_dossier_and_cells() {
    let month = Month::over().await;
    let seal = month.october().await;
    assert!(month.read(&seal, "/adjustments").await.items().is_empty());
    month.recall_the_first().await;
    month.void_the_second().await;

    let listed = month.read(&seal, "/adjustments").await;
    let mut codes = [month.codes[0].as_str(), &month.codes[1]];
    codes.sort_unstable();
    assert_eq!(listed.codes(), codes);
    let of = |code: &str| listed.items().iter().find(|item| item["code"] == code).unwrap().clone();
    let (recalled, voided) = (of(&month.codes[0]), of(&month.codes[1]));
    assert_eq!(
        cells(&recalled["before"]),
        ["received", "received_direct_postal", "resolved", "early", "received_direct", "with_result"]
    );
    assert_eq!(
        cells(&recalled["after"]),
        ["received", "received_direct_postal", "pending", "pending_in_time", "received_direct"]
    );
    assert_eq!(
        cells(&voided["before"]),
        ["received", "received_direct_postal", "pending", "pending_in_time", "received_direct"]
    );
    assert_eq!(voided["after"], Value::Null);

    let first = month.read(&seal, "/adjustments?limit=1").await;
    let next = format!("/adjustments?limit=1&cursor={}", first.field("next_cursor"));
    let second = month.read(&seal, &next).await;
    assert_eq!((first.codes()[0], second.codes()[0]), (codes[0], codes[1]));
    assert_eq!(second.body["next_cursor"], Value::Null);
}

#[actix_web::test]
async fn pending_with_adjustments_is_what_the_next_month_carries_over() {
    let month = Month::over().await;
    let former = month.october().await;
    month.recall_the_first().await;
    month.void_the_second().await;
    month.office.app.set("2026-12-01 08:00");
    let seal = month.seal(json!({ "calendar_month": "2026-11" })).await.expect(201).body;
    let carried = &month.read(&seal, "").await.body["carried"];
    assert_eq!(carried["from"], former["id"]);
    let counts = ["pending", "added", "removed", "carried_over"].map(|name| carried[name].as_i64().unwrap());
    assert_eq!(counts, [2, 1, 1, 2]);
    let told: Vec<_> =
        carried["adjustments"].as_array().unwrap().iter().map(|one| (&one["code"], &one["why"])).collect();
    let corrected = json!("corrected");
    let (first, second) = (json!(month.codes[0]), json!(month.codes[1]));
    let mut expected = vec![(&first, &corrected), (&second, &corrected)];
    expected.sort_by_key(|(code, _)| code.to_string());
    assert_eq!(told, expected);
}

#[actix_web::test]
async fn what_another_unit_has_now_moved_out_of_the_one_and_into_the_other() {
    let app = TestApp::over(Holds::Nothing, "2024-06-16 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    let life = History::new("H21.16", "2024-05-20 08:00", "2024-08-27 17:00");
    let life = life.then("2024-06-20 08:00", Deed::MoveTo("H21.18"));
    let code = put(&mut conn, &world, &app.state.vault, &life).code;
    let leaders = ["H21.16", "H21.18"].map(|unit| app.sign_in(Role::Leader, unit));
    for (month, now) in [("2024-06", "2024-06-16 08:00"), ("2024-07", "2024-07-16 08:00")] {
        app.set(now);
        for leader in &leaders {
            app.post(SEALS, leader, &json!({ "month": month })).await.expect(201);
        }
    }
    for (leader, why, counts) in [(&leaders[0], "moved_out", [1, 0, 1, 0]), (&leaders[1], "moved_in", [0, 1, 0, 1])] {
        let newest = app.get(SEALS, leader).await.expect(200);
        let own = if why == "moved_out" { "H21.16" } else { "H21.18" };
        let newest = newest.items().iter().find(|seal| seal["unit"] == own).unwrap()["id"].clone();
        let said = app.get(&format!("{SEALS}/{}", newest.as_str().unwrap()), leader).await.expect(200).body;
        let carried = &said["carried"];
        assert_eq!(["pending", "added", "removed", "carried_over"].map(|name| carried[name].as_i64().unwrap()), counts);
        let told = &carried["adjustments"][0];
        assert_eq!((&told["code"], &told["why"]), (&json!(code), &json!(why)));
    }
}

#[actix_web::test]
async fn a_history_that_was_rewritten_stops_the_next_seal_by_the_name_of_the_dossier() {
    let month = Month::over().await;
    month.october().await;
    month.sql(&format!("UPDATE dossiers SET accepted_at = '2026-11-05' WHERE code = '{}'", month.codes[2]));
    month.office.app.set("2026-12-01 08:00");
    let refused = month.seal(json!({ "calendar_month": "2026-11" })).await.expect(409);
    assert_eq!(refused.code(), "seal_does_not_carry_over");
    assert!(refused.text.contains(&month.codes[2]) && !refused.text.contains(&month.codes[1]), "{}", refused.text);
    let listed = month.office.app.get(SEALS, &month.office.leader).await.expect(200);
    assert_eq!(listed.items().len(), 1, "nothing was sealed");
}

#[actix_web::test]
async fn figures_that_do_not_add_up_are_not_sealed() {
    let month = Month::over().await;
    month.sql(&format!("UPDATE dossiers SET ended_at = '2026-01-01' WHERE code = '{}'", month.codes[0]));
    let refused = month.seal(json!({ "calendar_month": "2026-10" })).await.expect(409);
    assert_eq!(refused.code(), "figures_do_not_add_up");
}

#[actix_web::test]
async fn a_report_is_sealed_once_and_put_right_by_one_that_names_it() {
    let month = Month::over().await;
    let seal = month.october().await;
    assert_eq!(month.seal(json!({ "calendar_month": "2026-10" })).await.expect(409).code(), "already_sealed");
    month.recall_the_first().await;
    let mut right = json!({ "calendar_month": "2026-10", "replaces": seal["id"] });
    let faults = month.seal(right.clone()).await.expect(422);
    assert_eq!(faults.faults(), [("/reason", "required")]);
    right["reason"] = json!("Thu hồi một kết quả");
    month.office.app.set("2026-11-10 08:00");
    let newer = month.seal(right.clone()).await.expect(201).body;
    assert_eq!((&newer["replaces"], &newer["reason"]), (&seal["id"], &right["reason"]));
    assert_eq!(month.read(&newer, "").await.body["total"]["pending"], 3);
    assert_eq!(month.seal(right.clone()).await.expect(409).code(), "replaced_already");
    right["group"] = json!("field");
    right["replaces"] = newer["id"].clone();
    assert_eq!(month.seal(right).await.expect(409).code(), "replaces_another_report");

    let ids = |answer: Answer| answer.items().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    let list =
        async |rest: &str| ids(month.office.app.get(&format!("{SEALS}{rest}"), &month.office.leader).await.expect(200));
    assert_eq!(list("").await, [newer["id"].clone(), seal["id"].clone()]);
    assert_eq!(list("?as_of=2026-11-05").await, [seal["id"].clone()], "what was said then");
    assert_eq!(list("?as_of=2026-11-10T08:00:00%2B07:00").await, [newer["id"].clone()]);
    assert!(list("?as_of=2026-11-01").await.is_empty());
    for to_come in ["2026-11-10", "2026-11-11", "2026-11-10T08:00:01%2B07:00"] {
        let refused = month.office.app.get(&format!("{SEALS}?as_of={to_come}"), &month.office.leader).await.expect(422);
        assert_eq!(refused.faults(), [("?as_of", "as_of_in_future")], "nobody knows what will be said: {to_come}");
    }
}

#[actix_web::test]
async fn only_periods_that_are_over_and_cross_no_other_are_sealed() {
    let month = Month::over().await;
    let early = month.seal(json!({ "calendar_month": "2026-11" })).await.expect(422);
    assert_eq!(early.faults(), [("/to", "period_not_over")]);
    let both = month.seal(json!({ "month": "2026-10", "from": "2026-10-01", "group": "shoe" })).await.expect(422);
    assert_eq!(both.faults(), [("/group", "unknown_word"), ("/month", "one_period_only")]);
    let before_all = month.seal(json!({ "calendar_month": "1999-10" })).await.expect(422);
    assert_eq!(before_all.pointers(), ["/to", "/unit_code"]);
    month.seal(json!({ "from": "2026-10-01", "to": "2026-10-16" })).await.expect(201);
    let crossing = json!({ "from": "2026-10-10", "to": "2026-10-20" });
    assert_eq!(month.seal(crossing).await.expect(409).code(), "seal_periods_cross");
    month.seal(json!({ "from": "2026-10-01", "to": "2026-11-01" })).await.expect(201);
    month.seal(json!({ "month": "2026-10" })).await.expect(201);
    let unknown = json!({ "calendar_month": "2026-10", "replaces": "none", "reason": "Sai" });
    assert_eq!(month.seal(unknown).await.expect(404).code(), "seal_not_found");
}

#[actix_web::test]
async fn leaders_read_every_seal_and_its_dossiers_are_for_its_own_unit() {
    let month = Month::over().await;
    let (office, seal) = (&month.office, month.october().await);
    let path = format!("{SEALS}/{}", seal["id"].as_str().unwrap());
    let dossiers = format!("{path}/dossiers?cell=pending");
    let others = [
        (office.app.sign_in(Role::Leader, "H21.05"), 200, 404),
        (office.app.sign_in(Role::Officer, "H21.05"), 404, 404),
        (office.app.sign_in(Role::Auditor, "H21"), 200, 200),
        (office.officer.clone(), 200, 200),
    ];
    for (token, says, shows) in others {
        assert_eq!(office.app.get(&path, &token).await.status, says);
        assert_eq!(office.app.get(&dossiers, &token).await.status, shows);
        assert_eq!(office.app.get(&format!("{path}/adjustments"), &token).await.status, shows);
    }
    for invented in ["00000000-0000-7000-8000-000000000000", "x", "%00"] {
        assert_eq!(office.app.get(&format!("{SEALS}/{invented}"), &office.leader).await.status, 404);
    }
    let other = office.app.sign_in(Role::Leader, "H21.05");
    let foreign = json!({ "calendar_month": "2026-10", "unit_code": "H21.16" });
    assert_eq!(office.app.post(SEALS, &other, &foreign).await.expect(404).code(), "unit_not_found");
}

#[actix_web::test]
async fn every_cell_of_a_seal_leads_to_exactly_its_frozen_dossiers() {
    let month = Month::over().await;
    let seal = month.october().await;
    month.recall_the_first().await;
    let said = month.read(&seal, "").await.body;
    let rows = said["rows"].as_array().unwrap().iter().map(|row| (row, Some(row["key"]["code"].as_str().unwrap())));
    for (row, key) in rows.chain([(&said["total"], None)]) {
        for cell in said["cells"].as_array().unwrap() {
            let cell = cell.as_str().unwrap();
            let key = key.map_or(String::new(), |code| format!("&group_key={code}"));
            let behind = month.read(&seal, &format!("/dossiers?cell={cell}{key}")).await;
            assert_eq!(row[cell], json!(behind.items().len()), "{cell}{key}");
        }
    }
    let (app, leader) = (&month.office.app, &month.office.leader);
    for (row, pointer) in
        [("group_key=H99", "?group_key"), ("group_key=H21.05", "?group_key"), ("row_key=G01", "?row_key")]
    {
        let path = format!("{SEALS}/{}/dossiers?cell=early&{row}", seal["id"].as_str().unwrap());
        assert_eq!(app.get(&path, leader).await.expect(422).faults(), [(pointer, "group_not_found")], "{row}");
    }
}

#[actix_web::test]
async fn tampering_with_what_is_sealed_is_refused_and_if_forced_is_found() {
    let month = Month::over().await;
    let seal = month.october().await;
    for table in ["seals", "sealed_dossiers"] {
        for deed in [format!("DELETE FROM {table}"), format!("TRUNCATE {table} CASCADE")] {
            let refused = month.office.app.db.connect().batch_execute(&deed).unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{deed}: {refused}");
        }
    }
    let id = motcua::domain::ids::SealId(seal["id"].as_str().unwrap().parse().unwrap());
    month.sql("ALTER TABLE sealed_dossiers DISABLE TRIGGER USER; ALTER TABLE seals DISABLE TRIGGER USER;");
    month.sql("UPDATE sealed_dossiers SET cells = cells | 2048 WHERE cells & 32 <> 0");
    assert_eq!(month.faults(), [Fault::Dossiers { seal: id }]);
    month.office.app.set("2026-12-01 08:00");
    let refused = month.seal(json!({ "calendar_month": "2026-11" })).await.expect(409);
    assert_eq!(refused.code(), "seal_broken");
    month.sql("UPDATE seals SET content = content || ' '::bytea");
    assert_eq!(month.faults(), [Fault::Content { seal: id }]);
    month.sql("UPDATE seals SET hash = sha256(content)");
    assert_eq!(month.faults(), [Fault::Dossiers { seal: id }, Fault::Audit { seal: id }]);
    month.sql("DELETE FROM sealed_dossiers; DELETE FROM seals");
    assert_eq!(month.faults(), [Fault::Gone { subject: format!("seal:{id}") }]);
}

#[actix_web::test]
async fn the_command_line_names_a_row_that_was_changed_and_ends_badly() {
    let month = Month::over().await;
    let seal = month.october().await;
    let (app, id) = (&month.office.app, seal["id"].as_str().unwrap());
    let verify = || motcua(&app.db, app.dir.path(), &["verify", "seals"]);
    assert_eq!(verify().succeeds().out.trim(), "1 seals, 0 faults");
    month.sql("ALTER TABLE sealed_dossiers DISABLE TRIGGER USER; UPDATE sealed_dossiers SET cells = cells # 1");
    let wrong = verify().fails(1, "the seals do not hold: 1 faults");
    let lines: Vec<_> = wrong.out.lines().collect();
    assert_eq!(lines, [&*format!("seal {id}: the dossiers behind it were changed"), "1 seals, 1 faults"]);
}

#[actix_web::test]
async fn a_repeated_request_seals_once() {
    let month = Month::over().await;
    let app = &month.office.app;
    let ask = async || {
        let request = app.http.post(app.url(SEALS)).bearer_auth(&month.office.leader);
        let body = json!({ "calendar_month": "2026-10" });
        app.send(request.header("Idempotency-Key", "seal-1").json_body(&body)).await.expect(201)
    };
    let (first, again) = (ask().await, ask().await);
    assert_eq!((&first.body, again.header("idempotency-replayed")), (&again.body, "true"));
}
