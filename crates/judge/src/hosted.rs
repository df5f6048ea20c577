//! Who runs a name that a CNAME leads to.

use crate::draft::quoted;

/// Services that run MTA-STS or web hosts for others, as of November 2026: a name is theirs when it ends so, at a label's
/// border. From the services' own pages where those name their zones, else by the zone of the service itself. What is not
/// here is called by its registrable domain.
const SERVICES: &[(&str, &str)] = &[
    ("easydmarc.pro", "EasyDMARC"),
    ("easydmarc.com", "EasyDMARC"),
    ("powerdmarc.com", "PowerDMARC"),
    ("ondmarc.com", "Red Sift OnDMARC"),
    ("mailhardener.com", "Mailhardener"),
    ("uriports.com", "URIports"),
    ("dmarcian.com", "dmarcian"),
    ("sendmarc.com", "Sendmarc"),
    ("captaindns.com", "CaptainDNS"),
    ("dmarcdkim.com", "dmarcdkim.com"),
    ("mx.cloudflare.net", "Cloudflare Email Routing"),
    ("pages.dev", "Cloudflare Pages"),
    ("workers.dev", "Cloudflare Workers"),
    ("github.io", "GitHub Pages"),
    ("gitlab.io", "GitLab Pages"),
    ("azurestaticapps.net", "Azure Static Web Apps"),
    ("netlify.app", "Netlify"),
    ("vercel-dns.com", "Vercel"),
    ("cloudfront.net", "Amazon CloudFront"),
];

/// Who runs a name: a known service, or its registrable domain, by which it is told apart from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operator {
    /// The service's name, or the registrable domain.
    name: String,
    /// The registrable domain.
    domain: String,
}

impl Operator {
    /// Who runs that name.
    pub(crate) fn of(name: &str) -> Self {
        let lower = name.trim_end_matches('.').to_ascii_lowercase();
        let ends = |suffix: &str| {
            lower.strip_suffix(suffix).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let domain = registrable(&lower);
        let service = SERVICES.iter().find(|(suffix, _)| ends(suffix));
        Self { name: service.map_or_else(|| domain.clone(), |(_, name)| (*name).to_owned()), domain }
    }

    /// Whether both names are run by the same: one service may use several zones.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name || self.domain == other.domain
    }

    /// The service's name, if it is a known one (R30).
    pub(crate) fn service(&self) -> Option<&str> {
        (self.name != self.domain).then_some(self.name.as_str())
    }

    /// For a sentence: `EasyDMARC (easydmarc.pro)`, or the domain alone.
    pub(crate) fn shown(&self) -> String {
        self.service().map_or_else(|| self.domain.clone(), |name| format!("{name} ({})", self.domain))
    }
}

/// Who runs a name, for people: a known service, or its registrable domain. Told by the name alone.
#[must_use]
pub fn operator_of(name: &str) -> String {
    Operator::of(name).name
}

/// The registrable part of a name by the public suffix list; the name itself if it has none.
#[must_use]
pub fn registrable(name: &str) -> String {
    psl::domain_str(name).map_or_else(|| quoted(name), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators() {
        for (name, shown) in [
            ("example_com__mta_sts.easydmarc.pro", "EasyDMARC (easydmarc.pro)"),
            ("MTA.EasyDMARC.com.", "EasyDMARC (easydmarc.com)"),
            ("_mta-sts.mx.cloudflare.net", "Cloudflare Email Routing (mx.cloudflare.net)"),
            ("someone.github.io", "GitHub Pages (someone.github.io)"),
            ("_mta-sts.noteasydmarc.pro", "noteasydmarc.pro"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("com", "com"),
        ] {
            assert_eq!(Operator::of(name).shown(), shown, "{name}");
        }
    }

    #[test]
    fn one_service_in_two_zones_is_the_same() {
        let same = |a: &str, b: &str| Operator::of(a).is_same(&Operator::of(b));
        assert!(same("x.easydmarc.pro", "mta.easydmarc.com"));
        assert!(same("a.provider.net", "b.provider.net"));
        assert!(!same("a.provider.net", "b.other.org"));
    }
}
