//! How a cell of a terminal looks: its two colours, and the signs that are drawn as shapes so that they meet their neighbours.

use vt100::{Cell, Color, Screen};

/// Size of a cell in units of the picture: whole numbers keep the files small.
pub const CELL: (usize, usize) = (10, 20);
/// Colours of a terminal that was asked for none, as 0xrrggbb.
pub const INK: u32 = 0xd4d7dd;
const PAPER: u32 = 0x14171c;
/// The first sixteen colours, as xterm has them.
const BASE: [u32; 16] = [
    0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5, 0x666666,
    0xf14c4c, 0x23d18b, 0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff,
];

fn colour(colour: Color, default: u32) -> u32 {
    let level = |step: u32| if step == 0 { 0 } else { 55 + 40 * step };
    match colour {
        Color::Default => default,
        Color::Rgb(r, g, b) => u32::from_be_bytes([0, r, g, b]),
        Color::Idx(index @ 0..16) => BASE[usize::from(index)],
        Color::Idx(index @ 16..232) => {
            let cube = u32::from(index - 16);
            level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6)
        }
        Color::Idx(index) => (8 + 10 * u32::from(index - 232)) * 0x01_01_01,
    }
}

/// Ink and paper of a cell.
pub fn colours(cell: &Cell) -> (u32, u32) {
    let (mut ink, mut paper) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), PAPER));
    if cell.inverse() {
        (ink, paper) = (paper, ink);
    }
    if cell.dim() {
        let part =
            |shift: u32| ((ink >> shift & 255) * 3 + (paper >> shift & 255) * 2) / 5 * (1 << shift);
        ink = part(16) | part(8) | part(0);
    }
    (ink, paper)
}

/// The paper of the window: nothing is ever drawn at the end of the row above the last one.
pub fn paper(screen: &Screen) -> u32 {
    let (rows, columns) = screen.size();
    screen
        .cell(rows - 2, columns - 1)
        .map_or(PAPER, |cell| colours(cell).1)
}

/// The cells of a row.
pub fn row_of(screen: &Screen, row: u16) -> impl Iterator<Item = &Cell> {
    (0..screen.size().1).filter_map(move |column| screen.cell(row, column))
}

/// Rules, corners and bars: drawn, not written. Left, top, width, height in the cell.
pub fn shapes(text: &str) -> &'static [(usize, usize, usize, usize)] {
    match text {
        "─" => &[(0, 9, 10, 1)],
        "│" => &[(5, 0, 1, 20)],
        "┌" => &[(5, 9, 5, 1), (5, 9, 1, 11)],
        "┐" => &[(0, 9, 6, 1), (5, 9, 1, 11)],
        "└" => &[(5, 9, 5, 1), (5, 0, 1, 10)],
        "┘" => &[(0, 9, 6, 1), (5, 0, 1, 10)],
        "▁" => &[(1, 14, 8, 2)],
        "▂" => &[(1, 12, 8, 4)],
        "▃" => &[(1, 10, 8, 6)],
        "▄" => &[(1, 9, 8, 7)],
        "▅" => &[(1, 7, 8, 9)],
        "▆" => &[(1, 5, 8, 11)],
        "▇" => &[(1, 4, 8, 12)],
        "█" => &[(1, 3, 8, 13)],
        "▌" => &[(0, 0, 5, 20)],
        "▏" => &[(0, 0, 2, 20)],
        _ => &[],
    }
}
