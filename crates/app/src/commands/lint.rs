//! `mta-sts lint`.

use std::path::Path;

use anyhow::Context as _;
use clap::ValueEnum;
use protocol::vectors;
use serde_json::Value;

use super::Context;
use crate::capsule::read_bounded;
use crate::cli::{FailOn, LintArgs, LintFormat, LintKind};
use crate::exit::{ExitStatus, Stop};
use crate::lint::{Linted, guess, lint_text, severity_of};
use crate::render::{lint_github, lint_human, lint_json, lint_sarif, write_json};
use crate::settings::word_of;

/// The largest text read: zone files of some hundred thousand records.
const TEXT_LIMIT: u64 = 64 << 20;

/// Reads a text, or judges test vectors.
pub(crate) fn lint(args: &LintArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    if let (Some(path), Some(kind)) = (&args.vectors, args.kind) {
        return judge_vectors(path, kind, args, context);
    }
    let path = args.path.as_deref().unwrap_or(Path::new("-"));
    let text = read_bounded(path, TEXT_LIMIT).map_err(|error| Stop::usage(format!("{error:#}")))?;
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    let kind = match args.kind {
        Some(LintKind::Mx) => return Err(Stop::usage("--kind mx is for --vectors; give a policy instead")),
        Some(kind) => kind,
        None => guess(Some(path), &text),
    };
    let linted = lint_text(kind, &text, args.origin.as_deref());
    if args.fix {
        return fix(path, &text, &linted, args, context);
    }
    let output = args.output.as_deref();
    let shown = match args.format.unwrap_or(LintFormat::Human) {
        LintFormat::Human => {
            lint_human(&name, &text, &linted, context.printer.paint(output), context.printer.quiet)
        }
        LintFormat::Json => write_json(&lint_json(&name, &text, &linted), args.json_pretty)? + "\n",
        LintFormat::Sarif => write_json(&lint_sarif(&name, &text, &linted), args.json_pretty)? + "\n",
        LintFormat::Github => lint_github(&name, &text, &linted),
    };
    context.printer.put(output, &shown)?;
    let fail_on = context
        .layers
        .pick("fail-on", args.fail_on, |text| FailOn::from_str(text, true), || FailOn::Medium)?
        .value;
    let fails = linted.oddities.iter().any(|oddity| fail_on.counts(severity_of(oddity.weight)));
    // A text that no sender accepts is a failure whatever its oddities weigh.
    let refused = !linted.valid && fail_on.threshold().is_some();
    Ok(if fails || refused { ExitStatus::Findings } else { ExitStatus::Good })
}

/// Prints or writes the mended text. What no machine can mend stays, and the exit status says so.
fn fix(
    path: &Path,
    text: &[u8],
    linted: &Linted,
    args: &LintArgs,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let Some(mended) = &linted.mended else {
        if linted.valid {
            put_octets(path, text, args, context)?;
            return Ok(ExitStatus::Good);
        }
        context.printer.talk(
            "nothing written: no mechanical mend makes this text valid; without --fix the oddities are shown",
        );
        return Ok(ExitStatus::Findings);
    };
    put_octets(path, mended, args, context)?;
    let again = lint_text(linted.kind, mended, args.origin.as_deref());
    Ok(if again.valid { ExitStatus::Good } else { ExitStatus::Findings })
}

fn put_octets(path: &Path, octets: &[u8], args: &LintArgs, context: &Context) -> anyhow::Result<()> {
    if args.write {
        if path == Path::new("-") {
            return Err(Stop::usage("--write needs a file; standard input cannot be written to"));
        }
        return std::fs::write(path, octets).with_context(|| format!("cannot write {}", path.display()));
    }
    context.printer.put_octets(args.output.as_deref(), octets)
}

/// One JSON line a case, in the order of the file.
fn judge_vectors(
    path: &Path,
    kind: LintKind,
    args: &LintArgs,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let octets = read_bounded(path, TEXT_LIMIT).map_err(|error| Stop::usage(format!("{error:#}")))?;
    let wrong = |why: &str| Stop::usage(format!("{} is no file of test vectors: {why}", path.display()));
    let cases: Vec<Value> = serde_json::from_slice(&octets).map_err(|error| wrong(&error.to_string()))?;
    let word = word_of(kind);
    let kind: vectors::Kind = word.parse().map_err(|error| Stop::usage(format!("--vectors: {error}")))?;
    let mut lines = String::new();
    for case in &cases {
        lines.push_str(&write_json(&vectors::judge_case(kind, case), false)?);
        lines.push('\n');
    }
    context.printer.put(args.output.as_deref(), &lines)?;
    Ok(ExitStatus::Good)
}
