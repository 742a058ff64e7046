//! Styles by meaning, read from a theme file, and what becomes of them on terminals with fewer colours.

mod colour;

pub use colour::{fit, indexed};

use crate::{app::fleet::Verdict, domain::ServiceKind};
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a style is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// What is read.
    Text,
    /// What is there and well.
    Dim,
    /// What is hardly there: labels, history.
    Faint,
    /// Names and keys.
    Accent,
    /// What the next key acts on.
    Selection,
    /// Lines between things.
    Rule,
    /// It works.
    Good,
    /// It is on its way.
    Wait,
    /// It deserves a look.
    Warn,
    /// It does not work.
    Bad,
    /// Somebody has to act.
    Critical,
    /// The database.
    Postgres,
    /// The cache.
    Redis,
    /// The API.
    Backend,
    /// The dev server.
    Frontend,
}

/// The names of the roles in a theme file, in the order of [`Role`].
const NAMES: [&str; 15] = [
    "text",
    "dim",
    "faint",
    "accent",
    "selection",
    "rule",
    "good",
    "wait",
    "warn",
    "bad",
    "critical",
    "postgres",
    "redis",
    "backend",
    "frontend",
];

/// The themes that ship inside the program.
const BUILT_IN: [(&str, &str); 2] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
];

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourDepth {
    /// None (`NO_COLOR`): bold, dim, underline and reverse only.
    None,
    /// The 16 of every terminal.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// All.
    #[default]
    True,
}

/// Why a theme file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Not TOML, or not the shape of a theme.
    #[error("theme {name}: {reason}")]
    Syntax {
        /// The theme.
        name: String,
        /// What is wrong, with the line.
        reason: String,
    },
    /// A role is missing.
    #[error("theme {name}: role '{role}' is missing")]
    Missing {
        /// The theme.
        name: String,
        /// The role.
        role: &'static str,
    },
    /// Not a colour.
    #[error("theme {name}: '{colour}' is not a colour: write \"#rrggbb\"")]
    Colour {
        /// The theme.
        name: String,
        /// What is written.
        colour: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "name")]
    _name: Option<String>,
    background: Option<String>,
    roles: BTreeMap<String, Paint>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Paint {
    Colour(String),
    Full(Full),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Full {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    underline: bool,
    reverse: bool,
}

/// Styles by meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    depth: ColourDepth,
    base: Style,
    roles: [Style; NAMES.len()],
}

/// Nothing but modifiers: what is left when not even a shipped theme can be read.
impl Default for Theme {
    fn default() -> Self {
        Self {
            name: "plain".to_owned(),
            depth: ColourDepth::None,
            base: Style::new(),
            roles: NAMES.map(plain),
        }
    }
}

impl Theme {
    /// The names of the themes that ship inside the program.
    #[must_use]
    pub fn names() -> Vec<String> {
        BUILT_IN
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    /// A theme that ships inside the program; the first one if there is none of that name.
    ///
    /// # Errors
    /// Never for the shipped files: a test reads them all.
    pub fn built_in(name: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        let (name, text) = found.unwrap_or(&BUILT_IN[0]);
        Self::parse(name, text, depth)
    }

    /// Reads a theme file.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(name: &str, text: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let file: File = toml::from_str(text).map_err(|error| ThemeError::Syntax {
            name: name.to_owned(),
            reason: error.to_string().replace('\n', " "),
        })?;
        let reader = Reader { name, depth };
        let mut roles = [Style::new(); NAMES.len()];
        for (style, role) in roles.iter_mut().zip(NAMES) {
            let paint = file.roles.get(role).ok_or_else(|| ThemeError::Missing {
                name: name.to_owned(),
                role,
            })?;
            *style = reader.style(paint)?;
        }
        let background = file.background.as_deref().map(|word| reader.colour(word));
        let mut base = roles[Role::Text as usize];
        base.bg = background.transpose()?.flatten();
        let mut theme = Self {
            name: name.to_owned(),
            depth,
            base,
            roles,
        };
        if depth == ColourDepth::None {
            theme.roles = NAMES.map(plain);
            theme.base = Style::new();
        }
        Ok(theme)
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.roles[role as usize]
    }

    /// What lies behind a dialog: quiet, and nothing reversed.
    #[must_use]
    pub fn behind(&self) -> Style {
        let quiet = self.base.patch(self.style(Role::Faint));
        quiet.remove_modifier(Modifier::BOLD | Modifier::REVERSED | Modifier::UNDERLINED)
    }

    /// What everything is drawn on.
    #[must_use]
    pub fn base(&self) -> Style {
        self.base
    }

    /// How many colours there are.
    #[must_use]
    pub fn depth(&self) -> ColourDepth {
        self.depth
    }

    /// The sign of a verdict.
    #[must_use]
    pub fn verdict(&self, verdict: Verdict) -> Style {
        self.style(match verdict {
            Verdict::Down | Verdict::Loop => Role::Bad,
            Verdict::Blocked | Verdict::Slow => Role::Warn,
            Verdict::Starting => Role::Wait,
            Verdict::Ok => Role::Good,
            Verdict::Stale => Role::Warn,
            Verdict::Unchecked => Role::Dim,
            Verdict::Stopped | Verdict::Unseen | Verdict::Absent => Role::Faint,
        })
    }

    /// The word beside the sign: what is well stays quiet.
    #[must_use]
    pub fn verdict_word(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Ok => self.style(Role::Dim),
            other => self.verdict(other),
        }
    }

    /// A service's own colour.
    #[must_use]
    pub fn service(&self, kind: ServiceKind) -> Style {
        self.style(match kind {
            ServiceKind::Postgres => Role::Postgres,
            ServiceKind::Redis => Role::Redis,
            ServiceKind::Backend => Role::Backend,
            ServiceKind::Frontend => Role::Frontend,
        })
    }
}

/// Without colours: what is loud is bold or reversed, what is quiet is dim.
fn plain(role: &str) -> Style {
    let modifier = match role {
        "selection" | "critical" => Modifier::REVERSED | Modifier::BOLD,
        "bad" | "accent" | "warn" => Modifier::BOLD,
        "faint" | "rule" => Modifier::DIM,
        _ => Modifier::empty(),
    };
    Style::new().add_modifier(modifier)
}

struct Reader<'a> {
    name: &'a str,
    depth: ColourDepth,
}

impl Reader<'_> {
    fn style(&self, paint: &Paint) -> Result<Style, ThemeError> {
        let full = match paint {
            Paint::Colour(word) => {
                return Ok(Style {
                    fg: self.colour(word)?,
                    ..Style::new()
                });
            }
            Paint::Full(full) => full,
        };
        let colour = |word: &Option<String>| match word {
            Some(word) => self.colour(word),
            None => Ok(None),
        };
        let mut modifier = Modifier::empty();
        modifier.set(Modifier::BOLD, full.bold);
        modifier.set(Modifier::DIM, full.dim);
        modifier.set(Modifier::UNDERLINED, full.underline);
        modifier.set(Modifier::REVERSED, full.reverse);
        let style = Style {
            fg: colour(&full.fg)?,
            bg: colour(&full.bg)?,
            ..Style::new()
        };
        Ok(style.add_modifier(modifier))
    }

    fn colour(&self, word: &str) -> Result<Option<Color>, ThemeError> {
        let bad = || ThemeError::Colour {
            name: self.name.to_owned(),
            colour: crate::domain::safe::one_line(word),
        };
        let hex = word
            .strip_prefix('#')
            .filter(|hex| hex.len() == 6)
            .ok_or_else(bad)?;
        let value = u32::from_str_radix(hex, 16).map_err(|_not_hex| bad())?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(fit((r, g, b), self.depth))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Contrast of two colours as WCAG 2 counts it.
    fn contrast(a: Color, b: Color) -> f64 {
        let light = |colour: Color| {
            let Color::Rgb(r, g, b) = colour else {
                panic!("not rgb")
            };
            let part = |c: u8| {
                let c = f64::from(c) / 255.0;
                if c <= 0.040_45 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
        };
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_shipped_theme_loads_and_can_be_read() {
        for (name, text) in BUILT_IN {
            let theme = Theme::parse(name, text, ColourDepth::True).unwrap();
            let back = theme.base().bg.unwrap();
            for (role, style) in NAMES.iter().zip(theme.roles) {
                let needed = if matches!(*role, "rule") { 1.8 } else { 4.0 };
                let found = contrast(style.fg.unwrap(), style.bg.unwrap_or(back));
                assert!(
                    found >= needed,
                    "{name}: {role} has a contrast of {found:.1}"
                );
            }
        }
    }

    #[test]
    fn fewer_colours_give_the_nearest_and_none_gives_modifiers() {
        assert_eq!(
            fit((255, 0, 0), ColourDepth::Ansi16),
            Some(Color::Indexed(9))
        );
        assert_eq!(
            fit((255, 0, 0), ColourDepth::Ansi256),
            Some(Color::Indexed(196))
        );
        assert_eq!(fit((255, 0, 0), ColourDepth::None), None);
        for name in ["dark", "light"] {
            let theme = Theme::built_in(name, ColourDepth::None).unwrap();
            for style in theme.roles {
                assert_eq!((style.fg, style.bg), (None, None));
            }
            assert!(
                theme
                    .style(Role::Selection)
                    .add_modifier
                    .contains(Modifier::REVERSED)
            );
        }
    }

    #[test]
    fn a_broken_theme_says_what_is_wrong() {
        let error = |text| {
            Theme::parse("mine", text, ColourDepth::True)
                .unwrap_err()
                .to_string()
        };
        assert!(error("roles = 3").starts_with("theme mine: "));
        assert_eq!(error("[roles]\n"), "theme mine: role 'text' is missing");
        let wrong = BUILT_IN[0].1.replace("#d4d7dd", "grey");
        assert_eq!(
            error(&wrong),
            "theme mine: 'grey' is not a colour: write \"#rrggbb\""
        );
    }
}
