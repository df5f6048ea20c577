//! When the authority would have a certificate replaced (ACME renewal information, RFC 9773).

use std::time::Duration;

use instant_acme::Error;
use jiff::{SignedDuration, Timestamp};

use super::Authority;
use super::order::identifier;
use super::trouble::Trouble;
use crate::certificates::queue::Window;

/// The shortest and the longest time until it is asked again (RFC 9773 §4.3.2).
const AGAIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(86_400));
/// When it did not answer: what RFC 9773 §4.3.3 suggests.
const AFTER_TROUBLE: SignedDuration = SignedDuration::from_hours(6);

/// What the authority suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suggested {
    /// `None`: it does not say.
    pub(crate) window: Option<Window>,
    /// When to ask again; `None`: never, since it knows nothing of such questions.
    pub(crate) ask_at: Option<Timestamp>,
    /// What went wrong.
    pub(crate) trouble: Option<Trouble>,
}

/// Asks.
pub(crate) async fn ask(authority: &Authority, certificate: &str, now: Timestamp) -> Suggested {
    let after = |pause: SignedDuration| Some(now.saturating_add(pause).unwrap_or(Timestamp::MAX));
    let never = Suggested { window: None, ask_at: None, trouble: None };
    let Some(identifier) = identifier(certificate) else { return never };
    match authority.account.renewal_info(&identifier).await {
        Ok((info, pause)) => {
            let moment = |time: time::OffsetDateTime| Timestamp::from_second(time.unix_timestamp()).ok();
            let (start, end) = (moment(info.suggested_window.start), moment(info.suggested_window.end));
            let window = start.zip(end).filter(|(start, end)| start <= end);
            let pause = SignedDuration::try_from(pause.clamp(AGAIN.0, AGAIN.1)).unwrap_or(AFTER_TROUBLE);
            Suggested {
                window: window.map(|(start, end)| Window { start, end }),
                ask_at: after(pause),
                trouble: None,
            }
        }
        Err(Error::Unsupported(_)) => never,
        Err(error) => {
            Suggested { window: None, ask_at: after(AFTER_TROUBLE), trouble: Some(Trouble::of(&error)) }
        }
    }
}
