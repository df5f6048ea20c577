//! The policy's text.

use super::{OneChange, case};
use crate::healthy::*;

fn max_age(setup: &mut Setup, seconds: &str) {
    setup.policy(&POLICY.replace("2419200", seconds));
}

fn line(setup: &mut Setup, line: &str) {
    setup.policy(&format!("{POLICY}{line}\n"));
}

pub fn cases() -> Vec<OneChange> {
    vec![
        case("no max_age", &["mta_sts_policy_syntax/max_age_missing"], |s| {
            s.policy("version: STSv1\nmode: enforce\nmx: mx1.example.com\n");
        }),
        case("mode with a capital", &["mta_sts_policy_syntax"], |s| {
            s.policy(&POLICY.replace("enforce", "Enforce"));
        }),
        case("no mx", &["mta_sts_policy_syntax/mx_line_missing"], |s| {
            s.policy("version: STSv1\nmode: enforce\nmax_age: 604800\n");
        }),
        case("equals signs", &["mta_sts_policy_syntax"], |s| s.policy(&POLICY.replace(": ", "="))),
        case("a web page", &["mta_sts_policy_syntax"], |s| s.policy("<!doctype html>\n<p>Hello\n")),
        case("empty", &["mta_sts_policy_syntax"], |s| s.policy("")),
        case("a blank line", &["mta_sts_policy_disputed/blank_line"], |s| {
            s.policy(&POLICY.replace("mode", "\nmode"));
        }),
        case("a final dot", &["mta_sts_policy_disputed"], |s| {
            s.policy(&POLICY.replace("mx1.example.com", "mx1.example.com."));
        }),
        case("IPv4 text as mx", &["mta_sts_policy_disputed", "mx_pattern_unused"], |s| {
            line(s, "mx: 192.0.2.1");
        }),
        case("mode twice, alike", &["mta_sts_policy_duplicate_field"], |s| line(s, "mode: enforce")),
        case("mode twice, different", &["mta_sts_policy_duplicate_field"], |s| line(s, "mode: none")),
        case("mode twice, the later faulty", &["mta_sts_policy_disputed"], |s| line(s, "mode: nonsense")),
        case("unknown field", &["mta_sts_policy_unknown_field"], |s| line(s, "tls: 1.3")),
        case("misspelt field", &["mta_sts_policy_field_typo"], |s| line(s, "max-age: 1")),
        case("LF and CRLF", &[], |s| s.policy(&POLICY.replacen('\n', "\r\n", 2))),
        case("mode none", &["mta_sts_mode_none"], |s| {
            s.policy("version: STSv1\nmode: none\nmax_age: 86400\n");
        }),
        case("mode testing", &["mta_sts_mode_testing"], Setup::testing),
        case("max_age of an hour", &["mta_sts_max_age_short"], |s| max_age(s, "3600")),
        case("max_age of a day in enforce", &["mta_sts_max_age_short"], |s| max_age(s, "86400")),
        case("max_age of a day in testing", &["mta_sts_mode_testing"], |s| {
            s.policy(&POLICY.replace("2419200", "86400").replace("enforce", "testing"));
        }),
        case("max_age of a week", &[], |s| max_age(s, "604800")),
        case("max_age of 180 days", &[], |s| max_age(s, "15552000")),
        case("max_age of 181 days", &["mta_sts_max_age_very_long"], |s| max_age(s, "15638400")),
        case("max_age at the limit", &["mta_sts_max_age_very_long"], |s| max_age(s, "31557600")),
        case("max_age over the limit", &["mta_sts_max_age_too_large"], |s| max_age(s, "31557601")),
        case("a wildcard over a public suffix", &["mta_sts_mx_pattern_too_wide", "mx_pattern_unused"], |s| {
            line(s, "mx: *.co.uk");
        }),
        case("a wildcard over a shared host", &["mta_sts_mx_pattern_too_wide", "mx_pattern_unused"], |s| {
            line(s, "mx: *.outlook.com");
        }),
        case("the documented Microsoft pattern", &["mx_pattern_unused"], |s| {
            line(s, "mx: *.mail.protection.outlook.com");
        }),
        case("one's own wildcard", &[], |s| {
            s.policy("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n");
        }),
    ]
}
