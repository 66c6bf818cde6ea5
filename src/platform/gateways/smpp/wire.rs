//! What a link runs over: TCP, with TLS or without.

use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::{SmppConfig, SmppSecurity};
use crate::platform::tls;

/// Something that is read and written.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What is at the other end of it.
pub type Wire = Box<dyn Stream>;

/// Connects to the centre.
///
/// # Errors
/// Whatever the network says; certificates that nobody here vouches for.
pub async fn connect(config: &SmppConfig) -> io::Result<Wire> {
    let stream = TcpStream::connect((config.host.as_str(), config.port)).await?;
    stream.set_nodelay(true)?;
    match config.security {
        SmppSecurity::None => Ok(Box::new(stream)),
        SmppSecurity::Tls => {
            let name = ServerName::try_from(config.host.clone()).map_err(io::Error::other)?;
            Ok(Box::new(connector().connect(name, stream).await?))
        }
    }
}

/// By the certificates of the machine.
fn connector() -> TlsConnector {
    tls::install();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}
