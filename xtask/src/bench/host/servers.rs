//! The servers that are compared, each with one worker on the same processor.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::parts::{OF_SERVERS, Parts, on};
use crate::bench::meter;
use crate::command;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx1.t000000.test\r\nmx: mx2.t000000.test\r\n\
                      mx: *.backup.example.net\r\nmax_age: 604800\r\n";

/// A server that runs until it is dropped.
pub(super) trait Server {
    fn name(&self) -> &'static str;
    fn address(&self) -> &str;
    /// The process that serves.
    fn process(&self) -> String;
}

/// The door.
pub(super) struct Ours {
    child: Child,
    address: String,
}

impl Ours {
    pub(super) fn start(parts: &Parts, words: &[&str]) -> Result<Self, String> {
        let mut serve = parts.server();
        serve.arg("serve").arg("--certificates").arg(parts.file("certificates")).args(words);
        let mut child = meter::spawn(serve.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let said: Value = serde_json::from_str(&line).map_err(|error| format!("the door: {error}"))?;
        let address = said.get("address").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { child, address })
    }
}

impl Server for Ours {
    fn name(&self) -> &'static str {
        "mta-sts"
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn process(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// nginx, with one worker besides its master.
pub(super) struct Nginx {
    master: Child,
    address: String,
    stop: Command,
}

impl Nginx {
    pub(super) fn start(parts: &Parts) -> Result<Self, String> {
        let address = free()?;
        let (certificate, key) = (parts.file("first.crt"), parts.file("first.key"));
        let policy = POLICY.replace("\r\n", "\\r\\n");
        let config = format!(
            "daemon off; worker_processes 1; pid {pid}; error_log stderr warn;
            events {{ worker_connections 4096; }}
            http {{
              access_log off; keepalive_requests 100000000; keepalive_timeout 60s; default_type text/plain;
              ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off; ssl_ecdh_curve X25519;
              server {{
                listen {address} ssl reuseport backlog=4096; server_name mta-sts.t000000.test;
                ssl_certificate {certificate}; ssl_certificate_key {key};
                location = /.well-known/mta-sts.txt {{ return 200 \"{policy}\"; }}
              }}
            }}\n",
            pid = parts.file("nginx.pid").display(),
            certificate = certificate.display(),
            key = key.display(),
        );
        let file = parts.file("nginx.conf");
        fs::write(&file, config).map_err(|error| error.to_string())?;
        let nginx = |command: &mut Command| {
            command.arg("-c").arg(&file).args(["-e", "stderr"]);
        };
        let mut start = on(OF_SERVERS, "nginx".as_ref());
        nginx(&mut start);
        let mut stop = Command::new("nginx");
        nginx(&mut stop);
        stop.args(["-s", "stop"]);
        let master = meter::spawn(&mut start)?;
        let server = Self { master, address, stop };
        listening(&server.address)?;
        Ok(server)
    }
}

impl Server for Nginx {
    fn name(&self) -> &'static str {
        "nginx"
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn process(&self) -> String {
        let id = self.master.id();
        let workers = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        workers.split_whitespace().next().map_or_else(|| id.to_string(), str::to_owned)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its worker. If it cannot be told, it is ended itself.
        if !command::passes(&mut self.stop).unwrap_or(false) {
            let _ = self.master.kill();
        }
        let _ = self.master.wait();
    }
}

/// Caddy, with one thread for its work.
pub(super) struct Caddy {
    child: Child,
    address: String,
}

impl Caddy {
    pub(super) fn start(parts: &Parts) -> Result<Self, String> {
        let address = free()?;
        let config = json!({
            "admin": { "disabled": true },
            "logging": { "logs": { "default": { "level": "ERROR" } } },
            "apps": {
                "tls": { "certificates": { "load_files": [{
                    "certificate": parts.file("first.crt"), "key": parts.file("first.key"),
                }] } },
                "http": { "servers": { "policies": {
                    "listen": [address], "protocols": ["h1"], "automatic_https": { "disable": true },
                    "tls_connection_policies": [
                        { "protocol_min": "tls1.3", "curves": ["x25519"], "alpn": ["http/1.1"] }
                    ],
                    "routes": [{
                        "match": [{ "path": ["/.well-known/mta-sts.txt"] }],
                        "handle": [{
                            "handler": "static_response", "status_code": 200,
                            "headers": { "Content-Type": ["text/plain"] }, "body": POLICY,
                        }],
                    }],
                } } },
            },
        });
        let file = parts.file("caddy.json");
        fs::write(&file, config.to_string()).map_err(|error| error.to_string())?;
        let mut start = on(OF_SERVERS, "caddy".as_ref());
        start.args(["run", "--config"]).arg(&file).env("GOMAXPROCS", "1").env("HOME", parts.file("caddy"));
        let child = meter::spawn(start.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let server = Self { child, address };
        listening(&server.address)?;
        Ok(server)
    }
}

impl Server for Caddy {
    fn name(&self) -> &'static str {
        "Caddy"
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn process(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Caddy {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// An address of loopback that nobody listens at.
fn free() -> Result<String, String> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let address = TcpListener::bind(any).and_then(|listener| listener.local_addr());
    address.map(|address| address.to_string()).map_err(|error| error.to_string())
}

fn listening(address: &str) -> Result<(), String> {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if start.elapsed() > START {
            return Err(format!("nobody listens at {address}; nginx and caddy come as packages of Debian"));
        }
        std::thread::sleep(POLL);
    }
    Ok(())
}
