//! The scan to work on: a new one, or one to go on with.

use std::path::{Path, PathBuf};

use database::{Database, DatabaseFault, Durability, Options, Place};
use protocol::observed::Profile;
use scan::{Column, Exclusion, InputKind, Mark, Plan, Scan, ScanError, Source, Stage, StoreLock};

use crate::capsule::read_bounded;
use crate::cli::{InputWord, ListArgs, ScanArgs, StageWord};
use crate::exit::{ExitStatus, Stop};

/// The largest list of exclusions read: a million names.
const EXCLUSIONS: u64 = 32 << 20;

/// A scan that is open, and what goes with it.
pub(super) struct Opened {
    pub(super) scan: Scan,
    pub(super) plan: Plan,
    pub(super) exclusion: Exclusion,
    /// The rest of the list; none when all of it is loaded, or when another worker has it.
    pub(super) source: Option<Source>,
    /// How to go on with it, for people.
    pub(super) resume: String,
    /// For people.
    pub(super) place: String,
    /// Nobody else works on the store as long as this lives.
    pub(super) lock: Option<StoreLock>,
}

/// Opens the scan that the command line means.
pub(super) async fn open(args: &ScanArgs, profile: Profile, now: i64) -> anyhow::Result<Opened> {
    let exclusion = match &args.list.exclude {
        Some(path) => exclusion(path)?,
        None => Exclusion::default(),
    };
    let new = |source: &Source, list: &Path| Plan {
        stage: match args.pace.stage {
            Some(StageWord::Txt) => Stage::Txt,
            Some(StageWord::Full) | None => Stage::Full,
        },
        profile,
        input: source.kind().clone(),
        list: list.display().to_string(),
        fingerprint: source.fingerprint().to_owned(),
    };
    match &args.store.queue {
        Some(url) => shared(args, url, exclusion, new, now).await,
        None => embedded(args, exclusion, new, now).await,
    }
}

async fn embedded(
    args: &ScanArgs,
    exclusion: Exclusion,
    new: impl Fn(&Source, &Path) -> Plan,
    now: i64,
) -> anyhow::Result<Opened> {
    let path = match (&args.store.store, &args.file) {
        (Some(path), _) => path.clone(),
        (None, Some(file)) if file != Path::new("-") => {
            let mut name = file.as_os_str().to_owned();
            name.push(".scan.sqlite");
            PathBuf::from(name)
        }
        _ => return Err(Stop::usage("--store FILE is needed when the list has no file of its own")),
    };
    let shown = path.display();
    let there = path.exists();
    if args.store.resume && !there {
        return Err(Stop::usage(format!(
            "--resume: there is no scan in {shown}; leave --resume out to begin one"
        )));
    }
    // Read first, so that a list that cannot be read leaves no store behind.
    let begin = if there {
        None
    } else {
        args.file.as_deref().map(|file| list(file, &args.list, &Mark::default())).transpose()?
    };
    let lock = StoreLock::take(&path)
        .map_err(|error| Stop::usage(format!("--store: cannot write beside {shown}: {error}")))?
        .ok_or_else(|| {
            Stop::usage(format!("--store: another process is working on {shown}; wait for it, or end it"))
        })?;
    let options = Options {
        create: !there,
        // A power cut costs the last seconds of work, which are asked for again.
        durability: Durability::Normal,
        // Lists of tens of millions of names need no more, and short ones as much: memory does not grow with the list.
        cache_kib: 4 << 10,
        ..Options::default()
    };
    let database =
        Database::open(&Place::File(path.clone()), &options).await.map_err(|error| failed(error.into()))?;
    let resume = format!("mta-sts scan --resume --store {shown}");
    let (scan, plan, source, exclusion) = match begin {
        Some(source) => {
            let file = args.file.as_deref().unwrap_or(Path::new("-"));
            let plan = new(&source, file);
            let scan = Scan::create(&database, "scan", &plan, &exclusion, now).await.map_err(failed)?;
            (scan, plan, Some(source), exclusion)
        }
        None => {
            let scan = Scan::open(&database, None).await.map_err(|error| match error {
                ScanError::Unknown { .. } => {
                    Stop::usage(format!("--store: {shown} holds no scan; name another file"))
                }
                other => failed(other),
            })?;
            scan.free_all().await.map_err(failed)?;
            if !args.store.resume {
                let standing = scan.standing().await.map_err(failed)?;
                let done = standing.is_complete(scan.plan().await.map_err(failed)?.stage);
                let word = if done { "a finished scan" } else { "a scan that is not finished" };
                return Err(Stop::usage(format!(
                    "{shown} holds {word}; go on with it with --resume, or begin a new one with another --store"
                )));
            }
            let (plan, exclusion) = changed(&scan, args, exclusion).await?;
            let source = rest(&scan, &plan, args, true).await?;
            (scan, plan, source, exclusion)
        }
    };
    Ok(Opened { scan, plan, exclusion, source, resume, place: shown.to_string(), lock: Some(lock) })
}

async fn shared(
    args: &ScanArgs,
    url: &str,
    exclusion: Exclusion,
    new: impl Fn(&Source, &Path) -> Plan,
    now: i64,
) -> anyhow::Result<Opened> {
    let place = Place::parse(url).map_err(|error| Stop::usage(format!("--queue: {error}")))?;
    if !place.is_shared() {
        return Err(Stop::usage("--queue: write it as postgres://USER@HOST/DATABASE"));
    }
    let name = match (&args.store.name, &args.file) {
        (Some(name), _) => name.clone(),
        (None, Some(file)) if file != Path::new("-") => {
            file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }
        _ => return Err(Stop::usage("--queue: --name is needed when the list has no file of its own")),
    };
    let database = Database::open(&place, &Options::default()).await.map_err(|error| failed(error.into()))?;
    let resume = format!("mta-sts scan --queue {place} --name {name}");
    let scan = match (Scan::open(&database, Some(&name)).await, &args.file) {
        (Ok(scan), _) => scan,
        (Err(ScanError::Unknown { .. }), Some(file)) => {
            let source = list(file, &args.list, &Mark::default())?;
            match Scan::create(&database, &name, &new(&source, file), &exclusion, now).await {
                Ok(scan) => {
                    let plan = scan.plan().await.map_err(failed)?;
                    let place = place.to_string();
                    return Ok(Opened {
                        scan,
                        plan,
                        exclusion,
                        source: Some(source),
                        resume,
                        place,
                        lock: None,
                    });
                }
                // Another worker was quicker.
                Err(ScanError::Exists(_)) => Scan::open(&database, Some(&name)).await.map_err(failed)?,
                Err(error) => return Err(failed(error)),
            }
        }
        (Err(ScanError::Unknown { .. }), None) => {
            let names = Scan::names(&database).await.unwrap_or_default();
            return Err(Stop::usage(format!(
                "--queue: there is no scan `{name}`; {}",
                if names.is_empty() {
                    "give the list to begin it".to_owned()
                } else {
                    format!("give the list to begin it, or one of these names: {}", names.join(", "))
                }
            )));
        }
        (Err(error), _) => return Err(failed(error)),
    };
    let (plan, exclusion) = changed(&scan, args, exclusion).await?;
    let source = rest(&scan, &plan, args, false).await?;
    Ok(Opened { scan, plan, exclusion, source, resume, place: place.to_string(), lock: None })
}

/// What the command line changes of a scan that goes on: it may go further, and more may be excluded.
async fn changed(scan: &Scan, args: &ScanArgs, more: Exclusion) -> anyhow::Result<(Plan, Exclusion)> {
    let stage = args.pace.stage.filter(|stage| *stage == StageWord::Full).map(|_| Stage::Full);
    scan.extend(stage, &more).await.map_err(failed)
}

/// The rest of the list of a scan that goes on.
async fn rest(scan: &Scan, plan: &Plan, args: &ScanArgs, alone: bool) -> anyhow::Result<Option<Source>> {
    if scan.standing().await.map_err(failed)?.loaded {
        return Ok(None);
    }
    let file = match &args.file {
        Some(file) => file.clone(),
        // Another worker may be reading it.
        None if !alone => return Ok(None),
        None if plan.list == "-" => {
            let why = "the list came from standard input and was not read to its end; give it once more: scan - --resume";
            return Err(Stop::usage(why));
        }
        None => PathBuf::from(&plan.list),
    };
    let mark = scan.mark().await.map_err(failed)?;
    let source = Source::open(&file, plan.input.clone(), &mark)
        .map_err(|error| Stop::usage(format!("the list {} cannot be read: {error}", file.display())))?;
    if source.fingerprint() != plan.fingerprint {
        return Err(Stop::usage(format!(
            "{} is another list than the one that this scan began with ({}); give that one, or begin a new scan",
            file.display(),
            plan.list
        )));
    }
    Ok(Some(source))
}

fn list(file: &Path, args: &ListArgs, from: &Mark) -> anyhow::Result<Source> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let word = args.input.unwrap_or(match ending.as_str() {
        "csv" => InputWord::Csv,
        "zone" => InputWord::Zone,
        _ => InputWord::Lines,
    });
    let kind = match word {
        InputWord::Lines if args.column.is_some() => {
            return Err(Stop::usage("--column is for CSV: add --input csv"));
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
    };
    Source::open(file, kind, from)
        .map_err(|error| Stop::usage(format!("the list {} cannot be read: {error}", file.display())))
}

fn exclusion(path: &Path) -> anyhow::Result<Exclusion> {
    let octets =
        read_bounded(path, EXCLUSIONS).map_err(|error| Stop::usage(format!("--exclude: {error:#}")))?;
    let text = String::from_utf8(octets)
        .map_err(|_| Stop::usage(format!("--exclude: {} is no text", path.display())))?;
    Exclusion::parse(&text).map_err(|error| Stop::usage(format!("--exclude: {}, {error}", path.display())))
}

/// Why a scan cannot begin or go on, with its exit status.
pub(super) fn failed(error: ScanError) -> anyhow::Error {
    let status = match &error {
        ScanError::Store(store) => match store.fault() {
            DatabaseFault::DiskFull | DatabaseFault::Gone | DatabaseFault::Locked => {
                ExitStatus::CouldNotCheck
            }
            DatabaseFault::Other | DatabaseFault::Unique => ExitStatus::Internal,
            _ => ExitStatus::Usage,
        },
        ScanError::Sweep(_) | ScanError::Resolvers(_) => ExitStatus::CouldNotCheck,
        ScanError::List(_)
        | ScanError::Exists(_)
        | ScanError::Unknown { .. }
        | ScanError::OtherList
        | ScanError::ListNeeded => ExitStatus::Usage,
        ScanError::Damaged(_) | ScanError::Died(_) => ExitStatus::Internal,
    };
    Stop { status, message: error.to_string() }.into()
}
