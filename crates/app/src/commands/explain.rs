//! `mta-sts explain`.

use super::Context;
use crate::cli::ExplainArgs;
use crate::exit::{ExitStatus, Stop};
use crate::render::markdown_for_terminal;

/// Shows an offline page.
pub(crate) fn explain(args: &ExplainArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    if args.list {
        let lines: Vec<String> =
            judge::pages().iter().map(|page| format!("{:<40} {}\n", page.name, page.title)).collect();
        context.printer.put(None, &lines.concat())?;
        return Ok(ExitStatus::Good);
    }
    let word = args.word.join(" ");
    let Some(page) = judge::explain(&word) else {
        let near = judge::suggest(&word);
        let hint = if near.is_empty() {
            "`mta-sts explain --list` lists them".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        return Err(Stop::usage(format!("there is no page `{word}`; {hint}")));
    };
    let text = if args.markdown {
        page.body.to_owned()
    } else {
        markdown_for_terminal(page.body, context.printer.paint(None))
    };
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}
