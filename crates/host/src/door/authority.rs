//! Whom a request is addressed to.

use hyper::header::HOST;
use hyper::http::request::Parts;

/// A request's addressee, compared with the name that the TLS connection was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addressee {
    /// The same.
    Here,
    /// Another name. It has no business on this connection: with certificates for several names a client may try to
    /// share one, and behind it a forger to mix up two owners.
    Elsewhere,
    /// None, or several.
    Unclear,
}

/// Compares a request's authority with the server name of its connection, which is in lower case.
pub(super) fn addressee(head: &Parts, name: &str) -> Addressee {
    let target = head.uri.authority().map(hyper::http::uri::Authority::as_str);
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (None, _) => None,
        (Some(host), None) => match host.to_str() {
            Ok(host) => Some(host),
            Err(_) => return Addressee::Unclear,
        },
        // RFC 9112 §3.2: more than one is answered with 400.
        (Some(_), Some(_)) => return Addressee::Unclear,
    };
    // RFC 9112 §3.2.2 and RFC 9113 §8.3.1: the target counts before the header field; both must say the same here.
    match (target, host) {
        // RFC 9112 §3.2: none is answered with 400.
        (None, None) => Addressee::Unclear,
        (target, host) if target.into_iter().chain(host).all(|one| names(one, name)) => Addressee::Here,
        _ => Addressee::Elsewhere,
    }
}

/// Whether an authority, with or without a port, is this name.
fn names(authority: &str, name: &str) -> bool {
    host(authority).eq_ignore_ascii_case(name)
}

/// The host of an authority: without port, and without the final dot of an absolute name.
pub(super) fn host(authority: &str) -> &str {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => host,
        _ => authority,
    };
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::Addressee::{Elsewhere, Here, Unclear};
    use super::*;

    #[test]
    fn who_is_meant() {
        let name = "mta-sts.example.com";
        for (target, hosts, expected) in [
            ("/", &[name][..], Here),
            ("/", &["MTA-STS.Example.COM"], Here),
            ("/", &["mta-sts.example.com."], Here),
            ("/", &["mta-sts.example.com:443"], Here),
            ("/", &["mta-sts.example.com.:8443"], Here),
            ("/", &["mta-sts.example.com:"], Here),
            ("https://mta-sts.example.com/", &[], Here),
            ("https://mta-sts.example.com/", &[name], Here),
            ("https://mta-sts.example.com:443/", &["mta-sts.example.com"], Here),
            ("/", &["mta-sts.example.net"], Elsewhere),
            ("/", &["example.com"], Elsewhere),
            ("/", &["x.mta-sts.example.com"], Elsewhere),
            ("/", &["mta-sts.example.com.."], Elsewhere),
            ("/", &["mta-sts.example.com:x"], Elsewhere),
            ("/", &["user@mta-sts.example.com"], Elsewhere),
            ("/", &["127.0.0.1"], Elsewhere),
            ("/", &["[::1]:443"], Elsewhere),
            ("/", &[""], Elsewhere),
            ("https://mta-sts.example.net/", &[name], Elsewhere),
            ("https://mta-sts.example.com/", &["mta-sts.example.net"], Elsewhere),
            ("/", &[], Unclear),
            ("/", &[name, name], Unclear),
            ("/", &["mta-sts.ex\u{e4}mple.com"], Unclear),
        ] {
            let mut request = Request::builder().uri(target);
            for host in hosts {
                request = request.header(HOST, host.as_bytes());
            }
            let (head, ()) = request.body(()).expect("a request").into_parts();
            assert_eq!(addressee(&head, name), expected, "{target} {hosts:?}");
        }
    }
}
