//! What was seen on the wire, as plain, versioned, serialisable values. Failure is data here: nothing in this
//! module is an opinion, and trouble of the observer's own network is kept apart ([`NotTested`]).

mod address;
mod certificate;
mod dns;
mod evidence;
mod history;
mod mail_host;
mod octets;
mod policy_host;
mod report_target;
mod route;
mod session;
mod tested;

pub use address::ConnectFailure;
pub use certificate::{Certificate, KeyFacts, PathFacts, PathResult, TlsFacts, TlsFailure, TlsFailureKind};
pub use dns::{Answer, DnsFailure, MxRecord, Outcome, Security, SecurityStatus, ServerAnswer, Txt};
pub use evidence::{
    EVIDENCE_VERSION, Evidence, EvidenceError, OwnNetwork, Profile, RecordSurroundings, SubdomainLook,
    Vantage,
};
pub use history::{History, Look, PastPolicy};
pub use mail_host::{MxHost, TlsaLook};
pub use octets::Octets;
pub use policy_host::{Fetch, FetchOutcome, HttpFailure, HttpResponse, Place, PolicyHost, WrongPlace};
pub use report_target::{Reach, ReportTarget, TargetLook};
pub use route::{Detour, Route};
pub use session::{LegacyOffer, Reply, SessionOutcome, SmtpSession, Stage};
pub use tested::{NotTested, NotTestedReason, Tested};
