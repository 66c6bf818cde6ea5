//! Settings: `config/default.toml`, then files, then the environment. The only reader of the environment.

mod exports;
mod gateways;
mod notices;
mod office;
mod openid;
mod retention;
mod service;

use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

use crate::domain::notice::{LONGEST_SENDER, LONGEST_URL, room};

pub use exports::{ExportsConfig, MailedFormat, MailedReport};
pub use gateways::{
    AnswerConfig, AssertionConfig, EmailConfig, EmailSecurity, FileConfig, Form, GatewayConfig, GatewaysConfig,
    HttpConfig, Pull, ReceiptConfig, ReceiptsConfig, RequestConfig, SendingConfig, Signature, SmppAlphabet, SmppConfig,
    SmppLong, SmppReceiptIds, SmppSecurity, TokenConfig, TokenKind, WITH_FILES, Way, read_status,
};
pub use notices::NoticesConfig;
pub use office::{
    DossiersConfig, ForesightConfig, LimitsConfig, MOST_COLLECT_REMINDERS, SessionsConfig, StatisticsConfig,
};
pub use openid::OpenIdConfig;
pub use retention::RetentionConfig;
pub use service::{DataConfig, DatabaseConfig, LogConfig, Mode, SecretsConfig, ServerConfig, WorkerConfig};

/// Every key with its default, as shipped.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// PostgreSQL takes 65,535 parameters a statement, and the events of a batch are written by one.
const LARGEST_CALENDAR_BATCH: i64 = 2000;

/// Of fewer results nine of ten are all of them.
const FEWEST_TO_EXPECT: u32 = 10;
/// Ten years and a little.
const MOST_EXPECT_DAYS: u32 = 3660;

/// All settings, a section for each part of the house.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The service.
    pub server: ServerConfig,
    /// Local files.
    pub data: DataConfig,
    /// PostgreSQL.
    pub database: DatabaseConfig,
    /// Keys.
    pub secrets: SecretsConfig,
    /// Logs.
    pub log: LogConfig,
    /// Log-ins.
    pub sessions: SessionsConfig,
    /// The province's single sign-on, for staff.
    pub single_sign_on: OpenIdConfig,
    /// The national log-in, for citizens.
    pub citizen_log_in: OpenIdConfig,
    /// Rates.
    pub limits: LimitsConfig,
    /// Rules that an office may choose.
    pub dossiers: DossiersConfig,
    /// What becomes of dossiers as things stand.
    pub foresight: ForesightConfig,
    /// What is shown to whom of figures.
    pub statistics: StatisticsConfig,
    /// How long what is kept.
    pub retention: RetentionConfig,
    /// Reports and exports.
    pub exports: ExportsConfig,
    /// Loops.
    pub worker: WorkerConfig,
    /// Sending.
    pub notices: NoticesConfig,
    /// The doors through which messages leave, by name.
    pub gateways: GatewaysConfig,
}

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key is unknown, or its value is wrong.
    #[error("the settings can't be used: {0}; config/default.toml lists every key")]
    Unusable(Box<figment::Error>),
    /// The file named is not there.
    #[error("there is no settings file {0}; check --config")]
    NoFile(PathBuf),
    /// A value that can be read makes no sense.
    #[error("{key}: {why}")]
    Senseless {
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        why: String,
    },
    /// A gateway lacks something.
    #[error("gateways.{name}{key}: {why}")]
    Gateway {
        /// The gateway.
        name: String,
        /// The rest of the key.
        key: String,
        /// What is wrong and what to do.
        why: String,
    },
}

impl Config {
    /// Reads the settings: the defaults, then the files in their order, then `MOTCUA__SECTION__KEY` of the environment.
    ///
    /// # Errors
    /// [`ConfigError`], naming the key.
    pub fn load(files: &[PathBuf]) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        for file in files {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.clone()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment
            .merge(Env::prefixed("MOTCUA__").split("__"))
            .extract()
            .map_err(|err| ConfigError::Unusable(Box::new(err)))?;
        config.check()?;
        Ok(config)
    }

    /// Reads the shipped defaults alone.
    ///
    /// # Errors
    /// None that a shipped file can cause.
    pub fn defaults() -> Result<Self, ConfigError> {
        Figment::from(Toml::string(DEFAULTS)).extract().map_err(|err| ConfigError::Unusable(Box::new(err)))
    }

    /// What stands in every message must leave room for the rest of it: wordings are reviewed by their longest.
    fn check_texts(&self) -> Result<(), ConfigError> {
        let texts = [
            ("notices.sender", &self.notices.sender, LONGEST_SENDER),
            ("server.public_url", &self.server.public_url, LONGEST_URL),
        ];
        match texts.iter().find(|(_, text, longest)| room(text) > *longest) {
            Some((key, _, longest)) => Err(ConfigError::Senseless {
                key,
                why: format!("must have {longest} letters at most: it stands in messages"),
            }),
            None => Ok(()),
        }
    }

    fn check_expectations(&self) -> Result<(), ConfigError> {
        if self.statistics.fewest_to_expect < FEWEST_TO_EXPECT {
            let why = format!("must be at least {FEWEST_TO_EXPECT}: of fewer results nine of ten are all");
            return Err(ConfigError::Senseless { key: "statistics.fewest_to_expect", why });
        }
        if !(1..=MOST_EXPECT_DAYS).contains(&self.statistics.expect_days) {
            let why = format!("must be from 1 to {MOST_EXPECT_DAYS}");
            return Err(ConfigError::Senseless { key: "statistics.expect_days", why });
        }
        Ok(())
    }

    fn check(&self) -> Result<(), ConfigError> {
        let at_most = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let years = self.retention.field_years.values().copied().chain([self.retention.dossier_years]).min();
        let positive: [(&'static str, u64); 21] = [
            ("exports.pdf_rows", u64::from(self.exports.pdf_rows)),
            ("exports.keep_days", u64::from(self.exports.keep_days)),
            ("dossiers.answer_hours", u64::from(self.dossiers.answer_hours)),
            ("server.body_timeout_s", self.server.body_timeout_s),
            ("server.header_timeout_s", self.server.header_timeout_s),
            ("server.keep_alive_s", self.server.keep_alive_s),
            ("server.connections", at_most(self.server.connections)),
            ("server.under_way", at_most(self.server.under_way)),
            ("database.connections", u64::from(self.database.connections)),
            ("limits.public_per_minute", u64::from(self.limits.public_per_minute)),
            ("limits.sessions_per_minute", u64::from(self.limits.sessions_per_minute)),
            ("limits.citizens_per_minute", u64::from(self.limits.citizens_per_minute)),
            ("limits.catalogue_per_second", u64::from(self.limits.catalogue_per_second)),
            ("sessions.hours", u64::from(self.sessions.hours)),
            ("retention.dossier_years and field_years", u64::from(years.unwrap_or(0))),
            ("retention.notice_months", u64::from(self.retention.notice_months)),
            ("retention.answer_hours", u64::from(self.retention.answer_hours)),
            ("retention.identity_read_months", u64::from(self.retention.identity_read_months)),
            ("notices.no_receipt_h", u64::from(self.notices.no_receipt_h)),
            ("notices.replay_per_second", u64::from(self.notices.replay_per_second)),
            ("notices.batch", u64::try_from(self.notices.batch).unwrap_or(0)),
        ];
        if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError::Senseless { key, why: "must be above 0".to_owned() });
        }
        if !(1..=LARGEST_CALENDAR_BATCH).contains(&self.worker.calendar_batch) {
            let why = format!("must be from 1 to {LARGEST_CALENDAR_BATCH}");
            return Err(ConfigError::Senseless { key: "worker.calendar_batch", why });
        }
        if let Some(key) = self.notices.upside_down() {
            let why =
                "must end later than it begins, by more than notices.morning_minutes, or at the same time".to_owned();
            return Err(ConfigError::Senseless { key, why });
        }
        self.check_texts()?;
        self.check_expectations()?;
        self.exports.check()?;
        if self.sessions.idle_minutes < 2 {
            return Err(ConfigError::Senseless { key: "sessions.idle_minutes", why: "must be at least 2".to_owned() });
        }
        if !(1..100).contains(&self.foresight.catch_up_percent) {
            let why = "must be from 1 to 99".to_owned();
            return Err(ConfigError::Senseless { key: "foresight.catch_up_percent", why });
        }
        if !self.foresight.parts_are_in_order() {
            let why = "must rise, each from 1 to 100".to_owned();
            return Err(ConfigError::Senseless { key: "foresight.warn_percent", why });
        }
        if !self.dossiers.reminders_are_capped() {
            let why = format!("must rise, each above 0, with {MOST_COLLECT_REMINDERS} reminders at most");
            return Err(ConfigError::Senseless { key: "dossiers.collect_reminder_days", why });
        }
        if self.server.tls_certificate.as_os_str().is_empty() != self.server.tls_key.as_os_str().is_empty() {
            let why = "is needed together with server.tls_certificate".to_owned();
            return Err(ConfigError::Senseless { key: "server.tls_key", why });
        }
        if let Some(key) = self.single_sign_on.missing() {
            let why = format!("single_sign_on.issuer needs single_sign_on.{key} too");
            return Err(ConfigError::Senseless { key: "single_sign_on", why });
        }
        if let Some(key) = self.citizen_log_in.missing() {
            let why = format!("citizen_log_in.issuer needs citizen_log_in.{key} too");
            return Err(ConfigError::Senseless { key: "citizen_log_in", why });
        }
        gateways::check(&self.gateways)
    }
}
