//! Why the lab could not start.

/// Why the lab could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// A built-in scenario file is faulty.
    #[error("scenario {path}: {message}")]
    Scenario {
        /// Path below `scenarios/`.
        path: String,
        /// What is wrong, with the line where it is known.
        message: String,
    },
    /// No scenario has this name.
    #[error("no scenario is called `{0}`; `lab list` shows them all")]
    Unknown(String),
    /// A key or certificate could not be made.
    #[error("cannot make a key or certificate: {0}")]
    Key(String),
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused a setting.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A loopback port could not be had.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[from] std::io::Error),
    /// More hosts than documentation addresses.
    #[error("the lab has run out of documentation addresses")]
    Addresses,
}
