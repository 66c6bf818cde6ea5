//! The house served: every route behind the guards of the edge, on one address.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use diesel::prelude::*;
use serde_json::Value;

use crate::approvals::Hands;
use crate::config::Config;
use crate::domain::code::DossierCode;
use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::error::AppError;
use crate::http::edge::{self, UnderWay};
use crate::http::figures::{self, RequestFigures};
use crate::http::locale;
use crate::notices::deeds::confirmed;
use crate::platform::tls;
use crate::staff::KnownBearers;
use crate::state::{Act, AppState};
use crate::{dossiers, notices, reorganisations, routes, staff};

/// A server that listens, not yet run.
pub struct Listening {
    /// The server.
    pub server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Binds the address of the settings.
///
/// # Errors
/// An address that can't be bound.
pub fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    let bind = config.server.bind;
    let listener = TcpListener::bind(bind)
        .with_context(|| format!("server.bind {bind} is taken or not ours; choose another address"))?;
    // Inherited by every connection: who takes no more of an answer for so long is let go.
    let longest_silence_ms = u32::try_from(config.server.keep_alive_s.saturating_mul(1000))?;
    rustix::net::sockopt::set_tcp_user_timeout(&listener, longest_silence_ms).context("server.bind can't be set up")?;
    Ok(listener)
}

/// Binds the address and builds the server.
///
/// # Errors
/// As [`bind`] and [`listen_on`].
pub fn listen(state: AppState) -> anyhow::Result<Listening> {
    let listener = bind(&state.config)?;
    listen_on(state, listener)
}

/// Builds the server on an address that is bound; `stop` of its handle lets requests under way end.
///
/// # Errors
/// A certificate that can't be used.
pub fn listen_on(state: AppState, listener: TcpListener) -> anyhow::Result<Listening> {
    let address = listener.local_addr()?;
    let config = Arc::clone(&state.config);
    let known = web::Data::new(KnownBearers::default());
    let hands = web::Data::new(Hands {
        void_dossier,
        undo_end,
        grant_role,
        reorganise,
        review_template,
        notice_deed: confirmed,
    });
    let requests = web::Data::new(RequestFigures::new()?);
    let data = web::Data::new(state);
    let under_way = web::Data::new(UnderWay::default());
    let settings = Arc::clone(&config);
    let threads = match config.server.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let server = HttpServer::new(move || {
        // The last one wrapped is met first.
        App::new()
            .app_data(data.clone())
            .app_data(known.clone())
            .app_data(hands.clone())
            .app_data(requests.clone())
            .app_data(under_way.clone())
            .wrap(from_fn(edge::admit))
            .wrap(from_fn(locale::speak))
            .wrap(edge::other_origins(&settings.server))
            .wrap(from_fn(edge::hold_body))
            .wrap(from_fn(edge::guard))
            .wrap(from_fn(figures::count))
            .wrap(from_fn(edge::number))
            .configure(routes::configure)
    })
    .workers(threads)
    .max_connections(config.server.connections.div_ceil(threads))
    .client_request_timeout(Duration::from_secs(config.server.header_timeout_s))
    .client_disconnect_timeout(Duration::from_secs(config.server.header_timeout_s))
    .keep_alive(Duration::from_secs(config.server.keep_alive_s))
    .shutdown_timeout(config.server.stop_timeout_s)
    .disable_signals();
    let (certificate, key) = (&config.server.tls_certificate, &config.server.tls_key);
    let server = if certificate.as_os_str().is_empty() {
        server.listen(listener)?
    } else {
        server.listen_rustls_0_23(listener, tls::server(certificate, key)?)?
    };
    Ok(Listening { server: server.run(), address })
}

fn reorganise(conn: &mut PgConnection, act: &Act<'_>, plan: Value) -> Result<(), AppError> {
    let form = serde_json::from_value(plan).map_err(|err| AppError::Internal(err.into()))?;
    reorganisations::decide(conn, act, &form).map(|_| ())
}

fn review_template(conn: &mut PgConnection, act: &Act<'_>, template: &str) -> Result<(), AppError> {
    notices::templates::review(conn, act, template)
}

fn grant_role(conn: &mut PgConnection, act: &Act<'_>, staff: StaffId, role: Role) -> Result<(), AppError> {
    staff::grants::carry_out(conn, act, staff, role).map(|_| ())
}

fn void_dossier(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode, reason: &str) -> Result<(), AppError> {
    dossiers::void::carry_out(conn, act, code, reason).map(|_| ())
}

fn undo_end(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode, reason: &str) -> Result<(), AppError> {
    dossiers::undo::carry_out(conn, act, code, reason).map(|_| ())
}
