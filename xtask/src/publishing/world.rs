//! A name server that takes updates, and a web server, both on ports of loopback; stopped when dropped.

use std::fmt;
use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::place;

pub(super) const DOMAIN: &str = "publish.test";
/// The second address of the policy host; every address has to serve the policy.
const OTHER: &str = "127.0.0.2";
const SECRET: &str = "bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0ZXN0cyBoZXJlLg==";
/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The name servers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameServer {
    Bind,
    Knot,
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bind => "BIND",
            Self::Knot => "Knot",
        })
    }
}

pub(super) struct World {
    dir: PathBuf,
    binary: PathBuf,
    pub(super) dns: u16,
    pub(super) http: u16,
    https: u16,
    servers: Vec<Child>,
}

impl World {
    pub(super) fn up(server: NameServer) -> Result<Self, String> {
        let dir = place::target().join(format!("publishing-{}", std::process::id()));
        fs::create_dir_all(dir.join("web")).map_err(|error| format!("{}: {error}", dir.display()))?;
        let mut world = Self {
            dir,
            binary: place::binary()?,
            dns: free_port()?,
            http: free_port()?,
            https: free_port()?,
            servers: Vec::new(),
        };
        world.certificates()?;
        world.zones()?;
        world.key("key", "publisher", SECRET)?;
        let (dns, nginx) = match server {
            NameServer::Bind => (world.named()?, world.nginx()?),
            NameServer::Knot => (world.knotd()?, world.nginx()?),
        };
        for (mut command, port) in [(dns, world.dns), (nginx, world.https)] {
            let log =
                fs::File::create(world.file(&format!("{port}.log"))).map_err(|error| error.to_string())?;
            let copy = log.try_clone().map_err(|error| error.to_string())?;
            let child = command.stdin(Stdio::null()).stdout(log).stderr(copy).spawn();
            world.servers.push(child.map_err(|error| format!("{command:?}: {error}"))?);
            world.wait_for(port)?;
        }
        Ok(world)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The shipped binary with everything that this world needs; `before` are the words before it.
    pub(super) fn publish(&self, before: &[String], words: &[&str], key: &str, folder: &str) -> Command {
        let mut all = before.iter().map(String::as_str);
        let mut command = match all.next() {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(all).arg(&self.binary);
                command
            }
            None => Command::new(&self.binary),
        };
        command.arg("publish").args(words).arg("--to").arg(self.file(folder));
        command.args(["--announce", "rfc2136", "--server", &format!("127.0.0.1:{}", self.dns), "--key-file"]);
        command.arg(self.file(key)).arg("--journal").arg(self.file("journal.jsonl"));
        command.args(["--resolver", &format!("127.0.0.1:{}", self.dns), "--trust-anchor", "off", "--roots"]);
        command.arg(self.file("ca.pem")).args(["--allow-target", "127.0.0.0/8", "--timeout", "20"]);
        command.args(["--connect-to", &format!("*:443=:{}", self.https), "--no-config"]);
        // One worker, so that the system calls come in one order and each is met.
        command.env("TOKIO_WORKER_THREADS", "1");
        command
    }

    pub(super) fn key(&self, file: &str, name: &str, secret: &str) -> Result<(), String> {
        put(&self.file(file), &format!("key \"{name}\" {{ algorithm hmac-sha256; secret \"{secret}\"; }};\n"))
    }

    fn certificates(&self) -> Result<(), String> {
        let openssl = |words: &[&str]| {
            let output = Command::new("openssl").current_dir(&self.dir).args(words).output();
            match output.map_err(|error| format!("openssl: {error}"))? {
                out if out.status.success() => Ok(()),
                out => Err(format!("openssl {words:?}: {}", String::from_utf8_lossy(&out.stderr))),
            }
        };
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
        let ca = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Publishing Root"];
        let is_ca = ["-addext", "keyUsage=critical,keyCertSign"];
        openssl(&[&["req", "-x509"][..], &key, &ca, &is_ca].concat())?;
        let leaf = ["-keyout", "web.key", "-out", "web.pem", "-subj", "/CN=mta-sts.publish.test"];
        let by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
        let name = format!("subjectAltName=DNS:mta-sts.{DOMAIN}");
        openssl(&[&["req", "-x509"][..], &key, &leaf, &by, &["-addext", &name]].concat())
    }

    fn zones(&self) -> Result<(), String> {
        let soa = "@ SOA ns.publish.test. hostmaster.publish.test. 1 3600 600 86400 30\n";
        let ns = "ns.publish.test. A 127.0.0.1\n";
        put(
            &self.file("root.zone"),
            &format!(
                "$ORIGIN .\n$TTL 60\n{soa}. NS ns.publish.test.\npublish.test. NS ns.publish.test.\n{ns}"
            ),
        )?;
        let host = format!("mta-sts A 127.0.0.1\nmta-sts A {OTHER}\n");
        let mail = "@ MX 10 mx.publish.test.\nmx A 127.0.0.25\n";
        put(
            &self.file("publish.zone"),
            &format!("$ORIGIN publish.test.\n$TTL 60\n{soa}@ NS ns.publish.test.\n{ns}{host}{mail}"),
        )
    }

    fn named(&self) -> Result<Command, String> {
        let (dir, port) = (self.dir.display(), self.dns);
        let policy = "update-policy { grant publisher name _mta-sts.publish.test. TXT; };";
        put(
            &self.file("named.conf"),
            &format!(
                "include \"{dir}/key\";\noptions {{ directory \"{dir}\"; pid-file none; session-keyfile none; \
                 listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; \
                 dnssec-validation no; notify no; }};\ncontrols {{ }};\n\
                 zone \".\" {{ type primary; file \"root.zone\"; }};\n\
                 zone \"publish.test\" {{ type primary; file \"publish.zone\"; {policy} }};\n"
            ),
        )?;
        let mut command = Command::new("/usr/sbin/named");
        command.args(["-g", "-n", "1", "-c"]).arg(self.file("named.conf"));
        Ok(command)
    }

    fn knotd(&self) -> Result<Command, String> {
        let (dir, port) = (self.dir.display(), self.dns);
        put(
            &self.file("knot.conf"),
            &format!(
                "server:\n  rundir: {dir}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  \
                 background-workers: 1\n\
                 log:\n  - target: stderr\n    any: info\n\
                 database:\n  storage: {dir}/knot\n\
                 key:\n  - id: publisher\n    algorithm: hmac-sha256\n    secret: {SECRET}\n\
                 acl:\n  - id: publish\n    key: publisher\n    action: update\n    update-type: TXT\n    \
                 update-owner: name\n    update-owner-match: equal\n    update-owner-name: _mta-sts.publish.test.\n\
                 zone:\n  - domain: .\n    file: {dir}/root.zone\n  - domain: publish.test\n    \
                 file: {dir}/publish.zone\n    zonefile-sync: -1\n    journal-content: changes\n    acl: publish\n"
            ),
        )?;
        fs::create_dir_all(self.file("knot")).map_err(|error| error.to_string())?;
        let mut command = Command::new("/usr/sbin/knotd");
        command.arg("-c").arg(self.file("knot.conf"));
        Ok(command)
    }

    fn nginx(&self) -> Result<Command, String> {
        let dir = self.dir.display();
        let (http, https) = (self.http, self.https);
        let user = if place::is_root() { "user root;\n" } else { "" };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("  {what}_temp_path {dir}/{what};\n"))
            .concat();
        let listen: String = ["127.0.0.1", OTHER]
            .map(|address| format!("    listen {address}:{https} ssl;\n    listen {address}:{http};\n"))
            .concat();
        put(
            &self.file("nginx.conf"),
            &format!(
                "{user}daemon off;\nworker_processes 1;\npid {dir}/nginx.pid;\nerror_log stderr;\n\
                 events {{ worker_connections 512; }}\nhttp {{\n  access_log off;\n  default_type text/plain;\n\
                 {temporary}  server {{\n{listen}    ssl_certificate {dir}/web.pem;\n    \
                 ssl_certificate_key {dir}/web.key;\n    root {dir}/web;\n  }}\n}}\n"
            ),
        )?;
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-e").arg("stderr").arg("-c").arg(self.file("nginx.conf"));
        Ok(command)
    }

    fn wait_for(&mut self, port: u16) -> Result<(), String> {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.servers.last_mut().and_then(|child| child.try_wait().ok().flatten());
            if ended.is_some() || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.file(&format!("{port}.log"))).unwrap_or_default();
                return Err(format!("a server did not come up:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for child in &mut self.servers {
            // By its own signal, so that nginx takes its worker with it.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let start = Instant::now();
            while matches!(child.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// A port that is free for TCP and UDP now.
fn free_port() -> Result<u16, String> {
    for _ in 0..100 {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind((OTHER, port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".to_owned())
}
