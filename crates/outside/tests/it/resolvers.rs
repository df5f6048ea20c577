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
use protocol::observed::{NotTestedReason, Outcome, Tested};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::dns::{Dns, txt};
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
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = TlsAcceptor::from(Arc::clone(&config));
            tokio::spawn(async move {
                let mut inner = acceptor.accept(tcp).await?;
                let mut outer = TcpStream::connect(dns).await?;
                copy_bidirectional(&mut inner, &mut outer).await
            });
        }
    });
    address
}

/// DNS over HTTPS before a server that has UDP.
async fn over_https(dns: SocketAddr, mut config: rustls::ServerConfig, protocols: &[&[u8]]) -> SocketAddr {
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = TlsAcceptor::from(Arc::clone(&config));
            tokio::spawn(async move {
                let stream = acceptor.accept(tcp).await.unwrap();
                let service = service_fn(move |request: Request<Incoming>| async move {
                    assert_eq!(request.method(), "POST");
                    assert_eq!(request.headers()["content-type"], "application/dns-message");
                    let question = request.into_body().collect().await?.to_bytes();
                    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                    socket.send_to(&question, dns).await.unwrap();
                    let mut answer = vec![0; 65_535];
                    let length = socket.recv(&mut answer).await.unwrap();
                    answer.truncate(length);
                    Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from(answer))))
                });
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn dns_over_tls() {
    let (dns, authority) = (zone().await, Authority::new("Resolver Trust"));
    let front = over_tls(dns.address, authority.server(&["dns.example"], &[], |_| {})).await;
    let mut settings = settings(dns.address);
    settings.resolver = ResolverChoice::Tls(front, "dns.example".to_owned());
    settings.roots = Roots::Pem { name: "test".to_owned(), text: authority.pem() };
    settings.trust_anchor = TrustAnchor::Text(dns.anchor.clone());
    let evidence = look(settings).await;
    assert!(evidence.record.is_secure(), "{:?}", evidence.record);
}

#[tokio::test]
async fn a_resolver_under_another_name_is_not_believed() {
    let (dns, authority) = (zone().await, Authority::new("Resolver Trust"));
    let front = over_tls(dns.address, authority.server(&["other.example"], &[], |_| {})).await;
    let mut settings = settings(dns.address);
    settings.resolver = ResolverChoice::Tls(front, "dns.example".to_owned());
    settings.roots = Roots::Pem { name: "test".to_owned(), text: authority.pem() };
    let evidence = look(settings).await;
    let Outcome::NotTested(why) = &evidence.record.outcome else { panic!("{:?}", evidence.record) };
    assert_eq!(why.reason, NotTestedReason::ResolverDown);
}

#[tokio::test]
async fn dns_over_https_with_both_versions_of_http() {
    let (dns, authority) = (zone().await, Authority::new("Resolver Trust"));
    for protocols in [&[&b"h2"[..]][..], &[&b"http/1.1"[..]][..], &[]] {
        let config = authority.server(&["dns.example"], &[], |_| {});
        let front = over_https(dns.address, config.as_ref().clone(), protocols).await;
        let mut settings = settings(dns.address);
        settings.resolver = ResolverChoice::Https("https://dns.example/dns-query".to_owned(), front);
        settings.roots = Roots::Pem { name: "test".to_owned(), text: authority.pem() };
        let evidence = look(settings).await;
        assert_eq!(evidence.record.records().len(), 1, "{:?}", evidence.record);
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
