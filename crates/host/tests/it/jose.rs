//! Requests to an authority, as RFC 8555 §6.2 has them: signed JSON. Read here without the code that writes them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A request whose signature is right.
pub(crate) struct Signed {
    pub(crate) nonce: String,
    pub(crate) url: String,
    /// The account, or nothing for a new one.
    pub(crate) account: Option<String>,
    /// The key: of the request, for a new account.
    pub(crate) key: Vec<u8>,
    /// RFC 7638.
    pub(crate) thumbprint: String,
    /// Null for a question (POST-as-GET).
    pub(crate) payload: Value,
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url without padding")
}

/// Reads a request; `key_of` has the keys of accounts.
pub(crate) fn read(body: &[u8], key_of: impl Fn(&str) -> Option<(Vec<u8>, String)>) -> Option<Signed> {
    let whole: Value = serde_json::from_slice(body).ok()?;
    let (protected, payload) = (whole["protected"].as_str()?, whole["payload"].as_str()?);
    let head: Value = serde_json::from_slice(&decode(protected)).ok()?;
    assert_eq!(head["alg"], "ES256");
    let account = head["kid"].as_str().map(str::to_owned);
    let (key, thumbprint) = match &account {
        Some(account) => key_of(account)?,
        None => {
            let (x, y) = (head["jwk"]["x"].as_str()?, head["jwk"]["y"].as_str()?);
            // RFC 7638 §3: the required members in order, without white space.
            let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
            let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, thumbprint.as_bytes()));
            ([vec![4], decode(x), decode(y)].concat(), thumbprint)
        }
    };
    let message = format!("{protected}.{payload}");
    let signature = decode(whole["signature"].as_str()?);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key).verify(message.as_bytes(), &signature).ok()?;
    let payload = match payload {
        "" => Value::Null,
        text => serde_json::from_slice(&decode(text)).ok()?,
    };
    Some(Signed {
        nonce: head["nonce"].as_str()?.to_owned(),
        url: head["url"].as_str()?.to_owned(),
        account,
        key,
        thumbprint,
        payload,
    })
}
