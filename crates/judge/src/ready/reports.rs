//! The gates that TLSRPT reports decide (R57, R62, R63).

use jiff::{SignedDuration, Timestamp};

use crate::case::Case;
use crate::certificate::date;
use crate::{Gate, GateStatus, Remedy};

/// What reports said of the domain over a time. The room `reports` counts; this is what judging needs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTally {
    /// The beginning of the time counted.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// When the first report of all came, if any has.
    pub first_report: Option<Timestamp>,
    /// How many reports were counted.
    pub reports: u64,
    /// By how many organisations.
    pub senders: u64,
    /// Sessions that they tell of, good and failed.
    pub sessions: u64,
    /// Sessions that failed for a reason on your side.
    pub failures: u64,
    /// Days in a row up to the end without such a failure.
    pub clean_days: u32,
}

/// The reports that `ready` was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports<'a> {
    /// None.
    NotGiven,
    /// Some, and this version cannot read them yet.
    NotRead,
    /// What they say.
    Counted(&'a ReportTally),
}

/// What `ready` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    /// Days in mode testing.
    pub testing_days: u32,
    /// Days in a row without a failure on your side.
    pub clean_days: u32,
    /// Reports.
    pub min_reports: u64,
    /// Organisations that report.
    pub min_senders: u64,
    /// Sessions that reports tell of: without them, no failure proves nothing (C25).
    pub min_sessions: u64,
    /// Hours within which the first report is expected.
    pub first_report_hours: u32,
}

impl Default for Thresholds {
    /// The usual values: 14 days each, as the most careful of the common guides has it.
    fn default() -> Self {
        Self {
            testing_days: 14,
            clean_days: 14,
            min_reports: 14,
            min_senders: 2,
            min_sessions: 100,
            first_report_hours: 72,
        }
    }
}

/// The two gates on reports.
pub(crate) fn gates(case: &Case<'_>, reports: Reports<'_>, thresholds: &Thresholds) -> [Gate; 2] {
    [arrive(case, reports, thresholds), clean(reports, thresholds)]
}

fn arrive(case: &Case<'_>, reports: Reports<'_>, thresholds: &Thresholds) -> Gate {
    let question = "Do reports arrive?";
    let gate = |status, evidence: String, remedy: Option<&str>| Gate {
        name: "reports_arrive",
        question,
        status,
        evidence,
        remedy: remedy.map(Remedy::of),
        findings: Vec::new(),
    };
    let tally = match counted(reports) {
        Ok(tally) => tally,
        Err((why, remedy)) => return gate(GateStatus::NotTested, why.to_owned(), Some(remedy)),
    };
    match tally.first_report {
        Some(first) => gate(GateStatus::Pass, format!("reports arrive since {}", date(first)), None),
        // R57: reports begin within one to three days.
        None if case.now.duration_since(tally.from)
            > SignedDuration::from_hours(i64::from(thresholds.first_report_hours)) =>
        {
            gate(
                GateStatus::Fail,
                format!("no report has come in {} hours", thresholds.first_report_hours),
                Some("Look whether the target of the TLSRPT record takes reports; send one there yourself."),
            )
        }
        None => gate(
            GateStatus::NotTested,
            "not tested, because no report can be expected yet".to_owned(),
            Some("Wait: senders report once a day, and the first reports come within three days."),
        ),
    }
}

fn clean(reports: Reports<'_>, thresholds: &Thresholds) -> Gate {
    let question = "Do enough reports say that nothing fails on your side?";
    let gate = |status, evidence: String, remedy: Option<String>| Gate {
        name: "reports_clean",
        question,
        status,
        evidence,
        remedy: remedy.map(Remedy::of),
        findings: Vec::new(),
    };
    let tally = match counted(reports) {
        Ok(tally) => tally,
        Err((why, remedy)) => return gate(GateStatus::NotTested, why.to_owned(), Some(remedy.to_owned())),
    };
    let evidence = format!(
        "{} reports by {} organisations on {} sessions; {} failed on your side, {} clean days in a row",
        tally.reports, tally.senders, tally.sessions, tally.failures, tally.clean_days
    );
    // C25: no failure without sessions proves nothing (R62).
    let enough = tally.reports >= thresholds.min_reports
        && tally.senders >= thresholds.min_senders
        && tally.sessions >= thresholds.min_sessions;
    if tally.clean_days < thresholds.clean_days {
        let remedy = format!(
            "Mend what the reports name, and wait for {} clean days in a row.",
            thresholds.clean_days
        );
        return gate(GateStatus::Fail, evidence, Some(remedy));
    }
    if !enough {
        let remedy = format!(
            "Wait for {} reports by {} organisations on {} sessions; a domain with little mail may lower these numbers.",
            thresholds.min_reports, thresholds.min_senders, thresholds.min_sessions
        );
        return gate(GateStatus::Fail, evidence, Some(remedy));
    }
    gate(GateStatus::Pass, evidence, None)
}

/// What the reports say; else why nothing is known, and what to do about it.
const fn counted(reports: Reports<'_>) -> Result<&ReportTally, (&'static str, &'static str)> {
    match reports {
        Reports::Counted(tally) => Ok(tally),
        Reports::NotGiven => Err((NO_REPORTS, GIVE_REPORTS)),
        Reports::NotRead => Err((UNREAD_REPORTS, READ_REPORTS)),
    }
}

const UNREAD_REPORTS: &str = "not tested, because this version does not read reports yet";
const READ_REPORTS: &str =
    "Read the TLSRPT reports of the last weeks yourself: no failure on your side speaks for enforce.";
const NO_REPORTS: &str = "not tested, because no reports were given";
const GIVE_REPORTS: &str = "Collect the TLSRPT reports of the last weeks and give them with --reports.";
