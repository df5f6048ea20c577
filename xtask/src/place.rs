//! Where things are: the repository, the target folder, the shipped binary.

use std::path::{Path, PathBuf};

/// The repository's root. Cargo tells the manifest's folder at run time; from elsewhere, the current folder counts.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = manifest.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    root.or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| PathBuf::from("."))
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The binary under test: the release build, or what `MTA_STS_BIN` names.
pub(crate) fn binary() -> Result<PathBuf, String> {
    let path = std::env::var_os("MTA_STS_BIN").map_or_else(
        || target().join("release").join(format!("mta-sts{}", std::env::consts::EXE_SUFFIX)),
        PathBuf::from,
    );
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} does not exist: run `cargo build --release` first", path.display()))
    }
}

/// Whether this is Debian, or something that calls itself like it and has apt.
pub(crate) fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && Path::new("/usr/bin/apt-get").exists()
}

/// Whether this process may do everything on this machine.
pub(crate) fn is_root() -> bool {
    std::process::Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}
