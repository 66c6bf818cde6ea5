//! What becomes of personal data: how it is sealed, who sees it, who saw it, when it is erased (Law 91/2025/QH15).

mod dump;
mod keys;
mod legs;
mod originals;
mod reads;
mod retention;

use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::platform::postgres_tools::PostgresTools;

use crate::support::db::{TestDb, server};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Returns the one text that a query calls `name`.
fn name(conn: &mut PgConnection, sql: &str) -> String {
    diesel::sql_query(sql).get_result::<Name>(conn).unwrap().name
}

/// Returns the whole database as a plain dump.
fn dump(db: &TestDb) -> String {
    let tools = PostgresTools::new(Some(server().bin_dir()), &db.url).unwrap();
    let dumped = tools.on_database("pg_dump").args(["--inserts"]).output().unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    String::from_utf8(dumped.stdout).unwrap()
}
