//! Hosted domains and their versions, as JSON.

use host::domains::{Difference, HostedDomain, PolicyVersion, differences};
use jiff::Timestamp;
use protocol::sts::Mode;
use serde::Serialize;

use super::hosted::HostedPage;
use super::json::{SCHEMA_VERSION, Tool};

/// One domain.
#[derive(Debug, Serialize)]
pub(crate) struct HostedDocument<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    owner: &'a str,
    state: &'static str,
    since: Timestamp,
    added: Timestamp,
    verified: Option<Timestamp>,
    live: Option<Timestamp>,
    served: bool,
    served_until: Option<Timestamp>,
    label: &'a str,
    token: &'a str,
    policy: Option<VersionDocument<'a>>,
    /// The version whose id our DNS answers.
    announced: Option<u32>,
    tlsrpt: Option<&'a str>,
    records: Vec<RecordDocument<'a>>,
    because: &'a [String],
}

#[derive(Debug, Serialize)]
struct RecordDocument<'a> {
    name: &'a str,
    r#type: &'static str,
    value: &'a str,
    what: &'static str,
}

/// One version.
#[derive(Debug, Serialize)]
struct VersionDocument<'a> {
    version: u32,
    id: &'a str,
    mode: Mode,
    max_age: u64,
    mx: Vec<String>,
    body: &'a str,
    body_sha256: String,
    at: Timestamp,
    author: &'a str,
    reason: &'a str,
    back_to: Option<u32>,
    announced: Option<Timestamp>,
}

/// All versions of a domain.
#[derive(Debug, Serialize)]
pub(crate) struct HistoryDocument<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    /// The first one first.
    versions: Vec<ChangeDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct ChangeDocument<'a> {
    #[serde(flatten)]
    version: VersionDocument<'a>,
    /// Lines that differ from the version before.
    changes: Vec<LineDocument>,
}

/// What differs between two versions.
#[derive(Debug, Serialize)]
pub(crate) struct DifferencesDocument<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    earlier: u32,
    later: u32,
    changes: Vec<LineDocument>,
}

#[derive(Debug, Serialize)]
struct LineDocument {
    change: &'static str,
    line: String,
}

/// One domain, as it is written.
pub(crate) fn hosted_json(page: &HostedPage) -> HostedDocument<'_> {
    let HostedPage { hosted, version, records, served } = page;
    HostedDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: hosted.domain.as_str(),
        owner: hosted.owner.as_str(),
        state: hosted.state.as_str(),
        since: hosted.since,
        added: hosted.added,
        verified: hosted.verified,
        live: hosted.live,
        served: *served,
        served_until: hosted.served_until,
        label: hosted.label.as_str(),
        token: hosted.token.as_str(),
        policy: version.as_ref().map(version_document),
        announced: hosted.announced,
        tlsrpt: hosted.tlsrpt.as_deref(),
        records: records
            .iter()
            .map(|record| RecordDocument {
                name: &record.name,
                r#type: record.rtype,
                value: &record.value,
                what: record.what,
            })
            .collect(),
        because: &hosted.because,
    }
}

fn version_document(version: &PolicyVersion) -> VersionDocument<'_> {
    let policy = version.body.policy();
    VersionDocument {
        version: version.number,
        id: &version.id,
        mode: policy.mode,
        max_age: policy.max_age,
        mx: policy.mx.iter().map(ToString::to_string).collect(),
        body: version.body.as_str(),
        body_sha256: version.body.body_sha256().iter().map(|octet| format!("{octet:02x}")).collect(),
        at: version.at,
        author: &version.author,
        reason: &version.reason,
        back_to: version.back_to,
        announced: version.announced,
    }
}

/// All versions, as they are written.
pub(crate) fn history_json<'a>(
    hosted: &'a HostedDomain,
    versions: &'a [PolicyVersion],
) -> HistoryDocument<'a> {
    let before = std::iter::once("").chain(versions.iter().map(|version| version.body.as_str()));
    let change = |(before, version): (&str, &'a PolicyVersion)| ChangeDocument {
        version: version_document(version),
        changes: lines(&differences(before, version.body.as_str())),
    };
    HistoryDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: hosted.domain.as_str(),
        versions: before.zip(versions).map(change).collect(),
    }
}

/// What differs, as it is written.
pub(crate) fn differences_json<'a>(
    hosted: &'a HostedDomain,
    earlier: &PolicyVersion,
    later: &PolicyVersion,
    differences: &[Difference],
) -> DifferencesDocument<'a> {
    DifferencesDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: hosted.domain.as_str(),
        earlier: earlier.number,
        later: later.number,
        changes: lines(differences),
    }
}

fn lines(differences: &[Difference]) -> Vec<LineDocument> {
    let line = |one: &Difference| match one {
        Difference::Added(line) => LineDocument { change: "added", line: line.clone() },
        Difference::Removed(line) => LineDocument { change: "removed", line: line.clone() },
    };
    differences.iter().map(line).collect()
}
