//! MX hosts.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, SmtpSession};
use crate::dane::Tlsa;

/// One MX host: a distinct name from the MX records, or the domain itself when there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MxHost {
    /// The name as published, lower case, no final dot.
    pub name: String,
    /// Its best (lowest) preference; 0 for the implicit MX.
    pub preference: u16,
    /// Whether it is the domain itself, for want of MX records (RFC 5321 §5.1).
    pub implicit: bool,
    /// Its IPv4 addresses. `aliases` is not empty when the name is a CNAME (RFC 2181 §10.3 forbids that).
    pub a: Answer<Ipv4Addr>,
    /// Its IPv6 addresses.
    pub aaaa: Answer<Ipv6Addr>,
    /// Its TLSA records.
    pub tlsa: TlsaLook,
    /// One session for each address (bounded in number).
    pub sessions: Vec<SmtpSession>,
    /// When its addresses and TLSA records were asked for, where that was not during this look: looks at many domains
    /// share what they see of a mail host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visited_at: Option<Timestamp>,
}

/// The TLSA records of an MX host (RFC 7672 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsaLook {
    /// The TLSA base domain: the CNAME-expanded name when that is secure and has records, else the name itself.
    pub base: String,
    /// The answer for `_25._tcp.` + base.
    pub answer: Answer<Tlsa>,
    /// How many TLSA records could not be read at all (RDATA too short).
    #[serde(default)]
    pub unreadable: u32,
}
