//! The grammar that the `_mta-sts` and `_smtp._tls` TXT records share: RFC 8461 §3.1, RFC 8460 §3.

use std::fmt;

use crate::excerpt::excerpt;

/// Longest field name in octets: `(ALPHA / DIGIT) *31(…)`. RFC 8461 §3.1, RFC 8460 §3.
pub(crate) const MAX_FIELD_NAME: usize = 32;

/// Where and how a record breaks its grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset in the joined text of the record.
    pub offset: usize,
    /// What is wrong.
    pub kind: Defect,
    /// A bounded, printable piece of the record from `offset` on.
    pub excerpt: String,
}

/// The ways in which a TXT record breaks the grammar of RFC 8461 §3.1 or RFC 8460 §3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Defect {
    /// Two semicolons with nothing between.
    EmptyField,
    /// A field without `=`.
    NoEquals,
    /// A blank before or after `=`.
    BlankAroundEquals,
    /// A blank inside a value.
    BlankInValue,
    /// Blanks at the end without a semicolon after the last field.
    TrailingBlank,
    /// Nothing before `=`.
    NameEmpty,
    /// A field name that does not begin with a letter or digit, or holds other characters than `_`, `-`, `.` besides.
    NameCharset,
    /// A field name of more than 32 octets.
    NameLength,
    /// Nothing after `=`.
    ValueEmpty,
    /// A character that values do not allow, such as a second `=`.
    ValueCharset,
    /// An octet above 127.
    NotAscii,
    /// A control character.
    Control,
    /// No `id` field.
    IdMissing,
    /// An id with other characters than letters and digits.
    IdCharset,
    /// An id of more than 32 characters.
    IdLength,
    /// No `rua` field.
    RuaMissing,
    /// A `rua` list with an empty place in it.
    RuaEmpty,
    /// A `rua` entry without a scheme such as `mailto:`.
    RuaScheme,
    /// A `rua` entry that is no URI by RFC 3986.
    RuaUri,
    /// A `mailto:` URI without a usable address (RFC 6068 §2).
    RuaMailto,
    /// An `https:` URI without a usable host or port (RFC 9110 §4.2.2).
    RuaHttps,
    /// Only schemes that no reporter uses.
    RuaNoneUsable,
}

impl SyntaxError {
    pub(crate) fn new(text: &[u8], offset: usize, kind: Defect) -> Self {
        Self { offset, kind, excerpt: excerpt(text, offset) }
    }
}

impl Defect {
    /// A stable name in lower snake case, for example `id_charset`.
    pub fn code(self) -> &'static str {
        match self {
            Self::EmptyField => "empty_field",
            Self::NoEquals => "no_equals",
            Self::BlankAroundEquals => "blank_around_equals",
            Self::BlankInValue => "blank_in_value",
            Self::TrailingBlank => "trailing_blank",
            Self::NameEmpty => "name_empty",
            Self::NameCharset => "name_charset",
            Self::NameLength => "name_length",
            Self::ValueEmpty => "value_empty",
            Self::ValueCharset => "value_charset",
            Self::NotAscii => "not_ascii",
            Self::Control => "control",
            Self::IdMissing => "id_missing",
            Self::IdCharset => "id_charset",
            Self::IdLength => "id_length",
            Self::RuaMissing => "rua_missing",
            Self::RuaEmpty => "rua_empty",
            Self::RuaScheme => "rua_scheme",
            Self::RuaUri => "rua_uri",
            Self::RuaMailto => "rua_mailto",
            Self::RuaHttps => "rua_https",
            Self::RuaNoneUsable => "rua_none_usable",
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyField => "there is an empty field between two semicolons",
            Self::NoEquals => "a field has no `=`",
            Self::BlankAroundEquals => "there must be no blank before or after `=`",
            Self::BlankInValue => "there is a blank inside a value",
            Self::TrailingBlank => "there are blanks after the last field",
            Self::NameEmpty => "a field has no name before `=`",
            Self::NameCharset => {
                "a field name must begin with a letter or digit and hold only letters, digits, `_`, `-` and `.`"
            }
            Self::NameLength => "a field name has more than 32 characters",
            Self::ValueEmpty => "a field has no value after `=`",
            Self::ValueCharset => "a value holds a character that is not allowed there",
            Self::NotAscii => "there is an octet outside ASCII",
            Self::Control => "there is a control character",
            Self::IdMissing => "there is no `id` field",
            Self::IdCharset => "the id may hold only letters and digits",
            Self::IdLength => "the id has more than 32 characters",
            Self::RuaMissing => "there is no `rua` field",
            Self::RuaEmpty => "the `rua` list has an empty place",
            Self::RuaScheme => "a `rua` address needs a scheme, such as `mailto:`",
            Self::RuaUri => "a `rua` address is not a valid URI",
            Self::RuaMailto => "a `mailto:` URI has no usable mail address",
            Self::RuaHttps => "an `https:` URI has no usable host or port",
            Self::RuaNoneUsable => "no `rua` address has a scheme that senders report to (`mailto:` or `https:`)",
        })
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at octet {}: `{}`)", self.kind, self.offset + 1, self.excerpt)
    }
}

impl std::error::Error for SyntaxError {}

pub(crate) const fn is_wsp(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// What the records of one lookup leave to read. RFC 8461 §3.1 and RFC 8460 §3 select in the same words.
pub(crate) enum Selected<'a> {
    None,
    One(&'a [u8]),
    Multiple(usize),
}

impl<'a> Selected<'a> {
    /// The one text that is left, if exactly one is.
    pub(crate) fn only(self) -> Option<&'a [u8]> {
        match self {
            Self::One(text) => Some(text),
            Self::None | Self::Multiple(_) => None,
        }
    }
}

/// Keeps the records that begin with `version` and a semicolon, exactly.
pub(crate) fn select<'a, T: AsRef<[u8]>>(texts: &'a [T], version: &[u8]) -> Selected<'a> {
    // RFC 8461 §3.1: "If multiple TXT records … are returned, records that do not begin with `v=STSv1;` are discarded":
    // a lone record is not, so blanks before its first semicolon are left to the grammar (erratum 6285, rule 7).
    if let [one] = texts {
        let rest = one.as_ref().strip_prefix(version).unwrap_or_default();
        let after_blanks = rest.iter().find(|b| !is_wsp(**b));
        return if after_blanks == Some(&b';') { Selected::One(one.as_ref()) } else { Selected::None };
    }
    let mut kept = texts.iter().map(AsRef::as_ref).filter(|text| begins(text, version));
    match (kept.next(), kept.count()) {
        (None, _) => Selected::None,
        (Some(one), 0) => Selected::One(one),
        (Some(_), more) => Selected::Multiple(more + 1),
    }
}

fn begins(text: &[u8], version: &[u8]) -> bool {
    text.strip_prefix(version).is_some_and(|rest| rest.first() == Some(&b';'))
}

/// One `name=value` of a record whose version has been read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) value_at: usize,
}

/// The fields of a record, strictly read: stops at the first defect of the structure. Values are left to the caller.
pub(crate) struct Fields<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// `text` begins with `version`, blanks and a semicolon, as [`select`] made sure.
    pub(crate) fn after_version(text: &'a [u8], version: &[u8]) -> Self {
        let at = text.iter().skip(version.len()).position(|b| *b == b';').unwrap_or(0);
        Self { text, at: version.len() + at + 1 }
    }

    fn error(&self, offset: usize, kind: Defect) -> SyntaxError {
        SyntaxError::new(self.text, offset, kind)
    }

    /// The next field; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Field<'a>>, SyntaxError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|b| is_wsp(**b)).count();
        let start = self.at + blanks;
        let body = self.text.get(start..).unwrap_or_default();
        if body.is_empty() {
            return Ok(None); // RFC 8461 §3.1: [sts-field-delim] at the end, with its blanks (rule 6)
        }
        let end = body.iter().position(|b| *b == b';');
        let raw = body.get(..end.unwrap_or(body.len())).unwrap_or_default();
        let trimmed = raw.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1);
        if trimmed == 0 {
            return Err(self.error(start, Defect::EmptyField)); // rule 11
        }
        if end.is_none() && trimmed < raw.len() {
            // Blanks belong to a delimiter; there is none here (rule 12).
            return Err(self.error(start + trimmed, Defect::TrailingBlank));
        }
        self.at = end.map_or(self.text.len(), |end| start + end + 1);
        self.field(raw.get(..trimmed).unwrap_or_default(), start).map(Some)
    }

    fn field(&self, raw: &'a [u8], start: usize) -> Result<Field<'a>, SyntaxError> {
        let Some(equals) = raw.iter().position(|b| *b == b'=') else {
            return Err(self.error(start, octet_defect(raw).unwrap_or(Defect::NoEquals)));
        };
        let (name, value) =
            (raw.get(..equals).unwrap_or_default(), raw.get(equals + 1..).unwrap_or_default());
        let value_at = start + equals + 1;
        if let Err((at, kind)) = check_name(name) {
            return Err(self.error(start + at, kind));
        }
        match value.first() {
            None => Err(self.error(value_at, Defect::ValueEmpty)),
            Some(b) if is_wsp(*b) => Err(self.error(value_at, Defect::BlankAroundEquals)),
            Some(_) => Ok(Field { name, value, value_at }),
        }
    }

    /// Checks a value by the rule for extensions, which later duplicates of known fields must fit as well.
    pub(crate) fn check_extension(&self, field: &Field<'_>) -> Result<(), SyntaxError> {
        // RFC 8461 §3.1: sts-ext-value = 1*(%x21-3A / %x3C / %x3E-7E) (rule 13)
        match field.value.iter().position(|b| !matches!(b, 0x21..=0x3a | 0x3c | 0x3e..=0x7e)) {
            None => Ok(()),
            Some(at) => {
                let kind = field.value.get(at..).and_then(octet_defect).unwrap_or(Defect::ValueCharset);
                Err(self.error(field.value_at + at, kind))
            }
        }
    }
}

/// RFC 8461 §3.1: sts-ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / "."). The error holds the offset.
pub(crate) fn check_name(name: &[u8]) -> Result<(), (usize, Defect)> {
    let Some(first) = name.first() else { return Err((0, Defect::NameEmpty)) };
    if name.last().is_some_and(|b| is_wsp(*b)) {
        let at = name.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1);
        return Err((at, Defect::BlankAroundEquals));
    }
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if let Some(at) = name.iter().position(|b| !allowed(b)) {
        let kind = name.get(at..at + 1).and_then(octet_defect).filter(|kind| *kind != Defect::BlankInValue);
        return Err((at, kind.unwrap_or(Defect::NameCharset)));
    }
    if !first.is_ascii_alphanumeric() {
        return Err((0, Defect::NameCharset));
    }
    if name.len() > MAX_FIELD_NAME { Err((0, Defect::NameLength)) } else { Ok(()) }
}

/// The defect of the first octet that no part of a record allows, if there is one.
pub(crate) fn octet_defect(bytes: &[u8]) -> Option<Defect> {
    bytes.iter().find_map(|b| match b {
        b' ' | b'\t' => Some(Defect::BlankInValue),
        0x80.. => Some(Defect::NotAscii),
        0..=0x1f | 0x7f => Some(Defect::Control),
        _ => None,
    })
}

/// ASCII octets as text; the caller has checked them.
pub(crate) fn ascii(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
