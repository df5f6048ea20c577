//! What can be wrong with the settings of a look.

/// Why no look can begin. Each message says what is wrong, where, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No resolver is configured on this system.
    #[error("no resolver found in /etc/resolv.conf ({0}): name one with --resolver ADDRESS")]
    NoSystemResolver(String),
    /// The DNS over HTTPS URL cannot be used.
    #[error("the resolver's URL {url:?} cannot be used: {why}; write it as https://HOST/dns-query")]
    ResolverUrl {
        /// The URL.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The resolver's name cannot be in a certificate.
    #[error("the resolver's name {0:?} is neither a host name nor an address; write tls://ADDRESS#NAME")]
    ResolverName(String),
    /// The trust anchor is not readable.
    #[error("the trust anchor is not readable: {0}; give DS or DNSKEY records in zone file form, one a line")]
    TrustAnchor(String),
    /// The roots are not readable.
    #[error("the root certificates of {name} are not readable: {why}; give certificates in PEM form")]
    Roots {
        /// Where they come from.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// TLS could not be set up.
    #[error("TLS cannot be set up on this machine: {0}")]
    Tls(#[from] rustls::Error),
}
