//! The whole of one look at one domain.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Answer, MxHost, MxRecord, NotTested, PolicyHost, ReportTarget, Route, ServerAnswer, Tested, Txt,
};
use crate::Domain;

/// The version of [`Evidence`] that this crate writes. Every released version stays readable.
pub const EVIDENCE_VERSION: u32 = 1;

/// Everything that one look at one domain brought. Judged by `judge::assess`; nothing here is an opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// [`EVIDENCE_VERSION`] of the writer.
    pub evidence_version: u32,
    /// The program and version that looked.
    pub tool: String,
    /// The policy domain (RFC 8461 §2).
    pub domain: Domain,
    /// When the look began. Lifetimes are judged against this.
    pub taken_at: Timestamp,
    /// How long the whole look took, in milliseconds.
    pub millis: u64,
    /// From where and how it was looked.
    pub vantage: Vantage,
    /// TXT at `_mta-sts.`.
    pub record: Answer<Txt>,
    /// What surrounds that record.
    pub surroundings: RecordSurroundings,
    /// The policy host and the policy.
    pub policy_host: PolicyHost,
    /// The MX records.
    pub mx: Answer<MxRecord>,
    /// Each distinct MX host, best preference first (bounded in number; see `mx_hosts_left_out`).
    pub hosts: Vec<MxHost>,
    /// How many MX hosts beyond the bound were not looked at.
    #[serde(default)]
    pub mx_hosts_left_out: u32,
    /// TXT at `_smtp._tls.`.
    pub tlsrpt: Answer<Txt>,
    /// The targets of the TLSRPT record.
    pub targets: Vec<ReportTarget>,
    /// Subdomains that may receive mail.
    #[serde(default)]
    pub subdomains: Vec<SubdomainLook>,
}

/// From where and how it was looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vantage {
    /// A name for this place.
    pub name: String,
    /// The profile asked for.
    pub profile: Profile,
    /// The resolver asked, such as `192.0.2.53:53` or `tls://…`.
    pub resolver: String,
    /// Which trust anchor DNSSEC was validated with, or `none`.
    pub trust_anchor: String,
    /// The root set that certificate paths were built with, such as `webpki` or a file's name.
    pub roots: String,
    /// The name given in EHLO.
    pub helo: String,
    /// How connections were led, where it was not the plain way.
    #[serde(default, skip_serializing_if = "Route::is_plain")]
    pub route: Route,
    /// What our own network can do.
    pub network: OwnNetwork,
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// DNS and the policy.
    Basic,
    /// Also MX coverage and TLSRPT.
    Extended,
    /// Also live SMTP, DANE and DNSSEC.
    Full,
}

/// What our own network can do; trouble here is never a finding about the domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNetwork {
    /// Whether the resolver answers at all.
    pub resolver: Tested<()>,
    /// Whether there is an IPv4 route.
    pub ipv4: Tested<()>,
    /// Whether there is an IPv6 route.
    pub ipv6: Tested<()>,
    /// Whether connections to port 25 get out, as far as this look can tell.
    pub port25: Tested<()>,
}

/// What surrounds the `_mta-sts` record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSurroundings {
    /// TXT at the wrong places: the apex, `mta-sts.`, `_mta_sts.` (rule 17).
    pub elsewhere: Vec<Answer<Txt>>,
    /// TXT at a random sibling label: records here mean a wildcard answers (rule 18).
    pub sibling: Tested<Answer<Txt>>,
    /// Each authoritative server asked directly (rule 20).
    pub servers: Tested<Vec<ServerAnswer>>,
}

/// A subdomain that may receive mail (rule 78).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubdomainLook {
    /// Its name.
    pub name: String,
    /// Its MX records.
    pub mx: Answer<MxRecord>,
    /// TXT at its `_mta-sts.`.
    pub record: Answer<Txt>,
}

/// Why a capsule could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// It was written by a newer version.
    #[error(
        "evidence version {found} is newer than {EVIDENCE_VERSION}, the newest that this version reads: update mta-sts"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// It is no evidence, or damaged.
    #[error("not readable as recorded evidence: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl Evidence {
    /// Reads recorded evidence of any released version.
    ///
    /// # Errors
    /// [`EvidenceError`] when it is of a newer version or damaged.
    pub fn from_json(octets: &[u8]) -> Result<Self, EvidenceError> {
        #[derive(Deserialize)]
        struct Head {
            evidence_version: u32,
        }
        let head: Head = serde_json::from_slice(octets)?;
        if head.evidence_version > EVIDENCE_VERSION {
            return Err(EvidenceError::Newer { found: head.evidence_version });
        }
        Ok(serde_json::from_slice(octets)?)
    }

    /// Writes the evidence as JSON, one line.
    ///
    /// # Errors
    /// Never in practice; serialisation of these values has no failing case.
    pub fn to_json(&self) -> Result<String, EvidenceError> {
        Ok(serde_json::to_string(self)?)
    }

    /// Everything that was not tested, with the reason and what it was about.
    #[must_use]
    pub fn not_tested(&self) -> Vec<(String, &NotTested)> {
        let mut all = Vec::new();
        for (what, tested) in [
            ("the resolver", &self.vantage.network.resolver),
            ("IPv4", &self.vantage.network.ipv4),
            ("IPv6", &self.vantage.network.ipv6),
            ("port 25", &self.vantage.network.port25),
        ] {
            if let Tested::NotTested(why) = tested {
                all.push((what.to_owned(), why));
            }
        }
        all
    }
}
