//! Where the reader stands in a log, and moving there. A place is a row's key: it stays, whatever comes or goes.

use super::{
    LogPane,
    buffer::Shown,
    row::{Content, Key},
};
use crate::app::text;

/// Columns by which the log moves sideways.
const SIDEWAYS: usize = 16;

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// At the end, whatever comes.
    #[default]
    Live,
    /// At a row, whatever comes.
    Paused {
        /// Where the pane begins.
        top: Top,
        /// Rows that came since.
        fresh: u64,
    },
}

/// Where the pane begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Top {
    /// The first visible row; what comes after it where it is gone …
    pub key: Key,
    /// … and how many of its wrapped rows are above the pane.
    pub skip: usize,
}

impl Top {
    /// The beginning of the log.
    pub const FIRST: Self = Self {
        key: Key::FIRST,
        skip: 0,
    };
}

impl LogPane {
    /// Where the pane begins.
    #[must_use]
    pub fn top(&self) -> Top {
        match self.place {
            Place::Live => self.top_of_end(),
            Place::Paused { top, .. } => {
                let skip = if top.skip == 0 { 0 } else { self.skip(top) };
                Top { skip, ..top }
            }
        }
    }

    /// How many rows of the first visible row are above the pane: one at least is not.
    fn skip(&self, top: Top) -> usize {
        let rows = self
            .buffer
            .find(top.key)
            .map(|shown| self.rows_of(shown.row));
        let most = rows.map_or(0, |rows| rows.saturating_sub(1));
        top.skip.min(most)
    }

    /// Where the view begins that ends with the last row.
    pub(super) fn top_of_end(&self) -> Top {
        self.top_above(Key::LAST, self.extent.rows)
    }

    /// Where a view begins that shows so many rows before `key`, or as many as there are.
    pub(super) fn top_above(&self, key: Key, rows: usize) -> Top {
        let (mut walk, mut sum, mut top) = (self.buffer.walk(key), 0, Top { key, skip: 0 });
        while sum < rows {
            let Some(shown) = walk.back() else { break };
            top.key = shown.row.key;
            sum += self.rows_of(shown.row);
        }
        top.skip = sum.saturating_sub(rows);
        top
    }

    /// The rows that fit into the pane, at least in part.
    pub fn visible(&self) -> impl Iterator<Item = Shown<'_>> {
        let top = self.top();
        let room = self.extent.rows + top.skip;
        self.buffer.walk(top.key).scan(0, move |rows, shown| {
            let fits = *rows < room;
            *rows += if fits { self.rows_of(shown.row) } else { 0 };
            fits.then_some(shown)
        })
    }

    /// The last row that fits into the pane.
    pub(in crate::app) fn last_visible(&self) -> Key {
        let last = self.visible().last();
        last.map_or(Key::LAST, |shown| shown.row.key)
    }

    /// Scrolls so that a row is visible, if it is not: a third from the top.
    pub(super) fn reveal(&mut self, key: Key) {
        let top = self.top();
        let is_below = Top { key, skip: 0 } >= top;
        if is_below && key <= self.last_visible() {
            return;
        }
        let whole = |top: Top| match top.skip {
            0 => top,
            _ => Top {
                key: self.after(top.key),
                skip: 0,
            },
        };
        let above = whole(self.top_above(key, self.extent.rows / 3));
        self.stay(above.min(self.top_of_end()));
    }

    fn after(&self, key: Key) -> Key {
        let next = self.buffer.walk(key).nth(1);
        next.map_or(key, |shown| shown.row.key)
    }

    /// Scrolls by rows; arriving at the end follows again. Where a line is chosen, the cursor moves.
    pub fn scroll(&mut self, rows: isize) {
        if self.picked.is_some() {
            return self.move_cursor(rows);
        }
        let (top, end) = (self.top(), self.top_of_end());
        let to = if rows < 0 {
            self.up(top, rows.unsigned_abs())
        } else {
            self.down(top, rows.unsigned_abs())
        };
        self.looks_back |= rows < 0;
        if rows > 0 && to >= end {
            self.place = Place::Live;
        } else if to < end {
            self.stay(to);
        }
    }

    fn up(&self, top: Top, rows: usize) -> Top {
        match rows.checked_sub(top.skip) {
            None => Top {
                skip: top.skip - rows,
                ..top
            },
            Some(rows) => self.top_above(top.key, rows),
        }
    }

    fn down(&self, top: Top, rows: usize) -> Top {
        let mut left = rows + top.skip;
        for shown in self.buffer.walk(top.key) {
            let (key, rows) = (shown.row.key, self.rows_of(shown.row));
            if left < rows {
                return Top { key, skip: left };
            }
            left -= rows;
        }
        Top {
            key: Key::LAST,
            skip: 0,
        }
    }

    pub(super) fn stay(&mut self, top: Top) {
        let fresh = match self.place {
            Place::Paused { fresh, .. } => fresh,
            Place::Live => 0,
        };
        self.place = Place::Paused { top, fresh };
    }

    /// Where the first visible row had to go, the next one is it now: what moves on between the two does not show.
    pub(super) fn hold(&mut self) {
        let Place::Paused { top, fresh } = self.place else {
            return;
        };
        if self.buffer.holds(top.key) {
            return;
        }
        let next = self.buffer.walk(top.key).next().map(|shown| shown.row.key);
        if let Some(key) = next {
            let top = Top { key, skip: 0 };
            self.place = Place::Paused { top, fresh };
        }
    }

    /// To the oldest row.
    pub fn go_to_top(&mut self) {
        if self.picked.is_some() {
            return self.cursor_to_end(false);
        }
        let first = self.buffer.walk(Key::FIRST).next();
        let key = first.map_or(Key::FIRST, |shown| shown.row.key);
        self.stay(Top { key, skip: 0 });
        self.looks_back = true;
    }

    /// To the end, and follow. Where a line is chosen, the cursor goes there.
    pub fn go_to_end(&mut self) {
        if self.picked.is_some() {
            return self.cursor_to_end(true);
        }
        self.place = Place::Live;
    }

    /// Follow, or stay at this place.
    pub fn toggle_follow(&mut self) {
        self.picked = None;
        match self.place {
            Place::Live => self.stay(self.top()),
            Place::Paused { .. } => self.go_to_end(),
        }
    }

    /// Wraps long lines, or cuts them.
    pub fn toggle_wrap(&mut self) {
        self.wrap = !self.wrap;
        self.begin_at_top();
    }

    /// The next shape for lines that hold JSON.
    pub fn next_shape(&mut self) {
        self.shape = self.shape.next();
        self.begin_at_top();
    }

    /// Lines take other rows now: the first visible one begins at the top.
    fn begin_at_top(&mut self) {
        self.shift = 0;
        if let Place::Paused { top, .. } = &mut self.place {
            top.skip = 0;
        }
    }

    /// Moves sideways, no farther than the longest visible line.
    pub fn sideways(&mut self, right: bool) {
        if self.wrap {
            return;
        }
        let visible = self.buffer.walk(self.top().key).take(self.extent.rows);
        let columns = visible.map(|shown| match &shown.row.content {
            Content::Line(line) => text::columns(&self.text_of(line)),
            Content::Notice(..) | Content::Dropped(..) | Content::Mark(..) => 0,
        });
        let longest = columns.max().unwrap_or(0);
        let most = longest.saturating_sub(self.text_width());
        self.shift = if right {
            (self.shift + SIDEWAYS).min(most.max(self.shift))
        } else {
            self.shift.saturating_sub(SIDEWAYS)
        };
    }
}
