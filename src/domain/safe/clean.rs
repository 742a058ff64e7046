//! The single pass over a text.

use super::{
    cell::{CELL_MAX, Cell},
    glyph::{Fate, cells, fate},
    sequence::{Sequence, sequence},
};
use std::fmt::Write;

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
        cell: Cell::default(),
        gap: false,
    };
    pass.run(text)
}

/// True for a log line of which the sanitiser would change nothing: characters that are a cell each, tabs and colours.
/// False for some others, too.
pub(super) fn is_clean(line: &str) -> bool {
    let mut rest = line;
    loop {
        let (_, after) = rest.split_at(cells(rest));
        let length = match (after.as_bytes().first(), sequence(after)) {
            (None, _) => return true,
            (Some(b'\t'), _) => 1,
            (_, Some(Sequence::Colour(length))) => length,
            _ => return false,
        };
        rest = after.split_at(length).1;
    }
}

struct Pass {
    keep: Keep,
    out: String,
    limit: usize,
    cell: Cell,
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
        if self.cell.stands_alone() {
            let (run, after) = rest.split_at(cells(rest));
            if let Some(last) = run.chars().next_back() {
                self.run_of_cells(run, last);
                return after;
            }
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

    fn run_of_cells(&mut self, run: &str, last: char) {
        self.close_gap();
        // A little more than the limit is enough to know that there is too much.
        let room = self.limit.saturating_sub(self.out.len()).saturating_add(1);
        let (run, _) = run.split_at(run.ceil_char_boundary(room));
        self.out.push_str(run);
        self.cell.begin(last);
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
        if self.cell.add(c) {
            self.out.push(c);
        }
    }

    fn spell(&mut self, c: char) {
        self.close_gap();
        // Writing to a string cannot fail.
        let _ = write!(self.out, "‹U+{:04X}›", u32::from(c));
        self.cell.begin('›');
    }

    fn close_gap(&mut self) {
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            self.add(' ');
        }
    }
}
