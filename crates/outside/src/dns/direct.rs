//! Asking an authoritative server directly, to compare it with its siblings (rule 20).

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use domain::base::Name;
use protocol::observed::{DnsFailure, Outcome};

use super::flights::{Asking, question};
use super::reading;
use super::record::FromRecord;
use super::transport::{ExchangeFailure, Route, Transport};

/// Asks the server at `address`, UDP with TCP fallback, without recursion and without validation.
pub(crate) async fn ask_server<T: FromRecord>(
    address: SocketAddr,
    name: &str,
    limit: Duration,
    keep: usize,
) -> Outcome<T> {
    let Ok(wire) = Name::<Bytes>::from_str(name) else {
        return Outcome::Failed(DnsFailure::Malformed("no question can be made of this name".to_owned()));
    };
    let exchange = async {
        let request = question(&wire, T::RTYPE, Asking::Server)?;
        Transport::open(&Route::Plain(address), limit).exchange(request, limit).await
    };
    match exchange.await {
        Ok(message) => reading::read::<T>(&message, &wire, keep).outcome,
        Err(ExchangeFailure::Timeout) => Outcome::Failed(DnsFailure::Timeout),
        Err(ExchangeFailure::Refused) => Outcome::Failed(DnsFailure::Refused),
        Err(ExchangeFailure::Other(text)) => Outcome::Failed(DnsFailure::Malformed(text)),
    }
}
