//! Whose arithmetic TLS runs on: ring, chosen once for the whole process.

/// Chooses it; a second call changes nothing.
pub fn install() {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("TLS was set up before");
    }
}
