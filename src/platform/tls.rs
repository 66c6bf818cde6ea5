//! TLS: whose arithmetic it runs on, and the service's own certificate, read anew when its files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Chooses ring, once for the whole process; a second call changes nothing.
pub fn install() {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("TLS was set up before");
    }
}

/// The certificate can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    /// A file can't be read as PEM.
    #[error("{file} can't be read as PEM: {why}")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why not.
        why: rustls::pki_types::pem::Error,
    },
    /// The key does not fit the certificate, or is of an unknown kind.
    #[error("the key {file} can't be used: {why}")]
    UnusableKey {
        /// Which.
        file: PathBuf,
        /// Why not.
        why: rustls::Error,
    },
}

/// Makes the settings of the service's own TLS (1.2 and newer).
///
/// # Errors
/// [`CertificateFault`], naming the file.
pub fn server(certificate: &Path, key: &Path) -> Result<ServerConfig, CertificateFault> {
    install();
    let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
    let held = Held { shown: Arc::new(files.read()?), changed_at: files.changed_at(), looked_at: Instant::now() };
    let renewed = Renewed { files, held: Mutex::new(held) };
    let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::new(renewed));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn read(&self) -> Result<CertifiedKey, CertificateFault> {
        let unreadable = |file: &Path| {
            let file = file.to_owned();
            move |why| CertificateFault::Unreadable { file, why }
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(unreadable(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(unreadable(&self.key))?;
        let unusable = |why| CertificateFault::UnusableKey { file: self.key.clone(), why };
        let certified = CertifiedKey::new(chain, any_supported_type(&key).map_err(unusable)?);
        certified.keys_match().map_err(unusable)?;
        Ok(certified)
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|file| std::fs::metadata(file).and_then(|data| data.modified()).ok())
    }
}

#[derive(Debug)]
struct Held {
    shown: Arc<CertifiedKey>,
    changed_at: [Option<SystemTime>; 2],
    looked_at: Instant,
}

/// Shows the certificate of now. One that can't be read leaves the last good one in use.
#[derive(Debug)]
struct Renewed {
    files: Files,
    held: Mutex<Held>,
}

impl ResolvesServerCert for Renewed {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.looked_at.elapsed() >= LOOK_EVERY {
            held.looked_at = Instant::now();
            let changed_at = self.files.changed_at();
            if changed_at != held.changed_at {
                held.changed_at = changed_at;
                match self.files.read() {
                    Ok(fresh) => {
                        held.shown = Arc::new(fresh);
                        tracing::info!("the certificate was read anew");
                    }
                    Err(fault) => tracing::error!(%fault, "the new certificate can't be used; the old one stays"),
                }
            }
        }
        Some(Arc::clone(&held.shown))
    }
}
