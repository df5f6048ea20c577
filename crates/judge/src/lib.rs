//! What we think of what was seen: findings, verdict, readiness. Pure functions of evidence, history and a given
//! time; no sockets, no clock, no logs.

mod assess;
mod assessment;
mod case;
mod catalogue;
mod certificate;
mod cipher;
mod draft;
mod explain;
mod finding;
mod hosted;
mod id_date;
mod layer;
mod layers;
mod max_age;
mod memory;
mod not_tested;
mod notice;
pub mod propose;
mod protection;
mod ready;
mod seen;
mod summary;
mod survey_class;
mod verdict;
mod wide_pattern;
mod yardstick;

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
pub use hosted::{operator_of, registrable};
pub use id_date::IdDate;
pub use max_age::{MaxAgeAdvice, MaxAgeProfile, UnknownMaxAgeProfile};
pub use memory::look;
pub use notice::{Held, Notice, noticed};
pub use ready::{ReportTally, Reports, Thresholds, ready, ready_by};
pub use survey_class::{SurveyClass, survey_classes};
pub use wide_pattern::is_too_wide;
pub use yardstick::Yardstick;
