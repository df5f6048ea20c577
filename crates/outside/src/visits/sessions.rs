//! The sessions with one address.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use protocol::identity::dns_id_matches;
use protocol::observed::{NotTestedReason, SessionOutcome, SmtpSession, Tested, TlsFacts};
use tokio::sync::Mutex;

use super::{ENTRY, weight};

/// Sessions kept for one address. An address with more names than this, each with a certificate of its own, is a large
/// host of small domains, few of which are on the list twice.
const MAX_SESSIONS: usize = 64;

/// The sessions with one address, made one after the other.
#[derive(Default)]
pub(super) struct Sessions {
    kept: Mutex<Vec<Kept>>,
    weight: AtomicU32,
}

struct Kept {
    host: String,
    at: Timestamp,
    session: SmtpSession,
}

impl Sessions {
    /// A session that counts for `host`: one there was, or the one that `look` makes `at` this time. Whether it is new.
    pub(super) async fn get_or(
        &self,
        host: &str,
        at: Timestamp,
        look: impl Future<Output = SmtpSession>,
    ) -> (SmtpSession, bool) {
        // Held during the session: whoever comes meanwhile may want the same.
        let mut kept = self.kept.lock().await;
        let same = kept.iter().find(|known| known.host == host).map(|known| (known, known.session.clone()));
        let fitting = || kept.iter().find_map(|known| Some((known, under(host, &known.session)?)));
        if let Some((known, session)) = same.or_else(fitting) {
            return (SmtpSession { visited_at: Some(known.at), ..session }, false);
        }
        let session = look.await;
        if !lasts(&session) {
            return (session, false);
        }
        self.keep(&mut kept, host, at, session.clone());
        (session, true)
    }

    /// Puts back a session of an earlier run.
    pub(super) async fn put(&self, host: &str, at: Timestamp, session: SmtpSession) {
        let mut kept = self.kept.lock().await;
        if kept.iter().all(|known| known.host != host) {
            self.keep(&mut kept, host, at, session);
        }
    }

    fn keep(&self, kept: &mut Vec<Kept>, host: &str, at: Timestamp, session: SmtpSession) {
        if kept.len() < MAX_SESSIONS {
            self.weight.fetch_add(weight(host.len() + size(&session)), Ordering::Relaxed);
            kept.push(Kept { host: host.to_owned(), at, session });
        }
    }

    /// Octets of memory, roughly.
    pub(super) fn weight(&self) -> u32 {
        weight(ENTRY).saturating_add(self.weight.load(Ordering::Relaxed))
    }
}

/// Whether a session says something of the server, rather than of our own network or time.
fn lasts(session: &SmtpSession) -> bool {
    match &session.outcome {
        SessionOutcome::NotTested(why) => why.reason == NotTestedReason::PutOff,
        _ => true,
    }
}

/// A session under another name as one of `host`, if nothing that depends on the name would be different.
fn under(host: &str, session: &SmtpSession) -> Option<SmtpSession> {
    match &session.outcome {
        // Before any server name was sent.
        SessionOutcome::Connect(_)
        | SessionOutcome::Refused(_)
        | SessionOutcome::NoStarttls
        | SessionOutcome::StarttlsRefused
        | SessionOutcome::Protocol { .. }
        | SessionOutcome::Timeout(_)
        | SessionOutcome::Closed(_)
        | SessionOutcome::NotTested(_) => Some(session.clone()),
        // The server may have done so because of the name.
        SessionOutcome::TlsFailed(_) => None,
        SessionOutcome::Tls => {
            // What it shows at the other host's TLSA base says nothing here.
            let mut session = SmtpSession { at_tlsa_base: None, ..session.clone() };
            let shown = session.tls.as_mut()?;
            shown.name_matches = is_for(shown, host);
            if !shown.name_matches {
                return None;
            }
            if let Tested::Seen(Ok(without)) = &mut session.without_sni {
                without.name_matches = is_for(without, host);
            }
            Some(session)
        }
    }
}

/// RFC 8461 §4.2: a dNSName of the leaf must match.
fn is_for(shown: &TlsFacts, host: &str) -> bool {
    shown
        .certificates
        .first()
        .is_some_and(|leaf| leaf.dns_names.iter().any(|name| dns_id_matches(name, host)))
}

/// What is large in a session: the certificates, kept twice when there was one without a server name.
fn size(session: &SmtpSession) -> usize {
    let of = |facts: &TlsFacts| {
        let octets = facts.certificates.iter().map(|c| c.der.len() + c.spki.len() + ENTRY);
        ENTRY + octets.sum::<usize>()
    };
    let without = match &session.without_sni {
        Tested::Seen(Ok(facts)) => of(facts),
        _ => 0,
    };
    let replies = [&session.banner, &session.ehlo, &session.starttls, &session.ehlo_in_tls];
    let lines = replies.into_iter().flatten().flat_map(|reply| &reply.lines).map(|line| line.0.len() + 24);
    2 * ENTRY + session.tls.as_ref().map_or(0, of) + without + lines.sum::<usize>()
}
