//! Classes of misconfiguration, as surveys of many domains count them.

use serde::Serialize;

use crate::catalogue::{MX_MISMATCH, UNREACHABLE};
use crate::{Assessment, Finding, Verdict};

/// A class of misconfiguration: a fault that takes protection or delivery away, by the layer it lies in. The layers are
/// those of the measurement studies of MTA-STS, so that numbers can be compared with theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurveyClass {
    /// The `_mta-sts` record: several, broken, in conflict with a CNAME, or not to be looked up.
    Record,
    /// The policy host's name does not lead to an address.
    PolicyHostDns,
    /// The policy host takes no connection.
    PolicyHostConnect,
    /// No trustworthy TLS session with the policy host.
    PolicyHostTls,
    /// TLS is up, and HTTP brings no policy.
    PolicyHttp,
    /// A policy that breaks the grammar.
    PolicySyntax,
    /// MX hosts that the policy does not name.
    MxMismatch,
    /// No TLS session with an MX host.
    MxTls,
    /// An MX host's certificate that senders refuse.
    MxCertificate,
}

/// Which findings make which class. A detail of an umbrella code counts by itself. What is not here costs nothing today,
/// or is a matter of taste.
const TABLE: &[(&str, SurveyClass)] = &[
    ("mta_sts_record_multiple", SurveyClass::Record),
    ("mta_sts_record_syntax", SurveyClass::Record),
    ("mta_sts_record_cname_conflict", SurveyClass::Record),
    ("mta_sts_record_dns_failure", SurveyClass::Record),
    ("policy_host_nxdomain", SurveyClass::PolicyHostDns),
    ("policy_host_no_address", SurveyClass::PolicyHostDns),
    ("policy_host_dns_failure", SurveyClass::PolicyHostDns),
    ("policy_host_refused", SurveyClass::PolicyHostConnect),
    ("policy_host_timeout", SurveyClass::PolicyHostConnect),
    ("policy_host_reset", SurveyClass::PolicyHostConnect),
    ("policy_tls_expired", SurveyClass::PolicyHostTls),
    ("policy_tls_not_yet_valid", SurveyClass::PolicyHostTls),
    ("policy_tls_name_mismatch", SurveyClass::PolicyHostTls),
    ("policy_tls_untrusted", SurveyClass::PolicyHostTls),
    ("policy_tls_self_signed", SurveyClass::PolicyHostTls),
    ("policy_tls_incomplete_chain", SurveyClass::PolicyHostTls),
    ("policy_tls_version", SurveyClass::PolicyHostTls),
    ("policy_tls_handshake", SurveyClass::PolicyHostTls),
    ("policy_http_redirect", SurveyClass::PolicyHttp),
    ("policy_http_status", SurveyClass::PolicyHttp),
    ("policy_http_timeout", SurveyClass::PolicyHttp),
    ("policy_http_malformed", SurveyClass::PolicyHttp),
    ("policy_http_content_type", SurveyClass::PolicyHttp),
    ("policy_http_too_large", SurveyClass::PolicyHttp),
    ("policy_http_slow", SurveyClass::PolicyHttp),
    ("mta_sts_policy_syntax", SurveyClass::PolicySyntax),
    (MX_MISMATCH, SurveyClass::MxMismatch),
    ("mx_starttls_missing", SurveyClass::MxTls),
    ("mx_starttls_refused", SurveyClass::MxTls),
    ("mx_tls_handshake", SurveyClass::MxTls),
    ("mx_tls_version", SurveyClass::MxTls),
    ("mx_cert_expired", SurveyClass::MxCertificate),
    ("mx_cert_not_yet_valid", SurveyClass::MxCertificate),
    ("mx_cert_name_mismatch", SurveyClass::MxCertificate),
    ("mx_cert_untrusted", SurveyClass::MxCertificate),
    ("mx_cert_self_signed", SurveyClass::MxCertificate),
    ("mx_cert_incomplete_chain", SurveyClass::MxCertificate),
];

impl SurveyClass {
    /// All, in the order of the layers.
    pub const ALL: [Self; 9] = [
        Self::Record,
        Self::PolicyHostDns,
        Self::PolicyHostConnect,
        Self::PolicyHostTls,
        Self::PolicyHttp,
        Self::PolicySyntax,
        Self::MxMismatch,
        Self::MxTls,
        Self::MxCertificate,
    ];

    /// The word that is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::PolicyHostDns => "policy-host-dns",
            Self::PolicyHostConnect => "policy-host-connect",
            Self::PolicyHostTls => "policy-host-tls",
            Self::PolicyHttp => "policy-http",
            Self::PolicySyntax => "policy-syntax",
            Self::MxMismatch => "mx-mismatch",
            Self::MxTls => "mx-tls",
            Self::MxCertificate => "mx-certificate",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Record => "the record is broken",
            Self::PolicyHostDns => "the policy host has no address",
            Self::PolicyHostConnect => "the policy host takes no connection",
            Self::PolicyHostTls => "the policy host's TLS fails",
            Self::PolicyHttp => "HTTP brings no policy",
            Self::PolicySyntax => "the policy breaks the grammar",
            Self::MxMismatch => "MX hosts that the policy does not name",
            Self::MxTls => "an MX host without usable TLS",
            Self::MxCertificate => "an MX certificate that senders refuse",
        }
    }

    /// The class of one finding, if it has one.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        let word = match finding.code {
            UNREACHABLE => finding.detail.as_deref().unwrap_or_default(),
            code => code,
        };
        TABLE.iter().find(|(code, _)| *code == word).map(|(_, class)| *class)
    }
}

/// The classes of misconfiguration of one domain, each once, in the order of the layers. A domain without MTA-STS has
/// none: nothing of it is configured.
#[must_use]
pub fn survey_classes(assessment: &Assessment) -> Vec<SurveyClass> {
    if assessment.verdict == Verdict::NotDeployed {
        return Vec::new();
    }
    let mut classes: Vec<SurveyClass> = assessment.findings.iter().filter_map(SurveyClass::of).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ready::wire::COVERAGE_BLOCKERS;
    use crate::{Catalogue, Kind};

    #[test]
    fn the_table_and_the_catalogue_agree() {
        for (code, _) in TABLE {
            assert!(Catalogue::all().any(|entry| entry.code == *code), "{code} is no code");
            assert_eq!(TABLE.iter().filter(|(other, _)| other == code).count(), 1, "{code}");
        }
        let has = |code: &str| TABLE.iter().any(|(other, _)| *other == code);
        for entry in Catalogue::all().filter(|entry| entry.kind == Kind::DetailOf(UNREACHABLE)) {
            assert!(has(entry.code), "{}: every reason for no policy has a class", entry.code);
        }
        // What stops delivery in mode enforce is of a class, is not for MTA-STS to mend, or is not certain yet.
        let elsewhere = [
            "mx_unreachable",
            "mx_cert_expiring",
            "mx_needs_sni",
            "mx_addresses_differ",
            "mx_only_dane_covers",
            "dane_mismatch",
            "dane_bogus",
        ];
        for entry in Catalogue::codes() {
            let stops = entry.consequence.enforce > crate::Consequence::ProtectionLost;
            assert!(
                !stops
                    || has(entry.code)
                    || COVERAGE_BLOCKERS.contains(&entry.code)
                    || elsewhere.contains(&entry.code),
                "{} has no class",
                entry.code
            );
        }
    }

    #[test]
    fn words_are_those_of_json() {
        for class in SurveyClass::ALL {
            assert_eq!(serde_json::to_value(class).expect("JSON"), class.as_str());
            assert!(TABLE.iter().any(|(_, other)| *other == class), "{class:?} is never used");
        }
    }
}
