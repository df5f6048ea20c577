//! The key that signs every zone of the lab, and the signatures it makes.

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::sig::SigInput;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_proto::dnssec::{Algorithm, DigestType, SigningKey, TBS};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, SerialNumber};

use super::rrset::RrSet;
use crate::LabError;

/// Flags of a key that signs both the key set and the rest (RFC 4034 §2.1.1: zone key, secure entry point).
const ZONE_KEY_AND_ENTRY_POINT: u16 = 257;
/// Signatures begin a day ago and end in a month; expired ones ended a month ago.
const DAY: u32 = 86_400;

/// One ECDSA P-256 key for the root and all zones, so that starting a hundred zones costs one key.
pub(crate) struct Signer {
    key: EcdsaSigningKey,
    dnskey: DNSKEY,
    key_tag: u16,
    now: u32,
}

impl Signer {
    /// Makes the key. `now` is in seconds since 1970.
    pub(crate) fn generate(now: u64) -> Result<Self, LabError> {
        let algorithm = Algorithm::ECDSAP256SHA256;
        let failed = |error: &dyn std::fmt::Display| LabError::Key(error.to_string());
        let pkcs8 = EcdsaSigningKey::generate_pkcs8(algorithm).map_err(|e| failed(&e))?;
        let key = EcdsaSigningKey::from_pkcs8(&pkcs8, algorithm).map_err(|e| failed(&e))?;
        let public = key.to_public_key().map_err(|e| failed(&e))?;
        let dnskey = DNSKEY::with_flags(ZONE_KEY_AND_ENTRY_POINT, public);
        let key_tag = dnskey.calculate_key_tag().map_err(|e| failed(&e))?;
        // RRSIG times count modulo 2^32 (RFC 4034 §3.1.5).
        Ok(Self { key, dnskey, key_tag, now: (now & u64::from(u32::MAX)) as u32 })
    }

    /// The DNSKEY record data.
    pub(crate) fn dnskey(&self) -> RData {
        RData::DNSSEC(DNSSECRData::DNSKEY(self.dnskey.clone()))
    }

    /// The DS record data for a zone; with `wrong`, of a key that does not exist.
    pub(crate) fn ds(&self, apex: &Name, wrong: bool) -> Result<RData, LabError> {
        let digest =
            self.dnskey.to_digest(apex, DigestType::SHA256).map_err(|e| LabError::Key(e.to_string()))?;
        let mut digest = digest.as_ref().to_vec();
        if wrong {
            digest.iter_mut().for_each(|octet| *octet = !*octet);
        }
        let ds = DS::new(self.key_tag, Algorithm::ECDSAP256SHA256, DigestType::SHA256, digest);
        Ok(RData::DNSSEC(DNSSECRData::DS(ds)))
    }

    /// The DS record of the root, as a zone file writes it.
    pub(crate) fn trust_anchor(&self) -> Result<String, LabError> {
        let digest = self.dnskey.to_digest(&Name::root(), DigestType::SHA256);
        let digest = digest.map_err(|error| LabError::Key(error.to_string()))?;
        let hex: String = digest.as_ref().iter().map(|octet| format!("{octet:02X}")).collect();
        // 13: ECDSA P-256 with SHA-256 (RFC 6605 §2); 2: SHA-256 (RFC 4509 §5).
        Ok(format!(". 3600 IN DS {} 13 2 {hex}", self.key_tag))
    }

    /// The RRSIG record over a set. `None` only if the crypto library refuses.
    pub(crate) fn sign(
        &self,
        apex: &Name,
        owner: &Name,
        kind: RecordType,
        set: &RrSet,
        expired: bool,
    ) -> Option<Record> {
        let shift = if expired { 60 * DAY } else { 0 };
        let input = SigInput {
            type_covered: kind,
            algorithm: Algorithm::ECDSAP256SHA256,
            // RFC 4034 §3.1.3: the root and a leading asterisk are not counted; `num_labels` knows both.
            num_labels: owner.num_labels(),
            original_ttl: set.ttl,
            sig_expiration: SerialNumber::new(self.now.wrapping_add(30 * DAY).wrapping_sub(shift)),
            sig_inception: SerialNumber::new(self.now.wrapping_sub(DAY).wrapping_sub(shift)),
            key_tag: self.key_tag,
            signer_name: apex.clone(),
        };
        let records: Vec<Record> =
            set.data.iter().map(|data| Record::from_rdata(owner.clone(), set.ttl, data.clone())).collect();
        let tbs = TBS::from_input(owner, DNSClass::IN, &input, records.iter()).ok()?;
        let mut signature = self.key.sign(&tbs).ok()?;
        if set.tampered
            && let Some(last) = signature.last_mut()
        {
            *last ^= 0xff;
        }
        let rrsig = RData::DNSSEC(DNSSECRData::RRSIG(RRSIG::from_sig(input, signature)));
        Some(Record::from_rdata(owner.clone(), set.ttl, rrsig))
    }
}
