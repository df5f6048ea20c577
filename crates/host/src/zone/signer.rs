//! Signatures of sets of records (RFC 4034 §3), made when they are asked for and kept for a while.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use domain::base::iana::{Class, Rtype};
use jiff::Timestamp;

use super::bucket::{Rate, ticks};
use super::key::ZoneKey;
use super::name::Asked;
use super::set::{Data, OwnedSet, Set};

/// How long a signature is valid. Long enough that a server that is away for days does no harm to what resolvers hold;
/// short enough that an answer cannot be played back for long.
const VALID: i64 = 7 * DAY;
/// How long one is used before a new one is made: at least four days are left to whoever gets it.
const USED: i64 = 3 * DAY;
/// Signatures are valid since a while ago, for resolvers whose clocks are late (RFC 6781 §4.4.2).
const BACK: i64 = HOUR;
const DAY: i64 = 24 * HOUR;
const HOUR: i64 = 3_600;

/// Signatures kept. Each takes about 300 octets: 10 MB when all are in use.
const KEPT: usize = 32_768;

/// Signatures made in a second for questions by UDP, whose sender may be forged: beyond it, the question is asked to
/// come by TCP. About 50 µs each, so that this is a quarter of one processor.
const SIGNED_PER_SECOND: u32 = 5_000;
const BURST_SECONDS: u32 = 2;

/// Signs with the keys of a zone.
pub(super) struct Signer {
    keys: Box<[ZoneKey]>,
    dnskeys: OwnedSet,
    kept: Box<[Mutex<Option<Box<Kept>>>]>,
    hasher: RandomState,
    random: SystemRandom,
    rate: Option<Rate>,
    budget: AtomicU64,
    made: AtomicU64,
}

struct Kept {
    /// What was signed, with the number of the key.
    signed: Box<[u8]>,
    made: i64,
    /// The RRSIG record's data.
    data: Data,
}

/// No signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// Too many were asked for.
    Busy,
    /// The library makes none.
    Failed,
}

/// Whether a signature that is not kept may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    /// Within the budget: the sender's address may be forged.
    Sparingly,
    /// In any case.
    Freely,
}

/// Whether a signature is worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// It will be asked for again.
    Keep,
    /// It is of a name that does not exist, of which there is no end.
    Forget,
}

impl Signer {
    /// With at least one key, all of one algorithm; `ttl` is that of the DNSKEY set.
    pub(super) fn new(keys: Vec<ZoneKey>, ttl: u32) -> Self {
        let dnskeys = OwnedSet::new(Rtype::DNSKEY, ttl, keys.iter().map(|key| key.data().into()).collect());
        Self {
            keys: keys.into(),
            dnskeys,
            kept: (0..KEPT).map(|_| Mutex::new(None)).collect(),
            hasher: RandomState::new(),
            random: SystemRandom::new(),
            rate: Rate::per_second(SIGNED_PER_SECOND, BURST_SECONDS),
            budget: AtomicU64::new(0),
            made: AtomicU64::new(0),
        }
    }

    /// The DNSKEY set.
    pub(super) const fn dnskeys(&self) -> Set<'_> {
        self.dnskeys.of()
    }

    /// The keys that parents point to: all, if none says that it is one.
    pub(super) fn entries(&self) -> impl Iterator<Item = &ZoneKey> {
        let none = !self.keys.iter().any(ZoneKey::is_entry);
        self.keys.iter().filter(move |key| none || key.is_entry())
    }

    /// How many signatures were made.
    pub(super) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Calls `each` with the data of every signature of a set.
    pub(super) fn sign(
        &self,
        request: &Request<'_>,
        scratch: &mut Vec<u8>,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), Unsigned> {
        // RFC 4035 §2.2: the keys are signed by those that the parent points to, everything else by one of the others.
        let entry = request.set.rtype == Rtype::DNSKEY;
        let none_apart = self.keys.iter().all(ZoneKey::is_entry) || !self.keys.iter().any(ZoneKey::is_entry);
        let mut count = 0;
        for (number, key) in self.keys.iter().enumerate() {
            let chosen = if entry {
                key.is_entry() || !self.keys.iter().any(ZoneKey::is_entry)
            } else {
                count == 0 && (none_apart || !key.is_entry())
            };
            if chosen {
                count += 1;
                self.sign_with(key, number, request, scratch, &mut each)?;
            }
        }
        Ok(())
    }

    fn sign_with(
        &self,
        key: &ZoneKey,
        number: usize,
        request: &Request<'_>,
        scratch: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<(), Unsigned> {
        scratch.clear();
        // Signatures of different keys are kept apart.
        scratch.push(u8::try_from(number).unwrap_or(u8::MAX));
        request.records(scratch);
        let now = request.now.as_second();
        let slot = self.slot(scratch);
        if let Some(kept) = slot.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && kept.signed.as_ref() == scratch.as_slice()
            // Not when the clock was set back to before it was made.
            && (kept.made..kept.made + USED).contains(&now)
        {
            each(&kept.data);
            return Ok(());
        }
        if request.making == Making::Sparingly
            && let Some(rate) = self.rate
            && !rate.passes(&self.budget, 0, ticks(request.now))
        {
            return Err(Unsigned::Busy);
        }
        let mut data = request.prefix(key, now);
        let mut signed = data.clone();
        signed.extend_from_slice(scratch.get(1..).unwrap_or_default());
        let signature = key.sign(&self.random, &signed).ok_or(Unsigned::Failed)?;
        self.made.fetch_add(1, Ordering::Relaxed);
        data.extend_from_slice(&signature.0);
        each(&data);
        if request.keeping == Keeping::Keep {
            let kept = Kept { signed: scratch.as_slice().into(), made: now, data: data.into() };
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(kept));
        }
        Ok(())
    }

    fn slot(&self, signed: &[u8]) -> &Mutex<Option<Box<Kept>>> {
        // KEPT is a power of two and the number of slots: in range for every hash.
        &self.kept[self.hasher.hash_one(signed) as usize & (KEPT - 1)]
    }
}

/// A set to be signed.
pub(super) struct Request<'a> {
    pub(super) owner: Asked<'a>,
    /// The zone's apex in wire form: the signer's name.
    pub(super) apex: &'a [u8],
    pub(super) set: Set<'a>,
    pub(super) now: Timestamp,
    pub(super) making: Making,
    pub(super) keeping: Keeping,
}

impl Request<'_> {
    /// RFC 4034 §3.1: everything of the RRSIG record but the signature.
    fn prefix(&self, key: &ZoneKey, now: i64) -> Vec<u8> {
        let mut data = Vec::with_capacity(18 + self.apex.len() + 96);
        data.extend(self.set.rtype.to_int().to_be_bytes());
        data.extend([key.algorithm(), self.owner.labels()]);
        data.extend(self.set.ttl.to_be_bytes());
        data.extend(serial(now + VALID).to_be_bytes());
        data.extend(serial(now - BACK).to_be_bytes());
        data.extend(key.tag().to_be_bytes());
        data.extend(self.apex);
        data
    }

    /// RFC 4034 §3.1.8.1, §6.2: the records in canonical form and order.
    fn records(&self, octets: &mut Vec<u8>) {
        for data in self.set.data {
            octets.extend_from_slice(self.owner.wire());
            octets.extend(self.set.rtype.to_int().to_be_bytes());
            octets.extend(Class::IN.to_int().to_be_bytes());
            octets.extend(self.set.ttl.to_be_bytes());
            octets.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
            octets.extend_from_slice(data);
        }
    }
}

/// RFC 4034 §3.1.5: seconds since 1970 modulo 2^32, compared by serial arithmetic.
const fn serial(seconds: i64) -> u32 {
    (seconds & 0xffff_ffff) as u32
}
