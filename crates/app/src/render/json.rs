//! JSON: one object per domain, by the schema of `mta-sts schema check`.

use std::io;

use jiff::Timestamp;
use judge::{Finding, LayerReport, MxProtection, NotTestedItem, Verdict};
use protocol::observed::{Evidence, Profile};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::by_hand::{ByHand, by_hand};
use super::escape::escaped;
use super::report::Report;
use crate::expectation::Compared;

/// The version of all JSON outputs; it changes when a reader of the old form would break.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// The program, in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One domain's result.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    taken_at: Timestamp,
    judged_at: Timestamp,
    verdict: Verdict,
    summary: &'a str,
    layers: &'a [LayerReport],
    findings: &'a [Finding],
    protection: &'a [MxProtection],
    not_tested: &'a [NotTestedItem],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    expectations: &'a [Compared],
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<Vec<ByHand>>,
    inputs: Inputs<'a>,
    timings: Timings,
}

#[derive(Serialize)]
pub(crate) struct Inputs<'a> {
    profile: Profile,
    resolver: &'a str,
    roots: &'a str,
    trust_anchor: &'a str,
    vantage: &'a str,
    helo: &'a str,
}

#[derive(Serialize)]
struct Timings {
    total_millis: u64,
    steps: Vec<Step>,
}

/// One step and how long it took.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) what: String,
    pub(crate) millis: u64,
}

impl Tool {
    /// This program.
    pub(crate) const fn this() -> Self {
        Self { name: "mta-sts", version: env!("CARGO_PKG_VERSION") }
    }
}

impl<'a> Inputs<'a> {
    /// How it was looked.
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        let vantage = &evidence.vantage;
        Self {
            profile: vantage.profile,
            resolver: &vantage.resolver,
            roots: &vantage.roots,
            trust_anchor: &vantage.trust_anchor,
            vantage: &vantage.name,
            helo: &vantage.helo,
        }
    }
}

/// One domain's result, as it is written.
pub(crate) fn document(report: &Report, commands: bool) -> Document<'_> {
    Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: report.domain(),
        taken_at: report.evidence.taken_at,
        judged_at: report.assessment.at,
        verdict: report.assessment.verdict,
        summary: &report.assessment.summary,
        layers: &report.assessment.layers,
        findings: &report.assessment.findings,
        protection: &report.assessment.protection,
        not_tested: &report.assessment.not_tested,
        expectations: &report.compared,
        commands: commands.then(|| by_hand(&report.evidence)),
        inputs: Inputs::of(&report.evidence),
        timings: Timings { total_millis: report.evidence.millis, steps: steps(&report.evidence) },
    }
}

/// How long each step took, as recorded.
pub(crate) fn steps(evidence: &Evidence) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |what: String, millis: u64| steps.push(Step { what, millis });
    let host = &evidence.policy_host;
    step(format!("{} {}", evidence.record.rtype, evidence.record.name), evidence.record.millis);
    step(format!("{} {}", host.a.rtype, host.a.name), host.a.millis);
    step(format!("{} {}", host.aaaa.rtype, host.aaaa.name), host.aaaa.millis);
    for fetch in &host.fetches {
        step(
            format!("policy from {}", fetch.address),
            fetch.connect_millis.saturating_add(fetch.rest_millis),
        );
    }
    step(format!("{} {}", evidence.mx.rtype, evidence.mx.name), evidence.mx.millis);
    for mx in &evidence.hosts {
        let tlsa = &mx.tlsa.answer;
        for (rtype, name, millis) in [
            (&mx.a.rtype, &mx.a.name, mx.a.millis),
            (&mx.aaaa.rtype, &mx.aaaa.name, mx.aaaa.millis),
            (&tlsa.rtype, &tlsa.name, tlsa.millis),
        ] {
            step(format!("{rtype} {name}"), millis);
        }
        for session in &mx.sessions {
            step(
                format!("SMTP {} {}", mx.name, session.address),
                session.connect_millis.saturating_add(session.rest_millis),
            );
        }
    }
    step(format!("{} {}", evidence.tlsrpt.rtype, evidence.tlsrpt.name), evidence.tlsrpt.millis);
    steps
}

/// Writes a value, in one line or indented; characters that could deceive or command a terminal are written as
/// escapes.
pub(crate) fn write(value: &impl Serialize, pretty: bool) -> serde_json::Result<String> {
    let mut out = Vec::new();
    if pretty {
        value.serialize(&mut serde_json::Serializer::with_formatter(
            &mut out,
            Plain(PrettyFormatter::new()),
        ))?;
    } else {
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Plain(CompactFormatter)))?;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Escapes what JSON itself would let through: C1 controls, bidirectional and invisible characters.
struct Plain<F>(F);

macro_rules! forward {
    ($($name:ident($($arg:ident: $kind:ty),*)),* $(,)?) => {$(
        fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $arg: $kind)*) -> io::Result<()> {
            self.0.$name(writer $(, $arg)*)
        }
    )*};
}

impl<F: Formatter> Formatter for Plain<F> {
    forward!(
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        end_object_key(),
        begin_object_value(),
        end_object_value(),
    );

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut units = [0; 2];
        let mut plain_from = 0;
        for (at, c) in text.char_indices() {
            if escaped(c).is_some() {
                writer.write_all(text.get(plain_from..at).unwrap_or_default().as_bytes())?;
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                plain_from = at + c.len_utf8();
            }
        }
        writer.write_all(text.get(plain_from..).unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_harmless_on_a_terminal_and_keeps_the_text() {
        let hostile = "\x1b[2J\u{9b}31m\u{202e}\u{e0041}ä\"\\\n";
        for pretty in [false, true] {
            let written =
                write(&serde_json::json!({ "text": hostile, "list": [1, 2] }), pretty).expect("serialises");
            assert!(written.chars().all(|c| c == '\n' || escaped(c).is_none()), "{written:?}");
            let read: serde_json::Value = serde_json::from_str(&written).expect("valid JSON");
            assert_eq!(read["text"], hostile);
        }
    }
}
