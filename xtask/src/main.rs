//! Developer commands: `cargo xtask test`, `conformance`, `box`, `fuzz`, `bench`, `dist`.
//!
//! `test` is the README's test command. The others are its parts, for working on one of them.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a developer's command line: it talks on the terminal and times what it runs"
)]

mod bench;
mod command;
mod conformance;
mod dist;
mod fuzz;
mod naming;
mod place;
mod postgres;
mod publishing;
mod readers;
mod realparts;
mod replay;
mod suite;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [PART…]                     everything, or the named parts; `test --list` names them
  conformance [DIR]                judge the vectors in DIR (default: vectors) with the shipped binary
  box up | check | down | test     the box of real parts: BIND, unbound, Postfix, Exim, nginx (root, Debian)
  box exec COMMAND…                run a command inside the box that is up
  fuzz [TARGET] [--seconds N]      run the fuzz targets, 60 seconds each unless told otherwise
  bench [check|readers|startup]    run the benches
  bench dns                        our name server beside Knot (Debian)
  bench scan [sweep|stages|mix]    the scan beside dnsperf and checkdmarc (root, Debian); --quick for a smaller one
  bench host [tls|crowd|strangers]
                                   the policy host beside nginx and Caddy (Debian)
  bench resume                     scans killed in the middle against an undisturbed one (root, Debian); --quick
  dist                             build the published binary; print its path and SHA-256
";

/// What a command answers: `Ok(true)` all well, `Ok(false)` something differs, `Err` it could not run.
type Outcome = Result<bool, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let rest = words.get(1..).unwrap_or_default();
    let outcome = match words.first().map(String::as_str) {
        Some("test") => suite::run(rest),
        Some("conformance") => conformance::run(rest),
        Some("box") => realparts::run(rest),
        Some("fuzz") => fuzz::run(rest),
        Some("bench") => bench::run(rest),
        Some("dist") => dist::run(),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(true)
        }
        Some(other) => Err(format!("unknown command `{other}`\n\n{USAGE}")),
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
