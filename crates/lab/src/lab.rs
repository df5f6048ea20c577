//! Starting the lab, and what one may ask it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

use crate::LabError;
use crate::ca::Authority;
use crate::dns::{self, FaultRule, Responder, Role, Signer};
use crate::scenario::{Scenario, entries};
use crate::visits::{Visit, Visits};
use crate::world::{self, ALLOWED, Addresses, Doors, Makers, NAME_SERVERS, OwnServer, Placed, Staff};

/// Open files that a lab with all scenarios needs, with room for its visitors.
const OPEN_FILES: u64 = 8192;
const VIEWS: [View; 3] = [View::Now, View::Before, View::Elsewhere];

/// A running lab. Its servers stop when it is dropped.
pub struct Lab {
    scenarios: Vec<Scenario>,
    resolvers: Vec<(View, SocketAddr)>,
    map: Vec<(SocketAddr, SocketAddr)>,
    trust_anchor: String,
    ca_pem: String,
    visits: Visits,
    _doors: Doors,
    _tasks: JoinSet<()>,
}

/// How to start a lab.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the scenarios to start; empty for all.
    pub only: Vec<String>,
    /// Added to every answer: DNS reply, TCP accept, TLS flight, HTTP response, SMTP reply.
    pub delay: Duration,
}

/// From when or where the lab's DNS is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The present state.
    Now,
    /// An earlier state, where the scenario has one, else the present one.
    Before,
    /// The state as seen from another place, where the scenario has one, else the present one.
    Elsewhere,
}

impl Lab {
    /// Starts all servers on loopback ports. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// If a scenario is unknown or faulty, or if loopback ports cannot be had.
    pub async fn start(options: Options) -> Result<Self, LabError> {
        // More files than many systems allow at first; where it cannot be raised, fewer scenarios still start.
        let _ = rlimit::increase_nofile_limit(OPEN_FILES);
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
        let signer = Arc::new(Signer::generate(now)?);
        let authority = Arc::new(Authority::generate(now)?);
        let visits = Visits::begin();
        let mut tasks = JoinSet::new();
        let mut doors = Doors::new(options.delay, visits.clone())?;
        let mut pool = Addresses::default();

        let (scenarios, settled) = settle(&options.only, &mut pool)?;
        let staff = Staff { authority: authority.clone(), delay: options.delay, visits: visits.clone() };
        for placed in settled.iter().flat_map(Settled::states) {
            world::open(placed, &staff, &mut doors, &mut tasks).await?;
        }
        let makers = Makers { signer: signer.clone(), authority: authority.clone() };
        let mut resolvers = Vec::new();
        for view in VIEWS {
            let placed: Vec<&Placed> = settled.iter().map(|settled| settled.seen(view)).collect();
            let dns = Dns { view, options: &options, visits: &visits };
            resolvers.push((view, dns.start(&placed, &makers, &mut pool, &mut doors, &mut tasks).await?));
        }
        Ok(Self {
            scenarios,
            resolvers,
            map: doors.map.clone(),
            trust_anchor: signer.trust_anchor()?,
            ca_pem: authority.root_pem(),
            visits,
            _doors: doors,
            _tasks: tasks,
        })
    }

    /// The resolver of a view, on UDP and TCP. It follows aliases through all zones and passes signatures and
    /// proofs on; it validates nothing.
    pub fn resolver(&self, view: View) -> SocketAddr {
        let found = self.resolvers.iter().find(|(own, _)| *own == view).map(|(_, address)| *address);
        found.unwrap_or_else(|| (IpAddr::from([127, 0, 0, 1]), 0).into())
    }

    /// Documentation address and port → loopback address and port, for ports 25, 80 and 443 of every host and
    /// port 53 (UDP and TCP) of every name server.
    pub fn connect_map(&self) -> Vec<(SocketAddr, SocketAddr)> {
        self.map.clone()
    }

    /// The networks that the lab's addresses are taken from, in CIDR notation.
    pub fn allowed(&self) -> Vec<String> {
        ALLOWED.iter().map(|network| (*network).to_owned()).collect()
    }

    /// The DS record of the root, as a zone file writes it.
    pub fn trust_anchor(&self) -> String {
        self.trust_anchor.clone()
    }

    /// The root certificate of the lab's CA, as PEM.
    pub fn ca_pem(&self) -> String {
        self.ca_pem.clone()
    }

    /// The scenarios that were started.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// What was asked so far, in order.
    pub fn visits(&self) -> Vec<Visit> {
        self.visits.all()
    }
}

/// The states of one domain, each with its addresses.
struct Settled {
    now: Placed,
    before: Option<Placed>,
    elsewhere: Option<Placed>,
}

impl Settled {
    fn states(&self) -> impl Iterator<Item = &Placed> {
        std::iter::once(&self.now).chain(&self.before).chain(&self.elsewhere)
    }

    fn seen(&self, view: View) -> &Placed {
        let other = match view {
            View::Now => None,
            View::Before => self.before.as_ref(),
            View::Elsewhere => self.elsewhere.as_ref(),
        };
        other.unwrap_or(&self.now)
    }
}

/// Gives every domain its addresses: the wanted scenarios, and the neighbours that they refer to.
fn settle(only: &[String], pool: &mut Addresses) -> Result<(Vec<Scenario>, Vec<Settled>), LabError> {
    let mut settled = Vec::new();
    for (names, state) in world::neighbours()? {
        settled.push(Settled { now: world::place(names, state, pool)?, before: None, elsewhere: None });
    }
    let all = entries()?;
    if let Some(unknown) = only.iter().find(|wanted| !all.iter().any(|entry| entry.scenario.name == **wanted))
    {
        return Err(LabError::Unknown(unknown.clone()));
    }
    let mut scenarios = Vec::new();
    for entry in all.into_iter().filter(|entry| only.is_empty() || only.contains(&entry.scenario.name)) {
        let names = &entry.names;
        settled.push(Settled {
            now: world::place(names.clone(), entry.now, pool)?,
            before: entry.before.map(|state| world::place(names.clone(), state, pool)).transpose()?,
            elsewhere: entry.elsewhere.map(|state| world::place(names.clone(), state, pool)).transpose()?,
        });
        scenarios.push(entry.scenario);
    }
    Ok((scenarios, settled))
}

/// The DNS of one view.
struct Dns<'a> {
    view: View,
    options: &'a Options,
    visits: &'a Visits,
}

impl Dns<'_> {
    /// Starts the resolver and the authoritative servers; returns the resolver's address.
    async fn start(
        &self,
        placed: &[&Placed],
        makers: &Makers,
        pool: &mut Addresses,
        doors: &mut Doors,
        tasks: &mut JoinSet<()>,
    ) -> Result<SocketAddr, LabError> {
        let mut name_servers = Vec::new();
        for server in NAME_SERVERS {
            for family in ["v4", "v6"] {
                name_servers.push((*server, pool.next(family)?));
            }
        }
        let internet = world::build(placed, &name_servers, makers)?;
        let responder =
            Responder::new(Role::Authoritative, internet.zones.iter().cloned(), internet.faults.clone());
        let real = self.serve(responder, "authoritative", tasks).await?;
        for (_, address) in &name_servers {
            doors.map(*address, 53, real);
        }
        // A domain without another state in this view keeps the servers that it has already.
        let fresh = |server: &&OwnServer| !server.addresses.iter().any(|address| doors.has(*address, 53));
        let servers: Vec<&OwnServer> = internet.servers.iter().filter(fresh).collect();
        for server in servers {
            let always = server.fault.map(|fault| FaultRule { name: None, kind: None, fault });
            let responder =
                Responder::new(Role::Authoritative, [server.zone.clone()], always.into_iter().collect());
            let real = self.serve(responder, &server.name, tasks).await?;
            for address in &server.addresses {
                doors.map(*address, 53, real);
            }
        }
        let responder = Responder::new(Role::Recursive, internet.zones, internet.faults);
        self.serve(responder, "resolver", tasks).await
    }

    async fn serve(
        &self,
        responder: Responder,
        name: &str,
        tasks: &mut JoinSet<()>,
    ) -> Result<SocketAddr, LabError> {
        let name = format!("{name} ({:?})", self.view).to_lowercase();
        Ok(dns::serve(Arc::new(responder), name, self.options.delay, self.visits.clone(), tasks).await?)
    }
}
