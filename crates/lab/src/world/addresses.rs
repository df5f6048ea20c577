//! The documentation addresses that the lab's DNS hands out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::LabError;

/// The networks that addresses are taken from (RFC 5737 §3, RFC 2544 appendix C, RFC 3849 §2).
pub(crate) const ALLOWED: &[&str] =
    &["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32"];

/// First and last usable address of each IPv4 network.
const RANGES: &[(Ipv4Addr, Ipv4Addr)] = &[
    (Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 254)),
    (Ipv4Addr::new(198, 51, 100, 1), Ipv4Addr::new(198, 51, 100, 254)),
    (Ipv4Addr::new(203, 0, 113, 1), Ipv4Addr::new(203, 0, 113, 254)),
    (Ipv4Addr::new(198, 18, 0, 1), Ipv4Addr::new(198, 19, 255, 254)),
];
const PREFIX6: u128 = 0x2001_0db8 << 96;

/// Hands out each address once.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    given4: u32,
    given6: u128,
}

impl Addresses {
    /// The next IPv6 address if the label begins with `v6`, else the next IPv4 address.
    pub(crate) fn next(&mut self, label: &str) -> Result<IpAddr, LabError> {
        if label.starts_with("v6") {
            self.given6 += 1;
            return Ok(IpAddr::V6(Ipv6Addr::from_bits(PREFIX6 + self.given6)));
        }
        let mut index = self.given4;
        self.given4 += 1;
        for (first, last) in RANGES {
            let size = last.to_bits() - first.to_bits() + 1;
            if index < size {
                return Ok(IpAddr::V4(Ipv4Addr::from_bits(first.to_bits() + index)));
            }
            index -= size;
        }
        Err(LabError::Addresses)
    }
}
