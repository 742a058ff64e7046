//! What becomes of a colour on a terminal that has fewer.

use super::ColourDepth;
use ratatui::style::Color;

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

/// What xterm shows for an index: 16 fixed ones, a cube of 6 × 6 × 6, 24 greys.
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
