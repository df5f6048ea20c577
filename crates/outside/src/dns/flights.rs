//! Questions on their way, each asked once however many wait for it.
//!
//! The validator fetches the DNSKEY and DS records of each zone one after the other, and twice when two lookups
//! race. Here equal questions share one flight, and the keys of all zones above a name are asked for at once,
//! ahead of the validator, so that validation takes as long as its longest single question.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::base::{Message, MessageBuilder, Name, Rtype, ToName};
use domain::net::client::request::{ComposeRequest, Error, GetResponse, RequestMessage, SendRequest};
use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::sync::{OnceCell, oneshot};

use super::transport::{Exchange, ExchangeFailure, Request, Route, Transport};
use crate::{Clock, Stopwatch};

/// How long answers for DNSKEY and DS are kept: a look or two, never so long that a repaired zone stays broken.
const KEYS_KEPT: Duration = Duration::from_secs(30);
/// Flights remembered at most; beyond that the finished ones are forgotten.
const MAX_REMEMBERED: usize = 4096;

/// Zones above a name whose keys are fetched ahead, from the root down. Names of more labels are rare, and zone cuts
/// below that deeper still; the validator fetches what it needs beyond.
const MAX_ZONES_ABOVE: usize = 8;

/// The questions on their way to one choice of resolvers.
#[derive(Clone)]
pub(super) struct Flights(Arc<Inner>);

struct Inner {
    routes: Vec<(Route, OnceCell<Transport>)>,
    limit: Duration,
    clock: Clock,
    flights: Mutex<HashMap<(Name<Bytes>, Rtype), Flight>>,
}

struct Flight {
    result: Shared<oneshot::Receiver<Exchange>>,
    began: Stopwatch,
}

impl Flights {
    pub(super) fn new(routes: Vec<Route>, limit: Duration, clock: Clock) -> Self {
        let routes = routes.into_iter().map(|route| (route, OnceCell::new())).collect();
        Self(Arc::new(Inner { routes, limit, clock, flights: Mutex::default() }))
    }

    /// Asks, or joins those who already wait for the same answer.
    pub(super) async fn ask(&self, name: &Name<Bytes>, rtype: Rtype) -> Exchange {
        self.start(name, rtype).await.unwrap_or(Err(ExchangeFailure::Timeout))
    }

    /// Starts the flights for the keys of `name` and of all zones above it, and does not wait.
    pub(super) fn prefetch_keys(&self, name: &Name<Bytes>) {
        let beyond = name.label_count().saturating_sub(MAX_ZONES_ABOVE);
        for ancestor in name.iter_suffixes().skip(beyond) {
            let ancestor: Name<Bytes> = ancestor.to_name();
            if !ancestor.is_root() {
                drop(self.start(&ancestor, Rtype::DS));
            }
            drop(self.start(&ancestor, Rtype::DNSKEY));
        }
    }

    fn start(&self, name: &Name<Bytes>, rtype: Rtype) -> Shared<oneshot::Receiver<Exchange>> {
        let key = (name.clone(), rtype);
        let mut flights = self.0.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key).filter(|flight| flight.is_good(rtype)) {
            return flight.result.clone();
        }
        if flights.len() >= MAX_REMEMBERED {
            flights.retain(|(_, rtype), flight| flight.is_good(*rtype));
        }
        let (sender, receiver) = oneshot::channel();
        let result = receiver.shared();
        flights.insert(key, Flight { result: result.clone(), began: self.0.clock.stopwatch() });
        drop(flights);
        let (this, name) = (self.clone(), name.clone());
        // Bounded by the time allowed for a question; keys are kept for late comers, all else is forgotten at once.
        tokio::spawn(async move {
            let _ = sender.send(this.fly(&name, rtype).await);
            if !matches!(rtype, Rtype::DS | Rtype::DNSKEY) {
                this.forget(name, rtype);
            }
        });
        result
    }

    /// Forgets a flight that has ended. Another with the same question may have begun since.
    fn forget(&self, name: Name<Bytes>, rtype: Rtype) {
        let mut flights = self.0.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(flight) = flights.entry((name, rtype))
            && !flight.get().is_good(rtype)
        {
            flight.remove();
        }
    }

    async fn fly(&self, name: &Name<Bytes>, rtype: Rtype) -> Exchange {
        let request = question(name, rtype, Asking::Resolver)?;
        let share = self.0.limit / u32::try_from(self.0.routes.len().max(1)).unwrap_or(1);
        let mut last = Err(ExchangeFailure::Timeout);
        for (route, transport) in &self.0.routes {
            let transport = transport.get_or_init(|| async { Transport::open(route, share) }).await;
            last = transport.exchange(request.clone(), share).await;
            if last.is_ok() {
                break;
            }
        }
        last
    }
}

impl Flight {
    /// Whether joining this flight is as good as asking again: it is on its way, or it brought keys not long ago.
    fn is_good(&self, rtype: Rtype) -> bool {
        // Not `peek`, which knows only what somebody has waited for.
        match self.result.clone().now_or_never() {
            None => true,
            Some(Ok(Ok(_))) => matches!(rtype, Rtype::DS | Rtype::DNSKEY) && self.began.elapsed() < KEYS_KEPT,
            Some(_) => false,
        }
    }
}

/// Whom a question is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// The resolver: RD, CD and DO set; it fetches and passes everything on, the validation is ours.
    Resolver,
    /// An authoritative server: nothing set.
    Server,
}

/// A question as sent.
pub(super) fn question(name: &Name<Bytes>, rtype: Rtype, asking: Asking) -> Result<Request, ExchangeFailure> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_rd(asking == Asking::Resolver);
    message.header_mut().set_cd(asking == Asking::Resolver);
    let mut message = message.question();
    message.push((name, rtype)).map_err(|e| ExchangeFailure::Other(e.to_string()))?;
    let mut request =
        RequestMessage::new(message).map_err(|e: Error| ExchangeFailure::Other(e.to_string()))?;
    if asking == Asking::Resolver {
        request.set_dnssec_ok(true);
    }
    Ok(request)
}

/// The validator's questions take the same flights.
impl SendRequest<RequestMessage<Vec<u8>>> for Flights {
    fn send_request(&self, request: RequestMessage<Vec<u8>>) -> Box<dyn GetResponse + Send + Sync> {
        let asked = request.to_message().ok().and_then(|message| {
            let question = message.sole_question().ok()?;
            Some((question.qname().to_name(), question.qtype()))
        });
        Box::new(Landing(asked.map(|(name, rtype)| self.start(&name, rtype))))
    }
}

struct Landing(Option<Shared<oneshot::Receiver<Exchange>>>);

impl fmt::Debug for Landing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Landing")
    }
}

impl GetResponse for Landing {
    fn get_response(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<Message<Bytes>, Error>> + Send + Sync + '_>> {
        let flight = self.0.clone();
        Box::pin(async move {
            match flight {
                None => Err(Error::FormError),
                Some(flight) => match flight.await {
                    Ok(Ok(message)) => Ok(message),
                    _ => Err(Error::StreamReadTimeout),
                },
            }
        })
    }
}
