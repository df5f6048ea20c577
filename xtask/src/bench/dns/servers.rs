//! The servers that are compared.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{command, place};

/// The processor of servers.
const PROCESSOR: &str = "0";
/// How long a server may take to load its zone.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that runs until it is dropped.
pub(super) trait Server {
    fn address(&self) -> SocketAddr;
    fn process(&self) -> u32;

    /// What it has in memory, in octets.
    fn memory(&self) -> Result<u64, String> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process()));
        let status = status.map_err(|error| error.to_string())?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibi =
            line.and_then(|line| line.split_whitespace().next()).and_then(|kibi| kibi.parse::<u64>().ok());
        kibi.map(|kibi| kibi * 1024).ok_or_else(|| "a process without memory".to_owned())
    }

    /// The time that it was on a processor, in nanoseconds, all of its threads together.
    fn processor(&self) -> Result<u64, String> {
        let tasks =
            fs::read_dir(format!("/proc/{}/task", self.process())).map_err(|error| error.to_string())?;
        let of = |path: PathBuf| {
            let text = fs::read_to_string(path.join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        Ok(tasks.flatten().filter_map(|task| of(task.path())).sum())
    }
}

/// Our name server.
pub(super) struct Ours {
    child: Child,
    said: BufReader<ChildStdout>,
    address: SocketAddr,
    folder: PathBuf,
}

impl Ours {
    pub(super) fn start(domains: usize, signed: bool) -> Result<Self, String> {
        let folder = folder("ours")?;
        let program = place::target().join("release/examples/zone");
        // With the features of the whole workspace, as everything else is built.
        if !command::passes(&mut command::cargo(&["build", "--release", "--quiet", "--example", "zone"]))? {
            return Err("our server was not built".to_owned());
        }
        let address = free()?;
        let mut command = on(&program);
        command.args([&address.to_string(), "host.test", &domains.to_string()]);
        if signed {
            let mut keygen = Command::new("dnssec-keygen");
            keygen.arg("-K").arg(&folder).args(["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "host.test"]);
            let (_, out) = command::output(&mut keygen)?;
            command.arg(folder.join(format!("{}.private", String::from_utf8_lossy(&out).trim())));
        }
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("{}: {error}", program.display()))?;
        let said = BufReader::new(child.stdout.take().ok_or("our server says nothing")?);
        let mut ours = Self { child, said, address, folder };
        ours.line()?;
        if signed {
            ours.line()?;
        }
        Ok(ours)
    }

    pub(super) fn announce(&mut self, label: &str, id: &str) -> Result<(), String> {
        let input = self.child.stdin.as_mut().ok_or("our server takes no words")?;
        writeln!(input, "{label} {id}").map_err(|error| error.to_string())?;
        self.line()
    }

    fn line(&mut self) -> Result<(), String> {
        let mut line = String::new();
        match self.said.read_line(&mut line) {
            Ok(0) => Err("our server ended".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Server for Ours {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        end(&mut self.child);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Knot with the same names in a zone file, one worker.
pub(super) struct Knot {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

impl Knot {
    pub(super) fn start(domains: usize) -> Result<Self, String> {
        let folder = folder("knot")?;
        let address = free()?;
        let mut zone = "$ORIGIN host.test.\n$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n"
            .to_owned();
        for number in 0..domains {
            let label = format!("t{number:06}");
            writeln!(
                zone,
                "{label}.s TXT \"v=STSv1; id=20261122T{number:06};\"\n\
                 {label}.r 3600 TXT \"v=TLSRPTv1; rua=mailto:{label}@rpt.host.test;\""
            )
            .map_err(|error| error.to_string())?;
        }
        let dir = folder.display();
        let config = format!(
            "server:\n  rundir: {dir}\n  listen: 127.0.0.1@{}\n  udp-workers: 1\n  tcp-workers: 1\n  \
             background-workers: 1\nlog:\n  - target: stderr\n    any: error\ndatabase:\n  storage: {dir}/db\n\
             zone:\n  - domain: host.test\n    file: {dir}/zone\n    zonefile-sync: -1\n    journal-content: none\n",
            address.port()
        );
        for (name, text) in [("zone", zone), ("conf", config)] {
            fs::write(folder.join(name), text).map_err(|error| error.to_string())?;
        }
        let mut command = on("/usr/sbin/knotd".as_ref());
        let child = command.arg("-c").arg(folder.join("conf")).stdin(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("knotd: {error}"))?;
        let knot = Self { child, address, folder };
        let start = Instant::now();
        let last = format!("t{:06}", domains.saturating_sub(1));
        while TcpStream::connect(address).is_err() || !super::load::answers(address, &last, "id=")? {
            if start.elapsed() > PATIENCE {
                return Err("Knot did not load its zone".to_owned());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(knot)
    }
}

impl Server for Knot {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Knot {
    fn drop(&mut self) {
        end(&mut self.child);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Nothing of theirs is to be kept.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn on(program: &std::path::Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", PROCESSOR]).arg(program);
    command
}

fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = std::env::temp_dir().join(format!("mta-sts-bench-dns-{name}-{}", std::process::id()));
    fs::create_dir_all(folder.join("db")).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// A port of loopback that nobody has now.
fn free() -> Result<SocketAddr, String> {
    UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).map_err(|error| error.to_string())
}
