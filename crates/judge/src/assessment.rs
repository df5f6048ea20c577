//! The whole opinion on one domain.

use jiff::Timestamp;
use protocol::Domain;
use serde::Serialize;

use crate::{EvidenceItem, Finding, Remedy};

/// The whole opinion on one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// The domain.
    pub domain: Domain,
    /// The time it was judged for.
    pub at: Timestamp,
    /// One word for all.
    pub verdict: Verdict,
    /// One sentence for all: what works, what it costs.
    pub summary: String,
    /// The six layers, in order.
    pub layers: Vec<LayerReport>,
    /// All findings: most severe first, then by consequence, layer, subject, code and detail.
    pub findings: Vec<Finding>,
    /// Per MX host: which mechanism protects against which attack.
    pub protection: Vec<MxProtection>,
    /// What was not tested, and why. Never the domain's fault.
    pub not_tested: Vec<NotTestedItem>,
}

/// The verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No `_mta-sts` record.
    NotDeployed,
    /// There is a record, and senders find no usable policy.
    Broken,
    /// A policy with mode none.
    Disabled,
    /// Mode testing, and something is missing for enforce.
    Testing,
    /// Mode testing, and nothing seen on the wire speaks against enforce.
    ReadyToEnforce,
    /// Mode enforce, and senders can deliver.
    Enforcing,
    /// Mode enforce, and senders that honour it cannot deliver by some or all paths.
    EnforcingButBroken,
    /// Could not be judged: our own network or DNS trouble hid what matters.
    Unknown,
}

/// The layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The `_mta-sts` record.
    Record,
    /// Fetching the policy.
    Fetch,
    /// The policy.
    Policy,
    /// MX coverage.
    Coverage,
    /// Transport security of the MX hosts.
    Transport,
    /// TLSRPT.
    Tlsrpt,
    /// Across layers; has no line of its own among the six.
    Across,
}

/// One layer's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerReport {
    /// Which.
    pub layer: Layer,
    /// Its name for people.
    pub name: &'static str,
    /// Its status.
    pub status: LayerStatus,
    /// What was seen, one short line.
    pub summary: String,
    /// The facts behind it, for healthy domains too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceItem>,
}

/// The statuses of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerStatus {
    /// All right.
    Pass,
    /// Works, with something to mend.
    Warn,
    /// Does not work.
    Fail,
    /// Not tested, because…
    NotTested,
}

/// What protects mail to one MX host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MxProtection {
    /// The MX host.
    pub host: String,
    /// Its preference.
    pub preference: u16,
    /// What protects it.
    pub mechanism: Mechanism,
    /// Whether a sender that honours what is published can deliver to it.
    pub deliverable: Option<bool>,
    /// What that protects against.
    pub protects: Vec<Protects>,
    /// Why it is so, one sentence.
    pub because: String,
}

/// The mechanisms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// Neither: opportunistic TLS at best.
    None,
    /// MTA-STS in mode enforce.
    MtaSts,
    /// DANE.
    Dane,
    /// Both; a sender that does both uses DANE (RFC 8461 §2).
    Both,
}

/// Whether one attack is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Protects {
    /// The attack.
    pub attack: Attack,
    /// Whether it is stopped.
    pub stopped: bool,
    /// By what, or why not; one clause.
    pub how: String,
}

/// The attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attack {
    /// Reading along without interfering.
    PassiveListening,
    /// STARTTLS removed on the way.
    StarttlsStripping,
    /// Another server in the middle, with a certificate of its own.
    Impersonation,
    /// Forged MX records.
    MxForgery,
    /// Hiding the policy from a sender that has never seen it.
    FirstContact,
}

/// Something that was not tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotTestedItem {
    /// What.
    pub subject: String,
    /// The layer.
    pub layer: Layer,
    /// Why, to follow "not tested, because".
    pub because: String,
}

/// The answer to "is it safe to enforce?" (R45).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The domain.
    pub domain: Domain,
    /// Whether every gate passed.
    pub ready: bool,
    /// One sentence.
    pub summary: String,
    /// The gates, in order.
    pub gates: Vec<Gate>,
}

/// One condition for enforce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// A stable name, snake case.
    pub name: &'static str,
    /// The question it asks.
    pub question: &'static str,
    /// The answer.
    pub status: GateStatus,
    /// What was seen.
    pub evidence: String,
    /// What to do when it does not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Codes of the findings behind it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<&'static str>,
}

/// The statuses of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateStatus {
    /// Passed.
    Pass,
    /// Blocks.
    Fail,
    /// Not tested: not ready either.
    NotTested,
}
