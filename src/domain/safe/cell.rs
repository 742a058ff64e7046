//! The last cell of a text that is being made: a base character and what joins it.

use super::glyph::{joins_before, joins_what_follows, stands_alone};

/// Most bytes of one cell: a base character and its marks. Terminals and buffers pay for each of them on every draw.
pub(super) const CELL_MAX: usize = 16;
/// Most bytes of one character.
const BASE_MAX: usize = 4;

/// The last cell so far; colours in between do not count.
#[derive(Debug, Default)]
pub(super) struct Cell {
    last: char,
    /// All of it, unless it is nothing but `last`.
    text: String,
}

impl Cell {
    /// `c` begins a new cell.
    pub(super) fn begin(&mut self, c: char) {
        self.last = c;
        self.text.clear();
    }

    /// True if a character that stands alone does not join this cell.
    pub(super) fn stands_alone(&self) -> bool {
        stands_alone(self.last)
    }

    /// Adds `c`, or begins anew with it; false if the cell is full, and `c` must be left out.
    pub(super) fn add(&mut self, c: char) -> bool {
        // Asked first, because the question below is slow for a flood of lines.
        if self.stands_alone() && stands_alone(c) {
            self.begin(c);
            return true;
        }
        if self.text.is_empty() {
            self.text.push(self.last);
        }
        self.text.push(c);
        if !joins_before(&self.text, c) {
            self.begin(c);
        } else if self.is_overfull() {
            self.text.pop();
            return false;
        }
        self.last = c;
        true
    }

    fn is_overfull(&self) -> bool {
        // Some signs join the base that follows, and that is text: room is left for it.
        let tight = self.text.len() + BASE_MAX > CELL_MAX;
        self.text.len() > CELL_MAX || tight && joins_what_follows(&self.text)
    }
}
