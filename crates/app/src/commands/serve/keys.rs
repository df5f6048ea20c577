//! The key that private keys in the database are sealed with.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use host::certificates::{Sealer, SealingKey};
use tempfile::NamedTempFile;

use crate::capsule::read_bounded;
use crate::exit::{ExitStatus, Stop};

/// The largest file read: a key has 45 octets.
const LIMIT: u64 = 4 << 10;

/// Opens the key in `named`, else in `usual`, which is made if it is not there.
pub(super) fn open(named: Option<&Path>, usual: &Path) -> anyhow::Result<Arc<Sealer>> {
    let path = named.unwrap_or(usual);
    let shown = path.display();
    let wrong = |why: String| {
        let message = format!("--sealing-key: {shown}: {why}");
        anyhow::Error::from(Stop { status: ExitStatus::CouldNotCheck, message })
    };
    if !path.exists() {
        create(path).map_err(&wrong)?;
    }
    let octets = read_bounded(path, LIMIT).map_err(|error| wrong(format!("{error:#}")))?;
    let text = String::from_utf8(octets).map_err(|_| wrong("it is no text".to_owned()))?;
    let key = SealingKey::read(&text).map_err(|fault| wrong(fault.to_string()))?;
    Ok(Arc::new(Sealer::new(&key, &[]).map_err(|fault| wrong(fault.to_string()))?))
}

/// A new key in a new file that nobody else may read; whole, or not there. Of several who make one at the same time, the
/// first one's stays.
fn create(path: &Path) -> Result<(), String> {
    let key = SealingKey::generate().map_err(|fault| fault.to_string())?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or_else(|| Path::new("."));
    let made = || -> io::Result<()> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(key.to_text().as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists => Err(refused.error),
            _ => Ok(()),
        }
    };
    made().map_err(|error| error.to_string())
}
