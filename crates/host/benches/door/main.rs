//! The parts of `cargo xtask bench host`: certificates for many names, a door with them behind it, and clients that load
//! whichever server they are pointed at. `cargo xtask bench host` runs them beside nginx and Caddy.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench: it talks on the terminal and measures time"
)]

mod certificates;
mod client;
mod crowd;
mod load;
mod process;
mod serve;
mod strangers;
mod words;

use std::error::Error;
use std::process::ExitCode;

use words::Words;

const USAGE: &str = "\
The parts of `cargo xtask bench host`. Alone:

  certificates --names N --out DIR            an authority and N certificates, as one file and the first as PEM
  serve --certificates FILE [--names N] [--workers N]
                                              a door on a loopback port, until standard input ends
  load --address ADDR --how fresh|kept --seconds S --in-flight N --names N [--server PID]
                                              requests over new or kept connections
  crowd --address ADDR --idle N [--server PID]
                                              idle connections, and a request beside them
  strangers --address ADDR --seconds S [--server PID]
                                              hellos for names that are nobody's
";

fn main() -> ExitCode {
    let mut words = Words::of_process();
    let outcome = match words.verb().as_deref() {
        Some("certificates") => certificates::run(&mut words),
        Some("serve") => serve::run(&mut words),
        Some("load") => load::run(&mut words),
        Some("crowd") => crowd::run(&mut words),
        Some("strangers") => strangers::run(&mut words),
        _ => {
            print!("{USAGE}");
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome<T = ()> = Result<T, Box<dyn Error>>;
