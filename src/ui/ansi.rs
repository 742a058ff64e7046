//! Colours of a log line (SGR, ECMA-48 8.3.117) to styles, and the part of the line that is visible.

use super::theme::{ColourDepth, fit, indexed};
use crate::app::text::{Pen, Piece, pieces};
use ratatui::style::{Modifier, Style};

/// A part of a line where it is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Bit {
    /// Row, from 0.
    pub row: usize,
    /// Column, from 0.
    pub col: usize,
    /// The text, without tabs and sequences.
    pub text: String,
    /// Its style, on top of the line's own.
    pub style: Style,
}

/// Lays a line out, wrapped at `width` (`usize::MAX` does not wrap); `rows` and `columns` say what is visible, so that
/// a line of any length costs no more than what is seen of it is worth.
#[must_use]
pub fn lay_out(
    text: &str,
    width: usize,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    depth: ColourDepth,
) -> Vec<Bit> {
    let mut pen = Pen::new(width.min(usize::MAX / 2));
    let (mut bits, mut style, mut end) = (Vec::new(), Style::new(), 0);
    for piece in pieces(text) {
        let (row, col, wide) = pen.step(piece);
        if row >= rows.end || (row + 1 == rows.end && width > columns.end && col >= columns.end) {
            break;
        }
        let shown = rows.contains(&row) && col >= columns.start && col + wide <= columns.end;
        match piece {
            Piece::Sgr(params) => style = apply(style, params, depth),
            Piece::Text(grapheme, _) if shown => {
                push(&mut bits, end, (row, col), grapheme, style);
                end = col + wide;
            }
            Piece::Tab if rows.contains(&row) => {
                let from = col.max(columns.start);
                let to = (col + wide).min(columns.end);
                let blanks = " ".repeat(to.saturating_sub(from));
                push(&mut bits, end, (row, from), &blanks, style);
                end = to.max(from);
            }
            Piece::Text(..) | Piece::Tab => {}
        }
    }
    bits
}

/// The cells that parts of a line take: row, column and columns of each character in `spans` (bytes of the line without
/// its colours, in order). Laid out as [`lay_out`] does.
#[must_use]
pub fn cells(
    text: &str,
    width: usize,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    spans: &[std::ops::Range<usize>],
) -> Vec<(usize, usize, usize)> {
    let mut pen = Pen::new(width.min(usize::MAX / 2));
    let (mut cells, mut at, mut spans) = (Vec::new(), 0, spans.iter().peekable());
    for piece in pieces(text) {
        let (row, col, wide) = pen.step(piece);
        let begin = at;
        at += match piece {
            Piece::Sgr(_) => 0,
            Piece::Text(grapheme, _) => grapheme.len(),
            Piece::Tab => 1,
        };
        while spans.next_if(|span| span.end <= begin).is_some() {}
        let Some(span) = spans.peek().filter(|_| row < rows.end) else {
            break;
        };
        let in_view = rows.contains(&row) && columns.contains(&col);
        if span.start < at && wide > 0 && in_view {
            cells.push((row, col, wide.min(columns.end - col)));
        }
    }
    cells
}

/// Adds text to the last bit, which ends in column `end`, where it goes on, else begins a new one.
fn push(bits: &mut Vec<Bit>, end: usize, (row, col): (usize, usize), text: &str, style: Style) {
    if let Some(last) = bits.last_mut()
        && last.row == row
        && last.style == style
        && end == col
    {
        last.text.push_str(text);
        return;
    }
    bits.push(Bit {
        row,
        col,
        text: text.to_owned(),
        style,
    });
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

    fn line(text: &str) -> Vec<Bit> {
        lay_out(text, usize::MAX, 0..1, 0..80, ColourDepth::True)
    }

    #[test]
    fn colours_become_styles_and_never_text() {
        let bits = line("a\u{1b}[1;31mred\u{1b}[0m b \u{1b}[38;2;1;2;3mc\u{1b}[48;5;200md");
        let texts: Vec<&str> = bits.iter().map(|bit| bit.text.as_str()).collect();
        assert_eq!(texts, ["a", "red", " b ", "c", "d"]);
        assert_eq!(bits[1].style.fg, Some(Color::Indexed(1)));
        assert_eq!(bits[2].style, Style::new());
        assert_eq!(bits[3].style.fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(bits[4].style.bg, Some(Color::Indexed(200)));
    }

    #[test]
    fn spans_become_cells_past_colours_tabs_and_wrapping() {
        let text = "\u{1b}[31ma\u{1b}[0m漢b\tc";
        let at = |spans: &[std::ops::Range<usize>]| cells(text, 80, 0..1, 0..80, spans);
        assert_eq!(at(&[0..4]), [(0, 0, 1), (0, 1, 2)]);
        assert_eq!(at(&[4..6]), [(0, 3, 1), (0, 4, 4)]);
        assert_eq!(
            cells("abcdef", 4, 0..2, 0..4, &[3..5]),
            [(0, 3, 1), (1, 0, 1)]
        );
        assert_eq!(
            cells("abcdef", 80, 0..1, 2..4, &[0..6]),
            [(0, 2, 1), (0, 3, 1)]
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
            assert_eq!(
                line(&format!("{odd}x")).last().map(|b| b.text.as_str()),
                Some("x")
            );
        }
    }

    #[test]
    fn hidden_text_is_shown() {
        assert_eq!(line("\u{1b}[8mhidden")[0].style, Style::new());
    }

    #[test]
    fn only_what_is_visible_is_laid_out() {
        let long = "0123456789".repeat(10_000);
        let bits = lay_out(&long, usize::MAX, 0..1, 15..20, ColourDepth::True);
        assert_eq!(bits.len(), 1);
        assert_eq!((bits[0].col, bits[0].text.as_str()), (15, "56789"));
        let wrapped = lay_out("abcdef", 4, 0..2, 0..4, ColourDepth::True);
        assert_eq!(wrapped.len(), 2);
        assert_eq!(
            (wrapped[1].row, wrapped[1].col, wrapped[1].text.as_str()),
            (1, 0, "ef")
        );
        let tab = lay_out("\tx", usize::MAX, 0..1, 0..80, ColourDepth::True);
        assert_eq!(tab.len(), 1);
        assert_eq!(tab[0].text, "        x");
    }
}
