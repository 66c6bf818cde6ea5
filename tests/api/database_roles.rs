//! What the database itself allows, whatever a query forgets.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use motcua::domain::ids::{StaffId, UnitId};
use motcua::domain::role::{Actor, Role, Who};
use motcua::error::AppError;
use motcua::platform::db::Scope;
use motcua::schema::units;

use crate::support::office::{Office, TEN_DAYS};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn names(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    diesel::sql_query(sql).load::<Name>(conn).unwrap().into_iter().map(|row| row.name).collect()
}

fn count(conn: &mut PgConnection, table: &str) -> QueryResult<i64> {
    Ok(diesel::sql_query(format!("SELECT count(*) FROM {table}")).get_result::<Count>(conn)?.count)
}

/// Whatever holds rows of a dossier; which units have to do with it is what everything else is asked by.
const OF_A_DOSSIER: &str = "
    SELECT table_name::text AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'dossier_id' AND table_name <> 'dossier_units'
    UNION SELECT 'dossiers' ORDER BY 1";

/// Others the house alone reads.
const IS_READ_BY_REQUESTS: &str = "has_table_privilege('motcua_service', to_regclass(name)::oid, 'SELECT')";

impl Office {
    fn actor(&self, role: Role, unit_code: &str) -> Actor {
        let unit: UnitId =
            units::table.filter(units::code.eq(unit_code)).select(units::id).first(&mut self.app.db.connect()).unwrap();
        Actor::new(Who::Staff(StaffId::new()), "Nguyễn Văn A", role, unit)
    }

    /// Counts the rows of a table that the database shows to who acts, with no condition at all.
    async fn seen(&self, by: &Actor, table: &str) -> i64 {
        let table = table.to_owned();
        let seen: Result<i64, AppError> =
            self.app.state.db.read(&Scope::from(by), move |conn| Ok(count(conn, &table)?)).await;
        seen.unwrap()
    }
}

#[actix_web::test]
async fn a_query_without_any_condition_shows_nothing_of_another_unit() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    let mut conn = office.app.db.connect();
    let (ours, others) = (office.actor(Role::Officer, "H21.16"), office.actor(Role::Officer, "H21.20"));
    let (admin, controller) = (office.actor(Role::Admin, "H21"), office.actor(Role::Controller, "H21"));
    let tables = names(&mut conn, &format!("SELECT name FROM ({OF_A_DOSSIER}) AS t WHERE {IS_READ_BY_REQUESTS}"));
    assert!(tables.len() >= 11, "{tables:?}");
    for table in tables {
        let there = count(&mut conn, &table).unwrap();
        assert_eq!(office.seen(&ours, &table).await, there, "{table}");
        assert_eq!(office.seen(&controller, &table).await, there, "{table}");
        assert_eq!(office.seen(&others, &table).await, 0, "{table}");
        assert_eq!(office.seen(&admin, &table).await, 0, "{table}");
    }
    assert_eq!(office.seen(&ours, "dossiers").await, 1);
}

#[actix_web::test]
async fn every_table_of_dossiers_stands_behind_row_level_security() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut conn = office.app.db.connect();
    let guarded = names(&mut conn, "SELECT relname::text AS name FROM pg_class WHERE relrowsecurity ORDER BY 1");
    assert_eq!(guarded, names(&mut conn, OF_A_DOSSIER));
}

#[actix_web::test]
async fn a_clerk_sees_what_was_received_at_the_own_counter_alone() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    // Its unit resolves the dossier but has not received it.
    let clerk = office.actor(Role::Clerk, "H21.16");
    assert_eq!(office.seen(&clerk, "dossiers").await, 0);
    assert_eq!(office.seen(&office.actor(Role::Clerk, "H21.00.01"), "dossiers").await, 1);
}

#[actix_web::test]
async fn nobody_deletes_a_dossier_or_writes_its_history_anew() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    let refused = |role: &str, sql: &str| {
        let mut conn = office.app.db.connect();
        conn.batch_execute(&format!("SET ROLE {role}")).unwrap();
        let said = conn.batch_execute(sql).unwrap_err().to_string();
        assert!(said.contains("permission denied") || said.contains("must be owner"), "{role}: {sql}: {said}");
    };
    for role in ["motcua_service", "motcua_worker", "motcua_report", "motcua_public"] {
        refused(role, "DELETE FROM dossiers");
        refused(role, "DELETE FROM notices");
        refused(role, "UPDATE dossier_events SET note = ''");
        refused(role, "DELETE FROM dossier_events");
        refused(role, "TRUNCATE dossier_states");
        refused(role, "UPDATE audit_entries SET action = 'log_in'");
        refused(role, "DELETE FROM audit_links");
        refused(role, "ALTER TABLE dossiers DISABLE ROW LEVEL SECURITY");
    }
    for sql in
        ["SELECT name FROM dossier_people", "SELECT token_hash FROM sessions", "UPDATE dossiers SET progress = 0"]
    {
        refused("motcua_report", sql);
        refused("motcua_public", sql);
    }
    refused("motcua_public", "SELECT * FROM dossiers");
    refused("motcua_public", "SELECT note FROM dossier_events");
    refused("motcua_service", "UPDATE procedures SET code = ''");
}

#[actix_web::test]
async fn a_connection_acts_for_nobody_until_it_is_told_for_whom() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    let glanced: Result<i64, AppError> = office.app.state.db.glance(|conn| Ok(count(conn, "dossier_people")?)).await;
    assert!(format!("{glanced:?}").contains("permission denied"), "{glanced:?}");
    let mut conn = office.app.db.connect();
    conn.batch_execute("SET ROLE motcua_service").unwrap();
    assert_eq!(count(&mut conn, "dossiers"), Ok(0));
}

#[actix_web::test]
async fn the_dossier_in_hand_opens_no_other_and_is_laid_down_with_the_transaction() {
    let office = Office::with("2026-10-05 09:00", |config| config.database.connections = 1).await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    office.app.get(&format!("/dossiers/{code}"), &office.officer).await.expect(200);
    // The same connection, for others: nothing is left in hand.
    let others = office.actor(Role::Officer, "H21.20");
    assert_eq!(office.seen(&others, "dossiers").await, 0);
    assert_eq!(office.seen(&others, "dossier_people").await, 0);
    // Whoever does not see a dossier gets none into the hand.
    let stranger = office.app.sign_in(Role::Officer, "H21.20");
    office.app.get(&format!("/dossiers/{code}"), &stranger).await.expect(404);
}
