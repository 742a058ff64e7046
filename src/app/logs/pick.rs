//! Choosing lines of a log: a cursor that stands on a row, whatever comes or goes, and a range from another row to it.

use super::{LogPane, buffer::Shown, place::Top, row::Key};
use crate::domain::{
    Timestamp,
    log::{Filter, Window},
};
use std::{ops::RangeInclusive, time::Duration};

/// How long before a moment the log is asked for, to see what led to it.
const AROUND: Duration = Duration::from_secs(30);

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    /// Where the cursor was put; where that row is gone or hidden, it stands on the next one.
    at: Key,
    /// Where the range began, if there is one.
    from: Option<Key>,
}

impl LogPane {
    /// Puts the cursor on a row: on this one, else on the match where the reader stands, else on the last visible one.
    /// What comes from now on moves nothing. False if there is no row.
    pub fn pick(&mut self, wanted: Option<Key>) -> bool {
        let wanted = wanted.or(self.current);
        let wanted = wanted.unwrap_or_else(|| self.last_visible());
        let Some(at) = self.nearest(wanted).map(|shown| shown.row.key) else {
            return false;
        };
        let from = self.picked.and_then(|pick| pick.from);
        self.asking = None;
        self.stay(self.top());
        self.picked = Some(Pick { at, from });
        self.reveal(at);
        true
    }

    /// The row at `key`, else the next one, else the last one.
    fn nearest(&self, key: Key) -> Option<Shown<'_>> {
        let mut walk = self.buffer.walk(key);
        walk.next().or_else(|| walk.back())
    }

    /// The row that the cursor stands on.
    #[must_use]
    pub fn cursor(&self) -> Option<Shown<'_>> {
        self.nearest(self.picked?.at)
    }

    fn cursor_key(&self) -> Option<Key> {
        self.cursor().map(|shown| shown.row.key)
    }

    /// The first and the last row that are chosen: the cursor's own where no range was begun.
    #[must_use]
    pub fn chosen(&self) -> Option<RangeInclusive<Key>> {
        let at = self.cursor_key()?;
        let from = self.picked?.from.unwrap_or(at);
        Some(at.min(from)..=at.max(from))
    }

    /// True if a range was begun.
    #[must_use]
    pub fn has_range(&self) -> bool {
        self.picked.is_some_and(|pick| pick.from.is_some())
    }

    /// Begins a range at the cursor, or ends it.
    pub fn toggle_range(&mut self) {
        let at = self.cursor_key();
        if let Some(pick) = &mut self.picked {
            pick.from = if pick.from.is_some() { None } else { at };
        }
    }

    /// Chooses the rows from one to another; what comes from now on moves nothing.
    pub fn pick_range(&mut self, from: Key, at: Key) {
        self.asking = None;
        self.stay(self.top());
        let from = Some(from);
        self.picked = Some(Pick { at, from });
        self.show_cursor();
    }

    /// Ends the range, else takes the cursor away; false if there was neither.
    pub fn unpick(&mut self) -> bool {
        match &mut self.picked {
            None => return false,
            Some(pick) if pick.from.is_some() => pick.from = None,
            Some(_) => self.picked = None,
        }
        true
    }

    /// Moves the cursor by so many rows of the screen, by one line at least.
    pub(super) fn move_cursor(&mut self, rows: isize) {
        let Some(at) = self.cursor_key() else { return };
        let to = if rows < 0 {
            self.above(at, rows.unsigned_abs())
        } else {
            self.below(at, rows.unsigned_abs())
        };
        self.put_cursor(to);
    }

    /// Moves the cursor to the first or the last row.
    pub(super) fn cursor_to_end(&mut self, last: bool) {
        let wanted = if last { Key::LAST } else { Key::FIRST };
        let to = self.nearest(wanted).map(|shown| shown.row.key);
        to.into_iter().for_each(|key| self.put_cursor(key));
    }

    pub(super) fn put_cursor(&mut self, key: Key) {
        if let Some(pick) = &mut self.picked {
            pick.at = key;
        }
        self.show_cursor();
    }

    /// Scrolls by as little as it takes to see the cursor's row.
    pub fn show_cursor(&mut self) {
        let Some(key) = self.cursor_key() else { return };
        let (top, row) = (self.top(), Top { key, skip: 0 });
        // A row that is taller than the pane is shown from its beginning.
        let lowest = self.top_above(key.next(), self.extent.rows).min(row);
        if row < top {
            self.stay(row);
        } else if lowest > top {
            self.stay(lowest);
        }
    }

    fn above(&self, key: Key, rows: usize) -> Key {
        let (mut walk, mut sum, mut to) = (self.buffer.walk(key), 0, key);
        while sum < rows {
            let Some(shown) = walk.back() else { break };
            to = shown.row.key;
            sum += self.rows_of(shown.row);
        }
        to
    }

    fn below(&self, key: Key, rows: usize) -> Key {
        let (mut walk, mut sum, mut to) = (self.buffer.walk(key.next()), 0, key);
        while sum < rows {
            let Some(shown) = walk.next() else { break };
            to = shown.row.key;
            sum += self.rows_of(shown.row);
        }
        to
    }

    /// Shows everything, with the cursor's row in the middle.
    pub(in crate::app) fn show_around(&mut self, key: Key) {
        self.buffer.set_filter(Filter::default());
        self.buffer.mute(|_| false);
        self.work();
        self.put_cursor(key);
        self.centre_on(key);
    }

    /// Looks at the moment `at` as soon as its lines come: the log is asked for from a little before it.
    pub(in crate::app) fn seek(&mut self, at: Timestamp) {
        let key = Key::at(at);
        self.sought = Some(at);
        self.picked = Some(Pick {
            at: key,
            from: None,
        });
        self.stay(Top { key, skip: 0 });
    }

    /// Where the log is asked for from.
    pub(super) fn window_to_open(&self) -> Window {
        let before = self.sought.and_then(|at| at.checked_sub(AROUND).ok());
        before.map_or(self.window, Window::Since)
    }

    /// What comes may stand before the moment that is looked for: it stays in the middle until the cursor is moved.
    pub(super) fn centre_on_sought(&mut self) {
        let sought = self.sought.map(Key::at);
        let key = sought.filter(|key| self.picked.is_some_and(|pick| pick.at == *key));
        key.into_iter().for_each(|key| self.centre_on(key));
    }

    fn centre_on(&mut self, key: Key) {
        let middle = self.top_above(key, self.extent.rows / 2);
        self.stay(middle.min(self.top_of_end()));
    }
}
