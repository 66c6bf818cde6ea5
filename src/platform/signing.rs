//! Signatures that anybody can check who has the public key: Ed25519.

use data_encoding::{BASE64, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 8;

/// A key that signs.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

/// Bytes that are no key.
#[derive(Debug, thiserror::Error)]
#[error("a key that signs, or its public key, has {KEY_BYTES} bytes")]
pub struct BadKey;

impl SigningKey {
    /// Makes the key of a seed of 32 random bytes.
    ///
    /// # Errors
    /// [`BadKey`] when it is not of 32 bytes.
    pub fn from_seed(seed: &[u8]) -> Result<Self, BadKey> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).or(Err(BadKey))
    }

    /// Signs.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }

    /// Returns the key by which its signatures are checked.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }
}

/// A key that checks signatures. Shown in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads it as it is shown.
    ///
    /// # Errors
    /// [`BadKey`] when it is none.
    pub fn read(text: &str) -> Result<Self, BadKey> {
        let bytes = BASE64.decode(text.trim().as_bytes()).or(Err(BadKey))?;
        if bytes.len() == KEY_BYTES { Ok(Self(bytes)) } else { Err(BadKey) }
    }

    /// Returns the short name by which signatures tell whose they are.
    pub fn id(&self) -> String {
        let hash = Sha256::digest(&self.0);
        HEXLOWER.encode(hash.get(..ID_BYTES).unwrap_or_default())
    }

    /// Whether the signature is the key's, of exactly these bytes.
    pub fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, signature).is_ok()
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_by_the_key_is_believed() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let public = PublicKey::read(&key.public_key().to_string()).unwrap();
        let signature = key.sign(b"the ends of all chains");
        assert!(public.has_signed(b"the ends of all chains", &signature));
        assert!(!public.has_signed(b"the ends of some chains", &signature));
        let other = SigningKey::from_seed(&[8; 32]).unwrap().public_key();
        assert!(!other.has_signed(b"the ends of all chains", &signature));
        assert_ne!(other.id(), public.id());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(SigningKey::from_seed(&[7; 31]).is_err());
        assert!(PublicKey::read("c2hvcnQ=").is_err());
        assert!(PublicKey::read("no base64").is_err());
    }
}
