//! Measuring text as a terminal shows it: colours take no room, tabs go to the next stop, wide characters take two.

use crate::domain::safe::stands_alone;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns between two tab stops.
pub const TAB: usize = 8;

/// Bytes of one run at most: who looks at the beginning of a long line does not pay for the rest.
const RUN_MAX: usize = 1024;
/// Bytes that are looked at together.
const CHUNK: usize = 32;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Parameters of a colour sequence: `1;31`.
    Sgr(&'a str),
    /// ASCII characters, each of one column.
    Run(&'a str),
    /// One character as the reader sees it, and its columns.
    Text(&'a str, usize),
    /// A tab.
    Tab,
    /// The end of a line.
    End,
}

/// The parts of a text, one after the other.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    rest: &'a str,
}

/// Cuts a text with SGR sequences into parts.
#[must_use]
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { rest: text }
}

impl<'a> Pieces<'a> {
    /// Bytes that are still to come.
    #[must_use]
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn sgr(&mut self) -> Option<Piece<'a>> {
        let (params, rest) = self.rest.strip_prefix("\u{1b}[")?.split_once('m')?;
        let is_param = |b: u8| matches!(b, b'0'..=b'9' | b';' | b':');
        if !params.bytes().all(is_param) {
            return None;
        }
        self.rest = rest;
        Some(Piece::Sgr(params))
    }

    fn run(&mut self) -> Option<Piece<'a>> {
        let count = printable(self.rest.as_bytes());
        let after = self.rest.as_bytes().get(count);
        // What follows may be a mark on the last one.
        let count = count - usize::from(count > 0 && after.is_some_and(|b| !b.is_ascii()));
        (count > 0).then(|| Piece::Run(self.take(count)))
    }

    fn character(&mut self) -> Piece<'a> {
        let mut chars = self.rest.chars();
        let alone = chars.next().filter(|c| stands_alone(*c));
        let next = chars.next();
        if let Some(c) = alone.filter(|_| next.is_none_or(stands_alone)) {
            let columns = c.width().unwrap_or(0);
            return Piece::Text(self.take(c.len_utf8()), columns);
        }
        let first = self.rest.graphemes(true).next().map_or(1, str::len);
        let text = self.take(first);
        Piece::Text(text, text.width())
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            match self.rest.as_bytes().first()? {
                b'\t' => {
                    self.take(1);
                    return Some(Piece::Tab);
                }
                b'\n' => {
                    self.take(1);
                    return Some(Piece::End);
                }
                0x1b => match self.sgr() {
                    None => self.take(1),
                    some => return some,
                },
                _ => return Some(self.run().unwrap_or_else(|| self.character())),
            };
        }
    }
}

/// How many printable ASCII characters a text begins with, as far as a run goes.
fn printable(bytes: &[u8]) -> usize {
    let is_one = |b: &u8| matches!(b, b' '..=b'~');
    let bytes = bytes.get(..RUN_MAX).unwrap_or(bytes);
    // Whole chunks first: they are looked at without a branch for each byte.
    let chunks = bytes.chunks_exact(CHUNK);
    let whole = chunks.take_while(|chunk| chunk.iter().fold(true, |all, b| all & is_one(b)));
    let count = whole.count() * CHUNK;
    let rest = bytes.iter().skip(count);
    count + rest.take_while(|b| is_one(b)).count()
}

/// Where each part of a text stands when it is wrapped at a width: rows and columns from 0.
#[derive(Debug, Clone, Copy)]
pub struct Pen {
    width: usize,
    /// Row of the next part.
    pub row: usize,
    /// Column of the next part.
    pub col: usize,
}

impl Pen {
    /// A pen that wraps at `width` columns; [`usize::MAX`] never wraps.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            width: width.clamp(2, usize::MAX / 2),
            row: 0,
            col: 0,
        }
    }

    /// Moves over a part; gives the row and column where it begins and its columns. A run may end some rows below.
    pub fn step(&mut self, piece: Piece<'_>) -> (usize, usize, usize) {
        let columns = match piece {
            Piece::Sgr(_) => return (self.row, self.col, 0),
            Piece::End => return self.end_line(),
            Piece::Run(text) => return self.run(text.len()),
            Piece::Tab => (TAB - self.col % TAB)
                .min(self.width.saturating_sub(self.col))
                .max(1),
            Piece::Text(_, columns) => columns,
        };
        self.wrap_for(columns);
        let at = (self.row, self.col, columns);
        self.col += columns;
        at
    }

    fn wrap_for(&mut self, columns: usize) {
        if self.col + columns > self.width {
            self.row += 1;
            self.col = 0;
        }
    }

    fn end_line(&mut self) -> (usize, usize, usize) {
        let at = (self.row, self.col, 0);
        (self.row, self.col) = (self.row + 1, 0);
        at
    }

    fn run(&mut self, columns: usize) -> (usize, usize, usize) {
        self.wrap_for(1);
        let at = (self.row, self.col, columns);
        if let Some(last) = (self.col + columns).checked_sub(1) {
            self.row += last / self.width;
            self.col = last % self.width + 1;
        }
        at
    }

    /// The part of a run of `columns` that fits into this row: moves over it, and gives what [`Pen::step`] does.
    pub fn row_of_run(&mut self, columns: usize) -> (usize, usize, usize) {
        self.wrap_for(1);
        self.run(columns.min(self.width - self.col))
    }
}

/// Rows that `text` takes when it is wrapped at `width`; at least 1.
#[must_use]
pub fn rows(text: &str, width: usize) -> usize {
    let mut pen = Pen::new(width);
    for piece in pieces(text) {
        pen.step(piece);
    }
    pen.row + 1
}

/// Columns of the longest line of `text` without wrapping.
#[must_use]
pub fn columns(text: &str) -> usize {
    let (mut pen, mut most) = (Pen::new(usize::MAX), 0);
    for piece in pieces(text) {
        pen.step(piece);
        most = most.max(pen.col);
    }
    most
}

/// `text` cut to `width` columns; a cut is marked.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used >= width {
            break;
        }
        out.push_str(grapheme);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// `text` in lines of at most `width` columns, broken between words where that is possible.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    if text.width() <= width {
        // Blanks that line up columns stay as they are.
        return vec![text.trim_end().to_owned()];
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        let needed = line.width() + usize::from(!line.is_empty()) + word.width();
        if needed > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for grapheme in word.graphemes(true) {
            if line.width() + grapheme.width() > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `1240` as `1,240`.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_room_and_tabs_go_to_the_next_stop() {
        assert_eq!(columns("\u{1b}[1;31mab\u{1b}[0m"), 2);
        assert_eq!(columns("a\tb"), 9);
        assert_eq!(columns("漢字"), 4);
        assert_eq!(rows("abcdef", 3), 2);
        assert_eq!(rows("", 3), 1);
        assert_eq!((rows("abcd\n\ne", 3), columns("abcd\n\ne")), (4, 4));
        assert_eq!(rows(&"x".repeat(9_000), 3), 3_000);
    }

    #[test]
    fn pieces_are_what_the_reader_sees_as_one_character() {
        use Piece::{End, Run, Sgr, Tab, Text};
        let text = "\u{1b}[1mab\u{1b}[xe\u{301}\tü漢👍🏽\nz";
        let all: Vec<_> = pieces(text).collect();
        assert_eq!(
            all,
            [
                Sgr("1"),
                Run("ab"),
                Run("[x"),
                Text("e\u{301}", 1),
                Tab,
                Text("ü", 1),
                Text("漢", 2),
                Text("👍🏽", 2),
                End,
                Run("z")
            ]
        );
    }

    /// The rules as they are written: one character after the other.
    fn slow_rows(text: &str, width: usize) -> usize {
        let (mut row, mut col) = (0, 0);
        for grapheme in text.graphemes(true) {
            let columns = match grapheme {
                "\n" => {
                    (row, col) = (row + 1, 0);
                    continue;
                }
                "\t" => (TAB - col % TAB).min(width - col).max(1),
                other => other.width(),
            };
            if col + columns > width {
                (row, col) = (row + 1, 0);
            }
            col += columns;
        }
        row + 1
    }

    #[test]
    fn runs_wrap_as_their_characters_would() {
        let some = [
            "a",
            "bcdefg",
            "\t",
            "漢",
            "e\u{301}",
            "\n",
            "ü",
            "👍🏽",
            "0123456789",
        ];
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..3_000 {
            let parts = (0..rng.usize(..12)).map(|_| some[rng.usize(..some.len())]);
            let text: String = parts.collect();
            let width = rng.usize(2..9);
            assert_eq!(
                rows(&text, width),
                slow_rows(&text, width),
                "{text:?} {width}"
            );
        }
    }

    #[test]
    fn a_wide_character_never_straddles_the_edge() {
        assert_eq!(rows("漢字漢", 3), 3);
        assert_eq!(rows("漢字漢", 4), 2);
    }

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(cut("postgres", 6), "postg…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(grouped(1_204), "1,204");
        assert_eq!(grouped(12), "12");
    }
}
