//! A door with many names behind it.

use std::io::Read as _;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use host::door::{AccessLog, Interior, Patience, Service};
use host::{Directory, Door, DoorSettings, Policies, Posted};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::json;

use super::certificates::{self, Certificate};
use super::words::Words;
use super::{Outcome, process};

/// Connections at the same time.
const CROWD: usize = 20_000;
/// How long a client may do nothing.
const STAY: Duration = Duration::from_secs(3600);

#[derive(Debug)]
struct Certificates(Directory<Arc<CertifiedKey>>);

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get(hello.server_name()?)
    }
}

pub(super) fn run(words: &mut Words) -> Outcome {
    let start = Instant::now();
    let file: PathBuf = words.needed("certificates")?;
    let most: usize = words.optional("names")?.unwrap_or(usize::MAX);
    let workers: NonZeroUsize = words.optional("workers")?.unwrap_or(NonZeroUsize::MIN);
    let provider = aws_lc_rs::default_provider();
    let (mut all, mut policies) = (Vec::new(), Vec::new());
    certificates::read(&file, |Certificate { name, leaf, issuer, key }| {
        if all.len() < most {
            let chain = vec![CertificateDer::from(leaf), CertificateDer::from(issuer)];
            let key = CertifiedKey::from_der(chain, PrivateKeyDer::Pkcs8(key.into()), &provider)?;
            policies.push((name.clone(), Posted::new("20260429T120000", policy(&name).as_bytes())));
            all.push((name, Arc::new(key)));
        }
        Ok(())
    })?;
    let names = all.len();
    let (certificates, posted) = (Certificates(Directory::new()), Arc::new(Policies::new()));
    certificates.0.fill(all);
    posted.fill(policies);
    let interior = Interior {
        certificates: Arc::new(certificates),
        router: Arc::new(move |name| posted.contains(name).then(|| Service::Policies(Arc::clone(&posted)))),
        challenges: Arc::new(|_, _| None),
        log: AccessLog::off(),
    };
    let anywhere = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    // The clients have few addresses, and stay as long as they are measured.
    let patience = Patience { request: STAY, connection: STAY, ..Patience::default() };
    let settings = DoorSettings {
        workers,
        connections: CROWD,
        connections_per_address: CROWD,
        patience,
        ..DoorSettings::at(anywhere, Vec::new())
    };
    let door = Door::open(settings, interior)?;
    println!(
        "{}",
        json!({
            "address": door.addresses().https.first(),
            "names": names,
            "millis": start.elapsed().as_secs_f64() * 1e3,
            "octets": process::memory("self")?,
        })
    );
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A policy of its own for each name, as long as they usually are.
fn policy(name: &str) -> String {
    let domain = name.strip_prefix("mta-sts.").unwrap_or(name);
    format!(
        "version: STSv1\r\nmode: enforce\r\nmx: mx1.{domain}\r\nmx: mx2.{domain}\r\nmx: *.backup.example.net\r\n\
         max_age: 604800\r\n"
    )
}
