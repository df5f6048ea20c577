//! Which authorities a domain allows (CAA, RFC 8659), and which account and method of theirs (RFC 8657).
//!
//! Asked before an order, as the authority will ask: an order that it must refuse is not made, and costs no failure.

use outside::CaaRecord;

use super::Method;

/// Whoever wants to issue, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuance {
    /// The names by which the authority calls itself in CAA records (RFC 8555 §9.7.6, `caaIdentities`).
    pub authorities: Vec<String>,
    /// Our account there, as URL.
    pub account: String,
    /// How it will see that the name is ours.
    pub method: Method,
    /// Whether it is for a wildcard.
    pub wildcard: bool,
}

/// What the records say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// The records do not speak of it, or allow it.
    Allowed,
    /// The records forbid it, with the reason in words that name the record to be changed.
    Refused(String),
}

/// Value of a property `issue` or `issuewild` (RFC 8659 §4.2).
struct Property<'a> {
    /// Empty: nobody.
    authority: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

/// What these records, found at `at`, say. They are the relevant set: the first found on the way up from the name
/// (RFC 8659 §3).
#[must_use]
pub fn judge(at: &str, records: &[CaaRecord], wanted: &Issuance) -> Permission {
    // RFC 8659 §4.1: who does not know a critical property must not issue.
    if let Some(unknown) = records.iter().find(|record| record.is_critical() && !is_known(&record.tag)) {
        let tag = excerpt(unknown.tag.as_bytes());
        return Permission::Refused(format!(
            "a CAA record at {at} has the critical property {tag}, which no authority knows: remove it"
        ));
    }
    let of = |tag: &str| -> Vec<&CaaRecord> {
        records.iter().filter(|record| record.tag.eq_ignore_ascii_case(tag)).collect()
    };
    // RFC 8659 §4.3: for a wildcard `issuewild` goes before `issue`, if there is any.
    let mut speaking = if wanted.wildcard { of("issuewild") } else { Vec::new() };
    if speaking.is_empty() {
        speaking = of("issue");
    }
    if speaking.is_empty() || speaking.iter().any(|record| allows(&record.value, wanted)) {
        return Permission::Allowed;
    }
    Permission::Refused(refusal(at, &speaking, wanted))
}

/// The CAA record for names that are aliased to us, in presentation form without the owner: this account, by these
/// methods, and nobody else (RFC 8657 §5).
///
/// An authority follows the alias (RFC 8659 §3), so that what stands at our name decides for the tenant's name.
#[must_use]
pub fn record_for(authority: &str, account: &str, methods: &[Method]) -> String {
    let methods: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    format!("0 issue \"{authority}; accounturi={account}; validationmethods={}\"", methods.join(","))
}

fn is_known(tag: &str) -> bool {
    ["issue", "issuewild", "iodef"].iter().any(|known| tag.eq_ignore_ascii_case(known))
}

fn allows(value: &[u8], wanted: &Issuance) -> bool {
    // RFC 8659 §4.2: what does not follow the grammar allows nobody.
    let Some(property) = std::str::from_utf8(value).ok().and_then(parse) else { return false };
    wanted.authorities.iter().any(|authority| property.authority.eq_ignore_ascii_case(authority))
        && property.meets("accounturi", |uri| uri == wanted.account)
        && property
            .meets("validationmethods", |methods| methods.split(',').any(|one| one == wanted.method.as_str()))
}

impl Property<'_> {
    /// RFC 8657 §3, §4: without the parameter anything goes; given twice, nothing does.
    fn meets(&self, tag: &str, is_right: impl Fn(&str) -> bool) -> bool {
        let mut found = self.parameters.iter().filter(|(name, _)| name.eq_ignore_ascii_case(tag));
        match (found.next(), found.next()) {
            (None, _) => true,
            (Some((_, value)), None) => is_right(value),
            (Some(_), Some(_)) => false,
        }
    }
}

/// RFC 8659 §4.2: `[authority] [";" parameters]`, a parameter being `tag = value`.
fn parse(value: &str) -> Option<Property<'_>> {
    let (authority, rest) = match value.split_once(';') {
        Some((authority, rest)) => (authority, Some(rest)),
        None => (value, None),
    };
    let authority = blank_trimmed(authority);
    if !authority.is_empty() && !authority.split('.').all(is_label) {
        return None;
    }
    let rest = rest.map(blank_trimmed).filter(|rest| !rest.is_empty());
    let mut parameters = Vec::new();
    for parameter in rest.into_iter().flat_map(|rest| rest.split(';')) {
        let (tag, value) = parameter.split_once('=')?;
        let (tag, value) = (blank_trimmed(tag), blank_trimmed(value));
        if !is_label(tag) || !value.bytes().all(|octet| octet.is_ascii_graphic()) {
            return None;
        }
        parameters.push((tag, value));
    }
    Some(Property { authority, parameters })
}

/// Letters, digits, and hyphens between them: the grammar of a label and of a tag.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
}

fn blank_trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn refusal(at: &str, speaking: &[&CaaRecord], wanted: &Issuance) -> String {
    let shown: Vec<String> = speaking.iter().take(4).map(|record| excerpt(&record.value)).collect();
    let authority = wanted.authorities.first().map_or("the authority", String::as_str);
    let tag = if wanted.wildcard { "issuewild" } else { "issue" };
    format!(
        "the CAA records at {at} allow {} and not {authority} with our account by {}: add the record {at} CAA 0 {tag} \
         \"{authority}\"",
        shown.join(", "),
        wanted.method.as_str()
    )
}

/// A piece of somebody else's record, fit to be shown.
fn excerpt(octets: &[u8]) -> String {
    const SHOWN: usize = 80;
    let text: String =
        octets.iter().take(SHOWN).flat_map(|octet| octet.escape_ascii()).map(char::from).collect();
    match octets.len() > SHOWN {
        true => format!("“{text}…”"),
        false => format!("“{text}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Issuance {
        Issuance {
            authorities: vec!["ca.example".to_owned(), "ca2.example".to_owned()],
            account: "https://ca.example/acct/1".to_owned(),
            method: Method::TlsAlpn01,
            wildcard: false,
        }
    }

    fn set(records: &[(u8, &str, &str)]) -> Vec<CaaRecord> {
        let record = |(flags, tag, value): &(u8, &str, &str)| CaaRecord {
            flags: *flags,
            tag: (*tag).to_owned(),
            value: value.as_bytes().to_vec(),
        };
        records.iter().map(record).collect()
    }

    #[test]
    fn the_grammar_and_the_rules() {
        for (records, allowed) in [
            (&[][..], true),
            (&[(0, "iodef", "mailto:a@example.com")][..], true),
            (&[(0, "issue", "ca.example")], true),
            (&[(0, "ISSUE", " CA.example \t")], true),
            (&[(0, "issue", "ca2.example")], true),
            (&[(0, "issue", "other.example")], false),
            (&[(0, "issue", "other.example"), (0, "issue", "ca.example")], true),
            (&[(0, "issue", ";")], false),
            (&[(0, "issue", "")], false),
            (&[(0, "issue", "ca.example;")], true),
            (&[(0, "issue", "ca.example; ")], true),
            // What is not understood, but not critical.
            (&[(0, "issue", "ca.example; policy=ev")], true),
            (&[(0, "tbs", "x")], true),
            (&[(128, "tbs", "x"), (0, "issue", "ca.example")], false),
            (&[(128, "issue", "ca.example")], true),
            // RFC 8659 §4.2: malformed is nobody.
            (&[(0, "issue", "%%%%%")], false),
            (&[(0, "issue", "ca.example; =1")], false),
            (&[(0, "issue", "ca.example; accounturi")], false),
            (&[(0, "issue", "-ca.example")], false),
            // A wildcard's property says nothing about a name.
            (&[(0, "issuewild", ";")], true),
            (&[(0, "issuewild", "ca.example"), (0, "issue", ";")], false),
            // RFC 8657.
            (&[(0, "issue", "ca.example; accounturi=https://ca.example/acct/1")], true),
            (&[(0, "issue", "ca.example; accounturi=https://ca.example/acct/2")], false),
            (&[(0, "issue", "ca.example; accounturi=https://ca.example/acct/1; accounturi=x")], false),
            (&[(0, "issue", "ca.example; validationmethods=dns-01,tls-alpn-01")], true),
            (&[(0, "issue", "ca.example; validationmethods=dns-01")], false),
            (&[(0, "issue", "ca.example; validationmethods=")], false),
        ] {
            let records = set(records);
            let judged = judge("example.com", &records, &wanted());
            assert_eq!(judged == Permission::Allowed, allowed, "{records:?}: {judged:?}");
        }
    }

    #[test]
    fn wildcards_have_their_own_property() {
        let wanted = Issuance { wildcard: true, ..wanted() };
        let judged = |records: &[(u8, &str, &str)]| judge("example.com", &set(records), &wanted);
        assert_eq!(judged(&[(0, "issue", "ca.example")]), Permission::Allowed);
        assert_eq!(judged(&[(0, "issuewild", "ca.example"), (0, "issue", ";")]), Permission::Allowed);
        assert!(matches!(
            judged(&[(0, "issuewild", ";"), (0, "issue", "ca.example")]),
            Permission::Refused(_)
        ));
    }

    #[test]
    fn what_we_publish_allows_us_and_nobody_else() {
        let ours = wanted();
        let record = record_for("ca.example", &ours.account, &[Method::TlsAlpn01, Method::Http01]);
        let value = record.strip_prefix("0 issue \"").and_then(|rest| rest.strip_suffix('"')).unwrap();
        let records = set(&[(0, "issue", value)]);
        assert_eq!(judge("x", &records, &ours), Permission::Allowed);
        for other in [
            Issuance { account: "https://ca.example/acct/2".to_owned(), ..ours.clone() },
            Issuance { authorities: vec!["other.example".to_owned()], ..ours.clone() },
            Issuance { method: Method::Dns01, ..ours.clone() },
        ] {
            assert!(matches!(judge("x", &records, &other), Permission::Refused(_)), "{other:?}");
        }
    }

    #[test]
    fn hostile_records_are_shown_harmlessly() {
        let value = format!("{}\u{1b}[31m\n", "x".repeat(300));
        let Permission::Refused(why) = judge("example.com", &set(&[(0, "issue", &value)]), &wanted()) else {
            panic!("allowed");
        };
        assert!(why.len() < 600 && !why.contains(['\u{1b}', '\n']), "{why}");
    }
}
