//! The single pass over a text.

use super::{
    glyph::{Fate, fate, joins, joins_what_follows},
    sequence::{Sequence, sequence},
};
use std::fmt::Write;

/// Most bytes of one cell: a base character and its marks. Terminals and buffers pay for each of them on every draw.
const CELL_MAX: usize = 16;

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
        last: 'a',
        cell: 0,
        gap: false,
    };
    pass.run(text)
}

struct Pass {
    keep: Keep,
    out: String,
    limit: usize,
    /// The last character that was kept, and the bytes of its cell so far.
    last: char,
    cell: usize,
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
        self.close_gap();
        // One byte more than the limit is enough to know that there is too much.
        let room = self.limit.saturating_sub(self.out.len()).saturating_add(1);
        let (run, _) = run.split_at_checked(room).unwrap_or((run, ""));
        self.out.push_str(run);
        self.last = 'a';
        self.cell = 1;
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
        let joins = joins(self.last, c);
        if joins && self.is_full(c) {
            return;
        }
        self.out.push(c);
        self.cell = if joins { self.cell } else { 0 } + c.len_utf8();
        self.last = c;
    }

    fn is_full(&self, c: char) -> bool {
        // A base may still follow such a sign, and it is text: room is left for it.
        let base = if joins_what_follows(c) { 4 } else { 0 };
        self.cell + c.len_utf8() + base > CELL_MAX
    }

    fn spell(&mut self, c: char) {
        self.close_gap();
        // Writing to a string cannot fail.
        let _ = write!(self.out, "‹U+{:04X}›", u32::from(c));
        self.last = '›';
        self.cell = '›'.len_utf8();
    }

    fn close_gap(&mut self) {
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            self.out.push(' ');
            self.last = ' ';
            self.cell = 1;
        }
    }
}
