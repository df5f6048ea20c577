//! Numbers that nobody on the way can guess.

use aws_lc_rs::rand;

/// Octets fetched from the generator at once, which costs more for each call than for each octet.
const STOCK: usize = 4096;

/// Random 16-bit numbers from the cryptographic generator.
pub(super) struct Numbers {
    stock: Vec<u8>,
}

impl Numbers {
    pub(super) const fn new() -> Self {
        Self { stock: Vec::new() }
    }

    /// The next number; `None` when the system has no randomness to give.
    pub(super) fn next(&mut self) -> Option<u16> {
        if self.stock.len() < 2 {
            self.stock.resize(STOCK, 0);
            if rand::fill(&mut self.stock).is_err() {
                self.stock.clear();
                return None;
            }
        }
        Some(u16::from_be_bytes([self.stock.pop()?, self.stock.pop()?]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_do_not_repeat_in_any_order() {
        let mut numbers = Numbers::new();
        let drawn: HashSet<u16> = (0..10_000).map(|_| numbers.next().unwrap()).collect();
        // 10,000 draws from 65,536 meet about 9,270 different ones.
        assert!((8_900..9_600).contains(&drawn.len()), "{}", drawn.len());
    }
}
