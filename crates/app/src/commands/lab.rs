//! `mta-sts lab`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use judge::Catalogue;
use lab::{Lab, View};
use serde_json::json;
use tokio::sync::Semaphore;

use super::Context;
use super::abreast::abreast;
use super::progress::Progress;
use super::rehearsal::Rehearsal;
use super::site::{Site, start_lab};
use crate::cli::{LookArgs, UpArgs};
use crate::exit::{ExitStatus, Stop};
use crate::near::nearest;
use crate::render::{rehearsal_lines, visible, write_json};
use crate::settings::{Layers, Look, rule_between, show_rule};

/// Lists the scenarios.
pub(crate) fn list(as_json: bool, context: &Context) -> anyhow::Result<ExitStatus> {
    let scenarios = lab::catalogue();
    let text = if as_json {
        let all: Vec<_> = scenarios
            .iter()
            .map(|s| json!({ "name": s.name, "domain": s.domain, "title": s.title, "verdict": s.verdict }))
            .collect();
        write_json(&all, true)? + "\n"
    } else {
        scenarios.iter().map(|s| format!("{:<44} {}\n", s.domain, s.title)).collect()
    };
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}

/// Starts the lab, says how to check in it, and stays until interrupted.
pub(crate) async fn up(args: &UpArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    known(&args.names)?;
    let options = lab::Options { only: args.names.clone(), delay: Duration::from_millis(args.delay) };
    let lab = Lab::start(options).await?;
    let dir = match &args.dir {
        Some(dir) => dir.clone(),
        None => std::env::temp_dir().join(format!("mta-sts-lab-{}", std::process::id())),
    };
    let settings = write_settings(&lab, &dir)?;
    let example = lab.scenarios().first().map_or("DOMAIN", |scenario| scenario.domain.as_str());
    context.printer.put(
        None,
        &format!(
            "The lab is up with {} domains (mta-sts lab list). In another terminal:\n\n  \
             mta-sts --config {} check {example}\n\n\
             Resolver {}; trust anchor, roots and settings in {}.\nCtrl-C ends it.\n",
            lab.scenarios().len(),
            settings.display(),
            lab.resolver(View::Now),
            dir.display()
        ),
    )?;
    tokio::signal::ctrl_c().await?;
    if args.dir.is_none() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(ExitStatus::Good)
}

/// Checks scenarios and compares with what is expected; good only when all are as expected and, when all were
/// checked, every finding of the catalogue was seen.
pub(crate) async fn check(
    names: Vec<String>,
    parallel: u16,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    known(&names)?;
    let whole = names.is_empty();
    let look = Look::resolve(&LookArgs::default(), &Layers::default())?;
    let site = Site::lab(&look, None, start_lab(names).await?)?;
    let scenarios = site.scenarios();
    let progress = Progress::begin(&context.printer, scenarios.len());
    let paint = context.printer.paint(None);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut good, mut bad) = (0_usize, 0_usize);
    let permits = Semaphore::new(usize::from(parallel));
    let mut all = abreast(scenarios, &permits, |scenario| Rehearsal::of(&site, scenario, context));
    while let Some(rehearsal) = all.next().await {
        let rehearsal = rehearsal?;
        for finding in &rehearsal.report.assessment.findings {
            seen.insert(finding.code.to_owned());
            seen.extend(finding.detail.clone());
        }
        if rehearsal.as_expected() {
            good += 1;
        } else {
            bad += 1;
        }
        if !(context.printer.quiet && rehearsal.as_expected()) {
            progress.aside(|| context.printer.put(None, &rehearsal_lines(&rehearsal, paint)))?;
        }
        progress.one_done();
    }
    progress.end();
    let unseen: Vec<&str> =
        Catalogue::all().map(|entry| entry.code).filter(|code| !seen.contains(*code)).collect();
    let codes = Catalogue::codes().count();
    let details = Catalogue::all().count() - codes;
    let mut text = format!("\n{} scenarios: {good} as expected, {bad} not\n", good + bad);
    text.push_str(&format!("{codes} finding codes and {details} details in the catalogue"));
    let complete = unseen.is_empty() || !whole;
    if whole {
        let words = if unseen.is_empty() {
            "every one was found".to_owned()
        } else {
            format!("never found: {}", unseen.join(", "))
        };
        text.push_str(&format!("; {words}"));
    }
    context.printer.put(None, &(text + "\n"))?;
    Ok(if bad == 0 && complete { ExitStatus::Good } else { ExitStatus::Findings })
}

/// Writes what a check needs: trust anchor, root certificate, and a settings file that names both.
fn write_settings(lab: &Lab, dir: &Path) -> anyhow::Result<PathBuf> {
    let put = |name: &str, text: &str| -> anyhow::Result<PathBuf> {
        let path = dir.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    };
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    put("root.anchor", &lab.trust_anchor())?;
    put("ca.pem", &lab.ca_pem())?;
    let rules: Vec<String> =
        lab.connect_map().into_iter().map(|(from, to)| show_rule(&rule_between(from, to))).collect();
    let settings = json!({
        "resolver": lab.resolver(View::Now).to_string(),
        "trust-anchor": "root.anchor",
        "roots": "ca.pem",
        "allow-target": lab.allowed(),
        "connect-to": rules,
    });
    put("mta-sts.toml", &toml::to_string_pretty(&settings)?)
}

fn known(names: &[String]) -> anyhow::Result<()> {
    let catalogue = lab::catalogue();
    for name in names {
        if !catalogue.iter().any(|scenario| scenario.name == *name) {
            let near = nearest(name, catalogue.iter().map(|scenario| scenario.name.as_str()));
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return Err(Stop::usage(format!("there is no scenario {}{hint}", visible(name))));
        }
    }
    Ok(())
}
