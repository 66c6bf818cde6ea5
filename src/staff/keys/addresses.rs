//! From where a key opens.

use std::net::IpAddr;

use ipnet::IpNet;

/// Addresses and networks; from anywhere when there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::staff) struct Addresses(Vec<IpNet>);

impl Addresses {
    /// Reads addresses (`203.0.113.7`) and networks (`10.1.0.0/16`, `2001:db8::/48`).
    ///
    /// # Errors
    /// The place of the first that is neither.
    pub(in crate::staff) fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, usize> {
        let one = |(place, text): (usize, &str)| network(text.trim()).ok_or(place);
        texts.into_iter().enumerate().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the key opens from there.
    pub(in crate::staff) fn hold(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// Returns them as they are stored and shown, or none when it is from anywhere.
    pub(in crate::staff) fn texts(&self) -> Option<Vec<String>> {
        (!self.0.is_empty()).then(|| self.0.iter().map(ToString::to_string).collect())
    }
}

fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(match network {
        // An IPv4 address written as IPv6 is the IPv4 address, as callers are told apart.
        IpNet::V6(v6) if v6.prefix_len() == 128 => IpNet::from(IpAddr::from(v6.addr()).to_canonical()),
        other => other.trunc(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(texts: &[&str], address: &str) -> bool {
        Addresses::read(texts.iter().copied()).unwrap().hold(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        assert!(holds(&["10.1.2.3/16"], "10.1.255.255"));
        assert!(holds(&["10.1.0.0/16"], "::ffff:10.1.0.9"));
        assert!(holds(&["::ffff:10.1.0.9"], "10.1.0.9"));
        assert!(holds(&["192.0.2.1", "2001:db8::/48"], "2001:db8:0:5::1"));
        assert!(!holds(&["10.1.0.0/16"], "10.2.0.0"));
        assert!(!holds(&["192.0.2.1"], "192.0.2.2"));
        assert!(holds(&[], "198.51.100.1"), "none named: from anywhere");
    }

    #[test]
    fn the_first_that_is_none_is_named_by_its_place() {
        assert_eq!(Addresses::read(["10.0.0.1", "10.0.0.0/33"]), Err(1));
        assert_eq!(Addresses::read(["localhost"]), Err(0));
    }

    #[test]
    fn they_are_shown_as_networks() {
        let shown = Addresses::read(["10.1.2.3/16", "192.0.2.1"]).unwrap().texts();
        assert_eq!(shown, Some(vec!["10.1.0.0/16".to_owned(), "192.0.2.1/32".to_owned()]));
    }
}
