//! Where policies are served from: folders of web servers.

mod placing;

use std::io;
use std::path::{Path, PathBuf};

use placing::{in_folder, place};

/// RFC 8461 §3.2, below the folder that a web server serves.
const WELL_KNOWN: &str = ".well-known";
const FILE: &str = "mta-sts.txt";

/// The files that the policy host serves as its policy; several when several machines do, each by its own mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    files: Vec<PathBuf>,
}

/// A place that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ShelfFault {
    /// There is no such folder.
    #[error("{}: there is no such folder; create the one that the web server serves, or correct the path", .0.display())]
    NoFolder(PathBuf),
    /// What is there leads elsewhere.
    #[error("{} is a symbolic link to {}, outside of the folder: name the real file with --file", .link.display(), .target.display())]
    Escape {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// The file itself is a link, which replacing would destroy.
    #[error("{} is a symbolic link: name the real file with --file", .0.display())]
    Link(PathBuf),
    /// Something there is no file.
    #[error("{} is no file", .0.display())]
    NoFile(PathBuf),
    /// The system refuses.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Shelf {
    /// A shelf of these folders, each with the policy at `.well-known/mta-sts.txt`, and of these files.
    ///
    /// # Errors
    /// [`ShelfFault`] for a folder that is not there, or a link that leads out of it. Nothing is written yet.
    pub fn open(folders: &[PathBuf], files: &[PathBuf]) -> Result<Self, ShelfFault> {
        let mut all = Vec::new();
        for folder in folders {
            all.push(in_folder(folder)?);
        }
        for file in files {
            placing::check_file(file)?;
            all.push(file.clone());
        }
        Ok(Self { files: all })
    }

    /// The files, in the order given.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Whether every file holds exactly these octets.
    #[must_use]
    pub fn holds(&self, body: &[u8]) -> bool {
        self.files.iter().all(|file| holds(file, body))
    }

    /// Puts these octets into every file that holds others. Each file changes at once, from the whole old text to the
    /// whole new one, and is on disk when this returns.
    ///
    /// # Errors
    /// [`ShelfFault`] for the first file that could not be replaced; those before it have the new text.
    pub fn place(&self, body: &[u8]) -> Result<(), ShelfFault> {
        self.files.iter().filter(|file| !holds(file, body)).try_for_each(|file| place(file, body))
    }
}

fn holds(file: &Path, body: &[u8]) -> bool {
    // Compared by length first, so that a wrong path to something huge is not read.
    let octets = u64::try_from(body.len()).unwrap_or(u64::MAX);
    std::fs::metadata(file).is_ok_and(|there| there.is_file() && there.len() == octets)
        && std::fs::read(file).is_ok_and(|there| there == body)
}
