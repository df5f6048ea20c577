//! `mta-sts export`.

use std::io;
use std::path::Path;

use host::domains::{Filter, HostedDomain, PolicyVersion, WantedRecord};
use protocol::zone::quoted;

use super::Context;
use super::hosting::{Hosting, of_domains};
use crate::cli::{ExportVerb, StaticArgs};
use crate::exit::{ExitStatus, Stop};

/// Domains read at once.
const PAGE: u32 = 1_000;
/// The file of the records.
const RECORDS: &str = "records.zone";
/// The TTL of the records, in seconds: senders soon see a new id.
const TTL: u32 = 300;

/// Carries out a verb of `export`.
pub(crate) async fn export(verb: &ExportVerb, context: &Context) -> anyhow::Result<ExitStatus> {
    let ExportVerb::Static(args) = verb;
    policies(args, context).await
}

/// Writes each policy that is served.
async fn policies(args: &StaticArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let now = hosting.clock.now();
    let mut filter = Filter { limit: PAGE, ..Filter::default() };
    let (mut count, mut lines) = (0_u64, Vec::new());
    loop {
        let page = hosting.domains.list(&filter).await.map_err(of_domains)?;
        let Some(last) = page.last() else { break };
        filter.after = Some(last.domain.clone());
        for hosted in page.iter().filter(|hosted| hosted.is_served(now)) {
            let Some(version) = hosting.current(hosted).await? else { continue };
            write_policy(&args.folder, hosted, &version)?;
            lines.extend(records(&hosting, hosted, &version));
            count += 1;
        }
    }
    let path = args.folder.join(RECORDS);
    std::fs::create_dir_all(&args.folder)
        .and_then(|()| replace(&path, lines.concat().as_bytes()))
        .map_err(|error| not_written(&path, &error))?;
    let what = if count == 1 { "1 policy".to_owned() } else { format!("{count} policies") };
    context.printer.put(None, &format!("{what} below {}\n", args.folder.display()))?;
    Ok(ExitStatus::Good)
}

fn write_policy(folder: &Path, hosted: &HostedDomain, version: &PolicyVersion) -> anyhow::Result<()> {
    // A domain has letters, digits, hyphens and dots alone: it leads nowhere else.
    let path = folder.join(hosted.policy_host()).join(host::recipes::POLICY_PATH);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent)
        .and_then(|()| replace(&path, version.body.bytes()))
        .map_err(|error| not_written(&path, &error))
}

/// The id and, if we answer for it, the TLSRPT record. Where the policy host points to is known to whoever serves it.
fn records(hosting: &Hosting, hosted: &HostedDomain, version: &PolicyVersion) -> Vec<String> {
    let wanted = hosting.names.wanted(hosted, Some(&version.id));
    let line = |record: WantedRecord| {
        let value = match record.rtype {
            "TXT" => quoted(record.value.as_bytes()),
            "CNAME" => format!("{}.", record.value),
            _ => record.value,
        };
        format!("{}. {TTL} IN {} {value}\n", record.name, record.rtype)
    };
    let of_policy_host = format!("mta-sts.{}", hosted.domain.as_str());
    wanted.into_iter().filter(|record| record.name != of_policy_host).map(line).collect()
}

/// From the whole old text to the whole new one at once, and not at all when it is the same: what watches the folder
/// sees changes alone.
fn replace(path: &Path, octets: &[u8]) -> io::Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == octets) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    io::Write::write_all(&mut file, octets)?;
    #[cfg(unix)]
    file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn not_written(path: &Path, error: &io::Error) -> anyhow::Error {
    let message = format!("cannot write {}: {error}", path.display());
    Stop { status: ExitStatus::CouldNotCheck, message }.into()
}
