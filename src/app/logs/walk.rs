//! The shown rows of several services in the order of their times: merged while they are read, never before.

use super::{
    buffer::Shown,
    lane::Lane,
    row::{Key, Row},
    sieve::Sieve,
};

/// A place between two shown rows, from where one can go both ways.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    sieve: &'a Sieve,
    steps: Vec<Step<'a>>,
}

/// One service's log, and the number of its next shown row.
#[derive(Debug, Clone)]
struct Step<'a> {
    lane: &'a Lane,
    next: usize,
}

impl<'a> Step<'a> {
    fn shown(&self, sieve: &Sieve, index: usize) -> Option<&'a Row> {
        self.lane.shown(sieve, index)
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(lanes: impl Iterator<Item = &'a Lane>, sieve: &'a Sieve, key: Key) -> Self {
        let steps = lanes.map(|lane| Step {
            lane,
            next: lane.shown_index(sieve, key),
        });
        Self {
            sieve,
            steps: steps.collect(),
        }
    }

    /// Goes over the row before; gives it.
    pub fn back(&mut self) -> Option<Shown<'a>> {
        let sieve = self.sieve;
        let before = |step: &mut Step<'a>| {
            let row = step.shown(sieve, step.next.checked_sub(1)?)?;
            Some((row, step.lane))
        };
        let steps = self.steps.iter_mut();
        let nearest = steps.filter_map(|step| Some((before(step)?, step)));
        let ((row, lane), step) = nearest.max_by_key(|((row, _), _)| row.key)?;
        step.next -= 1;
        Some(Shown { lane, row })
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Shown<'a>;

    /// Goes over the next row; gives it.
    fn next(&mut self) -> Option<Shown<'a>> {
        let sieve = self.sieve;
        let steps = self.steps.iter_mut();
        let nearest = steps.filter_map(|step| Some((step.shown(sieve, step.next)?, step)));
        let (row, step) = nearest.min_by_key(|(row, _)| row.key)?;
        step.next += 1;
        Some(Shown {
            lane: step.lane,
            row,
        })
    }
}
