//! What is wrong with a text that is no key.

/// A text that is no key for a zone. The text itself is never repeated, since it may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZoneKeyFault {
    /// Neither form was recognised.
    #[error(
        "this is no secret key of a zone; give the .private file that `dnssec-keygen -a ECDSAP256SHA256 -f KSK ZONE` \
         makes, or a private key in PEM (PKCS #8)"
    )]
    Form,
    /// An algorithm that is not signed with.
    #[error("the key's algorithm must be ECDSAP256SHA256, ECDSAP384SHA384 or ED25519")]
    Algorithm,
    /// The file with the public key cannot be read.
    #[error("the .key file beside the secret holds no DNSKEY record in one line")]
    PublicForm,
    /// The file with the public key is of another key.
    #[error("the .key file is not of this secret key")]
    OtherKey,
    /// The public key is not for a zone.
    #[error("the DNSKEY record in the .key file is not that of a zone (its flags must be 256 or 257)")]
    Flags,
    /// The library takes no such key.
    #[error("the key cannot be used")]
    Unusable,
}
