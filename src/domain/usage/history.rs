//! What a service used over its last samples, for charts.

use super::Usage;
use crate::domain::Timestamp;
use std::collections::VecDeque;

/// Samples that are kept of a service: a quarter of an hour at the usual interval.
pub const HISTORY_MAX: usize = 180;

/// One sample, as far as a chart needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When it was learnt.
    pub at: Timestamp,
    /// CPU time per time, in billionths of a CPU.
    pub cpus: u64,
    /// Memory in bytes.
    pub memory: u64,
    /// Bytes per second over the network, both ways.
    pub network: u64,
    /// Bytes per second from and to disks.
    pub disk: u64,
    /// Processes and threads.
    pub pids: u64,
}

impl Point {
    /// `None` as long as there are no rates: a zero would be an invention.
    fn of(usage: &Usage, at: Timestamp) -> Option<Self> {
        let network = usage.network.unwrap_or_default();
        let disk = usage.disk.unwrap_or_default();
        Some(Self {
            at,
            cpus: usage.cpus?.0,
            memory: usage.memory.0,
            network: network.received.0.saturating_add(network.sent.0),
            disk: disk.read.0.saturating_add(disk.written.0),
            pids: u64::from(usage.pids),
        })
    }
}

/// The last samples of a service, oldest first; at most [`HISTORY_MAX`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(VecDeque<Point>);

impl History {
    /// Takes in a sample.
    pub fn push(&mut self, usage: &Usage, at: Timestamp) {
        let Some(point) = Point::of(usage, at) else {
            return;
        };
        if self.0.len() == HISTORY_MAX {
            self.0.pop_front();
        }
        self.0.push_back(point);
    }

    /// The last `most` samples, oldest first.
    pub fn last(&self, most: usize) -> impl Iterator<Item = &Point> {
        self.0.iter().skip(self.0.len().saturating_sub(most))
    }

    /// The highest of what `of` reads; `None` if there is nothing.
    #[must_use]
    pub fn peak(&self, of: impl Fn(&Point) -> u64) -> Option<u64> {
        self.0.iter().map(of).max()
    }

    /// When it begins.
    #[must_use]
    pub fn begins(&self) -> Option<Timestamp> {
        self.0.front().map(|point| point.at)
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bytes, Cpus};

    #[test]
    fn the_oldest_sample_goes_when_there_are_too_many() {
        let mut history = History::default();
        history.push(&Usage::default(), Timestamp::UNIX_EPOCH);
        assert!(history.is_empty(), "without rates there is no sample");
        for n in 0..200 {
            let usage = Usage {
                cpus: Some(Cpus::millis(n)),
                memory: Bytes(1000 - n),
                ..Usage::default()
            };
            history.push(&usage, Timestamp::UNIX_EPOCH);
        }
        assert_eq!(history.len(), HISTORY_MAX);
        assert_eq!(history.peak(|point| point.memory), Some(980));
        let last: Vec<u64> = history.last(2).map(|point| point.memory).collect();
        assert_eq!(last, [802, 801]);
    }
}
