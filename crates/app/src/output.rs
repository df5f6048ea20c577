//! Where a result goes: standard output, or a file that is complete or not there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use crate::exit::Stop;

/// An output that was opened before the work began, so that a place that cannot be written to is found at once.
pub(crate) struct Output {
    sink: Sink,
    /// For people: `standard output` or the path.
    name: String,
}

enum Sink {
    Standard(BufWriter<StandardOutput>),
    /// A device, a pipe: nothing that could be replaced.
    Special(BufWriter<File>),
    /// A file: written beside its place and put there when it is complete.
    Draft(BufWriter<NamedTempFile>, PathBuf),
}

impl Output {
    /// Opens a file, or standard output for none or `-`.
    ///
    /// # Errors
    /// A place that cannot be written to is an error of the command line, named with its flag.
    pub(crate) fn open(flag: &str, path: Option<&Path>) -> anyhow::Result<Self> {
        match path {
            Some(path) if path != Path::new("-") => {
                let name = path.display().to_string();
                let sink = open_file(path)
                    .map_err(|error| Stop::usage(format!("{flag}: cannot write {name}: {error}")))?;
                Ok(Self { sink, name })
            }
            _ => Ok(Self {
                sink: Sink::Standard(BufWriter::new(StandardOutput { closed: false })),
                name: "standard output".to_owned(),
            }),
        }
    }

    /// Writes all of it and lets readers see it, if they can see it before the end.
    pub(crate) fn put(&mut self, octets: &[u8]) -> anyhow::Result<()> {
        let sink = self.writer();
        sink.write_all(octets)
            .and_then(|()| sink.flush())
            .with_context(|| format!("cannot write {}", self.name))
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.sink {
            Sink::Standard(sink) => sink,
            Sink::Special(sink) => sink,
            Sink::Draft(sink, _) => sink,
        }
    }

    /// Ends it: a file is now at its place. One that is dropped instead never was.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let name = self.name;
        match self.sink {
            Sink::Draft(sink, place) => sink
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
                .and_then(|draft| draft.persist(place).map_err(|error| error.error))
                .map(drop)
                .with_context(|| format!("cannot write {name}")),
            Sink::Standard(mut sink) => sink.flush().with_context(|| format!("cannot write {name}")),
            Sink::Special(mut sink) => sink.flush().with_context(|| format!("cannot write {name}")),
        }
    }
}

/// For libraries that write by themselves. What is written may wait in a buffer until the end.
impl Write for Output {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.writer().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

fn open_file(path: &Path) -> io::Result<Sink> {
    // What a link points to is replaced, not the link.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mta-sts-");
    match fs::metadata(&place) {
        Ok(there) if there.is_file() => {
            // A file that may not be written must not be replaced either.
            drop(File::options().append(true).open(&place)?);
            builder.permissions(there.permissions());
        }
        Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => return Ok(Sink::Special(BufWriter::new(File::options().write(true).open(&place)?))),
        Err(_) => usual_permissions(&mut builder),
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Sink::Draft(BufWriter::new(builder.tempfile_in(folder)?), place))
}

/// As for any new file: what the process's mask allows.
#[cfg(unix)]
fn usual_permissions(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn usual_permissions(_: &mut tempfile::Builder<'_, '_>) {}

/// Standard output. When its reader has gone nobody is left to be told, but the exit status still has a reader: the
/// work goes on and ends with the status that it has.
struct StandardOutput {
    closed: bool,
}

impl StandardOutput {
    fn unless_closed<T>(&mut self, write: impl FnOnce() -> io::Result<T>, gone: T) -> io::Result<T> {
        if self.closed {
            return Ok(gone);
        }
        match write() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(gone)
            }
            result => result,
        }
    }
}

impl Write for StandardOutput {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.unless_closed(|| io::stdout().write(octets), octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed(|| io::stdout().flush(), ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_complete_or_as_it_was() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let path = dir.path().join("result");
        fs::write(&path, "old").expect("written");
        let mut output = Output::open("-o", Some(&path)).expect("opens");
        output.put(b"half").expect("written");
        drop(output);
        assert_eq!(fs::read(&path).expect("readable"), b"old");
        let mut output = Output::open("-o", Some(&path)).expect("opens");
        output.put(b"whole").expect("written");
        output.finish().expect("ends");
        assert_eq!(fs::read(&path).expect("readable"), b"whole");
        assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 1, "nothing else is left");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_a_wrong_command_line() {
        for path in ["/nonexistent/directory/result", "/"] {
            let Err(error) = Output::open("--record", Some(Path::new(path))) else { panic!("{path} opened") };
            assert_eq!(Stop::status_of(&error), crate::exit::ExitStatus::Usage);
            assert!(error.to_string().starts_with("--record: cannot write "), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::TempDir::new().expect("a directory");
        let (path, link) = (dir.path().join("result"), dir.path().join("link"));
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).expect("set");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        let mut output = Output::open("-o", Some(&link)).expect("opens");
        output.put(b"new").expect("written");
        output.finish().expect("ends");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&path).expect("readable"), b"new");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o604);
    }
}
