//! Distinguished names in words (RFC 4514).

use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// A name as RFC 4514 writes it: most specific part first.
pub(super) fn words(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> =
        name.iter().map(|rdn| rdn.iter().map(attribute).collect::<Vec<_>>().join("+")).collect();
    parts.reverse();
    parts.join(",")
}

/// The organisation, where there is one.
pub(super) fn organisation<'a>(name: &X509Name<'a>) -> Option<&'a str> {
    name.iter_organization().find_map(|attribute| attribute.as_str().ok())
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = attribute.attr_type();
    let kind = oid2abbrev(kind, oid_registry()).map_or_else(|_| kind.to_id_string(), str::to_owned);
    match attribute.as_str() {
        Ok(value) => format!("{kind}={}", escape(value)),
        // RFC 4514 §2.4: a value without string form is written in hexadecimal.
        Err(_) => {
            let octets: String = attribute.as_slice().iter().map(|octet| format!("{octet:02x}")).collect();
            format!("{kind}=#{octets}")
        }
    }
}

/// RFC 4514 §2.4.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, character) in value.chars().enumerate() {
        let special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (at == 0 && matches!(character, '#' | ' '))
            || (at == last && character == ' ');
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        for (value, expected) in [
            ("Example, Inc.", "Example\\, Inc."),
            ("#1", "\\#1"),
            (" a ", "\\ a\\ "),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(escape(value), expected);
        }
    }
}
