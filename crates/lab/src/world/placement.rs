//! One state of one domain with an address for each of its hosts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::IpAddr;

use super::addresses::Addresses;
use super::template::healthy;
use crate::LabError;
use crate::scenario::{Names, State};

/// Labels of the addresses of a host that names none.
const BOTH: &[&str] = &["v4", "v6"];

/// A state laid over the healthy template, with its addresses.
pub(crate) struct Placed {
    pub(crate) names: Names,
    pub(crate) state: State,
    /// Host (as the state names it) and label → address.
    pub(crate) addresses: BTreeMap<(String, String), IpAddr>,
}

/// Lays the state over the template and gives each host its addresses.
pub(crate) fn place(names: Names, state: State, pool: &mut Addresses) -> Result<Placed, LabError> {
    let state = state.over(&healthy());
    let mut addresses = BTreeMap::new();
    let web = state.https.iter().map(|(host, spec)| (host, spec.addresses.as_ref()));
    let mail = state.smtp.iter().map(|(host, spec)| (host, spec.addresses.as_ref()));
    let servers = state.servers.keys().map(|server| (server, None));
    for (host, labels) in web.chain(mail).chain(servers) {
        let both = || BOTH.iter().map(|label| (*label).to_owned()).collect();
        for label in labels.cloned().unwrap_or_else(both) {
            let key = (host.clone(), label);
            // A host that is both web and mail server (the domain itself, say) has one set of addresses.
            if let Entry::Vacant(slot) = addresses.entry(key) {
                let address = pool.next(&slot.key().1)?;
                slot.insert(address);
            }
        }
    }
    Ok(Placed { names, state, addresses })
}

impl Placed {
    /// The addresses of a host with their labels.
    pub(crate) fn addresses_of<'a>(&'a self, host: &'a str) -> impl Iterator<Item = (&'a str, IpAddr)> {
        self.addresses
            .iter()
            .filter(move |((name, _), _)| name == host)
            .map(|((_, label), address)| (label.as_str(), *address))
    }

    /// Looks up `host/label`.
    pub(crate) fn address(&self, reference: &str) -> Option<IpAddr> {
        let (host, label) = reference.split_once('/')?;
        self.addresses.get(&(host.to_owned(), label.to_owned())).copied()
    }

    /// The full name of a host, without final dot.
    pub(crate) fn host_name(&self, host: &str) -> String {
        let host = self.names.fill(host);
        match host.strip_suffix('.') {
            Some(absolute) => absolute.to_owned(),
            None if host == "@" => self.names.domain.clone(),
            None => format!("{host}.{}", self.names.domain),
        }
    }
}
