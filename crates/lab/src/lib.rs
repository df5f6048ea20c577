//! A small false internet on loopback that misbehaves by script: authoritative DNS with a signed root, web servers
//! with policies, mail servers, and a CA. Each scenario is one domain with one fault, or with none.
//!
//! The lab speaks bytes: it shares no parser with the checker that visits it, so that no shared mistake can hide.
//! DNS hands out documentation addresses; [`Lab::connect_map`] tells where on loopback each of them really is.
#![allow(clippy::disallowed_methods, reason = "the lab is the world outside: it has clocks of its own")]

mod ca;
mod chain;
mod dns;
mod error;
mod https;
mod lab;
mod scenario;
mod smtp;
mod tls;
mod visits;
mod world;

pub use chain::{Chain, longest_chain};
pub use error::LabError;
pub use lab::{Lab, Options, View};
pub use scenario::{Before, Expected, Scenario, catalogue};
pub use visits::{Visit, VisitKind};
