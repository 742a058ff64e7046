//! The lines of a log in the order of their timestamps, bounded in bytes and in lines.

use crate::{
    domain::{
        LogLine, LogStream, PerService, Safe, ServiceKind, Timestamp,
        log::{Belongs, Entries, Level},
    },
    hub::{LogBatch, LogEvent},
};
use std::collections::{HashMap, VecDeque};

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

/// Where a row stands, for good: what comes or goes around it does not change it. Ordered like the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key {
    /// Nanoseconds since 1970. A service's own lines keep the engine's order even where its clock jumped back.
    order: i64,
    /// Equal times keep the order of arrival.
    serial: u64,
}

impl Key {
    /// Before every row.
    pub const FIRST: Self = Self {
        order: i64::MIN,
        serial: 0,
    };
    /// After every row.
    pub const LAST: Self = Self {
        order: i64::MAX,
        serial: u64::MAX,
    };
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where it stands.
    pub key: Key,
    /// When it happened.
    pub at: Timestamp,
    /// The service.
    pub kind: ServiceKind,
    /// What it says.
    pub content: Content,
    /// Which lines it belongs to, and how bad they are.
    pub belongs: Belongs,
}

impl Entry {
    /// Keys of it that are kept: in the ring's entries and in what is filtered and found.
    const KEYS: usize = 3;

    fn bytes(&self) -> usize {
        let text = match &self.content {
            Content::Line(line) => line.text.as_str().len(),
            Content::Notice(text) => text.len(),
        };
        text + size_of::<Self>() + Self::KEYS * size_of::<Key>()
    }
}

/// What one batch did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    /// Rows that came, those that had to go at once included.
    pub fresh: Vec<Key>,
    /// Entries of several lines of which nothing is left.
    pub gone: Vec<u64>,
}

/// The rows of one log.
#[derive(Debug, Clone)]
pub struct Ring {
    entries: VecDeque<Entry>,
    bytes: usize,
    bytes_max: usize,
    dropped: u64,
    received: u64,
    /// What had been received when the newest batch came.
    batch: u64,
    notices: usize,
    errors: usize,
    warnings: usize,
    last: PerService<i64>,
    together: Entries,
    /// The first line of the newest entry of each stream.
    heads: PerService<[Option<Key>; 2]>,
    /// The lines of entries that have several.
    several: HashMap<u64, Vec<Key>>,
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
            batch: 0,
            notices: 0,
            errors: 0,
            warnings: 0,
            last: PerService([i64::MIN; 4]),
            together: Entries::default(),
            heads: PerService::default(),
            several: HashMap::new(),
        }
    }

    /// Rows that are there.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Rows that are lines of containers.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.entries.len() - self.notices
    }

    /// Errors that are there: entries, not lines.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Warnings that are there: entries, not lines.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.warnings
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

    /// The number of the first row that does not stand before `key`.
    #[must_use]
    pub fn index_of(&self, key: Key) -> usize {
        self.entries.partition_point(|entry| entry.key < key)
    }

    /// The row that stands there.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<&Entry> {
        let entry = self.entries.get(self.index_of(key))?;
        (entry.key == key).then_some(entry)
    }

    /// The rows of an entry that has several, in their order; empty for all others.
    #[must_use]
    pub fn rows_of(&self, entry: u64) -> &[Key] {
        self.several.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// Sorts the events of a batch in.
    pub fn add(&mut self, batch: LogBatch) -> Added {
        let kind = batch.service.kind;
        self.keep_in_reach(kind);
        self.batch = self.received;
        let mut rows: VecDeque<Entry> = VecDeque::with_capacity(batch.events.len());
        for (at, content) in batch.events.into_iter().filter_map(content) {
            rows.push_back(self.entry(kind, at, content));
        }
        let fresh = rows.iter().map(|entry| entry.key).collect();
        for entry in &rows {
            self.bytes += entry.bytes();
            self.count(entry, true);
        }
        self.merge(rows);
        let gone = self.drop_oldest();
        Added { fresh, gone }
    }

    /// A late line is not sorted in farther back than [`LOOK_BACK`].
    fn keep_in_reach(&mut self, kind: ServiceKind) {
        let farthest = self.entries.len().checked_sub(LOOK_BACK + 1);
        if let Some(entry) = farthest.and_then(|index| self.entries.get(index)) {
            self.last[kind] = self.last[kind].max(entry.key.order);
        }
    }

    fn entry(&mut self, kind: ServiceKind, at: Timestamp, content: Content) -> Entry {
        // Years beyond 1677 and 2262 stand at the ends.
        let bound = if at < Timestamp::UNIX_EPOCH {
            i64::MIN
        } else {
            i64::MAX
        };
        let order = i64::try_from(at.as_nanosecond()).unwrap_or(bound);
        let key = Key {
            order: order.max(self.last[kind]),
            serial: self.received,
        };
        self.received += 1;
        self.last[kind] = key.order;
        let belongs = match &content {
            Content::Line(line) => self.belongs(key, kind, line),
            Content::Notice(_) => Belongs::alone(key.serial),
        };
        Entry {
            key,
            at,
            kind,
            content,
            belongs,
        }
    }

    fn belongs(&mut self, key: Key, kind: ServiceKind, line: &LogLine) -> Belongs {
        let belongs = self.together.place(key.serial, kind, line);
        let head = &mut self.heads[kind][usize::from(line.stream == LogStream::Err)];
        if belongs.first {
            *head = Some(key);
            return belongs;
        }
        // The first line is in this batch or in the ring, unless it had to go.
        let is_there = |first: &Key| {
            let place = self.entries.partition_point(|entry| entry.key < *first);
            let found = self.entries.get(place);
            first.serial >= self.batch || found.is_some_and(|entry| entry.key == *first)
        };
        let first = head.filter(is_there);
        let rows = self.several.entry(belongs.entry);
        rows.or_insert_with(|| first.into_iter().collect())
            .push(key);
        belongs
    }

    /// Merges `fresh` (sorted) into the end of the ring.
    fn merge(&mut self, mut fresh: VecDeque<Entry>) {
        let Some(first) = fresh.front().map(|entry| entry.key) else {
            return;
        };
        let mut old = self.entries.split_off(self.index_of(first));
        while let (Some(o), Some(f)) = (old.front(), fresh.front()) {
            let next = if o.key < f.key {
                old.pop_front()
            } else {
                fresh.pop_front()
            };
            self.entries.extend(next);
        }
        self.entries.append(&mut old);
        self.entries.append(&mut fresh);
    }

    fn count(&mut self, entry: &Entry, came: bool) {
        let counter = match (&entry.content, entry.belongs.level) {
            (Content::Notice(_), _) => &mut self.notices,
            (_, Some(Level::Error)) if entry.belongs.first => &mut self.errors,
            (_, Some(Level::Warning)) if entry.belongs.first => &mut self.warnings,
            _ => return,
        };
        if came {
            *counter += 1;
        } else {
            *counter -= 1;
        }
    }

    /// Gives the entries of several lines that are gone.
    fn drop_oldest(&mut self) -> Vec<u64> {
        let mut gone = Vec::new();
        while self.bytes > self.bytes_max || self.entries.len() > LINES_MAX {
            let Some(entry) = self.entries.pop_front() else {
                break;
            };
            self.dropped += 1;
            self.bytes -= entry.bytes();
            self.count(&entry, false);
            gone.extend(self.forget(&entry));
        }
        gone
    }

    /// Takes a row that is gone off its entry; gives the entry if that was the last one.
    fn forget(&mut self, gone: &Entry) -> Option<u64> {
        let rows = self.several.get_mut(&gone.belongs.entry)?;
        rows.retain(|key| *key != gone.key);
        if !rows.is_empty() {
            return None;
        }
        self.several.remove(&gone.belongs.entry);
        Some(gone.belongs.entry)
    }
}

/// What stands in the row of an event, and when that was.
fn content(event: LogEvent) -> Option<(Timestamp, Content)> {
    match event {
        LogEvent::Line(line) => Some((line.at, Content::Line(line))),
        LogEvent::Notice(at, text) => Some((at, Content::Notice(text))),
        LogEvent::Secrets(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        domain::{ServiceId, log::Part, safe::LogText},
        hub::{Arrival, FollowId},
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
            arrival: Arrival::New,
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
        ring.add(batch(ServiceKind::Postgres, &[(1, "p1"), (4, "p4")]));
        ring.add(batch(
            ServiceKind::Redis,
            &[(2, "r2"), (4, "r4"), (5, "r5")],
        ));
        ring.add(batch(ServiceKind::Backend, &[(0, "b0"), (3, "b3")]));
        assert_eq!(texts(&ring), "b0 p1 r2 b3 p4 r4 r5");
    }

    #[test]
    fn a_services_own_lines_keep_the_engines_order() {
        let mut ring = Ring::new(1 << 20);
        ring.add(batch(ServiceKind::Redis, &[(9, "a"), (3, "b")]));
        ring.add(batch(ServiceKind::Postgres, &[(5, "p")]));
        ring.add(batch(ServiceKind::Redis, &[(4, "c")]));
        assert_eq!(texts(&ring), "p a b c");
    }

    #[test]
    fn a_key_finds_its_row_whatever_comes_and_goes_around_it() {
        let mut ring = Ring::new(1 << 20);
        ring.add(batch(ServiceKind::Redis, &[(1, "a"), (5, "b"), (9, "c")]));
        let key = ring.get(1).unwrap().key;
        ring.add(batch(ServiceKind::Postgres, &[(2, "x"), (6, "y")]));
        assert_eq!(
            (texts(&ring).as_str(), ring.index_of(key)),
            ("a x b y c", 2)
        );
        assert!(ring.find(key) == ring.get(2) && ring.find(Key::FIRST).is_none());
        assert_eq!(
            (ring.index_of(Key::FIRST), ring.index_of(Key::LAST)),
            (0, 5)
        );
    }

    #[test]
    fn errors_and_warnings_are_counted_by_entry_while_they_are_there() {
        let lines = [
            (1, "ERROR: x"),
            (2, "  more of it"),
            (3, "WARNING: y"),
            (4, "0 errors"),
        ];
        let mut ring = Ring::new(1 << 20);
        ring.add(batch(ServiceKind::Redis, &lines));
        assert_eq!((ring.errors(), ring.warnings(), ring.lines()), (1, 1, 4));
        let first = ring.get(0).unwrap().belongs.entry;
        assert_eq!(ring.rows_of(first).len(), 2);
        ring.bytes_max = ring.bytes / 2;
        let added = ring.add(batch(ServiceKind::Redis, &[(5, "z")]));
        assert_eq!((ring.errors(), added.gone), (0, vec![first]));
        assert!(ring.several.is_empty());
    }

    #[test]
    fn p40_received_is_kept_plus_dropped_and_memory_is_bounded() {
        let mut ring = Ring::new(120 * size_of::<Entry>());
        for n in 0..1000 {
            ring.add(batch(ServiceKind::Redis, &[(n, "0123456789")]));
        }
        assert!(ring.bytes <= ring.bytes_max);
        assert_eq!(ring.received(), ring.len() as u64 + ring.dropped());
        assert!(ring.len() < 120 && ring.dropped() > 880);
        let last = ring.get(ring.len() - 1).unwrap();
        assert_eq!(last.at, Timestamp::from_second(999).unwrap());
    }
}
