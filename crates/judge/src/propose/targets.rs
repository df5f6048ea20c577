//! Where reports shall go: what people write, made fit for the TLSRPT record. RFC 8460 §3.

use protocol::tlsrpt::{Record, Rua, RuaTarget};
use protocol::{Domain, DomainFault};

use crate::draft::quoted;

/// Most targets of one record: each sender sends to every one of them, and a record has to fit an answer.
pub(super) const MAX_TARGETS: usize = 8;

/// A text that names no place for reports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is no target for reports: {why}")]
pub struct TargetRefused {
    /// A bounded piece of the text.
    pub shown: String,
    /// What is wrong and what to write instead.
    pub why: String,
}

/// A place for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The URI as the record holds it.
    pub rua: Rua,
    /// Whether characters had to be percent-encoded for that.
    pub encoded: bool,
}

impl Target {
    /// Reads what follows `rua=`: one URI, or several separated by commas.
    ///
    /// `!`, `,` and `;` inside a URI are percent-encoded, which RFC 8460 §3 demands; a comma separates where another
    /// `mailto:` or `https:` follows.
    ///
    /// # Errors
    /// [`TargetRefused`] says what to write instead.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, TargetRefused> {
        split(text).into_iter().map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, TargetRefused> {
        let refuse = |why: String| TargetRefused { shown: quoted(text), why };
        let encoded = encode(text);
        let rua = Rua::parse(&encoded).map_err(|error| match text.contains('@') && !text.contains(':') {
            true => refuse(format!("put `mailto:` in front: mailto:{}", quoted(text))),
            false => refuse(error.to_string()),
        })?;
        match rua.target() {
            RuaTarget::Mailto { address, domain, .. } => {
                if domain.is_err() && text.contains('!') {
                    // `!10m` is a limit of DMARC's; TLSRPT has none.
                    let plain = text.split('!').next().unwrap_or_default();
                    return Err(refuse(format!("TLSRPT knows no size limit; write {}", quoted(plain))));
                }
                if let Err(error) = domain {
                    // An address in brackets is a domain of SMTP, but no domain that a sender can look up.
                    let literal = matches!(error.fault, DomainFault::Address);
                    let why =
                        if literal { "give a mailbox in a domain".to_owned() } else { error.to_string() };
                    return Err(refuse(why));
                }
                let local = address.rsplit_once('@').map_or("", |(local, _)| local);
                if local.contains('@') && !local.starts_with('"') {
                    return Err(refuse(
                        "it has several mailboxes; give each with its own `mailto:`".to_owned(),
                    ));
                }
            }
            RuaTarget::Https { .. } => {}
            RuaTarget::Other { scheme } if scheme == "http" => {
                return Err(refuse("senders use https: only (RFC 8460 §3)".to_owned()));
            }
            _ => return Err(refuse("senders use mailto: and https: only (RFC 8460 §3)".to_owned())),
        }
        Ok(Self { encoded: encoded != text, rua })
    }

    /// Whether the reports come by mail to the domain itself or to one below it, whose faults they describe.
    pub(super) fn is_mail_within(&self, domain: &Domain) -> bool {
        matches!(self.rua.target(), RuaTarget::Mailto { domain: Ok(target), .. } if target.is_within(domain))
    }
}

/// The record with these targets, each once; `None` without any.
pub fn record(targets: &[Target]) -> Option<String> {
    let mut rua: Vec<Rua> = Vec::new();
    for target in targets {
        if !rua.contains(&target.rua) {
            rua.push(target.rua.clone());
        }
    }
    (!rua.is_empty()).then(|| Record { rua, extensions: Vec::new() }.to_string())
}

/// Cuts at the commas before another URI of the two schemes.
fn split(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(',') {
        let rest = lower.get(at + 1..).unwrap_or_default().trim_start();
        if rest.starts_with("mailto:") || rest.starts_with("https:") {
            parts.push(text.get(start..at).unwrap_or_default().trim());
            start = at + 1;
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

// RFC 8460 §3: in a URI of the record exclamation mark, comma and semicolon are percent-encoded (rule 104).
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '!' => encoded.push_str("%21"),
            ',' => encoded.push_str("%2C"),
            ';' => encoded.push_str("%3B"),
            c => encoded.push(c),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::tlsrpt::{inspect_record, read_records};

    use super::*;

    fn record_of(text: &str) -> Result<String, String> {
        let targets = Target::parse_list(text).map_err(|refused| refused.to_string())?;
        record(&targets).ok_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn targets_become_a_record_that_reads_clean() {
        for (text, value) in [
            ("mailto:tls@reports.example", "mailto:tls@reports.example"),
            ("https://r.example/v1?t=1", "https://r.example/v1?t=1"),
            ("mailto:a!b@x.example", "mailto:a%21b@x.example"),
            ("https://r.example/a,b;c!d", "https://r.example/a%2Cb%3Bc%21d"),
            ("mailto:a@x.example, https://y.example/r", "mailto:a@x.example,https://y.example/r"),
            ("mailto:a@x.example,MAILTO:b@y.example", "mailto:a@x.example,MAILTO:b@y.example"),
            ("mailto:a%21b@x.example", "mailto:a%21b@x.example"),
            ("mailto:a@x.example,mailto:a@x.example", "mailto:a@x.example"),
        ] {
            let record = record_of(text).expect(text);
            assert_eq!(record, format!("v=TLSRPTv1; rua={value};"));
            assert_eq!(read_records(&[&record]).map(|read| read.to_string()), Ok(record.clone()));
            assert_eq!(inspect_record(record.as_bytes()).1, [], "{record}");
        }
        assert_eq!(record(&[]), None);
    }

    #[test]
    fn what_is_no_target_is_refused_with_what_to_write() {
        for (text, word) in [
            ("tls@example.com", "mailto:tls@example.com"),
            ("mailto:a@x.example!10m", "no size limit; write mailto:a@x.example"),
            ("mailto:a@x.example,b@y.example", "several mailboxes"),
            ("http://x.example/", "https: only"),
            ("ftp://x.example/", "mailto: and https: only"),
            ("mailto:", "mailto"),
            ("mailto:a@192.0.2.1", "a mailbox in a domain"),
            ("mailto:a@exa_mple.com", "underscore"),
            ("mailto:<a@x.example>", "octet"),
            ("", ""),
            ("x", ""),
        ] {
            let why = record_of(text).expect_err(text);
            assert!(why.contains(word), "{text}: {why}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_taken_reads_clean(
            texts in prop::collection::vec("(mailto:|https://|MAILTO:|http:)?[a-zA-Z0-9@!,;.<> %/?:#\\[\\]\"é_-]{0,24}|mailto:[a-z!,;%@]{1,8}@[a-z.-]{1,10}|https://[a-z.:0-9]{1,12}/[a-z!,;%?=&]{0,9}", 1..4),
        ) {
            if let Ok(targets) = Target::parse_list(&texts.join(",")) {
                let text = record(&targets).unwrap_or_default();
                prop_assert_eq!(read_records(&[&text]).map(|read| read.to_string()), Ok(text.clone()));
                prop_assert_eq!(inspect_record(text.as_bytes()).1, [], "{}", text);
            }
        }
    }

    #[test]
    fn mail_to_oneself_is_known() {
        let domain = Domain::parse("example.com").expect("a name");
        for (text, within) in [
            ("mailto:a@example.com", true),
            ("mailto:a@sub.EXAMPLE.com", true),
            ("mailto:a@example.net", false),
            ("https://example.com/r", false),
        ] {
            assert_eq!(Target::parse_list(text).expect(text)[0].is_mail_within(&domain), within, "{text}");
        }
    }
}
