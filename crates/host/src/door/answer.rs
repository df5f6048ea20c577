//! What a policy host says: one text at one path.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};

use super::authority::{Addressee, addressee};
use super::{Policies, Posted};

/// RFC 8461 §3.3.
const PATH: &str = "/.well-known/mta-sts.txt";
/// RFC 8461 §3.2: the media type is `text/plain`.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

/// A response, and the policy that is in it if there is one.
pub(super) struct Reply {
    pub(super) response: Response<Full<Bytes>>,
    pub(super) posted: Option<Posted>,
}

/// Answers a request that came over a connection for `name`; `content` when it has a body.
///
/// Never a redirect: RFC 8461 §3.3 forbids senders to follow one.
pub(super) fn reply(head: &Parts, content: bool, name: &str, policies: &Policies) -> Reply {
    match addressee(head, name) {
        Addressee::Here => {}
        Addressee::Unclear => {
            return refuse(head, StatusCode::BAD_REQUEST, "Which host? Send one Host field.\n");
        }
        // RFC 9110 §15.5.20: the client may come back over a connection for that name.
        Addressee::Elsewhere => {
            let why = "This connection is for another host name than the request.\n";
            return refuse(head, StatusCode::MISDIRECTED_REQUEST, why);
        }
    }
    // RFC 9110 §9.3.1: content in a GET means nothing, and may hide another request.
    if content {
        return refuse(head, StatusCode::BAD_REQUEST, "A request for a policy has no content.\n");
    }
    let posted = if head.uri.path() == PATH { policies.get(name) } else { None };
    let Some(posted) = posted else {
        return plain(head, StatusCode::NOT_FOUND, "Not found.\n");
    };
    if head.method != Method::GET && head.method != Method::HEAD {
        let mut reply = plain(head, StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD only.\n");
        reply.response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return reply;
    }
    let octets = Bytes::from_owner(posted.clone());
    Reply { response: respond(head, StatusCode::OK, octets), posted: Some(posted) }
}

/// Says no, and that no further request is read from this connection, so that whoever put a second one into the first
/// (request smuggling) gets no answer to it.
fn refuse(head: &Parts, status: StatusCode, why: &'static str) -> Reply {
    let mut reply = plain(head, status, why);
    // RFC 9113 §8.2.2: not in HTTP/2, where requests cannot run into each other.
    if head.version < Version::HTTP_2 {
        reply.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    reply
}

fn plain(head: &Parts, status: StatusCode, text: &'static str) -> Reply {
    Reply { response: respond(head, status, Bytes::from_static(text.as_bytes())), posted: None }
}

fn respond(head: &Parts, status: StatusCode, octets: Bytes) -> Response<Full<Bytes>> {
    let length = octets.len();
    // RFC 9110 §9.3.2: HEAD gets the head of what GET would get.
    let octets = if head.method == Method::HEAD { Bytes::new() } else { octets };
    let mut response = Response::new(Full::new(octets));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use hyper::Request;

    use super::*;

    const HERE: &str = "mta-sts.example.com";
    const POLICY: &[u8] = b"version: STSv1\nmode: none\nmax_age: 86400\n";

    async fn answer(method: &str, target: &str, host: &str, content: bool) -> (u16, Response<()>, Bytes) {
        let policies = Policies::new();
        policies.put(HERE, Posted::new("1", POLICY));
        policies.put("mta-sts.example.net", Posted::new("2", b"of somebody else"));
        let request = Request::builder().method(method).uri(target).header("host", host).body(());
        let (head, ()) = request.expect("a request").into_parts();
        let reply = reply(&head, content, HERE, &policies);
        assert_eq!(reply.posted.is_some(), reply.response.status() == StatusCode::OK);
        let (head, body) = reply.response.into_parts();
        let octets = body.collect().await.expect("it cannot fail").to_bytes();
        (head.status.as_u16(), Response::from_parts(head, ()), octets)
    }

    #[tokio::test]
    async fn one_text_at_one_path() {
        for (method, target, host, content, status) in [
            ("GET", PATH, HERE, false, 200),
            ("HEAD", PATH, HERE, false, 200),
            ("GET", "/.well-known/mta-sts.txt?x=1", HERE, false, 200),
            ("GET", "/.well-known/MTA-STS.txt", HERE, false, 404),
            ("GET", "/.well-known/mta-sts.txt/", HERE, false, 404),
            ("GET", "//.well-known/mta-sts.txt", HERE, false, 404),
            ("GET", "/.well-known/../.well-known/mta-sts.txt", HERE, false, 404),
            ("GET", "/.well-known/mta-sts%2etxt", HERE, false, 404),
            ("GET", "/", HERE, false, 404),
            ("GET", "/.well-known/acme-challenge/abc", HERE, false, 404),
            ("POST", "/", HERE, false, 404),
            ("POST", PATH, HERE, false, 405),
            ("OPTIONS", PATH, HERE, false, 405),
            ("GET", PATH, HERE, true, 400),
            ("POST", PATH, HERE, true, 400),
            ("GET", PATH, "mta-sts.example.net", false, 421),
            ("GET", PATH, "", false, 421),
        ] {
            let (seen, head, octets) = answer(method, target, host, content).await;
            let what = format!("{method} {target} {host} {content}");
            assert_eq!(seen, status, "{what}");
            assert_eq!(head.headers().get(CONTENT_TYPE), Some(&TEXT), "{what}");
            assert_eq!(octets == POLICY, status == 200 && method == "GET", "{what}");
            assert!(head.headers().get("location").is_none(), "{what}");
            if method == "HEAD" {
                assert!(octets.is_empty());
                assert_eq!(head.headers().get(CONTENT_LENGTH), Some(&POLICY.len().into()));
            }
            let closes = head.headers().get(CONNECTION).is_some();
            assert_eq!(closes, [400, 421].contains(&status), "{what}");
        }
    }
}
