//! Reads a theme file: roles, each a colour or a table.

use super::{ColourDepth, NAMES, Role, colour};
use crate::domain::safe::one_line;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

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
    #[error("theme {name}: role '{role}' is missing in [{table}]")]
    Missing {
        /// The theme.
        name: String,
        /// The table.
        table: &'static str,
        /// The role.
        role: &'static str,
    },
    /// Nothing is drawn in such a role.
    #[error("theme {name}: there is no role '{role}'")]
    Unknown {
        /// The theme.
        name: String,
        /// What is written.
        role: String,
    },
    /// Not a colour.
    #[error(
        "theme {name}: '{colour}' is not a colour: write \"#rrggbb\", \"default\", or a name like \"bright-red\""
    )]
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
    roles: Roles,
    sixteen: Option<Roles>,
}

/// Roles by their names; in `[sixteen]` the background is one of them.
type Roles = BTreeMap<String, Paint>;

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

/// What everything is drawn on, and the style of each role.
pub(super) type Styles = (Style, [Style; NAMES.len()]);

/// Reads the file of the theme `name` for a terminal with so many colours.
pub(super) fn read(name: &str, text: &str, depth: ColourDepth) -> Result<Styles, ThemeError> {
    let mut file: File = toml::from_str(text).map_err(|error| ThemeError::Syntax {
        name: name.to_owned(),
        reason: one_line(&error.to_string()),
    })?;
    let reader = Reader { name, depth };
    let full = reader.styles("roles", file.background, &file.roles)?;
    let Some(sixteen) = &mut file.sixteen else {
        return Ok(full);
    };
    let background = match sixteen.remove("background") {
        Some(Paint::Colour(word)) => Some(word),
        Some(Paint::Full(full)) => full.bg,
        None => None,
    };
    let few = reader.styles("sixteen", background, sixteen)?;
    Ok(if depth == ColourDepth::Ansi16 {
        few
    } else {
        full
    })
}

struct Reader<'a> {
    name: &'a str,
    depth: ColourDepth,
}

impl Reader<'_> {
    fn styles(
        &self,
        table: &'static str,
        background: Option<String>,
        roles: &Roles,
    ) -> Result<Styles, ThemeError> {
        let known = |role: &&String| NAMES.contains(&role.as_str());
        if let Some(role) = roles.keys().find(|role| !known(role)) {
            let (name, role) = (self.name.to_owned(), one_line(role));
            return Err(ThemeError::Unknown { name, role });
        }
        let mut styles = [Style::new(); NAMES.len()];
        for (style, role) in styles.iter_mut().zip(NAMES) {
            let paint = roles.get(role).ok_or_else(|| ThemeError::Missing {
                name: self.name.to_owned(),
                table,
                role,
            })?;
            *style = self.style(paint)?;
        }
        let background = background.map(|word| self.colour(&word)).transpose()?;
        let mut base = styles[Role::Text as usize];
        base.bg = background.flatten();
        Ok((base, styles))
    }

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
            colour: one_line(word),
        };
        if let Some(own) = colour::named(word) {
            return Ok(Some(own));
        }
        let hex = word
            .strip_prefix('#')
            .filter(|hex| hex.len() == 6)
            .ok_or_else(bad)?;
        let value = u32::from_str_radix(hex, 16).map_err(|_not_hex| bad())?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(colour::fit((r, g, b), self.depth))
    }
}
