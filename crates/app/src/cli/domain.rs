//! `mta-sts domain`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use host::domains::{DomainState, Owner};
use protocol::{Domain, MxPattern};

use super::generate::parse_pattern;
use super::hosting::{ByArgs, HostingArgs, ShownArgs, parse_domain, parse_owner};
use super::{LookArgs, ModeWord, WeakerMode};

/// The domains that `mta-sts serve` serves policies for.
///
/// Every change is a version with its author, time and reason; `mta-sts policy history` lists them. A running `serve` takes
/// changes up within a second.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts domain add example.com --mx mx1.example.com
  mta-sts domain list
  mta-sts domain show example.com
  mta-sts domain set example.com --mx mx1.example.com --mx mx2.example.com --reason 'a second host'
  mta-sts domain rollback example.com
  mta-sts domain retire example.com

Exit codes:
    0  done, or nothing to do
    1  refused: the policy is not valid, or in mode enforce leaves out a live MX host
    2  wrong command line
    3  could not: the database or our own network
    4  promote: not ready for enforce")]
pub(crate) struct DomainArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: DomainVerb,
}

/// The verbs of `domain`.
#[derive(Debug, Subcommand)]
pub(crate) enum DomainVerb {
    Add(Box<AddArgs>),
    List(ListDomainsArgs),
    Show(OneArgs),
    Set(Box<SetArgs>),
    Verify(Box<VerifyArgs>),
    Promote(Box<PromoteArgs>),
    Rollback(Box<RollBackArgs>),
    Retire(RetireArgs),
}

/// Take a domain in, and say which records it needs
///
/// Without --mx or --policy its live MX records are looked up, and the policy is drafted from them in mode testing.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    /// An MX host, or a pattern such as `'*.example.com'`, instead of a look; may be given several times
    #[arg(long, value_name = "HOST", value_parser = parse_pattern, conflicts_with = "policy")]
    pub(crate) mx: Vec<MxPattern>,
    /// What senders shall do when a host fails
    #[arg(long, value_name = "MODE", default_value = "testing", conflicts_with = "policy")]
    pub(crate) mode: ModeWord,
    /// Seconds that senders may keep the policy [default: a day; in enforce a week]
    #[arg(long, value_name = "SECONDS", conflicts_with = "policy")]
    pub(crate) max_age: Option<u64>,
    /// The policy, octet for octet; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Take it in without a policy; `domain set` gives it one
    #[arg(long, conflicts_with_all = ["mx", "policy"])]
    pub(crate) draft: bool,
    /// Also answer for its TLSRPT record, with this target, `mailto:` or `https:`; may be given several times
    #[arg(long, value_name = "URI")]
    pub(crate) rua: Vec<String>,
    /// Whom it belongs to, who then has to show that it is theirs [default: whoever runs the service]
    #[arg(long, value_name = "ID", value_parser = parse_owner)]
    pub(crate) owner: Option<Owner>,
    /// How many domains the owner may have [default: any number]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) quota: Option<u32>,
    /// In mode enforce: do not look whether a live MX host is left out
    #[arg(long)]
    pub(crate) allow_mismatch: bool,
    #[command(flatten)]
    pub(crate) by: ByArgs,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// List the domains
#[derive(Debug, Args)]
pub(crate) struct ListDomainsArgs {
    /// Of this owner alone
    #[arg(long, value_name = "ID", value_parser = parse_owner)]
    pub(crate) owner: Option<Owner>,
    /// In this state alone
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    pub(crate) state: Option<DomainState>,
    /// Only those behind this one, in the order of the names
    #[arg(long, value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) after: Option<Domain>,
    /// At most this many
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
}

/// Show a domain: its policy, the records it needs, what stands in its way
#[derive(Debug, Args)]
pub(crate) struct OneArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
}

/// Change a domain's policy; what is not named stays as it is
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    /// An MX host, or a pattern such as `'*.example.com'`, in place of all there are; may be given several times
    #[arg(long, value_name = "HOST", value_parser = parse_pattern, conflicts_with = "policy")]
    pub(crate) mx: Vec<MxPattern>,
    /// A mode that asks less of senders; `domain promote` goes the other way
    #[arg(long, value_name = "MODE", conflicts_with = "policy")]
    pub(crate) mode: Option<WeakerMode>,
    /// Seconds that senders may keep the policy
    #[arg(long, value_name = "SECONDS", conflicts_with = "policy")]
    pub(crate) max_age: Option<u64>,
    /// The whole policy, octet for octet; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Answer for its TLSRPT record, with this target, `mailto:` or `https:`; may be given several times
    #[arg(long, value_name = "URI")]
    pub(crate) rua: Vec<String>,
    /// In mode enforce: do not look whether a live MX host is left out
    #[arg(long)]
    pub(crate) allow_mismatch: bool,
    #[command(flatten)]
    pub(crate) by: ByArgs,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// Look at a domain now, instead of when its time comes
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// Go from testing to enforce, if the domain is ready
///
/// Shows what `mta-sts ready` shows. A gate that does not pass stands in the way, also one that could not be tested.
#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    /// Go on although no TLSRPT reports are known
    #[arg(long)]
    pub(crate) without_reports: bool,
    /// Go on although this gate does not pass; may be given several times
    #[arg(long, value_name = "GATE")]
    pub(crate) despite: Vec<String>,
    /// Seconds that senders may keep the policy [default: a week, or as before if that is longer]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u64>,
    #[command(flatten)]
    pub(crate) by: ByArgs,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// Serve an earlier version again, with a new id
///
/// Without --to-version or --mode: the version before the one served; again leads no further back.
#[derive(Debug, Args)]
pub(crate) struct RollBackArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    /// The version to go back to
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to_version: Option<u32>,
    /// Keep the policy, but in this mode
    #[arg(long, value_name = "MODE", conflicts_with = "to_version")]
    pub(crate) mode: Option<WeakerMode>,
    /// In mode enforce: do not look whether a live MX host is left out
    #[arg(long)]
    pub(crate) allow_mismatch: bool,
    #[command(flatten)]
    pub(crate) by: ByArgs,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// End a domain: serve mode none until no sender can hold an older policy, and say until when (RFC 8461 §8.3)
#[derive(Debug, Args)]
pub(crate) struct RetireArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    #[command(flatten)]
    pub(crate) by: ByArgs,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
}

fn parse_state(text: &str) -> Result<DomainState, String> {
    text.parse().map_err(|error: host::domains::UnknownState| error.to_string())
}
