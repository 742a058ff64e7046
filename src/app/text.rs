//! Measuring text as a terminal shows it: colours take no room, tabs go to the next stop, wide characters take two.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns between two tab stops.
pub const TAB: usize = 8;

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Parameters of a colour sequence: `1;31`.
    Sgr(&'a str),
    /// One character as the reader sees it, and its columns.
    Text(&'a str, usize),
    /// A tab.
    Tab,
}

/// Cuts a line with SGR sequences into parts.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default();
    plain(first).chain(parts.flat_map(|part| {
        let sgr = part
            .strip_prefix('[')
            .and_then(|rest| rest.split_once('m'))
            .filter(|(params, _)| {
                params
                    .bytes()
                    .all(|b| matches!(b, b'0'..=b'9' | b';' | b':'))
            });
        let rest = sgr.map_or(part, |(_, rest)| rest);
        sgr.map(|(params, _)| Piece::Sgr(params))
            .into_iter()
            .chain(plain(rest))
    }))
}

fn plain(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.graphemes(true).map(|grapheme| match grapheme {
        "\t" => Piece::Tab,
        other => Piece::Text(other, other.width()),
    })
}

/// Where each part of a line stands when it is wrapped at a width: rows and columns from 0.
#[derive(Debug, Clone, Copy)]
pub struct Pen {
    width: usize,
    /// Row of the next part.
    pub row: usize,
    /// Column of the next part.
    pub col: usize,
}

impl Pen {
    /// A pen that wraps at `width` columns; `usize::MAX` never wraps.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            width: width.max(2),
            row: 0,
            col: 0,
        }
    }

    /// Moves over a part; gives the row and column where it begins and its columns.
    pub fn step(&mut self, piece: Piece<'_>) -> (usize, usize, usize) {
        let columns = match piece {
            Piece::Sgr(_) => return (self.row, self.col, 0),
            Piece::Tab => (TAB - self.col % TAB)
                .min(self.width.saturating_sub(self.col))
                .max(1),
            Piece::Text(_, columns) => columns,
        };
        if self.col + columns > self.width {
            self.row += 1;
            self.col = 0;
        }
        let at = (self.row, self.col, columns);
        self.col += columns;
        at
    }
}

/// Rows that `text` takes when it is wrapped at `width`; at least 1.
#[must_use]
pub fn rows(text: &str, width: usize) -> usize {
    let width = width.max(2);
    let simple = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    if simple {
        return text.len().div_ceil(width).max(1);
    }
    let mut pen = Pen::new(width);
    for piece in pieces(text) {
        pen.step(piece);
    }
    pen.row + 1
}

/// Columns of `text` without wrapping.
#[must_use]
pub fn columns(text: &str) -> usize {
    let mut pen = Pen::new(usize::MAX / 2);
    for piece in pieces(text) {
        pen.step(piece);
    }
    pen.col
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
