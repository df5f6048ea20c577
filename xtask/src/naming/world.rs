//! Three name servers on ports of loopback: ours with the zone `host.test`, Knot with the owner's `customer.test`, both
//! signed, and unbound, which validates from keys of both; stopped when dropped.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{command, place};

/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Domains that our server hosts.
const HOSTED: &str = "1000";

pub(super) struct World {
    dir: PathBuf,
    ours: u16,
    knot: u16,
    unbound: u16,
    servers: Vec<Child>,
    said: Option<BufReader<ChildStdout>>,
}

impl World {
    pub(super) fn up() -> Result<Self, String> {
        let dir = std::env::temp_dir().join(format!("mta-sts-naming-{}", std::process::id()));
        fs::create_dir_all(dir.join("knot")).map_err(|error| format!("{}: {error}", dir.display()))?;
        let mut world = Self {
            dir,
            ours: free_port()?,
            knot: free_port()?,
            unbound: free_port()?,
            servers: Vec::new(),
            said: None,
        };
        let host = world.ours()?;
        let customer = world.knot()?;
        world.unbound(&[host, customer])?;
        Ok(world)
    }

    /// Our server; its zone's DS record.
    fn ours(&mut self) -> Result<String, String> {
        let mut keygen = Command::new("dnssec-keygen");
        keygen.arg("-K").arg(&self.dir).args(["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "host.test"]);
        let (status, out) = command::output(&mut keygen)?;
        let stem = String::from_utf8_lossy(&out).trim().to_owned();
        if !status.success() || stem.is_empty() {
            return Err("dnssec-keygen made no key".to_owned());
        }
        let program = place::target().join("release/examples/zone");
        if !program.is_file() {
            return Err(format!(
                "{} does not exist: run `cargo build --release --examples` first",
                program.display()
            ));
        }
        let mut command = Command::new(program);
        command.args([&format!("127.0.0.1:{}", self.ours), "host.test", HOSTED]);
        command.arg(self.dir.join(format!("{stem}.private"))).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        self.said = child.stdout.take().map(BufReader::new);
        self.servers.push(child);
        self.line()?;
        self.line()
    }

    /// The next line that our server says.
    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let said = self.said.as_mut().ok_or("our server says nothing")?;
        match said.read_line(&mut line) {
            Ok(0) => Err("our server ended".to_owned()),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The owner's zone, whose names lead to ours; its DS record.
    fn knot(&mut self) -> Result<String, String> {
        let dir = self.dir.display().to_string();
        self.put(
            "customer.zone",
            "$ORIGIN customer.test.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n\
             _mta-sts CNAME t000001.s.host.test.\n_smtp._tls CNAME t000001.r.host.test.\n\
             mta-sts CNAME t000001.p.host.test.\n",
        )?;
        self.put(
            "knot.conf",
            &format!(
                "server:\n  rundir: {dir}\n  listen: 127.0.0.1@{}\n  udp-workers: 1\n  tcp-workers: 1\n  \
                 background-workers: 1\nlog:\n  - target: stderr\n    any: warning\n\
                 database:\n  storage: {dir}/knot\n\
                 policy:\n  - id: one\n    single-type-signing: on\n\
                 zone:\n  - domain: customer.test\n    file: {dir}/customer.zone\n    zonefile-sync: -1\n    \
                 journal-content: changes\n    dnssec-signing: on\n    dnssec-policy: one\n",
                self.knot
            ),
        )?;
        let mut command = Command::new(found("knotd"));
        command.arg("-c").arg(self.dir.join("knot.conf"));
        self.start(command, self.knot)?;
        let start = Instant::now();
        while !self.ask(self.knot, &["customer.test", "DNSKEY", "+dnssec"])?.contains("RRSIG") {
            if start.elapsed() > PATIENCE {
                return Err("Knot does not sign its zone".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut keymgr = Command::new(found("keymgr"));
        keymgr.arg("-c").arg(self.dir.join("knot.conf")).args(["customer.test", "ds"]);
        let (_, out) = command::output(&mut keymgr)?;
        let out = String::from_utf8_lossy(&out).into_owned();
        // Digest type 2, SHA-256, as it is the one that everybody must know.
        let sha256 = |line: &&str| line.split_whitespace().nth(4) == Some("2");
        out.lines().find(sha256).map(str::to_owned).ok_or_else(|| format!("keymgr says no DS record: {out}"))
    }

    fn unbound(&mut self, anchors: &[String]) -> Result<(), String> {
        let anchors: String =
            anchors.iter().map(|anchor| format!("  trust-anchor: \"{anchor}\"\n")).collect();
        let stubs: String = [("host.test", self.ours), ("customer.test", self.knot)]
            .map(|(zone, port)| format!("stub-zone:\n  name: {zone}\n  stub-addr: 127.0.0.1@{port}\n"))
            .concat();
        self.put(
            "unbound.conf",
            &format!(
                "server:\n  directory: \"{dir}\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n  \
                 interface: 127.0.0.1\n  port: {port}\n  do-ip6: no\n  do-not-query-localhost: no\n  \
                 do-daemonize: no\n  use-syslog: no\n  logfile: \"\"\n  module-config: \"validator iterator\"\n  \
                 num-threads: 1\n  local-zone: test. nodefault\n  cache-max-ttl: 1\n  cache-max-negative-ttl: 1\n\
                 {anchors}{stubs}remote-control:\n  control-enable: no\n",
                dir = self.dir.display(),
                port = self.unbound
            ),
        )?;
        let mut command = Command::new(found("unbound"));
        command.arg("-c").arg(self.dir.join("unbound.conf"));
        self.start(command, self.unbound)?;
        let anchors: String = anchors
            .replace("  trust-anchor: \"", "")
            .lines()
            .filter_map(|line| {
                let words: Vec<&str> = line.trim_end_matches('"').split_whitespace().collect();
                match words.as_slice() {
                    ["host.test.", "IN", "DS", tag, algorithm, digest, data] => {
                        Some(format!("host.test. static-ds {tag} {algorithm} {digest} \"{data}\";"))
                    }
                    _ => None,
                }
            })
            .collect();
        self.put("anchors", &format!("trust-anchors {{ {anchors} }};\n"))
    }

    fn start(&mut self, mut command: Command, port: u16) -> Result<(), String> {
        let log = self.dir.join(format!("{port}.log"));
        let file = fs::File::create(&log).map_err(|error| error.to_string())?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn();
        let mut child = child.map_err(|error| format!("{command:?}: {error}"))?;
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if child.try_wait().is_ok_and(|ended| ended.is_some()) || start.elapsed() > PATIENCE {
                self.servers.push(child);
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("a server did not come up:\n{said}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.servers.push(child);
        Ok(())
    }

    /// What dig hears from the resolver.
    pub(super) fn through_unbound(&self, name: &str, rtype: &str) -> Result<String, String> {
        self.ask(self.unbound, &["+dnssec", name, rtype])
    }

    /// What dig hears from our server.
    pub(super) fn dig(&self, words: &[&str]) -> Result<String, String> {
        self.ask(self.ours, &[&["+norec"], words].concat())
    }

    fn ask(&self, port: u16, words: &[&str]) -> Result<String, String> {
        let mut dig = Command::new("dig");
        dig.args(["@127.0.0.1", "-p", &port.to_string(), "+tries=3", "+time=5"]).args(words);
        text(&mut dig)
    }

    /// What delv makes of our server's answer.
    pub(super) fn delv(&self, name: &str, rtype: &str) -> Result<String, String> {
        let mut delv = Command::new("delv");
        delv.args(["@127.0.0.1", "-p", &self.ours.to_string(), "+root=host.test", "-a"]);
        text(delv.arg(self.dir.join("anchors")).args([name, rtype]))
    }

    /// Has our server announce an id, and waits until it says that it did.
    pub(super) fn announce(&mut self, label: &str, id: &str) -> Result<(), String> {
        let input = self.servers.first_mut().and_then(|child| child.stdin.as_mut());
        let mut input = input.ok_or("our server takes no words")?;
        writeln!(&mut input, "{label} {id}").map_err(|error| error.to_string())?;
        self.line().map(drop)
    }

    fn put(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.dir.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for child in &mut self.servers {
            // Nothing of theirs is to be kept.
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Both streams of a program, as text.
fn text(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    Ok(format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

pub(super) fn is_there(program: &str) -> bool {
    found(program).is_file()
}

/// Servers are not always in the path of users.
fn found(program: &str) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&paths).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file()).unwrap_or_else(|| program.into())
}

/// A port that is free for TCP and UDP now.
fn free_port() -> Result<u16, String> {
    for _ in 0..100 {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".to_owned())
}
