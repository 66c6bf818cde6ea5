//! Lists that go on from page to page: what lies before or after a moment and a key.

use chrono::{DateTime, Utc};
use diesel::IntoSql;
use diesel::dsl::AsExprOf;
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::sql_types::{Record, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

diesel::infix_operator!(Precedes, " < ", backend: Pg);
diesel::infix_operator!(Follows, " > ", backend: Pg);

/// A moment and a key, compared as one: an index of both begins where the list goes on, however many rows are of one moment.
type Key = Record<(Timestamptz, SqlUuid)>;
type Given = AsExprOf<(DateTime<Utc>, Uuid), Key>;

/// Returns the condition that the columns of a moment and a key lie before these, as on in a list of the newest first.
pub fn before<Columns: AsExpression<Key>>(
    columns: Columns,
    key: (DateTime<Utc>, Uuid),
) -> Precedes<AsExprOf<Columns, Key>, Given> {
    Precedes::new(columns.into_sql::<Key>(), key.into_sql::<Key>())
}

/// Returns the condition that the columns of a moment and a key lie after these, as on in a list of the oldest first.
pub fn after<Columns: AsExpression<Key>>(
    columns: Columns,
    key: (DateTime<Utc>, Uuid),
) -> Follows<AsExprOf<Columns, Key>, Given> {
    Follows::new(columns.into_sql::<Key>(), key.into_sql::<Key>())
}
