//! What we think of what was seen: findings, verdict, readiness. Pure functions of evidence, history and a given
//! time; no sockets, no clock, no logs.

mod assessment;
mod catalogue;
mod explain;
mod finding;

pub use assessment::{
    Assessment, Attack, Gate, GateStatus, Layer, LayerReport, LayerStatus, Mechanism, MxProtection,
    NotTestedItem, Protects, Readiness, Verdict,
};
pub use catalogue::{
    Catalogue, Entry, Kind, MX_MISMATCH, PerMode, SeverityProfile, UNREACHABLE, UnknownCode,
};
pub use explain::{Page, explain, pages, suggest};
pub use finding::{Consequence, EvidenceItem, Finding, Remedy, Severity};
