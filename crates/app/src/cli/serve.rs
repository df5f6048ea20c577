//! `mta-sts serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use protocol::Domain;
use serde::Deserialize;

use super::{HostingArgs, LookArgs};

/// Serve the policies of hosted domains over HTTPS.
///
/// Without any flag: a SQLite file in this directory, ports of this machine alone, and certificates made here, to try things
/// out. `mta-sts domain add` takes domains in, before or while this runs. SIGHUP reads certificate files anew, SIGTERM lets
/// those who are inside finish.
///
/// Every flag can stand in mta-sts.toml too, under its name.
#[derive(Debug, Args)]
#[command(after_long_help = "\
For the Internet, with a certificate authority:
    mta-sts serve --https 0.0.0.0:443 --https '[::]:443' --http 0.0.0.0:80 \\
        --address 192.0.2.80 --acme-directory https://acme.example/directory

Several nodes share a database, and one of them orders certificates:
    mta-sts serve --database postgres://mta-sts@db.example/mta-sts \\
        --sealing-key /etc/mta-sts/sealing.key

Exit codes:
    0  told to end
    2  wrong command line
    3  could not: a port, the database, a certificate")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) doors: DoorArgs,
    #[command(flatten)]
    pub(crate) certificates: CertificateArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// Where the service listens.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Listening")]
pub(crate) struct DoorArgs {
    /// Where policies are served, ADDRESS:PORT; may be given several times [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) https: Vec<SocketAddr>,
    /// Where certificate authorities look by HTTP, ADDRESS:PORT; may be given several times [default: nowhere]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) http: Vec<SocketAddr>,
    /// Where names below --service are answered by DNS, ADDRESS:PORT; may be given several times [default: nowhere]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) dns: Vec<SocketAddr>,
    /// A name server of --service, as its parent zone has it; may be given several times [default: ns1 in it]
    #[arg(long, value_name = "NAME", value_parser = super::hosting::parse_domain)]
    pub(crate) name_server: Vec<Domain>,
    /// A key that --service is signed with: the .private file of dnssec-keygen, or PKCS #8 as PEM; may be given several
    /// times [default: not signed]
    #[arg(long, value_name = "FILE")]
    pub(crate) zone_key: Vec<PathBuf>,
    /// Where /healthz, /readyz and /metrics are answered [default: 127.0.0.1:9402]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) management: Option<SocketAddr>,
    /// File to which each visit is added, a line of JSON [default: none]
    #[arg(long, value_name = "FILE")]
    pub(crate) access_log: Option<PathBuf>,
    /// How much of a visitor's address the file holds [default: network]
    #[arg(long, value_name = "HOW")]
    pub(crate) access_log_privacy: Option<PrivacyWord>,
    /// This node's name among those that share the database [default: made up]
    #[arg(long, value_name = "NAME")]
    pub(crate) node: Option<String>,
}

/// Where certificates come from.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Certificates")]
pub(crate) struct CertificateArgs {
    /// Order certificates from the authority with this ACME directory; by that you agree to its terms
    #[arg(long, value_name = "URL")]
    pub(crate) acme_directory: Option<String>,
    /// Where the authority may write to; may be given several times
    #[arg(long, value_name = "MAIL")]
    pub(crate) acme_contact: Vec<String>,
    /// What the authority's own certificate leads to: `webpki` (Mozilla's roots, built in), `system`, or a PEM file
    /// [default: webpki]
    #[arg(long, value_name = "webpki|system|FILE")]
    pub(crate) acme_roots: Option<String>,
    /// Which limits to keep within [default: lets-encrypt]
    #[arg(long, value_name = "WHOSE")]
    pub(crate) acme_limits: Option<LimitsWord>,
    /// A certificate of your own with its chain, PEM; may be given several times, each with a --key
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Vec<PathBuf>,
    /// The key of the certificate in the same place, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// The key that private keys in the database are sealed with; it is made if it is not there [default: beside the SQLite
    /// file, or mta-sts.key in this directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) sealing_key: Option<PathBuf>,
}

/// How much of a visitor's address is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PrivacyWord {
    /// The address
    Full,
    /// Its network, a /24 or a /48
    Network,
    /// A number that stands for it until midnight
    Pseudonym,
    /// Nothing
    None,
}

/// Whose limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LimitsWord {
    /// The published ones of Let's Encrypt
    LetsEncrypt,
    /// None: an authority of your own
    None,
}
