//! A small matcher for rules written in the way of RFC 5234, so that the readers can be held against the grammar itself. It
//! shares nothing with them: it follows all alternatives at once and knows no errors, only whether a text fits.

use std::collections::BTreeSet;

/// A rule.
pub(crate) enum Rule {
    /// These octets exactly: `%s"…"`.
    Text(&'static str),
    /// One octet between these two: `%x41-5A`.
    Range(u8, u8),
    /// One rule after the other.
    Sequence(Vec<Self>),
    /// Any one of these: `a / b`.
    Any(Vec<Self>),
    /// Between so and so many times: `1*32(…)`.
    Times(usize, usize, Box<Self>),
}

/// No upper limit for [`Rule::Times`].
pub(crate) const MANY: usize = usize::MAX;

pub(crate) fn text(text: &'static str) -> Rule {
    Rule::Text(text)
}

pub(crate) fn range(first: u8, last: u8) -> Rule {
    Rule::Range(first, last)
}

pub(crate) fn sequence<const N: usize>(rules: [Rule; N]) -> Rule {
    Rule::Sequence(rules.into())
}

pub(crate) fn any<const N: usize>(rules: [Rule; N]) -> Rule {
    Rule::Any(rules.into())
}

pub(crate) fn times(least: usize, most: usize, rule: Rule) -> Rule {
    Rule::Times(least, most, Box::new(rule))
}

/// `[rule]`
pub(crate) fn optional(rule: Rule) -> Rule {
    times(0, 1, rule)
}

/// One of these characters.
pub(crate) fn one_of(characters: &'static str) -> Rule {
    Rule::Any(characters.bytes().map(|b| Rule::Range(b, b)).collect())
}

impl Rule {
    /// Does the whole text fit?
    pub(crate) fn fits(&self, text: &[u8]) -> bool {
        self.ends(text, 0).contains(&text.len())
    }

    /// Every place where a match that begins at `at` can end.
    fn ends(&self, text: &[u8], at: usize) -> BTreeSet<usize> {
        match self {
            Self::Text(expected) => {
                let end = at + expected.len();
                (text.get(at..end) == Some(expected.as_bytes())).then_some(end).into_iter().collect()
            }
            Self::Range(first, last) => {
                let fits = text.get(at).is_some_and(|b| (first..=last).contains(&b));
                fits.then_some(at + 1).into_iter().collect()
            }
            Self::Sequence(rules) => rules.iter().fold(BTreeSet::from([at]), |starts, rule| {
                starts.into_iter().flat_map(|start| rule.ends(text, start)).collect()
            }),
            Self::Any(rules) => rules.iter().flat_map(|rule| rule.ends(text, at)).collect(),
            Self::Times(least, most, rule) => Self::repeated(*least, *most, rule, text, at),
        }
    }

    fn repeated(least: usize, most: usize, rule: &Self, text: &[u8], at: usize) -> BTreeSet<usize> {
        let mut ends = BTreeSet::new();
        let mut reached = BTreeSet::from([at]);
        for round in 0.. {
            if round >= least {
                let before = ends.len();
                ends.extend(&reached);
                if round > least && ends.len() == before {
                    break;
                }
            }
            if round == most || reached.is_empty() {
                break;
            }
            reached = reached.into_iter().flat_map(|start| rule.ends(text, start)).collect();
        }
        ends
    }
}
