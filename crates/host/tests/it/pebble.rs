//! Debian's Pebble, Let's Encrypt's test authority, unmodified: on loopback, with its own DNS server.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use host::certificates::queue::{Limits, Priority};
use host::certificates::{ACME_TLS, Certificates, Method};
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::stand::{Stand, port_80, stands};

/// Pebble and its DNS server; stopped when dropped.
struct Pebble {
    directory: String,
    root: String,
    http: u16,
    tls: u16,
    _dir: TempDir,
    running: Vec<Child>,
}

impl Pebble {
    /// `None` where it is not installed.
    async fn start(bad_nonces: u32) -> Option<Self> {
        let (Some(pebble), Some(dns)) = (program("pebble"), program("pebble-challtestsrv")) else {
            eprintln!("Pebble is left out: it is not installed (Debian's package `pebble`)");
            return None;
        };
        let dir = TempDir::new().unwrap();
        let file = |name: &str| dir.path().join(name);
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let own = own.self_signed(&key).unwrap();
        fs::write(file("own.pem"), own.pem()).unwrap();
        fs::write(file("own.key"), key.serialize_pem()).unwrap();
        let [directory, management, http, tls, dns_port, dns_management] = free_ports();
        let settings = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{directory}"), "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": file("own.pem"), "privateKey": file("own.key"), "httpPort": http, "tlsPort": tls,
            "ocspResponderURL": "", "externalAccountBindingRequired": false,
        } });
        fs::write(file("settings.json"), settings.to_string()).unwrap();
        let mut names = Command::new(dns);
        names.args([
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
            "-defaultIPv4",
            "127.0.0.1",
            "-defaultIPv6",
            "",
        ]);
        names.args(["-dns01", &format!("127.0.0.1:{dns_port}")]);
        names.args(["-management", &format!("127.0.0.1:{dns_management}")]);
        let mut authority = Command::new(pebble);
        authority.arg("-config").arg(file("settings.json"));
        authority.args(["-dnsserver", &format!("127.0.0.1:{dns_port}"), "-strict=false"]);
        authority.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
        authority.env("PEBBLE_WFE_NONCEREJECT", bad_nonces.to_string());
        let running = [names, authority].into_iter().map(start).collect();
        let this = Self {
            directory: format!("https://localhost:{directory}/dir"),
            root: own.pem(),
            http,
            tls,
            _dir: dir,
            running,
        };
        for port in [directory, dns_management] {
            up(port).await;
        }
        Some(this)
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for child in &mut self.running {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn program(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| Path::is_file(file))
}

fn free_ports<const N: usize>() -> [u16; N] {
    let held: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

async fn up(port: u16) {
    for _ in 0..400 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing listens on port {port}");
}

/// Port 443 of a node, as far as authorities see it.
async fn port_443(certificates: Arc<Certificates>, port: u16) {
    let mut tls = rustls::ServerConfig::builder_with_provider(Arc::clone(certificates.provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    tls.alpn_protocols = vec![b"http/1.1".to_vec(), ACME_TLS.to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { drop(acceptor.accept(tcp).await) });
        }
    });
}

/// Orders with the whole loop, as `serve` does it, until `done`.
async fn until_shown(stand: &Stand, pebble: &Pebble, method: Method, count: usize) {
    let issuer = stand.issuer_at(&pebble.directory, &pebble.root, Limits::NONE, vec![method]);
    let stop = CancellationToken::new();
    let running = tokio::spawn(issuer.run(stop.clone()));
    let waiting = async {
        while stand.certificates.len() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(240), waiting).await;
    stop.cancel();
    running.await.unwrap();
    let state = stand.store.wanted_state(Timestamp::now()).await.unwrap();
    assert!(waited.is_ok(), "{} of {count}: {state:?}", stand.certificates.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_of_showing_that_a_name_is_ours() {
    for method in [Method::TlsAlpn01, Method::Http01] {
        for stand in stands(&format!("pebble_{method:?}").to_lowercase()).await {
            let Some(pebble) = Pebble::start(0).await else { return };
            port_80(Arc::clone(&stand.certificates), &format!("127.0.0.1:{}", pebble.http)).await;
            port_443(Arc::clone(&stand.certificates), pebble.tls).await;
            let name = "mta-sts.a.test";
            stand.store.want(name, Priority::Waiting, Timestamp::now()).await.unwrap();
            until_shown(&stand, &pebble, method, 1).await;
            let facts = stand.store.certificate(name).await.unwrap().unwrap();
            assert_eq!(facts.names, [name]);
            assert!(facts.issuer.contains("Pebble"), "{}", facts.issuer);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fifth_of_all_nonces_refused_loses_no_order() {
    // `MTA_STS_TEST_ORDERS=1000` for the long way.
    let orders = std::env::var("MTA_STS_TEST_ORDERS").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    for stand in stands("pebble_nonces").await {
        let Some(pebble) = Pebble::start(20).await else { return };
        port_443(Arc::clone(&stand.certificates), pebble.tls).await;
        for number in 0..orders {
            let name = format!("mta-sts.n{number}.test");
            stand.store.want(&name, Priority::Bulk, Timestamp::now()).await.unwrap();
        }
        until_shown(&stand, &pebble, Method::TlsAlpn01, orders).await;
        let state = stand.store.wanted_state(Timestamp::now()).await.unwrap();
        assert_eq!(state.failing, 0, "{state:?}");
    }
}
