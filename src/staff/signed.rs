//! Who asks: the extractor that stands before every handler that is not for everyone.

use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use diesel::PgConnection;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::bearer::{self, Bearer, Found};
use super::cookie;
use super::known::KnownBearers;
use crate::domain::dossier::Verb;
use crate::domain::role::{Actor, Deed, Who};
use crate::error::{AppError, Said};
use crate::http::limit::address_of;
use crate::platform::db::Scope;
use crate::state::AppState;

/// Who asks, known by `Authorization: Bearer <token of a session or API key>` or by a browser's cookie; everyone else
/// gets one 401, and a session that lacks its second factor 403.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

impl Signed {
    /// Checks that the role may do the deed.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when it may not.
    pub fn may(&self, deed: Deed) -> Result<(), AppError> {
        match self.0.may(deed) {
            true => Ok(()),
            false => Err(self.refused(deed.as_str(), self.0.role.may(deed))),
        }
    }

    /// Checks that who asks may read figures: counts and rates, not the dossiers behind them. Whose figures is another
    /// question (`statistics::seen_unit`).
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when they may not.
    pub fn may_read_figures(&self) -> Result<(), AppError> {
        match self.0.may_read_figures() {
            true => Ok(()),
            false => self.may(Deed::ReadStatistics),
        }
    }

    /// Checks that the role may use the verb at all.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when it may not.
    pub fn may_use(&self, verb: Verb) -> Result<(), AppError> {
        match self.0.may_use(verb) {
            true => Ok(()),
            false => Err(self.refused(verb.as_str(), self.0.role.may_use(verb))),
        }
    }

    fn refused(&self, what: &str, role_may: bool) -> AppError {
        if role_may {
            return AppError::Forbidden(Said::new(
                "scope_lacks",
                format!("Khóa này không mang phạm vi {what}"),
                format!("This key does not carry the scope {what}"),
            ));
        }
        let role = self.0.role;
        AppError::Forbidden(Said::new(
            "role_may_not",
            format!("Vai trò {role} không được làm việc này ({what})"),
            format!("The role {role} may not do this ({what})"),
        ))
    }
}

/// Who asks, though a second factor may be missing: for what such a session may do all the same.
pub struct Identified {
    pub(super) actor: Actor,
    pub(super) lacks_second_factor: bool,
    pub(super) bearer: Bearer,
    /// What a page sends back, where it is a page that asks.
    pub(super) csrf_token: Option<String>,
}

impl FromRequest for Identified {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let known = KnownBearers::from_request(req, payload);
        let req = req.clone();
        async move {
            let state = req.app_data::<web::Data<AppState>>();
            let state = state.ok_or_else(|| AppError::internal("no state behind the routes"))?;
            let bearer = Bearer::of(&req).ok_or_else(unknown)?;
            let from = address_of(&req, &state.config.server.trusted_proxies);
            let found = identify(state, &known.await?, bearer.clone(), from).await?;
            if !found.addresses.hold(from) {
                return Err(refuse_from(state, &found, from).await);
            }
            let cookie = cookie::shown(&req).next().filter(|_| matches!(bearer, Bearer::Cookie(_)));
            if let Some(token) = cookie {
                cookie::check_page(&req, token, &state.config.server.public_url)?;
            }
            let csrf_token = cookie.map(cookie::csrf_token);
            Ok(Self { actor: found.actor, lacks_second_factor: found.lacks_second_factor, bearer, csrf_token })
        }
        .boxed_local()
    }
}

impl FromRequest for Signed {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let identified = Identified::from_request(req, payload);
        async move {
            let Identified { actor, lacks_second_factor, .. } = identified.await?;
            if lacks_second_factor { Err(second_factor_missing()) } else { Ok(Self(actor)) }
        }
        .boxed_local()
    }
}

fn second_factor_missing() -> AppError {
    AppError::Forbidden(Said::new(
        "second_factor_missing",
        "Vai trò này cần lớp xác thực thứ hai: hãy thiết lập tại /api/v1/me/second-factor; đã có thì gửi mã tới \
         /api/v1/sessions/current/second-factor",
        "This role needs a second factor: set one up at /api/v1/me/second-factor; who has one shows it at \
         /api/v1/sessions/current/second-factor",
    ))
}

/// The one answer to whoever is not known, was known once or shows rubbish.
pub(super) fn unknown() -> AppError {
    AppError::Unauthenticated(Said::new(
        "not_signed_in",
        "Hãy đăng nhập hoặc gửi khóa API còn hiệu lực: Authorization: Bearer …",
        "Log in, or send a valid API key: Authorization: Bearer …",
    ))
}

async fn identify(state: &AppState, known: &KnownBearers, bearer: Bearer, from: IpAddr) -> Result<Found, AppError> {
    let now = state.clock.now();
    if let Some(found) = known.recall(&bearer, now) {
        return Ok(found);
    }
    let generation = known.generation();
    let (asked, lasting) = (bearer.clone(), state.config.sessions.lasting());
    let found: Option<Found> =
        state.db.read(&Scope::system(), move |conn| asked.look_up(conn, now, lasting).map_err(AppError::from)).await?;
    let found = found.ok_or_else(unknown)?;
    known.keep(generation, bearer, &found, now);
    if found.addresses.hold(from) {
        note_use(state, &found, from).await;
    }
    Ok(found)
}

/// A key that is shown from elsewhere may be stolen: the audit gets to know it, and who shows it learns nothing.
async fn refuse_from(state: &AppState, found: &Found, from: IpAddr) -> AppError {
    let now = state.clock.now();
    if let Who::Key(id) = found.actor.who {
        tracing::warn!(key.id = %id, "key {id} was shown from an address that it does not open from");
        let noted: Result<(), AppError> =
            state.db.tx(&Scope::system(), move |conn| Ok(bearer::note_refused(conn, id, from, now)?)).await;
        if let Err(err) = noted {
            return err;
        }
    }
    unknown()
}

/// That a key or a session was used is good to know, but nothing that a request fails for.
async fn note_use(state: &AppState, found: &Found, from: IpAddr) {
    let (now, who, unwritten) = (state.clock.now(), found.actor.who, found.unwritten);
    let touch = move |conn: &mut PgConnection| match (who, unwritten) {
        (Who::Key(id), _) => bearer::touch(conn, id, from, now),
        (_, Some(id)) => bearer::touch_session(conn, id, now),
        (_, None) => Ok(0),
    };
    if unwritten.is_none() && !matches!(who, Who::Key(_)) {
        return;
    }
    let noted: Result<usize, AppError> =
        state.db.tx(&Scope::system(), move |conn| touch(conn).map_err(AppError::from)).await;
    if let Err(err) = noted {
        tracing::warn!(by = found.actor.principal(), error = %err, "a use was not noted");
    }
}
