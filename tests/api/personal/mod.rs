//! What becomes of personal data: how it is sealed, who sees it, who saw it, when it is erased (Law 91/2025/QH15).

mod keys;

use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Returns the one text that a query calls `name`.
fn name(conn: &mut PgConnection, sql: &str) -> String {
    diesel::sql_query(sql).get_result::<Name>(conn).unwrap().name
}
