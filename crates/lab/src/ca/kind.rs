//! The kinds of certificate a scenario may ask for.

use serde::Deserialize;

/// What is wrong (or right) with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CertificateKind {
    /// From the lab's CA through its intermediate, which is sent along; valid for 90 days.
    #[default]
    Good,
    /// Ended ten days ago.
    Expired,
    /// Begins in ten days.
    NotYetValid,
    /// Names another host.
    WrongName,
    /// Carries the right name as common name only, and another host as DNS name (RFC 9525 §2: the CN never counts).
    CommonNameOnly,
    /// From a CA that nobody knows, with its intermediate.
    Untrusted,
    /// Signed by itself.
    SelfSigned,
    /// Good, but the intermediate is not sent.
    IncompleteChain,
    /// Ends in three days.
    ThreeDaysLeft,
    /// Ends in ten days.
    TenDaysLeft,
    /// From the lab's CA, for an RSA key of 1024 bits.
    RsaUnder2048,
    /// Signed with ECDSA over SHA-1 by the lab's intermediate.
    Sha1,
    /// From a CA of the owner, whose own certificate is sent along, so that a TLSA record may vouch for it.
    PrivateCa,
    /// From the lab's CA, for another key than that of all other certificates.
    NewKey,
}
