//! What a domain publishes, as the recipes for DNS need it.

use std::net::IpAddr;

use protocol::zone::quoted;

use super::Wanted;

/// A record set: all of its values are replaced together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordSet {
    /// The name, absolute and without the final dot.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The values as they are in the record: text unquoted, addresses in their usual form.
    pub(super) values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    A,
    Aaaa,
    Txt,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Txt => "TXT",
        }
    }
}

impl RecordSet {
    /// Each value in the form of zone files. RFC 1035 §5.1.
    pub(super) fn rdata(&self) -> Vec<String> {
        let written = |value: &String| match self.kind {
            Kind::Txt => quoted(value.as_bytes()),
            Kind::A | Kind::Aaaa => value.clone(),
        };
        self.values.iter().map(written).collect()
    }

    /// The name within the zone: `_mta-sts`, or `_mta-sts.mail` for a domain below the apex.
    pub(super) fn label<'a>(&'a self, wanted: &Wanted) -> &'a str {
        let parent = format!(".{}", wanted.zone);
        self.name.strip_suffix(parent.as_str()).unwrap_or(&self.name)
    }
}

/// The record sets to publish: addresses of the policy host first, since nothing works without them.
pub(super) fn record_sets(wanted: &Wanted) -> Vec<RecordSet> {
    let of = |kind, is_kind: fn(&IpAddr) -> bool| {
        let values: Vec<String> =
            wanted.addresses.iter().filter(|address| is_kind(address)).map(ToString::to_string).collect();
        (!values.is_empty()).then(|| RecordSet { name: wanted.host(), kind, values })
    };
    let texts = wanted.texts().into_iter().map(|(name, text)| RecordSet {
        name,
        kind: Kind::Txt,
        values: vec![text.to_owned()],
    });
    of(Kind::A, IpAddr::is_ipv4).into_iter().chain(of(Kind::Aaaa, IpAddr::is_ipv6)).chain(texts).collect()
}
