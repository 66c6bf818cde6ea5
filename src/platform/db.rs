//! The only doors to the database: [`Db::tx`] and [`Db::read`].
//!
//! Both take who acts, so that row-level security can stand behind every query, run their work on a thread
//! of its own, and run it to its end even when the client hangs up: a transaction is whole or not at all.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::query_dsl::RunQueryDsl;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use tokio::sync::Semaphore;

use crate::domain::ids::DossierId;
use crate::domain::role::{Actor, Sight, Who};
use crate::error::AppError;

/// Who acts, as the database is told for the length of a transaction: its role there, and for row-level security
/// `motcua.principal`, `motcua.sight` and `motcua.unit`. The migration of the database roles says what each sees.
#[derive(Debug, Clone)]
pub struct Scope {
    database_role: &'static str,
    principal: String,
    sight: &'static str,
    unit: String,
    dossier: Option<DossierId>,
}

/// The role of a connection outside any transaction: it may read the public status and the catalogue.
const NOBODY: &str = "motcua_public";

impl Scope {
    /// The service itself.
    pub fn system() -> Self {
        Self {
            database_role: "motcua_worker",
            principal: "system".to_owned(),
            sight: Sight::All.as_str(),
            unit: String::new(),
            dossier: None,
        }
    }

    /// Anybody, without log-in.
    pub fn public() -> Self {
        Self {
            database_role: NOBODY,
            principal: "public".to_owned(),
            sight: Sight::Nothing.as_str(),
            unit: String::new(),
            dossier: None,
        }
    }

    /// A citizen who has proved to be of this dossier: of all dossiers row-level security lets this one pass.
    pub fn citizen(dossier: DossierId) -> Self {
        Self {
            database_role: "motcua_service",
            principal: "citizen".to_owned(),
            sight: Sight::Nothing.as_str(),
            unit: String::new(),
            dossier: Some(dossier),
        }
    }

    /// Figures asked for by somebody: of every unit, reading only. Which of them they may see is asked before.
    pub fn figures(actor: &Actor) -> Self {
        Self { database_role: "motcua_report", ..Self::from(actor) }
    }

    fn settings_sql(&self) -> String {
        // None of these can hold a quote: fixed words and keys.
        let Self { database_role, principal, sight, unit, dossier } = self;
        let in_hand = dossier.map(|id| format!("; SET LOCAL motcua.dossier = '{id}'")).unwrap_or_default();
        format!(
            "SET LOCAL ROLE {database_role}; SET LOCAL motcua.principal = '{principal}'; \
             SET LOCAL motcua.sight = '{sight}'; SET LOCAL motcua.unit = '{unit}'{in_hand}"
        )
    }
}

impl From<&Actor> for Scope {
    fn from(actor: &Actor) -> Self {
        if actor.who == Who::System {
            return Self::system();
        }
        Self {
            database_role: "motcua_service",
            principal: actor.principal(),
            sight: actor.role.sight().as_str(),
            unit: actor.unit.to_string(),
            dossier: None,
        }
    }
}

/// Takes a dossier in hand, to the end of the transaction or until another is: row-level security lets pass what belongs
/// to it. For the parent of a leg that was let through, and the legs of such a parent: what is done to one reaches the
/// other, also where who acts sees only one of them.
///
/// # Errors
/// Whatever the database says.
pub fn take_in_hand(conn: &mut PgConnection, dossier: DossierId) -> diesel::QueryResult<()> {
    let taken = diesel::sql_query("SELECT set_config('motcua.dossier', $1::text, true)");
    taken.bind::<diesel::sql_types::Uuid, _>(dossier).execute(conn).map(drop)
}

/// Lets each statement of the transaction take so many milliseconds, in place of those that a request has.
///
/// # Errors
/// Whatever the database says.
pub fn allow_ms(conn: &mut PgConnection, timeout_ms: u32) -> diesel::QueryResult<()> {
    conn.batch_execute(&format!("SET LOCAL statement_timeout = {timeout_ms}"))
}

/// One consistent picture of the database, which several transactions may look at side by side.
#[derive(Debug, Clone)]
pub struct Picture(String);

impl Picture {
    /// Shares the picture of the transaction of `conn`, one of [`Db::read`].
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn of(conn: &mut PgConnection) -> diesel::QueryResult<Self> {
        diesel::select(pg_export_snapshot()).get_result(conn).map(Self)
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Returns the name under which others find the picture of the transaction.
    fn pg_export_snapshot() -> diesel::sql_types::Text;
}

/// How the pools are made.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Where reads and writes go.
    pub url: String,
    /// Where reads that may lag go.
    pub read_url: Option<String>,
    /// Connections to each.
    pub connections: u32,
    /// How long a caller waits for a connection before it is told to come again.
    pub patience: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
}

/// The doors.
#[derive(Clone)]
pub struct Db {
    primary: Gate,
    replica: Option<Gate>,
}

type Connection = PooledConnection<ConnectionManager<PgConnection>>;

#[derive(Clone)]
struct Gate {
    pool: Pool<ConnectionManager<PgConnection>>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl Db {
    /// Makes the pools; connections are opened when they are first needed.
    pub fn new(options: &DbOptions) -> Self {
        Self {
            primary: Gate::new(&options.url, options),
            replica: options.read_url.as_deref().map(|url| Gate::new(url, options)),
        }
    }

    /// Runs `work` in one transaction: all of it, or nothing.
    ///
    /// # Errors
    /// What `work` returns, then everything is rolled back; [`AppError::Unavailable`] when the pool is full or
    /// the database is away.
    pub async fn tx<T, E, F>(&self, scope: &Scope, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<AppError> + Send + 'static,
    {
        let begin = format!("BEGIN; {}", scope.settings_sql());
        self.primary.run(move |gate| in_transaction(&mut *gate.begin(&begin)?, work)).await
    }

    /// Runs `work` on one consistent picture of the database, which it cannot change.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub async fn read<T, E, F>(&self, scope: &Scope, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<AppError> + Send + 'static,
    {
        let begin = begin_reading(scope);
        self.primary.run(move |gate| in_transaction(&mut *gate.begin(&begin)?, work)).await
    }

    /// Runs `work` on one consistent picture, to which it adds who has seen it: reading that leaves a trace.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub async fn see<T, E, F>(&self, scope: &Scope, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<AppError> + Send + 'static,
    {
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ; {}", scope.settings_sql());
        self.primary.run(move |gate| in_transaction(&mut *gate.begin(&begin)?, work)).await
    }

    /// Reads by one statement, as anybody, without a transaction around it: a statement is one picture by itself,
    /// and a connection outside any transaction acts for nobody. For the public status, which is asked most.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub async fn glance<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<AppError> + Send + 'static,
    {
        self.primary.run(move |gate| work(&mut *gate.connection()?)).await
    }

    /// As [`Db::read`], on a replica where there is one: for figures and exports, which may lag by seconds.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub async fn read_lagging<T, E, F>(&self, scope: &Scope, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<AppError> + Send + 'static,
    {
        let begin = begin_reading(scope);
        let gate = self.replica.as_ref().unwrap_or(&self.primary);
        gate.run(move |gate| in_transaction(&mut *gate.begin(&begin)?, work)).await
    }

    /// As [`Db::tx`], on the calling thread: for commands, which have no runtime to keep free.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub fn tx_here<T>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        in_transaction(&mut *self.primary.begin(&format!("BEGIN; {}", scope.settings_sql()))?, work)
    }

    /// As [`Db::read`], on the calling thread.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub fn read_here<T>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        in_transaction(&mut *self.primary.begin(&begin_reading(scope))?, work)
    }

    /// As [`Db::read_here`], on the picture that another transaction has; that one must last as long.
    ///
    /// # Errors
    /// As [`Db::tx`].
    pub fn read_picture_here<T>(
        &self,
        scope: &Scope,
        Picture(picture): &Picture,
        work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{picture}'; {}",
            scope.settings_sql()
        );
        in_transaction(&mut *self.primary.begin(&begin)?, work)
    }

    /// Returns how many connections are in use and how many there may be.
    pub fn in_use(&self) -> (u32, u32) {
        let state = self.primary.pool.state();
        (state.connections.saturating_sub(state.idle_connections), self.primary.pool.max_size())
    }
}

impl Gate {
    fn new(url: &str, options: &DbOptions) -> Self {
        let pool = Pool::builder()
            .max_size(options.connections)
            .min_idle(Some(0))
            .connection_timeout(options.patience)
            .test_on_check_out(false)
            .connection_customizer(Box::new(Prepare { statement_timeout: options.statement_timeout }))
            .build_unchecked(ConnectionManager::new(url));
        let permits = usize::try_from(options.connections).unwrap_or(1);
        Self { pool, permits: Arc::new(Semaphore::new(permits)), patience: options.patience }
    }

    async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Self) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<AppError> + Send + 'static,
    {
        let waiting = tokio::time::timeout(self.patience, Arc::clone(&self.permits).acquire_owned());
        // A full house is told so without a thread being held for it.
        let Ok(Ok(permit)) = waiting.await else {
            return Err(busy("no connection became free in time").into());
        };
        let gate = self.clone();
        let span = tracing::Span::current();
        let task = tokio::task::spawn_blocking(move || {
            // Freed when the work ends, not when the caller leaves.
            let _permit = permit;
            span.in_scope(|| work(&gate))
        });
        task.await.unwrap_or_else(|panic| Err(AppError::Internal(panic.into()).into()))
    }

    fn connection(&self) -> Result<Connection, AppError> {
        self.pool.get().map_err(|err| busy(&err.to_string()))
    }

    /// Opens a transaction: one round trip, which also says who acts. A connection that died while it lay idle is
    /// dropped and the next one tried: nothing was done on it.
    fn begin(&self, begin: &str) -> Result<Connection, AppError> {
        for _ in 0..self.pool.max_size() {
            let mut conn = self.connection()?;
            match AnsiTransactionManager::begin_transaction_sql(&mut *conn, begin).map_err(AppError::from) {
                Ok(()) => return Ok(conn),
                Err(AppError::Unavailable { cause, .. }) => tracing::debug!(cause, "a dead connection was dropped"),
                Err(err) => return Err(err),
            }
        }
        Err(busy("all connections were dead"))
    }
}

fn busy(cause: &str) -> AppError {
    AppError::Unavailable { cause: cause.to_owned(), retry_after_seconds: 2 }
}

fn begin_reading(scope: &Scope) -> String {
    format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}", scope.settings_sql())
}

/// Does the work in the transaction that was opened for it, and ends it.
fn in_transaction<T, E: From<AppError>>(
    conn: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<T, E>,
) -> Result<T, E> {
    let sql = |err: diesel::result::Error| E::from(AppError::from(err));
    // A panic in `work` drops the connection with its transaction open: r2d2 finds it broken, PostgreSQL rolls back.
    match work(conn) {
        Ok(done) => AnsiTransactionManager::commit_transaction(conn).map(|()| done).map_err(sql),
        Err(err) => {
            if let Err(failed) = AnsiTransactionManager::rollback_transaction(conn) {
                tracing::warn!(error = %failed, "a rollback failed; its connection is dropped");
            }
            Err(err)
        }
    }
}

#[derive(Debug)]
struct Prepare {
    statement_timeout: Duration,
}

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Prepare {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        // Compiling a month of figures takes PostgreSQL a second, running it a tenth of that.
        let sql = format!(
            "SET TIME ZONE 'UTC'; SET jit = off; SET statement_timeout = {}; \
             SET idle_in_transaction_session_timeout = '60s'; SET ROLE {NOBODY}",
            self.statement_timeout.as_millis()
        );
        conn.batch_execute(&sql).map_err(diesel::r2d2::Error::QueryError)
    }
}
