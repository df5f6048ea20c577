//! The unguessable label of a domain, and the token for those who prove their ownership by a TXT record.

use std::fmt;

/// Five bits for each character.
const BITS: u32 = 5;
/// Characters that hold 128 random bits: 26 times five.
const CHARACTERS: u32 = 128_u32.div_ceil(BITS);

/// The name in front of a domain under which a token proves that it is the owner who asks.
pub const TOKEN_LABEL: &str = "_sts-verify";

/// A label that nobody can guess and that is never given out twice: whoever publishes an alias to it was told it by us.
/// 128 random bits in lower-case letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

/// The system gives no random octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random octets")]
pub struct NoRandomness;

impl Label {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`] when the system gives no random octets.
    pub fn fresh() -> Result<Self, NoRandomness> {
        let mut octets = [0; 16];
        aws_lc_rs::rand::fill(&mut octets).map_err(|_| NoRandomness)?;
        Ok(Self::of(octets))
    }

    /// The label of these octets.
    fn of(octets: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(octets);
        let character = |at: u32| {
            let bits = number >> (BITS * at) & 0b1_1111;
            u32::try_from(bits).ok().and_then(|digit| char::from_digit(digit, 1 << BITS))
        };
        Self((0..CHARACTERS).filter_map(character).collect())
    }

    /// One that was given out before, as it is kept.
    pub(super) const fn kept(text: String) -> Self {
        Self(text)
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_differ() {
        let all: BTreeSet<Label> = (0..1000).map(|_| Label::fresh().expect("random octets")).collect();
        assert_eq!(all.len(), 1000);
    }

    proptest! {
        /// No bit is lost, and every label fits into a name (RFC 1035 §2.3.1).
        #[test]
        fn every_bit_counts(one: [u8; 16], other: [u8; 16]) {
            let label = Label::of(one);
            prop_assert_eq!(label.as_str().len(), 26);
            prop_assert!(label.as_str().bytes().all(|octet| octet.is_ascii_digit() || octet.is_ascii_lowercase()));
            prop_assert_eq!(one == other, label == Label::of(other));
        }
    }
}
