//! One key that seals bytes for a place: AES-256-GCM-SIV with a random nonce before what it sealed.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};

use super::secret::random_bytes;

const NONCE_BYTES: usize = 12;

/// A key of 256 bits.
#[derive(Clone)]
pub struct SealingKey(Aes256GcmSiv);

impl SealingKey {
    /// Makes one of 32 bytes; `None` for any other number.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Aes256GcmSiv::new_from_slice(bytes).ok().map(Self)
    }

    /// Seals bytes for one place, so that they open nowhere else; `None` only for gigabytes.
    pub fn seal(&self, context: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let payload = Payload { msg: bytes, aad: context.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same place; `None` when another key sealed it, or it was changed or moved.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: body, aad: context.as_bytes() };
        self.0.decrypt(&Nonce::from(*nonce), payload).ok()
    }
}
