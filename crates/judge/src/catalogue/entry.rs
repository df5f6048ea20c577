//! One row of the catalogue.

use crate::{Consequence, Layer, Severity};

/// One row of the catalogue: a finding code, or a detail under an umbrella code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The stable code, lower snake case.
    pub code: &'static str,
    /// Whether it is a finding of its own.
    pub kind: Kind,
    /// The layer it belongs to.
    pub layer: Layer,
    /// How soon to act.
    pub severity: PerMode<Severity>,
    /// The severity of the milder degree, for codes that come in two degrees (see [`Entry::degrees`]).
    pub milder: Option<Severity>,
    /// What is lost at worst.
    pub consequence: PerMode<Consequence>,
    /// The clause it rests on.
    pub clause: &'static str,
    /// What it says, in a few words.
    pub title: &'static str,
    /// When it is raised.
    pub when: &'static str,
    /// What separates the two degrees of severity or consequence; empty when there is one.
    pub degrees: &'static str,
}

/// Whether a row is a finding or a detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A finding of its own.
    Finding,
    /// A value of `detail` under this umbrella code, never a finding of its own.
    DetailOf(&'static str),
}

/// A value that may differ by the mode of the policy in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerMode<T> {
    /// In mode enforce.
    pub enforce: T,
    /// In every other mode, and without a usable policy.
    pub otherwise: T,
}

impl<T: Copy> PerMode<T> {
    /// The value for the mode.
    #[must_use]
    pub const fn pick(&self, enforce: bool) -> T {
        if enforce { self.enforce } else { self.otherwise }
    }

    const fn same(value: T) -> Self {
        Self { enforce: value, otherwise: value }
    }
}

impl Entry {
    /// A finding whose severity and consequence are the same in every mode.
    pub(super) const fn new(
        layer: Layer,
        code: &'static str,
        severity: Severity,
        consequence: Consequence,
        clause: &'static str,
        title: &'static str,
        when: &'static str,
    ) -> Self {
        Self {
            code,
            kind: Kind::Finding,
            layer,
            severity: PerMode::same(severity),
            milder: None,
            consequence: PerMode::same(consequence),
            clause,
            title,
            when,
            degrees: "",
        }
    }

    /// A detail of `mta_sts_unreachable`.
    pub(super) const fn unreachable(
        code: &'static str,
        clause: &'static str,
        title: &'static str,
        when: &'static str,
    ) -> Self {
        let mut row =
            Self::new(Layer::Fetch, code, Severity::Medium, Consequence::ProtectionLost, clause, title, when);
        row.kind = Kind::DetailOf(super::UNREACHABLE);
        row
    }

    /// The same row with other values outside mode enforce.
    pub(super) const fn otherwise(mut self, severity: Severity, consequence: Consequence) -> Self {
        self.severity.otherwise = severity;
        self.consequence.otherwise = consequence;
        self
    }

    /// The same row with a milder degree of severity.
    pub(super) const fn milder(mut self, severity: Severity, degrees: &'static str) -> Self {
        self.milder = Some(severity);
        self.degrees = degrees;
        self
    }

    /// The same row with words on what separates its degrees of consequence.
    pub(super) const fn graded(mut self, degrees: &'static str) -> Self {
        self.degrees = degrees;
        self
    }

    /// The same row as a detail of `mta_sts_mx_mismatch`.
    pub(super) const fn of_mismatch(mut self) -> Self {
        self.kind = Kind::DetailOf(super::MX_MISMATCH);
        self
    }
}
