//! Laying one state over another: what is given above hides what is below.

use std::collections::BTreeMap;

use super::state::{Https, NameServer, Smtp, State};

/// Each named field of `$above`, or else that of `$below`.
macro_rules! first_given {
    ($above:expr, $below:expr, $($field:ident),+) => {
        $( $above.$field = $above.$field.take().or_else(|| $below.$field.clone()); )+
    };
}

/// A host whose named fields, and whose addresses one by one, lie over those of another.
macro_rules! layered_host {
    ($host:ident { $($field:ident),+ $(,)? }) => {
        impl $host {
            fn lie_over(&mut self, below: &Self) {
                first_given!(self, below, $($field),+);
                merge(&mut self.at, &below.at, Self::lie_over);
            }

            /// The host as it is at one of its addresses.
            pub(crate) fn at_address(&self, label: &str) -> Self {
                let mut there = self.at.get(label).cloned().unwrap_or_default();
                there.lie_over(self);
                there
            }
        }
    };
}

layered_host! {
    Https {
        addresses, tcp, tls, certificate, names, scheme, path, status, headers, body, manner, pause, accepts_reports,
    }
}

layered_host! {
    Smtp {
        addresses, tcp, tls, certificate, names, greeting, ehlo, starttls, after_starttls, manner, pause, tlsa,
    }
}

impl State {
    /// This state, with what it does not say taken from `below`.
    pub(crate) fn over(mut self, below: &Self) -> Self {
        first_given!(
            self, below, mode, max_age, patterns, policy, id, sts, tlsrpt, mx, signing, ttl, add, remove,
            faults
        );
        merge(&mut self.zones, &below.zones, |_, _| {});
        merge(&mut self.servers, &below.servers, |_: &mut NameServer, _| {});
        merge(&mut self.https, &below.https, Https::lie_over);
        merge(&mut self.smtp, &below.smtp, Smtp::lie_over);
        self
    }
}

fn merge<T: Clone>(above: &mut BTreeMap<String, T>, below: &BTreeMap<String, T>, both: impl Fn(&mut T, &T)) {
    for (name, value) in below {
        match above.get_mut(name) {
            Some(own) => both(own, value),
            None => {
                above.insert(name.clone(), value.clone());
            }
        }
    }
}
