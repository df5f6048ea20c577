//! `mta-sts man`.

use std::io::Write as _;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_mangen::Man;

use super::Context;
use crate::cli::{Cli, ManArgs};
use crate::exit::ExitStatus;

/// The headings of the long help that become sections of their own, and the sections' names.
const SECTIONS: [(&str, &str); 2] = [("Examples:\n", "EXAMPLES"), ("Exit codes:\n", "\"EXIT STATUS\"")];

/// Prints the main page, or writes a page per command.
pub(crate) fn man(args: &ManArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let codes = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let codes = codes.find("Exit codes:").and_then(|at| codes.get(at..)).unwrap_or_default().to_owned();
    match &args.dir {
        None => context.printer.put(None, &page(&command, &codes)?.1)?,
        Some(dir) => {
            std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
            for (name, text) in pages(&command, &codes)? {
                let path = dir.join(name);
                std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
    }
    Ok(ExitStatus::Good)
}

/// The pages of a command and of those below it, with the files' names.
fn pages(command: &clap::Command, codes: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut all = vec![page(command, codes)?];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        all.extend(pages(below, codes)?);
    }
    Ok(all)
}

fn page(command: &clap::Command, codes: &str) -> anyhow::Result<(String, String)> {
    let man = Man::new(command.clone()).source(concat!("mta-sts ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    let usage = command.clone().render_usage().to_string();
    write!(page, ".SH SYNOPSIS\n{}", as_it_stands(usage.trim_start_matches("Usage: ")))?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    if !after.contains("Exit codes:") {
        // The same for every command.
        after = format!("{after}\n\n{codes}");
    }
    for part in after.split("\n\n").filter(|part| !part.trim().is_empty()) {
        let known =
            SECTIONS.iter().find_map(|(head, name)| Some((*name, part.trim_start().strip_prefix(head)?)));
        let (name, text) = known.unwrap_or(("NOTES", part));
        write!(page, ".SH {name}\n{}", as_it_stands(text))?;
    }
    Ok((man.get_filename(), String::from_utf8_lossy(&page).into_owned()))
}

/// Lines that are not filled.
fn as_it_stands(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(escaped).collect();
    format!(".nf\n{}\n.fi\n", lines.join("\n"))
}

/// A line as roff text: no escape, no request, no typographic hyphens or quotes (groff_char(7)).
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_text() {
        for (line, roff) in [
            ("  mta-sts check --lab", "  mta\\-sts check \\-\\-lab"),
            (".so /etc/passwd", "\\&.so /etc/passwd"),
            ("'*:25=:2525' \\n", "\\(aq*:25=:2525\\(aq \\en"),
        ] {
            assert_eq!(escaped(line), roff);
        }
    }
}
