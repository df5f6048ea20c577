//! What `generate` gives, as JSON by the schema of `mta-sts schema generate`.

use std::path::Path;

use jiff::Timestamp;
use judge::propose::{Change, Note, Origin, Wish, ZoneRecord};
use protocol::observed::Evidence;
use serde::Serialize;

use super::json::{Inputs, SCHEMA_VERSION, Tool};
use crate::generated::{Generated, Paste, Step, check_command};

/// A proposal, as it is written.
#[derive(Serialize)]
pub(crate) struct GeneratedDocument<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    /// When it was made: the time of the look, if there was one.
    at: Timestamp,
    /// `first`, `changed` or `unchanged`.
    change: &'static str,
    mode: &'static str,
    max_age: u64,
    policy: PolicyPart<'a>,
    mx_hosts: &'a [String],
    patterns: Vec<Pattern<'a>>,
    preset: Option<PresetPart>,
    id: &'a str,
    previous_id: Option<&'a str>,
    records: Vec<Record<'a>>,
    steps: Vec<StepPart<'a>>,
    trap: &'static str,
    notes: Vec<NotePart<'a>>,
    check: String,
    recipe: Option<RecipePart<'a>>,
    written: Vec<String>,
    /// How it was looked; nothing when the hosts were given.
    inputs: Option<Inputs<'a>>,
}

#[derive(Serialize)]
struct PolicyPart<'a> {
    url: String,
    text: &'a str,
}

#[derive(Serialize)]
struct Pattern<'a> {
    pattern: &'a str,
    origin: &'static str,
}

#[derive(Serialize)]
struct PresetPart {
    name: &'static str,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'static str>,
    source: &'static str,
}

#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    rtype: &'static str,
    ttl: u32,
    value: &'a str,
    zone: String,
}

#[derive(Serialize)]
struct StepPart<'a> {
    text: &'a str,
    paste: Vec<String>,
}

#[derive(Serialize)]
struct NotePart<'a> {
    code: &'static str,
    text: &'a str,
    page: &'static str,
}

#[derive(Serialize)]
struct RecipePart<'a> {
    target: &'static str,
    title: &'a str,
    files: Vec<FilePart<'a>>,
    steps: &'a [String],
    trap: &'a str,
    verify: &'a [String],
}

#[derive(Serialize)]
struct FilePart<'a> {
    path: &'a str,
    what: &'a str,
    text: &'a str,
}

/// A proposal, as it is written.
pub(crate) fn generated_json<'a>(
    generated: &'a Generated,
    wish: &Wish,
    evidence: Option<&'a Evidence>,
    at: Timestamp,
) -> GeneratedDocument<'a> {
    let proposal = &generated.proposal;
    let policy = proposal.policy.policy();
    GeneratedDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: proposal.domain.as_str(),
        at,
        change: match &proposal.change {
            Change::First => "first",
            Change::Changed { .. } => "changed",
            Change::Unchanged => "unchanged",
        },
        mode: policy.mode.as_str(),
        max_age: policy.max_age,
        policy: PolicyPart { url: proposal.policy_url(), text: proposal.policy.as_str() },
        mx_hosts: &proposal.hosts,
        patterns: proposal
            .patterns
            .iter()
            .map(|named| Pattern {
                pattern: named.pattern.as_str(),
                origin: match named.origin {
                    Origin::Preset(_) => "preset",
                    other => other.as_str(),
                },
            })
            .collect(),
        preset: proposal.preset.map(|preset| PresetPart {
            name: preset.name,
            provider: preset.provider,
            verified: preset.verified,
            source: preset.source,
        }),
        id: &proposal.id,
        previous_id: match &proposal.change {
            Change::First => None,
            Change::Changed { previous } => Some(previous),
            Change::Unchanged => Some(&proposal.id),
        },
        records: proposal.records.iter().map(record).collect(),
        steps: generated.steps.iter().map(|one| step(one, generated)).collect(),
        trap: proposal.trap,
        notes: proposal.notes.iter().map(note).collect(),
        check: check_command(proposal, wish.delegate.is_some()),
        recipe: generated.recipe.as_ref().map(recipe),
        written: generated.written.iter().map(|path| shown(path)).collect(),
        inputs: evidence.map(Inputs::of),
    }
}

fn record(record: &ZoneRecord) -> Record<'_> {
    Record {
        name: &record.name,
        rtype: record.rtype.as_str(),
        ttl: record.ttl,
        value: &record.value,
        zone: record.to_string(),
    }
}

fn step<'a>(step: &'a Step, generated: &Generated) -> StepPart<'a> {
    let paste = |paste: &Paste| match paste {
        Paste::Policy => generated.proposal.policy.as_str().to_owned(),
        Paste::Record(record) => record.to_string(),
        Paste::Command(command) => command.clone(),
    };
    StepPart { text: &step.text, paste: step.paste.iter().map(paste).collect() }
}

fn note(note: &Note) -> NotePart<'_> {
    NotePart { code: note.code, text: &note.text, page: note.page }
}

fn recipe(recipe: &host::recipes::Recipe) -> RecipePart<'_> {
    RecipePart {
        target: recipe.target.name(),
        title: recipe.title,
        files: recipe
            .files
            .iter()
            .map(|file| FilePart { path: &file.path, what: &file.what, text: &file.text })
            .collect(),
        steps: &recipe.steps,
        trap: &recipe.trap,
        verify: &recipe.verify,
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
