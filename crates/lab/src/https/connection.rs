//! One connection to a web server: over TLS or not, then HTTP in the site's manner.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::site::Site;
use super::{malformed, proper};
use crate::scenario::HttpsManner;
use crate::tls::Wire;

/// Serves one connection.
pub(crate) async fn serve(site: Arc<Site>, stream: TcpStream) {
    let wire = Wire::new(stream, site.delay, site.peer.clone(), site.visits.clone());
    match &site.terms {
        Some(terms) => {
            if let Some(stream) = terms.accept(wire).await {
                speak(site, stream).await;
            }
        }
        None => speak(site, wire).await,
    }
}

async fn speak(site: Arc<Site>, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    if site.manner == HttpsManner::Proper {
        proper::speak(site, stream).await;
    } else {
        malformed::speak(&site, stream).await;
    }
}
