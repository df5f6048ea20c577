//! The key that private keys in the database are sealed with.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use host::certificates::{Sealer, SealingKey};

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
    let key = match create(path) {
        Ok(mut file) => {
            let key = SealingKey::generate().map_err(|fault| wrong(fault.to_string()))?;
            file.write_all(key.to_text().as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(|error| wrong(error.to_string()))?;
            key
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let octets = read_bounded(path, LIMIT).map_err(|error| wrong(format!("{error:#}")))?;
            let text = String::from_utf8(octets).map_err(|_| wrong("it is no text".to_owned()))?;
            SealingKey::read(&text).map_err(|fault| wrong(fault.to_string()))?
        }
        Err(error) => return Err(wrong(error.to_string())),
    };
    Ok(Arc::new(Sealer::new(&key, &[]).map_err(|fault| wrong(fault.to_string()))?))
}

/// A new file that nobody else may read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
