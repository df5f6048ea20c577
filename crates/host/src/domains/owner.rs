//! Whom a domain belongs to.

use std::fmt;
use std::str::FromStr;

/// The longest owner id, in characters: room for any id that a system of accounts makes.
const MAX_LENGTH: usize = 64;
/// Whoever runs the host.
const OPERATOR: &str = "operator";

/// Whom a domain belongs to: an id that means something elsewhere. Nothing is read into it but equality.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

/// A text that cannot be an owner's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an owner is 1 to 64 letters, digits and any of `.`, `-`, `_`, `@`")]
pub struct OwnerRefused;

impl Owner {
    /// Whoever runs the host and types its commands. These domains need no proof of ownership: who can write into the
    /// database needs no leave of it.
    #[must_use]
    pub fn operator() -> Self {
        Self(OPERATOR.to_owned())
    }

    /// Whether it is whoever runs the host.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.0 == OPERATOR
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Owner {
    type Err = OwnerRefused;

    fn from_str(text: &str) -> Result<Self, OwnerRefused> {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || b".-_@".contains(&octet);
        if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OwnerRefused)
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_owner_may_be() {
        for good in ["a", "user@example.com", "0190b0c2-1c4f-7b3e-8a57-000000000000"] {
            assert_eq!(good.parse::<Owner>().map(|owner| owner.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "a b", "a\u{1b}", "ä", &"x".repeat(65)] {
            assert_eq!(bad.parse::<Owner>(), Err(OwnerRefused), "{bad:?}");
        }
        assert!("operator".parse::<Owner>().is_ok_and(|owner| owner.is_operator()));
    }
}
