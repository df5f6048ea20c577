//! `mta-sts publish`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, Args, Subcommand, ValueEnum};

use super::LookArgs;
use crate::settings::parse_seconds;

/// Put a policy where it is served, see that it is served everywhere, and only then change the id in DNS.
///
/// In that order a sender that sees the new id always gets the new policy. The command may be cut off at any moment: run
/// it again and it goes on. What was done is kept in a journal, from which `publish rollback` takes earlier versions.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    mut_args = hidden,
    override_usage = "mta-sts publish [OPTIONS] DOMAIN --policy FILE --to DIR\n       \
                      mta-sts publish rollback [OPTIONS] DOMAIN --to DIR",
    after_long_help = "\
Examples:
  mta-sts publish example.com --policy policy.txt --to public
  mta-sts publish rollback example.com --mode testing --to public

With a name server that takes signed updates, or a provider's API:
    --announce rfc2136 --server ns1.example.com --key-file tsig.key
    --announce provider --provider desec --token-file desec.token

Exit codes:
    0  published, printed, or nothing to do
    1  refused: the policy is not valid, or in mode enforce leaves out a live MX host
    2  wrong command line
    3  could not: the name server, the provider or our own network
    4  not served in time (--wait); the id is as it was"
)]
pub(crate) struct PublishArgs {
    /// What else to do with published policies.
    #[command(subcommand)]
    pub(crate) verb: Option<PublishVerb>,
    /// The domain
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// Words too many: taken so that they can be named.
    #[arg(hide = true)]
    pub(crate) more: Vec<String>,
    /// The policy to publish; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) means: MeansArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// Ways of looking that publishing does not have: it looks at what it needs, over IPv4 and IPv6. They are taken and refused
/// with that reason, and not shown.
fn hidden(arg: Arg) -> Arg {
    let is_none_of_ours = ["profile", "ipv4", "ipv6"].contains(&arg.get_id().as_str());
    if is_none_of_ours { arg.hide(true) } else { arg }
}

/// The verbs of `publish`.
#[derive(Debug, Subcommand)]
pub(crate) enum PublishVerb {
    Rollback(Box<RollbackArgs>),
}

/// Publish an earlier version again, with a new id and in the same order.
///
/// Without --to-version or --mode: the version before the last; when the last is a rollback, that one, so that the same
/// command again changes nothing. Senders notice as they do with every change; the result says when at the earliest and at
/// the latest.
#[derive(Debug, Args)]
#[command(mut_args = hidden, after_long_help = "\
Examples:
  mta-sts publish rollback example.com --to public
  mta-sts publish rollback example.com --mode testing --to public
  mta-sts publish rollback example.com --to-version 3 --to public")]
pub(crate) struct RollbackArgs {
    /// The domain
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// The version of the journal to go back to
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to_version: Option<u32>,
    /// Keep the policy, but in this mode
    #[arg(long, value_name = "MODE", conflicts_with = "to_version")]
    pub(crate) mode: Option<WeakerMode>,
    #[command(flatten)]
    pub(crate) means: MeansArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// The modes that ask less of senders than enforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WeakerMode {
    /// Senders deliver as before, and report
    Testing,
    /// As if there were no policy
    None,
}

/// Where policies go, and how ids are announced.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Publishing")]
pub(crate) struct MeansArgs {
    /// Folder that the web server serves: the policy goes to .well-known/mta-sts.txt in it; several for several machines
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Vec<PathBuf>,
    /// The very file that is served as the policy; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
    /// How the id gets into DNS
    #[arg(long, value_name = "HOW", default_value = "print")]
    pub(crate) announce: AnnounceWord,
    /// With rfc2136: the zone's primary name server, NAME or ADDRESS, with :PORT if it is not 53
    #[arg(long, value_name = "SERVER")]
    pub(crate) server: Option<String>,
    /// The zone that has the record [default: rfc2136: the server says; provider: the domain]
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// With rfc2136: file of the TSIG key, as tsig-keygen writes it or as ALGORITHM:NAME:SECRET
    ///
    /// Without it the variable MTA_STS_TSIG_KEY of the environment holds the key. A key is never given on the command
    /// line, where others can read it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// With provider: whose API, such as cloudflare, desec, hetzner, powerdns or route53
    ///
    /// RFC 2136 replaces the record in one message. Many of these APIs cannot: the record may be missing for a moment,
    /// which resolvers may remember for the zone's negative TTL. Senders that have the policy keep it meanwhile.
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// With provider powerdns (or route53): the API's URL
    #[arg(long, value_name = "URL")]
    pub(crate) provider_url: Option<String>,
    /// With provider: file of the API's secret; without it the variable MTA_STS_PROVIDER_TOKEN
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Name that has the record, if an alias leads from _mta-sts.DOMAIN to it
    #[arg(long, value_name = "NAME")]
    pub(crate) at: Option<String>,
    /// TTL of the record in seconds [default: as it is or was looked up, else 300]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=604_800))]
    pub(crate) ttl: Option<u32>,
    /// The new id: timestamp, counter, content-hash, or the id itself [default: timestamp]
    #[arg(long, value_name = "STRATEGY|ID")]
    pub(crate) id: Option<String>,
    /// How long to wait until the policy is served everywhere [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) wait: Option<Duration>,
    /// Publish even if mode enforce leaves out a live MX host, or the MX hosts are not known
    #[arg(long)]
    pub(crate) allow_mismatch: bool,
    /// The journal [default: publish/DOMAIN.jsonl in the user's state directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<PublishFormat>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
}

/// How an id gets into DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnnounceWord {
    /// Print the record for someone to paste: the order is kept only up to the printing
    Print,
    /// One signed update to a name server, which replaces the record at once
    Rfc2136,
    /// A DNS provider's API
    Provider,
}

/// The formats of `publish`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PublishFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}
