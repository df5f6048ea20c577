//! How to repeat each probe by hand, with dig, curl and openssl (R103). Made from the evidence alone, so that a replay
//! shows the same.

use std::net::{IpAddr, SocketAddr};

use protocol::observed::{Answer, Evidence, FetchOutcome, Outcome, SessionOutcome, Tested};
use serde::Serialize;

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
    let mut list = List { at: asked_at(&evidence.vantage.resolver), all: Vec::new() };
    let host = &evidence.policy_host;
    list.dig("the record", &evidence.record);
    list.dig("the policy host's addresses", &host.a);
    list.dig("the policy host's addresses", &host.aaaa);
    for fetch in &host.fetches {
        if !matches!(fetch.outcome, FetchOutcome::NotTested(_)) {
            list.push("the policy", &fetch_command(&host.name, fetch.address));
        }
    }
    list.dig("the MX records", &evidence.mx);
    for mx in &evidence.hosts {
        list.dig("an MX host's addresses", &mx.a);
        list.dig("an MX host's addresses", &mx.aaaa);
        list.dig("an MX host's TLSA records", &mx.tlsa.answer);
        for session in &mx.sessions {
            if matches!(session.outcome, SessionOutcome::NotTested(_)) {
                continue;
            }
            let name = ["-servername", &mx.name, "-verify_hostname", &mx.name, "-showcerts"];
            list.push("STARTTLS and the certificate", &session_command(session.address, &name));
            if matches!(session.without_sni, Tested::Seen(_)) {
                list.push("the same without SNI", &session_command(session.address, &["-noservername"]));
            }
            if matches!(session.legacy, Tested::Seen(_)) {
                let old = ["-servername", &mx.name, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
                list.push("TLS 1.1", &session_command(session.address, &old));
            }
        }
    }
    list.dig("the TLSRPT record", &evidence.tlsrpt);
    list.all
}

struct List {
    at: Vec<String>,
    all: Vec<ByHand>,
}

impl List {
    fn dig<T>(&mut self, probe: &str, answer: &Answer<T>) {
        if matches!(answer.outcome, Outcome::NotTested(_)) {
            return;
        }
        let mut words = vec!["dig".to_owned(), "+dnssec".to_owned()];
        words.extend(self.at.iter().cloned());
        words.extend([format!("{}.", answer.name), answer.rtype.clone()]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.push(probe, &line(&words));
    }

    fn push(&mut self, probe: &str, command: &str) {
        self.all.push(ByHand { probe: probe.to_owned(), command: command.to_owned() });
    }
}

/// dig's words for a resolver; none when it is the system's.
fn asked_at(resolver: &str) -> Vec<String> {
    if let Ok(address) = resolver.parse::<SocketAddr>() {
        let mut words = vec![format!("@{}", address.ip())];
        if address.port() != 53 {
            words.extend(["-p".to_owned(), address.port().to_string()]);
        }
        return words;
    }
    let host = |text: &str| text.split(['/', '#', ' ']).next().unwrap_or_default().to_owned();
    if let Some(rest) = resolver.strip_prefix("tls://") {
        return vec!["+tls".to_owned(), format!("@{}", host(rest))];
    }
    if let Some(rest) = resolver.strip_prefix("https://") {
        return vec!["+https".to_owned(), format!("@{}", host(rest))];
    }
    Vec::new()
}

fn fetch_command(host: &str, address: IpAddr) -> String {
    let url = format!("https://{host}/.well-known/mta-sts.txt");
    let resolve = format!("{host}:443:{}", bracketed(address));
    line(&["curl", "-sSi", "--max-time", "60", "--resolve", &resolve, &url])
}

fn session_command(address: IpAddr, more: &[&str]) -> String {
    let connect = format!("{}:25", bracketed(address));
    let mut words = vec!["openssl", "s_client", "-starttls", "smtp", "-connect", &connect];
    words.extend(more);
    format!("{} </dev/null", line(&words))
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Words for a POSIX shell, quoted where needed: names come from outside.
fn line(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

fn quote(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_outside_stay_one_word() {
        assert_eq!(line(&["dig", "a;rm -rf /"]), "dig 'a;rm -rf /'");
        assert_eq!(line(&["it's", "$(x)", ""]), "'it'\\''s' '$(x)' ''");
        assert_eq!(quote("[2001:db8::1]:25"), "'[2001:db8::1]:25'");
    }

    #[test]
    fn resolvers() {
        assert_eq!(asked_at("192.0.2.53:53"), ["@192.0.2.53"]);
        assert_eq!(asked_at("[::1]:5300"), ["@::1", "-p", "5300"]);
        assert_eq!(asked_at("tls://dns.example#192.0.2.1"), ["+tls", "@dns.example"]);
        assert!(asked_at("system").is_empty());
    }
}
