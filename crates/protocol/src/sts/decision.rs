//! What a sender must demand of one MX host, when it knows MTA-STS and DANE. RFC 8461 §2, §5; RFC 7672 §2.2.

use serde::{Deserialize, Serialize};

use super::{Mode, Policy};

/// What DANE offers for one MX host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DaneState {
    /// No TLSA records, or an answer that is not secure all the way (MX, address and TLSA; rule 92).
    Absent,
    /// Secure TLSA records, at least one of them usable.
    Usable,
    /// Secure TLSA records, none usable.
    Unusable,
    /// The TLSA lookup failed or was bogus: not the same as a secure denial (rule 94).
    LookupFailed,
}

/// Which mechanism decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// TLSA records.
    Dane,
    /// The domain's MTA-STS policy.
    MtaSts,
    /// Neither.
    None,
}

/// What the sender demands of the host before it hands over mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// TLS with a certificate that matches a TLSA record.
    TlsaMatch,
    /// TLS with a certificate that public roots vouch for and that names the MX host.
    TrustedCertificate,
    /// TLS, with any certificate.
    Encryption,
    /// TLS when offered, else plain text.
    Nothing,
    /// The host is passed over: the policy does not allow it. The next MX host is tried (RFC 8461 §8.4).
    SkipHost,
    /// The host is passed over for now: whether it has TLSA records cannot be learnt (RFC 7672 §2.1.2).
    Defer,
}

/// What a policy in testing mode makes the sender find out and report, without acting on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// The policy allows the host: its certificate would be checked.
    HostAllowed,
    /// The policy does not allow the host: enforce would pass it over.
    HostNotAllowed,
}

/// The decision for one MX host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// Which mechanism decides.
    pub mechanism: Mechanism,
    /// What it demands.
    pub demand: Demand,
    /// Set for a policy in testing mode (RFC 8461 §5, rule 140).
    pub trial: Option<Trial>,
}

/// Decides for the MX host `mx_host`, named as the DNS named it. `policy` is the valid, unexpired policy if there is one.
///
/// Rule 136: usable DANE decides; else a valid MTA-STS policy; else TLS is opportunistic.
pub fn decide(mx_host: &str, dane: DaneState, policy: Option<&Policy>) -> Decision {
    let allowed = |policy: &Policy| policy.mx.iter().any(|pattern| pattern.matches(mx_host));
    // RFC 8461 §5: testing is reported, not enforced.
    let trial = policy.filter(|policy| policy.mode == Mode::Testing).map(|policy| match allowed(policy) {
        true => Trial::HostAllowed,
        false => Trial::HostNotAllowed,
    });
    let decision = |mechanism, demand| Decision { mechanism, demand, trial };
    match dane {
        // RFC 8461 §2: MTA-STS must not override a failing DANE validation (rule 91).
        DaneState::Usable => return decision(Mechanism::Dane, Demand::TlsaMatch),
        // RFC 7672 §2.1.2: the host must not be used, lest an attacker suppress the records (rule 94).
        DaneState::LookupFailed => return decision(Mechanism::Dane, Demand::Defer),
        DaneState::Absent | DaneState::Unusable => {}
    }
    match policy.filter(|policy| policy.mode == Mode::Enforce) {
        // RFC 8461 §4.1, §5: a host that no pattern matches must not get mail.
        Some(policy) if !allowed(policy) => decision(Mechanism::MtaSts, Demand::SkipHost),
        // RFC 8461 §4.2: the certificate is matched against the MX name, not the pattern (rule 137).
        Some(_) => decision(Mechanism::MtaSts, Demand::TrustedCertificate),
        // RFC 7672 §2.2: secure but unusable TLSA records still demand TLS (rule 95).
        None if dane == DaneState::Unusable => decision(Mechanism::Dane, Demand::Encryption),
        None => decision(Mechanism::None, Demand::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MxPattern;

    fn policy(mode: Mode) -> Policy {
        let mx = vec![MxPattern::parse("*.example.com").expect("pattern")];
        Policy { mode, max_age: 86400, mx, extensions: Vec::new() }
    }

    #[test]
    fn every_combination() {
        use DaneState as D;
        let (inside, outside) = ("mx.example.com.", "mx.example.net");
        let (enforce, testing, none) = (policy(Mode::Enforce), policy(Mode::Testing), policy(Mode::None));
        for (host, dane, policy, mechanism, demand, trial) in [
            (inside, D::Usable, Some(&enforce), Mechanism::Dane, Demand::TlsaMatch, None),
            (outside, D::Usable, Some(&enforce), Mechanism::Dane, Demand::TlsaMatch, None),
            (inside, D::LookupFailed, Some(&enforce), Mechanism::Dane, Demand::Defer, None),
            (inside, D::LookupFailed, None, Mechanism::Dane, Demand::Defer, None),
            (inside, D::Unusable, Some(&enforce), Mechanism::MtaSts, Demand::TrustedCertificate, None),
            (inside, D::Unusable, None, Mechanism::Dane, Demand::Encryption, None),
            (
                inside,
                D::Unusable,
                Some(&testing),
                Mechanism::Dane,
                Demand::Encryption,
                Some(Trial::HostAllowed),
            ),
            (inside, D::Absent, Some(&enforce), Mechanism::MtaSts, Demand::TrustedCertificate, None),
            (outside, D::Absent, Some(&enforce), Mechanism::MtaSts, Demand::SkipHost, None),
            (inside, D::Absent, Some(&testing), Mechanism::None, Demand::Nothing, Some(Trial::HostAllowed)),
            (
                outside,
                D::Absent,
                Some(&testing),
                Mechanism::None,
                Demand::Nothing,
                Some(Trial::HostNotAllowed),
            ),
            (
                outside,
                D::Usable,
                Some(&testing),
                Mechanism::Dane,
                Demand::TlsaMatch,
                Some(Trial::HostNotAllowed),
            ),
            (inside, D::Absent, Some(&none), Mechanism::None, Demand::Nothing, None),
            (inside, D::Absent, None, Mechanism::None, Demand::Nothing, None),
        ] {
            assert_eq!(decide(host, dane, policy), Decision { mechanism, demand, trial }, "{host} {dane:?}");
        }
    }
}
