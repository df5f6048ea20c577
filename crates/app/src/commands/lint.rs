//! `mta-sts lint`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use judge::MaxAgeProfile;
use protocol::vectors;
use serde_json::Value;

use super::Context;
use crate::capsule::read_bounded;
use crate::cli::{FailOn, LintArgs, LintFormat, LintKind};
use crate::exit::{ExitStatus, Stop};
use crate::lint::{Linted, Spotted, guess, lint_text};
use crate::render::{lint_github, lint_human, lint_json, lint_sarif, write_json};
use crate::settings::word_of;

/// The largest file of test vectors read.
const VECTORS_LIMIT: u64 = 64 << 20;
/// The largest text read: zone files of some hundred thousand records.
const TEXT_LIMIT: u64 = 16 << 20;
/// The largest record read: no TXT record has more octets (RFC 1035 §3.2.1).
const RECORD_LIMIT: usize = 64 << 10;

/// Reads texts, or judges test vectors.
pub(crate) fn lint(args: &LintArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    if let (Some(path), Some(kind)) = (&args.vectors, args.kind) {
        return judge_vectors(path, kind, args, context);
    }
    let stdin = [PathBuf::from("-")];
    let paths = if args.paths.is_empty() { stdin.as_slice() } else { args.paths.as_slice() };
    if args.fix && !args.write && paths.len() > 1 {
        return Err(Stop::usage(
            "--fix of several files needs --write: their texts would run into each other",
        ));
    }
    let fail_on =
        context.layers.pick("fail-on", args.fail_on, crate::settings::parse_word, || FailOn::Medium)?.value;
    let mut worst = ExitStatus::Good;
    let mut texts = Vec::new();
    for path in paths {
        let (name, text, linted) = read(path, args, context)?;
        let status = if args.fix {
            fix(path, &text, &linted, fail_on, args, context)?
        } else {
            status_of(&linted, fail_on)
        };
        worst = worst.or_worse(status);
        texts.push((name, text, linted));
    }
    if !args.fix {
        context.printer.put(args.output.as_deref(), &shown(&texts, args, context)?)?;
    }
    Ok(worst)
}

fn read(path: &Path, args: &LintArgs, context: &Context) -> anyhow::Result<(String, Vec<u8>, Linted)> {
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    let text = read_bounded(path, TEXT_LIMIT).map_err(|error| Stop::usage(format!("{error:#}")))?;
    let kind = match args.kind {
        Some(LintKind::Mx) => return Err(Stop::usage("--kind mx is for --vectors; give a policy instead")),
        Some(kind) => kind,
        None => guess(Some(path), &text),
    };
    if matches!(kind, LintKind::Sts | LintKind::Tlsrpt) && text.len() > RECORD_LIMIT {
        let words = format!("{name} is larger than {RECORD_LIMIT} octets, which no TXT record can be");
        return Err(Stop::usage(words));
    }
    let linted = lint_text(kind, &text, args.origin.as_deref(), profile(args, context)?);
    Ok((name, text, linted))
}

/// Which lifetimes of a policy are short.
fn profile(args: &LintArgs, context: &Context) -> anyhow::Result<MaxAgeProfile> {
    Ok(context.layers.max_age_profile(args.max_age_profile)?.value)
}

fn shown(texts: &[(String, Vec<u8>, Linted)], args: &LintArgs, context: &Context) -> anyhow::Result<String> {
    let format = args.format.unwrap_or(LintFormat::Human);
    if format == LintFormat::Sarif {
        return Ok(write_json(&lint_sarif(texts), args.json_pretty)? + "\n");
    }
    let paint = context.printer.paint(args.output.as_deref());
    let mut page = String::new();
    for (name, text, linted) in texts {
        page.push_str(&match format {
            LintFormat::Github => lint_github(name, text, linted),
            LintFormat::Json => write_json(&lint_json(name, text, linted), args.json_pretty)? + "\n",
            LintFormat::Human | LintFormat::Sarif => {
                lint_human(name, text, linted, paint, context.printer.quiet)
            }
        });
    }
    Ok(page)
}

fn status_of(linted: &Linted, fail_on: FailOn) -> ExitStatus {
    let fails = linted.oddities.iter().any(|oddity| fail_on.counts(oddity.severity));
    // A text that no sender accepts is a failure whatever its oddities weigh.
    let refused = !linted.valid && fail_on.threshold().is_some();
    if fails || refused { ExitStatus::Findings } else { ExitStatus::Good }
}

/// Prints or writes the mended text. What no machine can mend stays; it is named, and the exit status says so.
fn fix(
    path: &Path,
    text: &[u8],
    linted: &Linted,
    fail_on: FailOn,
    args: &LintArgs,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let Some(mended) = &linted.mended else {
        let status = status_of(linted, fail_on);
        if status == ExitStatus::Good {
            put_octets(path, text, args, context)?;
        } else {
            context.printer.talk("nothing written: no fault here can be mended mechanically");
            name_remaining(linted, fail_on, context);
        }
        return Ok(status);
    };
    put_octets(path, mended, args, context)?;
    let again = lint_text(linted.kind, mended, args.origin.as_deref(), profile(args, context)?);
    name_remaining(&again, fail_on, context);
    Ok(status_of(&again, fail_on))
}

/// Most remaining oddities that are named.
const MAX_NAMED: usize = 20;

fn name_remaining(linted: &Linted, fail_on: FailOn, context: &Context) {
    let remains =
        |oddity: &&Spotted| fail_on.counts(oddity.severity) || oddity.weight == protocol::Weight::Breaks;
    for oddity in linted.oddities.iter().filter(remains).take(MAX_NAMED) {
        context.printer.talk(format!("remains: {}: {}", oddity.code, oddity.text));
    }
}

fn put_octets(path: &Path, octets: &[u8], args: &LintArgs, context: &Context) -> anyhow::Result<()> {
    if args.write {
        if path == Path::new("-") {
            return Err(Stop::usage("--write needs a file; standard input cannot be written to"));
        }
        return replace_file(path, octets).with_context(|| format!("cannot write {}", path.display()));
    }
    context.printer.put_octets(args.output.as_deref(), octets)
}

/// Replaces a file as a whole or not at all: a reader never sees half of it. Its permissions stay; of a link the file that
/// it points to is replaced.
fn replace_file(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = std::fs::metadata(&path)?.permissions();
    let mut name = path.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let replaced = (|| {
        let mut file = std::fs::File::create_new(&beside)?;
        file.set_permissions(permissions)?;
        std::io::Write::write_all(&mut file, octets)?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)
    })();
    if replaced.is_err() {
        // The first failure is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    replaced
}

/// One JSON line a case, in the order of the file.
fn judge_vectors(
    path: &Path,
    kind: LintKind,
    args: &LintArgs,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let octets = read_bounded(path, VECTORS_LIMIT).map_err(|error| Stop::usage(format!("{error:#}")))?;
    let cases = cases(&octets).map_err(|why| {
        Stop::usage(format!(
            "--vectors: {}: {why}; it must be one JSON array of cases, `[{{\"id\": …, \"input\": …, \"expect\": …}}, …]`",
            path.display()
        ))
    })?;
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

/// The cases of a file of test vectors, or why there are none, and where.
fn cases(octets: &[u8]) -> Result<Vec<Value>, String> {
    let value: Value = serde_json::from_slice(octets).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.is_eof() {
            true => format!(
                "the JSON ends too early, at {place}: a bracket, brace or quotation mark is not closed"
            ),
            false => format!(
                "this is not JSON from {place} on: look there and just before for a comma, colon, \
                              quotation mark or bracket that is missing or too many"
            ),
        }
    })?;
    match value {
        Value::Array(cases) => Ok(cases),
        Value::Object(_) => {
            Err("there is an object and no array of cases: put `[` and `]` around it".to_owned())
        }
        _ => Err("there is one value and no array of cases".to_owned()),
    }
}
