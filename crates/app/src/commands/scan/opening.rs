//! The scan to work on: a new one, or one to go on with.

use std::path::{Path, PathBuf};

use database::{Database, DatabaseFault, Durability, Options, Place};
use lab::Lab;
use outside::{Clock, Outside};
use scan::{Exclusion, Plan, Scan, ScanError, Source, Stage, StoreLock};

use super::again::Again;
use super::lists::{exclusion, list, rest};
use super::manner::{Manner, changes};
use super::rows::may_be_store;
use crate::cli::{ScanArgs, StageWord};
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::render::visible;

/// A scan that is open, and what goes with it.
pub(super) struct Opened {
    pub(super) scan: Scan,
    pub(super) plan: Plan,
    pub(super) manner: Manner,
    pub(super) exclusion: Exclusion,
    /// The rest of the list; none when all of it is loaded, or when another worker has it.
    pub(super) source: Option<Source>,
    /// How to go on with it.
    pub(super) again: Again,
    /// For people.
    pub(super) place: String,
    /// Nobody else works on the store as long as this lives.
    pub(super) lock: Option<StoreLock>,
}

/// What a scan is opened with.
struct Opening<'a> {
    args: &'a ScanArgs,
    context: &'a Context,
    clock: &'a Clock,
    /// Where everything is looked for instead of the internet.
    lab: Option<&'a Lab>,
    exclusion: Exclusion,
}

/// What a new scan is made of; nothing of it is kept yet.
struct New {
    source: Source,
    plan: Plan,
    manner: Manner,
}

/// Opens the scan that the command line means.
pub(super) async fn open(
    args: &ScanArgs,
    context: &Context,
    clock: &Clock,
    lab: Option<&Lab>,
) -> anyhow::Result<Opened> {
    let exclusion = exclusion(args.list.exclude.as_ref())?;
    let opening = Opening { args, context, clock, lab, exclusion };
    match &args.store.queue {
        Some(url) => opening.shared(url).await,
        None => opening.embedded().await,
    }
}

/// The file that a scan of its own is kept in.
pub(super) fn store_path(args: &ScanArgs) -> anyhow::Result<PathBuf> {
    match (&args.store.store, &args.file) {
        (Some(path), _) => Ok(path.clone()),
        (None, Some(file)) if file != Path::new("-") => {
            let mut name = file.as_os_str().to_owned();
            name.push(".scan.sqlite");
            Ok(PathBuf::from(name))
        }
        (None, None) if args.store.resume => Err(Stop::usage(
            "--resume: which scan? Name its list, or the file that it is kept in with --store",
        )),
        _ => Err(Stop::usage("--store FILE is needed when the list has no file of its own")),
    }
}

impl Opening<'_> {
    async fn embedded(self) -> anyhow::Result<Opened> {
        let args = self.args;
        let path = store_path(args)?;
        let shown = path.display();
        let there = path.exists();
        if path.is_dir() {
            return Err(Stop::usage(format!("--store: {shown} is a folder; name a file in it")));
        }
        if there && !may_be_store(&path).map_err(|error| cannot_read(&path, &error))? {
            return Err(Stop::usage(format!("--store: {shown} holds no scan; name another file")));
        }
        if args.store.resume && !there {
            return Err(Stop::usage(format!(
                "--resume: there is no scan in {shown}; leave --resume out to begin one"
            )));
        }
        // First, so that a list or a setting that cannot be used leaves no store behind.
        let mut new = None;
        if !there {
            new = self.new_scan(false)?;
        }
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
        let database = Database::open(&Place::File(path.clone()), &options)
            .await
            .map_err(|error| failed(error.into()))?;
        if there && Scan::is_vacant(&database).await.map_err(failed)? {
            // Whoever made the file ended before it had kept anything.
            new = self.new_scan(false)?;
            if new.is_none() {
                return Err(Stop::usage(format!(
                    "{shown} is empty: its scan ended before it had begun; give the list to begin anew"
                )));
            }
        }
        let (scan, plan, manner, source, exclusion) = match new {
            Some(New { source, plan, manner }) => {
                let scan = self.create(&database, "scan", &plan).await.map_err(failed)?;
                (scan, plan, manner, Some(source), self.exclusion)
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
                let (plan, manner, exclusion) = self.go_on(&scan, false).await?;
                let source = rest(&scan, &plan, args, false, self.context).await?;
                (scan, plan, manner, source, exclusion)
            }
        };
        let again = Again::of_store(&path, plan.path.is_none(), args.lab, &args.result);
        let place = shown.to_string();
        Ok(Opened { scan, plan, manner, exclusion, source, again, place, lock: Some(lock) })
    }

    async fn shared(self, url: &str) -> anyhow::Result<Opened> {
        let args = self.args;
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
        let database =
            Database::open(&place, &Options::default()).await.map_err(|error| failed(error.into()))?;
        let mut known = Scan::open(&database, Some(&name)).await;
        let mut begun = None;
        if let Err(ScanError::Unknown { .. }) = known {
            let Some(New { source, plan, manner }) = self.new_scan(true)? else {
                return Err(unknown(&database, &name).await);
            };
            match self.create(&database, &name, &plan).await {
                Ok(scan) => begun = Some((scan, plan, manner, Some(source), self.exclusion.clone())),
                // Another worker was quicker.
                Err(ScanError::Exists(_)) => known = Scan::open(&database, Some(&name)).await,
                Err(error) => return Err(failed(error)),
            }
        }
        let (scan, plan, manner, source, exclusion) = match begun {
            Some(begun) => begun,
            None => {
                let scan = known.map_err(failed)?;
                let (plan, manner, exclusion) = self.go_on(&scan, true).await?;
                let source = rest(&scan, &plan, args, true, self.context).await?;
                (scan, plan, manner, source, exclusion)
            }
        };
        let again = Again::of_queue(args.file.as_deref(), &place, &name, manner.of_machine(), &args.result);
        let place = place.to_string();
        Ok(Opened { scan, plan, manner, exclusion, source, again, place, lock: None })
    }

    /// What a new scan is made of, if there is a list; everything in it can be used.
    fn new_scan(&self, is_shared: bool) -> anyhow::Result<Option<New>> {
        let args = self.args;
        let Some(file) = args.file.as_deref() else { return Ok(None) };
        if args.store.retry_failed {
            return Err(Stop::usage(
                "--retry-failed: there is no scan yet whose names could be asked for again",
            ));
        }
        let source = list(file, &args.list)?;
        let manner = Manner::resolve(args, &self.context.layers, self.lab)?;
        let stage = match args.pace.stage {
            Some(StageWord::Txt) => Stage::Txt,
            Some(StageWord::Full) | None => Stage::Full,
        };
        if stage == Stage::Full {
            Outside::new(manner.settings.clone(), self.clock.clone())
                .map_err(|error| manner.cannot_begin(error))?;
        }
        let path = (file != Path::new("-")).then(|| std::path::absolute(file)).transpose()?;
        let plan = Plan {
            stage,
            profile: manner.settings.profile,
            input: source.kind().clone(),
            list: file.display().to_string(),
            path,
            fingerprint: source.fingerprint().clone(),
            settings: manner.kept(is_shared),
        };
        Ok(Some(New { source, plan, manner }))
    }

    async fn create(&self, database: &Database, name: &str, plan: &Plan) -> Result<Scan, ScanError> {
        Scan::create(database, name, plan, &self.exclusion, self.clock.now().as_millisecond()).await
    }

    /// What holds for a scan that goes on: what it began with, and what the command line says anew.
    async fn go_on(&self, scan: &Scan, is_shared: bool) -> anyhow::Result<(Plan, Manner, Exclusion)> {
        let args = self.args;
        let plan = scan.plan().await.map_err(failed)?;
        let mut manner = Manner::resolve(args, &self.context.layers.below(&plan.settings), self.lab)?;
        if args.look.profile.is_some() && manner.settings.profile != plan.profile {
            return Err(Stop::usage(
                "--profile: this scan began with another one; begin a new scan for this one",
            ));
        }
        // The survey of a scan that goes on is the one that it began with.
        manner.settings.profile = plan.profile;
        let stage = match args.pace.stage {
            Some(StageWord::Txt) if plan.stage > Stage::Txt => {
                return Err(Stop::usage(
                    "--stage txt: this scan surveys its hits; begin a new one for the first stage alone",
                ));
            }
            Some(StageWord::Full) => Some(Stage::Full),
            Some(StageWord::Txt) | None => None,
        };
        let settings = manner.kept(is_shared);
        for change in changes(&plan.settings, &settings) {
            self.context.printer.talk(visible(&change));
        }
        let (plan, exclusion) = scan.extend(stage, &settings, &self.exclusion).await.map_err(failed)?;
        if args.store.retry_failed {
            let names = scan.retry_failed().await.map_err(failed)?;
            self.context.printer.talk(format_args!("{names} names without an answer are asked for again"));
        }
        Ok((plan, manner, exclusion))
    }
}

async fn unknown(database: &Database, name: &str) -> anyhow::Error {
    let names = Scan::names(database).await.unwrap_or_default();
    let hint = if names.is_empty() {
        "give the list to begin it".to_owned()
    } else {
        format!("give the list to begin it, or one of these names: {}", names.join(", "))
    };
    Stop::usage(format!("--queue: there is no scan `{name}`; {hint}"))
}

fn cannot_read(path: &Path, error: &std::io::Error) -> anyhow::Error {
    Stop::usage(format!("--store: {} cannot be read: {error}", path.display()))
}

/// Why a scan cannot begin or go on, with its exit status.
pub(super) fn failed(error: ScanError) -> anyhow::Error {
    let status = match &error {
        ScanError::Store(store) => match store.fault() {
            DatabaseFault::DiskFull
            | DatabaseFault::WriteFailed
            | DatabaseFault::Gone
            | DatabaseFault::Locked => ExitStatus::CouldNotCheck,
            DatabaseFault::Other | DatabaseFault::Unique => ExitStatus::Internal,
            _ => ExitStatus::Usage,
        },
        ScanError::Sweep(_) | ScanError::Resolvers(_) => ExitStatus::CouldNotCheck,
        ScanError::List(_)
        | ScanError::Exists(_)
        | ScanError::Unknown { .. }
        | ScanError::OtherList(_)
        | ScanError::ListNeeded => ExitStatus::Usage,
        ScanError::Damaged(_) | ScanError::Died(_) => ExitStatus::Internal,
    };
    Stop { status, message: error.to_string() }.into()
}
