//! Settings of retention: how long what is kept.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::retention::KeyClass;

/// How long personal data is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct RetentionConfig {
    pub dossier_years: u32,
    pub field_years: BTreeMap<String, u32>,
    pub notice_months: u32,
    pub answer_hours: u32,
    pub identity_read_months: u32,
}

impl RetentionConfig {
    /// Returns how many years after its end the people of a dossier in a field are known.
    pub fn years_of(&self, field_code: &str) -> u32 {
        self.field_years.get(field_code).copied().unwrap_or(self.dossier_years)
    }

    /// Returns the class of the keys that seal the people of a dossier in a field.
    pub fn class_of(&self, field_code: &str) -> KeyClass {
        match self.field_years.contains_key(field_code) {
            true => KeyClass::DossiersOf(field_code.to_owned()),
            false => KeyClass::Dossiers,
        }
    }

    /// Returns every class that seals here.
    pub fn classes(&self) -> Vec<KeyClass> {
        let fields = self.field_years.keys().cloned().map(KeyClass::DossiersOf);
        [KeyClass::Lasting, KeyClass::Answers, KeyClass::Notices, KeyClass::Dossiers]
            .into_iter()
            .chain(fields)
            .collect()
    }
}
