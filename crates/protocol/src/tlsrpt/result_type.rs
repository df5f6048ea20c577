//! What went wrong in a TLS session or with a policy, in the words of reports. RFC 8460 §4.3.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A `result-type` of a report (rule 127).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ResultType {
    /// The host did not offer STARTTLS. RFC 8460 §4.3.1.
    StarttlsNotSupported,
    /// The certificate does not name the host. RFC 8460 §4.3.1.
    CertificateHostMismatch,
    /// The certificate has expired. RFC 8460 §4.3.1.
    CertificateExpired,
    /// The certificate does not chain to a trusted root. RFC 8460 §4.3.1.
    CertificateNotTrusted,
    /// Another failure, with a reason code. RFC 8460 §4.3.3.
    ValidationFailure,
    /// TLSA records are malformed or match nothing. RFC 8460 §4.3.2.1.
    TlsaInvalid,
    /// DNSSEC validation failed. RFC 8460 §4.3.2.1.
    DnssecInvalid,
    /// The sender requires DANE and found none. RFC 8460 §4.3.2.1.
    DaneRequired,
    /// The policy could not be fetched. RFC 8460 §4.3.2.2.
    StsPolicyFetchError,
    /// The policy or record breaks its grammar. RFC 8460 §4.3.2.2.
    StsPolicyInvalid,
    /// The policy host's certificate was not accepted. RFC 8460 §4.3.2.2.
    StsWebpkiInvalid,
    /// A word outside the registry as it was when this was written (rule 132).
    Other(String),
}

/// The families of RFC 8460 §4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The TLS session with a mail host. RFC 8460 §4.3.1.
    Negotiation,
    /// DANE. RFC 8460 §4.3.2.1.
    Dane,
    /// MTA-STS. RFC 8460 §4.3.2.2.
    MtaSts,
    /// Everything else. RFC 8460 §4.3.3.
    General,
}

const KNOWN: [(ResultType, &str, Category); 11] = [
    (ResultType::StarttlsNotSupported, "starttls-not-supported", Category::Negotiation),
    (ResultType::CertificateHostMismatch, "certificate-host-mismatch", Category::Negotiation),
    (ResultType::CertificateExpired, "certificate-expired", Category::Negotiation),
    (ResultType::CertificateNotTrusted, "certificate-not-trusted", Category::Negotiation),
    (ResultType::ValidationFailure, "validation-failure", Category::General),
    (ResultType::TlsaInvalid, "tlsa-invalid", Category::Dane),
    (ResultType::DnssecInvalid, "dnssec-invalid", Category::Dane),
    (ResultType::DaneRequired, "dane-required", Category::Dane),
    (ResultType::StsPolicyFetchError, "sts-policy-fetch-error", Category::MtaSts),
    (ResultType::StsPolicyInvalid, "sts-policy-invalid", Category::MtaSts),
    (ResultType::StsWebpkiInvalid, "sts-webpki-invalid", Category::MtaSts),
];

impl ResultType {
    /// Reads the word of a report; unknown ones are kept.
    pub fn from_word(word: &str) -> Self {
        let known = KNOWN.iter().find(|(_, text, _)| *text == word);
        known.map_or_else(|| Self::Other(word.to_owned()), |(kind, ..)| kind.clone())
    }

    /// The word of a report.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => KNOWN.iter().find(|(kind, ..)| kind == known).map_or("", |(_, word, _)| word),
        }
    }

    /// The family; unknown words are general.
    pub fn category(&self) -> Category {
        KNOWN.iter().find(|(kind, ..)| kind == self).map_or(Category::General, |(.., category)| *category)
    }
}

impl fmt::Display for ResultType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ResultType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ResultType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_word(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for (kind, word, category) in &KNOWN {
            assert_eq!(&ResultType::from_word(word), kind);
            assert_eq!((kind.as_str(), kind.category()), (*word, *category));
        }
        let other = ResultType::from_word("sts-policy-forgotten");
        assert_eq!((other.as_str(), other.category()), ("sts-policy-forgotten", Category::General));
    }
}
