//! Flags of the commands that work on hosted domains.

use std::net::IpAddr;

use clap::{Args, ValueEnum};
use host::domains::Owner;
use protocol::Domain;

/// Where the hosted domains are, and where the service can be found.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Hosting")]
pub(crate) struct HostingArgs {
    /// Where domains, policies and certificates are kept: a SQLite file, or postgres://USER@HOST/DATABASE for several
    /// nodes [default: mta-sts.sqlite in this directory]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) database: Option<String>,
    /// The zone that our DNS answers for, to which the domains' records point
    #[arg(long, value_name = "NAME", value_parser = parse_domain)]
    pub(crate) service: Option<Domain>,
    /// Address at which senders reach this service; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Vec<IpAddr>,
}

/// Who does it, and why: kept with every version.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Journal")]
pub(crate) struct ByArgs {
    /// Who makes the change [default: the user of this machine]
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Why
    #[arg(long, value_name = "WORDS")]
    pub(crate) reason: Option<String>,
    /// Refuse unless this is the version served now
    #[arg(long, value_name = "NUMBER")]
    pub(crate) if_version: Option<u32>,
}

/// How to show results.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ShownArgs {
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<HostingFormat>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostingFormat {
    /// For people
    Human,
    /// JSON
    Json,
}

/// Reads a domain.
pub(crate) fn parse_domain(text: &str) -> Result<Domain, String> {
    Domain::parse(text).map_err(|error| error.to_string())
}

/// Reads an owner.
pub(crate) fn parse_owner(text: &str) -> Result<Owner, String> {
    text.parse().map_err(|error: host::domains::OwnerRefused| error.to_string())
}
