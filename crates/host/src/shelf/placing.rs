//! One file, replaced as a whole.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{FILE, ShelfFault, WELL_KNOWN};

/// How drafts begin; those of a run that was cut off are cleared away by the next one for the same file.
const DRAFT: &str = ".mta-sts-draft-";

/// Octets of the digest of a file's name that its drafts carry: enough that two files of one folder never share it.
const MARK_OCTETS: usize = 8;

/// The policy's file in a folder that a web server serves, once it is sure that it stays in there.
pub(super) fn in_folder(folder: &Path) -> Result<PathBuf, ShelfFault> {
    let root = fs::canonicalize(folder).map_err(|_| ShelfFault::NoFolder(folder.to_owned()))?;
    if !root.is_dir() {
        return Err(ShelfFault::NoFolder(folder.to_owned()));
    }
    let well_known = root.join(WELL_KNOWN);
    let target = fs::canonicalize(&well_known).unwrap_or_else(|_| well_known.clone());
    if !target.starts_with(&root) {
        return Err(ShelfFault::Escape { link: well_known, target });
    }
    let file = target.join(FILE);
    check_file(&file)?;
    Ok(file)
}

/// Whether a file may be put there: there is one, or nothing; never a link.
pub(super) fn check_file(file: &Path) -> Result<(), ShelfFault> {
    match fs::symlink_metadata(file) {
        Ok(there) if there.is_symlink() => Err(ShelfFault::Link(file.to_owned())),
        Ok(there) if !there.is_file() => Err(ShelfFault::NoFile(file.to_owned())),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ShelfFault::Io { path: file.to_owned(), error }),
    }
}

/// Replaces the file: written beside it, on disk, then renamed, and the folder's entry on disk too.
pub(super) fn place(file: &Path, body: &[u8]) -> Result<(), ShelfFault> {
    check_file(file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |error| ShelfFault::Io { path, error }
    };
    make_folder(folder).map_err(fault(folder))?;
    let prefix = draft_prefix(file);
    clear_drafts(folder, &prefix).map_err(fault(folder))?;
    let draft = || -> io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder)?;
        draft.write_all(body)?;
        readable(draft.as_file())?;
        draft.as_file().sync_all()?;
        draft.persist(file).map_err(|error| error.error)?;
        on_disk(folder)
    };
    draft().map_err(fault(file))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    // Only `.well-known`: a folder further up that is missing is a wrong path.
    fs::create_dir(folder)?;
    open_to_all(folder)?;
    folder.parent().map_or(Ok(()), on_disk)
}

/// How the drafts of this file begin. The file's own name would make too long a name of a long one.
fn draft_prefix(file: &Path) -> String {
    let digest = Sha256::digest(file.file_name().unwrap_or_default().as_encoded_bytes());
    let mark: String = digest.iter().take(MARK_OCTETS).map(|octet| format!("{octet:02x}")).collect();
    format!("{DRAFT}{mark}-")
}

/// Takes away the drafts of one file. Those of another belong to another domain, whose run may be at work.
fn clear_drafts(folder: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) && entry.file_type()?.is_file() {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Web servers run as users of their own: whatever our mask is, they must be able to read it.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(Permissions::from_mode(0o644))
}

#[cfg(unix)]
fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, Permissions::from_mode(0o755))
}

#[cfg(unix)]
fn on_disk(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn on_disk(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::super::Shelf;
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::TempDir::new().expect("a folder")
    }

    #[test]
    fn a_policy_is_placed_whole_readable_and_alone() {
        let (one, two) = (folder(), folder());
        let shelf = Shelf::open(&[one.path().into(), two.path().into()], &[]).expect("opens");
        assert!(!shelf.holds(b"a"));
        shelf.place(b"a").expect("placed");
        // What a run that was cut off left behind.
        let well_known = one.path().join(WELL_KNOWN);
        let draft = format!("{}x", draft_prefix(Path::new(FILE)));
        fs::write(well_known.join(draft), "half").expect("written");
        shelf.place(b"b").expect("placed");
        assert!(shelf.holds(b"b") && !shelf.holds(b"a"));
        for file in shelf.files() {
            assert_eq!(fs::read(file).expect("there"), b"b");
            assert_eq!(fs::metadata(file).expect("there").permissions().mode() & 0o777, 0o644);
        }
        assert_eq!(fs::metadata(&well_known).expect("there").permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_dir(&well_known).expect("there").count(), 1);
    }

    #[test]
    fn two_files_of_one_folder_do_not_harm_each_other() {
        let dir = folder();
        let (one, two) = (dir.path().join("one.example.txt"), dir.path().join("two.example.txt"));
        let long = dir.path().join("l".repeat(255));
        // The run of the other domain is at work: its draft is written and not yet in its place.
        let at_work = dir.path().join(format!("{}x", draft_prefix(&two)));
        fs::write(&at_work, "policy of two").expect("written");
        let left_over = dir.path().join(format!("{}x", draft_prefix(&one)));
        fs::write(&left_over, "half").expect("written");
        for file in [&one, &long] {
            Shelf::open(&[], std::slice::from_ref(file)).expect("opens").place(b"a").expect("placed");
            assert_eq!(fs::read(file).expect("there"), b"a");
        }
        assert!(at_work.is_file() && !left_over.exists());
        fs::rename(&at_work, &two).expect("put in its place");
        assert_eq!(fs::read(&two).expect("there"), b"policy of two");
        assert_eq!(fs::read(&one).expect("there"), b"a");
    }

    #[test]
    fn a_file_that_is_right_is_not_touched() {
        let dir = folder();
        let shelf = Shelf::open(&[], &[dir.path().join("policy")]).expect("opens");
        shelf.place(b"a").expect("placed");
        let before = fs::metadata(dir.path().join("policy")).expect("there").modified().expect("a time");
        shelf.place(b"a").expect("placed");
        let after = fs::metadata(dir.path().join("policy")).expect("there").modified().expect("a time");
        assert_eq!(before, after);
    }

    #[test]
    fn links_lead_nowhere_else() {
        let (dir, other) = (folder(), folder());
        symlink(other.path(), dir.path().join(WELL_KNOWN)).expect("linked");
        assert!(matches!(Shelf::open(&[dir.path().into()], &[]), Err(ShelfFault::Escape { .. })));

        let dir = folder();
        fs::create_dir(dir.path().join(WELL_KNOWN)).expect("made");
        symlink(other.path().join("x"), dir.path().join(WELL_KNOWN).join(FILE)).expect("linked");
        assert!(matches!(Shelf::open(&[dir.path().into()], &[]), Err(ShelfFault::Link(_))));

        // A link that stays inside is the owner's own order.
        let dir = folder();
        fs::create_dir(dir.path().join("w")).expect("made");
        symlink("w", dir.path().join(WELL_KNOWN)).expect("linked");
        let shelf = Shelf::open(&[dir.path().into()], &[]).expect("opens");
        shelf.place(b"a").expect("placed");
        assert!(dir.path().join("w").join(FILE).is_file());
    }

    #[test]
    fn wrong_places_are_named() {
        let dir = folder();
        let missing = dir.path().join("missing");
        assert!(matches!(Shelf::open(std::slice::from_ref(&missing), &[]), Err(ShelfFault::NoFolder(_))));
        assert!(matches!(Shelf::open(&[], &[dir.path().into()]), Err(ShelfFault::NoFile(_))));
        let deep = Shelf::open(&[], &[missing.join("deeper").join("policy")]).expect("nothing is there yet");
        assert!(matches!(deep.place(b"a"), Err(ShelfFault::Io { .. })));
    }
}
