//! The files that a scan begins with: the list, and who is excluded.

use std::path::{Path, PathBuf};

use scan::{Column, Exclusion, InputKind, Mark, Plan, Scan, Source};

use super::opening::failed;
use crate::capsule::read_bounded;
use crate::cli::{InputWord, ListArgs, ScanArgs};
use crate::commands::Context;
use crate::exit::Stop;

/// The largest list of exclusions read: a million names.
const EXCLUSIONS: u64 = 32 << 20;

/// The list, from its beginning.
pub(super) fn list(file: &Path, args: &ListArgs) -> anyhow::Result<Source> {
    Source::open(file, kind(file, args)?, &Mark::default())
        .map_err(|error| Stop::usage(format!("the list {} cannot be read: {error}", file.display())))
}

/// The rest of the list of a scan that goes on. `is_shared`: another worker may be reading it.
pub(super) async fn rest(
    scan: &Scan,
    plan: &Plan,
    args: &ScanArgs,
    is_shared: bool,
    context: &Context,
) -> anyhow::Result<Option<Source>> {
    let list = &args.list;
    if list.input.is_some() || list.column.is_some() || list.origin.is_some() {
        let file = args.file.as_deref().or(plan.path.as_deref()).unwrap_or(Path::new("-"));
        if kind(file, list)? != plan.input {
            return Err(Stop::usage(
                "--input, --column, --origin: this scan began with other ones; begin a new scan for these",
            ));
        }
    }
    let loaded = scan.standing().await.map_err(failed)?.loaded;
    let file = match (&args.file, &plan.path) {
        (Some(file), _) if loaded && file == Path::new("-") => {
            context.printer.talk("the list is loaded already; standard input is not read");
            return Ok(None);
        }
        (Some(file), _) => file.clone(),
        (None, _) if loaded || is_shared => return Ok(None),
        (None, Some(path)) => path.clone(),
        (None, None) => {
            return Err(Stop::usage(
                "the list came from standard input and was not read to its end; give it once more: scan - --resume",
            ));
        }
    };
    let mark = scan.mark().await.map_err(failed)?;
    let source = match Source::open(&file, plan.input.clone(), &mark) {
        Ok(source) => source,
        Err(error) if loaded => {
            context.printer.talk(format_args!(
                "the list {} cannot be read ({error}), and need not be: it is loaded already",
                crate::render::visible(&file.display().to_string())
            ));
            return Ok(None);
        }
        Err(error) => {
            return Err(Stop::usage(format!("the list {} cannot be read: {error}", file.display())));
        }
    };
    match plan.fingerprint.difference(source.fingerprint(), is_shared) {
        Some(difference) => Err(Stop::usage(format!(
            "{} is not the list that this scan began with ({}): {difference}; give that one, or begin a new scan with \
             another {}",
            file.display(),
            plan.list,
            if is_shared { "--name" } else { "--store" }
        ))),
        None => Ok((!loaded).then_some(source)),
    }
}

/// Who asked not to be looked at.
pub(super) fn exclusion(path: Option<&PathBuf>) -> anyhow::Result<Exclusion> {
    let Some(path) = path else { return Ok(Exclusion::default()) };
    let octets =
        read_bounded(path, EXCLUSIONS).map_err(|error| Stop::usage(format!("--exclude: {error:#}")))?;
    let text = String::from_utf8(octets)
        .map_err(|_| Stop::usage(format!("--exclude: {} is no text", path.display())))?;
    Exclusion::parse(&text).map_err(|error| Stop::usage(format!("--exclude: {}, {error}", path.display())))
}

/// How names stand in it, by the flags and its ending.
fn kind(file: &Path, args: &ListArgs) -> anyhow::Result<InputKind> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let word = args.input.unwrap_or(match ending.as_str() {
        "csv" => InputWord::Csv,
        "zone" => InputWord::Zone,
        _ => InputWord::Lines,
    });
    Ok(match word {
        _ if args.column.is_some() && word != InputWord::Csv => {
            return Err(Stop::usage("--column is for CSV: add --input csv"));
        }
        _ if args.origin.is_some() && word != InputWord::Zone => {
            return Err(Stop::usage("--origin is for zone files: add --input zone"));
        }
        InputWord::Lines => InputKind::Lines,
        InputWord::Csv => InputKind::Csv(match args.column.as_deref() {
            None => Column::Number(1),
            Some(text) => match text.parse::<usize>() {
                Ok(0) => return Err(Stop::usage("--column: columns are counted from 1")),
                Ok(number) => Column::Number(number),
                Err(_) => Column::Title(text.to_owned()),
            },
        }),
        InputWord::Zone => InputKind::Zone { origin: args.origin.clone().unwrap_or_default() },
    })
}
