//! How often an address may ask. IPv6 counts by /64; a proxy's word is taken only from a configured proxy.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use actix_web::HttpRequest;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::wrong_pins::WrongPins;
use crate::config::LimitsConfig;
use crate::error::AppError;

/// The counters of this process.
#[derive(Debug)]
pub struct Limits {
    public: DefaultKeyedRateLimiter<IpAddr>,
    sessions: DefaultKeyedRateLimiter<IpAddr>,
    citizens: DefaultKeyedRateLimiter<IpAddr>,
    catalogue: DefaultDirectRateLimiter,
    /// Wrong pins, per address and dossier.
    pub pins: WrongPins,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Public status, per address.
    Public,
    /// Log-ins, per address.
    Sessions,
    /// One-time codes and log-ins of citizens, per address.
    Citizens,
    /// Catalogue and preview, all together.
    Catalogue,
}

impl Limits {
    /// Makes the counters.
    pub fn new(config: &LimitsConfig) -> Self {
        let some = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self {
            public: RateLimiter::keyed(Quota::per_minute(some(config.public_per_minute))),
            sessions: RateLimiter::keyed(Quota::per_minute(some(config.sessions_per_minute))),
            citizens: RateLimiter::keyed(Quota::per_minute(some(config.citizens_per_minute))),
            catalogue: RateLimiter::direct(Quota::per_second(some(config.catalogue_per_second))),
            pins: WrongPins::default(),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the time to wait.
    pub fn check(&self, counted: Counted, address: IpAddr) -> Result<(), AppError> {
        let refused = match counted {
            Counted::Public => self.public.check_key(&network(address)),
            Counted::Sessions => self.sessions.check_key(&network(address)),
            Counted::Citizens => self.citizens.check_key(&network(address)),
            Counted::Catalogue => self.catalogue.check(),
        };
        refused.map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            AppError::TooMany { retry_after_seconds: wait.as_secs() + 1 }
        })
    }

    /// Forgets addresses that have not asked for long.
    pub fn tidy(&self) {
        self.public.retain_recent();
        self.sessions.retain_recent();
        self.citizens.retain_recent();
    }
}

/// IPv6 networks hand out a /64 to one house; so do we count.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Returns whose connection it is.
fn peer_of(req: &HttpRequest) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    req.peer_addr().map_or(unknown, |peer| peer.ip().to_canonical())
}

/// Whether the request comes from one of the proxies whose word is taken.
pub(super) fn is_trusted(req: &HttpRequest, trusted_proxies: &[IpAddr]) -> bool {
    trusted_proxies.contains(&peer_of(req))
}

/// Returns whose request it is: the peer, or what a trusted proxy says.
pub fn address_of(req: &HttpRequest, trusted_proxies: &[IpAddr]) -> IpAddr {
    let peer = peer_of(req);
    if !trusted_proxies.contains(&peer) {
        return peer;
    }
    // The last entries were added by our own proxies; the first one that is not theirs is the caller.
    let headers = req.headers().get_all("X-Forwarded-For").filter_map(|value| value.to_str().ok());
    let forwarded: Vec<&str> = headers.flat_map(|value| value.split(',')).collect();
    let hops = forwarded.iter().rev().map_while(|hop| hop.trim().parse::<IpAddr>().ok());
    hops.map(|hop| hop.to_canonical()).find(|hop| !trusted_proxies.contains(hop)).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn caller(peer: &str, forwarded: &str) -> String {
        let req = TestRequest::default()
            .peer_addr(format!("{peer}:1000").parse().unwrap())
            .insert_header(("X-Forwarded-For", forwarded))
            .to_http_request();
        address_of(&req, &["10.0.0.1".parse().unwrap()]).to_string()
    }

    #[test]
    fn a_proxy_header_is_believed_only_from_a_configured_proxy() {
        assert_eq!(caller("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(caller("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(caller("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.1"), "198.51.100.1");
        assert_eq!(caller("10.0.0.1", "rubbish"), "10.0.0.1");
    }

    #[test]
    fn one_slash_64_is_one_caller() {
        let first: IpAddr = "2001:db8:1:2:3::4".parse().unwrap();
        let second: IpAddr = "2001:db8:1:2:ffff::1".parse().unwrap();
        assert_eq!(network(first), network(second));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
