//! One small world: a domain `lab.test` whose every server is on loopback, behind documentation addresses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use outside::{
    Clock, ConnectRule, Families, Limits, Outside, ResolverChoice, Roots, Settings, TrustAnchor, Watcher,
};
use protocol::Domain;
use protocol::observed::{Evidence, Profile};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The policy host's address, and the MX host's.
pub(crate) const WEB: &str = "192.0.2.1";
pub(crate) const MAIL: &str = "192.0.2.2";
/// The address of the zone's own server.
pub(crate) const SERVER: &str = "192.0.2.53";

/// A certification authority.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::OrganizationName, name);
        params.distinguished_name.push(DnType::CommonName, format!("{name} Root"));
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// An authority below this one.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::OrganizationName, name);
        params.distinguished_name.push(DnType::CommonName, format!("{name} Intermediate"));
        Self {
            issuer: CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.issuer).unwrap(),
        }
    }

    /// Itself as the only root.
    pub(crate) fn roots(&self) -> Roots {
        Roots::Pem { name: "test".to_owned(), text: self.issuer.pem() }
    }

    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A server for these names; `change` may spoil the certificate, `chain` follows the leaf.
    pub(crate) fn server(
        &self,
        names: &[&str],
        chain: &[CertificateDer<'static>],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        let mut certificates = vec![leaf.der().clone()];
        certificates.extend_from_slice(chain);
        server_config(certificates, &key)
    }
}

pub(crate) fn server_config(certificates: Vec<CertificateDer<'static>>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    Arc::new(config)
}

/// Settings for a look with short waits.
pub(crate) fn settings(resolver: SocketAddr) -> Settings {
    Settings {
        tool: "mta-sts 0.0.0".to_owned(),
        vantage: "test".to_owned(),
        profile: Profile::Full,
        resolver: ResolverChoice::Plain(resolver),
        trust_anchor: TrustAnchor::Off,
        roots: Roots::Webpki,
        // Nothing leaves this machine: the zone's server is the resolver's, everything else a closed port.
        connect_to: vec![redirect(SERVER, 53, resolver), nowhere()],
        allow_targets: vec!["192.0.2.0/24".parse().unwrap()],
        exclusion: outside::Exclusion::default(),
        helo: "checker.example".to_owned(),
        source_ip: None,
        families: Families::Both,
        limits: Limits {
            dns: Duration::from_secs(2),
            connect: Duration::from_secs(2),
            handshake: Duration::from_secs(2),
            http: Duration::from_secs(2),
            smtp_reply: Duration::from_secs(2),
            ..Limits::default()
        },
    }
}

/// Connections to `address` and `port` go to `to`.
pub(crate) fn redirect(address: &str, port: u16, to: SocketAddr) -> ConnectRule {
    ConnectRule {
        host: Some(address.to_owned()),
        port: Some(port),
        to_address: Some(to.ip()),
        to_port: Some(to.port()),
    }
}

fn nowhere() -> ConnectRule {
    ConnectRule { host: None, port: None, to_address: Some([127, 0, 0, 1].into()), to_port: Some(9) }
}

/// Puts rules before those that are there.
pub(crate) fn connect(settings: &mut Settings, rules: impl IntoIterator<Item = ConnectRule>) {
    settings.connect_to.splice(0..0, rules);
}

pub(crate) async fn look(settings: Settings) -> Evidence {
    look_watched(settings, &Watcher::none()).await
}

pub(crate) async fn look_watched(settings: Settings, watcher: &Watcher) -> Evidence {
    let outside = Outside::new(settings, Clock::fixed("2026-04-29T12:00:00Z".parse().unwrap())).unwrap();
    outside.survey(&Domain::parse("lab.test").unwrap(), watcher).await
}
