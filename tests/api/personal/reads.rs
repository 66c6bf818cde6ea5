//! Who sees whole numbers and addresses, on what reason, and what is left of it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::schema::{audit_entries, identity_reads};
use serde_json::{Value, json};

use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

const REASON: &str = "Xác minh đơn khiếu nại số 12";
/// What only those with a reason see.
const WHOLE: [&str; 4] = ["052190000123", "905123456", "anh@example.vn", "12 Hùng Vương"];

async fn office_with_a_dossier() -> (Office, String) {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    (office, code)
}

fn readings(office: &Office) -> Vec<(String, Option<String>, Option<String>)> {
    identity_reads::table
        .order(identity_reads::id)
        .select((identity_reads::shown_in, identity_reads::role, identity_reads::reason))
        .load(&mut office.app.db.connect())
        .unwrap()
}

fn audited(office: &Office, action: &str) -> Vec<(String, Value)> {
    audit_entries::table
        .filter(audit_entries::action.eq(action))
        .order(audit_entries::id)
        .select((audit_entries::subject, audit_entries::details))
        .load(&mut office.app.db.connect())
        .unwrap()
}

#[actix_web::test]
async fn who_is_shown_people_in_clear_leaves_a_reading_and_who_sees_masks_leaves_none() {
    let (office, code) = office_with_a_dossier().await;
    let path = format!("/dossiers/{code}");
    assert_eq!(office.app.get(&path, &office.officer).await.expect(200).body["applicant"]["id_number"], WHOLE[0]);
    assert_eq!(readings(&office), [("dossier".to_owned(), Some("officer".to_owned()), None)]);
    for role in [Role::CentreHead, Role::Controller, Role::Auditor] {
        office.app.get(&path, &office.app.sign_in(role, "H21")).await.expect(200);
    }
    office.app.get("/dossiers", &office.officer).await.expect(200);
    office.app.get(&format!("{path}/events"), &office.officer).await.expect(200);
    assert_eq!(readings(&office).len(), 1);
}

#[actix_web::test]
async fn nothing_is_shown_that_could_not_be_written_down() {
    let (office, code) = office_with_a_dossier().await;
    office.app.db.connect().batch_execute("ALTER TABLE identity_reads ADD CONSTRAINT no CHECK (false)").unwrap();
    let answer = office.app.get(&format!("/dossiers/{code}"), &office.officer).await.expect(500);
    assert!(WHOLE.iter().all(|whole| !answer.text.contains(whole)), "{}", answer.text);
}

#[actix_web::test]
async fn who_oversees_sees_people_whole_on_a_reason_that_is_kept() {
    let (office, code) = office_with_a_dossier().await;
    let path = format!("/dossiers/{code}/identity");
    for (role, unit) in
        [(Role::Auditor, "H21"), (Role::Controller, "H21"), (Role::CentreHead, CENTRE), (Role::Chair, DEPARTMENT)]
    {
        let token = office.app.sign_in(role, unit);
        let shown = office.app.post(&path, &token, &json!({ "reason": REASON })).await.expect(200);
        assert!(WHOLE.iter().all(|whole| shown.text.contains(whole)), "{role}: {}", shown.text);
        assert_eq!(shown.body["applicant"]["phone"], "+84905123456");
    }
    let kept = readings(&office);
    assert_eq!(kept.len(), 4);
    assert_eq!(kept[0], ("unmasking".to_owned(), Some("auditor".to_owned()), Some(REASON.to_owned())));
    // The audit names the reading; the reason, which may name people, stands there alone.
    let first: uuid::Uuid = identity_reads::table
        .order(identity_reads::id)
        .select(identity_reads::id)
        .first(&mut office.app.db.connect())
        .unwrap();
    let entries = audited(&office, "identity_unmasked");
    assert_eq!((entries.len(), &entries[0]), (4, &(format!("dossier:{code}"), json!({ "read": first }))));
}

#[actix_web::test]
async fn without_a_reason_or_a_right_to_the_dossier_nothing_is_shown_or_recorded() {
    let (office, code) = office_with_a_dossier().await;
    let auditor = office.app.sign_in(Role::Auditor, "H21");
    let path = format!("/dossiers/{code}/identity");
    for reason in [
        json!({}),
        json!({ "reason": "vì" }),
        json!({ "reason": "x".repeat(501) }),
        json!({ "reason": " ".repeat(20) }),
    ] {
        let refused = office.app.post(&path, &auditor, &reason).await.expect(422);
        assert_eq!(refused.pointers(), ["/reason"]);
    }
    let stranger = office.app.sign_in(Role::Chair, "H21.20");
    let reason = json!({ "reason": REASON });
    office.app.post(&path, &stranger, &reason).await.expect(404);
    office.app.post("/dossiers/H21.16-261005-9999/identity", &auditor, &reason).await.expect(404);
    office.app.post(&path, &office.clerk, &reason).await.expect(403);
    assert_eq!((readings(&office).len(), audited(&office, "identity_unmasked").len()), (0, 0));
}

#[actix_web::test]
async fn it_can_be_asked_who_has_seen_the_people_of_a_dossier() {
    let (office, code) = office_with_a_dossier().await;
    let auditor = office.app.sign_in(Role::Auditor, "H21");
    let path = format!("/dossiers/{code}/identity");
    office.app.get(&format!("/dossiers/{code}"), &office.officer).await.expect(200);
    office.app.set("2026-10-05 10:00");
    office.app.post(&path, &auditor, &json!({ "reason": REASON })).await.expect(200);
    let reads = format!("{path}/reads");
    let first = office.app.get(&format!("{reads}?limit=1"), &auditor).await.expect(200).body;
    let newest = &first["items"][0];
    assert_eq!(
        (&newest["shown_in"], &newest["reason"], &newest["unit"]),
        (&json!("unmasking"), &json!(REASON), &json!("H21"))
    );
    assert_eq!(newest["read_at"], "2026-10-05T10:00:00+07:00");
    let next = format!("{reads}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = office.app.get(&next, &auditor).await.expect(200).body;
    assert_eq!((&second["items"][0]["role"], &second["next_cursor"]), (&json!("officer"), &Value::Null));
    // Who may read the audit, but not of this dossier.
    office.app.get(&reads, &office.app.sign_in(Role::Admin, "H21")).await.expect(404);
    office.app.get(&reads, &office.officer).await.expect(403);
}

#[actix_web::test]
async fn nothing_that_those_who_oversee_read_shows_a_whole_number_or_address() {
    let (office, code) = office_with_a_dossier().await;
    let app = &office.app;
    app.patch(&format!("/dossiers/{code}"), &office.clerk, &json!({ "applicant": { "phone": "0905123456" } }))
        .await
        .expect(200);
    office.act(&code, "void", &office.clerk, json!({ "reason": "Nhập trùng" })).await.expect(202);
    let notices = app.get("/notices", &office.clerk).await.expect(200).body;
    let notice = notices["items"][0]["id"].as_str().unwrap().to_owned();
    let paths = [
        "/dossiers".to_owned(),
        "/dossiers?q=0905123456".to_owned(),
        format!("/dossiers/{code}"),
        format!("/dossiers/{code}/events"),
        format!("/dossiers/{code}/deadline"),
        "/notices".to_owned(),
        format!("/notices/{notice}"),
        "/approvals".to_owned(),
        "/audit".to_owned(),
        "/statistics/dossiers?cell=received&from=2026-10-01&to=2026-11-01".to_owned(),
        "/reports/06?month=2026-10".to_owned(),
    ];
    for (role, unit) in
        [(Role::Auditor, "H21"), (Role::Controller, "H21"), (Role::CentreHead, CENTRE), (Role::Chair, DEPARTMENT)]
    {
        let token = app.sign_in(role, unit);
        let mut read = 0;
        for path in &paths {
            let answer = app.get(path, &token).await;
            read += usize::from(answer.status == 200);
            assert!(answer.status < 500, "{role} {path}: {}", answer.text);
            for whole in WHOLE {
                assert!(!answer.text.contains(whole), "{role} is shown {whole} by {path}: {}", answer.text);
            }
        }
        assert!(read >= 6, "{role} reads {read}");
    }
    assert_eq!(readings(&office), []);
}

#[actix_web::test]
async fn one_persons_data_is_handed_out_whole_and_nobody_elses() {
    let (office, code) = office_with_a_dossier().await;
    let app = &office.app;
    let mut form = intake(TEN_DAYS, DEPARTMENT);
    form["applicant"] = json!({ "name": "Trần Văn Bình", "id_number": "048190000777", "phone": "0914777888" });
    form["submitter"] = intake(TEN_DAYS, DEPARTMENT)["applicant"].clone();
    form["submitter"]["mandate"] = json!("submit_and_collect");
    app.post("/dossiers", &office.clerk, &form).await.expect(201);
    app.get(&format!("/dossiers/{code}"), &office.officer).await.expect(200);
    let controller = app.sign_in(Role::Controller, "H21");
    let asked = json!({ "id_number": "052 190 000 123", "reason": "Người dân yêu cầu cung cấp dữ liệu" });
    let answer = app.post("/persons/exports", &controller, &asked).await.expect(200);
    let parts = answer.body["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    let applicant = parts.iter().find(|part| part["part"] == "applicant").unwrap();
    assert_eq!(
        (&applicant["dossier"]["code"], &applicant["person"]["address"]),
        (&json!(code), &json!("12 Hùng Vương, Pleiku"))
    );
    assert_eq!(applicant["notices"][0]["address"], "+84905123456");
    assert!(applicant["notices"][0]["text"].as_str().unwrap().contains(&code));
    assert_eq!(applicant["events"][0]["verb"], "receive");
    assert_eq!(applicant["read_by"][0]["role"], "officer");
    for other in ["Bình", "048190000777", "914777888"] {
        assert!(!answer.text.contains(other), "{other}: {}", answer.text);
    }
    let entries = audited(&office, "person_exported");
    assert_eq!(entries, [("personal_data".to_owned(), json!({ "export": answer.body["export"], "dossiers": 2 }))]);
    assert_eq!(readings(&office).iter().filter(|read| read.0 == "export").count(), 2);

    let nobody = json!({ "id_number": "052190000000", "reason": "Người dân yêu cầu cung cấp dữ liệu" });
    assert_eq!(app.post("/persons/exports", &controller, &nobody).await.expect(200).body["parts"], json!([]));
    let wrong =
        app.post("/persons/exports", &controller, &json!({ "id_number": "1", "reason": "vì" })).await.expect(422);
    assert_eq!(wrong.pointers(), ["/id_number", "/reason"]);
}

/// The role of a request may add readings and look at them, no more.
#[actix_web::test]
async fn nobody_writes_anew_who_has_read_what() {
    let (office, code) = office_with_a_dossier().await;
    office.app.get(&format!("/dossiers/{code}"), &office.officer).await.expect(200);
    for (role, sql) in [
        ("motcua_service", "UPDATE identity_reads SET reason = ''"),
        ("motcua_service", "DELETE FROM identity_reads"),
        ("motcua_worker", "UPDATE identity_reads SET principal = ''"),
        ("motcua_report", "SELECT * FROM identity_reads"),
        ("motcua_public", "SELECT wrapped FROM data_keys"),
        ("motcua_service", "UPDATE data_keys SET made_at = made_at"),
    ] {
        let mut conn = office.app.db.connect();
        conn.batch_execute(&format!("SET ROLE {role}")).unwrap();
        let refused = conn.batch_execute(sql).unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {sql}: {refused}");
    }
}
