//! The chosen resolver and the validator over it, shared by all looks.

use std::sync::Arc;

use bytes::Bytes;
use domain::base::Name;
use rustls_pki_types::ServerName;

use super::anchors::Anchors;
use super::flights::Flights;
use super::https::HttpsClient;
use super::system;
use super::transport::Route;
use super::validation::Validator;
use crate::certificate::RootSet;
use crate::{Clock, ResolverChoice, Settings, SetupError};

/// Where DNS answers come from.
#[derive(Clone)]
pub(crate) struct Resolver {
    pub(super) flights: Flights,
    pub(super) validator: Option<Validator>,
    /// The name whose SOA record tells whether the resolver works at all: the zone of the trust anchor.
    pub(super) control: Name<Bytes>,
    /// The name shown in evidence.
    pub(crate) shown: String,
}

impl Resolver {
    pub(crate) fn new(settings: &Settings, roots: &RootSet, clock: &Clock) -> Result<Self, SetupError> {
        let (routes, shown) = match &settings.resolver {
            ResolverChoice::System => {
                let addresses = system::nameservers()?;
                let shown = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                (addresses.into_iter().map(Route::Plain).collect(), format!("system: {shown}"))
            }
            ResolverChoice::Plain(address) => (vec![Route::Plain(*address)], address.to_string()),
            ResolverChoice::Tls(address, name) => {
                let server =
                    ServerName::try_from(name.clone()).map_err(|_| SetupError::ResolverName(name.clone()))?;
                let route = Route::Tls(*address, server, Arc::new(roots.verifying_client()?));
                (vec![route], format!("tls://{name}@{address}"))
            }
            ResolverChoice::Https(url, address) => {
                let client = HttpsClient::new(url, *address, roots.verifying_client()?)?;
                (vec![Route::Https(client)], format!("{url} at {address}"))
            }
        };
        let flights = Flights::new(routes, settings.limits.dns, clock.clone());
        let anchors = Anchors::read(&settings.trust_anchor)?;
        let control = anchors.as_ref().and_then(|anchors| anchors.owners.first()).cloned();
        Ok(Self {
            validator: anchors.map(|anchors| Validator::new(anchors, flights.clone())),
            flights,
            control: control.unwrap_or_else(Name::root),
            shown,
        })
    }
}
