//! What every request and tick has at hand, and the one way in which a use case is run.

use std::sync::{Arc, RwLock};

use chrono::{DateTime, Utc};
use diesel::PgConnection;

use crate::config::Config;
use crate::domain::catalogue::Catalogue;
use crate::domain::notice::Templates;
use crate::domain::period::from_office_time;
use crate::domain::retention::{KeyClass, month_of, next_month};
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::http::limit::Limits;
use crate::platform::clock::Clock;
use crate::platform::data_keys;
use crate::platform::db::{Db, Scope};
use crate::platform::oidc::Providers;
use crate::platform::ring::DataKey;
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

    /// Returns the key that seals personal data of a class now.
    ///
    /// # Errors
    /// [`AppError::Internal`] when it was not made before the transaction began.
    pub fn data_key(&self, class: &KeyClass) -> Result<Arc<DataKey>, AppError> {
        Ok(self.office.vault.data_key(self.now, class)?)
    }
}

/// Loads the parts of an [`Office`] that lie in the database.
pub type LoadOffice = fn(&mut PgConnection) -> Result<(Catalogue, Templates), AppError>;

/// The numbers of what is held in memory and lies in the database; each grows with every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Of the catalogue in force.
    pub catalogue: i64,
    /// Of the data keys.
    pub data_keys: i64,
}

/// Reads the numbers.
pub type OfficeVersions = fn(&mut PgConnection) -> Result<Versions, AppError>;

/// How an [`Office`] is got out of the database.
#[derive(Clone, Copy)]
pub struct OfficeSource {
    /// Loads it.
    pub load: LoadOffice,
    /// Says whether the one at hand is in force.
    pub versions: OfficeVersions,
    /// The same for whoever may count due dates: holds the calendar to the end of the transaction.
    pub hold: OfficeVersions,
}

/// How a transaction gets its office: with the data keys that live now, or without.
type InForce = fn(&OfficeCache, &mut PgConnection) -> Result<Arc<Office>, AppError>;

/// The catalogue in memory. Each transaction asks for its number, so no request works with an old one.
#[derive(Clone)]
pub struct OfficeCache {
    source: OfficeSource,
    vault: Arc<Vault>,
    config: Arc<Config>,
    held: Arc<RwLock<Option<Arc<Office>>>>,
}

impl OfficeCache {
    /// Makes an empty cache.
    pub fn new(source: OfficeSource, vault: Arc<Vault>, config: Arc<Config>) -> Self {
        Self { source, vault, config, held: Arc::default() }
    }

    /// Returns what is in force in this transaction.
    ///
    /// # Errors
    /// Whatever loading meets.
    pub fn in_force(&self, conn: &mut PgConnection) -> Result<Arc<Office>, AppError> {
        let versions = (self.source.versions)(conn)?;
        self.loaded(conn, versions)
    }

    /// As [`OfficeCache::in_force`], for who may open what is sealed: with the data keys that live now.
    ///
    /// # Errors
    /// As [`OfficeCache::in_force`].
    pub fn in_force_with_keys(&self, conn: &mut PgConnection) -> Result<Arc<Office>, AppError> {
        let versions = (self.source.versions)(conn)?;
        self.with_keys(conn, versions)
    }

    /// As [`OfficeCache::in_force_with_keys`], for who may count due dates: by a calendar that no other replaces unseen.
    ///
    /// # Errors
    /// As [`OfficeCache::in_force`].
    pub fn hold(&self, conn: &mut PgConnection) -> Result<Arc<Office>, AppError> {
        let versions = (self.source.hold)(conn)?;
        self.with_keys(conn, versions)
    }

    fn with_keys(&self, conn: &mut PgConnection, versions: Versions) -> Result<Arc<Office>, AppError> {
        if self.vault.ring().version() < versions.data_keys {
            self.vault.ring().take(data_keys::read(conn, &self.vault)?);
        }
        self.loaded(conn, versions)
    }

    fn loaded(&self, conn: &mut PgConnection, versions: Versions) -> Result<Arc<Office>, AppError> {
        if let Some(office) = self.held().filter(|office| office.catalogue.version() == versions.catalogue) {
            return Ok(office);
        }
        let (catalogue, templates) = (self.source.load)(conn)?;
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
        let now = self.clock.now();
        self.have_keys(now).await?;
        self.db.tx(&Scope::from(by), self.acting(by, now, OfficeCache::hold, work)).await
    }

    /// As [`AppState::act`], with the rights of the house in the database: for what reaches over all dossiers and is
    /// done by somebody who may see none.
    ///
    /// # Errors
    /// As [`AppState::act`].
    pub async fn act_over_all<T: Send + 'static>(
        &self,
        by: &Actor,
        work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let now = self.clock.now();
        self.have_keys(now).await?;
        self.db.tx(&Scope::system(), self.acting(by, now, OfficeCache::hold, work)).await
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
        let now = self.clock.now();
        self.db.read(&Scope::from(by), self.acting(by, now, OfficeCache::in_force_with_keys, work)).await
    }

    /// Reads as `by`, now, on one consistent picture, and writes down who has seen it: for personal data.
    ///
    /// # Errors
    /// What the reading returns; then nothing is shown.
    pub async fn see<T: Send + 'static>(
        &self,
        by: &Actor,
        work: impl FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let now = self.clock.now();
        self.db.see(&Scope::from(by), self.acting(by, now, OfficeCache::in_force_with_keys, work)).await
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
        let now = self.clock.now();
        self.db.read_lagging(&Scope::figures(by), self.acting(by, now, OfficeCache::in_force, work)).await
    }

    /// Makes of a use case what a transaction runs: with the office of that transaction, as `by`, at `now`.
    fn acting<T, W>(
        &self,
        by: &Actor,
        now: DateTime<Utc>,
        in_force: InForce,
        work: W,
    ) -> impl FnOnce(&mut PgConnection) -> Result<T, AppError> + Send + 'static + use<T, W>
    where
        W: FnOnce(&mut PgConnection, &Act<'_>) -> Result<T, AppError> + Send + 'static,
    {
        let (by, office) = (by.clone(), self.office.clone());
        move |conn| {
            let office = in_force(&office, conn)?;
            work(conn, &Act { office: &office, by: &by, now })
        }
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
        self.have_keys_here(now)?;
        self.db.tx_here(&Scope::from(by), |conn| {
            let office = self.office.hold(conn)?;
            work(conn, &Act { office: &office, by, now })
        })
    }

    /// Sees to it that the data keys of a moment are there, committed and in memory, before a transaction seals with
    /// them: one made in that transaction would be lost with it when it fails, and what others had sealed too.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn have_keys(&self, at: DateTime<Utc>) -> Result<(), AppError> {
        let month = month_of(at);
        if self.vault.ring().has_month(month) {
            return Ok(());
        }
        let (vault, now) = (Arc::clone(&self.vault), self.clock.now());
        let scope = Scope::system();
        let made: Result<_, AppError> = self.db.tx(&scope, move |conn| data_keys::make(conn, &vault, month, now)).await;
        self.vault.ring().take(made?);
        Ok(())
    }

    /// As [`AppState::have_keys`], on the calling thread.
    ///
    /// # Errors
    /// As [`AppState::have_keys`].
    pub fn have_keys_here(&self, at: DateTime<Utc>) -> Result<(), AppError> {
        let month = month_of(at);
        if self.vault.ring().has_month(month) {
            return Ok(());
        }
        let now = self.clock.now();
        let made = self.db.tx_here(&Scope::system(), |conn| data_keys::make(conn, &self.vault, month, now))?;
        self.vault.ring().take(made);
        Ok(())
    }

    /// Keeps the data keys: makes those of this and the next month, and forgets what was destroyed elsewhere. Every
    /// process does it every two seconds, also one that has nothing else to do.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn keep_keys(&self) -> Result<usize, AppError> {
        let now = self.clock.now();
        self.have_keys(now).await?;
        self.have_keys(midnight_of(next_month(month_of(now)))).await?;
        let office = self.office.clone();
        let seen: Result<_, AppError> =
            self.db.read(&Scope::system(), move |conn| office.in_force_with_keys(conn)).await;
        seen.map(|_| 0)
    }
}

fn midnight_of(day: chrono::NaiveDate) -> DateTime<Utc> {
    from_office_time(day.and_time(chrono::NaiveTime::MIN))
}
