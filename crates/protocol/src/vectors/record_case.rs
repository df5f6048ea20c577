//! Cases of TXT records: a DNS answer in, a record or the reason for none out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Answer, NotACase};
use crate::{Oddity, SyntaxError, sts, tlsrpt};

/// What the lookup gave.
enum Lookup {
    /// The records, with their strings joined.
    Records(Vec<Vec<u8>>),
    /// The state is unknown.
    Failed,
}

enum Refused {
    None,
    Multiple,
    Syntax,
}

pub(super) fn sts(input: &Value) -> Result<Answer, NotACase> {
    let Lookup::Records(texts) = lookup(input)? else { return Ok(dns_error()) };
    let oddities = only(&texts, sts::selected_record(&texts))
        .map(|text| sts::inspect_record(text).1)
        .unwrap_or_default();
    Ok(match sts::read_records(&texts) {
        Ok(record) => {
            let fields = json!({"v": "STSv1", "id": record.id});
            valid(&fields, &record.extensions, oddities)
        }
        Err(sts::RecordError::None) => invalid(Refused::None, oddities),
        Err(sts::RecordError::Multiple { .. }) => invalid(Refused::Multiple, oddities),
        Err(sts::RecordError::Syntax(SyntaxError { .. })) => invalid(Refused::Syntax, oddities),
    })
}

pub(super) fn tlsrpt(input: &Value) -> Result<Answer, NotACase> {
    let Lookup::Records(texts) = lookup(input)? else { return Ok(dns_error()) };
    let oddities = only(&texts, tlsrpt::selected_record(&texts))
        .map(|text| tlsrpt::inspect_record(text).1)
        .unwrap_or_default();
    Ok(match tlsrpt::read_records(&texts) {
        Ok(record) => {
            let rua: Vec<_> = record.rua.iter().map(tlsrpt::Rua::as_str).collect();
            let fields = json!({"v": "TLSRPTv1", "rua": rua});
            valid(&fields, &record.extensions, oddities)
        }
        Err(tlsrpt::RecordError::None) => invalid(Refused::None, oddities),
        Err(tlsrpt::RecordError::Multiple { .. }) => invalid(Refused::Multiple, oddities),
        Err(tlsrpt::RecordError::Syntax(SyntaxError { .. })) => invalid(Refused::Syntax, oddities),
    })
}

fn valid(fields: &Value, extensions: &[(String, String)], oddities: Vec<Oddity>) -> Answer {
    Answer::new(&json!({"valid": true, "fields": fields, "extensions": extensions}), oddities)
}

fn invalid(refused: Refused, oddities: Vec<Oddity>) -> Answer {
    let outcome = match refused {
        Refused::None => "none",
        Refused::Multiple => "multiple",
        Refused::Syntax => "syntax",
    };
    Answer::new(&json!({"valid": false, "outcome": outcome}), oddities)
}

fn dns_error() -> Answer {
    Answer::new(&json!({"valid": false, "outcome": "dns-error"}), Vec::new())
}

/// The text that is worth inspecting: the one that is read, or the only one there is.
fn only<'a>(texts: &'a [Vec<u8>], selected: Option<&'a [u8]>) -> Option<&'a [u8]> {
    match texts {
        [one] => Some(one),
        _ => selected,
    }
}

fn lookup(input: &Value) -> Result<Lookup, NotACase> {
    // Rule 16: no such name and no such data mean that there is no record; anything else means that nobody knows.
    match input.get("rcode").and_then(Value::as_str) {
        None | Some("NOERROR") => {}
        Some("NXDOMAIN" | "NODATA") => return Ok(Lookup::Records(Vec::new())),
        Some(_) => return Ok(Lookup::Failed),
    }
    if let Some(records) = input.get("rrs_b64").and_then(Value::as_array) {
        return records
            .iter()
            .map(|strings| join(strings, decode))
            .collect::<Result<_, _>>()
            .map(Lookup::Records);
    }
    let Some(records) = input.get("rrs").and_then(Value::as_array) else {
        return Err(NotACase("the input has neither `rrs` nor `rrs_b64`".to_owned()));
    };
    let plain = |string: &str| Ok(string.as_bytes().to_vec());
    records.iter().map(|strings| join(strings, plain)).collect::<Result<_, _>>().map(Lookup::Records)
}

fn decode(string: &str) -> Result<Vec<u8>, NotACase> {
    STANDARD.decode(string).map_err(|error| NotACase(format!("`rrs_b64` holds no base64: {error}")))
}

/// RFC 8461 §3.1: the character-strings of one record are joined with nothing between (rule 2).
fn join(strings: &Value, octets: impl Fn(&str) -> Result<Vec<u8>, NotACase>) -> Result<Vec<u8>, NotACase> {
    let wrong = || NotACase("a record is a list of strings".to_owned());
    let strings = strings.as_array().ok_or_else(wrong)?;
    let mut joined = Vec::new();
    for string in strings {
        joined.extend(octets(string.as_str().ok_or_else(wrong)?)?);
    }
    Ok(joined)
}
