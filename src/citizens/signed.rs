//! Which citizen asks: the extractor before the routes that are for citizens alone.

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::sessions::{self, Opens, PREFIX};
use crate::domain::ids::CitizenSessionId;
use crate::error::{AppError, Said};
use crate::platform::db::Scope;
use crate::state::AppState;

/// Longer than any token of ours.
const LONGEST: usize = 100;

/// A citizen, known by `Authorization: Bearer mcz_…`; everyone else, staff too, gets one 401.
#[derive(Debug, Clone)]
pub struct Citizen {
    pub(super) session: CitizenSessionId,
    pub(super) opens: Opens,
}

impl Citizen {
    /// Returns the keyed hash of the person's ID number. Only who has logged in with one is somebody; a one-time code opens
    /// one dossier to whoever holds the phone.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for who came by a one-time code.
    pub(super) fn person(&self) -> Result<Vec<u8>, AppError> {
        match &self.opens {
            Opens::OwnOf(person) => Ok(person.clone()),
            Opens::Dossier(_) => Err(AppError::Forbidden(Said::new(
                "log_in_needed",
                "Chỉ dùng được sau khi đăng nhập bằng tài khoản định danh",
                "Only for who has logged in with a digital identity",
            ))),
        }
    }
}

impl FromRequest for Citizen {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = req.app_data::<web::Data<AppState>>().cloned();
        let token = token_of(req);
        async move {
            let state = state.ok_or_else(|| AppError::internal("no state behind the routes"))?;
            let (token, now) = (token.ok_or_else(unknown)?, state.clock.now());
            let look_up = move |conn: &mut diesel::PgConnection| Ok(sessions::look_up(conn, &token, now)?);
            let found: Result<_, AppError> = state.db.read(&Scope::system(), look_up).await;
            let (session, opens) = found?.ok_or_else(unknown)?;
            Ok(Self { session, opens })
        }
        .boxed_local()
    }
}

fn token_of(req: &HttpRequest) -> Option<String> {
    let mut shown = req.headers().get_all(AUTHORIZATION);
    let only = shown.next()?.to_str().ok()?;
    let (scheme, token) = only.split_once(' ')?;
    let token = token.trim();
    let is_ours = scheme.eq_ignore_ascii_case("bearer") && token.starts_with(PREFIX) && token.len() <= LONGEST;
    // Two credentials are none.
    (is_ours && shown.next().is_none()).then(|| token.to_owned())
}

fn unknown() -> AppError {
    AppError::Unauthenticated(Said::new(
        "not_signed_in",
        "Hãy xác nhận bằng mã dùng một lần hoặc đăng nhập: Authorization: Bearer mcz_…",
        "Show a one-time code or log in first: Authorization: Bearer mcz_…",
    ))
}
