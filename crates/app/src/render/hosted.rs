//! Hosted domains and their versions, for people.

use host::domains::{Difference, DomainState, HostedDomain, PolicyVersion, WantedRecord, differences};
use jiff::Timestamp;
use protocol::zone::quoted;

use super::escape::visible;
use super::page::{hung, hung_at_blanks};
use super::paint::Paint;

/// The column at which values begin.
const INDENT: &str = "              ";
/// The TTL of the records asked for, in seconds.
const TTL: u32 = 300;

/// A domain and what there is to say of it.
#[derive(Debug)]
pub(crate) struct HostedPage {
    /// The domain.
    pub(crate) hosted: HostedDomain,
    /// The version that is served.
    pub(crate) version: Option<PolicyVersion>,
    /// What its owner has to publish.
    pub(crate) records: Vec<WantedRecord>,
    /// Whether the door answers for it.
    pub(crate) served: bool,
}

/// A time, to the second.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// One domain.
pub(crate) fn hosted_human(page: &HostedPage, paint: Paint, quiet: bool) -> String {
    let HostedPage { hosted, version, records, served } = page;
    let title = format!("{}: {} since {}", hosted.domain.as_str(), hosted.state, time(hosted.since));
    let mut lines = vec![paint.bold(visible(&title))];
    if quiet {
        return lines.concat() + "\n";
    }
    let mut row = |name: &str, text: String| {
        lines.push(hung_at_blanks(&visible(&text), &format!("  {name:<12}"), INDENT));
    };
    row("owner", hosted.owner.to_string());
    if let Some(version) = version {
        let policy = version.body.policy();
        row(
            "policy",
            format!("version {}, mode {}, max_age {}", version.number, policy.mode, policy.max_age),
        );
        row("mx", policy.mx.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        row("id", version.id.clone());
    }
    row("served", served_words(hosted, *served));
    for because in &hosted.because {
        row("because", because.clone());
    }
    if hosted.state == DomainState::Draft {
        let text = format!("give it a policy: mta-sts domain set {} --mx HOST", hosted.domain.as_str());
        row("next", text);
    }
    if !records.is_empty() && hosted.state != DomainState::Retired {
        lines.push(String::new());
        lines.push("Records to publish".to_owned());
        for record in records {
            lines.push(paint.paste(format!("  {}", visible(&record_line(record)))));
            lines.push(hung(record.what, "      ", "      "));
        }
        if let Some(order) = order(page) {
            lines.push(hung(order, "  ", "  "));
        }
    }
    lines.join("\n") + "\n"
}

/// What must not be published before something else.
fn order(page: &HostedPage) -> Option<&'static str> {
    let has_txt =
        page.records.iter().any(|record| record.name.starts_with("_mta-sts.") && record.rtype == "TXT");
    (has_txt && page.hosted.live.is_none()).then_some(
        "Publish the record with the id last, when the policy is served: senders that see an id without a policy look \
         again only later.",
    )
}

fn served_words(hosted: &HostedDomain, served: bool) -> String {
    let url = format!("https://{}/.well-known/mta-sts.txt", hosted.policy_host());
    match (served, hosted.served_until) {
        (true, Some(until)) => {
            format!(
                "{url} with mode none until {}: until then a sender may hold an older policy",
                time(until)
            )
        }
        (true, None) => url,
        (false, Some(_)) => "no: it is retired, and no sender can hold a policy any more".to_owned(),
        (false, None) if hosted.current.is_none() => "no: it has no policy yet".to_owned(),
        (false, None) => "no: its owner has not shown yet that it is theirs".to_owned(),
    }
}

fn record_line(record: &WantedRecord) -> String {
    let value = match record.rtype {
        "TXT" => quoted(record.value.as_bytes()),
        "CNAME" => format!("{}.", record.value),
        _ => record.value.clone(),
    };
    format!("{}. {TTL} IN {} {value}", record.name, record.rtype)
}

/// A list of domains.
pub(crate) fn hosted_table(pages: &[HostedPage], paint: Paint) -> String {
    if pages.is_empty() {
        return "no domains\n".to_owned();
    }
    let names = pages.iter().map(|page| page.hosted.domain.as_str().len());
    let width = names.max().unwrap_or_default().max("domain".len());
    let line = |name: &str, state: &str, mode: &str, version: &str, owner: &str| {
        format!("{name:<width$}  {state:<19}  {mode:<7}  {version:>7}  {owner}")
    };
    let mut lines = vec![paint.dim(line("domain", "state", "mode", "version", "owner"))];
    for HostedPage { hosted, version, .. } in pages {
        let mode = version.as_ref().map_or("-", |version| version.body.policy().mode.as_str());
        let number = version.as_ref().map_or_else(|| "-".to_owned(), |version| version.number.to_string());
        lines.push(line(hosted.domain.as_str(), hosted.state.as_str(), mode, &number, hosted.owner.as_str()));
    }
    lines.join("\n") + "\n"
}

/// All versions of a domain, the newest one first.
pub(crate) fn history_human(hosted: &HostedDomain, versions: &[PolicyVersion], paint: Paint) -> String {
    if versions.is_empty() {
        return format!("{}: no policy yet\n", hosted.domain.as_str());
    }
    let mut lines = Vec::new();
    for (at, version) in versions.iter().enumerate().rev() {
        let served = if hosted.current == Some(version.number) { ", served now" } else { "" };
        let back = version.back_to.map(|number| format!(", back to version {number}")).unwrap_or_default();
        let title = format!(
            "version {} of {} by {}, id {}{back}{served}",
            version.number,
            time(version.at),
            version.author,
            version.id
        );
        lines.push(paint.bold(visible(&title)));
        if !version.reason.is_empty() {
            lines.push(hung(&visible(&version.reason), "    ", "    "));
        }
        let before = at.checked_sub(1).and_then(|before| versions.get(before));
        let before = before.map_or("", |before| before.body.as_str());
        lines.extend(differences(before, version.body.as_str()).iter().map(difference));
    }
    lines.join("\n") + "\n"
}

/// What differs between two versions.
pub(crate) fn differences_human(
    hosted: &HostedDomain,
    earlier: &PolicyVersion,
    later: &PolicyVersion,
    differences: &[Difference],
    paint: Paint,
) -> String {
    let title = format!("{}: version {} to {}", hosted.domain.as_str(), earlier.number, later.number);
    let mut lines = vec![paint.bold(title)];
    if differences.is_empty() {
        lines.push("  no difference".to_owned());
    }
    lines.extend(differences.iter().map(difference));
    lines.join("\n") + "\n"
}

fn difference(one: &Difference) -> String {
    match one {
        Difference::Added(line) => format!("  + {}", visible(line)),
        Difference::Removed(line) => format!("  - {}", visible(line)),
    }
}
