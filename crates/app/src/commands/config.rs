//! `mta-sts config`.

use super::Context;
use crate::cli::{ConfigArgs, ConfigVerb, ShowArgs};
use crate::exit::ExitStatus;
use crate::render::visible;
use crate::settings::{Look, Origin, Showing, word_of};

/// Shows the settings in force.
pub(crate) fn config(args: &ConfigArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let ConfigVerb::Show(args) = &args.verb;
    show(args, context)
}

fn show(args: &ShowArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let look = Look::resolve(&args.look, &context.layers)?;
    let showing = Showing::resolve(&args.showing, &context.layers)?;
    let severity = context.layers.severity(None)?;
    let max_age = context.layers.max_age_profile(None)?;
    let one = |text: &str| toml::Value::from(text).to_string();
    let mut lines: Vec<(&str, String, &Origin)> = look.shown();
    lines.push(("format", one(&word_of(showing.format.value)), &showing.format.origin));
    lines.push(("fail-on", one(&word_of(showing.fail_on.value)), &showing.fail_on.origin));
    lines.push(("severity", one(&severity.value), &severity.origin));
    lines.push(("max-age-profile", one(max_age.value.as_str()), &max_age.origin));
    let text: String = lines
        .into_iter()
        .map(|(name, value, origin)| {
            // The same form as the settings file, so that it can be pasted there.
            let line = format!("{name} = {}", visible(&value));
            if args.origin { format!("{line:<48} # {origin}\n") } else { line + "\n" }
        })
        .collect();
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}
