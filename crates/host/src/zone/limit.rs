//! How much is answered to whom by UDP, where the sender's address may be forged: a victim must not be flooded through us.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::answer::Kind;
use super::bucket::Rate;

/// Cells of the table, half a megabyte. Two askers that share one take it from each other, which only ever lets more
/// through.
const CELLS: usize = 65_536;
/// What may come at once: so many seconds' worth.
const BURST_SECONDS: u32 = 5;
/// Of the answers over the limit, every second one asks to come by TCP, so that an honest asker behind a flooded address
/// still gets through; the others are not sent.
const SLIP: u64 = 2;

/// Answers a second to one network (/24 by IPv4, /56 by IPv6); 0 for no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// The same records to the same network: a resolver keeps them, and asks again after minutes.
    pub same: u32,
    /// That there is no such record or name.
    pub nothing: u32,
    /// Refusals and complaints.
    pub refusals: u32,
    /// All answers together.
    pub all: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { same: 20, nothing: 100, refusals: 10, all: 5_000 }
    }
}

impl LimitSettings {
    /// No bound at all.
    pub const NONE: Self = Self { same: 0, nothing: 0, refusals: 0, all: 0 };
}

/// What to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Send,
    Shorten,
    Drop,
}

/// Counts answers.
pub(super) struct Limiter {
    cells: Box<[AtomicU64]>,
    hasher: RandomState,
    same: Option<Rate>,
    nothing: Option<Rate>,
    refusals: Option<Rate>,
    all: Option<Rate>,
    over: AtomicU64,
}

impl Limiter {
    pub(super) fn new(settings: LimitSettings) -> Self {
        let LimitSettings { same, nothing, refusals, all } = settings;
        let rate = |count| Rate::per_second(count, BURST_SECONDS);
        Self {
            cells: (0..CELLS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            same: rate(same),
            nothing: rate(nothing),
            refusals: rate(refusals),
            all: rate(all),
            over: AtomicU64::new(0),
        }
    }

    /// Counts an answer of a kind to the question whose octets these are; `now` in ticks.
    pub(super) fn judge(&self, to: IpAddr, kind: Kind, question: &[u8], now: u64) -> Verdict {
        let network = network(to);
        let own = match kind {
            // Answers that only ask to come again are small, and what they lead to cannot be forged.
            Kind::Truncated => None,
            Kind::Records => self.same.map(|rate| (rate, self.hasher.hash_one((network, question)))),
            // Names that do not exist are one: there is no end of them.
            Kind::Nothing => self.nothing.map(|rate| (rate, self.hasher.hash_one((network, 1)))),
            Kind::Refused | Kind::Malformed | Kind::Failed => {
                self.refusals.map(|rate| (rate, self.hasher.hash_one((network, 2))))
            }
        };
        let all = self.all.map(|rate| (rate, self.hasher.hash_one((network, 0))));
        let passes = [own, all].into_iter().flatten().all(|(rate, hash)| {
            // In range: the number of cells is a power of two. The mark is of other bits than the place.
            rate.passes(&self.cells[hash as usize & (CELLS - 1)], hash >> 40, now)
        });
        match passes {
            true => Verdict::Send,
            false if self.over.fetch_add(1, Ordering::Relaxed).is_multiple_of(SLIP) => Verdict::Shorten,
            false => Verdict::Drop,
        }
    }
}

/// What forged addresses of one victim have in common.
fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits() >> 8),
        // The highest 56 bits, told apart from any of IPv4.
        IpAddr::V6(address) => (1 << 63) | (address.to_bits() >> 72) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(limiter: &Limiter, address: &str, kind: Kind, question: &[u8]) -> usize {
        let address = address.parse().expect("an address");
        (0..1000).filter(|_| limiter.judge(address, kind, question, 1) == Verdict::Send).count()
    }

    #[test]
    fn a_network_gets_the_same_only_so_often() {
        let limiter = Limiter::new(LimitSettings { same: 10, nothing: 2, refusals: 1, all: 100 });
        assert_eq!(sent(&limiter, "192.0.2.1", Kind::Records, b"a"), 51);
        assert_eq!(sent(&limiter, "192.0.2.9", Kind::Records, b"a"), 0, "the same network");
        assert_eq!(sent(&limiter, "192.0.3.1", Kind::Records, b"a"), 51, "another");
        assert_eq!(sent(&limiter, "::ffff:192.0.3.2", Kind::Records, b"b"), 51, "another question");
        assert_eq!(sent(&limiter, "192.0.3.1", Kind::Nothing, b"c"), 11);
        assert_eq!(sent(&limiter, "192.0.3.1", Kind::Nothing, b"d"), 0, "whatever name");
        assert_eq!(sent(&limiter, "192.0.3.1", Kind::Refused, b"e"), 6);
        assert_eq!(sent(&limiter, "2001:db8:0:1::1", Kind::Records, b"a"), 51);
        assert_eq!(sent(&limiter, "2001:db8:0:ff::1", Kind::Records, b"a"), 0, "the same /56");
        assert_eq!(sent(&limiter, "2001:db8:0:100::1", Kind::Records, b"a"), 51);
    }

    #[test]
    fn every_second_answer_over_the_limit_leads_to_tcp() {
        let limiter = Limiter::new(LimitSettings { same: 1, ..LimitSettings::NONE });
        let address = "192.0.2.1".parse().expect("an address");
        let verdicts: Vec<Verdict> =
            (0..106).map(|_| limiter.judge(address, Kind::Records, b"a", 1)).collect();
        let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
        assert_eq!((count(Verdict::Send), count(Verdict::Shorten), count(Verdict::Drop)), (6, 50, 50));
    }

    #[test]
    fn no_bound_no_limit() {
        let limiter = Limiter::new(LimitSettings::NONE);
        assert_eq!(sent(&limiter, "192.0.2.1", Kind::Refused, b"a"), 1000);
    }
}
