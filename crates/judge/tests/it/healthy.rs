//! Evidence of a domain where everything is right; each case changes one thing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::{SignedDuration, Timestamp};
use protocol::Domain;
use protocol::dane::Tlsa;
use protocol::observed::*;
use sha2::{Digest, Sha256};

pub const NOW: &str = "2026-07-01T12:00:00Z";
pub const POLICY: &str =
    "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: mx2.example.com\nmax_age: 2419200\n";
pub const RECORD: &str = "v=STSv1; id=20260601T120000Z;";

/// One look with its history and its time.
#[derive(Debug, Clone)]
pub struct Setup {
    pub evidence: Evidence,
    pub history: History,
    pub now: Timestamp,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn secure<T>(name: &str, rtype: &str, outcome: Outcome<T>) -> Answer<T> {
    Answer {
        name: name.to_owned(),
        rtype: rtype.to_owned(),
        outcome,
        security: Security { status: SecurityStatus::Secure, reason: None },
        aliases: Vec::new(),
        alias_beside_data: false,
        ttl: Some(3600),
        millis: 1,
    }
}

pub fn records<T>(name: &str, rtype: &str, records: Vec<T>) -> Answer<T> {
    secure(name, rtype, Outcome::Records(records))
}

pub fn txt(name: &str, texts: &[&str]) -> Answer<Txt> {
    records(name, "TXT", texts.iter().map(|text| Txt { strings: vec![Octets::from(*text)] }).collect())
}

pub fn certificate(name: &str) -> Certificate {
    Certificate {
        subject: format!("CN={name}"),
        issuer: "CN=Test Intermediate".to_owned(),
        dns_names: vec![name.to_owned()],
        not_before: at("2026-05-01T00:00:00Z"),
        not_after: at("2026-09-01T00:00:00Z"),
        key: KeyFacts { algorithm: "EC".to_owned(), bits: 256 },
        signature: "ecdsa-with-SHA256".to_owned(),
        is_ca: false,
        der: format!("der {name}").into_bytes(),
        spki: format!("key {name}").into_bytes(),
    }
}

pub fn intermediate() -> Certificate {
    Certificate {
        subject: "CN=Test Intermediate".to_owned(),
        issuer: "CN=Test Root".to_owned(),
        dns_names: Vec::new(),
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
        is_ca: true,
        ..certificate("intermediate")
    }
}

pub fn tls(name: &str) -> TlsFacts {
    TlsFacts {
        version: "TLSv1.3".to_owned(),
        cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
        group: Some("X25519".to_owned()),
        sni: Some(name.to_owned()),
        alpn: None,
        certificates: vec![certificate(name), intermediate()],
        signature_valid: true,
        name_matches: true,
        path: PathFacts { result: PathResult::Trusted, anchors: vec![1] },
    }
}

pub fn no_legacy() -> Tested<LegacyOffer> {
    Tested::Seen(LegacyOffer { answered: Vec::new() })
}

pub fn fetch(address: &str, body: &str) -> Fetch {
    Fetch {
        address: address.parse().unwrap(),
        outcome: FetchOutcome::Response(HttpResponse {
            status: 200,
            headers: vec![("content-type".to_owned(), Octets::from("text/plain"))],
            body: Octets::from(body),
            too_large: false,
        }),
        tls: Some(tls("mta-sts.example.com")),
        legacy: no_legacy(),
        connect_millis: 1,
        rest_millis: 2,
    }
}

pub fn session(host: &str, address: &str) -> SmtpSession {
    let reply = |code, text: &str| Some(Reply { code, lines: vec![Octets::from(text)] });
    SmtpSession {
        address: address.parse().unwrap(),
        outcome: SessionOutcome::Tls,
        banner: reply(220, host),
        ehlo: reply(250, "STARTTLS"),
        starttls: reply(220, "go ahead"),
        ehlo_in_tls: reply(250, host),
        injected: None,
        tls: Some(tls(host)),
        without_sni: Tested::Seen(Ok(tls(host))),
        at_tlsa_base: None,
        legacy: no_legacy(),
        connect_millis: 1,
        rest_millis: 2,
        visited_at: None,
    }
}

pub fn tlsa(usage: u8, spki: &[u8]) -> Tlsa {
    Tlsa { usage, selector: 1, matching: 1, data: Sha256::digest(spki).to_vec() }
}

pub fn host(name: &str, preference: u16, v4: &str, v6: &str) -> MxHost {
    let own = tlsa(3, &certificate(name).spki);
    let ca = tlsa(2, &intermediate().spki);
    MxHost {
        name: name.to_owned(),
        preference,
        implicit: false,
        a: records(name, "A", vec![v4.parse::<Ipv4Addr>().unwrap()]),
        aaaa: records(name, "AAAA", vec![v6.parse::<Ipv6Addr>().unwrap()]),
        tlsa: TlsaLook {
            base: name.to_owned(),
            answer: records(&format!("_25._tcp.{name}"), "TLSA", vec![own, ca]),
            unreadable: 0,
        },
        sessions: vec![session(name, v4), session(name, v6)],
        visited_at: None,
    }
}

pub fn mx(preference: u16, host: &str) -> MxRecord {
    MxRecord { preference, host: host.to_owned() }
}

pub fn not<T>(reason: NotTestedReason, text: &str) -> Tested<T> {
    Tested::NotTested(NotTested::new(reason, text))
}

pub fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

pub fn healthy() -> Setup {
    let seen = || Tested::Seen(());
    let policy_host = "mta-sts.example.com";
    let evidence = Evidence {
        evidence_version: EVIDENCE_VERSION,
        tool: "test".to_owned(),
        domain: domain("example.com"),
        taken_at: at(NOW),
        millis: 100,
        vantage: Vantage {
            name: "here".to_owned(),
            profile: Profile::Full,
            resolver: "192.0.2.53:53".to_owned(),
            trust_anchor: "test".to_owned(),
            roots: "test".to_owned(),
            helo: "probe.example".to_owned(),
            route: Route::default(),
            network: OwnNetwork { resolver: seen(), ipv4: seen(), ipv6: seen(), port25: seen() },
        },
        record: txt("_mta-sts.example.com", &[RECORD]),
        surroundings: RecordSurroundings {
            elsewhere: vec![
                txt("example.com", &["v=spf1 -all"]),
                secure("mta-sts.example.com", "TXT", Outcome::NoData),
                secure("_mta_sts.example.com", "TXT", Outcome::NxDomain),
            ],
            sibling: Tested::Seen(secure("_random.example.com", "TXT", Outcome::NxDomain)),
            servers: Tested::Seen(
                [("ns1.example.com", "192.0.2.1"), ("ns2.example.com", "192.0.2.2")].map(server).into(),
            ),
        },
        policy_host: PolicyHost {
            name: policy_host.to_owned(),
            a: records(policy_host, "A", vec![Ipv4Addr::new(192, 0, 2, 80)]),
            aaaa: records(policy_host, "AAAA", vec!["2001:db8::80".parse::<Ipv6Addr>().unwrap()]),
            fetches: vec![fetch("192.0.2.80", POLICY), fetch("2001:db8::80", POLICY)],
            elsewhere: Vec::new(),
        },
        mx: records("example.com", "MX", vec![mx(10, "mx1.example.com"), mx(20, "mx2.example.com")]),
        hosts: vec![
            host("mx1.example.com", 10, "192.0.2.25", "2001:db8::25"),
            host("mx2.example.com", 20, "192.0.2.26", "2001:db8::26"),
        ],
        mx_hosts_left_out: 0,
        tlsrpt: txt("_smtp._tls.example.com", &["v=TLSRPTv1; rua=mailto:tls@reports.example"]),
        targets: vec![mail_target("mailto:tls@reports.example", "reports.example")],
        subdomains: Vec::new(),
    };
    Setup { evidence, history: History::default(), now: at(NOW) }
}

fn server((name, address): (&str, &str)) -> ServerAnswer {
    ServerAnswer {
        server: name.to_owned(),
        address: address.parse::<IpAddr>().unwrap(),
        answer: Tested::Seen(Outcome::Records(vec![Txt { strings: vec![Octets::from(RECORD)] }])),
    }
}

pub fn mail_target(uri: &str, domain: &str) -> ReportTarget {
    ReportTarget {
        uri: uri.to_owned(),
        look: Tested::Seen(TargetLook::Mail {
            domain: domain.to_owned(),
            mx: records(domain, "MX", vec![mx(10, "mail.reports.example")]),
            a: secure(domain, "A", Outcome::NoData),
            aaaa: secure(domain, "AAAA", Outcome::NoData),
        }),
    }
}

pub fn https_target(uri: &str, host: &str, reach: Reach) -> ReportTarget {
    let address = Ipv4Addr::new(192, 0, 2, 99);
    ReportTarget {
        uri: uri.to_owned(),
        look: Tested::Seen(TargetLook::Https {
            host: host.to_owned(),
            a: records(host, "A", vec![address]),
            aaaa: secure(host, "AAAA", Outcome::NoData),
            reach: vec![(IpAddr::V4(address), Tested::Seen(reach))],
        }),
    }
}

impl Setup {
    pub fn policy(&mut self, text: &str) {
        for fetch in &mut self.evidence.policy_host.fetches {
            if let FetchOutcome::Response(response) = &mut fetch.outcome {
                response.body = Octets::from(text);
            }
        }
    }

    pub fn testing(&mut self) {
        self.policy(&POLICY.replace("enforce", "testing"));
    }

    /// Testing, and an earlier look that saw it so many days ago.
    pub fn tested(&mut self, days: i64) {
        self.testing();
        let mut look = judge::look(&self.evidence);
        look.taken_at = self.now - SignedDuration::from_hours(24 * days);
        self.history.looks.push(look);
    }

    pub fn record(&mut self, texts: &[&str]) {
        self.evidence.record = txt("_mta-sts.example.com", texts);
    }

    pub fn no_record(&mut self) {
        self.evidence.record = secure("_mta-sts.example.com", "TXT", Outcome::NxDomain);
    }

    pub fn tlsrpt(&mut self, text: &str) {
        self.evidence.tlsrpt = txt("_smtp._tls.example.com", &[text]);
    }

    pub fn fetches(&mut self, change: impl Fn(&mut Fetch)) {
        self.evidence.policy_host.fetches.iter_mut().for_each(change);
    }

    pub fn fetched(&mut self, outcome: &FetchOutcome) {
        self.fetches(|fetch| {
            fetch.outcome = outcome.clone();
            if !matches!(outcome, FetchOutcome::Response(_) | FetchOutcome::Http(_)) {
                fetch.tls = None;
            }
        });
    }

    pub fn responses(&mut self, change: impl Fn(&mut HttpResponse)) {
        self.fetches(|fetch| {
            if let FetchOutcome::Response(response) = &mut fetch.outcome {
                change(response);
            }
        });
    }

    pub fn header(&mut self, name: &str, value: &str) {
        self.responses(|response| {
            response.headers.retain(|(known, _)| known != name);
            response.headers.push((name.to_owned(), Octets::from(value)));
        });
    }

    pub fn policy_tls(&mut self, change: impl Fn(&mut TlsFacts)) {
        self.fetches(|fetch| fetch.tls.iter_mut().for_each(&change));
    }

    /// The sessions of the first, preferred host.
    pub fn sessions(&mut self, change: impl Fn(&mut SmtpSession)) {
        self.evidence.hosts[0].sessions.iter_mut().for_each(change);
    }

    pub fn session_fails(&mut self, outcome: &SessionOutcome) {
        self.sessions(|session| {
            session.outcome = outcome.clone();
            session.tls = None;
        });
    }

    pub fn mail_tls(&mut self, change: impl Fn(&mut TlsFacts)) {
        self.sessions(|session| session.tls.iter_mut().for_each(&change));
    }

    pub fn no_dane(&mut self) {
        for host in &mut self.evidence.hosts {
            host.tlsa.answer.outcome = Outcome::NxDomain;
        }
    }

    pub fn unsigned(&mut self) {
        let insecure = Security { status: SecurityStatus::Insecure, reason: None };
        self.evidence.mx.security = insecure.clone();
        for host in &mut self.evidence.hosts {
            host.a.security = insecure.clone();
            host.aaaa.security = insecure.clone();
            host.tlsa.answer.security = insecure.clone();
        }
    }
}
