//! `mta-sts lab`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use judge::Catalogue;
use lab::{Lab, View};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::Context;
use super::abreast::abreast;
use super::progress::Progress;
use super::rehearsal::Rehearsal;
use super::scenario::scenario_names;
use super::site::{Site, start_lab};
use crate::cli::{LookArgs, UpArgs};
use crate::exit::ExitStatus;
use crate::render::{rehearsal_lines, write_json};
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

/// Starts the lab, says how to check in it, and stays until told to end.
pub(crate) async fn up(args: &UpArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let only = scenario_names(&args.names)?;
    // Caught from here on, so that nothing is left behind.
    let end = told_to_end()?;
    let lab = Lab::start(lab::Options { only, delay: Duration::from_millis(args.delay) }).await?;
    let own = if args.dir.is_none() { Some(own_dir()?) } else { None };
    let dir = match (&args.dir, &own) {
        (Some(dir), _) => dir.as_path(),
        (None, Some(own)) => own.path(),
        (None, None) => return Err(anyhow::anyhow!("there is no directory to write to")),
    };
    write_settings(&lab, dir)?;
    context.printer.put(None, &how_to_check(&lab, dir))?;
    end.await?;
    if let Some(own) = own {
        own.close().context("cannot remove the lab's directory")?;
    }
    Ok(ExitStatus::Good)
}

/// A new directory that nobody else may look into and whose name nobody can know before.
fn own_dir() -> anyhow::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("mta-sts-lab-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().context("cannot make a directory for the lab")
}

/// Ends with an interrupt (Ctrl-C) or, where there is such a thing, a request to terminate.
#[cfg(unix)]
fn told_to_end() -> anyhow::Result<impl Future<Output = anyhow::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
            _ = hang_up.recv() => Ok(()),
        }
    })
}

/// Ends with an interrupt (Ctrl-C).
#[cfg(not(unix))]
fn told_to_end() -> anyhow::Result<impl Future<Output = anyhow::Result<()>>> {
    Ok(async { Ok(tokio::signal::ctrl_c().await?) })
}

/// The words to copy, with the settings file and with flags.
fn how_to_check(lab: &Lab, dir: &Path) -> String {
    let domains = || lab.scenarios().iter().map(|scenario| scenario.domain.as_str());
    let example = domains().find(|domain| *domain == "healthy.test").or_else(|| domains().next());
    let example = example.unwrap_or("DOMAIN");
    let dir = dir.display();
    let allowed: Vec<String> =
        lab.allowed().iter().map(|network| format!(" --allow-target {network}")).collect();
    let count = match lab.scenarios().len() {
        1 => "1 domain".to_owned(),
        n => format!("{n} domains"),
    };
    format!(
        "The lab is up with {count} (mta-sts lab list). In another terminal:\n\n  \
         mta-sts --config {dir}/mta-sts.toml check {example}\n\n\
         The same with flags:\n\n  \
         mta-sts check {example} --resolver {} --trust-anchor {dir}/root.anchor --roots {dir}/ca.pem{} \
         $(cat {dir}/connect-to)\n\n\
         Ctrl-C ends it.\n",
        lab.resolver(View::Now),
        allowed.concat(),
    )
}

/// Checks scenarios and compares with what is expected; good only when all are as expected and, when all were
/// checked, every finding of the catalogue was seen.
pub(crate) async fn check(
    names: Vec<String>,
    parallel: u16,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let names = scenario_names(&names)?;
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
    let mut text = match good + bad {
        1 => format!("\n1 scenario: {good} as expected, {bad} not\n"),
        all => format!("\n{all} scenarios: {good} as expected, {bad} not\n"),
    };
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

/// Writes what a check needs: trust anchor, root certificate, a settings file that names both, and rules as flags.
fn write_settings(lab: &Lab, dir: &Path) -> anyhow::Result<()> {
    let put = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    put("root.anchor", &lab.trust_anchor())?;
    put("ca.pem", &lab.ca_pem())?;
    let rules: Vec<String> =
        lab.connect_map().into_iter().map(|(from, to)| show_rule(&rule_between(from, to))).collect();
    put("connect-to", &rules.iter().map(|rule| format!("--connect-to={rule}\n")).collect::<String>())?;
    let settings = json!({
        "resolver": lab.resolver(View::Now).to_string(),
        "trust-anchor": "root.anchor",
        "roots": "ca.pem",
        "allow-target": lab.allowed(),
        "connect-to": rules,
    });
    put("mta-sts.toml", &toml::to_string_pretty(&settings)?)
}
