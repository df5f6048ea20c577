//! Who asked not to be looked at.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use protocol::Domain;

/// Lines of a list of exclusions that count: the list is kept in memory.
const MAX_LINES: usize = 1_000_000;

/// Who asked not to be looked at: domains, each with everything below it, and networks. A name is not asked for, and a
/// host of that name or with such an address is not connected to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusion {
    names: HashSet<Domain>,
    networks: Vec<IpNet>,
}

/// A line of the list that says nothing that can be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct ExclusionError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Exclusion {
    /// Reads a list: a domain, an address or a network (`192.0.2.0/24`) a line; what follows `#` is a comment. A domain
    /// stands for everything below it, with or without a dot in front.
    ///
    /// # Errors
    /// The first line that cannot be read: whoever asked to be left alone must not be overlooked for a slip.
    pub fn parse(text: &str) -> Result<Self, ExclusionError> {
        let mut exclusion = Self::default();
        for (at, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            let wrong = |why: String| ExclusionError { line: at + 1, why };
            if entry.is_empty() {
                continue;
            }
            if at >= MAX_LINES {
                return Err(wrong(format!("at most {MAX_LINES} lines are read")));
            }
            if let Some(network) = network(entry) {
                exclusion.networks.push(network);
            } else {
                let name = entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.')).unwrap_or(entry);
                exclusion.names.insert(Domain::parse(name).map_err(|error| wrong(error.to_string()))?);
            }
        }
        Ok(exclusion)
    }

    /// Whether there is nobody in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.networks.is_empty()
    }

    /// Whether a domain or a host is excluded: itself, or what it lies below.
    #[must_use]
    pub fn has_name(&self, name: &Domain) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let mut above = Some(name.clone());
        while let Some(name) = above {
            if self.names.contains(&name) {
                return true;
            }
            above = name.parent();
        }
        false
    }

    /// Whether a host is excluded, by its name as DNS has it.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        !self.names.is_empty() && Domain::parse(host).is_ok_and(|host| self.has_name(&host))
    }

    /// Whether an address is excluded.
    #[must_use]
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Everybody in this one or the other.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.networks.extend(other.networks);
        self.networks.sort_unstable();
        self.networks.dedup();
        self
    }

    /// The list again, to be kept.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut lines: Vec<String> = self.names.iter().map(ToString::to_string).collect();
        lines.extend(self.networks.iter().map(ToString::to_string));
        lines.sort_unstable();
        lines.join("\n")
    }

    /// The networks.
    #[must_use]
    pub fn networks(&self) -> &[IpNet] {
        &self.networks
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).expect(text)
    }

    #[test]
    fn a_domain_stands_for_all_below_it() {
        let list = "# asked by mail\nexample.com # all of it\n.Example.NET\n*.example.org\r\n\n192.0.2.0/24\n2001:db8::1\n";
        let exclusion = Exclusion::parse(list).expect("a list");
        for (name, expected) in [
            ("example.com", true),
            ("mx.example.com", true),
            ("example.net", true),
            ("a.b.example.org", true),
            ("notexample.com", false),
            ("com", false),
        ] {
            assert_eq!(exclusion.has_name(&domain(name)), expected, "{name}");
        }
        for (address, expected) in
            [("192.0.2.7", true), ("192.0.3.7", false), ("2001:db8::1", true), ("2001:db8::2", false)]
        {
            assert_eq!(exclusion.has_address(address.parse().expect("an address")), expected, "{address}");
        }
        assert_eq!(Exclusion::parse(&exclusion.to_text()).as_ref(), Ok(&exclusion));
        assert!(!Exclusion::default().has_name(&domain("example.com")));
    }

    #[test]
    fn a_slip_is_said() {
        let error = Exclusion::parse("example.com\nexa mple.net\n").expect_err("a blank");
        assert_eq!(error.line, 2);
        assert!(error.to_string().contains("blank"), "{error}");
    }
}
