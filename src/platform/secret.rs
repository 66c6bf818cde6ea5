//! What must stay secret: sealed columns, keyed hashes for exact search, tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};

use super::ring::{DataKey, FIRST_DATA_KEY, Ring};
use super::sealing::SealingKey;
use super::signing::SigningKey;
use crate::domain::retention::{KeyClass, month_of};

/// Seals and opens personal data, makes the hashes by which it is found, and signs for the house.
///
/// Master keys come from the settings. They wrap the data keys, which seal what is erased some day; what they seal
/// themselves opens as long as they are in the settings.
#[derive(Clone)]
pub struct Vault {
    masters: BTreeMap<i16, SealingKey>,
    current: i16,
    ring: Arc<Ring>,
    index_key: Vec<u8>,
    audit_key: Option<Arc<SigningKey>>,
}

/// A sealed value could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No key of this number is configured.
    #[error("no sealing key {0} is configured: add it to secrets.sealing_keys")]
    NoKey(i16),
    /// The data key of this number was destroyed, or is none that this process knows.
    #[error("the data key {0} is destroyed or not known")]
    Destroyed(i16),
    /// Nothing can be sealed in this month: its key is made before a transaction begins.
    #[error("there is no data key `{class}` of {month}")]
    NoDataKey {
        /// What was to be sealed.
        class: KeyClass,
        /// The month.
        month: NaiveDate,
    },
    /// The bytes were not sealed by this key for this place.
    #[error("a sealed value does not open with key {0}")]
    Broken(i16),
    /// Keys that no vault can be made of.
    #[error("secrets.sealing_keys needs at least one key, numbered 1 to 999, each of 32 bytes")]
    BadKeys,
    /// Nothing can be signed.
    #[error("no key signs the audit: secrets.audit_key is missing")]
    NoAuditKey,
}

impl Vault {
    /// Makes a vault of numbered 32-byte master keys, the highest number being the one of now, and no data keys yet.
    ///
    /// # Errors
    /// [`VaultError::BadKeys`] when there is none, one is not of 32 bytes, or its number is a data key's.
    pub fn new(keys: &BTreeMap<i16, Vec<u8>>, index_key: &[u8]) -> Result<Self, VaultError> {
        let current = *keys.keys().next_back().ok_or(VaultError::BadKeys)?;
        if current >= FIRST_DATA_KEY {
            return Err(VaultError::BadKeys);
        }
        let masters = keys
            .iter()
            .map(|(id, key)| SealingKey::new(key).map(|key| (*id, key)).ok_or(VaultError::BadKeys))
            .collect::<Result<_, _>>()?;
        Ok(Self { masters, current, ring: Arc::default(), index_key: index_key.to_vec(), audit_key: None })
    }

    /// Says which classes of data keys this installation seals with.
    #[must_use]
    pub fn with_classes(self, classes: Vec<KeyClass>) -> Self {
        Self { ring: Arc::new(Ring::of(classes)), ..self }
    }

    /// Adds the key that signs checkpoints of the audit.
    #[must_use]
    pub fn with_audit_key(self, key: SigningKey) -> Self {
        Self { audit_key: Some(Arc::new(key)), ..self }
    }

    /// Returns the key that signs checkpoints of the audit.
    ///
    /// # Errors
    /// [`VaultError::NoAuditKey`] in a vault that was made without.
    pub fn audit_key(&self) -> Result<&SigningKey, VaultError> {
        self.audit_key.as_deref().ok_or(VaultError::NoAuditKey)
    }

    /// Returns the data keys that this process knows.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Returns the key that seals personal data of a class at a moment.
    ///
    /// # Errors
    /// [`VaultError::NoDataKey`] when it was not made before the transaction began: `AppState::act` does.
    pub fn data_key(&self, at: DateTime<Utc>, class: &KeyClass) -> Result<Arc<DataKey>, VaultError> {
        let month = class.month(month_of(at));
        self.ring.find(month, class).ok_or_else(|| VaultError::NoDataKey { class: class.clone(), month })
    }

    /// Returns the key that seals what must outlive every schedule of retention, secrets of accounts say.
    ///
    /// # Errors
    /// As [`Vault::data_key`].
    pub fn lasting_key(&self) -> Result<Arc<DataKey>, VaultError> {
        self.data_key(DateTime::UNIX_EPOCH, &KeyClass::Lasting)
    }

    /// Returns the number of the master key of now.
    pub fn key_id(&self) -> i16 {
        self.current
    }

    /// Seals a text by the master key itself, for one place (`context`, such as the row's key and the column), so that
    /// it opens nowhere else and as long as the master key is in the settings.
    ///
    /// # Errors
    /// [`VaultError`], which sound keys never cause.
    pub fn seal(&self, context: &str, text: &str) -> Result<Vec<u8>, VaultError> {
        self.wrap(context, text.as_bytes())
    }

    /// Opens what was sealed for the same place, by a data key or a master key.
    ///
    /// # Errors
    /// [`VaultError`] when the key is missing or destroyed, or the bytes were changed or moved.
    pub fn open(&self, key_id: i16, context: &str, sealed: &[u8]) -> Result<String, VaultError> {
        let plain = if key_id >= FIRST_DATA_KEY {
            self.ring.get(key_id).ok_or(VaultError::Destroyed(key_id))?.open(context, sealed)?
        } else {
            self.unwrap_with(key_id, context, sealed)?
        };
        String::from_utf8(plain).or(Err(VaultError::Broken(key_id)))
    }

    /// Wraps the bytes of a key by the master key of now.
    ///
    /// # Errors
    /// [`VaultError`], which sound keys never cause.
    pub fn wrap(&self, context: &str, bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.master(self.current)?.seal(context, bytes).ok_or(VaultError::Broken(self.current))
    }

    /// Opens what a master key has wrapped.
    ///
    /// # Errors
    /// [`VaultError`] when the master key is not in the settings or the bytes were changed or moved.
    pub fn unwrap_with(&self, master: i16, context: &str, wrapped: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.master(master)?.open(context, wrapped).ok_or(VaultError::Broken(master))
    }

    /// Returns the keyed hash by which a value of a kind (`phone`, say) is found exactly.
    pub fn index(&self, kind: &str, value: &str) -> Vec<u8> {
        // HMAC takes keys of any length.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.index_key) else {
            return Vec::new();
        };
        mac.update(kind.as_bytes());
        mac.update(b"\0");
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn master(&self, number: i16) -> Result<&SealingKey, VaultError> {
        self.masters.get(&number).ok_or(VaultError::NoKey(number))
    }
}

impl From<VaultError> for crate::error::AppError {
    fn from(err: VaultError) -> Self {
        Self::Internal(err.into())
    }
}

/// Returns random bytes fit for keys.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Returns the SHA-256 of a text of high entropy (a token), as it is stored.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Compares a stored hash with a given one, without telling by the time taken how much was right.
pub fn same(stored: &[u8], given: &[u8]) -> bool {
    let differs = stored.iter().chain(std::iter::repeat(&0)).zip(given).fold(0, |found, (a, b)| found | (a ^ b));
    !given.is_empty() && stored.len() == given.len() && std::hint::black_box(differs) == 0
}

/// Returns a token of 256 bits after a prefix that says what it is.
pub fn new_token(prefix: &str) -> String {
    format!("{prefix}{}", data_encoding::BASE64URL_NOPAD.encode(&random_bytes::<32>()))
}

/// The 60 random bits that open a dossier's public page: twelve letters and digits of Crockford's alphabet.
#[derive(Clone)]
pub struct Pin(String);

impl Pin {
    /// Makes a new one.
    pub fn new() -> Self {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let letters = random_bytes::<12>();
        let pick = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'0');
        Self(letters.iter().map(pick).map(char::from).collect())
    }

    /// Reads what a person typed: case, spaces and dashes don't matter, O is 0, I and L are 1.
    pub fn read(text: &str) -> Self {
        let plain = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64);
        Self(
            plain
                .map(|c| match c.to_ascii_uppercase() {
                    'O' => '0',
                    'I' | 'L' => '1',
                    other => other,
                })
                .collect(),
        )
    }

    /// Returns it as printed, in three groups.
    pub fn printed(&self) -> String {
        let groups: Vec<_> = [0..4, 4..8, 8..12].into_iter().filter_map(|range| self.0.get(range)).collect();
        groups.join("-")
    }

    /// Returns the keyed hash that is stored.
    pub fn hash(&self, vault: &Vault) -> Vec<u8> {
        vault.index("pin", &self.0)
    }
}

impl Default for Pin {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault::new(&BTreeMap::from([(1, vec![7; 32])]), b"index").unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place() {
        let vault = vault();
        let sealed = vault.seal("dossier 1 phone", "+84905123456").unwrap();
        assert_eq!(vault.open(1, "dossier 1 phone", &sealed).unwrap(), "+84905123456");
        assert!(vault.open(1, "dossier 2 phone", &sealed).is_err());
        assert!(vault.open(2, "dossier 1 phone", &sealed).is_err());
        assert!(vault.open(1, "dossier 1 phone", &[]).is_err());
    }

    #[test]
    fn a_pin_is_read_as_people_write_it() {
        let pin = Pin::new();
        assert_eq!(pin.printed().len(), 14);
        let typed = Pin::read(&pin.printed().to_lowercase().replace('0', "o"));
        assert_eq!(typed.hash(&vault()), pin.hash(&vault()));
    }

    #[test]
    fn the_newest_key_seals_and_old_ones_still_open() {
        let old = vault().seal("x", "text").unwrap();
        let both = Vault::new(&BTreeMap::from([(1, vec![7; 32]), (2, vec![8; 32])]), b"index").unwrap();
        assert_eq!(both.key_id(), 2);
        assert_eq!(both.open(1, "x", &old).unwrap(), "text");
    }
}
