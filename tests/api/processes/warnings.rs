//! Warnings that a person has seen, and those that they have not.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::dossiers::foresight::warn;
use motcua::schema::{units, warnings, warnings_seen};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given::colleague;
use crate::support::answer::Answer;
use crate::support::client::JsonBody;
use crate::support::office::{CENTRE, ONE_DAY, Office};

/// An office in which the officers and their head were warned of so many dossiers.
async fn warned_of(dossiers: usize) -> (Office, Vec<String>) {
    let office = Office::at("2026-10-05 09:00").await;
    let mut codes = Vec::new();
    for _ in 0..dossiers {
        codes.push(office.in_process(ONE_DAY).await);
    }
    office.app.set("2026-10-06 14:30");
    assert_eq!(warn::tick(office.app.state.clone()).await.unwrap(), dossiers * 2);
    (office, codes)
}

impl Office {
    /// The keys of the warnings that a list names, and how many in all were not seen.
    async fn warnings(&self, query: &str, token: &str) -> (Vec<String>, Value) {
        let list = self.app.get(&format!("/me/warnings{query}"), token).await.expect(200);
        let keys = list.items().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        (keys, list.body["unseen"].clone())
    }

    async fn mark(&self, token: &str, ids: &[String]) -> Answer {
        self.app.post("/me/warnings/seen", token, &json!({ "ids": ids })).await
    }
}

#[actix_web::test]
async fn what_one_has_seen_is_told_apart_from_what_one_has_not() {
    let (office, codes) = warned_of(3).await;
    let (all, unseen) = office.warnings("", &office.officer).await;
    assert_eq!((all.len(), unseen), (3, json!(3)));
    assert_eq!(office.mark(&office.officer, &all[1..2]).await.expect(200).body, json!({"marked": 1}));
    assert_eq!(office.mark(&office.officer, &all[1..2]).await.expect(200).body, json!({"marked": 0}));
    let left = vec![all[0].clone(), all[2].clone()];
    assert_eq!(office.warnings("?seen=false", &office.officer).await, (left.clone(), json!(2)));
    assert_eq!(office.warnings("?seen=true", &office.officer).await, (all[1..2].to_vec(), json!(2)));
    let page = office.warnings("?seen=false&limit=1", &office.officer).await;
    assert_eq!(page, (left[..1].to_vec(), json!(2)), "the count is of all pages");
    let list = office.app.get("/me/warnings?seen=true", &office.officer).await.expect(200);
    assert_eq!(list.items()[0]["seen_at"], "2026-10-06T14:30:00+07:00");
    office.mark(&office.officer, &all).await.expect(200);
    assert_eq!(office.warnings("?seen=false", &office.officer).await, (Vec::new(), json!(0)));
    // Of what has ended nobody is warned, seen or not.
    office.act(&codes[0], "finish", &office.leader, json!({"result": "granted"})).await.expect(200);
    assert_eq!(office.warnings("", &office.officer).await.0.len(), 2);
    let over = warnings::table.filter(warnings::is_over).count().get_result::<i64>(&mut office.app.db.connect());
    assert_eq!(over, Ok(2));
    office.act(&codes[0], "recall", &office.leader, json!({"reason": "Sai sót"})).await.expect(200);
    assert_eq!(office.warnings("", &office.officer).await.0.len(), 3);
}

#[actix_web::test]
async fn each_of_a_role_sees_a_warning_for_themselves() {
    let (office, _) = warned_of(2).await;
    let (other, _) = colleague(&office, Role::Officer);
    let (ids, _) = office.warnings("", &office.officer).await;
    office.mark(&office.officer, &ids).await.expect(200);
    assert_eq!(office.warnings("?seen=false", &other).await, (ids, json!(2)));
}

#[actix_web::test]
async fn whoever_a_warning_is_not_for_marks_none() {
    let (office, _) = warned_of(2).await;
    let (ids, _) = office.warnings("", &office.officer).await;
    let stranger = office.app.sign_in(Role::Officer, "H21.20");
    for token in [&office.head, &office.leader, &stranger, &office.app.sign_in(Role::Auditor, "H21")] {
        let refused = office.mark(token, &ids).await.expect(422);
        assert_eq!(refused.faults(), [("/ids/0", "no_such_warning"), ("/ids/1", "no_such_warning")]);
    }
    // All of them or none: the one that is theirs is not marked beside the other.
    let (theirs, _) = office.warnings("", &office.head).await;
    let mixed = [theirs[0].clone(), ids[0].clone(), Uuid::nil().to_string()];
    assert_eq!(office.mark(&office.head, &mixed).await.expect(422).pointers(), ["/ids/1", "/ids/2"]);
    assert_eq!(office.warnings("", &office.head).await.1, 2);
    let key = office.app.key(Role::Officer, "H21.16").await.0;
    assert_eq!(office.mark(&key, &ids).await.expect(403).code(), "people_only");
    assert_eq!(office.warnings("", &key).await, (ids, json!(2)), "a key reads, and has seen nothing");
}

#[actix_web::test]
async fn a_warning_to_one_person_is_not_for_the_others_of_the_role() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    let (other, username) = colleague(&office, Role::Officer);
    office.act(&code, "assign", &office.head, json!({"username": username})).await.expect(200);
    office.app.set("2026-10-06 14:30");
    assert_eq!(warn::tick(office.app.state.clone()).await.unwrap(), 2);
    let (ids, unseen) = office.warnings("?seen=false", &other).await;
    assert_eq!((ids.len(), unseen), (1, json!(1)));
    assert_eq!(office.mark(&office.officer, &ids).await.expect(422).pointers(), ["/ids/0"]);
    office.mark(&other, &ids).await.expect(200);
}

#[actix_web::test]
async fn the_database_itself_shows_and_takes_ones_own_marks_alone() {
    let (office, _) = warned_of(1).await;
    let (ids, _) = office.warnings("", &office.officer).await;
    office.mark(&office.officer, &ids).await.expect(200);
    let mut conn = office.app.db.connect();
    let (staff, dossier): (Uuid, Uuid) =
        warnings_seen::table.select((warnings_seen::staff_id, warnings_seen::dossier_id)).first(&mut conn).unwrap();
    let unit: Uuid = units::table.filter(units::code.eq("H21.16")).select(units::id).first(&mut conn).unwrap();
    let mut act_as = |principal: Uuid, sql: &str| as_person(&mut conn, principal, unit, sql);
    let count = "SELECT 1 FROM warnings_seen";
    assert_eq!(act_as(staff, count), Ok(1));
    assert_eq!(act_as(Uuid::now_v7(), count), Ok(0));
    let other = format!("INSERT INTO warnings_seen SELECT '{staff}', id, '{dossier}', now() FROM warnings");
    assert!(act_as(Uuid::now_v7(), &other).is_err(), "nobody marks for another");
}

/// Does a statement as the service does it for a person of a unit, and undoes it.
fn as_person(conn: &mut PgConnection, principal: Uuid, unit: Uuid, sql: &str) -> QueryResult<usize> {
    conn.batch_execute(&format!(
        "BEGIN; SET LOCAL ROLE motcua_service; SET LOCAL motcua.principal = 'staff:{principal}'; \
         SET LOCAL motcua.sight = 'unit'; SET LOCAL motcua.unit = '{unit}'"
    ))?;
    let done = diesel::sql_query(sql).execute(conn);
    conn.batch_execute("ROLLBACK")?;
    done
}

#[actix_web::test]
async fn a_wrong_list_is_refused_and_a_repeated_request_answered_again() {
    let (office, _) = warned_of(1).await;
    let (ids, _) = office.warnings("", &office.officer).await;
    let clerk = office.app.sign_in(Role::Clerk, CENTRE);
    for body in [
        json!({}),
        json!({"ids": []}),
        json!({"ids": "all"}),
        json!({"ids": ["x"]}),
        json!([]),
        json!({"ids": vec![Uuid::nil(); 201]}),
    ] {
        office.app.post("/me/warnings/seen", &clerk, &body).await.expect(422);
    }
    office.app.get("/me/warnings?seen=perhaps", &clerk).await.expect(422);
    let ask = async || {
        let request = office.app.http.post(office.app.url("/me/warnings/seen")).bearer_auth(&office.officer);
        let request = request.header("Idempotency-Key", "seen-1").json_body(&json!({ "ids": ids }));
        office.app.send(request).await.expect(200)
    };
    assert_eq!(ask().await.body, json!({"marked": 1}));
    let again = ask().await;
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&json!({"marked": 1}), "true"));
}
