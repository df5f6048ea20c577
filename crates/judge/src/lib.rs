//! What we think of what was seen: findings, verdict, readiness. Pure functions of evidence, history and a given
//! time; no sockets, no clock, no logs.

mod assess;
mod assessment;
mod case;
mod catalogue;
mod certificate;
mod draft;
mod explain;
mod finding;
mod layer;
mod layers;
mod memory;
mod not_tested;
pub mod propose;
mod protection;
mod ready;
mod seen;
mod summary;
mod verdict;

pub use assess::assess;
pub use assessment::{
    Assessment, Attack, Gate, GateStatus, Layer, LayerReport, LayerStatus, Mechanism, MxProtection,
    NotTestedItem, Protects, Readiness, Verdict,
};
pub use catalogue::{
    Catalogue, Entry, Kind, MX_MISMATCH, PerMode, SeverityProfile, UNREACHABLE, UnknownCode,
};
pub use explain::{Page, explain, pages, suggest};
pub use finding::{Consequence, EvidenceItem, Finding, Remedy, Severity};
pub use memory::look;
pub use ready::{ReportTally, Reports, Thresholds, ready, ready_by};
