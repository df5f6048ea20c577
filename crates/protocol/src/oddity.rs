//! What an inspecting reader wants to tell a person about a text.

use std::cmp::Ordering;
use std::ops::Range;

use serde::Serialize;

use crate::SyntaxError;

/// One thing worth saying about a record or a policy, with its place and, when that is mechanical, its mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Oddity {
    /// Stable name in lower snake case, for example `id_charset`.
    pub code: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// Byte offset of the first octet concerned.
    pub start: usize,
    /// Byte offset after the last octet concerned; equal to `start` where something is missing.
    pub end: usize,
    /// A sentence: what is wrong and how to mend it. Printable as it is.
    pub text: String,
    /// The text to put in place of `start..end`, when a machine can know it.
    pub mend: Option<String>,
}

/// How much an [`Oddity`] matters to senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Senders find no policy, or have nowhere to report to.
    Breaks,
    /// Good by one reading of the RFC, dropped by senders that read it otherwise.
    Disputed,
    /// Legal, but worth saying.
    Noted,
}

impl Oddity {
    pub(crate) fn new(
        code: &'static str,
        weight: Weight,
        span: Range<usize>,
        text: impl Into<String>,
    ) -> Self {
        Self { code, weight, start: span.start, end: span.end, text: text.into(), mend: None }
    }

    pub(crate) fn mended_by(mut self, replacement: impl Into<String>) -> Self {
        self.mend = Some(replacement.into());
        self
    }
}

/// Most oddities that one inspection returns: a hostile text can hold one per octet, a person reads few.
pub(crate) const MAX_ODDITIES: usize = 200;

/// Collects oddities up to [`MAX_ODDITIES`], then sorts them by place.
#[derive(Debug, Default)]
pub(crate) struct Oddities(Vec<Oddity>);

impl Oddities {
    pub(crate) fn push(&mut self, oddity: Oddity) {
        if self.0.len() < MAX_ODDITIES {
            self.0.push(oddity);
        }
    }

    pub(crate) fn any(&self, test: impl Fn(&Oddity) -> bool) -> bool {
        self.0.iter().any(test)
    }

    fn refuses(&self) -> bool {
        self.any(|oddity| oddity.weight != Weight::Noted)
    }

    /// Raises the oddities that pass `test` to breaking ones; tells whether there were any.
    pub(crate) fn promote_where(&mut self, test: impl Fn(&Oddity) -> bool) -> bool {
        let mut found = false;
        for oddity in self.0.iter_mut().filter(|oddity| test(oddity)) {
            oddity.weight = Weight::Breaks;
            found = true;
        }
        found
    }

    /// Raises the oddities with this code to breaking ones; tells whether there were any.
    pub(crate) fn promote(&mut self, code: &str) -> bool {
        self.promote_where(|oddity| oddity.code == code)
    }

    /// For a text that the strict reader accepts: nothing breaks it, whatever it looked like.
    pub(crate) fn accepted(mut self) -> Vec<Oddity> {
        for oddity in self.0.iter_mut().filter(|oddity| oddity.weight == Weight::Breaks) {
            oddity.weight = Weight::Disputed;
        }
        self.sorted()
    }

    /// For a text that the strict reader refuses: its reason is added unless something refused was found already.
    pub(crate) fn refused(mut self, reason: Oddity) -> Vec<Oddity> {
        if !self.refuses() {
            self.0.push(reason);
        }
        self.sorted()
    }

    /// For the text of a record that the strict reader refuses for `error`.
    pub(crate) fn with_refusal(self, text: &[u8], error: &SyntaxError) -> Vec<Oddity> {
        let words = format!("{}.", sentence(&error.kind.to_string()));
        self.refused(Oddity::new(error.kind.code(), Weight::Breaks, character_at(text, error.offset), words))
    }

    pub(crate) fn sorted(mut self) -> Vec<Oddity> {
        self.0.sort_by(|a, b| match a.start.cmp(&b.start) {
            Ordering::Equal => a.weight.cmp(&b.weight),
            other => other,
        });
        self.0
    }
}

/// The place of the whole character that begins at `offset`; empty at the end of the text.
pub(crate) fn character_at(text: &[u8], offset: usize) -> Range<usize> {
    let start = offset.min(text.len());
    let rest = text.get(start + 1..).unwrap_or_default();
    let more = rest.iter().take(3).take_while(|b| matches!(b, 0x80..=0xbf)).count();
    start..(start + 1 + more).min(text.len())
}

/// `words` with a capital in front.
pub(crate) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
