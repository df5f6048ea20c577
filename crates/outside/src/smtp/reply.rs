//! Replies of an SMTP server (RFC 5321 §4.2). Pure.

use protocol::observed::{Octets, Reply};

/// Lines of one reply taken. An EHLO answer has about twenty.
pub(crate) const MAX_LINES: usize = 100;
/// Octets of one line taken; RFC 5321 §4.5.3.1.5 says 512.
pub(crate) const MAX_LINE: usize = 4096;
/// Octets of one reply taken.
pub(crate) const MAX_REPLY: usize = 64 * 1024;

/// What the octets that came so far amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The reply is not complete.
    Unfinished,
    /// A whole reply, and how many octets it took.
    Complete(Reply, usize),
    /// No reply will come of this, in words that follow "the server".
    Fault(String),
}

/// Reads one reply from the beginning of `octets`.
pub(crate) fn read(octets: &[u8]) -> Progress {
    let mut lines = Vec::new();
    let mut taken = 0;
    loop {
        let rest = octets.get(taken..).unwrap_or_default();
        let Some(end) = rest.iter().position(|octet| *octet == b'\n') else {
            return if rest.len() > MAX_LINE {
                Progress::Fault(format!("sent a line of more than {MAX_LINE} octets"))
            } else if octets.len() > MAX_REPLY {
                Progress::Fault(format!("sent a reply of more than {MAX_REPLY} octets"))
            } else {
                Progress::Unfinished
            };
        };
        taken += end + 1;
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if end > MAX_LINE || taken > MAX_REPLY {
            return Progress::Fault(format!("sent a line or reply of more than {MAX_LINE} octets"));
        }
        // RFC 5321 §4.2: Reply-line = code [ "-" / SP text ] CRLF.
        let (code, more, text) = match line {
            [a @ b'2'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', tail @ ..] => {
                let code = [*a, *b, *c].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
                match tail {
                    [] => (code, false, tail),
                    [b' ', text @ ..] => (code, false, text),
                    [b'-', text @ ..] => (code, true, text),
                    _ => return not_smtp(line),
                }
            }
            _ => return not_smtp(line),
        };
        lines.push(Octets::from(text));
        if !more {
            return Progress::Complete(Reply { code, lines }, taken);
        }
        if lines.len() >= MAX_LINES {
            return Progress::Fault(format!("sent a reply of more than {MAX_LINES} lines"));
        }
    }
}

fn not_smtp(line: &[u8]) -> Progress {
    let shown = line.get(..line.len().min(60)).unwrap_or_default();
    Progress::Fault(format!("sent a line that is no SMTP reply: \"{}\"", shown.escape_ascii()))
}

/// Whether an EHLO answer offers `keyword`; the first line is the greeting (RFC 5321 §4.1.1.1).
pub(crate) fn offers(ehlo: &Reply, keyword: &str) -> bool {
    ehlo.lines.iter().skip(1).any(|line| {
        let word = line.as_slice().split(|octet| matches!(octet, b' ' | b'\t')).next();
        word.is_some_and(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn complete(text: &str) -> (u16, Vec<String>, usize) {
        match read(text.as_bytes()) {
            Progress::Complete(reply, taken) => {
                (reply.code, reply.lines.iter().map(Octets::lossy).collect(), taken)
            }
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn reads_replies() {
        assert_eq!(complete("220 ready\r\n"), (220, vec!["ready".to_owned()], 11));
        assert_eq!(complete("250-a\r\n250-b c\r\n250 d\r\nrest").1, ["a", "b c", "d"]);
        assert_eq!(complete("250\r\n"), (250, vec![String::new()], 5));
        assert_eq!(complete("220 bare line feed\n").0, 220);
    }

    #[test]
    fn leaves_what_comes_after_the_reply() {
        assert_eq!(complete("220 go\r\n250 injected\r\n").2, 8);
    }

    #[test]
    fn refuses_what_is_no_reply() {
        for text in
            ["HTTP/1.1 400 Bad Request\r\n", "22\r\n", "220x\r\n", "999 no\r\n", "\r\n", "\u{1b}[2J\r\n"]
        {
            assert!(matches!(read(text.as_bytes()), Progress::Fault(_)), "{text:?}");
        }
    }

    #[test]
    fn stops_at_its_bounds() {
        assert!(matches!(read("250-x\r\n".repeat(MAX_LINES).as_bytes()), Progress::Fault(_)));
        assert!(matches!(read(&vec![b'2'; MAX_LINE + 1]), Progress::Fault(_)));
        assert_eq!(read(b"250-x\r\n250-y"), Progress::Unfinished);
        assert_eq!(read(b""), Progress::Unfinished);
    }

    #[test]
    fn finds_keywords() {
        let Progress::Complete(ehlo, _) = read(b"250-STARTTLS greets you\r\n250-SIZE 1\r\n250 starttls\r\n")
        else {
            panic!()
        };
        assert!(offers(&ehlo, "STARTTLS") && offers(&ehlo, "SIZE") && !offers(&ehlo, "PIPELINING"));
        let Progress::Complete(bare, _) = read(b"250 STARTTLS\r\n") else { panic!() };
        assert!(!offers(&bare, "STARTTLS"), "the first line is the greeting");
    }

    proptest! {
        #[test]
        fn more_octets_never_change_a_finished_reply(octets: Vec<u8>, more: Vec<u8>) {
            let first = read(&octets);
            if let Progress::Complete(_, taken) = &first {
                prop_assert!(*taken <= octets.len());
                let longer: Vec<u8> = octets.iter().chain(&more).copied().collect();
                prop_assert_eq!(read(&longer), first);
            }
        }
    }
}
