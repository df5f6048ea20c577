//! Names in wire form, lower case: what questions are compared with.

/// The longest name in wire form (RFC 1035 §2.3.4).
pub(super) const MAX_WIRE: usize = 255;

/// The longest label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// A name as people write it in wire form, lower case. `None` for what is no name of letters, digits, hyphens and
/// underscores: others are not hosted.
pub(super) fn wire(text: &str) -> Option<Box<[u8]>> {
    let mut wire = Vec::with_capacity(text.len() + 2);
    for label in text.strip_suffix('.').unwrap_or(text).split('.') {
        if label.is_empty() || label.len() > MAX_LABEL || !label.bytes().all(is_plain) {
            return None;
        }
        wire.push(u8::try_from(label.len()).ok()?);
        wire.extend(label.bytes().map(|octet| octet.to_ascii_lowercase()));
    }
    wire.push(0);
    (wire.len() <= MAX_WIRE).then(|| wire.into())
}

/// Octets that stand for themselves in the text of a name, so that one text is one name.
pub(super) const fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_'
}

/// A name of a question: wire form, lower case, never compressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a>(&'a [u8]);

impl<'a> Asked<'a> {
    /// Of octets that are known to be such a name.
    pub(super) const fn of(wire: &'a [u8]) -> Self {
        Self(wire)
    }

    pub(super) const fn wire(self) -> &'a [u8] {
        self.0
    }

    /// The left-most label and the name without it; `None` at the root.
    pub(super) fn split(self) -> Option<(&'a [u8], Self)> {
        let (length, rest) = self.0.split_first()?;
        let length = usize::from(*length);
        if length == 0 {
            return None;
        }
        rest.split_at_checked(length).map(|(label, rest)| (label, Self(rest)))
    }

    /// How many labels there are, the root's not counted (RFC 4034 §3.1.3).
    pub(super) fn labels(self) -> u8 {
        let mut count = 0;
        let mut name = self;
        while let Some((_, rest)) = name.split() {
            count += 1;
            name = rest;
        }
        count
    }

    /// Where the labels begin that `apex` is made of, if the name is `apex` or lies below it.
    pub(super) fn within(self, apex: &[u8]) -> Option<usize> {
        let at = self.0.len().checked_sub(apex.len())?;
        if self.0.get(at..)? != apex {
            return None;
        }
        // The same octets may begin in the middle of a label.
        let mut name = self;
        loop {
            match (self.0.len() - name.0.len()).cmp(&at) {
                std::cmp::Ordering::Equal => return Some(at),
                std::cmp::Ordering::Greater => return None,
                std::cmp::Ordering::Less => name = name.split()?.1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_hosted() {
        assert_eq!(wire("A.b-c._d.").as_deref(), Some(b"\x01a\x03b-c\x02_d\x00".as_slice()));
        for text in ["", ".", "a..b", "a b", "a\\.b", "ü.example", &"a".repeat(64), &"abc.".repeat(64)] {
            assert_eq!(wire(text), None, "{text}");
        }
        assert_eq!(wire(&"abc.".repeat(63)).map(|wire| wire.len()), Some(253));
    }

    #[test]
    fn a_name_is_within_whole_labels_only() {
        let apex = wire("b.test").expect("a name");
        for (text, at) in [
            ("b.test", Some(0)),
            ("a.b.test", Some(2)),
            ("ab.test", None),
            ("test", None),
            ("b.test.c", None),
        ] {
            let name = wire(text).expect("a name");
            assert_eq!(Asked::of(&name).within(&apex), at, "{text}");
        }
        // The octets of the apex, one of them being the length of another label: \x07 a \x01 b \x04 t e s t is not it.
        let odd = b"\x08a\x01b\x04test\x00";
        assert_eq!(Asked::of(odd).within(&apex), None);
    }

    #[test]
    fn labels_are_counted_without_the_root() {
        for (text, labels) in [("a", 1), ("a.b.c", 3)] {
            assert_eq!(Asked::of(&wire(text).expect("a name")).labels(), labels);
        }
        assert_eq!(Asked::of(&[0]).labels(), 0);
        assert!(Asked::of(&[0]).split().is_none());
    }
}
