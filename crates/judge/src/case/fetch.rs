//! One fetch of the policy, as a sender would take it.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use protocol::observed::{
    ConnectFailure, Fetch, FetchOutcome, HttpFailure, HttpResponse, LegacyOffer, Tested, TlsFailureKind,
};
use protocol::sts::{MediaType, media_type};

use crate::certificate::{self, CertificateFault};
use crate::draft::quoted;

/// One fetch.
#[derive(Debug, Clone)]
pub(crate) struct FetchView<'a> {
    pub(crate) fetch: &'a Fetch,
    pub(crate) state: FetchState,
    /// Every reason why a sender gets no policy here, in the order in which a sender meets them.
    pub(crate) faults: Vec<FetchFault>,
    /// What the answer's Content-Type says, when there was an answer.
    pub(crate) media_type: Option<MediaType>,
}

/// What a sender gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchState {
    /// A body.
    Obtained,
    /// Nothing that it may use.
    Failed,
    /// Not tested.
    NotTested,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchFault {
    /// A detail of `mta_sts_unreachable`, or one of the codes `policy_http_too_large` and `policy_http_slow`.
    pub(crate) detail: &'static str,
    /// What was seen, to follow the address.
    pub(crate) fact: String,
    /// Something worth quoting, such as a redirect's target.
    pub(crate) quote: Option<String>,
    /// The fault of the certificate, if it is one.
    pub(crate) certificate: Option<CertificateFault>,
}

impl FetchFault {
    fn new(detail: &'static str, fact: impl Into<String>) -> Self {
        Self { detail, fact: fact.into(), quote: None, certificate: None }
    }

    fn quoting(mut self, quote: &str) -> Self {
        self.quote = Some(quoted(quote));
        self
    }

    /// How far a fetch came that failed by this: the further, the more exact the reason.
    pub(crate) fn reach(&self) -> u8 {
        match self.detail {
            "policy_host_refused" | "policy_host_timeout" | "policy_host_reset" => 0,
            "policy_tls_version" | "policy_tls_handshake" => 1,
            detail if detail.starts_with("policy_tls_") => 2,
            _ => 3,
        }
    }
}

impl<'a> FetchView<'a> {
    pub(crate) fn of(fetch: &'a Fetch, now: Timestamp) -> Self {
        let mut faults: Vec<FetchFault> = Vec::new();
        if let Some(tls) = &fetch.tls {
            // RFC 8461 §3.3: the certificate must be valid, trusted and name the policy host (rule 24).
            faults.extend(certificate::faults(tls, now).into_iter().map(|fault| FetchFault {
                detail: fault.policy_detail(),
                fact: fault.fact(),
                quote: None,
                certificate: Some(fault),
            }));
        }
        let mut media = None;
        match &fetch.outcome {
            FetchOutcome::NotTested(_) => {}
            FetchOutcome::Connect(failure) => faults.push(connect_fault(*failure)),
            FetchOutcome::Tls(failure) => {
                let kind = with_legacy(failure.kind, &fetch.legacy);
                faults.push(tls_fault(kind, &failure.text));
            }
            FetchOutcome::Http(failure) => faults.push(http_fault(failure)),
            FetchOutcome::Response(response) => {
                faults.extend(response_fault(response));
                media = Some(media_type(response.header("content-type")));
            }
        }
        let state = match (&fetch.outcome, faults.is_empty()) {
            (FetchOutcome::NotTested(_), _) => FetchState::NotTested,
            (_, true) => FetchState::Obtained,
            (_, false) => FetchState::Failed,
        };
        Self { fetch, state, faults, media_type: media }
    }

    /// The answer, whatever it is worth.
    pub(crate) const fn response(&self) -> Option<&'a HttpResponse> {
        match &self.fetch.outcome {
            FetchOutcome::Response(response) => Some(response),
            _ => None,
        }
    }

    /// The body of a 200 answer of allowed size, even if the certificate would have stopped a sender.
    pub(crate) fn body(&self) -> Option<&'a [u8]> {
        self.response().filter(|r| r.status == 200 && !r.too_large).map(|r| r.body.as_slice())
    }

    /// Whether a content-encoding was used though none was asked for (rule 35).
    pub(crate) fn encoding(&self) -> Option<String> {
        let value = self.response()?.header("content-encoding")?;
        let name = String::from_utf8_lossy(value).trim().to_ascii_lowercase();
        (!name.is_empty() && name != "identity").then(|| quoted(&name))
    }

    /// When the file was last changed, by the answer's own word.
    pub(crate) fn last_modified(&self) -> Option<Timestamp> {
        let value = std::str::from_utf8(self.response()?.header("last-modified")?).ok()?;
        // RFC 9110 §5.6.7: the form that senders of dates must use; the two old ones are not worth a reader here.
        rfc2822::DateTimeParser::new().parse_timestamp(value.trim()).ok()
    }

    /// Whether the address takes no connection, as opposed to answering wrongly.
    pub(crate) fn is_silent(&self) -> bool {
        self.faults.first().is_some_and(|fault| fault.reach() == 0)
    }

    /// Whether it took the connection or actively refused it, so that our network is not the cause.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self.fetch.outcome, FetchOutcome::Connect(ConnectFailure::Refused))
    }
}

/// What a failed handshake means when the same host answers an older version: it speaks nothing newer.
pub(super) fn with_legacy(kind: TlsFailureKind, legacy: &Tested<LegacyOffer>) -> TlsFailureKind {
    let answers_old = legacy.seen().is_some_and(|offer| !offer.answered.is_empty());
    match kind {
        TlsFailureKind::Alert | TlsFailureKind::NoCommonSuite | TlsFailureKind::Other if answers_old => {
            TlsFailureKind::Version
        }
        kind => kind,
    }
}

fn connect_fault(failure: ConnectFailure) -> FetchFault {
    match failure {
        ConnectFailure::Refused => FetchFault::new("policy_host_refused", "refuses connections on port 443"),
        ConnectFailure::Timeout => FetchFault::new("policy_host_timeout", "does not answer on port 443"),
        ConnectFailure::Reset => FetchFault::new("policy_host_reset", "resets connections on port 443"),
        ConnectFailure::Unreachable => {
            FetchFault::new("policy_host_timeout", "cannot be reached, says a router on the way")
        }
    }
}

fn tls_fault(kind: TlsFailureKind, text: &str) -> FetchFault {
    match kind {
        // RFC 8461 §7.2 (rule 26)
        TlsFailureKind::Version => FetchFault::new("policy_tls_version", "offers no TLS 1.2 or newer"),
        TlsFailureKind::Timeout => {
            FetchFault::new("policy_host_timeout", "takes the connection and then stays silent")
        }
        TlsFailureKind::Closed => {
            FetchFault::new("policy_host_reset", "drops the connection before TLS is up")
        }
        TlsFailureKind::NotTls => {
            FetchFault::new("policy_tls_handshake", "answers with something that is no TLS")
        }
        TlsFailureKind::NoCommonSuite => FetchFault::new(
            "policy_tls_handshake",
            "takes none of the cipher suites that RFC 9325 §4.2 recommends",
        ),
        TlsFailureKind::Alert | TlsFailureKind::Other => {
            FetchFault::new("policy_tls_handshake", "ends the TLS handshake")
        }
    }
    .quoting(text)
}

fn http_fault(failure: &HttpFailure) -> FetchFault {
    match failure {
        HttpFailure::Timeout { received: 0 } => {
            FetchFault::new("policy_http_timeout", "takes the request and does not answer")
        }
        HttpFailure::Timeout { received } => FetchFault::new(
            "policy_http_slow",
            format!("sends the policy so slowly that only {received} octets came in the time allowed"),
        ),
        HttpFailure::Malformed(text) => {
            FetchFault::new("policy_http_malformed", "answers with something that is no HTTP").quoting(text)
        }
        HttpFailure::Closed => {
            FetchFault::new("policy_http_malformed", "closes the connection before the answer ends")
        }
    }
}

fn response_fault(response: &HttpResponse) -> Option<FetchFault> {
    let status = response.status;
    match status {
        200 if response.too_large => Some(FetchFault::new("policy_http_too_large", "sends more than 64 KiB")),
        200 => None,
        // RFC 8461 §3.3: redirects must not be followed (rule 30).
        300..=399 if status != 304 => {
            let target = response.header("location").map(String::from_utf8_lossy).unwrap_or_default();
            let fact = match target.is_empty() {
                true => format!("answers {status}, a redirect without a target"),
                false => format!("answers {status} and redirects to {}", quoted(&target)),
            };
            Some(FetchFault::new("policy_http_redirect", fact).quoting(&target))
        }
        // Rule 29: 200 exactly. Rule 40: walls against programs are named.
        _ => Some(FetchFault::new("policy_http_status", format!("answers {status}{}", wall(status)))),
    }
}

const fn wall(status: u16) -> &'static str {
    match status {
        401 => " (a password is asked for)",
        403 => " (forbidden: often a wall against programs or countries)",
        404 => " (not found)",
        410 => " (gone)",
        429 => " (too many requests: a rate limit that senders will meet too)",
        451 => " (withheld for legal reasons)",
        503 => " (unavailable: often a wall against programs)",
        500..=599 => " (a fault of the server)",
        _ => "",
    }
}
