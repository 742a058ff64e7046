//! Changed cells as bytes for the terminal, as few as can be: cells of one look after another, so that a colour is named once a
//! frame and not once a line.

use crossterm::{
    cursor::{MoveTo, MoveToColumn},
    queue,
    style::{Attribute, Print, SetAttribute, SetBackgroundColor, SetForegroundColor},
};
use ratatui::{
    backend::IntoCrossterm,
    buffer::Cell,
    style::{Color, Modifier},
};
use std::io::{self, Write};

/// A cell and where it stands.
pub(super) type Placed<'a> = (u16, u16, &'a Cell);

/// What a cell looks like besides its text.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Look {
    /// What a terminal begins with, and is left with.
    const PLAIN: Self = Self::of(&Cell::EMPTY);

    const fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
        }
    }
}

/// Writes `cells`, given row by row. Leaves the plain look behind.
pub(super) fn write(out: &mut impl Write, cells: &mut [Placed<'_>]) -> io::Result<()> {
    let mut looks = Vec::new();
    for (_, _, cell) in &*cells {
        let look = Look::of(cell);
        if !looks.contains(&look) {
            looks.push(look);
        }
    }
    let number = |cell: &Cell| looks.iter().position(|look| *look == Look::of(cell));
    cells.sort_by_key(|(_, _, cell)| number(cell));
    let (mut cursor, mut worn) = (None, Look::PLAIN);
    for (x, y, cell) in cells {
        go(out, cursor, (*x, *y))?;
        // Whoever is wide, or thought to be so by a terminal, is followed by a cell that is gone to.
        cursor = Some((x.saturating_add(1), *y));
        change(out, worn, Look::of(cell))?;
        worn = Look::of(cell);
        queue!(out, Print(cell.symbol()))?;
    }
    change(out, worn, Look::PLAIN)
}

/// Moves the cursor, if it is not there already. Columns are absolute: terminals disagree on how wide some signs are.
fn go(out: &mut impl Write, from: Option<(u16, u16)>, (x, y): (u16, u16)) -> io::Result<()> {
    match from {
        Some(from) if from == (x, y) => Ok(()),
        Some((_, row)) if row == y => queue!(out, MoveToColumn(x)),
        _ => queue!(out, MoveTo(x, y)),
    }
}

fn change(out: &mut impl Write, mut from: Look, to: Look) -> io::Result<()> {
    if from != to && (to == Look::PLAIN || !to.modifier.contains(from.modifier)) {
        queue!(out, SetAttribute(Attribute::Reset))?;
        from = Look::PLAIN;
    }
    for (modifier, attribute) in ATTRIBUTES {
        if to.modifier.contains(modifier) && !from.modifier.contains(modifier) {
            queue!(out, SetAttribute(attribute))?;
        }
    }
    if from.fg != to.fg {
        match ansi(to.fg, 30) {
            Some(number) => write!(out, "\x1b[{number}m")?,
            None => queue!(out, SetForegroundColor(to.fg.into_crossterm()))?,
        }
    }
    if from.bg != to.bg {
        match ansi(to.bg, 40) {
            Some(number) => write!(out, "\x1b[{number}m")?,
            None => queue!(out, SetBackgroundColor(to.bg.into_crossterm()))?,
        }
    }
    Ok(())
}

/// The number of one of the first sixteen colours in the old way, which begins with `first`: a terminal that has no more
/// than those may not know the way in which the library names them.
fn ansi(colour: Color, first: u8) -> Option<u8> {
    match colour {
        Color::Indexed(index @ 0..8) => Some(first + index),
        Color::Indexed(index @ 8..16) => Some(first + 60 + index - 8),
        _ => None,
    }
}

const ATTRIBUTES: [(Modifier, Attribute); 9] = [
    (Modifier::BOLD, Attribute::Bold),
    (Modifier::DIM, Attribute::Dim),
    (Modifier::ITALIC, Attribute::Italic),
    (Modifier::UNDERLINED, Attribute::Underlined),
    (Modifier::SLOW_BLINK, Attribute::SlowBlink),
    (Modifier::RAPID_BLINK, Attribute::RapidBlink),
    (Modifier::REVERSED, Attribute::Reverse),
    (Modifier::HIDDEN, Attribute::Hidden),
    (Modifier::CROSSED_OUT, Attribute::CrossedOut),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use fastrand::Rng;
    use ratatui::{
        backend::{Backend, CrosstermBackend},
        buffer::Buffer,
        layout::Rect,
        style::{Style, palette::material::BLUE},
    };

    const AREA: Rect = Rect::new(0, 0, 30, 6);
    const COLOURS: [Color; 7] = [
        Color::Reset,
        Color::Red,
        Color::Indexed(244),
        Color::Indexed(3),
        Color::Indexed(12),
        Color::Rgb(1, 2, 3),
        BLUE.c500,
    ];
    /// Those that a terminal emulator of the tests knows.
    const MODIFIERS: [Modifier; 4] = [
        Modifier::BOLD,
        Modifier::ITALIC,
        Modifier::UNDERLINED,
        Modifier::REVERSED,
    ];

    /// A screen on which words of all looks stand here and there.
    fn screen(rng: &mut Rng) -> Buffer {
        let mut buffer = Buffer::empty(AREA);
        for _ in 0..rng.usize(0..20) {
            let word = rng.choice(["a", "word", "日本", "é", "x y"]).unwrap();
            let colour = |rng: &mut Rng| *rng.choice(&COLOURS).unwrap();
            let mut style = Style::new().fg(colour(rng)).bg(colour(rng));
            for modifier in MODIFIERS.into_iter().filter(|_| rng.u8(..4) == 0) {
                style = style.add_modifier(modifier);
            }
            buffer.set_stringn(rng.u16(..30), rng.u16(..6), word, 30, style);
        }
        buffer
    }

    /// A cell that was never written looks like a blank one.
    fn shown(parser: &vt100::Parser) -> Vec<String> {
        let places = (0..AREA.height).flat_map(|row| (0..AREA.width).map(move |col| (row, col)));
        let cell = |(row, col)| {
            let cell = parser.screen().cell(row, col).unwrap();
            let text = if cell.has_contents() {
                cell.contents()
            } else {
                " "
            };
            let wide = (cell.is_wide(), cell.is_wide_continuation());
            let style = (cell.bold(), cell.italic(), cell.underline(), cell.inverse());
            let colours = (cell.fgcolor(), cell.bgcolor());
            format!("{row},{col}: {text:?} {wide:?} {style:?} {colours:?}")
        };
        places.map(cell).collect()
    }

    #[test]
    fn the_terminal_shows_what_the_librarys_own_writing_shows() {
        for seed in 0..500 {
            let mut rng = Rng::with_seed(seed);
            let terminal = || vt100::Parser::new(AREA.height, AREA.width, 0);
            let (mut ours, mut theirs) = (terminal(), terminal());
            let mut before = Buffer::empty(AREA);
            for _ in 0..4 {
                let now = screen(&mut rng);
                let mut cells = before.diff(&now);
                let (mut bytes, mut plain) = (Vec::new(), Vec::new());
                let mut library = CrosstermBackend::new(&mut plain);
                library.draw(cells.iter().copied()).unwrap();
                write(&mut bytes, &mut cells).unwrap();
                ours.process(&bytes);
                theirs.process(&plain);
                assert_eq!(shown(&ours), shown(&theirs), "seed {seed}");
                before = now;
            }
        }
    }

    #[test]
    fn the_first_sixteen_colours_are_named_in_the_way_that_all_terminals_know() {
        let mut now = Buffer::empty(AREA);
        let style = |fg, bg| Style::new().fg(Color::Indexed(fg)).bg(Color::Indexed(bg));
        now.set_string(0, 0, "a", style(1, 15));
        now.set_string(1, 0, "b", style(9, 0));
        let mut bytes = Vec::new();
        write(&mut bytes, &mut Buffer::empty(AREA).diff(&now)).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("\x1b[31m\x1b[107ma\x1b[91m\x1b[40mb"),
            "{text:?}"
        );
    }

    #[test]
    fn a_colour_is_named_once_a_frame() {
        let (dim, plain) = (Style::new().fg(Color::Indexed(244)), Style::new());
        let mut now = Buffer::empty(AREA);
        for row in 0..6 {
            now.set_string(0, row, "12:00", dim);
            now.set_string(8, row, "text", plain);
        }
        let mut bytes = Vec::new();
        write(&mut bytes, &mut Buffer::empty(AREA).diff(&now)).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches("38;5;244").count(), 1, "{text:?}");
    }
}
