//! The data keys that a process holds in memory, unwrapped.
//!
//! Only keys that are committed come in, so that nothing is ever sealed with a key that a rollback takes away. What is
//! read later replaces what was read before, never the other way round, so that a destroyed key does not come back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock};

use chrono::NaiveDate;

use super::sealing::SealingKey;
use super::secret::VaultError;
use crate::domain::retention::KeyClass;

/// Data keys are numbered from here, master keys below.
pub const FIRST_DATA_KEY: i16 = 1000;

/// A key that seals personal data of one class and month.
pub struct DataKey {
    number: i16,
    key: SealingKey,
}

impl DataKey {
    /// Puts number and key together.
    pub fn new(number: i16, key: SealingKey) -> Self {
        Self { number, key }
    }

    /// Returns the number that stands beside what it sealed.
    pub fn number(&self) -> i16 {
        self.number
    }

    /// Seals a text for one place (`context`, such as the row's key and the column), so that it opens nowhere else.
    ///
    /// # Errors
    /// [`VaultError`], which no text that fits a column causes.
    pub fn seal(&self, context: &str, text: &str) -> Result<Vec<u8>, VaultError> {
        self.key.seal(context, text.as_bytes()).ok_or(VaultError::Broken(self.number))
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// [`VaultError::Broken`] when the bytes were changed or moved, or another key sealed them.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.key.open(context, sealed).ok_or(VaultError::Broken(self.number))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.number)
    }
}

/// All living data keys, as one reading of the database found them.
#[derive(Debug)]
pub struct Reading {
    /// The number of the reading: it grows with each key that is made or destroyed.
    pub version: i64,
    /// The keys, each with its month and class.
    pub keys: Vec<(NaiveDate, KeyClass, DataKey)>,
}

/// The data keys of a process.
pub struct Ring {
    classes: Vec<KeyClass>,
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    version: i64,
    by_number: BTreeMap<i16, Arc<DataKey>>,
    by_month: BTreeMap<NaiveDate, BTreeMap<KeyClass, Arc<DataKey>>>,
}

impl Default for Ring {
    fn default() -> Self {
        Self::of(vec![KeyClass::Lasting, KeyClass::Answers, KeyClass::Notices, KeyClass::Dossiers])
    }
}

impl Ring {
    /// Makes an empty one for these classes.
    pub fn of(classes: Vec<KeyClass>) -> Self {
        Self { classes, held: RwLock::default() }
    }

    /// Returns the classes that each month has a key for.
    pub fn classes(&self) -> &[KeyClass] {
        &self.classes
    }

    /// Returns the number of the reading that it holds.
    pub fn version(&self) -> i64 {
        self.held.read().map_or(0, |held| held.version)
    }

    /// Whether it has all keys that may seal in a month.
    pub fn has_month(&self, month: NaiveDate) -> bool {
        self.held.read().is_ok_and(|held| self.classes.iter().all(|class| held.find(month, class).is_some()))
    }

    /// Returns the key of a class and month.
    pub fn find(&self, month: NaiveDate, class: &KeyClass) -> Option<Arc<DataKey>> {
        self.held.read().ok().and_then(|held| held.find(month, class).cloned())
    }

    /// Returns the key of a number.
    pub fn get(&self, number: i16) -> Option<Arc<DataKey>> {
        self.held.read().ok().and_then(|held| held.by_number.get(&number).cloned())
    }

    /// Takes over what was read and forgets all else; an older reading than its own changes nothing.
    pub fn take(&self, reading: Reading) {
        let Ok(mut held) = self.held.write() else { return };
        if reading.version < held.version {
            return;
        }
        *held = Held { version: reading.version, ..Held::default() };
        for (month, class, key) in reading.keys {
            let key = Arc::new(key);
            held.by_number.insert(key.number, Arc::clone(&key));
            held.by_month.entry(month).or_default().insert(class, key);
        }
    }
}

impl Held {
    fn find(&self, month: NaiveDate, class: &KeyClass) -> Option<&Arc<DataKey>> {
        self.by_month.get(&class.month(month))?.get(class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(version: i64, numbers: &[i16]) -> Reading {
        let month = |number: i16| NaiveDate::from_ymd_opt(2026, u32::try_from(number - 999).unwrap(), 1).unwrap();
        let key = |number: i16| DataKey::new(number, SealingKey::new(&[7; 32]).unwrap());
        let keys = numbers.iter().map(|number| (month(*number), KeyClass::Dossiers, key(*number)));
        Reading { version, keys: keys.collect() }
    }

    #[test]
    fn a_late_reader_brings_no_destroyed_key_back() {
        let ring = Ring::of(vec![KeyClass::Dossiers]);
        ring.take(reading(2, &[1000, 1001]));
        assert!(ring.get(1000).is_some());
        ring.take(reading(3, &[1001]));
        ring.take(reading(2, &[1000, 1001]));
        assert!(ring.get(1000).is_none());
        assert!(ring.find("2026-01-01".parse().unwrap(), &KeyClass::Dossiers).is_none());
        assert!(ring.has_month("2026-02-01".parse().unwrap()));
    }
}
