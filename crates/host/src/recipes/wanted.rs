//! What shall be served and published.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use protocol::Domain;
use protocol::sts::{self, Mode, PolicyText};

use super::POLICY_PATH;
use super::quoting::shell;

/// What shall be served and published, and where.
///
/// Every value may be hostile: each is quoted for the syntax that it stands in. What no configuration can express is
/// replaced: control characters in paths and what is no UTF-8 by `_`, octets of the policy that are no UTF-8 by U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The domain whose mail the policy is about.
    pub domain: Domain,
    /// The policy, octet for octet.
    pub policy: Vec<u8>,
    /// The text of the record at `_mta-sts`.
    pub sts_record: String,
    /// The text of the record at `_smtp._tls`.
    pub tlsrpt_record: Option<String>,
    /// The policy host's name, `mta-sts.<domain>`.
    pub policy_host: String,
    /// The policy host's addresses. May be empty: then the recipes for DNS leave them to the reader.
    pub addresses: Vec<IpAddr>,
    /// The policy host's certificate with its chain, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
    /// The folder that the policy is served from: it is in `.well-known/mta-sts.txt` below it.
    pub webroot: PathBuf,
    /// The time to live of the records, in seconds.
    pub ttl: u32,
}

impl Wanted {
    /// The policy as text.
    pub(super) fn policy_text(&self) -> String {
        String::from_utf8_lossy(&self.policy).into_owned()
    }

    /// Whether the policy can stand in a quoted string: text without control characters but those that end lines.
    pub(super) fn is_plain_text(&self) -> bool {
        std::str::from_utf8(&self.policy)
            .is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\t')))
    }

    /// The policy host's name; whatever no host name has becomes `_`.
    pub(super) fn host(&self) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        self.policy_host.chars().map(|c| if is_part(c) { c } else { '_' }).collect()
    }

    /// Where senders fetch the policy. RFC 8461 §3.3.
    pub(super) fn url(&self) -> String {
        format!("https://{}/{POLICY_PATH}", self.host())
    }

    /// The policy's file below the webroot.
    pub(super) fn policy_file(&self) -> String {
        path_text(&self.webroot.join(POLICY_PATH))
    }

    pub(super) fn certificate_text(&self) -> String {
        path_text(&self.certificate)
    }

    pub(super) fn key_text(&self) -> String {
        path_text(&self.key)
    }

    pub(super) fn webroot_text(&self) -> String {
        path_text(&self.webroot)
    }

    /// The policy's mode, if it is a policy.
    pub(super) fn mode(&self) -> Option<Mode> {
        PolicyText::read(&self.policy).ok().map(|text| text.policy().mode)
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
        format!("openssl x509 -noout -checkhost {} -in {}", self.host(), shell(&self.certificate_text()))
    }

    /// Asks for the records as they are published.
    pub(super) fn lookups(&self) -> Vec<String> {
        self.texts().iter().map(|(name, _)| format!("dig +noall +answer TXT {name}")).collect()
    }
}

/// A path as it can stand on one line: what is no UTF-8, and control characters, become `_`.
fn path_text(path: &Path) -> String {
    let replaced = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    path.to_string_lossy().chars().map(|c| if replaced(c) { '_' } else { c }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What the recipes are shown with.
    pub(in crate::recipes) fn example() -> Wanted {
        Wanted {
            domain: "example.com".parse().expect("a domain"),
            policy: b"version: STSv1\r\nmode: testing\r\nmx: mail.example.com\r\nmx: *.mail.example.net\r\nmax_age: 604800\r\n".to_vec(),
            sts_record: "v=STSv1; id=20260102T030405Z;".to_owned(),
            tlsrpt_record: Some("v=TLSRPTv1; rua=mailto:tlsrpt@example.org".to_owned()),
            policy_host: "mta-sts.example.com".to_owned(),
            addresses: vec!["192.0.2.1".parse().expect("an address"), "2001:db8::1".parse().expect("an address")],
            certificate: "/etc/letsencrypt/live/mta-sts.example.com/fullchain.pem".into(),
            key: "/etc/letsencrypt/live/mta-sts.example.com/privkey.pem".into(),
            webroot: "/var/www/mta-sts.example.com".into(),
            ttl: 300,
        }
    }

    #[test]
    fn a_path_stays_on_its_line() {
        assert_eq!(path_text(Path::new("/a\nb\u{85}c d")), "/a_b_c d");
    }

    #[test]
    fn the_check_expects_mode_and_id() {
        assert_eq!(example().check(), "mta-sts check example.com --expect mode=testing,id=20260102T030405Z");
    }

    #[test]
    fn a_host_name_is_one() {
        let host = "mta-sts.example.com\"; rm -r".to_owned();
        assert_eq!(Wanted { policy_host: host, ..example() }.host(), "mta-sts.example.com___rm_-r");
    }
}
