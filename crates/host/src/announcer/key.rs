//! Keys that sign updates (TSIG, RFC 8945), as name servers write them.

use std::fmt;
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::tsig::{Algorithm, Key, KeyName};

/// The shortest secret taken, in octets. RFC 8945 §8: at least as long as the hash; half of SHA-256's is what old tools
/// made.
const MIN_SECRET: usize = 16;

/// A key: name, algorithm, secret. The secret is never shown.
#[derive(Clone)]
pub struct TsigKey {
    name: String,
    algorithm: Algorithm,
    pub(super) key: Key,
}

/// A text that is no key. The text itself is never repeated, since it may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Neither form was recognised.
    #[error(
        "this is no key; write it as `tsig-keygen` of BIND does, key \"NAME\" {{ algorithm hmac-sha256; secret \"…\"; }};, \
         or in one line as hmac-sha256:NAME:SECRET"
    )]
    Form,
    /// More than one key.
    #[error("there is more than one key; give a file that holds one")]
    Several,
    /// An algorithm that is not taken.
    #[error(
        "the algorithm must be one of hmac-sha256, hmac-sha384, hmac-sha512; `tsig-keygen` makes such keys"
    )]
    Algorithm,
    /// A name that cannot be.
    #[error("the key's name is no domain name")]
    Name,
    /// A secret that cannot be.
    #[error("the secret is not base64 of at least 16 octets")]
    Secret,
}

impl TsigKey {
    /// Reads a key: BIND's statement (what `tsig-keygen` writes), or `ALGORITHM:NAME:SECRET` (what `dig -y` and
    /// `knsupdate -y` take).
    ///
    /// # Errors
    /// [`KeyFault`], never with a piece of the text.
    pub fn read(text: &str) -> Result<Self, KeyFault> {
        let bare = without_comments(text);
        let bare = bare.trim();
        if bare.is_empty() {
            return Err(KeyFault::Form);
        }
        if !bare.contains('{') {
            let mut parts = bare.split(':');
            return match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(algorithm), Some(name), Some(secret), None) => Self::of(name, algorithm, secret),
                _ => Err(KeyFault::Form),
            };
        }
        Self::of_statement(bare)
    }

    fn of_statement(text: &str) -> Result<Self, KeyFault> {
        let words = words(text);
        if words.iter().filter(|word| *word == "key").count() > 1 {
            return Err(KeyFault::Several);
        }
        let after = |wanted: &str| {
            let at = words.iter().position(|word| word == wanted)?;
            words.get(at + 1).map(String::as_str)
        };
        match (after("key"), after("algorithm"), after("secret")) {
            (Some(name), Some(algorithm), Some(secret)) => Self::of(name, algorithm, secret),
            _ => Err(KeyFault::Form),
        }
    }

    fn of(name: &str, algorithm: &str, secret: &str) -> Result<Self, KeyFault> {
        let algorithm = match algorithm.trim().trim_end_matches('.').to_ascii_lowercase().as_str() {
            "hmac-sha256" => Algorithm::Sha256,
            "hmac-sha384" => Algorithm::Sha384,
            "hmac-sha512" => Algorithm::Sha512,
            _ => return Err(KeyFault::Algorithm),
        };
        let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
        let wire = KeyName::from_str(&name).map_err(|_| KeyFault::Name)?;
        let octets = STANDARD.decode(secret.trim()).map_err(|_| KeyFault::Secret)?;
        if octets.len() < MIN_SECRET {
            return Err(KeyFault::Secret);
        }
        let key = Key::new(algorithm, &octets, wire, None, None).map_err(|_| KeyFault::Secret)?;
        Ok(Self { name, algorithm, key })
    }

    /// Its name, lower case, no final dot.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Without `//`, `#` and `/* */` comments, as BIND reads them.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else if (rest.starts_with("//") || rest.starts_with('#'))
            && (out.is_empty() || out.ends_with(char::is_whitespace))
        {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// The words of a statement, quotes and punctuation taken off.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

impl fmt::Debug for TsigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TsigKey({} {})", self.algorithm, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IDEyMzQ=";

    #[test]
    fn both_forms_are_read() {
        for (text, algorithm, name) in [
            (
                format!("key \"k.example\" {{\n\talgorithm hmac-sha256;\n\tsecret \"{SECRET}\";\n}};\n"),
                "hmac-sha256",
                "k.example",
            ),
            (format!("# a key\nkey K {{ algorithm HMAC-SHA512; secret {SECRET}; }};"), "hmac-sha512", "k"),
            (
                format!(
                    "/* key \"old\" {{ */ key k. {{ secret \"{SECRET}\"; algorithm hmac-sha384; }}; // end"
                ),
                "hmac-sha384",
                "k",
            ),
            (format!("hmac-sha256:k.example.:{SECRET}\n"), "hmac-sha256", "k.example"),
        ] {
            let key = TsigKey::read(&text).expect(&text);
            assert_eq!((key.algorithm.to_string().as_str(), key.name()), (algorithm, name), "{text}");
            assert!(!format!("{key:?}").contains(SECRET));
        }
    }

    #[test]
    fn what_is_no_key_is_named_and_never_repeated() {
        for (text, fault) in [
            ("", KeyFault::Form),
            ("k", KeyFault::Form),
            ("hmac-md5:k:c2VjcmV0IHNlY3JldCBzZWNyZXQ=", KeyFault::Algorithm),
            ("hmac-sha256:k:c2hvcnQ=", KeyFault::Secret),
            ("hmac-sha256:k:!", KeyFault::Secret),
            ("hmac-sha256:a..b:c2VjcmV0IHNlY3JldCBzZWNyZXQ=", KeyFault::Name),
            ("key a { algorithm hmac-sha256; };", KeyFault::Form),
            ("key a { secret \"x\"; }; key b { secret \"y\"; };", KeyFault::Several),
        ] {
            assert_eq!(TsigKey::read(text).err(), Some(fault), "{text}");
        }
    }
}
