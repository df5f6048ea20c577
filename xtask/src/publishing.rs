//! `publish` with real parts: BIND or Knot with signed updates, nginx, and the shipped binary, which is killed at each
//! step while a poller looks for a new id with an old policy.

mod crash;
mod poller;
mod refusals;
mod world;

use std::path::PathBuf;

use crate::Outcome;
use poller::Poller;
use world::{NameServer, World};

/// Programs that it needs; all are Debian packages.
const PROGRAMS: [&str; 5] = ["nginx", "named", "knotd", "strace", "openssl"];

/// The first program that is missing. Then nothing of this part runs, and the part counts as skipped: with one name server
/// alone it would look as if both had been tried.
pub(crate) fn missing() -> Option<&'static str> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> =
        std::env::split_paths(&paths).chain(["/usr/sbin".into(), "/sbin".into()]).collect();
    missing_in(&folders)
}

fn missing_in(folders: &[PathBuf]) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| !folders.iter().any(|folder| folder.join(program).is_file()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_that_is_missing_is_named() {
        let dir = std::env::temp_dir().join(format!("mta-sts-programs-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let folders = [dir.clone()];
        for program in PROGRAMS {
            std::fs::write(dir.join(program), "").expect("written");
        }
        assert_eq!(missing_in(&folders), None);
        for program in PROGRAMS {
            std::fs::remove_file(dir.join(program)).expect("removed");
            assert_eq!(missing_in(&folders), Some(program));
            std::fs::write(dir.join(program), "").expect("written");
        }
        std::fs::remove_dir_all(&dir).expect("removed");
    }
}
