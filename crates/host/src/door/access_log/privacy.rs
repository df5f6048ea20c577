//! How much of a visitor's address is kept.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;

/// How much of a visitor's address is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// The address.
    Full,
    /// The network that it is in, a /24 of IPv4 or a /48 of IPv6: enough to know a mail provider by.
    #[default]
    Network,
    /// A number that stands for the address until midnight UTC, or until the process ends, and cannot be turned back into
    /// it: enough to count visitors by.
    Pseudonym,
    /// Nothing.
    None,
}

/// Carries a privacy out.
pub(super) struct Concealment {
    privacy: Privacy,
    /// Keyed at random, and the key leaves this process nowhere.
    key: RandomState,
}

/// Seconds of a day.
const DAY: i64 = 86_400;

impl Concealment {
    pub(super) fn new(privacy: Privacy) -> Self {
        Self { privacy, key: RandomState::new() }
    }

    /// What is written of an address.
    pub(super) fn seen(&self, from: IpAddr, at: Timestamp) -> Option<String> {
        match self.privacy {
            Privacy::Full => Some(from.to_string()),
            Privacy::Network => Some(network(from)),
            Privacy::Pseudonym => {
                let day = at.as_second().div_euclid(DAY);
                Some(format!("{:016x}", self.key.hash_one((day, from))))
            }
            Privacy::None => None,
        }
    }
}

impl std::fmt::Debug for Concealment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.privacy.fmt(f)
    }
}

fn network(from: IpAddr) -> String {
    match from {
        IpAddr::V4(address) => format!("{}/24", Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8))),
        IpAddr::V6(address) => format!("{}/48", Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 80))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept() {
        let at: Timestamp = "2026-04-29T12:00:00Z".parse().expect("a time");
        let (four, six) = (IpAddr::from([192, 0, 2, 77]), "2001:db8:1:2:3::4".parse().expect("an address"));
        for (privacy, of_four, of_six) in [
            (Privacy::Full, Some("192.0.2.77"), Some("2001:db8:1:2:3::4")),
            (Privacy::Network, Some("192.0.2.0/24"), Some("2001:db8:1::/48")),
            (Privacy::None, None, None),
        ] {
            let concealment = Concealment::new(privacy);
            assert_eq!(concealment.seen(four, at).as_deref(), of_four);
            assert_eq!(concealment.seen(six, at).as_deref(), of_six);
        }
    }

    #[test]
    fn a_pseudonym_lasts_a_day() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (one, other) = (IpAddr::from([192, 0, 2, 77]), IpAddr::from([192, 0, 2, 78]));
        let concealment = Concealment::new(Privacy::Pseudonym);
        let morning = concealment.seen(one, at("2026-04-29T00:00:00Z"));
        assert_eq!(concealment.seen(one, at("2026-04-29T23:59:59Z")), morning);
        assert_ne!(concealment.seen(one, at("2026-04-30T00:00:00Z")), morning);
        assert_ne!(concealment.seen(other, at("2026-04-29T00:00:00Z")), morning);
        let another = Concealment::new(Privacy::Pseudonym);
        assert_ne!(another.seen(one, at("2026-04-29T00:00:00Z")), morning, "another process, another key");
    }
}
