//! How well a text stands out from what it is drawn on, counted as WCAG 2 does.

use super::{NAMES, Theme, colour::rgb};
use ratatui::style::{Color, Modifier, Style};

/// What a text needs to be read by eyes that are not the best (WCAG 2, level AA).
pub const CONTRAST_MIN: f64 = 4.5;

impl Theme {
    /// The roles of texts with less contrast than they need, and how much they have. What nobody but the terminal knows is
    /// left out.
    #[must_use]
    pub fn faint_roles(&self) -> Vec<(&'static str, f64)> {
        let all = NAMES.into_iter().zip(self.roles);
        all.filter(|(name, _)| *name != "rule")
            .filter_map(|(name, style)| Some((name, self.contrast(style)?)))
            .filter(|(_, contrast)| *contrast < CONTRAST_MIN)
            .collect()
    }

    /// The contrast of a style on this theme's background, from 1 to 21; none where only the terminal knows its colours.
    #[must_use]
    pub fn contrast(&self, style: Style) -> Option<f64> {
        let worn = self.base().patch(style);
        let (text, ground) = (worn.fg?, worn.bg?);
        let reversed = worn.add_modifier.contains(Modifier::REVERSED);
        let (text, ground) = if reversed {
            (ground, text)
        } else {
            (text, ground)
        };
        contrast(text, ground)
    }
}

fn contrast(a: Color, b: Color) -> Option<f64> {
    let (a, b) = (luminance(a)?, luminance(b)?);
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

/// From 0, black, to 1, white.
fn luminance(colour: Color) -> Option<f64> {
    let (r, g, b) = rgb(colour)?;
    let [r, g, b] = [r, g, b].map(linear);
    Some(0.2126 * r + 0.7152 * g + 0.0722 * b)
}

/// The light of a channel, from 0 to 1.
pub(super) fn linear(channel: u8) -> f64 {
    let c = f64::from(channel) / 255.0;
    if c <= 0.040_45 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_counts_as_the_guideline_does() {
        for (a, b, expected) in [
            ((0, 0, 0), (255, 255, 255), 21.0),
            ((0x77, 0x77, 0x77), (255, 255, 255), 4.48),
            ((0xff, 0, 0), (0, 0, 0), 5.25),
            ((9, 9, 9), (9, 9, 9), 1.0),
        ] {
            let colour = |(r, g, b)| Color::Rgb(r, g, b);
            let found = contrast(colour(a), colour(b)).unwrap();
            assert!((found - expected).abs() < 0.01, "{a:?} on {b:?}: {found}");
        }
        assert_eq!(contrast(Color::Reset, Color::Rgb(0, 0, 0)), None);
    }
}
