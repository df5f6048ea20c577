//! Handshakes that did not complete.

use std::io;

use protocol::observed::{TlsFailure, TlsFailureKind};
use rustls::{AlertDescription, Error, PeerIncompatible};

/// Sorts a failed handshake.
pub(super) fn classify(error: &io::Error) -> TlsFailure {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return TlsFailure { kind: kind_of(tls), text: tls.to_string() };
    }
    let kind = match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => TlsFailureKind::Closed,
        io::ErrorKind::TimedOut => TlsFailureKind::Timeout,
        io::ErrorKind::InvalidData => TlsFailureKind::NotTls,
        _ => TlsFailureKind::Other,
    };
    TlsFailure { kind, text: error.to_string() }
}

fn kind_of(error: &Error) -> TlsFailureKind {
    match error {
        // RFC 8446 §6.2: protocol_version.
        Error::AlertReceived(AlertDescription::ProtocolVersion) => TlsFailureKind::Version,
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) => {
            TlsFailureKind::NoCommonSuite
        }
        Error::AlertReceived(_) => TlsFailureKind::Alert,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => TlsFailureKind::Version,
        Error::PeerIncompatible(_) => TlsFailureKind::NoCommonSuite,
        Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. } => TlsFailureKind::NotTls,
        _ => TlsFailureKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use rustls::InvalidMessage;

    use super::*;

    #[test]
    fn sorts_what_goes_wrong() {
        for (error, kind) in [
            (Error::AlertReceived(AlertDescription::ProtocolVersion), TlsFailureKind::Version),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), TlsFailureKind::NoCommonSuite),
            (Error::AlertReceived(AlertDescription::UnrecognisedName), TlsFailureKind::Alert),
            (PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into(), TlsFailureKind::Version),
            (PeerIncompatible::NoCipherSuitesInCommon.into(), TlsFailureKind::NoCommonSuite),
            (InvalidMessage::InvalidContentType.into(), TlsFailureKind::NotTls),
        ] {
            assert_eq!(classify(&io::Error::other(error)).kind, kind);
        }
        assert_eq!(classify(&io::ErrorKind::UnexpectedEof.into()).kind, TlsFailureKind::Closed);
    }
}
