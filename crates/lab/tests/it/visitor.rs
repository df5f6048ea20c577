//! A client of the lab's servers: finds the loopback port behind a name, speaks TCP and TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::base::Rtype;
use domain::rdata::{A, Aaaa};
use lab::{Lab, View};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::validator::Validator;

/// Patience with servers that never answer; long, so that a busy machine is not taken for a silent server.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Visitor<'a> {
    lab: &'a Lab,
    validator: Validator,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(lab: &'a Lab) -> Self {
        Self { lab, validator: Validator::new(lab.resolver(View::Now), &lab.trust_anchor()) }
    }

    /// The documentation addresses of a host.
    pub(crate) async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        let message = self.validator.ask(host, Rtype::A).await;
        for record in message.answer().unwrap().limit_to_in::<A>() {
            addresses.push(IpAddr::V4(record.unwrap().data().addr()));
        }
        let message = self.validator.ask(host, Rtype::AAAA).await;
        for record in message.answer().unwrap().limit_to_in::<Aaaa>() {
            addresses.push(IpAddr::V6(record.unwrap().data().addr()));
        }
        addresses
    }

    /// Where a documentation address really is.
    pub(crate) fn real(&self, address: IpAddr, port: u16) -> SocketAddr {
        let wanted = SocketAddr::new(address, port);
        let map = self.lab.connect_map();
        map.iter().find(|(known, _)| *known == wanted).unwrap_or_else(|| panic!("{wanted} is nowhere")).1
    }

    /// Connects to the first address of a host.
    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let address = *self.addresses(host).await.first().ok_or("no address")?;
        let connecting = tokio::time::timeout(PATIENCE, TcpStream::connect(self.real(address, port)));
        connecting.await.map_err(|_| "silence".to_owned())?.map_err(|error| error.to_string())
    }

    /// Shakes hands, trusting the lab's CA alone; the name goes along as SNI only if `sni`.
    pub(crate) async fn secure(
        &self,
        host: &str,
        stream: TcpStream,
        sni: bool,
    ) -> Result<TlsStream<TcpStream>, String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.lab.ca_pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.enable_sni = sni;
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let shaking = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let shaken = tokio::time::timeout(PATIENCE, shaking).await.map_err(|_| "silence".to_owned())?;
        shaken.map_err(|error| error.to_string())
    }
}
