//! The form of a Nagios or Icinga plugin: one line with performance data, and the plugins' own exit codes.

use judge::Severity;

use super::escape::visible;
use super::report::Report;
use super::words::verdict_word;
use crate::exit::ExitStatus;

/// The states, in order of how much they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// 0
    Ok,
    /// 1
    Warning,
    /// 3
    Unknown,
    /// 2
    Critical,
}

impl State {
    /// The plugin's exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The state of one domain: critical for a HIGH finding or an unmet expectation, a warning for any other finding
    /// that counts.
    pub(crate) fn of(report: &Report) -> Self {
        let high = || report.assessment.findings.iter().any(|finding| finding.severity == Severity::High);
        match report.status {
            ExitStatus::Good => Self::Ok,
            ExitStatus::Findings if high() => Self::Critical,
            ExitStatus::Findings => Self::Warning,
            ExitStatus::Expectation => Self::Critical,
            _ => Self::Unknown,
        }
    }

    /// The state of all.
    pub(crate) fn worst(reports: &[Report]) -> Self {
        reports.iter().map(Self::of).max().unwrap_or(Self::Unknown)
    }
}

/// All results: the worst state first, then a line for each domain.
pub(crate) fn nagios(reports: &[Report]) -> String {
    let worst = State::worst(reports);
    if let [only] = reports {
        return format!("MTA-STS {} - {} | {}\n", worst.word(), words(only), numbers(only, ""));
    }
    let bad = reports.iter().filter(|report| State::of(report) != State::Ok).count();
    let mut lines = format!("MTA-STS {} - {bad} of {} domains need attention", worst.word(), reports.len());
    let data: Vec<String> =
        reports.iter().map(|report| numbers(report, &format!("{}::", report.domain()))).collect();
    lines.push_str(&format!(" | {}\n", data.join(" ")));
    for report in reports {
        lines.push_str(&format!("{} {}\n", State::of(report).word(), words(report)));
    }
    lines
}

/// The line of a plug-in that could not do its work.
pub(crate) fn nagios_unknown(why: &str) -> String {
    format!("MTA-STS {} - {}\n", State::Unknown.word(), visible(why).replace('|', "/"))
}

fn words(report: &Report) -> String {
    let codes: Vec<&str> = report.to_do().into_iter().map(|finding| finding.code).collect();
    let findings = if codes.is_empty() { String::from("no findings") } else { codes.join(", ") };
    let unmet: String =
        report.unmet().map(|compared| format!(", not as expected: {}", compared.words())).collect();
    let line = format!("{}: {}{unmet}, {findings}", report.domain(), verdict_word(report.assessment.verdict));
    // A bar begins the performance data.
    visible(&line).replace('|', "/")
}

fn numbers(report: &Report, prefix: &str) -> String {
    let count = |severity| report.assessment.findings.iter().filter(|f| f.severity == severity).count();
    format!(
        "'{prefix}high'={};;;0 '{prefix}medium'={};;;0 '{prefix}low'={};;;0 '{prefix}time'={}ms;;;0",
        count(Severity::High),
        count(Severity::Medium),
        count(Severity::Low),
        report.evidence.millis
    )
}
