//! Looks at other people's domains as a sender would: DNS with DNSSEC, the policy's HTTPS, SMTP with STARTTLS; and
//! the clock. Changes nothing, holds no opinion, keeps nothing but short-lived caches.

mod caa;
mod certificate;
mod clock;
mod deadline;
mod dns;
mod exclusion;
mod http;
mod net;
mod outside;
mod served;
mod settings;
mod setup;
mod smtp;
mod survey;
mod sweep;
mod tls;
mod visits;
mod watcher;

pub mod wire;

pub use caa::{CaaRecord, CaaSeen};
pub use clock::{Clock, Stopwatch};
pub use exclusion::{Exclusion, ExclusionError};
pub use outside::Outside;
pub use served::{NotServed, Served, Shortfall};
pub use settings::{ConnectRule, Families, Limits, ResolverChoice, Roots, Settings, TrustAnchor};
pub use setup::SetupError;
pub use sweep::{Batch, Sweep, SweepError, SweepFailure, SweepHealth, SweepSettings, Swept, SweptBatch};
pub use visits::{HostNames, Seen, Visit, VisitSettings, Visits};
pub use watcher::{Purpose, Step, Watcher};
