//! What every request and tick has at hand, and the one way in which a use case is run.

use std::sync::{Arc, RwLock};

use chrono::{DateTime, Utc};
use diesel::PgConnection;

use crate::config::Config;
use crate::domain::catalogue::Catalogue;
use crate::domain::notice::Templates;
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::http::limit::Limits;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Scope};
use crate::platform::oidc::Providers;
use crate::platform::secret::Vault;

/// The doors, the settings and the catalogue in force.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The settings.
    pub config: Arc<Config>,
    /// How often an address may ask.
    pub limits: Arc<Limits>,
    /// Who says who somebody is.
    pub providers: Providers,
    /// The catalogue in force.
    pub office: OfficeCache,
}

/// What every use case may read.
#[derive(Clone)]
pub struct Office {
    /// Units, procedures, processes, calendar.
    pub catalogue: Arc<Catalogue>,
    /// How messages are worded.
    pub templates: Arc<Templates>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The settings.
    pub config: Arc<Config>,
}

/// One deed: who, when, and what the office knows. A use case gets this beside its connection.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// What may be read.
    pub office: &'a Office,
    /// Who acts.
    pub by: &'a Actor,
    /// When, in UTC at microseconds.
    pub now: DateTime<Utc>,
}

impl Act<'_> {
    /// Returns the catalogue in force.
    pub fn catalogue(&self) -> &Catalogue {
        &self.office.catalogue
    }
}

/// Loads the parts of an [`Office`] that lie in the database.
pub type LoadOffice = fn(&mut PgConnection) -> Result<(Catalogue, Templates), AppError>;

/// Reads the number of the catalogue in force.
pub type OfficeVersion = fn(&mut PgConnection) -> Result<i64, AppError>;

/// The catalogue in memory. Each transaction asks for its number, so no request works with an old one.
#[derive(Clone)]
pub struct OfficeCache {
    load: LoadOffice,
    version: OfficeVersion,
    vault: Arc<Vault>,
    config: Arc<Config>,
    held: Arc<RwLock<Option<Arc<Office>>>>,
}

impl OfficeCache {
    /// Makes an empty cache.
    pub fn new(load: LoadOffice, version: OfficeVersion, vault: Arc<Vault>, config: Arc<Config>) -> Self {
        Self { load, version, vault, config, held: Arc::default() }
    }

    /// Returns what is in force in this transaction.
    ///
    /// # Errors
    /// Whatever loading meets.
    pub fn in_force(&self, conn: &mut PgConnection) -> Result<Arc<Office>, AppError> {
        let version = (self.version)(conn)?;
        if let Some(office) = self.held().filter(|office| office.catalogue.version() == version) {
            return Ok(office);
        }
        let (catalogue, templates) = (self.load)(conn)?;
        let office = Arc::new(Office {
            catalogue: Arc::new(catalogue),
            templates: Arc::new(templates),
            vault: Arc::clone(&self.vault),
            config: Arc::clone(&self.config),
        });
        if let Ok(mut held) = self.held.write() {
            *held = Some(Arc::clone(&office));
        }
        Ok(office)
    }

    fn held(&self) -> Option<Arc<Office>> {
        self.held.read().ok().and_then(|held| held.clone())
    }
}

impl AppState {
    /// Runs a use case in one transaction, as `by`, now.
    ///
    /// # Errors
    /// What the use case returns; then nothing has changed.
    pub async fn act<T: Send + 'static>(
        &self,
        by: &Actor,
        work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let (by, now, office) = (by.clone(), self.clock.now(), self.office.clone());
        self.db
            .tx(&Scope::from(&by.clone()), move |conn| {
                let office = office.in_force(conn)?;
                work(conn, &Act { office: &office, by: &by, now })
            })
            .await
    }

    /// Reads as `by`, now, on one consistent picture.
    ///
    /// # Errors
    /// What the reading returns.
    pub async fn look<T: Send + 'static>(
        &self,
        by: &Actor,
        work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let (by, now, office) = (by.clone(), self.clock.now(), self.office.clone());
        self.db
            .read(&Scope::from(&by.clone()), move |conn| {
                let office = office.in_force(conn)?;
                work(conn, &Act { office: &office, by: &by, now })
            })
            .await
    }

    /// Reads figures as `by`, now, on one consistent picture, which may lag by seconds where there is a replica.
    ///
    /// # Errors
    /// What `work` returns, or [`AppError::Unavailable`].
    pub async fn figures<T: Send + 'static>(
        &self,
        by: &Actor,
        work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let (by, now, office) = (by.clone(), self.clock.now(), self.office.clone());
        self.db
            .read_lagging(&Scope::figures(&by.clone()), move |conn| {
                let office = office.in_force(conn)?;
                work(conn, &Act { office: &office, by: &by, now })
            })
            .await
    }

    /// Runs a use case in one transaction on the calling thread: for commands and replays.
    ///
    /// # Errors
    /// What the use case returns; then nothing has changed.
    pub fn act_here<T>(
        &self,
        by: &Actor,
        now: DateTime<Utc>,
        work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        self.db.tx_here(&Scope::from(by), |conn| {
            let office = self.office.in_force(conn)?;
            work(conn, &Act { office: &office, by, now })
        })
    }
}
