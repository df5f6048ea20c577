//! Cases of policies: an HTTPS answer in, a policy or the stage that refused it out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Answer, NotACase};
use crate::identity::dns_id_matches;
use crate::sts::{MAX_POLICY_OCTETS, PolicyText, inspect_policy, media_type};

/// The body of the answer.
enum Body {
    Octets(Vec<u8>),
    /// More than 64 KiB: never made, never read.
    TooLarge,
}

pub(super) fn judge(input: &Value) -> Result<Answer, NotACase> {
    let refused = |stage| Ok(Answer::new(&json!({"valid": false, "stage": stage}), Vec::new()));
    if input.get("tls").is_some_and(|tls| !certificate_is_good(tls)) {
        return refused("tls");
    }
    // RFC 8461 §3.3: only status 200 makes a policy valid, and redirects are not followed (rules 29 and 30).
    if input.get("status").and_then(Value::as_u64).unwrap_or(200) != 200 {
        return refused("fetch");
    }
    // RFC 8461 §3.2: the media type SHOULD be checked; named senders do, so the strict reader does (rule 32).
    if !media_type(content_type(input).as_deref().map(str::as_bytes)).is_text_plain() {
        return refused("fetch");
    }
    match body(input)? {
        Body::TooLarge => refused("fetch"),
        Body::Octets(body) => Ok(parse(&body)),
    }
}

fn parse(body: &[u8]) -> Answer {
    let (_, oddities) = inspect_policy(body);
    match PolicyText::read(body) {
        Ok(text) => {
            let policy = text.policy();
            let policy = json!({
                "version": "STSv1",
                "mode": policy.mode,
                "max_age": policy.max_age,
                "mx": policy.mx,
                "extensions": policy.extensions,
            });
            Answer::new(&json!({"valid": true, "policy": policy}), oddities)
        }
        Err(_) => Answer::new(&json!({"valid": false, "stage": "parse"}), oddities),
    }
}

// RFC 8461 §3.3, §7.1, §7.2: trusted, in time, SAN dNSName of the policy host, TLS 1.2 or newer (rules 24 to 27).
fn certificate_is_good(tls: &Value) -> bool {
    let flag = |key: &str, default| tls.get(key).and_then(Value::as_bool).unwrap_or(default);
    let old_tls = matches!(
        tls.get("tls_version").and_then(Value::as_str),
        Some("SSLv2" | "SSLv3" | "TLSv1" | "TLSv1.0" | "TLSv1.1")
    );
    let incomplete = matches!(tls.get("chain").and_then(Value::as_str), Some("leaf-only" | "incomplete"));
    let host = tls.get("policy_host").and_then(Value::as_str).unwrap_or_default();
    let names = tls.get("san_dns").or_else(|| tls.get("san")).and_then(Value::as_array);
    let named = names
        .is_none_or(|names| names.iter().filter_map(Value::as_str).any(|name| dns_id_matches(name, host)));
    flag("trusted", true)
        && !flag("expired", false)
        && !flag("not_yet_valid", false)
        && !old_tls
        && !incomplete
        && named
}

/// The `Content-Type`; several are joined as HTTP joins repeated fields, and are then no media type.
fn content_type(input: &Value) -> Option<String> {
    let headers = input.get("headers").and_then(Value::as_array)?;
    let values: Vec<&str> = headers
        .iter()
        .filter_map(|header| {
            let name = header.get(0)?.as_str()?;
            name.eq_ignore_ascii_case("content-type").then(|| header.get(1)?.as_str()).flatten()
        })
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn body(input: &Value) -> Result<Body, NotACase> {
    if let Some(parts) = input.get("body_gen") {
        return Ok(generated(parts));
    }
    let octets =
        match (input.get("body_b64").and_then(Value::as_str), input.get("body").and_then(Value::as_str)) {
            (Some(encoded), _) => STANDARD
                .decode(encoded)
                .map_err(|error| NotACase(format!("`body_b64` is no base64: {error}")))?,
            (None, Some(text)) => text.as_bytes().to_vec(),
            (None, None) => Vec::new(),
        };
    Ok(if octets.len() > MAX_POLICY_OCTETS { Body::TooLarge } else { Body::Octets(octets) })
}

fn generated(parts: &Value) -> Body {
    let text = |key: &str| parts.get(key).and_then(Value::as_str).unwrap_or_default();
    let (prefix, repeat, suffix) = (text("prefix"), text("repeat"), text("suffix"));
    let count = parts.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let size = count.and_then(|count| repeat.len().checked_mul(count)).map(|middle| {
        // The parts themselves come from a file in memory; their sum cannot overflow what is left.
        middle.saturating_add(prefix.len()).saturating_add(suffix.len())
    });
    match (size, count) {
        (Some(size), Some(count)) if size <= MAX_POLICY_OCTETS => {
            Body::Octets([prefix, &repeat.repeat(count), suffix].concat().into_bytes())
        }
        _ => Body::TooLarge,
    }
}
