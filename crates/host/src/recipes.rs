//! How to serve a policy with the servers and services that people have, and how to publish its records with their DNS.
//!
//! A recipe is data: files, steps, the trap that this target is known for, and the commands that say whether it worked.
//! Whatever came from outside (policy, records, paths) is quoted for the syntax that it stands in, see `quoting`.
//!
//! Each recipe that serves answers one path, with the octets of the policy as `text/plain`, over TLS 1.2 or newer, over
//! IPv4 and IPv6, without redirects, and nothing else (RFC 8461 §3.3).

mod dns_servers;
mod dns_tools;
mod nginx;
mod proxies;
mod quoting;
mod records;
mod server_path;
mod static_hosts;
mod steps;
mod target;
mod units;
mod wanted;
mod web_servers;

pub use server_path::{ServerPath, ServerPathRefused};
pub use target::{Target, UnknownTarget};
pub use wanted::Wanted;

/// Where the policy is, below the webroot. RFC 8461 §3.2.
pub const POLICY_PATH: &str = ".well-known/mta-sts.txt";

/// What to do so that senders find a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// What it is for.
    pub target: Target,
    /// That, in words.
    pub title: &'static str,
    /// What to write.
    pub files: Vec<RecipeFile>,
    /// What to do, in order: sentences, with commands in backticks.
    pub steps: Vec<String>,
    /// What goes wrong with this target more than with others: sentences.
    pub trap: String,
    /// Commands that say whether it worked, in the order in which to run them.
    pub verify: Vec<String>,
}

/// A file of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeFile {
    /// Where to write it, below a folder of the reader's choice; `/` between the parts, never `..`.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// What it is for: half a sentence.
    pub what: String,
}

impl RecipeFile {
    fn new(path: impl Into<String>, text: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), what: what.into() }
    }

    /// The policy as it is to be served.
    fn policy(wanted: &Wanted) -> Self {
        Self::policy_below("", wanted)
    }

    /// The policy as it is to be served, below a folder, which ends in `/`.
    fn policy_below(folder: &str, wanted: &Wanted) -> Self {
        Self::new(
            format!("{folder}{POLICY_PATH}"),
            wanted.policy.as_str(),
            "the policy; its octets are served as they are",
        )
    }
}

/// A value that the syntax of a target has no way to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {syntax} has no way to write {what}; choose a path without it")]
pub struct RecipeRefused {
    /// The option of the command line that brought the value.
    pub option: &'static str,
    /// In what.
    pub syntax: &'static str,
    /// What of it.
    pub what: &'static str,
}

/// The recipe for a target.
///
/// # Errors
/// [`RecipeRefused`] when a value cannot be written in the target's syntax.
///
/// ```
/// use host::recipes::{Target, Wanted, recipe};
///
/// let domain: protocol::Domain = "example.com".parse()?;
/// let wanted = Wanted {
///     zone: domain.clone(),
///     domain,
///     policy: "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n".to_owned(),
///     sts_record: "v=STSv1; id=20260102T030405Z;".to_owned(),
///     tlsrpt_record: None,
///     addresses: vec!["192.0.2.80".parse()?],
///     certificate: "/etc/ssl/mta-sts.pem".parse()?,
///     key: "/etc/ssl/mta-sts.key".parse()?,
///     webroot: "/var/www/mta-sts".parse()?,
///     ttl: 3600,
/// };
/// for target in Target::ALL {
///     let recipe = recipe(target, &wanted)?;
///     assert!(!recipe.files.is_empty() && !recipe.trap.is_empty() && !recipe.verify.is_empty());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn recipe(target: Target, wanted: &Wanted) -> Result<Recipe, RecipeRefused> {
    Ok(match target {
        Target::Nginx => nginx::recipe(wanted),
        Target::Apache => web_servers::apache(wanted)?,
        Target::Caddy => web_servers::caddy(wanted)?,
        Target::Traefik => proxies::traefik(wanted),
        Target::Haproxy => proxies::haproxy(wanted),
        Target::Lighttpd => web_servers::lighttpd(wanted),
        Target::CloudflareWorker => static_hosts::cloudflare_worker(wanted),
        Target::CloudflarePages => static_hosts::cloudflare_pages(wanted),
        Target::GithubPages => static_hosts::github_pages(wanted),
        Target::Netlify => static_hosts::netlify(wanted),
        Target::S3Cloudfront => static_hosts::s3_cloudfront(wanted),
        Target::DockerCompose => units::docker_compose(wanted),
        Target::Systemd => units::systemd(wanted)?,
        Target::Bind => dns_servers::bind(wanted),
        Target::Knot => dns_servers::knot(wanted),
        Target::Nsupdate => dns_servers::nsupdate(wanted),
        Target::Terraform => dns_tools::terraform(wanted),
        Target::Dnscontrol => dns_tools::dnscontrol(wanted),
        Target::Octodns => dns_tools::octodns(wanted),
    })
}

#[cfg(test)]
mod tests;
