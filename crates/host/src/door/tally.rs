//! What has happened at the door, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that only grow, since the door was opened.
#[derive(Debug, Default)]
pub struct Tally {
    counts: [AtomicU64; Count::ALL.len()],
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Connections let in, on both ports.
    Admitted,
    /// Connections closed at once: too many from one address.
    TooMany,
    /// Times that the system had no connection to give, for want of file descriptors or memory.
    NotAccepted,
    /// TLS handshakes that were completed.
    Greeted,
    /// Hellos without a server name.
    Nameless,
    /// Hellos with a name that is not served here.
    Unknown,
    /// Handshakes that failed otherwise: no common version, no certificate yet, cut off, not TLS.
    Failed,
    /// Handshakes and requests that took too long.
    TooSlow,
    /// Validations by tls-alpn-01 that were answered.
    ValidatedTls,
    /// Validations by http-01 that were answered.
    ValidatedHttp,
    /// Policies served.
    Served,
    /// Requests for something that is not here: 404.
    NotFound,
    /// Requests that cannot be answered otherwise: 400, 405, 421.
    Refused,
    /// Lines that the access log could not take.
    Unlogged,
}

impl Count {
    /// All of them, in the order of [`Tally::each`].
    const ALL: [Self; 14] = [
        Self::Admitted,
        Self::TooMany,
        Self::NotAccepted,
        Self::Greeted,
        Self::Nameless,
        Self::Unknown,
        Self::Failed,
        Self::TooSlow,
        Self::ValidatedTls,
        Self::ValidatedHttp,
        Self::Served,
        Self::NotFound,
        Self::Refused,
        Self::Unlogged,
    ];

    /// A name for it in the manner of Prometheus, without prefix and `_total`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admitted => "connections",
            Self::TooMany => "connections_over_limit",
            Self::NotAccepted => "accept_failures",
            Self::Greeted => "handshakes",
            Self::Nameless => "handshakes_without_name",
            Self::Unknown => "handshakes_unknown_name",
            Self::Failed => "handshakes_failed",
            Self::TooSlow => "timeouts",
            Self::ValidatedTls => "validations_tls_alpn",
            Self::ValidatedHttp => "validations_http",
            Self::Served => "policies_served",
            Self::NotFound => "requests_not_found",
            Self::Refused => "requests_refused",
            Self::Unlogged => "access_log_lines_lost",
        }
    }
}

impl Tally {
    /// One of the numbers.
    #[must_use]
    pub fn get(&self, count: Count) -> u64 {
        self.counts.get(count as usize).map_or(0, |number| number.load(Ordering::Relaxed))
    }

    /// All of them.
    pub fn each(&self) -> impl Iterator<Item = (Count, u64)> {
        Count::ALL.iter().map(|count| (*count, self.get(*count)))
    }

    pub(super) fn add(&self, count: Count) {
        if let Some(number) = self.counts.get(count as usize) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_count_has_its_place_and_name() {
        let tally = Tally::default();
        for (at, count) in Count::ALL.into_iter().enumerate() {
            assert_eq!(count as usize, at, "{count:?}");
            tally.add(count);
        }
        assert!(tally.each().all(|(_, number)| number == 1));
        let names: BTreeSet<_> = tally.each().map(|(count, _)| count.name()).collect();
        assert_eq!(names.len(), Count::ALL.len());
    }
}
