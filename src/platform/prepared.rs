//! Keeps statements prepared that diesel would have PostgreSQL parse and plan anew at every call.
//!
//! Diesel prepares an `UPDATE`, an `INSERT` of several rows and SQL written by hand for one call only, since their
//! text may differ from call to call. Where it takes a few forms at most, planning is most of what such a statement
//! costs: a verb runs half a dozen of them. The statement's own text is the key under which it is kept, so a kept
//! one is never taken for another.

use diesel::connection::{DefaultLoadingMode, LoadConnection};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;

/// A statement that the connection keeps prepared.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<Q>(Q);

/// Statements whose text takes few forms.
pub trait Prepare: Sized {
    /// Keeps the statement prepared on its connection. Not for lists of any length: each length would be kept.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Q: QueryFragment<Pg>> Prepare for Q {}

impl<Q: QueryFragment<Pg>> Prepared<Q> {
    /// Runs a statement that returns nothing.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn execute(self, conn: &mut PgConnection) -> QueryResult<()> {
        // Diesel's own `execute` asks a reference whether the statement may be kept, and so never hears the answer
        // below; its `load` asks the statement.
        LoadConnection::<DefaultLoadingMode>::load(conn, Silent(self)).map(drop)
    }
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    // Without an id of its type, the text is the key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for Prepared<Q> {}

/// A statement without rows in the form in which statements with rows are run.
struct Silent<Q>(Prepared<Q>);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Silent<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Pg) -> QueryResult<bool> {
        self.0.is_safe_to_cache_prepared(backend)
    }
}

impl<Q> QueryId for Silent<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Silent<Q> {
    type SqlType = Untyped;
}
