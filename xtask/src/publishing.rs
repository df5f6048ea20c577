//! `publish` with real parts: BIND or Knot with signed updates, nginx, and the shipped binary, which is killed at each
//! step while a poller looks for a new id with an old policy.

mod crash;
mod poller;
mod refusals;
mod world;

use crate::Outcome;
use poller::Poller;
use world::{NameServer, World};

/// Programs that it needs; all are Debian packages.
const PROGRAMS: [&str; 5] = ["nginx", "named", "knotd", "strace", "openssl"];

/// The first program that is missing.
pub(crate) fn missing() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| !is_there(program))
}

/// Both name servers, one after the other.
pub(crate) fn test() -> Outcome {
    let bind = with(NameServer::Bind)?;
    Ok(with(NameServer::Knot)? && bind)
}

fn with(server: NameServer) -> Outcome {
    let world = World::up(server)?;
    let poller = Poller::start(&world);
    let crashes = crash::at_every_step(&world, &poller);
    // It runs until then; an error of the steps is told after what it saw.
    let seen = poller.stop();
    let crashes = crashes?;
    let refusals = refusals::are_told(&world)?;
    println!("{server}: {crashes}; {seen}");
    Ok(crashes.good && seen.good() && refusals)
}

fn is_there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder| folder.join(program).is_file())
}
