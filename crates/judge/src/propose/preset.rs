//! Presets: which patterns fit the MX hosts of a well-known provider.

use protocol::MxPattern;

/// What is known of one provider's MX hosts. Data, with the day on which it was last compared with its source.
///
/// A preset is used only when **every** MX host of the domain fits it; else the policy names the hosts themselves.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// A short stable name, such as `google`.
    pub name: &'static str,
    /// The provider, for people.
    pub provider: &'static str,
    /// The kinds of MX host that the provider gives to its customers.
    pub families: &'static [Family],
    /// What goes wrong most often with this provider.
    pub trap: &'static str,
    /// The provider's own names for the two halves of MTA-STS, where it serves both (RFC 8461 §8.2).
    pub delegation: Option<Delegation>,
    /// The day on which the names were last compared with the source, `YYYY-MM-DD`; `None` when they never were.
    pub verified: Option<&'static str>,
    /// Where the names come from.
    pub source: &'static str,
}

/// One kind of MX host of a provider.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// For people: `current`, `legacy`.
    pub name: &'static str,
    /// How such a host is known.
    pub fits: Fits,
    /// What the policy says for it.
    pub says: Says,
    /// MX host names of this kind as they are handed out; `example-com` stands for the customer.
    pub known: &'static [&'static str],
}

/// How an MX host is known as one of a family.
#[derive(Debug, Clone, Copy)]
pub enum Fits {
    /// One of these patterns matches it, by the rule of RFC 8461 §4.1.
    Patterns(&'static [&'static str]),
    /// It lies exactly that many labels below one of these names.
    Below(usize, &'static [&'static str]),
    /// It lies anywhere below one of these names.
    Within(&'static [&'static str]),
}

/// What the policy says for a family.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// These patterns, whichever hosts of the family are in use today.
    Patterns(&'static [&'static str]),
    /// Each host with a wildcard for its first label: `*.h-v1.mx.microsoft`.
    FirstLabelOpen,
    /// The hosts themselves.
    Hosts,
}

/// A provider's own names for record and policy host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delegation {
    /// What `_mta-sts.` becomes an alias of.
    pub record: &'static str,
    /// The host that serves the policy.
    pub policy_host: &'static str,
    /// What a CNAME for the policy host does or does not do here.
    pub how: &'static str,
}

impl Preset {
    /// The patterns for these MX hosts, in the order of the families and without repetition; `None` unless every one of
    /// the hosts fits.
    #[must_use]
    pub fn patterns<S: AsRef<str>>(&self, hosts: &[S]) -> Option<Vec<MxPattern>> {
        let hosts: Vec<String> = hosts.iter().map(|host| bare(host.as_ref())).collect();
        let fits = |host: &String| self.families.iter().any(|family| family.fits.host(host));
        if hosts.is_empty() || !hosts.iter().all(fits) {
            return None;
        }
        let mut patterns: Vec<MxPattern> = Vec::new();
        for family in self.families {
            for host in hosts.iter().filter(|host| family.fits.host(host)) {
                for pattern in family.says.patterns(host) {
                    let pattern = MxPattern::parse(&pattern).ok()?;
                    if !patterns.contains(&pattern) {
                        patterns.push(pattern);
                    }
                }
            }
        }
        // A host that two families fit may have been left to the one that does not cover it: never propose that.
        let covered = hosts.iter().all(|host| patterns.iter().any(|pattern| pattern.matches(host)));
        covered.then_some(patterns)
    }

    /// Whether it says no more than the hosts themselves; its trap is worth knowing all the same.
    pub(super) fn says_hosts(&self) -> bool {
        self.families.iter().all(|family| matches!(family.says, Says::Hosts))
    }
}

impl Fits {
    fn host(&self, host: &str) -> bool {
        match self {
            Self::Patterns(patterns) => {
                patterns.iter().any(|text| MxPattern::parse(text).is_ok_and(|pattern| pattern.matches(host)))
            }
            Self::Below(labels, names) => labels_below(host, names).is_some_and(|found| found == *labels),
            Self::Within(names) => labels_below(host, names).is_some(),
        }
    }
}

impl Says {
    fn patterns(&self, host: &str) -> Vec<String> {
        match self {
            Self::Patterns(patterns) => patterns.iter().map(|text| (*text).to_owned()).collect(),
            Self::FirstLabelOpen => {
                host.split_once('.').map(|(_, rest)| format!("*.{rest}")).into_iter().collect()
            }
            Self::Hosts => vec![host.to_owned()],
        }
    }
}

/// How many labels the host has in front of the first of the names that it lies below; `None` when it lies below none.
fn labels_below(host: &str, names: &[&str]) -> Option<usize> {
    let front = names.iter().find_map(|name| host.strip_suffix(name)?.strip_suffix('.'))?;
    (!front.is_empty()).then(|| front.split('.').count())
}

fn bare(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}
