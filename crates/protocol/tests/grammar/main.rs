//! The strict readers held against the grammars of the RFCs, written down a second time as rules, and against their prose.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use proptest::prelude::*;
use protocol::MxPattern;
use protocol::sts::{self, MAX_AGE_LIMIT, PolicyText};
use protocol::tlsrpt;

mod abnf;
mod rules;

/// Texts made of pieces that nearly fit together.
fn soup(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(pieces), 0..most).prop_map(|pieces| pieces.concat())
}

const RECORD: &[&str] = &[
    ";",
    "; ",
    " ;",
    "\t",
    " ",
    "=",
    "id=",
    "id=a1",
    "id=20240101",
    "id=a-b",
    "id=",
    "ID=a",
    "x=1",
    "x.y_z-1=v:/?",
    "_x=1",
    "v=STSv1",
    "x",
    "é",
    "id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn=v",
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn=v",
    "\u{7f}",
    "\n",
];

const REPORTING: &[&str] = &[
    ";",
    "; ",
    " ;",
    " ",
    "=",
    ",",
    " , ",
    "rua=",
    "rua=mailto:a@x.example",
    "rua=https://x.example/r?a=b",
    "mailto:b@y.example",
    "https://[2001:db8::1]:8443/",
    "ftp://x",
    "http:",
    "x=1",
    "x=a=b",
    "%41",
    "%4",
    "!",
    "#f",
    "?q",
    "/p",
    ":",
    "[",
    "@",
    "é",
    "1",
];

const POLICY: &[&str] = &[
    "\n",
    "\r\n",
    "\n",
    "version: STSv1\n",
    "mode: enforce\n",
    "mode:none \n",
    "mx: mail.example.com\r\n",
    "mx:\t*.x.example\n",
    "max_age: 604800\n",
    "max_age: 31557600\n",
    "max_age: 99999999999\n",
    "note: a b\n",
    "note:é €😀\n",
    "note:\n",
    " ",
    "\t",
    "mode: bogus\n",
    "version: STSv2\n",
    "mx: *\n",
    "mx: a..b\n",
    "x",
    ":",
    "\r",
    "\u{7f}",
    "\u{85}",
    "_x: y\n",
];

/// The fields of a record that fits its grammar.
fn fields<'a>(record: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    record
        .split(';')
        .filter_map(move |field| field.trim_matches([' ', '\t']).strip_prefix(name)?.strip_prefix('='))
}

fn check_sts(record: &str) {
    // RFC 8461 §3.1: the grammar, and in prose that `id` is required; §3.2: the first of duplicates counts.
    let first_id = fields(record, "id").next().map(|id| format!("id={id}"));
    let fits = rules::sts_text_record().fits(record.as_bytes())
        && first_id.is_some_and(|id| rules::sts_id().fits(id.as_bytes()));
    assert_eq!(sts::read_records(&[record]).is_ok(), fits, "{record:?}");
}

fn check_tlsrpt(record: &str) {
    let read = tlsrpt::read_records(&[record]);
    // RFC 8460 §3: the grammar, and in prose that `rua` is required and that `mailto` and `https` are its schemes. What
    // more these two schemes demand is known well for the URIs that are put together here.
    // (Each `rua` must be one: the grammar would also take a broken one as an extension of that name.)
    let fits = rules::tlsrpt_record().fits(record.as_bytes())
        && fields(record, "rua").all(|list| rules::tlsrpt_rua().fits(format!("rua={list}").as_bytes()));
    if read.is_ok() {
        assert!(fits, "accepted against the grammar: {record:?}");
    }
    let uris: Vec<&str> = fields(record, "rua")
        .flat_map(|list| list.split(','))
        .map(|uri| uri.trim_matches([' ', '\t']))
        .collect();
    let is_plain = |uri: &&str| {
        let mail =
            uri.strip_prefix("mailto:").is_some_and(|rest| matches!(rest, "a@x.example" | "b@y.example"));
        mail || uri.starts_with("https://x.example/") || uri.starts_with("https://[2001:db8::1]:8443/")
    };
    if fits && !uris.is_empty() && uris.iter().all(is_plain) {
        assert!(read.is_ok(), "refused though it fits: {record:?} {read:?}");
    }
    if let Ok(record) = read {
        assert_eq!(record.rua.iter().map(tlsrpt::Rua::as_str).collect::<Vec<_>>(), uris);
    }
}

fn check_policy(text: &str) {
    let values = |name: &str| -> Vec<String> {
        let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let named = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        named.map(|value| value.trim_matches([' ', '\t']).to_owned()).collect()
    };
    let first = |name: &str| values(name).first().cloned().unwrap_or_default();
    let max_age = first("max_age");
    let mx = values("mx");
    // RFC 8461 §3.2: the grammar, and in prose: version, mode and max_age are required and the first of each counts; mx is
    // required but in mode none; max_age has a maximum.
    let fits = rules::policy_record().fits(text.as_bytes())
        && first("version") == "STSv1"
        && ["enforce", "testing", "none"].contains(&first("mode").as_str())
        && rules::max_age_value().fits(max_age.as_bytes())
        && max_age.parse::<u64>().is_ok_and(|seconds| seconds <= MAX_AGE_LIMIT)
        && mx.iter().all(|mx| rules::mx_value().fits(mx.as_bytes()))
        && (!mx.is_empty() || first("mode") == "none");
    let read = PolicyText::read(text.as_bytes());
    assert_eq!(read.is_ok(), fits, "{text:?} {read:?}");
    if let Ok(read) = read {
        assert_eq!(read.policy().mode.as_str(), first("mode"));
        assert_eq!(read.policy().mx.iter().map(MxPattern::as_str).collect::<Vec<_>>(), mx);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sts_records(tail in soup(RECORD, 9)) {
        check_sts(&format!("v=STSv1{tail}"));
    }

    #[test]
    fn tlsrpt_records(tail in soup(REPORTING, 8)) {
        check_tlsrpt(&format!("v=TLSRPTv1; rua={tail}"));
        check_tlsrpt(&format!("v=TLSRPTv1{tail}"));
    }

    #[test]
    fn policies(text in soup(POLICY, 9)) {
        check_policy(&text);
        check_policy(&format!("version: STSv1\nmode: testing\nmax_age: 1\nmx: a.example\n{text}"));
    }

    #[test]
    fn patterns(text in soup(&["a", "B9", "-", ".", "*", "*.", "_", "xn--", "é", "example", " "], 8)) {
        // Short enough for the limits of RFC 1035, so that the grammar alone decides.
        prop_assert_eq!(MxPattern::parse(&text).is_ok(), rules::mx_value().fits(text.as_bytes()), "{}", text);
    }

    #[test]
    fn uris(text in soup(&["mailto:", "x:", "/", "//", "?", "#", "[", "]", ":", "%2F", "%", "a", "@", "!", "&", "é", "1"], 9)) {
        // Schemes of which the reader knows nothing are held to the generic grammar alone.
        let text = format!("x-{text}");
        if !text.contains(['[', ']']) {
            prop_assert_eq!(tlsrpt::Rua::parse(&text).is_ok(), rules::uri().fits(text.as_bytes()), "{}", text);
        }
    }

    #[test]
    fn matching_follows_the_labels(
        pattern in prop::sample::select(&["mail.example.com", "*.example.com", "*.com", "a.mail.example.com"][..]),
        host in soup(&["mail", "a", "xmail", ".", ".example", ".com", "example.com", "MAIL", "é", "\\"], 6),
    ) {
        // RFC 8461 §4.1, RFC 6125 §6.4.3: label by label from the right, the wildcard for exactly one.
        let host_name = host.strip_suffix('.').unwrap_or(&host);
        let host_labels: Vec<_> = host_name.split('.').collect();
        let labels: Vec<_> = pattern.split('.').collect();
        let expected = labels.len() == host_labels.len()
            && labels.iter().zip(&host_labels).all(|(label, host)| match *label {
                "*" => !host.is_empty() && host.is_ascii() && !host.contains('\\'),
                label => host.eq_ignore_ascii_case(label),
            });
        prop_assert_eq!(MxPattern::parse(pattern).expect("a pattern").matches(&host), expected, "{} {}", pattern, host);
    }
}

#[test]
fn the_rules_themselves() {
    assert!(rules::sts_text_record().fits(b"v=STSv1; id=a1"));
    assert!(!rules::sts_text_record().fits(b"v=STSv1;; id=a1"));
    assert!(rules::policy_record().fits(b"version: STSv1\r\nmode: none\nmax_age: 0"));
    assert!(!rules::policy_record().fits(b"version: STSv1\n\nmode: none"));
    assert!(rules::uri().fits(b"https://u:p@[::1]:8443/a/b?c=d#e"));
    assert!(!rules::uri().fits(b"tls@example.com"));
    assert!(rules::tlsrpt_record().fits(b"v=TLSRPTv1; rua=mailto:a@b , https://x/;"));
}
