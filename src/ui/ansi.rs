//! Colours of a log line (SGR, ECMA-48 8.3.117) to styles, and the part of the line that is visible.

use super::theme::{ColourDepth, fit, indexed};
use crate::app::text::{Pen, Piece, TAB, pieces};
use ratatui::style::{Modifier, Style};
use std::ops::Range;

/// What a tab is drawn as, cut to its columns.
const BLANKS: &str = "        ";
const _: () = assert!(BLANKS.len() == TAB);

/// What of a text is visible.
#[derive(Debug, Clone)]
pub struct View {
    /// Columns after which it is wrapped; `usize::MAX` does not wrap.
    pub wrap: usize,
    /// The visible rows.
    pub rows: Range<usize>,
    /// The visible columns.
    pub columns: Range<usize>,
}

/// A part of a line where it is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Bit<'a> {
    /// Row, from 0.
    pub row: usize,
    /// Column, from 0.
    pub col: usize,
    /// The text, without tabs and sequences.
    pub text: &'a str,
    /// Its style, on top of the line's own.
    pub style: Style,
}

/// A text laid out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Laid<'a> {
    /// What is to be drawn.
    pub bits: Vec<Bit<'a>>,
    /// The row and the column where it ends, or where it was looked at last.
    pub end: (usize, usize),
    /// Visible rows that go on beyond the visible columns.
    pub beyond: Vec<usize>,
    /// Bytes of the text without its colours that were looked at.
    pub bytes: usize,
}

/// A visible piece, or what is visible of it.
struct Seen<'a> {
    row: usize,
    col: usize,
    wide: usize,
    text: &'a str,
    /// Its first byte in the text, unless it is a tab.
    from: Option<usize>,
    /// Its bytes in the text without colours.
    bytes: Range<usize>,
}

/// What the eye meets.
enum Sight<'a> {
    Colour(&'a str),
    Seen(Seen<'a>),
}

/// Goes through what is visible of a text, and no farther.
struct Eye<'v> {
    view: &'v View,
    pen: Pen,
    beyond: Vec<usize>,
    bytes: usize,
}

impl<'v> Eye<'v> {
    fn new(view: &'v View) -> Self {
        Self {
            view,
            pen: Pen::new(view.wrap),
            beyond: Vec::new(),
            bytes: 0,
        }
    }

    fn read<'a>(&mut self, text: &'a str, mut meet: impl FnMut(Sight<'a>)) {
        let mut pieces = pieces(text);
        let mut from = 0;
        while let Some(piece) = pieces.next().filter(|_| !self.is_done()) {
            match piece {
                Piece::Sgr(params) => meet(Sight::Colour(params)),
                Piece::Run(run) => self.run(run, from, &mut meet),
                other => meet_some(self.one(other, from), &mut meet),
            }
            from = text.len() - pieces.left();
        }
    }

    fn run<'a>(&mut self, run: &'a str, from: usize, meet: &mut impl FnMut(Sight<'a>)) {
        let mut rest = run;
        while !rest.is_empty() {
            let place = self.pen.row_of_run(rest.len());
            let (text, after) = rest.split_at_checked(place.2).unwrap_or((rest, ""));
            let kept = self.visible(place);
            let seen = Seen {
                row: place.0,
                col: place.1 + kept.start,
                wide: kept.len(),
                text: text.get(kept.clone()).unwrap_or_default(),
                from: Some(from + run.len() - rest.len() + kept.start),
                bytes: self.bytes + kept.start..self.bytes + kept.end,
            };
            self.bytes += text.len();
            rest = after;
            meet_some((!kept.is_empty()).then_some(seen), meet);
        }
    }

    /// A character is visible as a whole or not at all, a tab in part.
    fn one<'a>(&mut self, piece: Piece<'a>, from: usize) -> Option<Seen<'a>> {
        let place = self.pen.step(piece);
        let (text, length) = match piece {
            Piece::Text(text, _) => (text, text.len()),
            Piece::Tab => (BLANKS, 1),
            Piece::End | Piece::Run(_) | Piece::Sgr(_) => ("", 1),
        };
        let bytes = self.bytes..self.bytes + length;
        self.bytes = bytes.end;
        let kept = self.visible(place);
        let is_tab = piece == Piece::Tab;
        if !is_tab && kept != (0..place.2) || kept.is_empty() {
            return None;
        }
        Some(Seen {
            row: place.0,
            col: place.1 + kept.start,
            wide: kept.len(),
            text: if is_tab { text.get(kept)? } else { text },
            from: (!is_tab).then_some(from),
            bytes,
        })
    }

    /// Which columns of a piece are visible, counted from where it begins.
    fn visible(&mut self, (row, col, wide): (usize, usize, usize)) -> Range<usize> {
        let columns = &self.view.columns;
        if !self.view.rows.contains(&row) {
            return 0..0;
        }
        if col + wide > columns.end && self.beyond.last() != Some(&row) {
            self.beyond.push(row);
        }
        let cut = columns.start.saturating_sub(col).min(wide);
        cut..columns.end.saturating_sub(col).min(wide).max(cut)
    }

    fn is_done(&self) -> bool {
        let (row, rows) = (self.pen.row, &self.view.rows);
        row >= rows.end || (row + 1 == rows.end && self.beyond.last() == Some(&row))
    }
}

fn meet_some<'a>(seen: Option<Seen<'a>>, meet: &mut impl FnMut(Sight<'a>)) {
    seen.into_iter().for_each(|seen| meet(Sight::Seen(seen)));
}

/// Lays a text out; one of any length costs no more than what comes before the end of what is visible.
#[must_use]
pub fn lay_out<'a>(text: &'a str, view: &View, depth: ColourDepth) -> Laid<'a> {
    let (mut eye, mut style) = (Eye::new(view), Style::new());
    let mut bits: Vec<Placed<'a>> = Vec::new();
    eye.read(text, |sight| match sight {
        Sight::Colour(params) => style = apply(style, params, depth),
        Sight::Seen(seen) => push(&mut bits, text, seen, style),
    });
    Laid {
        bits: bits.into_iter().map(|(bit, ..)| bit).collect(),
        end: (eye.pen.row, eye.pen.col),
        beyond: eye.beyond,
        bytes: eye.bytes,
    }
}

/// A bit, the byte of the text and the column after it.
type Placed<'a> = (Bit<'a>, Option<usize>, usize);

/// Adds a piece to the last bit where it goes on, else begins a new one.
fn push<'a>(bits: &mut Vec<Placed<'a>>, text: &'a str, seen: Seen<'a>, style: Style) {
    let (end, after) = (
        seen.col + seen.wide,
        seen.from.map(|from| from + seen.text.len()),
    );
    if let Some((bit, byte, col)) = bits.last_mut()
        && (bit.row, bit.style, *col) == (seen.row, style, seen.col)
        && let (Some(begin), Some(after)) = (byte.filter(|byte| Some(*byte) == seen.from), after)
        && let Some(both) = text.get(begin - bit.text.len()..after)
    {
        bit.text = both;
        (*byte, *col) = (Some(after), end);
        return;
    }
    let bit = Bit {
        row: seen.row,
        col: seen.col,
        text: seen.text,
        style,
    };
    bits.push((bit, after, end));
}

/// The cells that parts of a text take: row, column and columns of what is in `spans` (bytes of the text without its
/// colours, in order). Laid out as [`lay_out`] does.
#[must_use]
pub fn cells(text: &str, view: &View, spans: &[Range<usize>]) -> Vec<(usize, usize, usize)> {
    let (mut cells, mut spans) = (Vec::new(), spans);
    Eye::new(view).read(text, |sight| {
        let Sight::Seen(seen) = sight else { return };
        let gone = spans.iter().take_while(|span| span.end <= seen.bytes.start);
        spans = spans.get(gone.count()..).unwrap_or_default();
        let met = spans.iter().take_while(|span| span.start < seen.bytes.end);
        cells.extend(met.map(|span| cells_in(&seen, span)));
    });
    cells
}

/// The cells of a span within a piece: a run has a column for each byte, anything else is taken as a whole.
fn cells_in(seen: &Seen<'_>, span: &Range<usize>) -> (usize, usize, usize) {
    if seen.bytes.len() != seen.wide || !seen.text.is_ascii() {
        return (seen.row, seen.col, seen.wide);
    }
    let from = span.start.max(seen.bytes.start) - seen.bytes.start;
    let to = span.end.min(seen.bytes.end) - seen.bytes.start;
    (seen.row, seen.col + from, to - from)
}

/// The style after an SGR sequence.
fn apply(style: Style, params: &str, depth: ColourDepth) -> Style {
    let mut style = style;
    let mut codes = params
        .split([';', ':'])
        .map(|code| code.parse().unwrap_or(0_u16));
    while let Some(code) = codes.next() {
        style = match code {
            0 => Style::new(),
            38 | 48 => {
                let colour = extended(&mut codes, depth);
                if code == 38 {
                    Style {
                        fg: colour,
                        ..style
                    }
                } else {
                    Style {
                        bg: colour,
                        ..style
                    }
                }
            }
            _ => simple(style, code, depth),
        };
    }
    style
}

fn simple(style: Style, code: u16, depth: ColourDepth) -> Style {
    let colour = |base: u16, first: u16| {
        let index = u8::try_from(code - base + first).unwrap_or(7);
        indexed(index, depth)
    };
    match code {
        1 => style.add_modifier(Modifier::BOLD),
        2 => style.add_modifier(Modifier::DIM),
        3 => style.add_modifier(Modifier::ITALIC),
        4 => style.add_modifier(Modifier::UNDERLINED),
        // Blinking and hidden text (5, 6, 8) are not done: nothing a container prints may move or hide.
        7 => style.add_modifier(Modifier::REVERSED),
        9 => style.add_modifier(Modifier::CROSSED_OUT),
        22 => style.remove_modifier(Modifier::BOLD | Modifier::DIM),
        23 => style.remove_modifier(Modifier::ITALIC),
        24 => style.remove_modifier(Modifier::UNDERLINED),
        27 => style.remove_modifier(Modifier::REVERSED),
        29 => style.remove_modifier(Modifier::CROSSED_OUT),
        30..=37 => Style {
            fg: colour(30, 0),
            ..style
        },
        39 => Style { fg: None, ..style },
        40..=47 => Style {
            bg: colour(40, 0),
            ..style
        },
        49 => Style { bg: None, ..style },
        90..=97 => Style {
            fg: colour(90, 8),
            ..style
        },
        100..=107 => Style {
            bg: colour(100, 8),
            ..style
        },
        _ => style,
    }
}

/// `5;n` or `2;r;g;b` after 38 or 48.
fn extended(
    codes: &mut impl Iterator<Item = u16>,
    depth: ColourDepth,
) -> Option<ratatui::style::Color> {
    let byte = |code: Option<u16>| u8::try_from(code.unwrap_or(0)).unwrap_or(u8::MAX);
    match codes.next() {
        Some(5) => indexed(byte(codes.next()), depth),
        Some(2) => {
            let (r, g, b) = (byte(codes.next()), byte(codes.next()), byte(codes.next()));
            fit((r, g, b), depth)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::single_range_in_vec_init)]
    use super::*;
    use ratatui::style::Color;

    fn view(wrap: usize, rows: Range<usize>, columns: Range<usize>) -> View {
        View {
            wrap,
            rows,
            columns,
        }
    }

    fn bits<'a>(text: &'a str, view: &View) -> Vec<Bit<'a>> {
        lay_out(text, view, ColourDepth::True).bits
    }

    fn line(text: &str) -> Vec<Bit<'_>> {
        bits(text, &view(usize::MAX, 0..1, 0..80))
    }

    #[test]
    fn colours_become_styles_and_never_text() {
        let bits = line("a\u{1b}[1;31mred\u{1b}[0m b \u{1b}[38;2;1;2;3mc\u{1b}[48;5;200md");
        let texts: Vec<&str> = bits.iter().map(|bit| bit.text).collect();
        assert_eq!(texts, ["a", "red", " b ", "c", "d"]);
        assert_eq!(bits[1].style.fg, Some(Color::Indexed(1)));
        assert_eq!(bits[2].style, Style::new());
        assert_eq!(bits[3].style.fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(bits[4].style.bg, Some(Color::Indexed(200)));
    }

    #[test]
    fn spans_become_cells_past_colours_tabs_and_wrapping() {
        let text = "\u{1b}[31ma\u{1b}[0m漢b\tc";
        let at = |spans: &[Range<usize>]| cells(text, &view(80, 0..1, 0..80), spans);
        assert_eq!(at(&[0..4]), [(0, 0, 1), (0, 1, 2)]);
        assert_eq!(at(&[4..6]), [(0, 3, 1), (0, 4, 4)]);
        let at = |view: &View, spans: &[Range<usize>]| cells("abcdef", view, spans);
        let wrapped = view(4, 0..2, 0..4);
        assert_eq!(at(&wrapped, &[3..5]), [(0, 3, 1), (1, 0, 1)]);
        assert_eq!(
            at(&wrapped, &[0..1, 2..6]),
            [(0, 0, 1), (0, 2, 2), (1, 0, 2)]
        );
        assert_eq!(at(&view(80, 0..1, 2..4), &[0..6]), [(0, 2, 2)]);
    }

    #[test]
    fn lines_end_wherever_a_text_says_so() {
        let text = "ab\n\n\u{1b}[31mcdefg\nh";
        let places = |view: &View| {
            let bits = bits(text, view);
            let place = |bit: &Bit<'_>| (bit.row, bit.col, bit.text.to_owned());
            bits.iter().map(place).collect::<Vec<_>>()
        };
        let at = |row, col, text: &str| (row, col, text.to_owned());
        assert_eq!(
            places(&view(usize::MAX, 0..9, 1..4)),
            [at(0, 1, "b"), at(2, 1, "def")]
        );
        assert_eq!(
            places(&view(4, 2..4, 0..4)),
            [at(2, 0, "cdef"), at(3, 0, "g")]
        );
        let laid = lay_out(text, &view(usize::MAX, 0..9, 1..4), ColourDepth::True);
        assert_eq!((laid.beyond, laid.end), (vec![2], (3, 1)));
        assert_eq!(
            cells(text, &view(4, 0..9, 0..4), &[1..6]),
            [(0, 1, 1), (2, 0, 2)]
        );
    }

    #[test]
    fn odd_sequences_do_no_harm() {
        for odd in [
            "\u{1b}[m",
            "\u{1b}[38m",
            "\u{1b}[38;5m",
            "\u{1b}[999999999m",
            "\u{1b}[;;;m",
        ] {
            assert_eq!(line(&format!("{odd}x")).last().map(|b| b.text), Some("x"));
        }
    }

    #[test]
    fn hidden_text_is_shown() {
        assert_eq!(line("\u{1b}[8mhidden")[0].style, Style::new());
    }

    #[test]
    fn only_what_is_visible_is_laid_out() {
        let long = "0123456789".repeat(10_000);
        let laid = lay_out(&long, &view(usize::MAX, 0..1, 15..20), ColourDepth::True);
        assert_eq!((laid.bits.len(), laid.beyond.as_slice()), (1, &[0][..]));
        assert_eq!((laid.bits[0].col, laid.bits[0].text), (15, "56789"));
        assert!(laid.bytes < 2_000, "{}", laid.bytes);
        let wrapped = bits("abcdef", &view(4, 0..2, 0..4));
        assert_eq!(wrapped.len(), 2);
        assert_eq!(
            (wrapped[1].row, wrapped[1].col, wrapped[1].text),
            (1, 0, "ef")
        );
        let tab = line("\tx");
        let texts: Vec<&str> = tab.iter().map(|bit| bit.text).collect();
        assert_eq!((texts, tab[1].col), (vec!["        ", "x"], 8));
    }
}
