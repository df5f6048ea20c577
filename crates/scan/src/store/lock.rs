//! One process for each embedded store.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Holds an embedded store for this process, as long as it lives; the system lets go of it when the process dies,
/// however it dies. It is a file beside the store, since SQLite has locks of its own in the store itself.
#[derive(Debug)]
pub struct StoreLock {
    file: File,
    path: PathBuf,
}

impl StoreLock {
    /// Takes the store at `path`; `None` when another process has it.
    ///
    /// # Errors
    /// When the file beside it cannot be written.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // Removed while it is held: whoever opened it before gets a lock on a file without a name at worst, and then
        // two processes share the store, whose claims still keep them apart.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}
