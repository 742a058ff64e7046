//! Styles by meaning, read from a theme file, and what becomes of them on terminals with fewer colours.

mod colour;
mod contrast;
mod file;
mod shipped;
#[cfg(test)]
mod tests;

pub use colour::{fit, indexed};
pub use contrast::CONTRAST_MIN;
pub use file::ThemeError;

use crate::{app::fleet::Verdict, domain::ServiceKind};
use ratatui::style::{Modifier, Style};

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
        let names = shipped::ALL.iter().map(|(name, _)| (*name).to_owned());
        names.collect()
    }

    /// A theme that ships inside the program; the first one if there is none of that name.
    ///
    /// # Errors
    /// Never for the shipped files: a test reads them all.
    pub fn built_in(name: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let found = shipped::ALL.iter().find(|(known, _)| *known == name);
        let (name, text) = found.unwrap_or(&shipped::ALL[0]);
        Self::parse(name, text, depth)
    }

    /// Reads a theme file.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(name: &str, text: &str, depth: ColourDepth) -> Result<Self, ThemeError> {
        let (base, roles) = match depth {
            // Wrong is wrong, whatever is made of it here.
            ColourDepth::None => {
                file::read(name, text, ColourDepth::True)?;
                (Style::new(), NAMES.map(plain))
            }
            _ => file::read(name, text, depth)?,
        };
        Ok(Self {
            name: name.to_owned(),
            depth,
            base,
            roles,
        })
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
