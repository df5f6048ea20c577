//! One MX host: its addresses as senders that demand TLS meet them, and its DANE state.

use jiff::Timestamp;
use protocol::dane::{self, Chain, Outcome as DaneOutcome, Unusable};
use protocol::observed::{
    Answer, Evidence, MxHost, NotTested, Outcome, SecurityStatus, SessionOutcome, SmtpSession, Stage, Tested,
    TlsFacts, TlsFailureKind,
};
use protocol::sts::DaneState;

use super::fetch::with_legacy;
use super::{Candidate, is_believed};
use crate::certificate::{self, CertificateFault};

/// One MX host.
#[derive(Debug, Clone)]
pub(crate) struct HostView<'a> {
    pub(crate) host: &'a MxHost,
    /// Whether the policy names it; `None` without a policy to compare with.
    pub(crate) covered: Option<bool>,
    pub(crate) paths: Vec<PathView<'a>>,
    pub(crate) dane: DaneView,
}

/// One address of an MX host.
#[derive(Debug, Clone)]
pub(crate) struct PathView<'a> {
    pub(crate) session: &'a SmtpSession,
    pub(crate) state: PathState,
    /// Why a sender that demands TLS gives up before a certificate is shown: a code and what was seen.
    pub(crate) tls_fault: Option<(&'static str, String)>,
    /// What is wrong with the shown certificate.
    pub(crate) certificate_faults: Vec<CertificateFault>,
    /// What the TLSA records say of this address, when they are usable and TLS was seen.
    pub(crate) dane: Option<DaneOutcome>,
}

/// What a sender that demands TLS by MTA-STS meets at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathState {
    /// TLS with a good certificate.
    Good,
    /// No TLS, or a certificate that is not good.
    Bad,
    /// No SMTP at all.
    Unreachable,
    /// Not tested.
    NotTested,
}

/// The TLSA records of a host and the signatures they depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DaneView {
    pub(crate) state: DaneState,
    /// Whether the MX answer is signed.
    pub(crate) mx: SecurityStatus,
    /// Whether the host's addresses are signed; the weaker of the two families.
    pub(crate) addresses: SecurityStatus,
    /// Whether the TLSA answer is signed.
    pub(crate) tlsa: SecurityStatus,
    /// How many records are usable, and used.
    pub(crate) usable: usize,
    /// Records that cannot be read, or whose data has the wrong length.
    pub(crate) malformed: usize,
    /// Whether the TLSA lookup was done at all.
    pub(crate) tested: bool,
}

impl<'a> HostView<'a> {
    pub(crate) fn of(
        evidence: &'a Evidence,
        host: &'a MxHost,
        candidates: &[Candidate],
        now: Timestamp,
    ) -> Self {
        let covered = candidates.iter().find(|candidate| candidate.name == host.name).and_then(|c| c.covered);
        let dane = DaneView::of(evidence, host);
        // RFC 7672 §3.2.2: the TLSA base domain, the next-hop domain, and that one's canonical name; not the MX host's
        // own name where it is an alias (rule 96).
        let mut names = vec![host.tlsa.base.as_str(), evidence.domain.as_str()];
        names.extend(evidence.mx.aliases.last().map(String::as_str));
        let records = host.tlsa.answer.records();
        let paths = host
            .sessions
            .iter()
            .filter(|session| is_believed(session.address, &host.a, &host.aaaa))
            .map(|session| {
                let mut path = PathView::of(session, now);
                if dane.state == DaneState::Usable {
                    path.dane = presented(&path).map(|chain| dane::judge(records, &chain, &names, now));
                }
                path
            })
            .collect();
        Self { host, covered, paths, dane }
    }

    /// Whether a sender that honours a policy can deliver here, or may be able to: an untested address counts, as
    /// does one that did not answer this time.
    pub(crate) fn may_take_mail(&self) -> bool {
        let has_address = !(self.host.a.is_absent() && self.host.aaaa.is_absent());
        has_address && (self.paths.is_empty() || self.paths.iter().any(|path| path.state != PathState::Bad))
    }

    /// Whether a sender that uses DANE can deliver here, or may be able to.
    pub(crate) fn may_take_dane_mail(&self) -> bool {
        match self.dane.state {
            DaneState::LookupFailed => false,
            DaneState::Usable => self.paths.iter().any(|path| match &path.dane {
                Some(outcome) => matches!(outcome, DaneOutcome::Matched { .. }),
                None => path.tls_fault.is_none(),
            }),
            DaneState::Absent | DaneState::Unusable => true,
        }
    }

    /// Whether TLSA records vouch for the certificate at this address.
    pub(crate) fn dane_vouches(path: &PathView<'_>) -> bool {
        matches!(path.dane, Some(DaneOutcome::Matched { .. }))
    }
}

impl<'a> PathView<'a> {
    fn of(session: &'a SmtpSession, now: Timestamp) -> Self {
        let certificate_faults =
            session.tls.as_ref().map(|tls| certificate::faults(tls, now)).unwrap_or_default();
        let tls_fault = tls_fault(session);
        let state = match &session.outcome {
            SessionOutcome::NotTested(_) => PathState::NotTested,
            _ if tls_fault.is_some() => PathState::Bad,
            SessionOutcome::Tls if certificate_faults.is_empty() => PathState::Good,
            SessionOutcome::Tls => PathState::Bad,
            // The certificate was shown; what failed came after it.
            _ if session.tls.is_some() && certificate_faults.is_empty() => PathState::Good,
            _ if session.tls.is_some() => PathState::Bad,
            _ => PathState::Unreachable,
        };
        Self { session, state, tls_fault, certificate_faults, dane: None }
    }

    /// The TLS session, if there was one.
    pub(crate) const fn tls(&self) -> Option<&'a TlsFacts> {
        self.session.tls.as_ref()
    }

    /// The TLS session of senders that use DANE, if there was one.
    pub(crate) const fn dane_tls(&self) -> Option<&'a TlsFacts> {
        match &self.session.at_tlsa_base {
            None => self.session.tls.as_ref(),
            // RFC 7672 §8.1: where the TLSA base domain is another name than the host's, it is the one sent (rule 99).
            Some(Tested::Seen(Ok(tls))) => Some(tls),
            Some(_) => None,
        }
    }

    /// Why it was not tested.
    pub(crate) const fn untested(&self) -> Option<&NotTested> {
        match &self.session.outcome {
            SessionOutcome::NotTested(why) => Some(why),
            _ => None,
        }
    }
}

/// Why a sender that demands TLS gives up before a certificate is shown (rule 68).
fn tls_fault(session: &SmtpSession) -> Option<(&'static str, String)> {
    let reply = || match &session.starttls {
        Some(reply) => {
            let text =
                reply.lines.first().map(|line| crate::draft::quoted(&line.lossy())).unwrap_or_default();
            format!("answers STARTTLS with {} {text}", reply.code).trim_end().to_owned()
        }
        None => "refuses STARTTLS".to_owned(),
    };
    Some(match &session.outcome {
        // RFC 8461 §4.2: without STARTTLS the host fails the policy.
        SessionOutcome::NoStarttls => {
            ("mx_starttls_missing", "answers EHLO without offering STARTTLS".to_owned())
        }
        SessionOutcome::StarttlsRefused | SessionOutcome::Refused(Stage::Starttls) => {
            ("mx_starttls_refused", reply())
        }
        SessionOutcome::Timeout(Stage::Starttls) => {
            ("mx_starttls_refused", "does not answer STARTTLS".to_owned())
        }
        SessionOutcome::Closed(Stage::Starttls) => {
            ("mx_starttls_refused", "closes the connection on STARTTLS".to_owned())
        }
        SessionOutcome::Protocol { stage: Stage::Starttls, .. } => {
            ("mx_starttls_refused", "answers STARTTLS with something that is no SMTP".to_owned())
        }
        SessionOutcome::TlsFailed(failure) => match with_legacy(failure.kind, &session.legacy) {
            TlsFailureKind::Version => ("mx_tls_version", "offers no TLS 1.2 or newer".to_owned()),
            kind => ("mx_tls_handshake", handshake(kind).to_owned()),
        },
        SessionOutcome::Timeout(Stage::Handshake) => {
            ("mx_tls_handshake", handshake(TlsFailureKind::Timeout).to_owned())
        }
        SessionOutcome::Closed(Stage::Handshake) | SessionOutcome::Refused(Stage::Handshake) => {
            ("mx_tls_handshake", handshake(TlsFailureKind::Closed).to_owned())
        }
        SessionOutcome::Protocol { stage: Stage::Handshake, .. } => {
            ("mx_tls_handshake", handshake(TlsFailureKind::NotTls).to_owned())
        }
        _ => return None,
    })
}

const fn handshake(kind: TlsFailureKind) -> &'static str {
    match kind {
        TlsFailureKind::Timeout => "accepts STARTTLS and then stays silent",
        TlsFailureKind::Closed => "accepts STARTTLS and then drops the connection",
        TlsFailureKind::NotTls => "accepts STARTTLS and then sends something that is no TLS",
        TlsFailureKind::NoCommonSuite => "takes none of the cipher suites that RFC 9325 §4.2 recommends",
        TlsFailureKind::Alert | TlsFailureKind::Version | TlsFailureKind::Other => {
            "accepts STARTTLS and then ends the TLS handshake"
        }
    }
}

impl DaneView {
    fn of(evidence: &Evidence, host: &MxHost) -> Self {
        let answer = &host.tlsa.answer;
        let records = answer.records();
        let usable = dane::strongest(records).len();
        let wrong_length = records
            .iter()
            .filter(|r| matches!(r.usable(), Err(Unusable::DigestLength { .. } | Unusable::Empty)))
            .count();
        let malformed = wrong_length + usize::try_from(host.tlsa.unreadable).unwrap_or(usize::MAX);
        let mx = evidence.mx.security.status;
        let addresses = addresses(host);
        let tlsa = answer.security.status;
        // RFC 7672 §2.2: without signed MX and address answers TLSA records are not even asked for (rule 92).
        let reachable = mx == SecurityStatus::Secure && addresses == SecurityStatus::Secure;
        let state = match &answer.outcome {
            // RFC 7672 §2.1.2 (rule 94)
            Outcome::Failed(_) if reachable => DaneState::LookupFailed,
            Outcome::Records(_) if reachable && tlsa == SecurityStatus::Bogus => DaneState::LookupFailed,
            Outcome::Records(_) if !reachable || tlsa != SecurityStatus::Secure => DaneState::Absent,
            Outcome::Records(_) if usable == 0 => DaneState::Unusable,
            Outcome::Records(_) => DaneState::Usable,
            _ if reachable && host.tlsa.unreadable > 0 => DaneState::Unusable,
            _ => DaneState::Absent,
        };
        let tested = !matches!(answer.outcome, Outcome::NotTested(_));
        Self { state, mx, addresses, tlsa, usable, malformed, tested }
    }
}

/// The weaker state of the two address answers, leaving out the one that brought nothing.
fn addresses(host: &MxHost) -> SecurityStatus {
    let states = [state_of(&host.a), state_of(&host.aaaa)];
    let weight = |status: &SecurityStatus| match status {
        SecurityStatus::Bogus => 0,
        SecurityStatus::Unchecked => 1,
        SecurityStatus::Indeterminate => 2,
        SecurityStatus::Insecure => 3,
        SecurityStatus::Secure => 4,
    };
    states.into_iter().flatten().min_by_key(weight).unwrap_or(host.a.security.status)
}

fn state_of<T>(answer: &Answer<T>) -> Option<SecurityStatus> {
    (!answer.records().is_empty()).then_some(answer.security.status)
}

/// The certificates that senders see who use DANE: none, where the server refuses their handshake.
fn presented<'a>(path: &PathView<'a>) -> Option<Chain<'a>> {
    match &path.session.at_tlsa_base {
        Some(Tested::Seen(Err(_))) => Some(Chain::default()),
        _ => path.dane_tls().map(chain),
    }
}

fn chain(tls: &TlsFacts) -> Chain<'_> {
    let certificates = tls
        .certificates
        .iter()
        .map(|certificate| dane::Certificate {
            der: &certificate.der,
            spki: &certificate.spki,
            dns_names: &certificate.dns_names,
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        })
        .collect();
    Chain { certificates, anchors: tls.path.anchors.clone() }
}
