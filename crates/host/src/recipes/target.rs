//! What a recipe can be for.

use std::fmt;
use std::str::FromStr;

/// A server, service or tool that a recipe is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// nginx.
    Nginx,
    /// Apache HTTP Server 2.4.
    Apache,
    /// Caddy 2.
    Caddy,
    /// Traefik 2 and 3, with nginx behind it.
    Traefik,
    /// HAProxy 2.2 and newer.
    Haproxy,
    /// lighttpd 1.4.
    Lighttpd,
    /// A Worker of Cloudflare.
    CloudflareWorker,
    /// Cloudflare Pages.
    CloudflarePages,
    /// GitHub Pages.
    GithubPages,
    /// Netlify.
    Netlify,
    /// Amazon S3 behind CloudFront.
    S3Cloudfront,
    /// nginx by Docker Compose.
    DockerCompose,
    /// nginx as a systemd unit of its own.
    Systemd,
    /// BIND 9, zones in files.
    Bind,
    /// Knot DNS 3, by `knotc`.
    Knot,
    /// Any server that takes RFC 2136 updates, by `nsupdate`.
    Nsupdate,
    /// Terraform and OpenTofu.
    Terraform,
    /// DNSControl.
    Dnscontrol,
    /// octoDNS.
    Octodns,
}

impl Target {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 19] = [
        Self::Nginx,
        Self::Apache,
        Self::Caddy,
        Self::Traefik,
        Self::Haproxy,
        Self::Lighttpd,
        Self::CloudflareWorker,
        Self::CloudflarePages,
        Self::GithubPages,
        Self::Netlify,
        Self::S3Cloudfront,
        Self::DockerCompose,
        Self::Systemd,
        Self::Bind,
        Self::Knot,
        Self::Nsupdate,
        Self::Terraform,
        Self::Dnscontrol,
        Self::Octodns,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Haproxy => "haproxy",
            Self::Lighttpd => "lighttpd",
            Self::CloudflareWorker => "cloudflare-worker",
            Self::CloudflarePages => "cloudflare-pages",
            Self::GithubPages => "github-pages",
            Self::Netlify => "netlify",
            Self::S3Cloudfront => "s3-cloudfront",
            Self::DockerCompose => "docker-compose",
            Self::Systemd => "systemd",
            Self::Bind => "bind",
            Self::Knot => "knot",
            Self::Nsupdate => "nsupdate",
            Self::Terraform => "terraform",
            Self::Dnscontrol => "dnscontrol",
            Self::Octodns => "octodns",
        }
    }

    /// Whether it publishes the records and serves nothing; the others serve the policy.
    pub const fn is_dns(self) -> bool {
        matches!(
            self,
            Self::Bind | Self::Knot | Self::Nsupdate | Self::Terraform | Self::Dnscontrol | Self::Octodns
        )
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no [`Target`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTarget;

impl fmt::Display for UnknownTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no recipe for this; there is one for each of ")?;
        for (n, target) in Target::ALL.iter().enumerate() {
            write!(f, "{}{target}", if n == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownTarget {}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(word: &str) -> Result<Self, UnknownTarget> {
        let same = |target: &Self| target.name().eq_ignore_ascii_case(word);
        Self::ALL.into_iter().find(same).ok_or(UnknownTarget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_again() {
        for target in Target::ALL {
            assert_eq!(target.name().parse(), Ok(target));
        }
        assert_eq!("iis".parse::<Target>(), Err(UnknownTarget));
        assert!(UnknownTarget.to_string().ends_with("dnscontrol, octodns"));
    }
}
