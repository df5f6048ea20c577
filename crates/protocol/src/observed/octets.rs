//! Octets from the wire that are usually text.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Octets as received. In JSON a string when they are printable ASCII with line ends and tabs,
/// else `{"base64": "…"}`, so that nothing is lost and nothing harmful is printed.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Octets(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Coded { base64: String },
}

impl Octets {
    /// The octets as text, each invalid UTF-8 sequence replaced by U+FFFD.
    #[must_use]
    pub fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// The octets themselves.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn is_plain(&self) -> bool {
        self.0.iter().all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n'))
    }
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

impl From<&str> for Octets {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl std::fmt::Debug for Octets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Octets(\"{}\")", self.0.escape_ascii())
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_plain() {
            Form::Text(self.lossy()).serialize(serializer)
        } else {
            Form::Coded { base64: STANDARD.encode(&self.0) }.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(Self(text.into_bytes())),
            Form::Coded { base64 } => STANDARD.decode(base64).map(Self).map_err(de::Error::custom),
        }
    }
}
