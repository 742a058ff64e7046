//! The single pass over a text.

use super::{
    glyph::{Fate, fate, is_one_cell, joins_what_follows},
    sequence::{Sequence, sequence},
};
use std::fmt::Write;

/// Most bytes of one cell: a base character and its marks. Terminals and buffers pay for each of them on every draw.
const CELL_MAX: usize = 16;
/// Most bytes of one character.
const BASE_MAX: usize = 4;

/// What survives besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nothing: one line of words.
    Text,
    /// SGR sequences and tabs, for log lines.
    ColoursAndTabs,
}

/// Sanitises `text` to at most `limit` bytes.
pub(super) fn clean(text: &str, keep: Keep, limit: usize) -> String {
    let pass = Pass {
        keep,
        out: String::with_capacity(text.len().min(limit.saturating_add(CELL_MAX))),
        limit,
        cell: String::with_capacity(2 * CELL_MAX),
        gap: false,
    };
    pass.run(text)
}

struct Pass {
    keep: Keep,
    out: String,
    limit: usize,
    /// The last cell so far, without colours in between.
    cell: String,
    /// A line end was seen: a space comes before the next text, none at either end.
    gap: bool,
}

impl Pass {
    fn run(mut self, text: &str) -> String {
        let mut rest = text;
        while !rest.is_empty() && self.out.len() <= self.limit {
            rest = self.step(rest);
        }
        if self.out.len() > self.limit {
            let room = self.limit.saturating_sub('…'.len_utf8());
            self.out.truncate(self.out.floor_char_boundary(room));
            self.out.push('…');
        }
        self.out
    }

    /// Takes a run of plain text, a sequence or one character off the front of `rest`.
    fn step<'a>(&mut self, rest: &'a str) -> &'a str {
        let plain = rest
            .bytes()
            .take_while(|b| matches!(b, b' '..=b'~'))
            .count();
        if plain > 0 {
            let (run, rest) = rest.split_at(plain);
            self.plain(run);
            return rest;
        }
        if let Some(found) = sequence(rest) {
            return self.sequence(&found, rest);
        }
        let mut chars = rest.chars();
        if let Some(c) = chars.next() {
            self.character(c);
        }
        chars.as_str()
    }

    fn plain(&mut self, run: &str) {
        if let [only] = run.as_bytes() {
            return self.keep(char::from(*only));
        }
        self.close_gap();
        // One byte more than the limit is enough to know that there is too much.
        let room = self.limit.saturating_sub(self.out.len()).saturating_add(1);
        let (run, _) = run.split_at_checked(room).unwrap_or((run, ""));
        self.out.push_str(run);
        self.begin_cell('a');
    }

    fn sequence<'a>(&mut self, found: &Sequence, rest: &'a str) -> &'a str {
        match *found {
            Sequence::Colour(length) => {
                let (colour, rest) = rest.split_at(length);
                if self.keep == Keep::ColoursAndTabs {
                    self.out.push_str(colour);
                }
                rest
            }
            Sequence::Other(length) => rest.split_at(length).1,
        }
    }

    fn character(&mut self, c: char) {
        if c == '\t' && self.keep == Keep::ColoursAndTabs {
            return self.keep(c);
        }
        match fate(c) {
            Fate::Keep => self.keep(c),
            Fate::Drop => {}
            Fate::Space => self.gap = true,
            Fate::Spell => self.spell(c),
        }
    }

    fn keep(&mut self, c: char) {
        self.close_gap();
        self.add(c);
    }

    fn add(&mut self, c: char) {
        self.cell.push(c);
        if !is_one_cell(&self.cell) {
            self.begin_cell(c);
        } else if self.is_overfull() {
            self.cell.pop();
            return;
        }
        self.out.push(c);
    }

    fn begin_cell(&mut self, c: char) {
        self.cell.clear();
        self.cell.push(c);
    }

    fn is_overfull(&self) -> bool {
        // Some signs join the base that follows, and that is text: room is left for it.
        let tight = self.cell.len() + BASE_MAX > CELL_MAX;
        self.cell.len() > CELL_MAX || tight && joins_what_follows(&self.cell)
    }

    fn spell(&mut self, c: char) {
        self.close_gap();
        // Writing to a string cannot fail.
        let _ = write!(self.out, "‹U+{:04X}›", u32::from(c));
        self.begin_cell('›');
    }

    fn close_gap(&mut self) {
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            self.add(' ');
        }
    }
}
