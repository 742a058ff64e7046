//! The log pane: which log is followed, where the reader stands in it, and how lines are shown.

use super::{
    ring::{Content, Entry, Key, Ring},
    search::Asking,
    sieve::{Keys, Sieve},
    text,
};
use crate::{
    domain::{
        ServiceKind, Target,
        log::{Syntax, Window},
    },
    hub::{Follow, FollowId, LogBatch},
};
use jiff::{Timestamp, tz::TimeZone};

/// Columns by which the log moves sideways.
const SIDEWAYS: usize = 16;

/// How timestamps are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stamps {
    /// In the operator's time zone.
    #[default]
    Local,
    /// In UTC.
    Utc,
    /// Not at all.
    Off,
}

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// At the end, whatever comes.
    #[default]
    Live,
    /// At a row, whatever comes.
    Paused {
        /// The first visible row; what comes after it where it is gone …
        top: Key,
        /// … and how many of its wrapped rows are above the pane.
        skip: usize,
        /// Rows that came since.
        fresh: u64,
    },
}

/// The size of the pane in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub rows: usize,
}

/// The log pane.
#[derive(Debug, Clone)]
pub struct LogPane {
    /// What it is about.
    pub target: Option<Target>,
    /// The stream that is open for it.
    pub follow: Option<FollowId>,
    /// The lines.
    pub ring: Ring,
    /// Which of them are shown, and what is found in them.
    pub sieve: Sieve,
    /// What is typed to search or filter.
    pub asking: Option<Asking>,
    /// How that is read.
    pub syntax: Syntax,
    /// The match where the reader stands.
    pub current: Option<Key>,
    /// The match at or above this row is still looked for, to go there.
    pub(super) wanted: Option<Key>,
    /// Where the reader stands.
    pub place: Place,
    /// Long lines are wrapped instead of cut.
    pub wrap: bool,
    /// How timestamps are shown.
    pub stamps: Stamps,
    /// Columns that are scrolled out on the left.
    pub shift: usize,
    /// Size of the pane, told before every change.
    pub extent: Extent,
    tail: u32,
    next_id: u64,
}

impl LogPane {
    /// A pane that keeps at most `bytes_max` bytes and asks for `tail` lines of history per service.
    #[must_use]
    pub fn new(bytes_max: usize, tail: u32) -> Self {
        Self {
            target: None,
            follow: None,
            ring: Ring::new(bytes_max),
            sieve: Sieve::default(),
            asking: None,
            syntax: Syntax::Plain,
            current: None,
            wanted: None,
            place: Place::Live,
            wrap: false,
            stamps: Stamps::Local,
            shift: 0,
            extent: Extent::default(),
            tail,
            next_id: 1,
        }
    }

    /// Turns to another log; gives the stream that is no longer needed. Search and filter stay.
    pub fn turn_to(&mut self, target: Option<Target>) -> Option<FollowId> {
        if self.target.is_some() {
            self.asking = None;
        }
        self.target = target;
        self.ring = Ring::new(self.ring.bytes_max());
        self.sieve.clear();
        (self.current, self.wanted) = (None, None);
        self.place = Place::Live;
        self.shift = 0;
        self.follow.take()
    }

    /// The wish for the log that it has turned to, if that is not open yet.
    pub fn open(&mut self) -> Option<Follow> {
        let target = self.target.clone().filter(|_| self.follow.is_none())?;
        let id = FollowId(self.next_id);
        self.next_id += 1;
        self.follow = Some(id);
        Some(Follow {
            id,
            services: target.services(),
            window: Window::Tail(self.tail),
        })
    }

    /// Takes lines in; false if they belong to a stream that is no longer followed.
    pub fn take(&mut self, batch: LogBatch) -> bool {
        if self.follow != Some(batch.follow) {
            return false;
        }
        let added = self.ring.add(batch);
        self.sieve.take(&self.ring, &added);
        if let Place::Paused { fresh, .. } = &mut self.place {
            *fresh += added.fresh.len() as u64;
        }
        true
    }

    /// True if lines of several services are shown together.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.target.as_ref().is_some_and(|t| t.service.is_none())
    }

    /// Columns before the text of a line: level, time, service, stream.
    #[must_use]
    pub fn prefix(&self) -> usize {
        let stamp = if self.stamps == Stamps::Off { 0 } else { 13 };
        let service = if self.is_merged() { 9 } else { 0 };
        2 + stamp + service + 2
    }

    /// Columns for the text of a line.
    #[must_use]
    pub fn text_width(&self) -> usize {
        self.extent.width.saturating_sub(self.prefix() + 1).max(2)
    }

    /// Rows that an entry takes.
    #[must_use]
    pub fn rows_of(&self, entry: &Entry) -> usize {
        match &entry.content {
            Content::Line(line) if self.wrap => text::rows(line.text.as_str(), self.text_width()),
            Content::Line(_) | Content::Notice(_) => 1,
        }
    }

    fn rows_at(&self, index: usize) -> usize {
        self.shown(index).map_or(1, |entry| self.rows_of(entry))
    }

    /// Rows that are shown.
    #[must_use]
    pub fn shown_len(&self) -> usize {
        self.sieve.shown().map_or(self.ring.len(), Keys::len)
    }

    /// Row number `index` of those that are shown, from the oldest.
    #[must_use]
    pub fn shown(&self, index: usize) -> Option<&Entry> {
        match self.sieve.shown() {
            Some(keys) => self.ring.find(keys.get(index)?),
            None => self.ring.get(index),
        }
    }

    /// The number of the first shown row that does not stand before `key`.
    fn shown_index(&self, key: Key) -> usize {
        let keys = self.sieve.shown();
        keys.map_or_else(|| self.ring.index_of(key), |keys| keys.index_of(key))
    }

    /// The last row that fits into the pane.
    pub(super) fn last_visible(&self) -> Key {
        let (mut index, skip) = self.top();
        let mut rows = self.rows_at(index).saturating_sub(skip);
        while rows < self.extent.rows && index + 1 < self.shown_len() {
            index += 1;
            rows += self.rows_at(index);
        }
        self.shown(index).map_or(Key::LAST, |entry| entry.key)
    }

    /// Scrolls so that a row is visible, if it is not: a third from the top.
    pub(super) fn reveal(&mut self, key: Key) {
        let (top, skip) = self.top();
        let index = self.shown_index(key);
        if (index > top || (index == top && skip == 0)) && key <= self.last_visible() {
            return;
        }
        let (mut top, mut rows) = (index, 0);
        while top > 0 && rows + self.rows_at(top - 1) <= self.extent.rows / 3 {
            top -= 1;
            rows += self.rows_at(top);
        }
        let (top, skip) = (top, 0).min(self.top_of_end());
        self.stay(top, skip);
    }

    /// First visible row, and how many of its wrapped rows are above the pane.
    #[must_use]
    pub fn top(&self) -> (usize, usize) {
        match self.place {
            Place::Live => self.top_of_end(),
            Place::Paused { top, skip, .. } => {
                let index = self.shown_index(top);
                let stands = self.shown(index).is_some_and(|entry| entry.key == top);
                (index, if stands { skip } else { 0 })
            }
        }
    }

    /// Where the view begins that ends with the last row.
    fn top_of_end(&self) -> (usize, usize) {
        let (mut index, mut rows) = (self.shown_len(), 0);
        while index > 0 && rows < self.extent.rows {
            index -= 1;
            rows += self.rows_at(index);
        }
        (index, rows.saturating_sub(self.extent.rows))
    }

    /// Scrolls by rows; arriving at the end follows again.
    pub fn scroll(&mut self, rows: isize) {
        let end = self.top_of_end();
        let (mut top, mut skip) = self.top();
        for _ in 0..rows.unsigned_abs() {
            if rows < 0 {
                if skip > 0 {
                    skip -= 1;
                } else if top > 0 {
                    top -= 1;
                    skip = self.rows_at(top).saturating_sub(1);
                }
            } else if (top, skip) < end {
                skip += 1;
                if skip >= self.rows_at(top) {
                    (top, skip) = (top + 1, 0);
                }
            }
        }
        if rows > 0 && (top, skip) >= end {
            self.place = Place::Live;
        } else if (top, skip) < end {
            self.stay(top, skip);
        }
    }

    fn stay(&mut self, top: usize, skip: usize) {
        let fresh = match self.place {
            Place::Paused { fresh, .. } => fresh,
            Place::Live => 0,
        };
        let key = self.shown(top).map_or(Key::FIRST, |entry| entry.key);
        self.place = Place::Paused {
            top: key,
            skip,
            fresh,
        };
    }

    /// To the oldest row.
    pub fn go_to_top(&mut self) {
        self.stay(0, 0);
    }

    /// To the end, and follow.
    pub fn go_to_end(&mut self) {
        self.place = Place::Live;
    }

    /// Follow, or stay at this place.
    pub fn toggle_follow(&mut self) {
        match self.place {
            Place::Live => {
                let (top, skip) = self.top();
                self.stay(top, skip);
            }
            Place::Paused { .. } => self.go_to_end(),
        }
    }

    /// Wraps long lines, or cuts them.
    pub fn toggle_wrap(&mut self) {
        self.wrap = !self.wrap;
        self.shift = 0;
        if let Place::Paused { skip, .. } = &mut self.place {
            *skip = 0;
        }
    }

    /// The next way to show timestamps.
    pub fn next_stamps(&mut self) {
        self.stamps = match self.stamps {
            Stamps::Local => Stamps::Utc,
            Stamps::Utc => Stamps::Off,
            Stamps::Off => Stamps::Local,
        };
    }

    /// Moves sideways, no farther than the longest visible line.
    pub fn sideways(&mut self, right: bool) {
        if self.wrap {
            return;
        }
        let (top, _) = self.top();
        let columns = |index: usize| match self.shown(index).map(|entry| &entry.content) {
            Some(Content::Line(line)) => text::columns(line.text.as_str()),
            Some(Content::Notice(_)) | None => 0,
        };
        let longest = (top..top + self.extent.rows).map(columns).max();
        let most = longest.unwrap_or(0).saturating_sub(self.text_width());
        self.shift = if right {
            (self.shift + SIDEWAYS).min(most.max(self.shift))
        } else {
            self.shift.saturating_sub(SIDEWAYS)
        };
    }
}

/// `14:01:58.203` in a time zone.
#[must_use]
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%H:%M:%S.%3f")
        .to_string()
}

/// The service's name as wide as the longest one.
#[must_use]
pub fn padded(kind: ServiceKind) -> String {
    format!("{kind:8} ")
}
