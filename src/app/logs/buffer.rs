//! The logs of several services, bounded in bytes together: whoever takes most of the room gives way first.

use super::{
    lane::{Lane, Since},
    marks::Marks,
    row::{Key, Row, order_of},
    sieve::Sieve,
    walk::Walk,
};
use crate::{
    domain::{
        Safe, ServiceId, Timestamp,
        log::{Filter, Query},
    },
    hub::{Arrival, FollowId, LogBatch, LogEvent, Older},
};
use std::time::Duration;

/// Rows that one slice of a search looks at, at most …
pub const SLICE_ROWS: usize = 4_000;
/// … and bytes of text after which it ends: a few milliseconds.
const SLICE_BYTES: usize = 1 << 20;

/// The rows of all services that are followed together.
#[derive(Debug, Clone)]
pub struct Buffer {
    lanes: Vec<Lane>,
    marks: Marks,
    sieve: Sieve,
    hides_nothing: Sieve,
    bytes_max: usize,
    /// When it was opened, in nanoseconds since 1970.
    opened: i64,
    /// Rows that came, and rows that came before those.
    came: i64,
    came_before: i64,
    changes: u64,
}

/// A row that is shown, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The service's log; that of the first one for a mark, which belongs to all.
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
            marks: Marks::default(),
            sieve: Sieve::default(),
            hides_nothing: Sieve::default(),
            bytes_max,
            opened: i64::MAX,
            came: 0,
            came_before: 0,
            changes: 0,
        }
    }

    /// Begins again with these services; what hides and what is looked for stays, and marks among the same services.
    pub fn begin(&mut self, services: &[ServiceId]) {
        if !self.lanes.iter().map(|lane| &lane.service).eq(services) {
            self.marks = Marks::default();
        }
        self.lanes = services.iter().cloned().map(Lane::new).collect();
    }

    /// It is opened now: what is older comes with the history, in any order.
    pub fn open(&mut self, now: Timestamp) {
        self.opened = order_of(now);
    }

    /// The services' logs.
    #[must_use]
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Shows only some services: those for which `is_muted` does not hold.
    pub fn mute(&mut self, is_muted: impl Fn(&ServiceId) -> bool) {
        self.changes += 1;
        for lane in &mut self.lanes {
            lane.muted = is_muted(&lane.service);
        }
    }

    /// How often it was changed what is shown.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// True if rows may be there that are not shown.
    #[must_use]
    pub fn hides_something(&self) -> bool {
        !self.sieve.shows_all() || self.lanes.iter().any(|lane| lane.muted)
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

    /// What stands between the lines of all services.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Puts a mark after all rows; gives its number.
    pub(super) fn put_mark(&mut self, now: Timestamp) -> u32 {
        let key = self.end(now);
        self.marks.put(key, now)
    }

    /// Draws the rule after all rows, below which everything is new.
    pub(super) fn draw_rule(&mut self) {
        let key = self.end(Timestamp::UNIX_EPOCH);
        let at = Timestamp::from_nanosecond(i128::from(key.order));
        self.marks.draw_rule(key, at.unwrap_or_default());
    }

    pub(super) fn remove_rule(&mut self) {
        self.marks.remove_rule();
    }

    /// A place after all rows that came so far, whatever our clock says, and before those that come later.
    fn end(&mut self, now: Timestamp) -> Key {
        let newest = self.lanes.iter().map(Lane::newest).max();
        let order = newest.filter(|newest| *newest > i64::MIN);
        self.came += 1;
        Key {
            order: order.unwrap_or_else(|| order_of(now)),
            serial: self.came - 1,
        }
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
        let is_empty = |lane: &Lane| lane.rows().front().is_none();
        self.lanes.iter().all(is_empty) && self.marks.rows().is_empty()
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
        let since = Since {
            opened: self.opened,
            others,
        };
        for event in batch.events {
            lane.add(event, self.came, since, &self.sieve);
            self.came += 1;
        }
    }

    fn add_older(&mut self, index: usize, mut batch: LogBatch, all: bool) {
        let ends = self.lanes.get(index).filter(|lane| all && !lane.complete);
        if let Some(at) = ends.and_then(|lane| {
            batch
                .events
                .first()
                .and_then(LogEvent::at)
                .or(lane.oldest())
        }) {
            let word = LogEvent::Notice(at, Safe::from("no older lines"));
            batch.events.insert(0, word);
        }
        let count = i64::try_from(batch.events.len()).unwrap_or(i64::MAX);
        self.came_before = self.came_before.saturating_sub(count);
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.add_older(batch.events, self.came_before);
            lane.complete |= all;
        }
    }

    /// Wishes for what is older of each service that has no row before `top`; `since` is the moment with which the
    /// window begins.
    pub(super) fn older(
        &mut self,
        follow: FollowId,
        top: Key,
        since: Option<Timestamp>,
        up: Duration,
    ) -> Vec<Older> {
        let heard = self.lanes.iter_mut().filter(|lane| !lane.muted);
        heard
            .filter_map(|lane| lane.older(follow, top, since, up))
            .collect()
    }

    /// The hub has no room for a wish: it may be made again.
    pub fn forget_wish(&mut self, wish: &Older) {
        let mut lanes = self.lanes.iter_mut();
        if let Some(lane) = lanes.find(|lane| lane.service == wish.service) {
            lane.asked = None;
        }
    }

    /// True while older lines are on their way.
    #[must_use]
    pub fn is_looking_back(&self) -> bool {
        self.heard().any(|lane| lane.asked.is_some())
    }

    fn drop_what_is_too_much(&mut self) {
        if self.bytes() <= self.bytes_max {
            return;
        }
        self.drop_rows();
        let fronts = self.lanes.iter().filter_map(|lane| lane.rows().front());
        if let Some(oldest) = fronts.map(|row| row.key).min() {
            self.marks.drop_rule_before(oldest);
        }
    }

    fn drop_rows(&mut self) {
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
        self.changes += 1;
        self.sieve.filter = filter;
        self.begin_to_look(true);
    }

    /// Shows so many rows of the same service around those that the filter wants, and begins to look.
    pub fn set_context(&mut self, rows: u32) {
        self.changes += 1;
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
        Walk::new(self.heard(), self.marks_of_all(), &self.sieve, key)
    }

    /// All rows, whatever hides them.
    #[must_use]
    pub fn walk_all(&self, key: Key) -> Walk<'_> {
        let (lanes, marks) = (self.lanes.iter(), self.marks_of_all());
        Walk::new(lanes, marks, &self.hides_nothing, key)
    }

    /// The marks, and a service to stand for all of them.
    fn marks_of_all(&self) -> Option<(&Lane, &Marks)> {
        self.lanes.first().map(|lane| (lane, &self.marks))
    }

    /// Where the last row stands, shown or not; the beginning if there is none.
    #[must_use]
    pub fn last_key(&self) -> Key {
        let last = self.walk_all(Key::LAST).back();
        last.map_or(Key::FIRST, |shown| shown.row.key)
    }

    /// True if a row stands at `key`, shown or not.
    #[must_use]
    pub fn holds(&self, key: Key) -> bool {
        let at = |row: Option<&Row>| row.is_some_and(|row| row.key == key);
        let lanes = self.lanes.iter().map(Lane::rows);
        let mut rows = lanes.map(|rows| rows.get(rows.number_of(key)));
        let marks = self.marks.rows();
        rows.any(at) || at(marks.get(self.marks.index_of(key)))
    }

    /// The row that stands at `key`, if it is shown.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<Shown<'_>> {
        self.walk(key).next().filter(|shown| shown.row.key == key)
    }
}
