//! Judging test cases written as JSON: what do our readers say to this record, policy or pattern? The shapes of cases and
//! answers are described in the README of the repository's `vectors` folder.

use std::str::FromStr;

use serde_json::{Map, Value, json};

use crate::{MxPattern, Oddity};

mod comparison;
mod policy_case;
mod record_case;

pub use comparison::differences;

/// What a file of cases is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `_mta-sts` TXT records.
    Sts,
    /// `_smtp._tls` TXT records.
    Tlsrpt,
    /// Policies as they are fetched.
    Policy,
    /// MX patterns and hosts.
    Mx,
}

/// A word that is no [`Kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the kinds of cases are `sts`, `tlsrpt`, `policy` and `mx`")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        match word {
            "sts" => Ok(Self::Sts),
            "tlsrpt" => Ok(Self::Tlsrpt),
            "policy" => Ok(Self::Policy),
            "mx" => Ok(Self::Mx),
            _ => Err(UnknownKind),
        }
    }
}

/// Our answer to one case. A case that cannot be understood is answered with `valid: false` and an `error`.
pub fn judge_case(kind: Kind, case: &Value) -> Value {
    let empty = Value::Null;
    let input = case.get("input").unwrap_or(&empty);
    let answer = match kind {
        Kind::Sts => record_case::sts(input),
        Kind::Tlsrpt => record_case::tlsrpt(input),
        Kind::Policy => policy_case::judge(input),
        Kind::Mx => mx(input),
    };
    let mut out = Map::new();
    out.insert("id".to_owned(), case.get("id").cloned().unwrap_or(Value::Null));
    match answer {
        Ok(Answer { fields, oddities }) => {
            out.extend(fields);
            out.insert("oddities".to_owned(), oddities.iter().map(oddity_json).collect());
        }
        Err(NotACase(error)) => {
            out.insert("valid".to_owned(), Value::Bool(false));
            out.insert("error".to_owned(), Value::String(error));
            out.insert("oddities".to_owned(), Value::Array(Vec::new()));
        }
    }
    Value::Object(out)
}

/// The parts of an answer.
struct Answer {
    fields: Map<String, Value>,
    oddities: Vec<Oddity>,
}

/// Why a case cannot be understood.
struct NotACase(String);

impl Answer {
    fn new(fields: &Value, oddities: Vec<Oddity>) -> Self {
        Self { fields: fields.as_object().cloned().unwrap_or_default(), oddities }
    }
}

fn oddity_json(oddity: &Oddity) -> Value {
    serde_json::to_value(oddity).unwrap_or(Value::Null)
}

fn text<'a>(input: &'a Value, key: &str) -> Result<&'a str, NotACase> {
    input.get(key).and_then(Value::as_str).ok_or_else(|| NotACase(format!("the input has no `{key}`")))
}

fn mx(input: &Value) -> Result<Answer, NotACase> {
    let (raw, host) = (text(input, "pattern")?, text(input, "host")?);
    // The reader of a policy takes off the blanks around a value before it is a pattern.
    let pattern = raw.trim_matches([' ', '\t']);
    let front = raw.len() - raw.trim_start_matches([' ', '\t']).len();
    match MxPattern::parse(pattern) {
        Ok(parsed) => Ok(Answer::new(&json!({"valid": true, "match": parsed.matches(host)}), Vec::new())),
        Err(error) => {
            let mut oddity = Oddity::new(
                error.fault.code(),
                crate::Weight::Breaks,
                front..front + pattern.len(),
                error.to_string(),
            );
            oddity.mend = (error.mend.len() == 1).then(|| error.mend.concat());
            Ok(Answer::new(&json!({"valid": false, "match": false}), vec![oddity]))
        }
    }
}
