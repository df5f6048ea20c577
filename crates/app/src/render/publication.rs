//! What a publication came to.

use std::net::IpAddr;
use std::path::PathBuf;

use host::AnnouncedBy;
use jiff::Timestamp;
use judge::Notice;
use outside::Served;
use protocol::Domain;
use protocol::sts::{Mode, PolicyText};
use protocol::zone::quoted;
use serde::Serialize;

use super::escape::visible;
use super::json::{SCHEMA_VERSION, Tool};
use super::page::hung;
use super::paint::Paint;

/// The column at which values begin.
const INDENT: &str = "              ";

/// What a publication came to.
#[derive(Debug, Serialize)]
pub(crate) struct Publication {
    schema_version: u32,
    tool: Tool,
    domain: String,
    status: PublicationStatus,
    version: u32,
    policy: PublishedPolicy,
    files: Vec<PathBuf>,
    seen_at: Vec<IpAddr>,
    record: PublishedRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeTimes>,
    #[serde(skip)]
    interval: Option<NoticeInterval>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PublicationStatus {
    /// Policy and id are out.
    Published,
    /// The same, with an earlier policy.
    RolledBack,
    /// The policy is served; the id is on a person.
    Printed,
    /// It was published already: the journal knows it now, and the files are in their place.
    Adopted,
    /// All was there already.
    Unchanged,
}

#[derive(Debug, Serialize)]
struct PublishedPolicy {
    mode: Mode,
    max_age: u64,
    mx: Vec<String>,
    body_sha256: String,
}

#[derive(Debug, Serialize)]
struct PublishedRecord {
    name: String,
    text: String,
    ttl: u32,
    /// `person`, `one_message`, `calls`; absent when nothing had to be announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct NoticeTimes {
    earliest: Timestamp,
    likely: Timestamp,
    latest: Timestamp,
}

/// The record, and how it was announced.
#[derive(Debug)]
pub(crate) struct AnnouncedHow {
    /// Its name.
    pub(crate) name: String,
    /// Its text.
    pub(crate) record: String,
    /// Its TTL in seconds.
    pub(crate) ttl: u32,
    /// How; `None` when it was there already.
    pub(crate) by: Option<AnnouncedBy>,
}

/// When senders notice, and why then.
#[derive(Debug)]
pub(crate) struct NoticeInterval {
    /// The times.
    pub(crate) times: Notice,
    /// The TTL of the old record, or of its absence.
    pub(crate) record_ttl: Option<u32>,
    /// Whether there was one.
    pub(crate) had_record: bool,
    /// The longest `max_age` of the policies before.
    pub(crate) longest_max_age: Option<u64>,
}

impl Publication {
    /// All of it.
    #[expect(clippy::too_many_arguments, reason = "each is one line of the result")]
    pub(crate) fn new(
        domain: &Domain,
        status: PublicationStatus,
        version: u32,
        body: &PolicyText,
        files: &[PathBuf],
        served: Option<&Served>,
        record: AnnouncedHow,
        interval: Option<NoticeInterval>,
    ) -> Self {
        let policy = body.policy();
        Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool::this(),
            domain: domain.as_str().to_owned(),
            status,
            version,
            policy: PublishedPolicy {
                mode: policy.mode,
                max_age: policy.max_age,
                mx: policy.mx.iter().map(ToString::to_string).collect(),
                body_sha256: body.body_sha256().iter().map(|octet| format!("{octet:02x}")).collect(),
            },
            files: files.to_vec(),
            seen_at: served.map(|served| served.addresses().to_vec()).unwrap_or_default(),
            record: PublishedRecord {
                name: record.name,
                text: record.record,
                ttl: record.ttl,
                by: record.by.map(|by| match by {
                    AnnouncedBy::Person => "person",
                    AnnouncedBy::OneMessage => "one_message",
                    AnnouncedBy::Calls => "calls",
                }),
            },
            notice: interval.as_ref().map(|interval| NoticeTimes {
                earliest: interval.times.earliest,
                likely: interval.times.likely,
                latest: interval.times.latest,
            }),
            interval,
        }
    }
}

/// For people.
pub(crate) fn publication_human(publication: &Publication, paint: Paint) -> String {
    let Publication { policy, record, .. } = publication;
    let word = match publication.status {
        PublicationStatus::Published => "published",
        PublicationStatus::RolledBack => "rolled back",
        PublicationStatus::Printed => "the policy is served; now publish this record",
        PublicationStatus::Adopted => "this policy was published already; files and journal are in order now",
        PublicationStatus::Unchanged => "nothing to do, this policy is published",
    };
    let mut page = vec![paint.bold(format!("{}: {word}", visible(&publication.domain)))];
    let mut row =
        |name: &str, text: String| page.push(hung(&visible(&text), &format!("  {name:<12}"), INDENT));
    row("version", format!("{}, mode {}, max_age {}", publication.version, policy.mode, policy.max_age));
    for file in &publication.files {
        row("placed", file.display().to_string());
    }
    if !publication.seen_at.is_empty() {
        let addresses: Vec<String> = publication.seen_at.iter().map(ToString::to_string).collect();
        row("seen at", addresses.join(", "));
    }
    let line = format!("{}. {} IN TXT {}", record.name, record.ttl, quoted(record.text.as_bytes()));
    let how = match record.by {
        Some("one_message") => "replaced in one message",
        Some("calls") => "replaced by calls to the provider's API",
        Some(_) => "to be published by you, in place of any other that begins v=STSv1",
        None => "was there",
    };
    row("record", how.to_owned());
    page.push(paint.paste(format!("{INDENT}{}", visible(&line))));
    if publication.status == PublicationStatus::Printed {
        page.push(hung(
            "The order is kept only up to here: whoever pastes the record has to do it while this policy is served. Run \
             the same command again afterwards; it says when all is there.",
            "  ",
            "  ",
        ));
    }
    if let Some(interval) = &publication.interval {
        page.push(String::new());
        page.extend(notice(interval, publication.status));
    }
    page.join("\n") + "\n"
}

fn notice(interval: &NoticeInterval, status: PublicationStatus) -> Vec<String> {
    let Notice { earliest, likely, latest } = interval.times;
    let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let title = match status {
        PublicationStatus::Printed => "When senders notice, if the record is published now",
        _ => "When senders notice",
    };
    let mut lines = vec![title.to_owned()];
    let mut row = |name: &str, text: String| lines.push(hung(&text, &format!("  {name:<12}"), INDENT));
    row("earliest", format!("{}: those that hold neither policy nor record", time(earliest)));
    let kept = match (interval.record_ttl, interval.had_record) {
        (Some(ttl), true) => format!("the old record has left the caches (TTL {ttl} s)"),
        (Some(ttl), false) => format!("its absence has left the caches (negative TTL {ttl} s)"),
        (None, true) => {
            "the old record has left the caches (its TTL is not known; one day is assumed)".to_owned()
        }
        (None, false) => {
            "its absence has left the caches (the negative TTL is not known; one day is assumed)".to_owned()
        }
    };
    row("likely", format!("{}: those that compare the id at every delivery, when {kept}", time(likely)));
    row(
        "latest",
        match interval.longest_max_age {
            Some(max_age) => format!(
                "{}: those that do not compare ids, or cannot fetch, keep an older policy for its whole max_age (the \
                 longest is {max_age} s)",
                time(latest)
            ),
            None => format!("{}: no older policy is known that a sender could keep", time(latest)),
        },
    );
    lines
}
