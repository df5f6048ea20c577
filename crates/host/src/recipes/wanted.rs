//! What shall be served and published.

use std::net::IpAddr;

use protocol::Domain;
use protocol::sts::{self, Mode, PolicyText};

use super::quoting::shell;
use super::{POLICY_PATH, ServerPath};

/// What shall be served and published, and where.
///
/// Every value may be hostile: each is quoted for the syntax that it stands in, and what that syntax has no way to write is
/// refused, see [`super::RecipeRefused`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The domain whose mail the policy is about.
    pub domain: Domain,
    /// The zone that the records are in: the domain itself, or one above it.
    pub zone: Domain,
    /// The policy, octet for octet.
    pub policy: String,
    /// The text of the record at `_mta-sts`.
    pub sts_record: String,
    /// The text of the record at `_smtp._tls`.
    pub tlsrpt_record: Option<String>,
    /// The policy host's addresses. May be empty: then the recipes for DNS leave them to the reader.
    pub addresses: Vec<IpAddr>,
    /// The policy host's certificate with its chain, in PEM.
    pub certificate: ServerPath,
    /// Its key, in PEM.
    pub key: ServerPath,
    /// The folder that the policy is served from: it is in `.well-known/mta-sts.txt` below it.
    pub webroot: ServerPath,
    /// The time to live of the records, in seconds.
    pub ttl: u32,
}

impl Wanted {
    /// Whether the policy can stand in a quoted string: text without control characters but those that end lines.
    pub(super) fn is_plain_text(&self) -> bool {
        self.policy.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\t'))
    }

    /// The policy host's name. RFC 8461 §3.2.
    pub(super) fn host(&self) -> String {
        format!("mta-sts.{}", self.domain)
    }

    /// Where senders fetch the policy. RFC 8461 §3.3.
    pub(super) fn url(&self) -> String {
        format!("https://{}/{POLICY_PATH}", self.host())
    }

    /// The policy's file below the webroot.
    pub(super) fn policy_file(&self) -> String {
        self.webroot.below(POLICY_PATH)
    }

    /// The policy's mode, if it is a policy.
    pub(super) fn mode(&self) -> Option<Mode> {
        PolicyText::read(self.policy.as_bytes()).ok().map(|text| text.policy().mode)
    }

    /// The record's id, if it is a record.
    pub(super) fn id(&self) -> Option<String> {
        sts::read_records(&[&self.sts_record]).ok().map(|record| record.id)
    }

    /// The names and texts of the records to publish, absolute and without the final dot.
    pub(super) fn texts(&self) -> Vec<(String, &str)> {
        let sts = (format!("_mta-sts.{}", self.domain), self.sts_record.as_str());
        // RFC 8460 §3
        let tlsrpt = self.tlsrpt_record.as_deref().map(|text| (format!("_smtp._tls.{}", self.domain), text));
        std::iter::once(sts).chain(tlsrpt).collect()
    }

    /// Asks our own check for what was meant: the last word on every recipe.
    pub(super) fn check(&self) -> String {
        let mut expected = Vec::new();
        expected.extend(self.mode().map(|mode| format!("mode={mode}")));
        expected.extend(self.id().map(|id| format!("id={id}")));
        let expect =
            if expected.is_empty() { String::new() } else { format!(" --expect {}", expected.join(",")) };
        format!("mta-sts check {}{expect}", self.domain)
    }

    /// Fetches the policy as senders do, over each family that the host has: status 200, `text/plain`, the same octets.
    pub(super) fn fetches(&self) -> Vec<String> {
        let has =
            |is_kind: fn(&IpAddr) -> bool| self.addresses.is_empty() || self.addresses.iter().any(is_kind);
        let families = [("-4", has(IpAddr::is_ipv4)), ("-6", has(IpAddr::is_ipv6))];
        let fetch = |family| format!("curl {family} -sSi --max-time 60 {}", shell(&self.url()));
        families.into_iter().filter(|(_, has)| *has).map(|(family, _)| fetch(family)).collect()
    }

    /// Whether the certificate is for the policy host's name. RFC 8461 §3.3.
    pub(super) fn certificate_check(&self) -> String {
        format!("openssl x509 -noout -checkhost {} -in {}", self.host(), shell(self.certificate.as_str()))
    }

    /// Asks for the records as they are published.
    pub(super) fn lookups(&self) -> Vec<String> {
        self.texts().iter().map(|(name, _)| format!("dig +noall +answer TXT {name}")).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What the recipes are shown with.
    pub(in crate::recipes) fn example() -> Wanted {
        Wanted {
            domain: "example.com".parse().expect("a domain"),
            zone: "example.com".parse().expect("a zone"),
            policy: "version: STSv1\r\nmode: testing\r\nmx: mail.example.com\r\nmx: *.mail.example.net\r\nmax_age: 604800\r\n".to_owned(),
            sts_record: "v=STSv1; id=20260102T030405Z;".to_owned(),
            tlsrpt_record: Some("v=TLSRPTv1; rua=mailto:tlsrpt@example.org".to_owned()),
            addresses: vec!["192.0.2.1".parse().expect("an address"), "2001:db8::1".parse().expect("an address")],
            certificate: "/etc/letsencrypt/live/mta-sts.example.com/fullchain.pem".parse().expect("a path"),
            key: "/etc/letsencrypt/live/mta-sts.example.com/privkey.pem".parse().expect("a path"),
            webroot: "/var/www/mta-sts.example.com".parse().expect("a path"),
            ttl: 300,
        }
    }

    #[test]
    fn the_check_expects_mode_and_id() {
        assert_eq!(example().check(), "mta-sts check example.com --expect mode=testing,id=20260102T030405Z");
    }
}
