//! The providers that the settings name.

use std::sync::Arc;

use anyhow::Context;

use super::Provider;
use crate::config::{Config, OpenIdConfig};

/// Who says who somebody is; none where the settings name none.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    /// Of citizens.
    pub citizens: Option<Arc<Provider>>,
    /// Of staff.
    pub staff: Option<Arc<Provider>>,
}

impl Providers {
    /// Makes them; none is asked yet.
    ///
    /// # Errors
    /// Settings that describe none, naming the section and key.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let provider = |section: &str, settings: &OpenIdConfig| {
            let made = settings.is_set().then(|| Provider::new(settings).map(Arc::new)).transpose();
            made.with_context(|| format!("[{section}] can't be used"))
        };
        Ok(Self {
            citizens: provider("citizen_log_in", &config.citizen_log_in)?,
            staff: provider("single_sign_on", &config.single_sign_on)?,
        })
    }
}
