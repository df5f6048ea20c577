//! SMTP sessions with servers of every temper.

use protocol::observed::{
    Evidence, NotTested, NotTestedReason, PathResult, SessionOutcome, SmtpSession, Stage, Tested,
    TlsFailureKind,
};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::dns::{Dns, a, mx};
use super::loopback::listen;
use super::mail::{self, Script};
use super::world::{Authority, MAIL, connect, look, redirect, settings};

struct Seen {
    evidence: Evidence,
    commands: Vec<String>,
}

impl Seen {
    fn session(&self) -> &SmtpSession {
        &self.evidence.hosts[0].sessions[0]
    }
}

async fn session_with(
    script: Script,
    config: impl FnOnce(&Authority) -> std::sync::Arc<rustls::ServerConfig>,
) -> Seen {
    let authority = Authority::new("Example Trust");
    let (log, received) = mpsc::unbounded_channel();
    let server = mail::serve(config(&authority), script, log).await;
    let dns =
        Dns::start(vec![("lab.test.", mx(10, "mx.lab.test.")), ("mx.lab.test.", a(MAIL))], Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.roots = authority.roots();
    connect(&mut settings, [redirect(MAIL, 25, server)]);
    let evidence = look(settings).await;
    Seen { evidence, commands: drain(received) }
}

fn drain(mut received: UnboundedReceiver<String>) -> Vec<String> {
    std::iter::from_fn(|| received.try_recv().ok()).collect()
}

fn healthy(authority: &Authority) -> std::sync::Arc<rustls::ServerConfig> {
    authority.server(&["mx.lab.test"], &[authority.der()], |_| {})
}

#[tokio::test]
async fn a_healthy_server_is_seen_whole() {
    let seen = session_with(Script::default(), healthy).await;
    let session = seen.session();
    assert_eq!(session.outcome, SessionOutcome::Tls);
    assert_eq!(session.banner.as_ref().unwrap().code, 220);
    assert!(session.ehlo.is_some() && session.starttls.is_some() && session.ehlo_in_tls.is_some());
    assert_eq!(session.injected, None);
    let tls = session.tls.as_ref().unwrap();
    assert_eq!((tls.version.as_str(), tls.sni.as_deref()), ("TLSv1.3", Some("mx.lab.test")));
    assert!(tls.cipher.starts_with("TLS_") && tls.group.is_some() && tls.signature_valid && tls.name_matches);
    assert_eq!(tls.path.result, PathResult::Trusted);
    assert_eq!(tls.path.anchors, [1]);
    let Tested::Seen(Ok(without_sni)) = &session.without_sni else { panic!("{:?}", session.without_sni) };
    assert_eq!(without_sni.sni, None);
    let Tested::Seen(legacy) = &session.legacy else { panic!("{:?}", session.legacy) };
    assert!(legacy.answered.is_empty());
    assert_eq!(seen.evidence.vantage.network.port25, Tested::Seen(()));
}

#[tokio::test]
async fn no_mail_is_ever_sent_and_leave_is_taken() {
    let seen = session_with(Script::default(), healthy).await;
    for command in &seen.commands {
        let known = matches!(command.as_str(), "EHLO checker.example" | "STARTTLS" | "QUIT");
        assert!(known, "{command}");
    }
    // Three connections: session, without a server name, outdated versions; all but the first say EHLO once.
    assert_eq!(seen.commands.iter().filter(|c| *c == "STARTTLS").count(), 3);
    assert_eq!(seen.commands.iter().filter(|c| c.starts_with("EHLO")).count(), 4);
}

#[tokio::test]
async fn a_server_that_puts_us_off_is_not_tested() {
    for greeting in ["421 4.7.0 later\r\n", "450 greylisted\r\n"] {
        let seen = session_with(Script { greeting, ..Script::default() }, healthy).await;
        let SessionOutcome::NotTested(NotTested { reason, text }) = &seen.session().outcome else { panic!() };
        assert_eq!(*reason, NotTestedReason::PutOff);
        assert!(text.contains(greeting.trim_end()), "{text}");
        assert_eq!(seen.evidence.vantage.network.port25, Tested::Seen(()));
    }
}

#[tokio::test]
async fn each_way_of_not_coming_to_tls_has_its_outcome() {
    let ehlo_refused = "550 go away\r\n";
    let cases = [
        (Script { greeting: "554 no\r\n", ..Script::default() }, SessionOutcome::Refused(Stage::Banner)),
        (Script { ehlo: ehlo_refused, ..Script::default() }, SessionOutcome::Refused(Stage::Ehlo)),
        (Script { ehlo: "502 what?\r\n", ..Script::default() }, SessionOutcome::NoStarttls),
        (Script { ehlo: "250 mx STARTTLS\r\n", ..Script::default() }, SessionOutcome::NoStarttls),
        (Script { starttls: "454 no key\r\n", ..Script::default() }, SessionOutcome::StarttlsRefused),
        (Script { starttls: "554 never\r\n", ..Script::default() }, SessionOutcome::StarttlsRefused),
        (Script { greeting: "", ..Script::default() }, SessionOutcome::Timeout(Stage::Banner)),
    ];
    for (script, expected) in cases {
        let seen = session_with(script, healthy).await;
        assert_eq!(seen.session().outcome, expected);
        assert!(matches!(seen.session().without_sni, Tested::NotTested(_)));
    }
}

#[tokio::test]
async fn a_server_without_end_is_left() {
    for babble in ["220-and on\r\n", "x"] {
        let seen = session_with(Script { greeting: "", babble, ..Script::default() }, healthy).await;
        let SessionOutcome::Protocol { stage, .. } = &seen.session().outcome else {
            panic!("{:?}", seen.session().outcome)
        };
        assert_eq!(*stage, Stage::Banner);
    }
}

#[tokio::test]
async fn octets_in_the_clear_after_starttls_are_kept_and_not_used() {
    let script = Script { starttls: "220 go\r\n250 injected\r\n", ..Script::default() };
    let seen = session_with(script, healthy).await;
    assert_eq!(seen.session().injected.as_ref().unwrap().as_slice(), b"250 injected\r\n");
    assert_eq!(seen.session().outcome, SessionOutcome::Tls);
    assert_eq!(seen.session().ehlo_in_tls.as_ref().unwrap().code, 250);
}

#[tokio::test]
async fn octets_in_the_clear_in_a_segment_of_their_own_are_kept_too() {
    let script = Script { late: "250 injected\r\n", ..Script::default() };
    let seen = session_with(script, healthy).await;
    assert_eq!(seen.session().injected.as_ref().unwrap().as_slice(), b"250 injected\r\n");
    let SessionOutcome::TlsFailed(failure) = &seen.session().outcome else { panic!("no TLS can follow") };
    assert_eq!(failure.kind, TlsFailureKind::NotTls);
}

#[tokio::test]
async fn certificates_are_told_apart() {
    type Case = (&'static str, Make, fn(&PathResult) -> bool, bool);
    type Make = fn(&Authority) -> std::sync::Arc<rustls::ServerConfig>;
    let cases: [Case; 6] = [
        (
            "wrong name",
            |ca| ca.server(&["other.test"], &[], |_| {}),
            |path| *path == PathResult::Trusted,
            false,
        ),
        (
            "expired",
            |ca| {
                ca.server(&["mx.lab.test"], &[], |params| {
                    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
                    params.not_after = rcgen::date_time_ymd(2020, 2, 1);
                })
            },
            |path| *path == PathResult::Trusted,
            true,
        ),
        (
            "unknown issuer",
            |_| {
                let other = Authority::new("Nobody Knows");
                other.server(&["mx.lab.test"], &[other.der()], |_| {})
            },
            |path| matches!(path, PathResult::UnknownIssuer { issuer } if issuer.contains("Nobody Knows Root")),
            true,
        ),
        (
            "intermediate forgotten",
            |ca| ca.intermediate("Example Trust").server(&["mx.lab.test"], &[], |_| {}),
            |path| matches!(path, PathResult::Incomplete { missing } if missing.contains("Intermediate")),
            true,
        ),
        (
            "intermediate sent",
            |ca| {
                let below = ca.intermediate("Example Trust");
                below.server(&["mx.lab.test"], &[below.der()], |_| {})
            },
            |path| *path == PathResult::Trusted,
            true,
        ),
        (
            "self-signed",
            |_| {
                let key = rcgen::KeyPair::generate().unwrap();
                let params = rcgen::CertificateParams::new(vec!["mx.lab.test".to_owned()]).unwrap();
                let leaf: CertificateDer<'static> = params.self_signed(&key).unwrap().der().clone();
                super::world::server_config(vec![leaf], &key)
            },
            |path| *path == PathResult::SelfSigned,
            true,
        ),
    ];
    for (what, config, path, name) in cases {
        let seen = session_with(Script::default(), config).await;
        let tls = seen.session().tls.as_ref().unwrap();
        assert!(path(&tls.path.result), "{what}: {:?}", tls.path.result);
        assert_eq!(tls.name_matches, name, "{what}");
        assert!(tls.signature_valid, "{what}");
    }
}

#[tokio::test]
async fn a_closed_port_and_a_private_address_differ() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dns = Dns::start(
        vec![
            ("lab.test.", mx(10, "mx.lab.test.")),
            ("lab.test.", mx(20, "inner.lab.test.")),
            ("mx.lab.test.", a(MAIL)),
            ("inner.lab.test.", a("127.0.0.1")),
        ],
        Vec::new(),
    )
    .await;
    let mut settings = settings(dns.address);
    connect(&mut settings, [redirect(MAIL, 25, closed)]);
    let evidence = look(settings).await;
    let refused = &evidence.hosts[0].sessions[0].outcome;
    assert_eq!(*refused, SessionOutcome::Connect(protocol::observed::ConnectFailure::Refused));
    let SessionOutcome::NotTested(why) = &evidence.hosts[1].sessions[0].outcome else { panic!() };
    assert_eq!(why.reason, NotTestedReason::TargetNotAllowed);
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_after_all() {
    // The handshake is answered by a second SMTP server's greeting: a front that forwards in the clear.
    let front = listen(|mut tcp| async move {
        let mut buffer = [0; 1024];
        for line in ["220 a\r\n", "250-a\r\n250 STARTTLS\r\n", "220 go\r\n", "500 5.5.1 what is that?\r\n"] {
            tcp.write_all(line.as_bytes()).await.unwrap();
            if tcp.read(&mut buffer).await.unwrap_or(0) == 0 {
                break;
            }
        }
    })
    .await;
    let dns =
        Dns::start(vec![("lab.test.", mx(10, "mx.lab.test.")), ("mx.lab.test.", a(MAIL))], Vec::new()).await;
    let mut settings = settings(dns.address);
    connect(&mut settings, [redirect(MAIL, 25, front)]);
    let evidence = look(settings).await;
    let SessionOutcome::TlsFailed(failure) = &evidence.hosts[0].sessions[0].outcome else { panic!() };
    assert_eq!(failure.kind, TlsFailureKind::NotTls);
}

#[tokio::test]
async fn a_certificate_that_another_server_sends_shows_what_this_one_forgot() {
    let authority = Authority::new("Example Trust");
    // Nothing about this issuer's name tells that it belongs to the root.
    let below = authority.intermediate("Unheard Of");
    let (log, _) = mpsc::unbounded_channel();
    let forgetful = below.server(&["mx.lab.test"], &[], |_| {});
    let forgetful = mail::serve(forgetful, Script::default(), log.clone()).await;
    let careful = below.server(&["mx2.lab.test"], &[below.der()], |_| {});
    let careful = mail::serve(careful, Script::default(), log).await;
    let dns = Dns::start(
        vec![
            ("lab.test.", mx(10, "mx.lab.test.")),
            ("lab.test.", mx(20, "mx2.lab.test.")),
            ("mx.lab.test.", a(MAIL)),
            ("mx2.lab.test.", a("192.0.2.3")),
        ],
        Vec::new(),
    )
    .await;
    let mut settings = settings(dns.address);
    settings.roots = authority.roots();
    connect(&mut settings, [redirect(MAIL, 25, forgetful), redirect("192.0.2.3", 25, careful)]);
    let evidence = look(settings).await;
    let path = |host: usize| evidence.hosts[host].sessions[0].tls.as_ref().unwrap().path.result.clone();
    assert!(matches!(path(0), PathResult::Incomplete { missing } if missing.contains("Unheard Of")));
    assert_eq!(path(1), PathResult::Trusted);
}

#[tokio::test]
async fn addresses_beyond_the_bound_are_left_out_and_counted() {
    let (log, _) = mpsc::unbounded_channel();
    let server = mail::serve(healthy(&Authority::new("Example Trust")), Script::default(), log).await;
    let addresses = ["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
    let records = addresses.map(|address| ("mx.lab.test.", a(address)));
    let zone = [("lab.test.", mx(10, "mx.lab.test."))].into_iter().chain(records).collect();
    let dns = Dns::start(zone, Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.limits.addresses = 2;
    connect(&mut settings, addresses.map(|address| redirect(address, 25, server)));
    let evidence = look(settings).await;
    let [first, second, left_out] = &evidence.hosts[0].sessions[..] else {
        panic!("{:?}", evidence.hosts[0])
    };
    assert_eq!((&first.outcome, &second.outcome), (&SessionOutcome::Tls, &SessionOutcome::Tls));
    let SessionOutcome::NotTested(why) = &left_out.outcome else { panic!("{:?}", left_out.outcome) };
    assert_eq!(why.reason, NotTestedReason::Limit);
    assert!(why.text.contains("2 more"), "{}", why.text);
}
