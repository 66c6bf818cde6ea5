//! The doors to the database: whole or not at all, busy or away, and never stuck.

use std::sync::mpsc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use motcua::error::AppError;
use motcua::platform::db::Scope;
use motcua::schema::units;

use crate::support::app::TestApp;
use crate::support::office::{Office, TEN_DAYS};

#[actix_web::test]
async fn after_the_database_was_gone_the_next_request_works_without_a_restart() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    diesel::sql_query(end).execute(&mut office.app.db.connect()).unwrap();
    let next = office.received(TEN_DAYS).await;
    assert_eq!(next["code"], "H21.16-261005-0002");
}

#[actix_web::test]
async fn a_full_pool_says_come_again_and_works_again_once_there_is_room() {
    let app = TestApp::with("2026-10-05 09:00", |config| {
        config.database.connections = 1;
        config.database.patience_ms = 50;
    })
    .await;
    let (release, held) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let db = app.state.db.clone();
    let holder = tokio::spawn(async move {
        let scope = Scope::system();
        db.read(&scope, move |_| {
            begun.send(()).unwrap();
            held.recv().unwrap();
            Ok::<_, AppError>(())
        })
        .await
    });
    has_begun.await.unwrap();
    let refused = app.send(app.http.get(format!("{}/health/ready", app.address()))).await.expect(503);
    assert_eq!((refused.code(), refused.header("retry-after")), ("unavailable", "2"));
    release.send(()).unwrap();
    holder.await.unwrap().unwrap();
    app.send(app.http.get(format!("{}/health/ready", app.address()))).await.expect(200);
}

#[actix_web::test]
async fn what_fails_leaves_nothing_and_the_connection_is_clean_after_it() {
    let app = TestApp::with("2026-10-05 09:00", |config| config.database.connections = 1).await;
    let scope = Scope::system();
    let failed = app
        .state
        .db
        .tx(&scope, |conn| {
            diesel::delete(units::table).execute(conn).map(|_| ()).or_else(|_| Ok::<_, AppError>(()))?;
            Err::<(), _>(AppError::internal("on purpose"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(count_units(&app).await, 41);
}

#[actix_web::test]
async fn reading_cannot_write() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let written = app
        .state
        .db
        .read(&Scope::system(), |conn| {
            diesel::sql_query("UPDATE sending SET paused_why = 'x'").execute(conn)?;
            Ok::<_, AppError>(())
        })
        .await;
    assert!(matches!(written, Err(AppError::Internal(_))));
}

#[actix_web::test]
async fn who_hangs_up_neither_undoes_nor_halves_what_was_begun() {
    let app = TestApp::with("2026-10-05 09:00", |config| config.database.connections = 1).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, held) = mpsc::channel::<()>();
    let db = app.state.db.clone();
    let caller = tokio::spawn(async move {
        let scope = Scope::system();
        db.tx(&scope, move |conn| {
            begun.send(()).unwrap();
            held.recv().unwrap();
            diesel::sql_query("UPDATE sending SET paused_why = 'kept'").execute(conn)?;
            Ok::<_, AppError>(())
        })
        .await
    });
    has_begun.await.unwrap();
    caller.abort();
    release.send(()).unwrap();
    // The one connection comes back only when the work has ended.
    let kept = app
        .state
        .db
        .read(&Scope::system(), |conn| {
            use motcua::schema::sending;
            let why: Option<String> = sending::table.select(sending::paused_why).first(conn)?;
            Ok::<_, AppError>(why)
        })
        .await
        .unwrap();
    assert_eq!(kept.as_deref(), Some("kept"));
}

async fn count_units(app: &TestApp) -> i64 {
    let scope = Scope::system();
    let read = app.state.db.read(&scope, |conn| {
        let count = diesel::select(diesel::dsl::sql::<BigInt>("(SELECT count(*) FROM units)")).get_result(conn)?;
        Ok::<i64, AppError>(count)
    });
    tokio::time::timeout(Duration::from_secs(30), read).await.unwrap().unwrap()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[actix_web::test]
async fn the_statements_of_verbs_are_planned_once() {
    let office = Office::with("2026-10-05 09:00", |config| config.database.connections = 1).await;
    office.in_process(TEN_DAYS).await;
    office.in_process(TEN_DAYS).await;
    let kept = |conn: &mut PgConnection| {
        let sql = "SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE 'UPDATE \"dossiers\"%' \
                   OR statement LIKE '-- dossiers::queries::open_state%' OR statement LIKE 'INSERT INTO \"notices\"%'";
        Ok::<_, AppError>(diesel::sql_query(sql).get_result::<Count>(conn)?.count)
    };
    assert_eq!(office.app.state.db.read(&Scope::system(), kept).await.unwrap(), 3);
}
