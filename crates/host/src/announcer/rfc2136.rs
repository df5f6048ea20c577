//! A name server that takes dynamic updates (RFC 2136), signed with a key (RFC 8945).

use std::net::SocketAddr;
use std::str::FromStr as _;

use domain::base::iana::{Rcode, Rtype};
use domain::base::{Message, ToName as _};
use domain::rdata;
use domain::rdata::tsig::Time48;
use domain::tsig::{ClientTransaction, Key, ValidationError};
use jiff::Timestamp;
use protocol::observed::Txt;

use super::exchange::exchange;
use super::update::{self, Wire};
use super::{AnnounceError, Change, Present, TsigKey};

/// TXT records read at the name. A set beyond this has no place at `_mta-sts.`, and would not fit into one update.
const MAX_RECORDS: usize = 64;

/// A name server that takes dynamic updates.
#[derive(Debug)]
pub struct Rfc2136 {
    server: SocketAddr,
    zone: Option<String>,
    key: TsigKey,
}

impl Rfc2136 {
    /// The zone's primary server; its zone, or `None` to ask the server for it; the key to sign with.
    #[must_use]
    pub const fn new(server: SocketAddr, zone: Option<String>, key: TsigKey) -> Self {
        Self { server, zone, key }
    }

    /// The TXT records at `name`, asked at that server.
    pub(super) async fn present(&self, name: &str) -> Result<Present, AnnounceError> {
        let wire = wire(name)?;
        let answer = self.ask(&wire, Rtype::TXT).await?;
        let mut present = Present::default();
        let section = answer.answer().map_err(|_| self.unreadable())?;
        for record in section {
            let record = record.map_err(|_| self.unreadable())?;
            if !record.owner().name_eq(&wire) {
                continue;
            }
            if let Ok(Some(alias)) = record.to_record::<rdata::Cname<_>>() {
                let target = alias.data().cname().to_string();
                return Err(AnnounceError::Alias {
                    name: name.to_owned(),
                    target: target.trim_end_matches('.').to_owned(),
                });
            }
            if let Ok(Some(text)) = record.to_record::<rdata::Txt<_>>() {
                if present.texts.len() >= MAX_RECORDS {
                    let why = format!(
                        "more than {MAX_RECORDS} TXT records stand at {name}: remove what is not needed"
                    );
                    return Err(AnnounceError::Malformed(why));
                }
                let strings =
                    text.data().iter().map(|string| protocol::observed::Octets(string.to_vec())).collect();
                present.texts.push(Txt { strings });
                present.ttl = Some(record.ttl().as_secs());
            }
        }
        present.negative_ttl = soa(&answer).map(|(_, negative_ttl)| negative_ttl);
        Ok(present)
    }

    /// Replaces the TXT set in one message.
    pub(super) async fn replace(&self, change: Change<'_>, now: Timestamp) -> Result<(), AnnounceError> {
        let name = change.name;
        let zone = match &self.zone {
            Some(zone) => wire(zone)?,
            None => self.zone_of(name).await?,
        };
        let too_large =
            |_| AnnounceError::Malformed(format!("the TXT records at {name} do not fit into one update"));
        let mut message = update::message(&zone, &wire(name)?, change).map_err(too_large)?;
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let time = Time48::from_u64(seconds);
        let transaction = ClientTransaction::request(self.key.key.clone(), &mut message, time)
            .map_err(|_| AnnounceError::Malformed("the signature does not fit into the update".to_owned()))?;
        let mut answer = exchange(self.server, message.as_slice()).await?;
        self.verify(&transaction, &mut answer, time, name)?;
        let zone = zone.to_string();
        match answer.header().rcode() {
            Rcode::NOERROR => Ok(()),
            // RFC 2136 §3.2.5: the prerequisites do not hold.
            Rcode::NXRRSET | Rcode::YXRRSET | Rcode::NXDOMAIN | Rcode::YXDOMAIN => {
                Err(AnnounceError::Changed { name: name.to_owned() })
            }
            Rcode::NOTZONE => Err(AnnounceError::NotInZone {
                name: name.to_owned(),
                zone: zone.trim_end_matches('.').to_owned(),
            }),
            rcode => Err(self.refusal(rcode, name)),
        }
    }

    /// Whether the answer is the server's own. What it says before that is only a hint.
    fn verify(
        &self,
        transaction: &ClientTransaction<Key>,
        answer: &mut Message<Vec<u8>>,
        time: Time48,
        name: &str,
    ) -> Result<(), AnnounceError> {
        let (server, key) = (self.server, self.key.name().to_owned());
        let rcode = answer.header().rcode();
        match transaction.answer(answer, time) {
            Ok(()) => Ok(()),
            Err(ValidationError::ServerBadKey) => {
                Err(AnnounceError::UnknownKey { server, key, name: name.to_owned() })
            }
            Err(ValidationError::ServerBadSig) => Err(AnnounceError::WrongSecret { server, key }),
            Err(ValidationError::ServerBadTime { client, server: there }) => {
                Err(AnnounceError::WrongTime { server, here: client.into(), there: there.into() })
            }
            // A server that does not look at the signature at all refuses in the clear.
            Err(ValidationError::ServerUnsigned) if rcode != Rcode::NOERROR => Err(self.refusal(rcode, name)),
            Err(why) => Err(AnnounceError::Unsigned { server, key, why: why.to_string() }),
        }
    }

    fn refusal(&self, rcode: Rcode, name: &str) -> AnnounceError {
        let (server, name) = (self.server, name.to_owned());
        match rcode {
            Rcode::REFUSED => AnnounceError::Refused { server, key: self.key.name().to_owned(), name },
            Rcode::NOTAUTH => AnnounceError::NotAuthoritative { server, name },
            rcode => AnnounceError::Rcode { server, rcode: rcode.to_string() },
        }
    }

    /// The zone that `name` is in: the server itself says so with its SOA record (RFC 2308 §2).
    async fn zone_of(&self, name: &str) -> Result<Wire, AnnounceError> {
        let answer = self.ask(&wire(name)?, Rtype::SOA).await?;
        let not = || AnnounceError::NotAuthoritative { server: self.server, name: name.to_owned() };
        soa(&answer).map(|(zone, _)| zone).ok_or_else(not)
    }

    async fn ask(&self, name: &Wire, rtype: Rtype) -> Result<Message<Vec<u8>>, AnnounceError> {
        let question = update::question(name, rtype)
            .map_err(|_| AnnounceError::Malformed("no question can be made of this name".to_owned()))?;
        let answer = exchange(self.server, &question).await?;
        let shown = || name.to_string().trim_end_matches('.').to_owned();
        match answer.header().rcode() {
            // Another server's answer may be old: what is replaced must be what is there.
            Rcode::NOERROR | Rcode::NXDOMAIN if answer.header().aa() => Ok(answer),
            Rcode::NOERROR | Rcode::NXDOMAIN | Rcode::REFUSED | Rcode::NOTAUTH => {
                Err(AnnounceError::NotAuthoritative { server: self.server, name: shown() })
            }
            rcode => Err(AnnounceError::Rcode { server: self.server, rcode: rcode.to_string() }),
        }
    }

    fn unreadable(&self) -> AnnounceError {
        AnnounceError::Unreachable { server: self.server, why: "its answer cannot be read".to_owned() }
    }
}

/// The zone's apex by the SOA record of an answer, and the TTL of negative answers: the lesser of the record's own and
/// its last field (RFC 2308 §5).
fn soa(answer: &Message<Vec<u8>>) -> Option<(Wire, u32)> {
    let sections = [answer.answer().ok(), answer.authority().ok()];
    sections.into_iter().flatten().flatten().filter_map(Result::ok).find_map(|record| {
        let soa = record.to_record::<rdata::Soa<_>>().ok().flatten()?;
        let negative_ttl = soa.data().minimum().as_secs().min(record.ttl().as_secs());
        Some((record.owner().to_name(), negative_ttl))
    })
}

fn wire(name: &str) -> Result<Wire, AnnounceError> {
    Wire::from_str(name).map_err(|_| AnnounceError::Malformed("a name here is no domain name".to_owned()))
}
