//! Opens the web and mail servers of a placed domain.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::doors::{Doors, Service};
use super::placement::Placed;
use super::template;
use crate::LabError;
use crate::ca::{Authority, CertificateKind};
use crate::https::Site;
use crate::scenario::{Https, Scheme, Smtp};
use crate::smtp::{MailHost, Starttls};
use crate::tls::{Terms, TlsManner};
use crate::visits::Visits;

/// RFC 8461 §3.3: where the policy is.
const WELL_KNOWN: &str = "/.well-known/mta-sts.txt";
/// Ports that a checker may try; what is not open at an address is closed.
const PORTS: &[u16] = &[25, 80, 443];

/// What the servers are made with.
pub(crate) struct Staff {
    pub(crate) authority: Arc<Authority>,
    pub(crate) delay: Duration,
    pub(crate) visits: Visits,
}

/// Opens every host of the domain at each of its addresses.
pub(crate) async fn open(
    placed: &Placed,
    staff: &Staff,
    doors: &mut Doors,
    tasks: &mut JoinSet<()>,
) -> Result<(), LabError> {
    let mut free: Vec<(IpAddr, u16)> = Vec::new();
    for address in placed.addresses.values() {
        free.extend(PORTS.iter().map(|port| (*address, *port)));
    }
    for (host, spec) in &placed.state.https {
        for (label, address) in placed.addresses_of(host) {
            let spec = spec.at_address(label);
            let port = if spec.scheme == Some(Scheme::Plain) { 80 } else { 443 };
            let service = Service::Web(Arc::new(site(placed, staff, host, address, &spec)));
            doors.open(address, port, spec.tcp.unwrap_or_default(), service, tasks).await?;
            free.retain(|taken| *taken != (address, port));
        }
    }
    for (host, spec) in &placed.state.smtp {
        for (label, address) in placed.addresses_of(host) {
            let spec = spec.at_address(label);
            let service = Service::Mail(Arc::new(mail_host(placed, staff, host, address, &spec)));
            doors.open(address, 25, spec.tcp.unwrap_or_default(), service, tasks).await?;
            free.retain(|taken| *taken != (address, 25));
        }
    }
    for (address, port) in free {
        doors.close(address, port);
    }
    Ok(())
}

fn site(placed: &Placed, staff: &Staff, host: &str, address: IpAddr, spec: &Https) -> Site {
    let name = placed.host_name(host);
    let terms = terms(placed, staff, &name, spec.tls, spec.certificate, spec.names.as_deref());
    let mut headers = BTreeMap::from([("content-type".to_owned(), "text/plain".to_owned())]);
    for (header, value) in spec.headers.iter().flatten() {
        headers.insert(header.to_ascii_lowercase(), placed.names.fill(value));
    }
    let body = match &spec.body {
        Some(body) => placed.names.fill(body),
        None => template::policy(&placed.state, &placed.names),
    };
    Site {
        peer: format!("{name} {address}").into(),
        terms: (spec.scheme.unwrap_or_default() == Scheme::Tls).then_some(terms),
        path: spec.path.clone().unwrap_or_else(|| WELL_KNOWN.to_owned()),
        status: spec.status.unwrap_or(200),
        headers,
        body: body.into_bytes(),
        manner: spec.manner.unwrap_or_default(),
        pause: Duration::from_millis(spec.pause.unwrap_or_default()),
        accepts_reports: spec.accepts_reports.unwrap_or_default(),
        delay: staff.delay,
        visits: staff.visits.clone(),
    }
}

fn mail_host(placed: &Placed, staff: &Staff, host: &str, address: IpAddr, spec: &Smtp) -> MailHost {
    let name = placed.host_name(host);
    let terms = terms(placed, staff, &name, spec.tls, spec.certificate, spec.names.as_deref());
    let greeting = spec.greeting.as_ref().map(|greeting| placed.names.fill(greeting));
    let keywords = ["PIPELINING", "SIZE 10240000", "8BITMIME", "ENHANCEDSTATUSCODES"];
    let ehlo = spec.ehlo.clone().unwrap_or_else(|| keywords.map(str::to_owned).to_vec());
    MailHost {
        peer: format!("{name} {address}").into(),
        terms,
        greeting: greeting.unwrap_or_else(|| format!("220 {name} ESMTP")),
        ehlo: ehlo.iter().map(|keyword| placed.names.fill(keyword)).collect(),
        starttls: match spec.starttls.as_deref() {
            None | Some("offered") => Starttls::Offered,
            Some("missing") => Starttls::Missing,
            Some(reply) => Starttls::Refused(reply.to_owned()),
        },
        after_starttls: spec.after_starttls.unwrap_or_default(),
        manner: spec.manner.unwrap_or_default(),
        pause: Duration::from_millis(spec.pause.unwrap_or_default()),
        name,
        delay: staff.delay,
        visits: staff.visits.clone(),
    }
}

/// How a host shakes hands, with what it does not say filled in: well, and with a certificate for its own name.
fn terms(
    placed: &Placed,
    staff: &Staff,
    own: &str,
    tls: Option<TlsManner>,
    certificate: Option<CertificateKind>,
    names: Option<&[String]>,
) -> Terms {
    let names = match names {
        Some(names) => names.iter().map(|name| placed.names.fill(name)).collect(),
        None => vec![own.to_owned()],
    };
    Terms::new(tls.unwrap_or_default(), certificate.unwrap_or_default(), names, staff.authority.clone())
}
