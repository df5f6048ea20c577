//! The domains that are hosted here: whose they are, how far they have come, their policies and every version of them.

mod hosted;
mod identifier;
mod kept;
mod label;
mod machine;
mod mx_guard;
mod names;
mod owner;
mod posting;
mod refused;
mod retirement;
mod seen;
mod state;
mod steps;
mod store;
mod tables;
mod version;

pub use hosted::HostedDomain;
pub use label::{Label, NoRandomness, TOKEN_LABEL};
pub use machine::{Because, Step, Task, step};
pub use mx_guard::{WouldBreak, left_out, live_hosts, mx_guard};
pub use names::{ServiceNames, WantedRecord};
pub use owner::{Owner, OwnerRefused};
pub use posting::Posting;
pub use refused::DomainsError;
pub use retirement::{last_policy, served_until};
pub use seen::{FetchSeen, Pointing, RecordSeen, Seen, Sighting};
pub use state::{DomainState, UnknownState};
pub use steps::Due;
pub use store::{By, Change, Changed, Domains, Filter, NewDomain};
pub use version::{Difference, PolicyVersion, differences};
