//! How to repeat each probe by hand, with dig, curl and openssl (R103). Made from the evidence alone, so that a replay
//! shows the same.

use protocol::observed::{
    Answer, Evidence, Fetch, FetchOutcome, MxHost, Outcome, Profile, SessionOutcome, TargetLook, Tested,
};
use serde::Serialize;

use super::tools::{HTTP, HTTPS, OLD, Tools};

/// A probe and the command that repeats it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ByHand {
    /// What it looks at.
    pub(crate) probe: String,
    /// The command, for a POSIX shell.
    pub(crate) command: String,
}

/// The commands that repeat the probes of a look, in its order.
pub(crate) fn by_hand(evidence: &Evidence) -> Vec<ByHand> {
    let mut list = List { evidence, tools: Tools::of(&evidence.vantage), all: Vec::new() };
    if evidence.vantage.roots == LAB {
        list.push(
            "these need a lab that stays up",
            "# mta-sts lab up, and repeat the check there: its ports are others; ca.pem is in its directory"
                .to_owned(),
        );
    }
    list.record();
    list.policy_host();
    list.policy_elsewhere();
    list.dig("the MX records", &evidence.mx);
    for host in &evidence.hosts {
        list.mail_host(host);
    }
    list.dig("the TLSRPT record", &evidence.tlsrpt);
    for target in &evidence.targets {
        if let Tested::Seen(look) = &target.look {
            list.target(look);
        }
    }
    for subdomain in &evidence.subdomains {
        list.dig("a subdomain's MX records", &subdomain.mx);
        list.dig("a subdomain's record", &subdomain.record);
    }
    list.all
}

/// What the roots are called in a look into the lab of the same process.
const LAB: &str = "lab";
/// The folder that policies lie in. RFC 8461 §3.2.
const PATH: &str = "/.well-known/mta-sts.txt";

struct List<'a> {
    evidence: &'a Evidence,
    tools: Tools<'a>,
    all: Vec<ByHand>,
}

impl List<'_> {
    fn record(&mut self) {
        let evidence = self.evidence;
        self.dig("the record", &evidence.record);
        for answer in &evidence.surroundings.elsewhere {
            self.dig("a place where the record is often put by mistake", answer);
        }
        if let Tested::Seen(answer) = &evidence.surroundings.sibling {
            self.dig("a name beside the record, which a wildcard would answer for", answer);
        }
        for server in evidence.surroundings.servers.seen().into_iter().flatten() {
            if matches!(server.answer, Tested::Seen(_)) {
                let command = self.tools.dig_at(
                    &server.server,
                    server.address,
                    &evidence.record.name,
                    &evidence.record.rtype,
                );
                self.push("the record, from a name server itself", command);
            }
        }
    }

    fn policy_host(&mut self) {
        let host = &self.evidence.policy_host;
        self.dig("the policy host's addresses", &host.a);
        self.dig("the policy host's addresses", &host.aaaa);
        for fetch in &host.fetches {
            if matches!(fetch.outcome, FetchOutcome::NotTested(_)) {
                continue;
            }
            let command = self.tools.fetch("https", &host.name, Some((fetch.address, HTTPS)), PATH);
            self.push("the policy", command);
            if matches!(fetch.legacy, Tested::Seen(_)) {
                for (version, flag) in OLD {
                    let more = ["-servername", &host.name, flag, "-cipher", "ALL:@SECLEVEL=0"];
                    let command = self.tools.tls(&host.name, fetch.address, HTTPS, &more);
                    self.push(&format!("{version} at the policy host"), command);
                }
            }
        }
    }

    /// Looked at only when the right place has no policy.
    fn policy_elsewhere(&mut self) {
        let host = &self.evidence.policy_host;
        let is_policy = |fetch: &Fetch| match &fetch.outcome {
            FetchOutcome::Response(response) => {
                response.status == 200 && response.body.lossy().contains("STSv1")
            }
            _ => false,
        };
        if self.evidence.vantage.profile == Profile::Basic || host.fetches.iter().any(is_policy) {
            return;
        }
        let address = host.fetches.first().map(|fetch| fetch.address);
        let domain = self.evidence.domain.as_str();
        let www = format!("www.{domain}");
        for (scheme, name, port, path) in [
            ("https", domain, HTTPS, PATH),
            ("https", &www, HTTPS, PATH),
            ("https", &host.name, HTTPS, "/mta-sts.txt"),
            ("http", &host.name, HTTP, PATH),
        ] {
            let known = address.filter(|_| name == host.name).map(|address| (address, port));
            let command =
                self.tools.fetch(scheme, name, known.or_else(|| self.tools.dialled(name, port)), path);
            self.push("a place where policies are put by mistake", command);
        }
    }

    fn mail_host(&mut self, mx: &MxHost) {
        self.dig("an MX host's addresses", &mx.a);
        self.dig("an MX host's addresses", &mx.aaaa);
        self.dig("an MX host's TLSA records", &mx.tlsa.answer);
        for session in &mx.sessions {
            if matches!(session.outcome, SessionOutcome::NotTested(_)) {
                continue;
            }
            let name = ["-servername", &mx.name, "-verify_hostname", &mx.name, "-showcerts"];
            self.push("STARTTLS and the certificate", self.tools.starttls(&mx.name, session.address, &name));
            if matches!(session.without_sni, Tested::Seen(_)) {
                let command = self.tools.starttls(&mx.name, session.address, &["-noservername"]);
                self.push("the same without SNI", command);
            }
            if matches!(session.at_tlsa_base, Some(Tested::Seen(_))) {
                let base = ["-servername", &mx.tlsa.base, "-verify_hostname", &mx.tlsa.base, "-showcerts"];
                let command = self.tools.starttls(&mx.name, session.address, &base);
                self.push("the certificate that senders see who use DANE", command);
            }
            if matches!(session.legacy, Tested::Seen(_)) {
                for (version, flag) in OLD {
                    let more = ["-servername", &mx.name, flag, "-cipher", "ALL:@SECLEVEL=0"];
                    self.push(version, self.tools.starttls(&mx.name, session.address, &more));
                }
            }
        }
    }

    fn target(&mut self, look: &TargetLook) {
        match look {
            TargetLook::Mail { mx, a, aaaa, .. } => {
                self.dig("where mail for reports goes", mx);
                self.dig("where mail for reports goes", a);
                self.dig("where mail for reports goes", aaaa);
            }
            TargetLook::Https { host, a, aaaa, reach } => {
                self.dig("the addresses of a host that takes reports", a);
                self.dig("the addresses of a host that takes reports", aaaa);
                for (address, reached) in reach {
                    if matches!(reached, Tested::Seen(_)) {
                        let more = ["-servername", host, "-verify_hostname", host];
                        self.push("a host that takes reports", self.tools.tls(host, *address, HTTPS, &more));
                    }
                }
            }
        }
    }

    fn dig<T>(&mut self, probe: &str, answer: &Answer<T>) {
        if !matches!(answer.outcome, Outcome::NotTested(_)) {
            self.push(probe, self.tools.dig(&answer.name, &answer.rtype));
        }
    }

    fn push(&mut self, probe: &str, command: String) {
        if self.all.last().is_some_and(|last| last.command == command) {
            // Two addresses may be led to the same place.
            return;
        }
        self.all.push(ByHand { probe: probe.to_owned(), command });
    }
}
