//! A finding on its way: what a layer says, before the catalogue and the severity profile have their part.

use crate::catalogue::{Catalogue, Kind, MX_MISMATCH, SeverityProfile, UNREACHABLE};
use crate::{Consequence, EvidenceItem, Finding, Remedy, Severity};

/// Most pieces of evidence that one finding carries: a person reads few, a hostile domain can offer thousands.
const MAX_EVIDENCE: usize = 12;
/// Longest piece of evidence or quoted text, in characters.
pub(crate) const MAX_QUOTED: usize = 400;
/// Most names that one sentence lists.
const MAX_LISTED: usize = 8;

/// A finding as a layer states it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) code: &'static str,
    detail: Option<String>,
    subject: String,
    fact: String,
    meaning: String,
    remedy: Remedy,
    evidence: Vec<EvidenceItem>,
    consequence: Option<Consequence>,
    milder: bool,
    graver: bool,
}

impl Draft {
    /// A finding with that code about that subject.
    pub(crate) fn new(code: &'static str, subject: impl Into<String>) -> Self {
        Self {
            code,
            detail: None,
            subject: quoted(&subject.into()),
            fact: String::new(),
            meaning: String::new(),
            remedy: Remedy { text: String::new(), paste: None },
            evidence: Vec::new(),
            consequence: None,
            milder: false,
            graver: false,
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn fact(mut self, fact: impl Into<String>) -> Self {
        self.fact = fact.into();
        self
    }

    pub(crate) fn meaning(mut self, meaning: impl Into<String>) -> Self {
        self.meaning = meaning.into();
        self
    }

    pub(crate) fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy.text = text.into();
        self
    }

    pub(crate) fn paste(mut self, paste: impl Into<String>) -> Self {
        self.remedy.paste = Some(paste.into());
        self
    }

    pub(crate) fn evidence(mut self, label: &str, text: impl AsRef<str>) -> Self {
        if self.evidence.len() < MAX_EVIDENCE {
            self.evidence.push(EvidenceItem { label: label.to_owned(), text: quoted(text.as_ref()) });
        }
        self
    }

    /// The consequence, where the catalogue's is only the worst case.
    pub(crate) const fn costs(mut self, consequence: Consequence) -> Self {
        self.consequence = Some(consequence);
        self
    }

    /// The milder of the code's two degrees of severity.
    pub(crate) const fn milder(mut self, yes: bool) -> Self {
        self.milder = yes;
        self
    }

    /// The severity of mode enforce whatever the mode, where something else demands as much.
    pub(crate) const fn graver(mut self, yes: bool) -> Self {
        self.graver = yes;
        self
    }

    /// The finding; `None` if the code is not in the catalogue.
    pub(crate) fn finish(self, enforce: bool, severities: &SeverityProfile) -> Option<Finding> {
        let entry = Catalogue::find(self.code)?;
        let consequence = self.consequence.unwrap_or(entry.consequence.pick(enforce));
        let usual = entry.severity.pick(enforce || self.graver);
        let catalogue = if self.milder { entry.milder.unwrap_or(usual) } else { usual };
        let row = self.detail.as_deref().and_then(Catalogue::find);
        let exact = row.filter(|row| row.kind == Kind::DetailOf(entry.code)).unwrap_or(entry);
        let docs = match (entry.code, &self.detail) {
            (UNREACHABLE, Some(_)) => exact.code.to_owned(),
            (MX_MISMATCH, Some(detail)) => format!("{MX_MISMATCH}.{detail}"),
            (code, _) => code.to_owned(),
        };
        Some(Finding {
            code: entry.code,
            detail: self.detail,
            severity: severities.severity(entry.code, catalogue, consequence),
            consequence,
            layer: entry.layer,
            subject: self.subject,
            fact: self.fact,
            meaning: self.meaning,
            remedy: self.remedy,
            evidence: self.evidence,
            clause: exact.clause,
            docs,
        })
    }
}

/// Whether a finding is one that keeps senders from delivering, by the catalogue and whatever the severity profile.
pub(crate) fn stops_delivery(finding: &Finding) -> bool {
    Catalogue::find(finding.code).is_some_and(|entry| {
        entry.severity.enforce == Severity::High && entry.consequence.enforce == Consequence::DeliveryLost
    })
}

/// A text bounded to [`MAX_QUOTED`] characters. Renderers escape what is left.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Names as a list for a sentence: `a`, `a and b`, `a, b and c`, bounded.
pub(crate) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(MAX_LISTED).map(|name| quoted(name.as_ref())).collect();
    match (shown.split_last(), names.len().saturating_sub(shown.len())) {
        (None, _) => "none".to_owned(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
        (Some(_), more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sentences() {
        for (names, text) in [
            (vec![], "none"),
            (vec!["a"], "a"),
            (vec!["a", "b"], "a and b"),
            (vec!["a", "b", "c"], "a, b and c"),
        ] {
            assert_eq!(listed(&names), text);
        }
        assert_eq!(listed(&["x"; 10]), "x, x, x, x, x, x, x, x and 2 more");
        assert_eq!(quoted(&"é".repeat(500)).chars().count(), MAX_QUOTED + 1);
    }
}
