//! Bars and charts in single rows: a share of a whole, values over time. In Unicode and in ASCII; their length and height say
//! what their colour says.

use super::{canvas::Canvas, theme::Role};
use crate::domain::Share;
use ratatui::layout::Rect;

/// Eighths of a cell from the left.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/// Heights of a cell from the bottom.
const HEIGHTS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The same for terminals without UTF-8.
const HEIGHTS_ASCII: [&str; 9] = [" ", "_", "_", ".", "-", "-", "=", "=", "#"];

/// A bar of `width` columns at a place, filled by `share`; what is not filled is dotted, so that its end is seen.
pub(super) fn bar(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (x, y): (u16, u16),
    width: u16,
    share: Share,
    role: Role,
) {
    let ascii = canvas.look.glyphs.is_ascii();
    let eighths = (share.as_f64() * f64::from(width) * 8.0).round() as u16;
    // Something is never nothing.
    let eighths = match share > Share::default() {
        true => eighths.max(1),
        false => 0,
    };
    let (full, rest) = (eighths / 8, usize::from(eighths % 8));
    let (style, faint) = (canvas.style(role), canvas.style(Role::Faint));
    let mut at = x;
    for _ in 0..full.min(width) {
        at = canvas.put(area, at, y, if ascii { "#" } else { "█" }, style);
    }
    if at < x + width && rest > 0 {
        let part = if ascii { "=" } else { EIGHTHS[rest] };
        at = canvas.put(area, at, y, part, style);
    }
    while at < x + width && at < area.width {
        at = canvas.put(area, at, y, if ascii { "." } else { "·" }, faint);
    }
}

/// A chart of values, oldest first and no more than fit, in `rows` of `area` from row `y`, the newest at its right end; `top` is
/// the value of its upper edge.
pub(super) fn chart(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (y, rows): (u16, u16),
    values: impl Iterator<Item = u64>,
    top: u64,
    role: Role,
) {
    let signs = match canvas.look.glyphs.is_ascii() {
        true => HEIGHTS_ASCII,
        false => HEIGHTS,
    };
    let style = canvas.style(role);
    let values: Vec<u64> = values.take(usize::from(area.width)).collect();
    let wide = u16::try_from(values.len()).unwrap_or(area.width);
    for row in 0..rows {
        let below = (rows - 1 - row) * 8;
        let line: String = values
            .iter()
            .map(|value| eighths_of(*value, top, rows).saturating_sub(below).min(8))
            .filter_map(|here| signs.get(usize::from(here)).copied())
            .collect();
        canvas.put(area, area.width - wide, y + row, &line, style);
    }
}

/// How high a value stands in so many rows: none is none, and anything else is seen.
fn eighths_of(value: u64, top: u64, rows: u16) -> u16 {
    if value == 0 || top == 0 {
        return 0;
    }
    let all = u128::from(rows) * 8;
    let eighths = (u128::from(value) * all).div_ceil(u128::from(top)).min(all);
    u16::try_from(eighths).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_seen_and_nothing_stands_above_the_edge() {
        assert_eq!(eighths_of(0, 100, 3), 0);
        assert_eq!(eighths_of(1, 1_000_000, 3), 1);
        assert_eq!(eighths_of(50, 100, 3), 12);
        assert_eq!(eighths_of(u64::MAX, 100, 3), 24);
        assert_eq!(eighths_of(7, 0, 3), 0);
    }
}
