//! The values of a policy's fields, and what was probably meant by them.

use super::fields::LooseField;
use crate::odd_octets::odd_octet;
use crate::oddity::{Oddities, Oddity, Weight};
use crate::sts::{MAX_AGE_LIMIT, Mode};
use crate::{MxPattern, MxPatternFault};

/// The value without what people put around words: quotation marks, semicolons, commas, invisible characters.
fn bare(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let kept = text.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | ';' | ','));
    kept.collect::<String>().to_ascii_lowercase()
}

// Rule 46.
pub(super) fn version(field: &LooseField<'_>, oddities: &mut Oddities) {
    if field.value == b"STSv1" {
        return;
    }
    let words = "The version must be `STSv1`, in this spelling.";
    let mut oddity = Oddity::new("version_value", Weight::Breaks, field.value_span.clone(), words);
    oddity.mend = (bare(field.value) == "stsv1").then(|| "STSv1".to_owned());
    oddities.push(oddity);
}

// Rule 47.
pub(super) fn mode(field: &LooseField<'_>, oddities: &mut Oddities) {
    if std::str::from_utf8(field.value).is_ok_and(|value| value.parse::<Mode>().is_ok()) {
        return;
    }
    let bare = bare(field.value);
    let (code, words, mend) = match bare.as_str() {
        "report" => (
            "mode_report",
            "`report` comes from an early draft; the mode is now called `testing`.",
            Some("testing"),
        ),
        "enforced" => ("mode_value", "`enforced` is no mode; did you mean `enforce`?", Some("enforce")),
        "enforcing" => ("mode_value", "`enforcing` is no mode; did you mean `enforce`?", Some("enforce")),
        "test" => ("mode_value", "`test` is no mode; did you mean `testing`?", Some("testing")),
        "enforce" => ("mode_value", "The mode must be written `enforce`.", Some("enforce")),
        "testing" => ("mode_value", "The mode must be written `testing`.", Some("testing")),
        "none" => ("mode_value", "The mode must be written `none`.", Some("none")),
        _ => ("mode_value", "The mode must be `enforce`, `testing` or `none`, in lower case.", None),
    };
    let mut oddity = Oddity::new(code, Weight::Breaks, field.value_span.clone(), words);
    oddity.mend = mend.map(str::to_owned);
    oddities.push(oddity);
}

// Rules 48 and 49.
pub(super) fn max_age(field: &LooseField<'_>, oddities: &mut Oddities) {
    let all_digits = field.value.iter().all(u8::is_ascii_digit);
    let number = if all_digits { number(&String::from_utf8_lossy(field.value)) } else { None };
    let limit = MAX_AGE_LIMIT.to_string();
    let span = field.value_span.clone();
    if all_digits && field.value.len() <= 10 {
        if number.is_some_and(|seconds| seconds > MAX_AGE_LIMIT) {
            let words = format!(
                "max_age is above {MAX_AGE_LIMIT} seconds (one year): some senders refuse the policy."
            );
            oddities.push(Oddity::new("max_age_too_large", Weight::Disputed, span, words).mended_by(limit));
        }
        return;
    }
    let words = "max_age must be a number of seconds: 1 to 10 digits and nothing else.";
    let mut oddity = Oddity::new("max_age_value", Weight::Breaks, span, words);
    oddity.mend =
        if all_digits { Some(limit) } else { seconds(field.value).map(|seconds| seconds.to_string()) };
    oddities.push(oddity);
}

/// `7d`, `"604800"`, `604,800`, `604800.0`, `+604800`, `604800 # a week` in seconds.
fn seconds(value: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(value);
    let text = bare(text.split(['#', '(']).next()?.as_bytes()).replace('_', "");
    let text = text.strip_prefix('+').unwrap_or(&text);
    let text = text.strip_suffix(".0").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at_checked(digits)?;
    let factor = match unit {
        "" | "s" | "sec" | "seconds" => 1,
        "m" | "min" | "minutes" => 60,
        "h" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    number(digits)?.checked_mul(factor).map(|seconds| seconds.min(MAX_AGE_LIMIT))
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// The pattern, if it is one. Rules 52 to 55.
pub(super) fn mx(field: &LooseField<'_>, oddities: &mut Oddities) -> Option<MxPattern> {
    let text = String::from_utf8_lossy(field.value);
    let span = field.value_span.clone();
    let error = match MxPattern::parse(&text) {
        Ok(pattern) => {
            disputed_pattern(&pattern, field, oddities);
            return Some(pattern);
        }
        Err(error) => error,
    };
    if !text.is_ascii() && odd_octets(field, oddities) {
        return None;
    }
    // Rule 53: some senders take off the final dot.
    let weight = match error.fault {
        MxPatternFault::TrailingDot if !error.mend.is_empty() => Weight::Disputed,
        _ => Weight::Breaks,
    };
    let words = format!("`{}` is no MX pattern: {}.", error.excerpt, error.fault);
    let mut oddity = Oddity::new(error.fault.code(), weight, span, words);
    oddity.mend = (!error.mend.is_empty()).then(|| error.mend.join("\nmx: "));
    oddities.push(oddity);
    None
}

fn disputed_pattern(pattern: &MxPattern, field: &LooseField<'_>, oddities: &mut Oddities) {
    let mut say =
        |code, words| oddities.push(Oddity::new(code, Weight::Disputed, field.value_span.clone(), words));
    if pattern.never_matches() {
        say(
            "mx_address",
            "This is an address or ends in a number: no MX host matches it, and some senders refuse the policy.",
        );
    }
    // RFC 5890 §2.3.1: hyphens in 3rd and 4th place are reserved.
    let reserved = |label: &str| {
        label.get(2..4) == Some("--") && !label.get(..2).is_some_and(|front| front.eq_ignore_ascii_case("xn"))
    };
    if pattern.base().split('.').any(reserved) {
        say("mx_reserved_label", "A label has hyphens in third and fourth place, which some senders refuse.");
    }
}

/// Notes odd characters that have a mend; tells whether there were any.
fn odd_octets(field: &LooseField<'_>, oddities: &mut Oddities) -> bool {
    let mut found = false;
    let mut at = 0;
    while at < field.value.len() {
        let odd = odd_octet(field.value, at);
        let len = odd.as_ref().map_or(1, |odd| odd.len);
        if let Some(odd) = odd.filter(|odd| odd.mend.is_some()) {
            let start = field.value_span.start + at;
            let words = format!("There is {} in the value; take it out.", odd.name);
            let mut oddity = Oddity::new(odd.code, Weight::Breaks, start..start + len, words);
            oddity.mend = odd.mend;
            oddities.push(oddity);
            found = true;
        }
        at += len;
    }
    found
}

/// Values of unknown fields and of later duplicates. Rules 59 and 60.
pub(super) fn free_text(field: &LooseField<'_>, oddities: &mut Oddities) {
    let mut at = field.value_span.start;
    for chunk in field.value.utf8_chunks() {
        for c in chunk.valid().chars() {
            let span = at..at + c.len_utf8();
            at = span.end;
            match c {
                '\t' => {
                    let words = "There is a tab inside the value; only spaces may stand there.";
                    oddities.push(Oddity::new("tab", Weight::Breaks, span, words).mended_by(" "));
                }
                c if c.is_ascii_control() => {
                    let words = "There is a control character in the value; take it out.";
                    oddities.push(Oddity::new("control", Weight::Breaks, span, words).mended_by(""));
                }
                '\u{80}'..='\u{9f}' => {
                    let words = "There is a control character in the value, which some senders refuse.";
                    oddities.push(Oddity::new("c1_control", Weight::Disputed, span, words).mended_by(""));
                }
                _ => {}
            }
        }
        for octet in chunk.invalid() {
            let words = format!("The octet {octet:#04x} is not UTF-8; it looks like Latin-1.");
            // Some senders replace such octets, others refuse the policy.
            let oddity = Oddity::new("not_utf8", Weight::Disputed, at..at + 1, words);
            oddities.push(oddity.mended_by(char::from(*octet).to_string()));
            at += 1;
        }
    }
}
