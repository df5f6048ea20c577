//! Makes text from outside harmless: nothing that a terminal, an editor or a reader could take for more than text.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest text shown in one piece: more of a hostile megabyte helps nobody. JSON keeps the whole.
const LONGEST: usize = 2_000;

/// The text on one line: control characters (C0, DEL, C1), line ends, bidirectional and invisible characters as
/// visible escapes such as `\x1b` or `\u{202e}`; cut after a bound.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, LONGEST, |_| false)
}

/// The same for text of several lines: line feeds stay.
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    escape(text, LONGEST * 8, |c| c == '\n')
}

/// The visible form of one character, if it must not be shown as it is.
pub(crate) fn escaped(c: char) -> Option<String> {
    match c {
        '\n' => Some("\\n".to_owned()),
        '\r' => Some("\\r".to_owned()),
        '\t' => Some("\\t".to_owned()),
        c if c.is_control() && c.is_ascii() => Some(format!("\\x{:02x}", u32::from(c))),
        c if c.is_control() || is_deceptive(c) => Some(format!("\\u{{{:x}}}", u32::from(c))),
        _ => None,
    }
}

fn escape(text: &str, longest: usize, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let fits = text.len() <= longest;
    if fits && text.chars().all(|c| keep(c) || escaped(c).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().min(longest) + 16);
    for (at, c) in text.char_indices() {
        if at >= longest {
            // Formatting into a String cannot fail.
            let _ = write!(shown, "… ({} octets in all)", text.len());
            break;
        }
        match escaped(c) {
            Some(form) if !keep(c) => shown.push_str(&form),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Characters that change how others are shown, or are not shown at all: bidirectional controls, zero-width
/// characters, line and paragraph separators, tags, fillers, private use.
const fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Text inside Markdown: nothing in it is markup.
pub(crate) fn markdown(text: &str) -> String {
    let mut shown = String::new();
    for c in visible(text).chars() {
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '('
                | ')'
                | '#'
                | '|'
                | '~'
                | '&'
                | '!'
        ) {
            shown.push('\\');
        }
        shown.push(c);
    }
    lifeless(&shown)
}

/// Where others see a link or a person to call in plain text: `@name`, `scheme://`, `www.`.
const ALIVE: [(&str, &str); 3] = [("@", "@<!-- -->"), ("://", ":<!-- -->//"), ("www.", "www<!-- -->.")];

/// A comment, which nobody sees, stands in what would call people or become a link by itself.
fn lifeless(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut shown = String::new();
    let mut at = 0;
    while let Some(rest) = lower.get(at..) {
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        match ALIVE.iter().find(|(sign, _)| rest.starts_with(sign)) {
            Some((sign, broken)) => {
                // The letters stay as they were written.
                let (head, tail) = broken.split_at(broken.find('<').unwrap_or(0));
                shown.push_str(text.get(at..at + head.len()).unwrap_or(head));
                shown.push_str(tail);
                at += sign.len();
            }
            None => {
                shown.push(c);
                at += c.len_utf8();
            }
        }
    }
    shown
}

/// A fenced block of Markdown that its content cannot end.
pub(crate) fn fenced(text: &str) -> String {
    let shown = visible_lines(text);
    let mut longest = 0;
    let mut run = 0;
    for c in shown.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{}\n{fence}", shown.trim_end_matches('\n'))
}

/// Text inside HTML or XML, in element content or a quoted attribute.
pub(crate) fn html(text: &str) -> String {
    let mut shown = String::new();
    for c in visible_lines(text).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            // XML 1.0 has no place for these two, not even escaped.
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_text_becomes_visible() {
        for (text, shown) in [
            ("plain ä 日本", "plain ä 日本"),
            ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("moc.\u{202e}live", "moc.\\u{202e}live"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("\u{7f}", "\\x7f"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(visible_lines("a\nb\x1bc"), "a\nb\\x1bc");
        assert!(visible(&"x".repeat(1 << 20)).len() < LONGEST + 64);
    }

    #[test]
    fn markup_of_others_stays_text() {
        assert_eq!(html("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
        assert_eq!(markdown("[x](y) <b> `z` |"), "\\[x\\]\\(y\\) \\<b\\> \\`z\\` \\|");
        assert_eq!(
            markdown("@root WWW.a.example https://b.example ä"),
            "@<!-- -->root WWW<!-- -->.a.example https:<!-- -->//b.example ä"
        );
        assert_eq!(fenced("a```b"), "````text\na```b\n````");
    }

    proptest! {
        #[test]
        fn no_control_character_survives(text in any::<String>()) {
            prop_assert!(visible(&text).chars().all(|c| escaped(c).is_none()));
            prop_assert!(visible_lines(&text).chars().all(|c| c == '\n' || escaped(c).is_none()));
            prop_assert!(!html(&text).contains(['<', '>', '"', '\x1b']));
        }
    }
}
