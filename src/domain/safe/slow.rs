//! The sanitiser without a shortcut, character by character: what the quick one must agree with. For tests.

use super::{
    cell::CELL_MAX,
    clean::Keep,
    glyph::{Fate, fate, joins_what_follows},
    sequence::{Sequence, sequence},
};
use unicode_segmentation::UnicodeSegmentation;

/// What has come of a text so far.
#[derive(Debug, Default)]
struct Made {
    out: String,
    cell: String,
    gap: bool,
}

pub(super) fn clean(text: &str, keep: Keep, limit: usize) -> String {
    let mut made = Made::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match sequence(rest) {
            Some(Sequence::Colour(length)) => {
                let kept = if keep == Keep::ColoursAndTabs {
                    length
                } else {
                    0
                };
                made.out.push_str(rest.split_at(kept).0);
                length
            }
            Some(Sequence::Other(length)) => length,
            None => {
                made.take(c, keep);
                c.len_utf8()
            }
        };
        rest = rest.split_at(length).1;
    }
    made.cut(limit)
}

impl Made {
    fn take(&mut self, c: char, keep: Keep) {
        match fate(c) {
            Fate::Space if c == '\t' && keep == Keep::ColoursAndTabs => self.keep(c),
            Fate::Space => self.gap = true,
            Fate::Keep => self.keep(c),
            Fate::Drop => {}
            Fate::Spell => {
                for spelled in format!("‹U+{:04X}›", u32::from(c)).chars() {
                    self.keep(spelled);
                }
            }
        }
    }

    fn keep(&mut self, c: char) {
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            self.add(' ');
        }
        self.add(c);
    }

    fn add(&mut self, c: char) {
        let mut cell = format!("{}{c}", self.cell);
        if cell.graphemes(true).count() > 1 {
            cell = c.to_string();
        }
        let tight = cell.len() + 4 > CELL_MAX && joins_what_follows(&cell);
        if cell.len() <= CELL_MAX && !tight {
            self.out.push(c);
            self.cell = cell;
        }
    }

    fn cut(self, limit: usize) -> String {
        if self.out.len() <= limit {
            return self.out;
        }
        let end = self.out.floor_char_boundary(limit - '…'.len_utf8());
        format!("{}…", self.out.split_at(end).0)
    }
}
