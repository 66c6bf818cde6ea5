//! Dossiers that a ministry's own system resolves: here to be read.

use motcua::domain::role::Role;
use motcua::dossiers::foresight::fill;
use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office};

const PATH: &str = "/dossiers/mirrored";

fn told(status: &str, more: Value) -> Value {
    let mut told = json!({"source": "bo", "source_code": "G15-0001", "status": status,
        "registered_at": "2026-10-01T08:00:00+07:00", "dossier": intake(ONE_DAY, DEPARTMENT)});
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    told
}

async fn put(office: &Office, portal: &str, body: &Value) -> Answer {
    office.app.put(PATH, portal, body).await
}

#[actix_web::test]
async fn what_the_ministry_tells_is_stored_and_stored_anew_but_never_edited() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let accepted = json!({"accepted_at": "2026-10-01T09:00:00+07:00", "due_at": "2026-10-08T17:00:00+07:00"});
    let first = put(&office, &portal, &told("processing", accepted.clone())).await.expect(200).body;
    assert_eq!(
        (&first["mirrored"], &first["status"], &first["due_at"]),
        (&json!(true), &json!("processing"), &json!("2026-10-08T17:00:00+07:00"))
    );
    let code = first["code"].as_str().unwrap().to_owned();
    for (verb, token) in [("finish", &office.leader), ("withdraw", &office.clerk)] {
        let refused = office.act(&code, verb, token, json!({"result": "granted"})).await;
        assert!(matches!(refused.status, 409 | 422), "{verb}: {}", refused.text);
    }
    let refused = office.act(&code, "finish", &office.leader, json!({"result": "granted"})).await.expect(409);
    assert_eq!(refused.code(), "mirrored");
    let mut ended = accepted;
    ended["finished_at"] = json!("2026-10-05T08:00:00+07:00");
    let second = put(&office, &portal, &told("finished", ended)).await.expect(200).body;
    assert_eq!((&second["code"], &second["status"], &second["version"]), (&json!(code), &json!("finished"), &json!(2)));
    assert!(office.app.notices().is_empty(), "the ministry tells its people itself");
    let path = format!("/dossiers/{code}");
    office.app.get(&path, &office.officer).await.expect(200);
    office.app.get(&format!("{path}/process"), &office.officer).await.expect(200);
    office.app.get(&format!("{path}/deadline"), &office.officer).await.expect(404);
}

#[actix_web::test]
async fn it_is_in_no_figure_and_nothing_is_foreseen_of_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let accepted = json!({"accepted_at": "2026-10-01T09:00:00+07:00", "due_at": "2026-10-02T17:00:00+07:00"});
    put(&office, &portal, &told("processing", accepted)).await.expect(200);
    let table =
        office.app.get("/statistics/units?from=2026-10-01&to=2026-11-01", &office.leader).await.expect(200).body;
    assert_eq!((&table["total"]["received"], &table["total"]["pending"]), (&json!(0), &json!(0)));
    assert_eq!(fill::tick(office.app.state.clone()).await.unwrap(), 0);
    assert!(office.app.get("/dossiers?standing=safe", &office.officer).await.expect(200).items().is_empty());
}

#[actix_web::test]
async fn what_does_not_fit_is_named() {
    let office = Office::at("2026-10-05 09:00").await;
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let bare = put(&office, &portal, &json!({})).await.expect(422);
    assert_eq!(bare.pointers(), ["/source", "/source_code", "/status", "/registered_at", "/dossier"]);
    let early = put(&office, &portal, &told("returned", json!({}))).await.expect(422);
    assert_eq!(early.pointers(), ["/accepted_at", "/finished_at", "/returned_at"]);
    let future = json!({"registered_at": "2027-01-01T08:00:00+07:00"});
    assert_eq!(put(&office, &portal, &told("registered", future)).await.expect(422).pointers(), ["/registered_at"]);
    let unknown = json!({"dossier": {"procedure_code": "9.999999"}});
    let refused = put(&office, &portal, &told("registered", unknown)).await.expect(422);
    assert!(refused.pointers().contains(&"/dossier/procedure_code"), "{}", refused.text);
}
