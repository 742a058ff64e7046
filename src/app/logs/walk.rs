//! The shown rows of several services in the order of their times: merged while they are read, never before.

use super::{
    buffer::Shown,
    lane::Lane,
    marks::Marks,
    row::{Key, Row},
    sieve::Sieve,
};

/// A place between two shown rows, from where one can go both ways.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    sieve: &'a Sieve,
    steps: Vec<Step<'a>>,
}

/// One service's log or the marks, and the number of the next shown row.
#[derive(Debug, Clone)]
struct Step<'a> {
    lane: &'a Lane,
    /// The marks are read instead.
    marks: Option<&'a Marks>,
    next: usize,
}

impl<'a> Step<'a> {
    fn shown(&self, sieve: &Sieve, index: usize) -> Option<&'a Row> {
        match self.marks {
            Some(marks) => marks.rows().get(index),
            None => self.lane.shown(sieve, index),
        }
    }
}

impl<'a> Walk<'a> {
    /// Through the shown rows of some services, and the marks between them.
    pub(super) fn new(
        lanes: impl Iterator<Item = &'a Lane>,
        marks: Option<(&'a Lane, &'a Marks)>,
        sieve: &'a Sieve,
        key: Key,
    ) -> Self {
        let steps = lanes.map(|lane| Step {
            lane,
            marks: None,
            next: lane.shown_index(sieve, key),
        });
        let marks = marks.map(|(lane, marks)| Step {
            lane,
            marks: Some(marks),
            next: marks.index_of(key),
        });
        Self {
            sieve,
            steps: steps.chain(marks).collect(),
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
