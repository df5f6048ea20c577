//! What `generate` gives, for people.

use host::recipes::{POLICY_PATH, Recipe};
use judge::propose::{Change, Origin, Proposal, RecordType, ZoneRecord};

use super::escape::{visible, visible_lines};
use super::page::{hung, hung_at_blanks, indented, wrapped};
use super::paint::Paint;
use crate::generated::{Generated, Paste};

/// What is pasted stands this far in.
const PASTE: &str = "     ";

/// For people: where it comes from, the steps with what to paste, the trap, the notes.
pub(crate) fn generated_human(generated: &Generated, paint: Paint, quiet: bool) -> String {
    let proposal = &generated.proposal;
    let mut page = vec![paint.bold(wrapped(&headline(proposal), ""))];
    page.push(String::new());
    if !quiet {
        page.push(wrapped(&visible(&sources(proposal)), "  "));
        page.push(String::new());
    }
    for (n, step) in generated.steps.iter().enumerate() {
        page.push(hung(&visible(&step.text), &format!("{:>2}. ", n + 1), "    "));
        page.push(String::new());
        for paste in &step.paste {
            page.extend(pasted(paste, proposal, paint));
            page.push(String::new());
        }
    }
    let aliased = proposal.records.iter().any(|record| record.rtype == RecordType::Cname);
    if !quiet && proposal.change != Change::Unchanged && !aliased {
        let words = format!(
            "`mta-sts publish` does steps 1 to 3 in this order, and waits in between; with `--id {}` the record and the \
             last check are right as they stand here.",
            proposal.id
        );
        page.push(hung_at_blanks(&visible(&words), "    ", "    "));
        page.push(String::new());
    }
    if let Some(recipe) = &generated.recipe {
        recipe_part(generated, recipe, paint, &mut page);
    }
    if !generated.written.is_empty() {
        page.push(paint.bold("Written:"));
        page.extend(
            generated.written.iter().map(|path| format!("  {}", visible(&path.display().to_string()))),
        );
        page.push(String::new());
    }
    if !quiet {
        page.push(hung(&visible(proposal.trap), "Trap: ", "      "));
        for note in &proposal.notes {
            page.push(hung(&visible(&note.text), "Note: ", "      "));
            page.push(paint.dim(wrapped(&format!("mta-sts explain {}", note.page), "      ")));
        }
    }
    while page.last().is_some_and(String::is_empty) {
        page.pop();
    }
    page.join("\n") + "\n"
}

fn headline(proposal: &Proposal) -> String {
    let domain = visible(proposal.domain.as_str());
    let mode = proposal.policy.policy().mode;
    match &proposal.change {
        Change::First => format!("{domain}: a policy in mode {mode}, id {}", proposal.id),
        Change::Changed { previous } => {
            format!("{domain}: a policy in mode {mode}, id {} instead of {}", proposal.id, visible(previous))
        }
        Change::Unchanged => format!("{domain}: nothing to change, mode {mode}, id {}", proposal.id),
    }
}

/// Where the patterns come from.
pub(crate) fn sources(proposal: &Proposal) -> String {
    let hosts = proposal.hosts.join(", ");
    let preset = proposal.patterns.iter().find_map(|named| match named.origin {
        Origin::Preset(preset) => Some(preset),
        _ => None,
    });
    match (preset, proposal.patterns.first().map(|named| named.origin)) {
        (Some(preset), _) => {
            let compared = match preset.verified {
                Some(day) => format!("last compared on {day} with {}", preset.source),
                None => format!("from {}", preset.source),
            };
            format!("MX hosts: {hosts}. All are of {}: its preset, {compared}.", preset.provider)
        }
        (None, Some(Origin::Given)) => "The mx values were given; the DNS was not asked.".to_owned(),
        (None, Some(_)) => match proposal.preset {
            Some(preset) => {
                format!("MX hosts: {hosts}. They are named one by one, as is best with {}.", preset.provider)
            }
            None => format!("MX hosts: {hosts}. They are named one by one; no preset fits them all."),
        },
        (None, None) => "No MX host is named.".to_owned(),
    }
}

fn pasted(paste: &Paste, proposal: &Proposal, paint: Paint) -> Vec<String> {
    match paste {
        Paste::Policy => vec![paint.paste(indented(&visible_policy(proposal), PASTE))],
        Paste::Command(command) => vec![format!("{PASTE}{}", paint.paste(visible(command)))],
        Paste::Record(record) => {
            vec![format!("{PASTE}{}", paint.paste(visible(&record.to_string()))), String::new(), form(record)]
        }
    }
}

fn visible_policy(proposal: &Proposal) -> String {
    visible_lines(&proposal.policy.as_str().replace("\r\n", "\n")).into_owned()
}

/// Name, type and value, for those who fill in a form.
fn form(record: &ZoneRecord) -> String {
    let value = match record.rtype {
        RecordType::Txt => record.value.clone(),
        RecordType::Cname => format!("{}.", record.value),
    };
    let (name, rtype) = (visible(&record.name), record.rtype.as_str());
    format!("{PASTE}name   {name}\n{PASTE}type   {rtype}\n{PASTE}value  {}", visible(&value))
}

/// Files, steps, trap and commands of a recipe.
fn recipe_part(generated: &Generated, recipe: &Recipe, paint: Paint, page: &mut Vec<String>) {
    page.push(paint.bold(format!("With {}:", visible(recipe.title))));
    page.push(String::new());
    for file in &recipe.files {
        let head = format!("{}: {}", visible(&file.path), visible(&file.what));
        page.push(hung_at_blanks(&head, "  ", "    "));
        // What was written, and the policy, which stands above, need not be read again.
        if generated.written.is_empty() && file.path != POLICY_PATH {
            page.push(String::new());
            page.push(paint.paste(indented(&visible_lines(&file.text), PASTE)));
            page.push(String::new());
        }
    }
    if page.last().is_some_and(|line| !line.is_empty()) {
        page.push(String::new());
    }
    for (step, mark) in recipe.steps.iter().zip('a'..='z') {
        page.push(hung_at_blanks(&visible(step), &format!("  {mark}. "), "     "));
    }
    page.push(String::new());
    page.push(hung_at_blanks(&visible(&recipe.trap), "  Trap: ", "        "));
    page.push(String::new());
    page.push("  Verify:".to_owned());
    page.push(String::new());
    page.extend(recipe.verify.iter().map(|command| format!("{PASTE}{}", paint.paste(visible(command)))));
    page.push(String::new());
}
