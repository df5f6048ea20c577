//! `mta-sts generate`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use host::recipes::{ServerPath, Target};
use jiff::Timestamp;
use judge::MaxAgeProfile;
use judge::propose::RECORD_TTL;
use protocol::{Domain, MxPattern};

use super::LookArgs;

/// A policy and its DNS records for a domain, made from its live MX records.
///
/// Well-known providers have presets, which are used only when every MX host fits; else the policy names the hosts
/// themselves. The id in use is read, so that the new one differs. Looks with profile `extended`, and with `full` for
/// mode enforce. With --mx nothing is looked at.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts generate example.com
  mta-sts generate example.com --rua mailto:tls-reports@example.net -o example.com.d
  mta-sts generate example.com --mx mx1.example.com --mx mx2.example.com --only policy
  mta-sts generate example.com --mode enforce --max-age 2419200
  mta-sts generate example.com --id counter --previous-id 7 --only record
  mta-sts generate example.com --for nginx --address 192.0.2.80
  mta-sts generate mail.example.com --mx mx1.example.com --for bind --zone example.com
  mta-sts generate example.com --delegate provider.example
  mta-sts generate healthy.test --lab --format json

Exit codes:
    0  proposed; notes do not count
    1  refused: the domain takes no mail, or has MX records that no policy can name
    2  wrong command line
    3  could not: the MX records are not known")]
pub(crate) struct GenerateArgs {
    /// The domain
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// Look in the lab on this machine
    #[arg(long, conflicts_with_all = ["resolver", "trust_anchor", "roots", "connect_to", "mx"])]
    pub(crate) lab: bool,
    /// An MX host, or a pattern such as `'*.example.com'`, instead of a look; may be given several times
    #[arg(long, value_name = "HOST", value_parser = parse_pattern)]
    pub(crate) mx: Vec<MxPattern>,
    /// What senders shall do when a host fails
    #[arg(long, value_name = "MODE", default_value = "testing")]
    pub(crate) mode: ModeWord,
    /// Seconds that senders may keep the policy [default: by --max-age-profile]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u64>,
    /// Whose advice on max_age counts: a day, in enforce a week (`seed`); in enforce two weeks (`ncsc`); two weeks (`rfc`)
    /// [default: seed]
    #[arg(long, value_name = "seed|ncsc|rfc")]
    pub(crate) max_age_profile: Option<MaxAgeProfile>,
    /// How the id is made, `timestamp`, `counter` or `content-hash`; or the id itself
    #[arg(long, value_name = "HOW|ID", default_value = "timestamp")]
    pub(crate) id: String,
    /// The id in use, where the look cannot tell
    #[arg(long, value_name = "ID")]
    pub(crate) previous_id: Option<String>,
    /// Where reports shall go, `mailto:` or `https:`; may be given several times
    #[arg(long, value_name = "URI")]
    pub(crate) rua: Vec<String>,
    /// Time to live of the records, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = RECORD_TTL,
        value_parser = clap::value_parser!(u32).range(1..=604_800))]
    pub(crate) ttl: u32,
    /// Make both names aliases of `_mta-sts.` and `mta-sts.` in this zone of a provider, which serves the policy
    #[arg(long, value_name = "ZONE", value_parser = parse_zone, conflicts_with = "target")]
    pub(crate) delegate: Option<Domain>,
    /// Print this part alone, as it is to be served or published
    #[arg(long, value_name = "PART", conflicts_with_all = ["output", "target", "format"])]
    pub(crate) only: Option<Part>,
    /// Make the id for this time (RFC 3339) instead of the present
    #[arg(long, value_name = "TIME", value_parser = crate::settings::parse_time)]
    pub(crate) now: Option<Timestamp>,
    /// Write policy, records and the recipe's files below this folder
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<GenerateFormat>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// Flags that say what the recipe is for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Recipe")]
pub(crate) struct RecipeArgs {
    /// Add the files and steps for this server, service or DNS tool
    #[arg(long = "for", value_name = "TARGET", value_parser = targets())]
    pub(crate) target: Option<Target>,
    /// Folder on the server that the policy is served from [default: /var/www/mta-sts]
    #[arg(long, value_name = "DIR", requires = "target", value_parser = server_path())]
    pub(crate) webroot: Option<ServerPath>,
    /// Certificate of the policy host on the server, with its chain [default: where certbot puts it]
    #[arg(long, value_name = "FILE", requires = "target", value_parser = server_path())]
    pub(crate) cert: Option<ServerPath>,
    /// Its key [default: where certbot puts it]
    #[arg(long, value_name = "FILE", requires = "target", value_parser = server_path())]
    pub(crate) key: Option<ServerPath>,
    /// For DNS: the zone that the records go into, if the domain is a name in a larger one [default: the domain]
    #[arg(long, value_name = "ZONE", value_parser = parse_zone, requires = "target")]
    pub(crate) zone: Option<Domain>,
    /// An address of the policy host; may be given several times [default: those that it has; records for
    /// them are written only if they are given]
    #[arg(long, value_name = "ADDRESS", requires = "target")]
    pub(crate) address: Vec<IpAddr>,
}

/// The modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeWord {
    /// Deliver as before, and report
    Testing,
    /// No mail to hosts that fail
    Enforce,
    /// Withdraw the policy
    None,
}

/// The parts of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The policy
    Policy,
    /// The text of the record at _mta-sts
    Record,
    /// The text of the record at _smtp._tls
    Tlsrpt,
}

/// The formats of `generate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GenerateFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}

fn server_path() -> impl TypedValueParser<Value = ServerPath> {
    PathBufValueParser::new().try_map(ServerPath::try_from)
}

fn targets() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(Target::name)).try_map(|word| word.parse::<Target>())
}

/// A host as people write it: any case, U-labels, a final dot, `*.` in front.
fn parse_pattern(text: &str) -> Result<MxPattern, String> {
    let (wildcard, base) = match text.strip_prefix("*.") {
        Some(base) => ("*.", base),
        None => ("", text),
    };
    let host = Domain::parse(base).map_err(|error| error.to_string())?;
    MxPattern::parse(&format!("{wildcard}{host}")).map_err(|error| error.to_string())
}

fn parse_zone(text: &str) -> Result<Domain, String> {
    Domain::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_as_people_write_them() {
        for (text, pattern) in [
            ("MX1.example.com.", "mx1.example.com"),
            ("*.example.com", "*.example.com"),
            ("*.b\u{fc}cher.example", "*.xn--bcher-kva.example"),
        ] {
            assert_eq!(parse_pattern(text).map(|read| read.to_string()), Ok(pattern.to_owned()));
        }
        for (text, word) in [
            ("*", "asterisk"),
            ("mx.*.example.com", "asterisk"),
            (".example.com", "empty label"),
            ("192.0.2.1", "address"),
            ("[2001:db8::1]", "address"),
            ("https://mx.example.com/", "did you mean `mx.example.com`"),
            ("10 mx.example.com", "blank"),
        ] {
            let why = parse_pattern(text).expect_err(text);
            assert!(why.contains(word), "{text}: {why}");
        }
    }
}
