//! What a scan found, counted: for people, as Markdown, as JSON.

use judge::SurveyClass;
use scan::Standing;
use serde_json::{Value, json};

use super::escape::{markdown as text, visible};
use super::json::{SCHEMA_VERSION, Tool};
use super::paint::Paint;
use crate::commands::{Share, Shares, Tally};

/// A table of the summary: its title, what the columns are, its rows.
struct Table {
    title: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
}

/// For people, at most eighty columns.
pub(crate) fn summary_human(tally: &Tally, standing: Option<&Standing>, top: usize, paint: Paint) -> String {
    let mut page = Vec::new();
    for table in tables(tally, standing, top) {
        let mut lines = vec![paint.bold(table.title)];
        if table.columns.len() > 1 {
            let heads: Vec<String> = table.columns.iter().map(|head| format!("{head:>11}")).collect();
            lines.push(paint.dim(format!("  {:<40}{}", "", heads.concat()).trim_end()));
        }
        for (name, cells) in &table.rows {
            let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>11}")).collect();
            lines.push(format!("  {:<40}{}", shortened(&visible(name)), cells.concat()));
        }
        page.push(lines.join("\n"));
    }
    page.join("\n\n") + "\n"
}

/// Markdown.
pub(crate) fn summary_markdown(tally: &Tally, standing: Option<&Standing>, top: usize) -> String {
    let mut page = vec!["# Scan".to_owned()];
    for table in tables(tally, standing, top) {
        let heads: Vec<String> = table.columns.iter().map(|head| format!(" {head} |")).collect();
        let rule = "---:|".repeat(table.columns.len());
        let mut lines = vec![format!("| |{}", heads.concat()), format!("|---|{rule}")];
        for (name, cells) in &table.rows {
            lines.push(format!("| {} | {} |", text(name), cells.join(" | ")));
        }
        page.push(format!("## {}", table.title));
        page.push(lines.join("\n"));
    }
    page.join("\n\n") + "\n"
}

/// JSON, by the schema of `mta-sts schema scan-summary`. Shares are between 0 and 1.
pub(crate) fn summary_json(tally: &Tally, standing: Option<&Standing>, top: usize) -> Value {
    let of = tally.deployed;
    let part = |count: u64| json!({ "domains": count, "share": share(count, of) });
    let named = |key: &str, shares: &Shares| {
        let (top, others) = shares.top(top);
        let row = |name: &str, share: Share| {
            json!({ key: name, "domains": share.domains, "share": self::share(share.domains, of),
                "enforce": share.enforce, "misconfigured": share.misconfigured })
        };
        json!({ "top": top.iter().map(|(name, share)| row(name, *share)).collect::<Vec<_>>(), "others": others.domains })
    };
    let classes: Vec<Value> = SurveyClass::ALL
        .iter()
        .map(|class| {
            let count = tally.classes.get(class).copied().unwrap_or(0);
            json!({ "class": class.as_str(), "title": class.title(), "domains": count, "share": share(count, of) })
        })
        .collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "tool": Tool::this(),
        "list": standing.map(|standing| json!({
            "names": standing.intake.names,
            "duplicates": standing.intake.duplicates.count,
            "excluded": standing.intake.excluded.count,
            "junk": standing.intake.junk_count(),
            "read_to_its_end": standing.loaded,
        })),
        "names": tally.names,
        "first_stage": tally.first_stage,
        "hits": tally.hits,
        "surveyed": tally.surveyed,
        "taken_at": tally.taken.map(|(first, last)| json!({ "first": first, "last": last })),
        "verdicts": tally.verdicts,
        "deployed": of,
        "modes": {
            "enforce": part(tally.enforce),
            "testing": part(tally.testing),
            "none": part(tally.none),
            "no_policy": part(tally.no_policy),
        },
        "misconfigured": {
            "domains": tally.misconfigured,
            "share": share(tally.misconfigured, of),
            "enforce": tally.misconfigured_enforce,
        },
        "classes": classes,
        "delivery_lost": part(tally.delivery_lost),
        "delivery_degraded": part(tally.delivery_degraded),
        "tlsrpt": part(tally.tlsrpt),
        "dane": tally.dane,
        "mx_providers": named("provider", &tally.mx_providers),
        "policy_hosting": named("provider", &tally.policy_hosting),
        "findings": named("finding", &tally.findings),
    })
}

fn tables(tally: &Tally, standing: Option<&Standing>, top: usize) -> Vec<Table> {
    let of = tally.deployed;
    let row = |name: &str, count: u64| (name.to_owned(), vec![count.to_string(), percent(count, of)]);
    let mut tables = vec![list(tally, standing)];
    if !tally.verdicts.is_empty() {
        let rows = tally.verdicts.iter().map(|(verdict, count)| (verdict.clone(), vec![count.to_string()]));
        tables.push(Table { title: "Verdicts", columns: vec!["names"], rows: rows.collect() });
    }
    if of == 0 {
        return tables;
    }
    let columns = || vec!["domains", "share"];
    tables.push(Table {
        title: "Policies, of domains with MTA-STS",
        columns: columns(),
        rows: vec![
            row("mode enforce", tally.enforce),
            row("mode testing", tally.testing),
            row("mode none", tally.none),
            row("no usable policy", tally.no_policy),
            row("with a TLSRPT record", tally.tlsrpt),
            row("usable DANE at every MX host", tally.dane.get("all").copied().unwrap_or(0)),
            row("delivery is lost", tally.delivery_lost),
            row("delivery is degraded", tally.delivery_degraded),
        ],
    });
    let mut rows = vec![
        row("at least one", tally.misconfigured),
        row("at least one, in mode enforce", tally.misconfigured_enforce),
    ];
    let classes = SurveyClass::ALL.iter();
    rows.extend(classes.map(|class| row(class.title(), tally.classes.get(class).copied().unwrap_or(0))));
    tables.push(Table { title: "Misconfiguration, by class", columns: columns(), rows });
    for (title, shares) in [
        ("MX hosts, by provider", &tally.mx_providers),
        ("Policy hosts, by where a CNAME leads", &tally.policy_hosting),
    ] {
        let (named, others) = shares.top(top);
        let mut rows: Vec<(String, Vec<String>)> =
            named.iter().map(|(name, share)| ((*name).to_owned(), cells(*share, of))).collect();
        if others.domains > 0 {
            rows.push(("others".to_owned(), cells(others, of)));
        }
        tables.push(Table { title, columns: vec!["domains", "share", "misconfig."], rows });
    }
    let (named, _) = tally.findings.top(top);
    let rows = named.iter().map(|(name, share)| row(name, share.domains));
    tables.push(Table { title: "Findings", columns: columns(), rows: rows.collect() });
    tables
}

/// Names, answers, errors by kind.
fn list(tally: &Tally, standing: Option<&Standing>) -> Table {
    let mut rows = Vec::new();
    let mut row = |name: &str, count: u64| rows.push((name.to_owned(), vec![count.to_string()]));
    if let Some(standing) = standing {
        row(
            if standing.loaded { "names" } else { "names (the list is not read to its end)" },
            standing.intake.names,
        );
        for (what, count) in [
            ("duplicates left out", standing.intake.duplicates.count),
            ("excluded", standing.intake.excluded.count),
            ("no names", standing.intake.junk_count()),
        ] {
            if count > 0 {
                row(what, count);
            }
        }
        row("asked", tally.names);
    } else {
        row("names", tally.names);
    }
    let unanswered = tally.unanswered();
    row("without an answer", unanswered);
    for (word, what) in [
        ("timeout", "  nothing came back"),
        ("serv_fail", "  SERVFAIL"),
        ("refused", "  REFUSED"),
        ("malformed", "  an answer that cannot be read"),
        ("unsent", "  could not be asked"),
    ] {
        if let Some(count) = tally.first_stage.get(word) {
            row(what, *count);
        }
    }
    row("with a record", tally.hits);
    row("surveyed", tally.surveyed);
    row("with MTA-STS", tally.deployed);
    Table { title: "List", columns: vec!["names"], rows }
}

fn cells(share: Share, of: u64) -> Vec<String> {
    vec![share.domains.to_string(), percent(share.domains, of), share.misconfigured.to_string()]
}

fn percent(count: u64, of: u64) -> String {
    format!("{:.1} %", share(count, of) * 100.0)
}

/// A part of the whole, to four places.
fn share(count: u64, of: u64) -> f64 {
    let parts = u128::from(count) * 10_000;
    let rounded = (parts + u128::from(of) / 2).checked_div(u128::from(of)).unwrap_or(0);
    f64::from(u32::try_from(rounded).unwrap_or(u32::MAX)) / 10_000.0
}

fn shortened(name: &str) -> String {
    const WIDTH: usize = 40;
    if name.chars().count() <= WIDTH {
        return name.to_owned();
    }
    name.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_nothing_is_divided_by_nothing() {
        for (count, of, expected) in [(1, 3, 0.3333), (2, 3, 0.6667), (0, 0, 0.0), (5, 5, 1.0)] {
            assert!((share(count, of) - expected).abs() < f64::EPSILON, "{count}/{of}");
        }
        assert_eq!(percent(1, 8), "12.5 %");
    }

    #[test]
    fn an_empty_scan_has_a_summary() {
        let tally = Tally::default();
        let human = summary_human(&tally, None, 15, Paint { on: false });
        assert!(human.contains("names") && !human.contains("NaN"), "{human}");
        assert_eq!(summary_json(&tally, None, 15)["deployed"], 0);
    }
}
