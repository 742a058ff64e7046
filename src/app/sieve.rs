//! What of a log is shown and what is found in it: keys of rows, kept up to date as rows come and go. A new filter or
//! query looks through what is there from the newest row backwards, a slice at a time.

use super::ring::{Added, Content, Entry, Key, Ring};
use crate::domain::{
    LogLine,
    log::{Filter, Query},
};
use std::collections::{HashMap, VecDeque};

/// Rows that one slice looks at, at most …
pub const SLICE_ROWS: usize = 4_000;
/// … and bytes of text after which it ends: a few milliseconds.
const SLICE_BYTES: usize = 1 << 20;

/// Keys of rows in their order.
#[derive(Debug, Clone, Default)]
pub struct Keys(VecDeque<Key>);

impl Keys {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Key number `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Key> {
        self.0.get(index).copied()
    }

    /// The number of the first one that does not stand before `key`.
    #[must_use]
    pub fn index_of(&self, key: Key) -> usize {
        self.0.partition_point(|other| *other < key)
    }

    /// The last one before `key`.
    #[must_use]
    pub fn before(&self, key: Key) -> Option<Key> {
        self.get(self.index_of(key).checked_sub(1)?)
    }

    /// The first one after `key`.
    #[must_use]
    pub fn after(&self, key: Key) -> Option<Key> {
        let index = self.index_of(key);
        let is_there = self.get(index) == Some(key);
        self.get(index + usize::from(is_there))
    }

    /// Puts a key in its place, or takes it away.
    fn set(&mut self, key: Key, there: bool) {
        let index = self.index_of(key);
        let is_there = self.get(index) == Some(key);
        if there && !is_there {
            self.0.insert(index, key);
        } else if is_there && !there {
            self.0.remove(index);
        }
    }

    fn drop_before(&mut self, key: Key) {
        while self.0.front().is_some_and(|first| *first < key) {
            self.0.pop_front();
        }
    }
}

/// Filter and search of one log.
#[derive(Debug, Clone)]
pub struct Sieve {
    filter: Filter,
    query: Option<Query>,
    /// With a filter: the rows that are shown; notices always are.
    shown: Keys,
    notices: Keys,
    /// With a query: the shown lines that hold it.
    found: Keys,
    /// Whether a line of an entry of several lines holds the filter's text.
    holds: HashMap<u64, bool>,
    /// Rows from here on have been looked at.
    from: Key,
}

impl Default for Sieve {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            query: None,
            shown: Keys::default(),
            notices: Keys::default(),
            found: Keys::default(),
            holds: HashMap::new(),
            from: Key::FIRST,
        }
    }
}

impl Sieve {
    /// What is shown.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// What is looked for.
    #[must_use]
    pub fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    /// What is made to stand out: what is looked for, else what lines are shown for.
    #[must_use]
    pub fn highlighted(&self) -> Option<&Query> {
        let filter = self.filter.query.as_ref();
        let shown_for = filter.filter(|_| !self.filter.inverse);
        self.query.as_ref().or(shown_for)
    }

    /// The rows that are shown; `None` if all are.
    #[must_use]
    pub fn shown(&self) -> Option<&Keys> {
        (!self.filter.is_empty()).then_some(&self.shown)
    }

    /// Lines of containers among the shown rows.
    #[must_use]
    pub fn shown_lines(&self) -> usize {
        self.shown.len() - self.notices.len()
    }

    /// The shown lines that hold what is looked for.
    #[must_use]
    pub fn found(&self) -> &Keys {
        &self.found
    }

    /// True if every row has been looked at.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.from == Key::FIRST
    }

    /// Shows by another filter, and begins to look.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.forget();
        self.begin();
    }

    /// Looks for something else, or for nothing, and begins to look. What is shown stays.
    pub fn set_query(&mut self, query: Option<Query>) {
        self.query = query;
        self.found = Keys::default();
        self.begin();
    }

    /// Begins with an empty log.
    pub fn clear(&mut self) {
        self.forget();
        self.from = Key::FIRST;
    }

    fn forget(&mut self) {
        self.shown = Keys::default();
        self.notices = Keys::default();
        self.found = Keys::default();
        self.holds.clear();
    }

    fn begin(&mut self) {
        let idle = self.filter.is_empty() && self.query.is_none();
        self.from = if idle { Key::FIRST } else { Key::LAST };
    }

    /// Takes in what one batch did to the ring.
    pub fn take(&mut self, ring: &Ring, added: &Added) {
        let oldest = ring.get(0).map_or(Key::FIRST, |entry| entry.key);
        for keys in [&mut self.shown, &mut self.notices, &mut self.found] {
            keys.drop_before(oldest);
        }
        for entry in &added.gone {
            self.holds.remove(entry);
        }
        if self.filter.is_empty() && self.query.is_none() {
            return;
        }
        let from = self.from;
        for key in added.fresh.iter().filter(|key| **key >= from) {
            if let Some(entry) = ring.find(*key) {
                self.look_at(ring, entry);
            }
        }
    }

    /// Looks at the next slice of older rows; false if there was none.
    pub fn scan(&mut self, ring: &Ring) -> bool {
        if self.is_done() {
            return false;
        }
        let (mut index, mut rows, mut bytes) = (ring.index_of(self.from), 0, 0);
        while rows < SLICE_ROWS && bytes < SLICE_BYTES {
            let Some(entry) = index.checked_sub(1).and_then(|index| ring.get(index)) else {
                self.from = Key::FIRST;
                break;
            };
            self.look_at(ring, entry);
            self.from = entry.key;
            bytes += line_of(entry).map_or(0, |line| line.text.as_str().len());
            (index, rows) = (index - 1, rows + 1);
        }
        true
    }

    fn look_at(&mut self, ring: &Ring, entry: &Entry) {
        let Some(line) = line_of(entry) else {
            if !self.filter.is_empty() {
                self.shown.set(entry.key, true);
                self.notices.set(entry.key, true);
            }
            return;
        };
        let rows = ring.rows_of(entry.belongs.entry);
        if self.filter.query.is_none() || rows.is_empty() {
            let holds = self.holds_text(line);
            return self.place(entry, line, holds);
        }
        let known = self.holds.get(&entry.belongs.entry).copied();
        let holds = match known {
            Some(true) => true,
            Some(false) => self.holds_text(line),
            // All lines that there are of an entry have their say before the first of them is placed.
            None => lines_at(ring, rows).any(|(_, line)| self.holds_text(line)),
        };
        if known == Some(holds) {
            return self.place(entry, line, holds);
        }
        self.holds.insert(entry.belongs.entry, holds);
        for (entry, line) in lines_at(ring, rows) {
            self.place(entry, line, holds);
        }
    }

    fn holds_text(&self, line: &LogLine) -> bool {
        let query = self.filter.query.as_ref();
        query.is_none_or(|query| query.matches(&line.text))
    }

    /// Shows a line or hides it.
    fn place(&mut self, entry: &Entry, line: &LogLine, holds: bool) {
        let fits = self.filter.passes(entry.belongs.level, line.stream) && self.filter.wants(holds);
        if !self.filter.is_empty() {
            self.shown.set(entry.key, fits);
        }
        if let Some(query) = &self.query {
            let found = fits && query.matches(&line.text);
            self.found.set(entry.key, found);
        }
    }
}

fn line_of(entry: &Entry) -> Option<&LogLine> {
    match &entry.content {
        Content::Line(line) => Some(line),
        Content::Notice(_) => None,
    }
}

fn lines_at<'a>(ring: &'a Ring, rows: &'a [Key]) -> impl Iterator<Item = (&'a Entry, &'a LogLine)> {
    let entries = rows.iter().filter_map(|key| ring.find(*key));
    entries.filter_map(|entry| Some((entry, line_of(entry)?)))
}

#[cfg(test)]
mod tests;
