//! What an authority refuses, what it means, and what is done about it.

use instant_acme::{Error, Problem};

/// Octets of an authority's words that are kept.
const MAX_WORDS: usize = 600;

/// Something went wrong with an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Trouble {
    /// What kind of thing.
    pub kind: Kind,
    /// In words, with those of the authority.
    pub text: String,
}

/// Kinds of trouble, by what is done about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The authority could not see that the name is ours: a fault of DNS, of the way to us, or of ours.
    NotSeen,
    /// CAA records forbid it.
    Caa,
    /// The authority will never issue for this name.
    NeverForThisName,
    /// A limit of the authority is used up.
    RateLimited,
    /// The authority does not answer, or answers that it is its own fault.
    AuthorityDown,
    /// A nonce was too old (RFC 8555 §6.5): the same request is sent again.
    BadNonce,
    /// The order is gone or ended: a new one is made.
    OrderLost,
    /// The certificate was replaced already: a new order without saying what it replaces (RFC 9773 §5).
    AlreadyReplaced,
    /// The account is of no use: it was deactivated, or a contact or external account is missing.
    Account,
    /// The operator's own DNS server does not take the record that the authority wants to see.
    OwnDns,
    /// What the authority answered makes no sense.
    Nonsense,
}

impl Trouble {
    /// In our own words.
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What an error of the library means.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Api(problem) => Self::of_problem(problem),
            Error::Timeout(_) => {
                Self::new(Kind::AuthorityDown, "the authority did not finish the order in the time allowed")
            }
            Error::Json(_) | Error::Str(_) | Error::Unsupported(_) => Self::new(
                Kind::Nonsense,
                format!("the authority's answer cannot be used: {}", bounded(error.to_string())),
            ),
            other => Self::new(
                Kind::AuthorityDown,
                format!("the authority cannot be reached: {}", bounded(other.to_string())),
            ),
        }
    }

    /// What an authority's problem document means (RFC 8555 §6.7).
    pub(crate) fn of_problem(problem: &Problem) -> Self {
        let name = problem.r#type.as_deref().unwrap_or_default();
        let name = name.strip_prefix("urn:ietf:params:acme:error:").unwrap_or(name);
        let kind = match name {
            "badNonce" => Kind::BadNonce,
            "rateLimited" => Kind::RateLimited,
            "caa" => Kind::Caa,
            "rejectedIdentifier" | "unsupportedIdentifier" => Kind::NeverForThisName,
            "connection" | "dns" | "incorrectResponse" | "tls" | "unauthorized" => Kind::NotSeen,
            "serverInternal" => Kind::AuthorityDown,
            // RFC 9773 §7.4.
            "alreadyReplaced" => Kind::AlreadyReplaced,
            "accountDoesNotExist" | "externalAccountRequired" | "userActionRequired" | "invalidContact" => {
                Kind::Account
            }
            "orderNotReady" => Kind::OrderLost,
            "malformed" if problem.status == Some(404) => Kind::OrderLost,
            "malformed" => Kind::Nonsense,
            _ if matches!(problem.status, Some(500..)) => Kind::AuthorityDown,
            _ if problem.status == Some(429) => Kind::RateLimited,
            _ if problem.status == Some(404) => Kind::OrderLost,
            _ => Kind::Nonsense,
        };
        let mut words = problem.detail.clone().unwrap_or_else(|| "no reason given".to_owned());
        for part in &problem.subproblems {
            if let Some(detail) = &part.detail {
                words.push_str("; ");
                words.push_str(detail);
            }
        }
        Self::new(kind, format!("the authority says ({name}): {}", bounded(words)))
    }
}

impl Kind {
    /// Whether it counts as a failure of this name, after which longer and longer is waited.
    #[must_use]
    pub const fn is_of_the_name(self) -> bool {
        matches!(
            self,
            Self::NotSeen
                | Self::Caa
                | Self::NeverForThisName
                | Self::OwnDns
                | Self::Nonsense
                | Self::OrderLost
        )
    }

    /// Whether nothing can be ordered there for now, whichever the name.
    #[must_use]
    pub const fn is_of_the_authority(self) -> bool {
        matches!(self, Self::AuthorityDown | Self::Account)
    }

    /// Whether the order that was made is of no use any more.
    #[must_use]
    pub const fn loses_the_order(self) -> bool {
        matches!(
            self,
            Self::NotSeen
                | Self::Caa
                | Self::NeverForThisName
                | Self::OrderLost
                | Self::AlreadyReplaced
                | Self::Nonsense
                | Self::Account
        )
    }
}

fn bounded(text: String) -> String {
    // Authorities repeat what they read at our addresses, which may hold anything.
    let harmless = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut kept: String = harmless.take(MAX_WORDS).collect();
    if kept.len() < text.len() && text.chars().nth(MAX_WORDS).is_some() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(name: &str, status: u16) -> Problem {
        let text = format!(
            r#"{{"type":"urn:ietf:params:acme:error:{name}","detail":"because\n","status":{status},"subproblems":[
                {{"type":"x","detail":"of this"}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn problems_have_kinds() {
        for (name, status, kind) in [
            ("badNonce", 400, Kind::BadNonce),
            ("rateLimited", 429, Kind::RateLimited),
            ("caa", 403, Kind::Caa),
            ("connection", 400, Kind::NotSeen),
            ("dns", 400, Kind::NotSeen),
            ("unauthorized", 403, Kind::NotSeen),
            ("rejectedIdentifier", 400, Kind::NeverForThisName),
            ("serverInternal", 500, Kind::AuthorityDown),
            ("alreadyReplaced", 409, Kind::AlreadyReplaced),
            ("accountDoesNotExist", 400, Kind::Account),
            ("malformed", 404, Kind::OrderLost),
            ("malformed", 400, Kind::Nonsense),
            ("somethingNew", 503, Kind::AuthorityDown),
            ("somethingNew", 400, Kind::Nonsense),
        ] {
            let trouble = Trouble::of_problem(&problem(name, status));
            assert_eq!(trouble.kind, kind, "{name} {status}");
            assert!(trouble.text.ends_with("because ; of this"), "{}", trouble.text);
        }
    }

    #[test]
    fn every_kind_has_one_thing_done_about_it() {
        for kind in [Kind::AuthorityDown, Kind::RateLimited, Kind::BadNonce] {
            assert!(
                !kind.is_of_the_name() && !(kind.loses_the_order()),
                "{kind:?}: the name can do nothing about it"
            );
        }
    }
}
