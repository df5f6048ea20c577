//! Flags that say how to look.

use std::net::IpAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use outside::ConnectRule;
use serde::Deserialize;

use crate::settings::{parse_connect_rule, parse_helo, parse_seconds};

/// How to look: resolver, roots, addresses, bounds.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Looking")]
pub(crate) struct LookArgs {
    /// How much to look at [default: full]
    #[arg(long)]
    pub(crate) profile: Option<ProfileWord>,
    /// Resolver to ask: ADDRESS[:PORT], tls://HOST, https://HOST/PATH [default: the system's]
    ///
    /// Whatever it is, DNSSEC is validated here, not there. So that no other resolver is needed, give the address of an
    /// encrypted one too: `tls://192.0.2.53#dns.example`, `https://dns.example/dns-query#192.0.2.53`. The first stage of
    /// `scan` takes several; everything else takes one.
    #[arg(long, value_name = "RESOLVER")]
    pub(crate) resolver: Vec<String>,
    /// DNSSEC trust anchor: `iana`, `off`, or a file of DS or DNSKEY records [default: iana]
    #[arg(long, value_name = "FILE|iana|off")]
    pub(crate) trust_anchor: Option<String>,
    /// Root certificates: `webpki` (Mozilla's, built in), `system`, or a PEM file [default: webpki]
    #[arg(long, value_name = "webpki|system|FILE")]
    pub(crate) roots: Option<String>,
    /// Connect elsewhere: HOST:PORT:TO-HOST:TO-PORT as curl, or ADDRESS:PORT=ADDRESS:PORT
    ///
    /// An empty part or `*` on the left stands for any, an empty part on the right for the same; `'*:25=:2525'` sends
    /// every connection for port 25 to port 2525 of the same address. May be given several times; the first rule that
    /// fits is used.
    #[arg(long, value_name = "RULE", value_parser = parse_connect_rule)]
    pub(crate) connect_to: Vec<ConnectRule>,
    /// Also visit addresses of this network although they are not public; may be given several times
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow_target: Vec<IpNet>,
    /// Name or address literal to give in EHLO [default: this machine's]
    #[arg(long, value_name = "NAME", value_parser = parse_helo)]
    pub(crate) helo: Option<String>,
    /// Local address to connect from
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) source_ip: Option<IpAddr>,
    /// Use IPv4 only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,
    /// Seconds for the whole look at one domain [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) timeout: Option<Duration>,
    /// A name for this place of looking, shown in results and records
    #[arg(long, value_name = "NAME")]
    pub(crate) vantage: Option<String>,
}

/// How much to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProfileWord {
    /// The record and the policy
    Basic,
    /// Also the MX records, their coverage, and TLSRPT
    Extended,
    /// Also live SMTP sessions, DANE and DNSSEC of every MX host
    Full,
}
