//! The means that the command line names: shelf, journal, announcer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use host::{Announcer, Journal, JournalFault, Provider, Rfc2136, Shelf, TsigKey};
use protocol::Domain;

use super::Given;
use crate::capsule::read_bounded;
use crate::cli::{AnnounceWord, MeansArgs};
use crate::exit::{ExitStatus, Stop};
use crate::settings::Layers;

/// The largest file of a key or token read.
const SECRET_LIMIT: u64 = 64 << 10;
/// RFC 1035 §4.2.
const DNS: u16 = 53;

/// The places of the policy.
pub(super) fn shelf(means: &MeansArgs) -> anyhow::Result<Shelf> {
    if means.to.is_empty() && means.file.is_empty() {
        return Err(Stop::usage("--to DIR (the folder that the web server serves) or --file FILE is needed"));
    }
    Shelf::open(&means.to, &means.file).map_err(|fault| Stop::usage(fault.to_string()))
}

/// The domain's journal, locked.
pub(super) fn journal(means: &MeansArgs, domain: &Domain) -> anyhow::Result<Journal> {
    let path = match &means.journal {
        Some(path) => path.clone(),
        None => {
            let folder = state_folder()?.join("mta-sts").join("publish");
            std::fs::create_dir_all(&folder).map_err(|error| {
                Stop::usage(format!("{}: {error}; name the journal with --journal", folder.display()))
            })?;
            folder.join(format!("{domain}.jsonl"))
        }
    };
    Journal::open(&path, domain).map_err(|fault| match fault {
        JournalFault::Busy(_) => {
            Stop { status: ExitStatus::CouldNotCheck, message: fault.to_string() }.into()
        }
        JournalFault::Damaged { .. } | JournalFault::Io { .. } => Stop::usage(format!("--journal: {fault}")),
    })
}

/// XDG Base Directory Specification: `XDG_STATE_HOME`, else `.local/state` in the home directory.
fn state_folder() -> anyhow::Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("XDG_STATE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))
        .ok_or_else(|| Stop::usage("neither XDG_STATE_HOME nor HOME is set: name the journal with --journal"))
}

/// What changes the record.
pub(super) async fn announcer(given: &Given<'_>) -> anyhow::Result<Announcer> {
    let Given { means, domain, context, .. } = given;
    let only = |flag: &str, how: &str| Stop::usage(format!("{flag} is for --announce {how}"));
    if means.announce != AnnounceWord::Rfc2136 && (means.server.is_some() || means.key_file.is_some()) {
        return Err(only("--server or --key-file", "rfc2136"));
    }
    if means.announce != AnnounceWord::Provider && (means.provider.is_some() || means.token_file.is_some()) {
        return Err(only("--provider or --token-file", "provider"));
    }
    if means.announce != AnnounceWord::Provider && means.provider_url.is_some() {
        return Err(only("--provider-url", "provider"));
    }
    if means.announce == AnnounceWord::Print && means.zone.is_some() {
        return Err(only("--zone", "rfc2136 and provider: what is printed has the whole name"));
    }
    match means.announce {
        AnnounceWord::Print => Ok(Announcer::Printed),
        AnnounceWord::Rfc2136 => {
            let Some(server) = &means.server else {
                return Err(Stop::usage("--announce rfc2136 needs --server: the zone's primary name server"));
            };
            let file = means.key_file.as_deref();
            let text = secret(file, "key-file", "TSIG_KEY", &context.layers)?;
            let place = || match file {
                Some(file) => format!("--key-file {}", crate::render::visible(&file.display().to_string())),
                None => "MTA_STS_TSIG_KEY".to_owned(),
            };
            let key = TsigKey::read(&text).map_err(|fault| Stop::usage(format!("{}: {fault}", place())))?;
            let zone = means.zone.as_deref().map(name).transpose()?;
            Ok(Announcer::Rfc2136(Rfc2136::new(address(server).await?, zone, key)))
        }
        AnnounceWord::Provider => {
            let Some(provider) = &means.provider else {
                let known: Vec<&str> = host::PROVIDERS.iter().map(|(name, _)| *name).collect();
                return Err(Stop::usage(format!(
                    "--announce provider needs --provider, one of {}",
                    known.join(", ")
                )));
            };
            let text = secret(means.token_file.as_deref(), "token-file", "PROVIDER_TOKEN", &context.layers)?;
            let zone = means.zone.as_deref().map_or_else(|| Ok(domain.as_str().to_owned()), name)?;
            let opened = Provider::open(provider, &text, &zone, means.provider_url.as_deref());
            Ok(Announcer::Provider(opened.map_err(|fault| Stop::usage(fault.to_string()))?))
        }
    }
}

fn secret(file: Option<&Path>, flag: &str, variable: &str, layers: &Layers) -> anyhow::Result<String> {
    let Some(file) = file else {
        return layers.secret(variable).ok_or_else(|| {
            Stop::usage(format!(
                "--{flag} FILE is needed, or the variable MTA_STS_{variable} of the environment"
            ))
        });
    };
    let octets =
        read_bounded(file, SECRET_LIMIT).map_err(|error| Stop::usage(format!("--{flag}: {error:#}")))?;
    String::from_utf8(octets).map_err(|_| Stop::usage(format!("--{flag}: {} is no text", file.display())))
}

/// A name in the form that the rooms use: no final dot, lower case. Names with underscores are meant too.
pub(super) fn name(text: &str) -> anyhow::Result<String> {
    let bare = text.trim_end_matches('.').to_ascii_lowercase();
    let labels_fit = bare.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    });
    if labels_fit && bare.len() <= 253 {
        Ok(bare)
    } else {
        Err(Stop::usage(format!("`{}` is no name in DNS", crate::render::visible(text))))
    }
}

/// An address of a name server.
async fn address(text: &str) -> anyhow::Result<SocketAddr> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse() {
        return Ok(SocketAddr::new(address, DNS));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (
            host,
            port.parse().map_err(|_| Stop::usage("--server: NAME or ADDRESS, with :PORT if it is not 53"))?,
        ),
        None => (text, DNS),
    };
    let found = tokio::net::lookup_host((host, port)).await;
    found.ok().and_then(|mut found| found.next()).ok_or_else(|| {
        Stop::usage(format!("--server: no address was found for {}", crate::render::visible(host)))
    })
}
