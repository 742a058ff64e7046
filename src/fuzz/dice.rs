//! Numbers that look random and are the same for the same seed (Steele, Lea, Flood: SplitMix64).

/// A source of choices.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice whose throws depend on `seed` only.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of `all`, which is not empty.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Small most of the time, up to `most` once in a while.
    pub fn length(&mut self, most: usize) -> usize {
        match self.below(64) {
            0 => self.below(most + 1),
            1..8 => self.below(most.min(100) + 1),
            _ => self.below(most.min(8) + 1),
        }
    }

    /// A character between two, both included.
    pub fn char(&mut self, from: u32, to: u32) -> char {
        let span = usize::try_from(to - from + 1).unwrap_or(1);
        let point = from + u32::try_from(self.below(span)).unwrap_or(0);
        char::from_u32(point).unwrap_or('\u{fffd}')
    }

    /// So many bytes of any value.
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
