//! Bearers seen a moment ago, so that a busy counter does not pay a look-up per request.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, TimeDelta, Utc};

use super::bearer::{Bearer, Found};
use crate::error::AppError;

/// How long an answer is believed without asking again: what another node revokes is refused after this.
const BELIEVED_FOR: TimeDelta = TimeDelta::seconds(2);
const MOST: usize = 10_000;

/// The bearers that this process has looked up within the last two seconds. One for all its threads, held as
/// `web::Data`; a server without one looks every bearer up anew.
#[derive(Debug, Clone, Default)]
pub struct KnownBearers(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    /// Counts the times that all was forgotten.
    generation: u64,
    found: HashMap<Bearer, Believed>,
}

/// Who a bearer was found to be, believed in this span.
#[derive(Debug)]
struct Believed {
    found: Found,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// What was forgotten before a look-up began: its answer is kept only if nothing was forgotten meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

impl KnownBearers {
    /// Returns those of the server that got the request.
    pub fn of(req: &HttpRequest) -> Self {
        req.app_data::<web::Data<Self>>().map_or_else(Self::default, |data| data.get_ref().clone())
    }

    /// Forgets everyone: after a revocation, a disabled account or a new password has been committed.
    pub fn forget(&self) {
        let mut held = self.held();
        held.generation += 1;
        held.found.clear();
    }

    /// Returns who the bearer was found to be a moment ago.
    pub(super) fn recall(&self, bearer: &Bearer, now: DateTime<Utc>) -> Option<Found> {
        let held = self.held();
        let believed = held.found.get(bearer)?;
        (believed.from <= now && now < believed.until).then(|| believed.found.clone())
    }

    pub(super) fn generation(&self) -> Generation {
        Generation(self.held().generation)
    }

    /// Keeps what a look-up found that began at `generation`.
    pub(super) fn keep(&self, generation: Generation, bearer: Bearer, found: &Found, now: DateTime<Utc>) {
        let mut held = self.held();
        if held.generation != generation.0 {
            return;
        }
        if held.found.len() >= MOST {
            held.found.retain(|_, believed| now < believed.until);
        }
        if held.found.len() >= MOST {
            held.found.clear();
        }
        let until = (now + BELIEVED_FOR).min(found.expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC));
        held.found.insert(bearer, Believed { found: found.clone(), from: now, until });
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Whoever panicked while holding it left a whole map behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromRequest for KnownBearers {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{KeyId, UnitId};
    use crate::domain::role::{Actor, Role, Who};
    use crate::staff::keys::Addresses;

    fn found(expires_at: Option<DateTime<Utc>>) -> Found {
        let actor = Actor::new(Who::Key(KeyId::new()), "Quầy 1", Role::Clerk, UnitId::new());
        let (addresses, lacks_second_factor, unwritten) = (Addresses::default(), false, None);
        Found { actor, expires_at, addresses, lacks_second_factor, unwritten }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn bearer() -> Bearer {
        Bearer::read("Bearer mck_0123456789").unwrap()
    }

    #[test]
    fn a_bearer_is_believed_for_two_seconds_and_never_past_its_end() {
        let known = KnownBearers::default();
        known.keep(known.generation(), bearer(), &found(None), at(0));
        assert!(known.recall(&bearer(), at(1)).is_some());
        assert!(known.recall(&bearer(), at(2)).is_none());
        assert!(known.recall(&bearer(), at(-1)).is_none());
        known.keep(known.generation(), bearer(), &found(Some(at(1))), at(0));
        assert!(known.recall(&bearer(), at(1)).is_none());
    }

    #[test]
    fn a_look_up_that_began_before_a_revocation_is_not_kept() {
        let known = KnownBearers::default();
        let before = known.generation();
        known.forget();
        known.keep(before, bearer(), &found(None), at(0));
        assert!(known.recall(&bearer(), at(0)).is_none());
    }
}
