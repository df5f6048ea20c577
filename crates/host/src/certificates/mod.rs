//! Certificates: what the door shows for each name, and how it comes by them.
//!
//! The door reads [`Certificates`], a snapshot in memory, and nothing else. What is in it is kept in a database, keys
//! sealed by a [`Sealer`].

mod acme;
mod caa;
mod challenges;
mod hot;
mod issued;
mod issuer;
mod local_authority;
mod own_files;
mod packed;
mod sealer;
mod snapshot;
mod store;

pub mod queue;

pub use acme::{AcmeSettings, Authority, Kind, Proofs, Reached, Trouble};
pub use caa::{Issuance, Permission, judge, record_for};
pub use challenges::{ACME_TLS, Challenges, Method};
pub use issued::{CertificateFault, Facts, Issued};
pub use issuer::{Issuer, IssuerSettings};
pub use local_authority::LocalAuthority;
pub use own_files::{KeyFiles, OwnFileFault, OwnFiles};
pub use sealer::{SealFault, Sealer, SealingKey};
pub use snapshot::Certificates;
pub use store::{Expiring, Problem, Resealed, Store, StoreError, Wanted, WantedState};
