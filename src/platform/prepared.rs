//! Keeps statements prepared that diesel would have PostgreSQL parse and plan anew at every call.
//!
//! Diesel prepares an `UPDATE`, an `INSERT` of several rows and SQL written by hand for one call only, since their
//! text may differ from call to call. Where it takes a few forms at most, planning is most of what such a statement
//! costs: a verb runs half a dozen of them. The statement's own text is the key under which it is kept, so a kept
//! one is never taken for another.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

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
