//! The records that a placed domain puts into its zones.

use std::collections::HashMap;

use hickory_proto::rr::rdata::{MX, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::placement::Placed;
use super::template;
use super::zones::{closest, name};
use crate::LabError;
use crate::ca::Authority;
use crate::dns::{Fault, FaultRule, Line, Zone, parse_line, relative, text_strings, tlsa};
use crate::scenario::{Smtp, Txt, replicate};

/// TTL of the records that the template makes, in seconds.
const TTL: u32 = 300;

/// The zones of one domain while they are filled.
pub(crate) struct Contents<'a> {
    pub(crate) placed: &'a Placed,
    pub(crate) zones: HashMap<Name, Zone>,
    pub(crate) authority: &'a Authority,
}

impl Contents<'_> {
    /// Adds what the template says, then what the scenario changes.
    pub(crate) fn fill(&mut self) -> Result<(), LabError> {
        let state = &self.placed.state;
        self.texts("_mta-sts", &template::records(state))?;
        self.texts("_smtp._tls", state.tlsrpt.as_deref().unwrap_or_default())?;
        for line in state.mx.iter().flatten().flat_map(|line| replicate(&self.placed.names.fill(line))) {
            let (preference, host) =
                line.split_once(' ').ok_or_else(|| self.wrong(&line, "no preference"))?;
            let preference = preference.parse().map_err(|_| self.wrong(&line, "no preference"))?;
            let host = relative(host, &self.origin()?).map_err(|message| self.wrong(&line, &message))?;
            let origin = self.origin()?;
            self.add(Line {
                name: origin,
                ttl: state.ttl.unwrap_or(TTL),
                data: RData::MX(MX::new(preference, host)),
            })?;
        }
        for (host, label) in self.placed.addresses.keys() {
            let Some(address) = self.placed.address(&format!("{host}/{label}")) else { continue };
            let owner = name(&self.placed.host_name(host))?;
            self.add(Line { name: owner, ttl: TTL, data: RData::from(address) })?;
        }
        for (host, spec) in &state.smtp {
            self.tlsa(host, spec)?;
        }
        let remove: Vec<String> = state.remove.clone().unwrap_or_default();
        self.edit(&remove, state.add.as_deref().unwrap_or_default())
    }

    /// Removes `NAME` or `NAME TYPE`, then adds record lines.
    pub(crate) fn edit(&mut self, remove: &[String], add: &[String]) -> Result<(), LabError> {
        let origin = self.origin()?;
        for entry in remove {
            let (owner, kind) = match entry.split_once(' ') {
                Some((owner, kind)) => {
                    (owner, Some(kind.parse().map_err(|_| self.wrong(entry, "unknown type"))?))
                }
                None => (entry.as_str(), None),
            };
            let owner =
                relative(&self.placed.names.fill(owner), &origin).map_err(|m| self.wrong(entry, &m))?;
            let owner = owner.to_lowercase();
            if let Some(zone) = closest(&mut self.zones, &owner) {
                zone.remove(&owner, kind);
            }
        }
        for line in add.iter().flat_map(|line| replicate(&self.placed.names.fill(line))) {
            let read = parse_line(&line, &origin, &|reference| self.placed.address(reference));
            let read = read.map_err(|message| self.wrong(&line, &message))?;
            self.add(read)?;
        }
        Ok(())
    }

    /// The scenario's faults; data that was changed after signing is marked in the zones at once.
    pub(crate) fn faults(&mut self) -> Result<Vec<FaultRule>, LabError> {
        let origin = self.origin()?;
        let mut rules = Vec::new();
        for line in self.placed.state.faults.iter().flatten() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [owner, kind, fault] = words.as_slice() else {
                return Err(self.wrong(line, "expected NAME TYPE FAULT"));
            };
            let owner =
                relative(&self.placed.names.fill(owner), &origin).map_err(|m| self.wrong(line, &m))?;
            let owner = owner.to_lowercase();
            let kind: Option<RecordType> = match *kind {
                "*" => None,
                kind => Some(kind.parse().map_err(|_| self.wrong(line, "unknown type"))?),
            };
            let text: StrDeserializer<'_, ValueError> = (*fault).into_deserializer();
            let fault = Fault::deserialize(text).map_err(|error| self.wrong(line, &error.to_string()))?;
            if fault == Fault::Tampered {
                let zone = closest(&mut self.zones, &owner);
                if !zone.zip(kind).is_some_and(|(zone, kind)| zone.tamper(&owner, kind)) {
                    return Err(self.wrong(line, "no such records to tamper with"));
                }
            } else {
                rules.push(FaultRule { name: Some(owner), kind, fault });
            }
        }
        Ok(rules)
    }

    fn texts(&mut self, owner: &str, texts: &[Txt]) -> Result<(), LabError> {
        let owner = relative(owner, &self.origin()?).map_err(|message| self.wrong(owner, &message))?;
        for text in texts {
            let strings = match text {
                Txt::Text(text) => text_strings(&self.placed.names.fill(text)),
                Txt::Strings(strings) => strings
                    .iter()
                    .map(|text| text_strings(&self.placed.names.fill(text)))
                    .collect::<Result<Vec<_>, _>>()
                    .map(|strings| strings.concat()),
            };
            let strings = strings.map_err(|message| self.wrong("a TXT record", &message))?;
            let data = RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect()));
            self.add(Line { name: owner.clone(), ttl: self.placed.state.ttl.unwrap_or(TTL), data })?;
        }
        Ok(())
    }

    fn tlsa(&mut self, host: &str, spec: &Smtp) -> Result<(), LabError> {
        if spec.addresses.as_ref().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        let own = vec!["3 1 1 leaf".to_owned(), "2 1 1 issuer".to_owned()];
        let owner = name(&format!("_25._tcp.{}", self.placed.host_name(host)))?;
        let certificate = spec.certificate.unwrap_or_default();
        for line in spec.tlsa.as_ref().unwrap_or(&own) {
            let digest = match line.rsplit_once(' ').map(|(_, word)| word) {
                Some("leaf") => Some(self.authority.leaf_digest(certificate)),
                Some("issuer") => Some(self.authority.issuer_digest(certificate)),
                Some("stranger") => Some(Authority::stranger_digest()),
                _ => None,
            };
            let data = match (
                digest,
                line.split_whitespace().map(str::parse::<u8>).collect::<Vec<_>>().as_slice(),
            ) {
                (Some(digest), [Ok(usage), Ok(selector), Ok(matching), _]) => {
                    tlsa(*usage, *selector, *matching, digest)
                }
                _ => {
                    let full = format!("@ TLSA {line}");
                    let read = parse_line(&full, &owner, &|_| None);
                    read.map_err(|message| self.wrong(line, &message))?.data
                }
            };
            self.add(Line { name: owner.clone(), ttl: TTL, data })?;
        }
        Ok(())
    }

    fn add(&mut self, line: Line) -> Result<(), LabError> {
        let zone = closest(&mut self.zones, &line.name);
        match zone {
            Some(zone) => zone.add(&line.name, line.ttl, line.data),
            None => {
                return Err(self.wrong(&line.name.to_ascii(), "the name lies in no zone of this scenario"));
            }
        }
        Ok(())
    }

    fn origin(&self) -> Result<Name, LabError> {
        name(&self.placed.names.domain)
    }

    fn wrong(&self, what: &str, message: &str) -> LabError {
        let what: String = what.chars().take(80).collect();
        LabError::Scenario { path: self.placed.names.name.clone(), message: format!("{what}: {message}") }
    }
}
