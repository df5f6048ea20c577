//! The open door, and clients on loopback that behave or do not.

mod crowd;
mod hello;
mod http2;
mod other;
mod patience;
mod requests;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

/// Two policy hosts, something else, and a name that has no certificate.
const HERE: &str = "mta-sts.example.com";
const NEIGHBOUR: &str = "mta-sts.example.net";
const OTHER: &str = "reports.example.org";
const BARE: &str = "mta-sts.example.org";
/// What the certificate for validations is made out to, so that tests know it.
const VALIDATION: &str = "validation.example.org";

const POLICY: &str = "version: STSv1\r\nmode: testing\r\nmx: mx.example.com\r\nmax_age: 86400\r\n";
const POLICY_OF_NEIGHBOUR: &str = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n";

/// A door with the names above behind it.
struct House {
    door: Door,
    policies: Arc<Policies>,
    /// Has a permit for each request to the other service that has begun.
    begun: Arc<Semaphore>,
    roots: Arc<RootCertStore>,
}

#[derive(Debug)]
struct Certificates(BTreeMap<&'static str, Arc<CertifiedKey>>);

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let validation = hello.alpn().is_some_and(|all| all.eq([terms::VALIDATION]));
        let name = if validation { VALIDATION } else { hello.server_name()? };
        self.0.get(name).cloned()
    }
}

fn settings() -> DoorSettings {
    let anywhere = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    let two = NonZeroUsize::MIN.saturating_add(1);
    DoorSettings { workers: two, ..DoorSettings::at(anywhere.clone(), anywhere) }
}

impl House {
    fn open() -> Self {
        Self::with(settings(), AccessLog::off())
    }

    fn with(settings: DoorSettings, log: AccessLog) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key"))
            .expect("an authority");
        let provider = aws_lc_rs::default_provider();
        let certificates = [HERE, NEIGHBOUR, OTHER, VALIDATION].map(|name| {
            let key = KeyPair::generate().expect("a key");
            let leaf = CertificateParams::new(vec![name.to_owned()]).expect("a name");
            let leaf = leaf.signed_by(&key, &authority).expect("a certificate");
            let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
            let key = CertifiedKey::from_der(vec![leaf.der().clone()], key, &provider).expect("a pair");
            (name, Arc::new(key))
        });
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.der().to_vec())).expect("a root");

        let policies = Arc::new(Policies::new());
        policies.put(HERE, Posted::new("20260429", POLICY.as_bytes()));
        policies.put(NEIGHBOUR, Posted::new("1", POLICY_OF_NEIGHBOUR.as_bytes()));
        let begun = Arc::new(Semaphore::new(0));
        let (known, counter) = (Arc::clone(&policies), Arc::clone(&begun));
        let router: Router = Arc::new(move |name| match name {
            HERE | NEIGHBOUR | BARE => Some(Service::Policies(Arc::clone(&known))),
            OTHER => Some(Service::Other(Arc::new(other::Echo { begun: Arc::clone(&counter) }))),
            _ => None,
        });
        let challenges: Challenges =
            Arc::new(|host, token| (host == HERE && token == "token").then(|| "token.thumb".into()));
        let interior =
            Interior { certificates: Arc::new(Certificates(certificates.into())), router, challenges, log };
        let door = Door::open(settings, interior).expect("a door");
        Self { door, policies, begun, roots: Arc::new(roots) }
    }

    fn https(&self) -> SocketAddr {
        self.door.addresses().https[0]
    }

    fn http(&self) -> SocketAddr {
        self.door.addresses().http[0]
    }

    /// What a client usually has, offering these protocols.
    fn client(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config
    }

    async fn connect(&self, name: &'static str) -> io::Result<TlsStream<TcpStream>> {
        self.connect_with(name, self.client(&[])).await
    }

    async fn connect_with(
        &self,
        name: &'static str,
        config: ClientConfig,
    ) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.https()).await?;
        let name = ServerName::try_from(name).expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// Sends these octets over a new connection for a name, and reads until the door closes it.
    async fn exchange(&self, name: &'static str, octets: &[u8]) -> String {
        let mut stream = self.connect(name).await.expect("a connection");
        stream.write_all(octets).await.expect("sent");
        let mut answer = Vec::new();
        // Closed, whether kindly or not.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).expect("text")
    }
}

/// One answer with a length, from a connection that stays open.
async fn one_answer(stream: &mut TlsStream<TcpStream>) -> String {
    let mut answer = String::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.expect("an answer");
        assert!(count > 0, "the door closed after: {answer}");
        answer.push_str(std::str::from_utf8(&chunk[..count]).expect("text"));
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if length.and_then(|length| length.parse().ok()) == Some(body.len()) {
            return answer;
        }
    }
}

fn get(host: &str) -> String {
    format!("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\n\r\n")
}
