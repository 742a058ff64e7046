//! The logs of several services, bounded in bytes together: whoever takes most of the room gives way first.

use super::{
    lane::Lane,
    row::{Key, Row},
    sieve::Sieve,
    walk::Walk,
};
use crate::{
    domain::{
        ServiceId,
        log::{Filter, Query},
    },
    hub::{Arrival, LogBatch},
};

/// Rows that one slice of a search looks at, at most …
pub const SLICE_ROWS: usize = 4_000;
/// … and bytes of text after which it ends: a few milliseconds.
const SLICE_BYTES: usize = 1 << 20;

/// The rows of all services that are followed together.
#[derive(Debug, Clone)]
pub struct Buffer {
    lanes: Vec<Lane>,
    sieve: Sieve,
    bytes_max: usize,
    /// Rows that came, and rows that came before those.
    came: i64,
    came_before: i64,
}

/// A row that is shown, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The service's log.
    pub lane: &'a Lane,
    /// The row.
    pub row: &'a Row,
}

impl Buffer {
    /// Nothing yet, and at most `bytes_max` bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self {
            lanes: Vec::new(),
            sieve: Sieve::default(),
            bytes_max,
            came: 0,
            came_before: 0,
        }
    }

    /// Begins again with these services; what hides and what is looked for stays.
    pub fn begin(&mut self, services: &[ServiceId]) {
        self.lanes = services.iter().cloned().map(Lane::new).collect();
    }

    /// The services' logs.
    #[must_use]
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Shows only some services: those for which `is_muted` does not hold.
    pub fn mute(&mut self, is_muted: impl Fn(&ServiceId) -> bool) {
        for lane in &mut self.lanes {
            lane.muted = is_muted(&lane.service);
        }
    }

    /// The services that are not muted.
    pub fn heard(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().filter(|lane| !lane.muted)
    }

    /// What hides lines, and what is looked for.
    #[must_use]
    pub fn sieve(&self) -> &Sieve {
        &self.sieve
    }

    /// The bound in bytes.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Bytes that all rows take up.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lanes.iter().map(|lane| lane.rows().bytes()).sum()
    }

    /// True if no row is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.rows().front().is_none())
    }

    /// Rows that ever came: those that are there and those that had to go.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.lanes.iter().map(Lane::received).sum()
    }

    /// Rows that had to go.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lanes.iter().map(Lane::dropped).sum()
    }

    /// Takes in what came; gives the number of rows.
    pub fn add(&mut self, batch: LogBatch) -> usize {
        let index = self.lanes.iter().position(|l| l.service == batch.service);
        let Some(index) = index else { return 0 };
        let count = batch.events.len();
        match batch.arrival {
            Arrival::New => self.add_new(index, batch),
            Arrival::Older { all } => self.add_older(index, batch, all),
        }
        self.drop_what_is_too_much();
        count
    }

    fn add_new(&mut self, index: usize, batch: LogBatch) {
        let others = self.lanes.iter().filter(|l| l.service != batch.service);
        let others = others.map(Lane::newest).max().unwrap_or(i64::MIN);
        let Some(lane) = self.lanes.get_mut(index) else {
            return;
        };
        for event in batch.events {
            lane.add(event, self.came, others, &self.sieve);
            self.came += 1;
        }
    }

    fn add_older(&mut self, index: usize, batch: LogBatch, all: bool) {
        let count = i64::try_from(batch.events.len()).unwrap_or(i64::MAX);
        self.came_before = self.came_before.saturating_sub(count);
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.add_older(batch.events, self.came_before);
            lane.complete |= all;
        }
    }

    fn drop_what_is_too_much(&mut self) {
        let mut bytes = self.bytes();
        while bytes > self.bytes_max {
            let largest = self.lanes.iter_mut().max_by_key(|lane| lane.rows().bytes());
            let Some(lane) = largest else { return };
            let before = lane.rows().bytes();
            if !lane.drop_oldest() {
                return;
            }
            bytes = bytes + lane.rows().bytes() - before;
        }
    }

    /// Hides by another filter, and begins to look.
    pub fn set_filter(&mut self, filter: Filter) {
        self.sieve.filter = filter;
        self.begin_to_look(true);
    }

    /// Shows so many rows of the same service around those that the filter wants, and begins to look.
    pub fn set_context(&mut self, rows: u32) {
        self.sieve.context = rows;
        self.begin_to_look(true);
    }

    /// Looks for something else, or for nothing, and begins to look. What is shown stays.
    pub fn set_query(&mut self, query: Option<Query>) {
        self.sieve.query = query;
        self.begin_to_look(false);
    }

    fn begin_to_look(&mut self, again: bool) {
        for lane in &mut self.lanes {
            lane.begin(&self.sieve, again);
        }
    }

    /// The newest row that has not been looked at, if there is one.
    #[must_use]
    pub fn unseen(&self) -> Option<Key> {
        self.lanes.iter().filter_map(Lane::unseen).max()
    }

    /// Looks at the next slice of older rows, the newest first; false if there was none.
    pub fn scan(&mut self) -> bool {
        let (mut rows, mut bytes) = (0, 0);
        while rows < SLICE_ROWS && bytes < SLICE_BYTES {
            let newest = self.lanes.iter_mut().max_by_key(|lane| lane.unseen());
            let Some(text) = newest.and_then(|lane| lane.look(&self.sieve)) else {
                break;
            };
            (rows, bytes) = (rows + 1, bytes + text);
        }
        rows > 0
    }

    /// Lines of containers that are there, muted or not.
    #[must_use]
    pub fn all_lines(&self) -> usize {
        self.lanes.iter().map(|lane| lane.rows().lines()).sum()
    }

    /// Lines of containers that are there and not muted.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.heard().map(|lane| lane.rows().lines()).sum()
    }

    /// Lines of containers that are shown.
    #[must_use]
    pub fn shown_lines(&self) -> usize {
        let lines = |lane: &Lane| lane.shown_lines(&self.sieve);
        self.heard().map(lines).sum()
    }

    /// Lines that are shown and hold what is looked for.
    #[must_use]
    pub fn found_len(&self) -> usize {
        self.heard().map(|lane| lane.sifted().found().len()).sum()
    }

    /// Lines before `key` that are shown and hold what is looked for.
    #[must_use]
    pub fn found_before(&self, key: Key) -> usize {
        let before = |lane: &Lane| lane.sifted().found().index_of(lane.rows().number_of(key));
        self.heard().map(before).sum()
    }

    /// The newest line before `key` that holds what is looked for.
    #[must_use]
    pub fn match_before(&self, key: Key) -> Option<Key> {
        let before = |lane: &Lane| {
            let number = lane.sifted().found().below(lane.rows().number_of(key))?;
            lane.rows().get(number).map(|row| row.key)
        };
        self.heard().filter_map(before).max()
    }

    /// The oldest line at or after `key` that holds what is looked for.
    #[must_use]
    pub fn match_from(&self, key: Key) -> Option<Key> {
        let from = |lane: &Lane| {
            let number = lane.sifted().found().from(lane.rows().number_of(key))?;
            lane.rows().get(number).map(|row| row.key)
        };
        self.heard().filter_map(from).min()
    }

    /// The shown rows, beginning before the first one that does not stand before `key`.
    #[must_use]
    pub fn walk(&self, key: Key) -> Walk<'_> {
        Walk::new(self, key)
    }

    /// The row that stands at `key`, if it is shown.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<Shown<'_>> {
        self.walk(key).next().filter(|shown| shown.row.key == key)
    }
}
