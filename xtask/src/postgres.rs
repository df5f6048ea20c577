//! `cargo xtask test postgres`: what needs a shared database, on a PostgreSQL of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command, place};

/// The integration tests of all crates: those that keep something in a database run on this one too. Of the whole
/// workspace, since another choice of packages would mean other features, and a second build.
const TESTS: &[&str] = &["test", "--release", "--locked", "--workspace", "--test", "it"];

/// Starts the server, runs the tests, stops it.
pub(crate) fn test() -> Outcome {
    // Not below the target folder, which may be private: the server runs as a user of its own.
    let dir = std::env::temp_dir().join(format!("mta-sts-pg-{}", std::process::id()));
    let server = Server { dir };
    let url = server.start()?;
    command::passes(command::cargo(TESTS).env("MTA_STS_TEST_POSTGRES", &url))
}

/// Stopped and removed when dropped, whatever happens before.
struct Server {
    dir: PathBuf,
}

impl Server {
    /// The URL of its database.
    fn start(&self) -> Result<String, String> {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .map_err(|error| format!("no port on loopback: {error}"))?
            .port();
        let mut up = script("pg-up");
        up.arg(&self.dir).arg(port.to_string()).args(["--while", &std::process::id().to_string()]);
        let (status, out) = command::output(&mut up)?;
        let text = String::from_utf8_lossy(&out);
        match text.lines().last() {
            Some(url) if status.success() && url.starts_with("postgres://") => Ok(url.to_owned()),
            _ => Err(format!("PostgreSQL did not start: {text}")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(why) = command::passes(script("pg-down").arg(&self.dir)) {
            eprintln!("{why}");
        }
        // Nothing is left to be done about it.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn script(name: &str) -> Command {
    Command::new(Path::new(&place::root()).join("tests/realparts").join(name))
}
