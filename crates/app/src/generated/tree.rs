//! The files of a proposal below a folder.

use std::fs;
use std::path::{Component, Path, PathBuf};

use host::recipes::{POLICY_PATH, Recipe};
use judge::propose::Proposal;

use super::steps::Step;
use crate::exit::Stop;
use crate::output::Output;

/// The file with the records.
const RECORDS: &str = "records.zone";

/// A proposal with all that belongs to it.
#[derive(Debug)]
pub(crate) struct Generated {
    /// Policy, records, notes.
    pub(crate) proposal: Proposal,
    /// In which order to publish.
    pub(crate) steps: Vec<Step>,
    /// How, with a certain server or tool.
    pub(crate) recipe: Option<Recipe>,
    /// What was written, in order.
    pub(crate) written: Vec<PathBuf>,
}

/// Writes policy, records and the recipe's files below the folder, each complete or not at all.
pub(crate) fn write_tree(folder: &Path, generated: &Generated) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        (POLICY_PATH, generated.proposal.policy.bytes().to_vec()),
        (RECORDS, records_file(generated).into_bytes()),
    ];
    let recipe = generated.recipe.iter().flat_map(|recipe| &recipe.files);
    // A recipe that serves from a folder brings the policy itself.
    for file in recipe.filter(|file| file.path != POLICY_PATH) {
        files.push((&file.path, file.text.clone().into_bytes()));
    }
    files.into_iter().map(|(path, octets)| write(folder, path, &octets)).collect()
}

fn write(folder: &Path, path: &str, octets: &[u8]) -> anyhow::Result<PathBuf> {
    let below = Path::new(path);
    if !below.components().all(|part| matches!(part, Component::Normal(_))) {
        anyhow::bail!("a file of a recipe would lie outside the folder: {path}");
    }
    let place = folder.join(below);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(|error| {
            Stop::usage(format!("--output: cannot make the folder {}: {error}", parent.display()))
        })?;
    }
    let mut output = Output::open("--output", Some(&place))?;
    output.put(octets)?;
    output.finish()?;
    Ok(place)
}

fn records_file(generated: &Generated) -> String {
    let mut text = format!(
        "; {}: publish these only after the policy is seen served at\n; {}\n",
        generated.proposal.domain,
        generated.proposal.policy_url()
    );
    for record in &generated.proposal.records {
        text.push_str(&format!("{record}\n"));
    }
    text
}
