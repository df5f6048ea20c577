//! `mta-sts domain list`.

use host::domains::Filter;

use crate::cli::{HostingFormat, ListDomainsArgs};
use crate::commands::Context;
use crate::commands::hosting::{Hosting, of_domains};
use crate::exit::ExitStatus;
use crate::render::{hosted_json, hosted_table, write_json};

/// Lists domains.
pub(super) async fn list(args: &ListDomainsArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let filter =
        Filter { owner: args.owner.clone(), state: args.state, after: args.after.clone(), limit: args.limit };
    let mut pages = Vec::new();
    for hosted in hosting.domains.list(&filter).await.map_err(of_domains)? {
        pages.push(hosting.page(hosted).await?);
    }
    let text = match args.shown.format.unwrap_or(HostingFormat::Human) {
        HostingFormat::Human => hosted_table(&pages, context.printer.paint(None)),
        HostingFormat::Json => {
            let all: Vec<_> = pages.iter().map(hosted_json).collect();
            write_json(&all, args.shown.json_pretty)? + "\n"
        }
    };
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}
