//! Who asks: the extractor that stands before every handler that is not for everyone.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::bearer::{self, Bearer, Found};
use super::known::KnownBearers;
use crate::domain::dossier::Verb;
use crate::domain::ids::KeyId;
use crate::domain::role::{Actor, Deed, Who};
use crate::error::{AppError, Said};
use crate::platform::db::Scope;
use crate::state::AppState;

/// Who asks, known by `Authorization: Bearer <token of a session or API key>`; everyone else gets one 401.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

impl Signed {
    /// Checks that the role may do the deed.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when it may not.
    pub fn may(&self, deed: Deed) -> Result<(), AppError> {
        match self.0.role.may(deed) {
            true => Ok(()),
            false => Err(self.refused(deed.as_str())),
        }
    }

    /// Checks that the role may use the verb at all.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when it may not.
    pub fn may_use(&self, verb: Verb) -> Result<(), AppError> {
        match self.0.role.may_use(verb) {
            true => Ok(()),
            false => Err(self.refused(verb.as_str())),
        }
    }

    fn refused(&self, what: &str) -> AppError {
        let role = self.0.role;
        AppError::Forbidden(Said::new(
            "role_may_not",
            format!("Vai trò {role} không được làm việc này ({what})"),
            format!("The role {role} may not do this ({what})"),
        ))
    }
}

impl FromRequest for Signed {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = req.app_data::<web::Data<AppState>>().cloned();
        let known = KnownBearers::from_request(req, payload);
        let bearer = Bearer::of(req);
        async move {
            let state = state.ok_or_else(|| AppError::internal("no state behind the routes"))?;
            let bearer = bearer.ok_or_else(unknown)?;
            let actor = identify(&state, &known.await?, bearer).await?;
            Ok(Self(actor))
        }
        .boxed_local()
    }
}

/// The one answer to whoever is not known, was known once or shows rubbish.
pub(super) fn unknown() -> AppError {
    AppError::Unauthenticated(Said::new(
        "not_signed_in",
        "Hãy đăng nhập hoặc gửi khóa API còn hiệu lực: Authorization: Bearer …",
        "Log in, or send a valid API key: Authorization: Bearer …",
    ))
}

async fn identify(state: &AppState, known: &KnownBearers, bearer: Bearer) -> Result<Actor, AppError> {
    let now = state.clock.now();
    if let Some(actor) = known.recall(&bearer, now) {
        return Ok(actor);
    }
    let generation = known.generation();
    let asked = bearer.clone();
    let found: Option<Found> =
        state.db.read(&Scope::system(), move |conn| asked.look_up(conn, now).map_err(AppError::from)).await?;
    let found = found.ok_or_else(unknown)?;
    known.keep(generation, bearer, &found, now);
    if let Who::Key(id) = found.actor.who {
        note_use(state, id).await;
    }
    Ok(found.actor)
}

/// That a key was used is good to know, but nothing that a request fails for.
async fn note_use(state: &AppState, id: KeyId) {
    let now = state.clock.now();
    let noted: Result<usize, AppError> =
        state.db.tx(&Scope::system(), move |conn| bearer::touch(conn, id, now).map_err(AppError::from)).await;
    if let Err(err) = noted {
        tracing::warn!(key.id = %id, error = %err, "the use of key {id} was not noted");
    }
}
