//! What is erased when its time is over, and what stays.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::audit::chain;
use motcua::audit::verify::verify;
use motcua::config::Config;
use motcua::domain::retention::{KeyClass, month_of};
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use motcua::platform::secret::VaultError;
use motcua::retention;
use motcua::schema::{audit_entries, data_keys, dossier_people, identity_reads, notices};
use serde_json::{Value, json};

use super::dump;
use crate::support::app::{TestApp, intake};
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

/// What tells who somebody was, wherever it was written in the life below.
const WHO: [&str; 12] = [
    "nh Tuyết",
    "tuyet",
    "052190000123",
    "905123456",
    "905999888",
    "905777666",
    "example.vn",
    "Hùng Vương",
    "Lê Lợi",
    "anh hàng xóm",
    "kệ của bà Tuyết",
    "nhờ con gái",
];

/// A life that leaves texts in every corner, ended on 2026-10-06.
async fn ended(office: &Office) -> Value {
    let dossier = office.received(TEN_DAYS).await;
    let code = dossier["code"].as_str().unwrap();
    let new = json!({ "applicant": { "name": "Nguyễn Thị Ánh Tuyết", "phone": "0905999888", "address": "34 Lê Lợi" },
        "reason": "Bà gọi từ 0905777666" });
    office.app.patch(&format!("/dossiers/{code}"), &office.clerk, &new).await.expect(200);
    office.app.act(code, "transfer", &office.clerk, &json!({})).await.expect(200);
    let papers = json!({ "papers": [{ "name": "CCCD của anh hàng xóm", "kind": "copy" }], "reason": "gọi 0905777666" });
    office.act(code, "request_supplement", &office.officer, papers).await.expect(200);
    office.act(code, "supply", &office.clerk, json!({})).await.expect(200);
    office.app.set("2026-10-06 09:00");
    office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    office.act(code, "arrive", &office.clerk, json!({ "shelf_place": "kệ của bà Tuyết" })).await.expect(200);
    office.act(code, "hand_over", &office.clerk, json!({ "to": "Tuyết, nhờ con gái" })).await.expect(200);
    let show = office.show(code).await;
    assert_eq!(show["status"], "returned");
    dossier
}

async fn run(app: &TestApp) -> usize {
    retention::tick(app.state.clone()).await.unwrap()
}

/// Figures and reports of the year in which the life was, byte by byte.
async fn figures(app: &TestApp, token: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for path in [
        "/statistics/units?from=2026-09-15&to=2026-12-15",
        "/statistics/units?from=2026-09-15&to=2026-12-15&group=field",
        "/reports/06?month=2026-10",
        "/reports/06?month=2026-10&format=csv",
        "/notices/summary?from=2026-10-01&to=2026-11-01",
    ] {
        let answer = app.get(path, token).await.expect(200);
        // When it was made is no figure.
        let mut body = answer.body.clone();
        for made_at in ["generated_at", "made_at", "as_of", "computed_at"] {
            body.as_object_mut().and_then(|fields| fields.remove(made_at));
        }
        all.push(if body.is_null() { answer.bytes } else { body.to_string().into_bytes() });
    }
    all
}

#[actix_web::test]
async fn who_somebody_was_is_erased_and_every_figure_stays() {
    let office = Office::at("2026-10-05 09:00").await;
    let (app, auditor) = (&office.app, office.app.sign_in(Role::Auditor, "H21"));
    let dossier = ended(&office).await;
    let code = dossier["code"].as_str().unwrap();
    let reason = json!({ "reason": "Bà Tuyết khiếu nại, gọi 0905777666" });
    app.post(&format!("/dossiers/{code}/identity"), &auditor, &reason).await.expect(200);

    app.set("2036-10-06 08:59");
    let auditor = app.sign_in(Role::Auditor, "H21");
    let before = figures(app, &auditor).await;
    run(app).await;
    let shown = app.get(&format!("/dossiers/{code}"), &auditor).await.expect(200).body;
    assert_eq!(shown["applicant"]["name"], "Nguyễn Thị Ánh Tuyết", "a minute too early");

    app.set("2036-10-06 09:01");
    let due = retention::command::what_is_due(&app.state).unwrap();
    assert_eq!(due[0], "dossiers: 1 would be erased");
    assert!(run(app).await > 0);
    let shown = app.get(&format!("/dossiers/{code}"), &auditor).await.expect(200).body;
    assert_eq!(shown["applicant"]["name"], "(đã xóa)");
    assert_eq!((&shown["applicant"]["id_number"], &shown["status"]), (&Value::Null, &json!("returned")));
    let events = app.get(&format!("/dossiers/{code}/events"), &auditor).await.expect(200);
    assert!(events.items().len() >= 6 && events.items().iter().all(|event| event["note"].is_null()), "{}", events.text);
    for words in ["tuyet", "0905999888", "052190000123"] {
        assert_eq!(app.get(&format!("/dossiers?q={words}"), &auditor).await.expect(200).codes(), Vec::<&str>::new());
    }
    let text = dump(&app.db);
    for who in WHO {
        assert!(!text.contains(who), "{who} is still there");
    }
    assert_eq!(figures(app, &auditor).await, before);
    assert_eq!(run(app).await, 0);
    assert_eq!(retention::command::what_is_due(&app.state).unwrap()[0], "dossiers: 0 would be erased");
}

#[actix_web::test]
async fn a_citizens_devices_are_forgotten_with_the_last_dossier() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    ended(&office).await;
    app.set("2036-10-06 08:58");
    let (anh, other) = (app.citizen_with("052190000123"), app.citizen_with("052190000456"));
    app.device(&anh, "phone", "token-of-the-phone").await;
    app.device(&other, "phone", "token-of-somebody-else").await;
    run(app).await;
    assert_eq!(app.devices(&anh).await, ["phone"], "a minute too early");
    app.set("2036-10-06 09:01");
    run(app).await;
    assert_eq!(app.devices(&anh).await, Vec::<String>::new());
    assert_eq!(app.devices(&other).await, ["phone"], "no dossier yet");
}

#[actix_web::test]
async fn the_audit_tells_of_erasure_and_still_holds() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    ended(&office).await;
    app.set("2037-01-05 09:00");
    run(app).await;
    chain::tick(app.state.clone()).await.unwrap();
    let told: Vec<(String, Value)> = audit_entries::table
        .filter(audit_entries::action.eq_any(["data_erased", "data_keys_destroyed"]))
        .filter(audit_entries::principal.eq("system"))
        .order(audit_entries::id)
        .select((audit_entries::subject, audit_entries::details))
        .load(&mut app.db.connect())
        .unwrap();
    assert_eq!(told[0], ("personal_data".to_owned(), json!({ "what": "dossiers", "count": 1 })));
    assert_eq!(told.last().unwrap().0, "data_keys");
    let keys = vec![app.state.vault.audit_key().unwrap().public_key()];
    let found = verify(&mut app.db.connect(), &keys, &[], &Progress::silent()).unwrap();
    assert!(found.faults.is_empty(), "{:?}", found.faults);
}

/// The sealed columns of any copy of the database open no more.
#[actix_web::test]
async fn the_key_of_a_month_is_destroyed_with_the_last_dossier_that_needs_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    ended(&office).await;
    let other = office.in_process(TEN_DAYS).await;
    app.set("2027-01-05 09:00");
    office.act(&other, "finish", &office.leader, json!({ "result": "granted", "at_counter": true })).await.expect(200);
    type Copied = (uuid::Uuid, i16, Option<Vec<u8>>);
    let copied: Vec<Copied> = dossier_people::table
        .select((dossier_people::dossier_id, dossier_people::key_id, dossier_people::id_number))
        .load(&mut app.db.connect())
        .unwrap();
    let opens = |state: &motcua::state::AppState, (dossier, key, sealed): &Copied| {
        state.vault.open(*key, &format!("dossier {dossier} applicant id_number"), sealed.as_ref().unwrap())
    };
    app.set("2036-12-05 09:00");
    run(app).await;
    app.state.keep_keys().await.unwrap();
    assert!(copied.iter().all(|copy| opens(&app.state, copy).is_ok()), "one dossier needs it still");

    app.set("2037-01-05 09:01");
    run(app).await;
    let after = TestApp::on_same(app);
    after.state.keep_keys().await.unwrap();
    app.state.keep_keys().await.unwrap();
    for copy in &copied {
        for state in [&app.state, &after.state] {
            assert!(matches!(opens(state, copy), Err(VaultError::Destroyed(_))));
        }
    }
    let (wrapped, at): (Option<Vec<u8>>, Option<chrono::DateTime<chrono::Utc>>) = data_keys::table
        .find(copied[0].1)
        .select((data_keys::wrapped, data_keys::destroyed_at))
        .first(&mut app.db.connect())
        .unwrap();
    assert_eq!((wrapped, at), (None, Some(app.state.clock.now())));
    // Keys of now seal as before.
    app.state.vault.data_key(app.state.clock.now(), &KeyClass::Dossiers).unwrap();
}

#[actix_web::test]
async fn keys_of_now_and_of_the_month_before_are_never_destroyed() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    for now in ["2026-10-05 09:00", "2026-11-05 09:00", "2026-12-05 09:00", "2027-01-05 09:00"] {
        app.set(now);
        app.state.keep_keys().await.unwrap();
        run(app).await;
        let month = month_of(app.state.clock.now());
        let living: i64 = data_keys::table
            .filter(data_keys::month.ge(month - chrono::Months::new(1)))
            .filter(data_keys::destroyed_at.is_not_null())
            .count()
            .get_result(&mut app.db.connect())
            .unwrap();
        assert_eq!(living, 0, "{now}");
    }
    // Nothing needed those of October, and they have rested long enough.
    let destroyed: i64 = data_keys::table
        .filter(data_keys::destroyed_at.is_not_null())
        .count()
        .get_result(&mut app.db.connect())
        .unwrap();
    assert!(destroyed >= 3, "{destroyed}");
}

#[actix_web::test]
async fn a_field_may_be_kept_for_another_time_and_what_never_began_ends_too() {
    let keep = |config: &mut Config| {
        config.retention.dossier_years = 2;
        config.retention.field_years = ["G15", "none"].map(|code| (code.to_owned(), 30)).into();
    };
    let office = Office::with("2026-10-05 09:00", keep).await;
    let app = &office.app;
    let mut declined = intake(TEN_DAYS, DEPARTMENT);
    declined["outcome"] = json!("declined");
    declined["reason"] = json!("Không thuộc thẩm quyền");
    app.post("/dossiers", &office.clerk, &declined).await.expect(201);
    let open = office.in_process(TEN_DAYS).await;
    let names = || -> Vec<String> {
        dossier_people::table
            .order(dossier_people::dossier_id)
            .select(dossier_people::name)
            .load(&mut app.db.connect())
            .unwrap()
    };
    app.set("2028-10-05 09:01");
    run(app).await;
    assert_eq!(names(), ["(đã xóa)", "Nguyễn Thị Ánh"], "{open} is not over");
    office.act(&open, "finish", &office.leader, json!({ "result": "granted", "at_counter": true })).await.expect(200);
    let field = "UPDATE dossiers SET field_id = (SELECT id FROM fields WHERE code = 'X-30') WHERE status = 'finished'";
    let made = "INSERT INTO fields SELECT gen_random_uuid(), 'X-30', 'Lĩnh vực giữ lâu', 'made_up'";
    app.db.connect().batch_execute(&format!("{made}; {field}")).unwrap();
    let longer = TestApp::on_same_with(app, |config| {
        config.retention.dossier_years = 2;
        config.retention.field_years = [("X-30".to_owned(), 30)].into();
    });
    longer.set("2040-10-05 09:01");
    run(&longer).await;
    assert_eq!(names()[1], "Nguyễn Thị Ánh");
    longer.set("2058-10-05 09:02");
    run(&longer).await;
    assert_eq!(names()[1], "(đã xóa)");
}

#[actix_web::test]
async fn notices_lose_recipient_and_words_before_their_dossier_is_due() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let over = "DELETE FROM notice_queue; UPDATE notices SET status = 'given_up', final_at = created_at";
    app.db.connect().batch_execute(over).unwrap();
    let notice: uuid::Uuid =
        notices::table.order(notices::id).select(notices::id).first(&mut app.db.connect()).unwrap();
    let path = format!("/notices/{notice}");
    let before = app.get(&path, &office.clerk).await.expect(200).body;
    assert!(before["wording"]["text"].as_str().unwrap().contains(&code));
    app.set("2028-10-05 09:01");
    run(app).await;
    let after = app.get(&path, &office.clerk).await.expect(200).body;
    assert_eq!(
        (&after["wording"], &after["address"], &after["status"]),
        (&Value::Null, &json!("***"), &json!("given_up"))
    );
    let refused = app.post(&format!("{path}/resend"), &office.clerk, &json!({})).await.expect(409);
    assert_eq!(refused.code(), "notice_erased");
    assert_eq!(office.show(&code).await["applicant"]["name"], "Nguyễn Thị Ánh");
}

#[actix_web::test]
async fn a_notice_that_waits_keeps_its_words() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    office.app.set("2030-10-05 09:00");
    run(&office.app).await;
    let erased: i64 =
        notices::table.filter(notices::key_id.eq(0)).count().get_result(&mut office.app.db.connect()).unwrap();
    assert_eq!(erased, 0);
}

#[actix_web::test]
async fn readings_are_forgotten_after_their_time() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    office.show(&code).await;
    office.app.set("2029-10-05 09:00");
    office.show(&code).await;
    office.app.set("2031-10-05 09:01");
    run(&office.app).await;
    let kept: i64 = identity_reads::table.count().get_result(&mut office.app.db.connect()).unwrap();
    assert_eq!(kept, 1);
}

#[actix_web::test]
async fn what_is_put_right_after_erasure_is_erased_again_in_its_time() {
    let office = Office::with("2026-10-05 09:00", |config| config.retention.dossier_years = 1).await;
    let app = &office.app;
    let dossier = ended(&office).await;
    let code = dossier["code"].as_str().unwrap();
    app.set("2028-01-05 09:00");
    run(app).await;
    let new = json!({ "applicant": { "name": "Lê Văn Mới", "phone": "0914222333" } });
    app.patch(&format!("/dossiers/{code}"), &office.clerk, &new).await.expect(200);
    run(app).await;
    assert_eq!(office.show(code).await["applicant"]["name"], "(đã xóa)");
}

/// Even the owner of the tables, once the one door stands open, can take texts away and do nothing else.
#[actix_web::test]
async fn the_history_loses_texts_of_erased_people_and_nothing_else() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    let mut conn = office.app.db.connect();
    let erase = "SELECT motcua_erase_events(array_agg(id)) FROM dossiers";
    conn.batch_execute("SET ROLE motcua_service").unwrap();
    assert!(conn.batch_execute(erase).unwrap_err().to_string().contains("permission denied"));
    conn.batch_execute("RESET ROLE; SET motcua.erasing = 'on'").unwrap();
    for sql in [
        "UPDATE dossier_events SET note = 'khác'",
        "UPDATE dossier_events SET actor = 'x', note = NULL",
        "UPDATE dossier_events SET happened_at = happened_at + interval '1 day'",
        "DELETE FROM dossier_events",
    ] {
        let refused = conn.batch_execute(sql).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}
