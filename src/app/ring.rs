//! The lines of a log in the order of their timestamps, bounded in bytes and in lines.

use crate::{
    domain::{LogLine, PerService, Safe, ServiceKind, Timestamp},
    hub::{LogBatch, LogEvent},
};
use std::collections::VecDeque;

/// Lines that are kept at most, whatever their length: above this, merging costs more than anybody reads.
pub const LINES_MAX: usize = 400_000;
/// How far back a late line may still be sorted in: the longest history (10,000 lines) of four services.
const LOOK_BACK: usize = 40_000;

/// What stands in one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A line of a container.
    Line(LogLine),
    /// A word of ours at that place.
    Notice(Safe),
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in time. A service's own lines keep the engine's order even where its clock jumped back.
    order: Timestamp,
    /// When it happened.
    pub at: Timestamp,
    /// The service.
    pub kind: ServiceKind,
    /// What it says.
    pub content: Content,
}

impl Entry {
    fn bytes(&self) -> usize {
        let text = match &self.content {
            Content::Line(line) => line.text.as_str().len(),
            Content::Notice(text) => text.len(),
        };
        text + size_of::<Self>()
    }
}

/// What one batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// Rows that came.
    pub rows: usize,
    /// Of these, rows that were sorted in above the marked row.
    pub above: usize,
    /// Rows that were dropped at the front.
    pub dropped: usize,
}

/// The rows of one log.
#[derive(Debug, Clone)]
pub struct Ring {
    entries: VecDeque<Entry>,
    bytes: usize,
    bytes_max: usize,
    dropped: u64,
    received: u64,
    last: PerService<Option<Timestamp>>,
}

impl Ring {
    /// An empty ring that holds at most `bytes_max` bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            bytes_max,
            dropped: 0,
            received: 0,
            last: PerService::default(),
        }
    }

    /// Rows that are there.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if no row is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Rows that had to go.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Rows that ever came: those that are there and those that had to go.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The bound in bytes.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Row number `index`, from the oldest.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// Sorts the events of a batch in; `marked` is the row that the view stands on.
    pub fn add(&mut self, batch: LogBatch, marked: usize) -> Added {
        let kind = batch.service.kind;
        let mut fresh: VecDeque<Entry> = VecDeque::with_capacity(batch.events.len());
        for event in batch.events {
            fresh.push_back(self.entry(kind, event));
        }
        let rows = fresh.len();
        self.received += rows as u64;
        self.bytes += fresh.iter().map(Entry::bytes).sum::<usize>();
        let above = self.merge(fresh, marked);
        let dropped = self.drop_oldest();
        Added {
            rows,
            above,
            dropped,
        }
    }

    fn entry(&mut self, kind: ServiceKind, event: LogEvent) -> Entry {
        let (at, content) = match event {
            LogEvent::Line(line) => (line.at, Content::Line(line)),
            LogEvent::Notice(at, text) => (at, Content::Notice(text)),
        };
        let order = self.last[kind].map_or(at, |last| last.max(at));
        self.last[kind] = Some(order);
        Entry {
            order,
            at,
            kind,
            content,
        }
    }

    /// Merges `fresh` (sorted) into the end of the ring; gives how many came above row `marked`.
    fn merge(&mut self, mut fresh: VecDeque<Entry>, marked: usize) -> usize {
        let Some(first) = fresh.front().map(|entry| entry.order) else {
            return 0;
        };
        let from = self.place_of(first);
        let mut old = self.entries.split_off(from);
        let (mut above, mut index) = (0, from);
        while let (Some(o), Some(f)) = (old.front(), fresh.front()) {
            // Equal times keep the order of arrival.
            let take_old = o.order <= f.order;
            above += usize::from(!take_old && index <= marked);
            index += usize::from(take_old);
            let next = if take_old {
                old.pop_front()
            } else {
                fresh.pop_front()
            };
            self.entries.extend(next);
        }
        self.entries.append(&mut old);
        self.entries.append(&mut fresh);
        above
    }

    /// Where a row of that time belongs, not farther back than [`LOOK_BACK`].
    fn place_of(&self, order: Timestamp) -> usize {
        let low = self.entries.len().saturating_sub(LOOK_BACK);
        let (mut from, mut to) = (low, self.entries.len());
        if self.entries.back().is_none_or(|last| last.order <= order) {
            return to;
        }
        while from < to {
            let middle = from + (to - from) / 2;
            match self.entries.get(middle) {
                Some(entry) if entry.order <= order => from = middle + 1,
                _ => to = middle,
            }
        }
        from
    }

    fn drop_oldest(&mut self) -> usize {
        let before = self.entries.len();
        while self.bytes > self.bytes_max || self.entries.len() > LINES_MAX {
            let Some(entry) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= entry.bytes();
        }
        let dropped = before - self.entries.len();
        self.dropped += dropped as u64;
        dropped
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        domain::{LogStream, ServiceId, log::Part, safe::LogText},
        hub::FollowId,
    };

    fn batch(kind: ServiceKind, lines: &[(i64, &str)]) -> LogBatch {
        let line = |(second, text): &(i64, &str)| {
            LogEvent::Line(LogLine {
                at: Timestamp::from_second(*second).unwrap(),
                stream: LogStream::Out,
                text: LogText::from_bytes(text.as_bytes()),
                cut: 0,
                part: Part::Whole,
            })
        };
        LogBatch {
            follow: FollowId(1),
            service: ServiceId::new(&"shop".parse().unwrap(), kind),
            events: lines.iter().map(line).collect(),
        }
    }

    fn texts(ring: &Ring) -> String {
        let text = |entry: &Entry| match &entry.content {
            Content::Line(line) => line.text.as_str().to_owned(),
            Content::Notice(text) => text.to_string(),
        };
        ring.entries.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_of_several_services_stand_in_the_order_of_their_times() {
        let mut ring = Ring::new(1 << 20);
        ring.add(batch(ServiceKind::Postgres, &[(1, "p1"), (4, "p4")]), 0);
        ring.add(
            batch(ServiceKind::Redis, &[(2, "r2"), (4, "r4"), (5, "r5")]),
            0,
        );
        ring.add(batch(ServiceKind::Backend, &[(0, "b0"), (3, "b3")]), 0);
        assert_eq!(texts(&ring), "b0 p1 r2 b3 p4 r4 r5");
    }

    #[test]
    fn a_services_own_lines_keep_the_engines_order() {
        let mut ring = Ring::new(1 << 20);
        ring.add(batch(ServiceKind::Redis, &[(9, "a"), (3, "b")]), 0);
        ring.add(batch(ServiceKind::Postgres, &[(5, "p")]), 0);
        ring.add(batch(ServiceKind::Redis, &[(4, "c")]), 0);
        assert_eq!(texts(&ring), "p a b c");
    }

    #[test]
    fn rows_above_the_marked_one_are_counted() {
        let mut ring = Ring::new(1 << 20);
        ring.add(
            batch(ServiceKind::Redis, &[(1, "a"), (5, "b"), (9, "c")]),
            0,
        );
        let added = ring.add(batch(ServiceKind::Postgres, &[(2, "x"), (6, "y")]), 1);
        assert_eq!((added.rows, added.above), (2, 1));
    }

    #[test]
    fn p40_received_is_kept_plus_dropped_and_memory_is_bounded() {
        let mut ring = Ring::new(100 * size_of::<Entry>());
        for n in 0..1000 {
            ring.add(batch(ServiceKind::Redis, &[(n, "0123456789")]), 0);
        }
        assert!(ring.bytes <= ring.bytes_max);
        assert_eq!(ring.received(), ring.len() as u64 + ring.dropped());
        assert!(ring.len() < 100 && ring.dropped() > 900);
        let last = ring.get(ring.len() - 1).unwrap();
        assert_eq!(last.at, Timestamp::from_second(999).unwrap());
    }
}
