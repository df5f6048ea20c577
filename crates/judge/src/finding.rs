//! A finding: one thing worth saying about a domain.

use serde::{Deserialize, Serialize};

use crate::Layer;

/// One thing worth saying: a stable code, a fact, what it costs, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable code, such as `mta_sts_mx_mismatch`.
    pub code: &'static str,
    /// The most exact reason under an umbrella code, such as `policy_http_status`, or a sub-detail of a syntax
    /// finding.
    pub detail: Option<String>,
    /// How soon to act.
    pub severity: Severity,
    /// What is lost.
    pub consequence: Consequence,
    /// The layer it belongs to.
    pub layer: Layer,
    /// What it is about: a record's name, a URL, an MX host, an address.
    pub subject: String,
    /// What was seen, one sentence.
    pub fact: String,
    /// What that means for mail, one sentence.
    pub meaning: String,
    /// How to mend it.
    pub remedy: Remedy,
    /// The octets behind it, for those who want to look closer.
    pub evidence: Vec<EvidenceItem>,
    /// The clause, such as `RFC 8461 §3.1`.
    pub clause: &'static str,
    /// Where the offline page is: the word to give to `mta-sts explain`.
    pub docs: String,
}

/// How to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do, one or two sentences.
    pub text: String,
    /// The exact record, line or snippet to paste, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paste: Option<String>,
}

impl Remedy {
    /// A remedy with nothing to paste.
    pub(crate) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), paste: None }
    }
}

/// Something seen that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceItem {
    /// What it is, such as `record`, `certificate`, `reply`.
    pub label: String,
    /// The text, hostile octets included: renderers escape it.
    pub text: String,
}

/// How soon to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// When convenient.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
}

/// What a finding costs (R109).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Nothing today.
    None,
    /// Reports do not arrive.
    ReportingLost,
    /// Senders deliver without MTA-STS's protection.
    ProtectionLost,
    /// Some paths fail; others still take the mail.
    DeliveryDegraded,
    /// Senders that honour the policy cannot deliver; mail waits, then returns to the sender's user.
    DeliveryLost,
}

impl Severity {
    /// The word that is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        }
    }
}

impl Consequence {
    /// The word that is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ReportingLost => "reporting-lost",
            Self::ProtectionLost => "protection-lost",
            Self::DeliveryDegraded => "delivery-degraded",
            Self::DeliveryLost => "delivery-lost",
        }
    }
}
