//! A record as it is pasted: into a zone file, or as name, type and value into a form.

use std::fmt;

/// Longest character-string of a TXT record, in octets. RFC 1035 §3.3.
const MAX_STRING: usize = 255;

/// A DNS record to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRecord {
    /// The owner, without a final dot.
    pub name: String,
    /// Its type.
    pub rtype: RecordType,
    /// The value: of a TXT record the whole text without quotation marks, of a CNAME the target without a final dot.
    pub value: String,
    /// The time to live, in seconds.
    pub ttl: u32,
}

/// The types that are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordType {
    /// A text.
    Txt,
    /// An alias.
    Cname,
}

impl RecordType {
    /// Its mnemonic.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Txt => "TXT",
            Self::Cname => "CNAME",
        }
    }
}

impl fmt::Display for ZoneRecord {
    /// One line of a zone file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {} IN {}", self.name, self.ttl, self.rtype.as_str())?;
        match self.rtype {
            RecordType::Cname => write!(f, " {}.", self.value),
            // RFC 1035 §3.3.14: one or more character-strings; senders join them (RFC 8461 §3.1).
            RecordType::Txt => {
                strings(&self.value).iter().try_for_each(|string| write!(f, " \"{}\"", quoted(string)))
            }
        }
    }
}

/// The text as character-strings; these texts are ASCII.
fn strings(text: &str) -> Vec<String> {
    let mut strings = vec![String::new()];
    for c in text.chars() {
        if let Some(last) = strings.last_mut() {
            if last.len() + c.len_utf8() > MAX_STRING {
                strings.push(c.to_string());
            } else {
                last.push(c);
            }
        }
    }
    strings
}

/// RFC 1035 §5.1: a quotation mark and a backslash are escaped inside a quoted string.
fn quoted(string: &str) -> String {
    string.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txt(value: &str) -> String {
        let record =
            ZoneRecord { name: "a.example".into(), rtype: RecordType::Txt, value: value.into(), ttl: 60 };
        record.to_string()
    }

    #[test]
    fn lines_of_a_zone_file() {
        assert_eq!(txt("v=STSv1; id=1;"), "a.example. 60 IN TXT \"v=STSv1; id=1;\"");
        assert_eq!(txt("a\"b\\c"), "a.example. 60 IN TXT \"a\\\"b\\\\c\"");
        assert_eq!(txt(""), "a.example. 60 IN TXT \"\"");
        let long = txt(&"x".repeat(300));
        assert_eq!(long, format!("a.example. 60 IN TXT \"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
        let alias =
            ZoneRecord { name: "b".into(), rtype: RecordType::Cname, value: "c.example".into(), ttl: 60 };
        assert_eq!(alias.to_string(), "b. 60 IN CNAME c.example.");
    }
}
