//! A deque that grows by blocks: a row that comes never makes all others move, and what is taken up is what is held.

use std::collections::VecDeque;

/// Items of one block.
const BLOCK: usize = 256;

/// A deque in blocks of the same size; all but the first and the last are full.
#[derive(Debug, Clone)]
pub(super) struct Blocks<T> {
    blocks: VecDeque<VecDeque<T>>,
    len: usize,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self {
            blocks: VecDeque::new(),
            len: 0,
        }
    }
}

impl<T> Blocks<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The block that holds item number `index`, and its place in there.
    fn place(&self, index: usize) -> (usize, usize) {
        let first = self.blocks.front().map_or(0, VecDeque::len);
        match index.checked_sub(first) {
            None => (0, index),
            Some(rest) => (1 + rest / BLOCK, rest % BLOCK),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&T> {
        let (block, place) = self.place(index);
        self.blocks.get(block)?.get(place)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (block, place) = self.place(index);
        self.blocks.get_mut(block)?.get_mut(place)
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.get(0)
    }

    pub(super) fn push_back(&mut self, item: T) {
        self.len += 1;
        if let Some(block) = self.blocks.back_mut().filter(|block| block.len() < BLOCK) {
            return block.push_back(item);
        }
        let mut block = VecDeque::with_capacity(BLOCK);
        block.push_back(item);
        self.blocks.push_back(block);
    }

    pub(super) fn push_front(&mut self, item: T) {
        self.len += 1;
        if let Some(block) = self.blocks.front_mut().filter(|block| block.len() < BLOCK) {
            return block.push_front(item);
        }
        let mut block = VecDeque::with_capacity(BLOCK);
        block.push_front(item);
        self.blocks.push_front(block);
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let block = self.blocks.front_mut()?;
        let item = block.pop_front()?;
        if block.is_empty() {
            self.blocks.pop_front();
        }
        self.len -= 1;
        Some(item)
    }

    /// The number of the first item for which `before` does not hold; it holds for all items in front of that one.
    pub(super) fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(&before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_a_deque_does() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut blocks, mut deque, mut emptied) = (Blocks::default(), VecDeque::new(), 0);
        for n in 0..40_000_u32 {
            // Grows for a while, then shrinks to nothing.
            match rng.u8(..if n < 20_000 { 8 } else { 16 }) {
                0 => {
                    blocks.push_front(n);
                    deque.push_front(n);
                }
                1..5 => {
                    blocks.push_back(n);
                    deque.push_back(n);
                }
                _ => assert_eq!(blocks.pop_front(), deque.pop_front()),
            }
            emptied += u32::from(blocks.blocks.is_empty());
            let index = rng.usize(..deque.len() + 1);
            assert_eq!(
                (blocks.get(index), blocks.len()),
                (deque.get(index), deque.len())
            );
        }
        assert!(emptied > 10);
    }

    #[test]
    fn a_place_is_found_by_halving() {
        let mut blocks = Blocks::default();
        (0..1000).for_each(|n| blocks.push_back(n * 2));
        blocks.pop_front();
        for wanted in [0, 2, 3, 998, 1998, 5000] {
            let found = blocks.partition_point(|n| *n < wanted);
            assert_eq!(found, (1..1000).take_while(|n| n * 2 < wanted).count());
        }
    }
}
