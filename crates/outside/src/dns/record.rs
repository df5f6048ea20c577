//! The record types that we ask for, as values.

use std::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;
use domain::base::record::ParsedRecord;
use domain::base::{Rtype, ToName, UnknownRecordData};
use domain::rdata;
use protocol::dane::Tlsa;
use protocol::observed::{MxRecord, Octets, Txt};

/// A value read from the data of one record.
pub(crate) trait FromRecord: Clone + Send + Sync + Sized + 'static {
    /// The record type asked for.
    const RTYPE: Rtype;

    /// Reads one record of that type; `None` when its data cannot be read.
    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self>;

    /// Whether the record is kept first when there are more than we take.
    fn matters(&self) -> bool {
        true
    }
}

/// The target of an NS or CNAME record: lower case, no final dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerName(pub(crate) String);

/// The target of a CNAME record asked for as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AliasTarget(pub(crate) String);

/// A name in presentation form, lower case, no final dot; empty for the root.
pub(crate) fn presentation(name: &impl ToName) -> String {
    let mut text = name.to_vec().to_string().to_ascii_lowercase();
    // The library escapes dots within labels, so a final dot is the root's.
    while text.ends_with('.') && !text.ends_with("\\.") {
        text.pop();
    }
    text
}

impl FromRecord for Ipv4Addr {
    const RTYPE: Rtype = Rtype::A;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        record.to_record::<rdata::A>().ok().flatten().map(|r| r.data().addr())
    }
}

impl FromRecord for Ipv6Addr {
    const RTYPE: Rtype = Rtype::AAAA;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        record.to_record::<rdata::Aaaa>().ok().flatten().map(|r| r.data().addr())
    }
}

impl FromRecord for Txt {
    const RTYPE: Rtype = Rtype::TXT;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        let record = record.to_record::<rdata::Txt<_>>().ok().flatten()?;
        Some(Self { strings: record.data().iter().map(Octets::from).collect() })
    }

    fn matters(&self) -> bool {
        // Every record type of the field that lives in TXT begins so; the rest is somebody else's.
        self.strings.first().is_some_and(|s| s.as_slice().starts_with(b"v="))
    }
}

impl FromRecord for MxRecord {
    const RTYPE: Rtype = Rtype::MX;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        let record = record.to_record::<rdata::Mx<_>>().ok().flatten()?;
        Some(Self { preference: record.data().preference(), host: presentation(record.data().exchange()) })
    }
}

impl FromRecord for ServerName {
    const RTYPE: Rtype = Rtype::NS;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        let record = record.to_record::<rdata::Ns<_>>().ok().flatten()?;
        Some(Self(presentation(record.data().nsdname())))
    }
}

impl FromRecord for AliasTarget {
    const RTYPE: Rtype = Rtype::CNAME;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        let record = record.to_record::<rdata::Cname<_>>().ok().flatten()?;
        Some(Self(presentation(record.data().cname())))
    }
}

impl FromRecord for Tlsa {
    const RTYPE: Rtype = Rtype::TLSA;

    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        let record = record.to_record::<UnknownRecordData<_>>().ok().flatten()?;
        Self::from_rdata(record.data().data().as_ref()).ok()
    }
}
