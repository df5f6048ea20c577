//! Everything that answers for a domain owner: the placing of policies, the announcing of ids, and the recipes for other
//! hosts. A new id is announced only with the proof that its policy is served ([`outside::Served`]).

mod announcer;
mod directory;
mod management;
mod publication;
mod shelf;

pub mod certificates;
pub mod domains;
pub mod door;
pub mod recipes;
pub mod zone;

pub use announcer::{
    AnnounceError, Announced, AnnouncedBy, Announcement, Announcer, Delegated, KeyFault, PROVIDERS, Present,
    Provider, ProviderFault, Rfc2136, TsigKey,
};
pub use directory::Directory;
pub use door::{Door, DoorFault, DoorSettings, Policies, Posted};
pub use management::{Management, Page, Pages};
pub use publication::{
    Action, Goal, GoalRefused, History, Journal, JournalFault, Live, Progress, Stage, Version, WantedId,
    goal, next,
};
pub use shelf::{Shelf, ShelfFault};
pub use zone::{DnsServer, DnsSettings, Zone, ZoneFault, ZoneSettings};
