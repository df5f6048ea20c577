//! Port 80: answers for certificate authorities, and nothing else.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpStream;

use super::authority::host;
use super::conversation::converse_plainly;
use super::service::Challenges;
use super::tally::Count;
use super::worker::Shared;

/// RFC 8555 §8.3: the path, before the token.
const FOLDER: &str = "/.well-known/acme-challenge/";
/// Octets of a token. RFC 8555 §8.3 asks for at least 128 bits, which are 22; authorities use 43.
const TOKEN: usize = 128;

/// Answers on one connection of port 80.
pub(super) async fn converse(stream: TcpStream, _from: IpAddr, shared: Arc<Shared>) {
    converse_plainly(stream, shared, |shared, request| {
        let response = respond(request, &shared.interior.challenges);
        shared.tally.add(match response.status() {
            StatusCode::OK => Count::ValidatedHttp,
            _ => Count::NotFound,
        });
        response
    })
    .await;
}

fn respond(request: &Request<Incoming>, challenges: &Challenges) -> Response<Full<Bytes>> {
    let (status, media, text) = match key_authorization(request, challenges) {
        // RFC 8555 §8.3.
        Some(text) => (StatusCode::OK, "application/octet-stream", Bytes::from(text.as_bytes().to_vec())),
        None => (StatusCode::NOT_FOUND, "text/plain", Bytes::from_static(b"Not found.\n")),
    };
    let mut response = Response::new(Full::new(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

fn key_authorization<B>(request: &Request<B>, challenges: &Challenges) -> Option<Arc<str>> {
    if request.method() != Method::GET {
        return None;
    }
    let token = token(request.uri().path())?;
    let host = host(request.headers().get(HOST)?.to_str().ok()?).to_ascii_lowercase();
    challenges(&host, token)
}

/// The token of a path, when it may be one: RFC 8555 §8.3 has letters, digits, `-` and `_`.
fn token(path: &str) -> Option<&str> {
    let token = path.strip_prefix(FOLDER)?;
    let fits = (1..=TOKEN).contains(&token.len())
        && token.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'));
    fits.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_open_challenges_are_answered() {
        let challenges: Challenges = Arc::new(|host, token| {
            (host == "mta-sts.example.com" && token == "evaGxfADs6pSRb2LAv9I").then(|| "key".into())
        });
        let good = "/.well-known/acme-challenge/evaGxfADs6pSRb2LAv9I";
        let long = format!("{FOLDER}{}", "a".repeat(TOKEN + 1));
        for (method, path, host, found) in [
            ("GET", good, "mta-sts.example.com", true),
            ("GET", good, "MTA-STS.example.com:80", true),
            ("GET", good, "mta-sts.example.net", false),
            ("POST", good, "mta-sts.example.com", false),
            ("GET", "/.well-known/acme-challenge/", "mta-sts.example.com", false),
            ("GET", "/.well-known/acme-challenge/../x", "mta-sts.example.com", false),
            ("GET", "/.well-known/acme-challenge/evaGxfADs6pSRb2LAv9I/", "mta-sts.example.com", false),
            ("GET", &long, "mta-sts.example.com", false),
            ("GET", "/.well-known/mta-sts.txt", "mta-sts.example.com", false),
            ("GET", "/", "mta-sts.example.com", false),
        ] {
            let request = Request::builder().method(method).uri(path).header(HOST, host).body(());
            let answer = key_authorization(&request.expect("a request"), &challenges);
            assert_eq!(answer.as_deref(), found.then_some("key"), "{method} {path} {host}");
        }
        let nameless = Request::builder().uri(good).body(()).expect("a request");
        assert_eq!(key_authorization(&nameless, &challenges), None);
    }
}
