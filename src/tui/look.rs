//! The themes to choose from, and what the environment says about colours and characters.

use super::OpenSettings;
use crate::ui::{ColourDepth, Glyphs, Look, Theme};

/// The looks to choose from.
#[derive(Debug, Clone)]
pub struct Looks {
    themes: Vec<Theme>,
    current: Look,
    notices: Vec<String>,
}

impl Looks {
    /// The shipped themes and the operator's own. One that cannot be read is left out and said.
    #[must_use]
    pub fn new(settings: &OpenSettings) -> Self {
        let (mut themes, mut notices) = (Vec::new(), Vec::new());
        let shipped = Theme::names()
            .into_iter()
            .map(|name| Theme::built_in(&name, settings.depth));
        let own = settings
            .themes
            .iter()
            .map(|(name, text)| Theme::parse(name, text, settings.depth));
        for theme in shipped.chain(own) {
            match theme {
                Ok(theme) => put(&mut themes, theme),
                Err(error) => notices.push(error.to_string()),
            }
        }
        let wished = settings.theme.as_deref();
        let found = themes
            .iter()
            .find(|theme| Some(theme.name.as_str()) == wished);
        if let Some(name) = wished.filter(|_| found.is_none()) {
            notices.push(format!("there is no theme '{name}'"));
        }
        let glyphs = if settings.ascii {
            Glyphs::ascii()
        } else {
            Glyphs::unicode()
        };
        let theme = found.or(themes.first()).cloned().unwrap_or_default();
        Self {
            current: Look { theme, glyphs },
            themes,
            notices,
        }
    }

    /// The look in use.
    #[must_use]
    pub fn current(&self) -> &Look {
        &self.current
    }

    /// The names of the themes, in the order in which they are offered.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.themes.iter().map(|theme| theme.name.clone()).collect()
    }

    /// Which of the names is in use.
    #[must_use]
    pub fn index(&self) -> usize {
        let is_current = |theme: &Theme| theme.name == self.current.theme.name;
        self.themes.iter().position(is_current).unwrap_or(0)
    }

    /// Uses another theme.
    pub fn choose(&mut self, name: &str) {
        if let Some(theme) = self.themes.iter().find(|theme| theme.name == name) {
            self.current.theme = theme.clone();
        }
    }

    /// What could not be used, for the operator.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }
}

fn put(themes: &mut Vec<Theme>, theme: Theme) {
    match themes.iter_mut().find(|known| known.name == theme.name) {
        Some(known) => *known = theme,
        None => themes.push(theme),
    }
}

/// How many colours the terminal has (`NO_COLOR`, `COLORTERM`, `TERM`), and whether only ASCII may be drawn
/// (`LC_ALL`, `LC_CTYPE`, `LANG`; the Linux console has few signs), as the environment tells.
#[must_use]
pub fn detect(variable: impl Fn(&str) -> Option<String>) -> (ColourDepth, bool) {
    let get = |name| variable(name).filter(|value| !value.is_empty());
    let term = get("TERM").unwrap_or_default();
    let full = get("COLORTERM").is_some_and(|word| word == "truecolor" || word == "24bit");
    let depth = if get("NO_COLOR").is_some() {
        ColourDepth::None
    } else if full || term.ends_with("-direct") {
        ColourDepth::True
    } else if term.contains("256color") {
        ColourDepth::Ansi256
    } else {
        ColourDepth::Ansi16
    };
    let locale = get("LC_ALL")
        .or_else(|| get("LC_CTYPE"))
        .or_else(|| get("LANG"));
    let locale = locale.unwrap_or_default().to_ascii_uppercase();
    let utf8 = locale.contains("UTF-8") || locale.contains("UTF8");
    (depth, !utf8 || term == "linux")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p27_the_environment_decides_on_colours_and_characters() {
        let with = |pairs: &'static [(&str, &str)]| {
            detect(move |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[]), (ColourDepth::Ansi16, true));
        let modern: &[_] = &[
            ("TERM", "xterm-256color"),
            ("COLORTERM", "truecolor"),
            ("LANG", "C.UTF-8"),
        ];
        assert_eq!(with(modern), (ColourDepth::True, false));
        assert_eq!(
            with(&[("TERM", "screen-256color"), ("LANG", "de_DE.utf8")]),
            (ColourDepth::Ansi256, false)
        );
        assert_eq!(
            with(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]).0,
            ColourDepth::None
        );
        assert_eq!(
            with(&[("NO_COLOR", ""), ("COLORTERM", "24bit")]).0,
            ColourDepth::True
        );
        assert!(with(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]).1);
    }

    #[test]
    fn a_theme_of_the_operator_is_offered_and_a_broken_one_is_said() {
        let mut settings = OpenSettings::default();
        let mine = include_str!("../../themes/light.toml").to_owned();
        settings.themes = vec![
            ("mine".to_owned(), mine),
            ("broken".to_owned(), "x".to_owned()),
        ];
        settings.theme = Some("mine".to_owned());
        let mut looks = Looks::new(&settings);
        assert_eq!(looks.names(), ["dark", "light", "mine"]);
        assert_eq!(
            (looks.index(), looks.current().theme.name.as_str()),
            (2, "mine")
        );
        assert_eq!(looks.take_notices().len(), 1);
    }
}
