//! Ways to the resolver beside UDP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use outside::{Clock, Outside, ResolverChoice, Roots, SetupError, TrustAnchor};
use protocol::observed::{Evidence, NotTestedReason, Outcome, Tested};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::dns::{Dns, txt};
use super::loopback::listen;
use super::world::{Authority, look, settings};

async fn zone() -> Dns {
    let long: Vec<(&str, _)> = (0..20)
        .map(|_| ("long.lab.test.", txt("x")))
        .chain([("_mta-sts.lab.test.", txt("v=STSv1; id=1;"))])
        .collect();
    Dns::start(long, Vec::new()).await
}

/// DNS over TLS before a server that has TCP.
async fn over_tls(dns: SocketAddr, config: Arc<rustls::ServerConfig>) -> SocketAddr {
    let acceptor = TlsAcceptor::from(config);
    listen(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let mut inner = acceptor.accept(tcp).await?;
            let mut outer = TcpStream::connect(dns).await?;
            copy_bidirectional(&mut inner, &mut outer).await
        }
    })
    .await
}

/// DNS over HTTPS before a server that has UDP.
async fn over_https(dns: SocketAddr, mut config: rustls::ServerConfig, protocols: &[&[u8]]) -> SocketAddr {
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    listen(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(tcp).await.unwrap();
            let service = service_fn(move |request| answer(dns, request));
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        }
    })
    .await
}

/// RFC 8484 §4: a question by POST, passed on to the server.
async fn answer(dns: SocketAddr, request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()["content-type"], "application/dns-message");
    let question = request.into_body().collect().await?.to_bytes();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question, dns).await.unwrap();
    let mut answer = vec![0; 65_535];
    let length = socket.recv(&mut answer).await.unwrap();
    answer.truncate(length);
    Ok(Response::new(Full::new(Bytes::from(answer))))
}

/// A look through a resolver that shows a certificate of `authority`, which is trusted.
async fn look_through(resolver: ResolverChoice, dns: &Dns, authority: &Authority) -> Evidence {
    let mut settings = settings(dns.address);
    settings.resolver = resolver;
    settings.roots = authority.roots();
    settings.trust_anchor = TrustAnchor::Text(dns.anchor.clone());
    look(settings).await
}

#[tokio::test]
async fn dns_over_tls_from_a_resolver_of_that_name_alone() {
    let (dns, authority) = (zone().await, Authority::new("Resolver Trust"));
    let ask = async |shown: &str| {
        let front = over_tls(dns.address, authority.server(&[shown], &[], |_| {})).await;
        look_through(ResolverChoice::Tls(front, "dns.example".to_owned()), &dns, &authority).await
    };
    let evidence = ask("dns.example").await;
    assert!(evidence.record.is_secure(), "{:?}", evidence.record);
    let evidence = ask("other.example").await;
    let Outcome::NotTested(why) = &evidence.record.outcome else { panic!("{:?}", evidence.record) };
    assert_eq!(why.reason, NotTestedReason::ResolverDown);
}

#[tokio::test]
async fn dns_over_https_with_both_versions_of_http() {
    let (dns, authority) = (zone().await, Authority::new("Resolver Trust"));
    for protocols in [&[&b"h2"[..]][..], &[&b"http/1.1"[..]][..], &[]] {
        let config = authority.server(&["dns.example"], &[], |_| {});
        let front = over_https(dns.address, config.as_ref().clone(), protocols).await;
        let resolver = ResolverChoice::Https("https://dns.example/dns-query".to_owned(), front);
        let evidence = look_through(resolver, &dns, &authority).await;
        assert!(evidence.record.is_secure(), "{:?}", evidence.record);
    }
}

#[tokio::test]
async fn a_resolver_that_is_not_there_is_noticed_by_its_refusal() {
    let mut settings = settings(SocketAddr::from(([127, 0, 0, 1], 1)));
    // Nothing but the refusal can end the wait in time.
    settings.limits.dns = Duration::from_secs(3_600);
    settings.limits.total = Duration::from_secs(3_600);
    let look = tokio::time::timeout(Duration::from_secs(60), look(settings));
    let evidence = look.await.unwrap();
    let Tested::NotTested(why) = &evidence.vantage.network.resolver else { panic!("it cannot work") };
    assert_eq!(why.reason, NotTestedReason::ResolverDown);
    assert!(why.text.contains("nothing listens"), "{}", why.text);
    for outcome in [
        untested(&evidence.record.outcome),
        untested(&evidence.mx.outcome),
        untested(&evidence.tlsrpt.outcome),
        untested(&evidence.policy_host.a.outcome),
        untested(&evidence.policy_host.aaaa.outcome),
    ] {
        assert_eq!(outcome, Some(NotTestedReason::ResolverDown));
    }
}

fn untested<T>(outcome: &Outcome<T>) -> Option<NotTestedReason> {
    match outcome {
        Outcome::NotTested(why) => Some(why.reason),
        _ => None,
    }
}

#[test]
fn unusable_settings_are_refused_with_a_way_to_mend_them() {
    let here = || SocketAddr::from(([127, 0, 0, 1], 53));
    let new = |change: &dyn Fn(&mut outside::Settings)| {
        let mut settings = settings(here());
        change(&mut settings);
        Outside::new(settings, Clock::system()).unwrap_err()
    };
    let url = new(&|s| s.resolver = ResolverChoice::Https("http://dns.example/".to_owned(), here()));
    assert!(matches!(url, SetupError::ResolverUrl { .. }) && url.to_string().contains("https://"), "{url}");
    let name = new(&|s| s.resolver = ResolverChoice::Tls(here(), "not a name".to_owned()));
    assert!(name.to_string().contains("not a name"), "{name}");
    let anchor = new(&|s| s.trust_anchor = TrustAnchor::Text("nonsense".to_owned()));
    assert!(anchor.to_string().contains("zone file form"), "{anchor}");
    let roots = new(&|s| s.roots = Roots::Pem { name: "roots.pem".to_owned(), text: "nothing".to_owned() });
    assert!(roots.to_string().contains("roots.pem"), "{roots}");
}
