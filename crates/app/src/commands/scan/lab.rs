//! A scan of the lab on this machine: offline, and with faults of every kind.

use std::path::Path;

use anyhow::Context as _;
use lab::Lab;
use tempfile::TempDir;

use crate::cli::ScanArgs;
use crate::commands::site::start_lab;

/// The running lab, and files that last as long as the scan.
pub(super) struct LabRoom {
    pub(super) lab: Lab,
    /// Whether the list is the lab's own.
    pub(super) has_list: bool,
    /// Whether the store is one that does not last.
    pub(super) has_store: bool,
    _folder: TempDir,
}

impl LabRoom {
    /// Starts the lab, and names its domains as the list and a store that does not last, unless others are named.
    pub(super) async fn furnish(args: &mut ScanArgs) -> anyhow::Result<Self> {
        let lab = start_lab(Vec::new()).await?;
        let folder = TempDir::with_prefix("mta-sts-lab-")?;
        let at = |name: &str| folder.path().join(name);
        let (has_list, has_store) = (args.file.is_none() && !args.store.resume, args.store.store.is_none());
        if has_list {
            let names: Vec<&str> = lab.scenarios().iter().map(|scenario| scenario.domain.as_str()).collect();
            write(&at("lab.txt"), &names.join("\n"))?;
            args.file = Some(at("lab.txt"));
        }
        if has_store {
            args.store.store = Some(at("store.sqlite"));
        }
        Ok(Self { lab, has_list, has_store, _folder: folder })
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
