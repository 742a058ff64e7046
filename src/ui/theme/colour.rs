//! The terminal's own colours, and what becomes of a colour on a terminal that has fewer.

use super::ColourDepth;
use ratatui::style::Color;

/// The colours that every terminal has under these names, in the order of their numbers; eight more are bright.
const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

/// One of the terminal's own colours: `default`, `red`, `bright-red`.
pub(super) fn named(word: &str) -> Option<Color> {
    if word == "default" {
        return Some(Color::Reset);
    }
    let (word, first) = match word.strip_prefix("bright-") {
        Some(word) => (word, 8),
        None => (word, 0),
    };
    let index = NAMES.iter().position(|name| *name == word)?;
    Some(Color::Indexed(first + u8::try_from(index).ok()?))
}

/// What is seen of a colour, as red, green and blue; nothing where only the terminal knows.
pub(super) fn rgb(colour: Color) -> Option<(u8, u8, u8)> {
    match colour {
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(index) => Some(rgb_of(index)),
        _ => None,
    }
}

/// The nearest colour that the terminal has.
#[must_use]
pub fn fit(rgb: (u8, u8, u8), depth: ColourDepth) -> Option<Color> {
    match depth {
        ColourDepth::None => None,
        ColourDepth::Ansi16 => Some(Color::Indexed(nearest(rgb, 0, 16))),
        ColourDepth::Ansi256 => Some(Color::Indexed(nearest(rgb, 16, 256))),
        ColourDepth::True => Some(Color::Rgb(rgb.0, rgb.1, rgb.2)),
    }
}

/// One of the terminal's own colours, where it has that many.
#[must_use]
pub fn indexed(index: u8, depth: ColourDepth) -> Option<Color> {
    match depth {
        ColourDepth::None => None,
        ColourDepth::Ansi16 if index >= 16 => fit(rgb_of(index), depth),
        _ => Some(Color::Indexed(index)),
    }
}

fn nearest(rgb: (u8, u8, u8), from: u16, to: u16) -> u8 {
    let distance = |index: &u16| {
        let other = rgb_of(u8::try_from(*index).unwrap_or(u8::MAX));
        let part = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
        // The eye sees differences in green best, in blue least.
        2 * part(rgb.0, other.0) + 4 * part(rgb.1, other.1) + part(rgb.2, other.2)
    };
    let best = (from..to).min_by_key(distance).unwrap_or(7);
    u8::try_from(best).unwrap_or(7)
}

/// What xterm shows for an index: 16 of its own, which other terminals show otherwise, a cube of 6 × 6 × 6, 24 greys.
fn rgb_of(index: u8) -> (u8, u8, u8) {
    const FIRST: [(u8, u8, u8); 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        0..16 => FIRST[usize::from(index)],
        16..232 => {
            let n = usize::from(index - 16);
            (STEPS[n / 36], STEPS[n / 6 % 6], STEPS[n % 6])
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}
