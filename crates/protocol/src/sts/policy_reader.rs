//! The grammar of a policy, strictly read. RFC 8461 §3.2.

use super::policy::{MAX_AGE_LIMIT, MAX_POLICY_OCTETS, Mode, Policy};
use super::policy_defect::{PolicyDefect, PolicyError};
use crate::MxPattern;
use crate::extensions::Extensions;
use crate::record_grammar::{Defect, check_name, is_wsp};

/// Most digits of a `max_age`. RFC 8461 §3.2: `1*10(DIGIT)`.
const MAX_AGE_DIGITS: usize = 10;

/// How to meet the two slips that senders treat differently and that cost the owner protection if refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// Both are defects.
    Strict,
    /// Blank lines are skipped, `max_age` is clamped.
    Daemon,
}

/// Reads a policy; the text comes back as the caller's octets in their checked form.
pub(super) fn read(bytes: &[u8], tolerance: Tolerance) -> Result<(&str, Policy), PolicyError> {
    let fail = |offset, defect| Err(PolicyError::new(bytes, offset, defect));
    if bytes.len() > MAX_POLICY_OCTETS {
        return fail(MAX_POLICY_OCTETS, PolicyDefect::TooLarge);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return fail(0, PolicyDefect::ByteOrderMark);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return fail(error.valid_up_to(), PolicyDefect::NotUtf8),
    };
    if bytes.iter().all(|b| is_wsp(*b) || matches!(b, b'\r' | b'\n')) {
        return fail(0, PolicyDefect::Empty);
    }
    let mut draft = Draft::default();
    for line in Lines(text, 0) {
        let (line, at) = line;
        if line.bytes().all(|b| is_wsp(b) || (b == b'\r' && tolerance == Tolerance::Daemon)) {
            // RFC 8461 §3.2: every line is a field; there are no empty ones in the grammar (rule 44).
            match tolerance {
                Tolerance::Strict => return fail(at, PolicyDefect::BlankLine),
                Tolerance::Daemon => continue,
            }
        }
        draft
            .take(line, at, tolerance)
            .map_err(|(offset, defect)| PolicyError::new(bytes, offset, defect))?;
    }
    draft.finish().map(|policy| (text, policy)).or_else(|defect| fail(bytes.len(), defect))
}

/// Lines without their terminator, LF or CRLF, mixed as they come, the last one optional (rule 42, erratum 6253).
struct Lines<'a>(&'a str, usize);

impl<'a> Iterator for Lines<'a> {
    type Item = (&'a str, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (rest, at) = (self.0, self.1);
        if rest.is_empty() {
            return None;
        }
        match rest.split_once('\n') {
            Some((line, after)) => {
                (self.0, self.1) = (after, at + line.len() + 1);
                Some((line.strip_suffix('\r').unwrap_or(line), at))
            }
            None => {
                self.0 = "";
                Some((rest, at))
            }
        }
    }
}

#[derive(Default)]
struct Draft {
    version: bool,
    mode: Option<Mode>,
    max_age: Option<u64>,
    mx: Vec<MxPattern>,
    extensions: Extensions,
}

impl Draft {
    fn take(&mut self, line: &str, at: usize, tolerance: Tolerance) -> Result<(), (usize, PolicyDefect)> {
        let (name, value, value_at) = split(line, at)?;
        // Rule 57: names are case-sensitive. Rule 58: the first of version, mode and max_age counts (RFC 8461 §3.2, last
        // paragraph); a later one must still fit the grammar, as an extension.
        match name {
            "version" if !self.version => match value {
                "STSv1" => self.version = true, // rule 46
                _ => return Err((value_at, PolicyDefect::VersionValue)),
            },
            "mode" if self.mode.is_none() => match value.parse() {
                Ok(mode) => self.mode = Some(mode),
                Err(_) => return Err((value_at, PolicyDefect::ModeValue)),
            },
            "max_age" if self.max_age.is_none() => {
                self.max_age = Some(max_age(value, tolerance).map_err(|defect| (value_at, defect))?);
            }
            "mx" => match MxPattern::parse(value) {
                Ok(pattern) => self.mx.push(pattern),
                Err(error) => return Err((value_at + error.offset, PolicyDefect::MxValue(error.fault))),
            },
            "version" | "mode" | "max_age" => {}
            _ => self.extensions.push(name, value),
        }
        Ok(())
    }

    fn finish(self) -> Result<Policy, PolicyDefect> {
        if !self.version {
            return Err(PolicyDefect::VersionMissing);
        }
        let mode = self.mode.ok_or(PolicyDefect::ModeMissing)?;
        let max_age = self.max_age.ok_or(PolicyDefect::MaxAgeMissing)?;
        // RFC 8461 §3.2: at least one mx unless the mode is none (rule 51)
        if self.mx.is_empty() && mode != Mode::None {
            return Err(PolicyDefect::MxMissing);
        }
        Ok(Policy { mode, max_age, mx: self.mx, extensions: self.extensions.into_fields() })
    }
}

// RFC 8461 §3.2: name ":" *WSP value *WSP (rules 42, 45, 59)
fn split(line: &str, at: usize) -> Result<(&str, &str, usize), (usize, PolicyDefect)> {
    if let Some(offset) = line.bytes().position(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
        let stray = line.as_bytes().get(offset) == Some(&b'\r');
        return Err((
            at + offset,
            if stray { PolicyDefect::StrayCarriageReturn } else { PolicyDefect::Control },
        ));
    }
    if line.starts_with([' ', '\t']) {
        return Err((at, PolicyDefect::LeadingBlank));
    }
    let Some((name, rest)) = line.split_once(':') else { return Err((at, PolicyDefect::NoColon)) };
    if let Err((offset, defect)) = check_name(name.as_bytes()) {
        let defect = match defect {
            Defect::BlankAroundEquals => PolicyDefect::BlankBeforeColon,
            Defect::NameEmpty => PolicyDefect::NameEmpty,
            Defect::NameLength => PolicyDefect::NameLength,
            _ => PolicyDefect::NameCharset,
        };
        return Err((at + offset, defect));
    }
    let value = rest.trim_start_matches([' ', '\t']);
    let value_at = at + line.len() - value.len();
    let value = value.trim_end_matches([' ', '\t']);
    if value.is_empty() {
        return Err((value_at, PolicyDefect::ValueEmpty));
    }
    match value.find('\t') {
        Some(tab) => Err((value_at + tab, PolicyDefect::Control)),
        None => Ok((name, value, value_at)),
    }
}

// RFC 8461 §3.2: 1*10(DIGIT), decimal, at most 31557600 (rules 48 and 49)
fn max_age(value: &str, tolerance: Tolerance) -> Result<u64, PolicyDefect> {
    if value.len() > MAX_AGE_DIGITS || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PolicyDefect::MaxAgeValue);
    }
    match value.parse::<u64>() {
        Ok(seconds) if seconds <= MAX_AGE_LIMIT => Ok(seconds),
        Ok(_) if tolerance == Tolerance::Daemon => Ok(MAX_AGE_LIMIT),
        Ok(_) => Err(PolicyDefect::MaxAgeTooLarge),
        Err(_) => Err(PolicyDefect::MaxAgeValue),
    }
}

#[cfg(test)]
mod tests;
