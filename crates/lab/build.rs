//! Lists the scenario files, so that they are built into the crate.

use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut files = Vec::new();
    collect(&scenarios, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&scenarios).map_err(std::io::Error::other)?.display().to_string();
        let path = file.canonicalize()?;
        table.push_str(&format!("    ({:?}, include_str!({:?})),\n", name.replace('\\', "/"), path));
    }
    table.push(']');
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("no OUT_DIR"))?;
    std::fs::write(PathBuf::from(out).join("scenarios.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
