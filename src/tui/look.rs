//! The themes to choose from, and what the environment says about colours and characters.

use super::{OpenSettings, themes::Files};
use crate::{
    domain::ThemeWish,
    ui::{ColourDepth, Glyphs, Look, Theme, ThemeError},
};

/// Stands for the theme that goes with the terminal's background.
pub const AUTO: &str = "auto";

/// The looks to choose from.
#[derive(Debug, Clone)]
pub struct Looks {
    themes: Vec<Theme>,
    /// The operator's theme files as they were read last.
    files: Files,
    depth: ColourDepth,
    light: bool,
    /// The theme that the hub file names.
    wished: String,
    /// It is not there, or cannot be used: the first file that brings it is used.
    missing: bool,
    current: Look,
    notices: Vec<String>,
}

impl Looks {
    /// The shipped themes and the operator's own. One that cannot be read is left out and said.
    #[must_use]
    pub fn new(settings: &OpenSettings) -> Self {
        let glyphs = if settings.ascii {
            Glyphs::ascii()
        } else {
            Glyphs::unicode()
        };
        let mut looks = Self {
            themes: Vec::new(),
            files: Vec::new(),
            depth: settings.depth,
            light: settings.light,
            wished: settings.theme.clone().unwrap_or_else(|| AUTO.to_owned()),
            missing: true,
            current: Look {
                theme: Theme::default(),
                glyphs,
            },
            notices: Vec::new(),
        };
        looks.renew(&settings.themes);
        if looks.missing {
            looks.current.theme = looks.themes.first().cloned().unwrap_or_default();
            let wished = looks.wished_name();
            looks.notices.push(format!("there is no theme '{wished}'"));
        }
        looks
    }

    /// Takes the theme files as they are now. Of one that cannot be used the theme that it was stays, and what is wrong is
    /// said once for each state of the file.
    pub fn renew(&mut self, files: &Files) {
        let before = std::mem::take(&mut self.themes);
        for name in Theme::names() {
            let theme = Theme::built_in(&name, self.depth);
            self.take(theme, &name, &before, true);
        }
        for (name, text) in files {
            let is_new = !self
                .files
                .iter()
                .any(|file| (&file.0, &file.1) == (name, text));
            let theme = Theme::parse(name, text, self.depth);
            self.take(theme, name, &before, is_new);
        }
        self.files.clone_from(files);
        // One whose file is gone stays as it was until another one is chosen.
        let name = match self.missing {
            true => self.wished_name(),
            false => self.current.theme.name.clone(),
        };
        self.choose(&name);
    }

    fn take(
        &mut self,
        theme: Result<Theme, ThemeError>,
        name: &str,
        before: &[Theme],
        is_new: bool,
    ) {
        match theme {
            Ok(theme) => put(&mut self.themes, theme),
            Err(error) => {
                let old = before.iter().find(|theme| theme.name == name);
                old.into_iter()
                    .for_each(|old| put(&mut self.themes, old.clone()));
                self.notices.extend(is_new.then(|| error.to_string()));
            }
        }
    }

    /// Uses the theme that the hub file names now; false if it is the one that it named before.
    ///
    /// # Errors
    /// There is none of that name: the old one stays.
    pub fn wish(&mut self, wish: &ThemeWish) -> Result<bool, String> {
        if wish.name == self.wished {
            return Ok(false);
        }
        self.wished.clone_from(&wish.name);
        self.missing = !self.choose(&self.wished_name());
        match self.missing {
            false => Ok(true),
            true => Err(format!(
                "hub file line {}: there is no theme '{}': the old one stays",
                wish.line, wish.name
            )),
        }
    }

    fn wished_name(&self) -> String {
        match self.wished.as_str() {
            AUTO if self.light => "light".to_owned(),
            AUTO => "dark".to_owned(),
            name => name.to_owned(),
        }
    }

    /// The names of the themes that ship inside the program.
    #[must_use]
    pub fn shipped() -> Vec<String> {
        Theme::names()
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

    /// Uses another theme; false if there is none of that name.
    pub fn choose(&mut self, name: &str) -> bool {
        let found = self.themes.iter().find(|theme| theme.name == name);
        if let Some(theme) = found {
            self.current.theme = theme.clone();
            self.missing = false;
        }
        found.is_some()
    }

    /// What could not be used, for the operator.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }
}

/// A role whose text is hard to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Faint {
    /// How many colours the terminal has for that.
    pub colours: &'static str,
    /// The role.
    pub role: &'static str,
    /// Its contrast, from 1 to 21.
    pub contrast: f64,
}

/// Reads a theme file as the screen does; gives the texts that are hard to read.
///
/// # Errors
/// What is wrong in it.
pub fn check(name: &str, text: &str) -> Result<Vec<Faint>, ThemeError> {
    let mut faint = Vec::new();
    for (colours, depth) in [
        ("all", ColourDepth::True),
        ("256", ColourDepth::Ansi256),
        ("16", ColourDepth::Ansi16),
    ] {
        let theme = Theme::parse(name, text, depth)?;
        let found = theme.faint_roles().into_iter();
        faint.extend(found.map(|(role, contrast)| Faint {
            colours,
            role,
            contrast,
        }));
    }
    Ok(faint)
}

fn put(themes: &mut Vec<Theme>, theme: Theme) {
    match themes.iter_mut().find(|known| known.name == theme.name) {
        Some(known) => *known = theme,
        None => themes.push(theme),
    }
}

/// What the environment tells about the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    /// How many colours it has: `NO_COLOR`, `COLORTERM`, `TERM`.
    pub depth: ColourDepth,
    /// Only ASCII may be drawn: `LC_ALL`, `LC_CTYPE`, `LANG`; the Linux console has few signs.
    pub ascii: bool,
    /// Its background is light: `COLORFGBG`, which ends with the number of a colour.
    pub light: bool,
}

/// Reads the environment.
#[must_use]
pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Detected {
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
    let colours = get("COLORFGBG").unwrap_or_default();
    let background = colours.rsplit(';').next();
    Detected {
        depth,
        ascii: !utf8 || term == "linux",
        light: matches!(background, Some("7" | "15")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn p27_the_environment_decides_on_colours_and_characters() {
        let with = |pairs: &'static [(&str, &str)]| {
            let found = detect(move |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            (found.depth, found.ascii)
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
    fn a_terminal_with_a_light_background_gets_the_light_theme_unless_one_is_named() {
        for (told, name) in [
            (None, "dark"),
            (Some("15;0"), "dark"),
            (Some("0;15"), "light"),
            (Some("0;default;15"), "light"),
            (Some("0;7"), "light"),
            (Some("12;8"), "dark"),
            (Some("15;default"), "dark"),
        ] {
            let only = |name: &str| told.filter(|_| name == "COLORFGBG").map(str::to_owned);
            let light = detect(only).light;
            for (theme, name) in [(None, name), (Some("auto"), name), (Some("paper"), "paper")] {
                let theme = theme.map(str::to_owned);
                let settings = OpenSettings {
                    light,
                    theme,
                    ..OpenSettings::default()
                };
                assert_eq!(Looks::new(&settings).current().theme.name, name, "{told:?}");
            }
        }
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
        assert_eq!(looks.names().last().map(String::as_str), Some("mine"));
        assert_eq!(
            (looks.index(), looks.current().theme.name.as_str()),
            (Theme::names().len(), "mine")
        );
        assert_eq!(looks.take_notices().len(), 1);
    }

    #[test]
    fn a_theme_file_that_changes_is_used_at_once_and_a_broken_one_changes_nothing() {
        let file = |text: &str| vec![("mine".to_owned(), text.to_owned())];
        let (light, dark) = (
            include_str!("../../themes/light.toml"),
            include_str!("../../themes/dark.toml"),
        );
        let mut looks = Looks::new(&OpenSettings {
            themes: file(light),
            theme: Some("mine".to_owned()),
            ..OpenSettings::default()
        });
        let before = looks.current().theme.clone();
        let broken = format!("{light}\n[roles\n");
        looks.renew(&file(&broken));
        assert_eq!(looks.current().theme, before);
        let notices = looks.take_notices();
        assert!(
            matches!(&notices[..], [one] if one.contains("line")),
            "{notices:?}"
        );
        looks.renew(&file(&broken));
        assert_eq!(looks.take_notices(), [""; 0], "said once");
        looks.renew(&file(dark));
        assert_eq!(looks.current().theme.name, "mine");
        assert_ne!(looks.current().theme, before);
        looks.renew(&Vec::new());
        assert_eq!(looks.current().theme.name, "mine", "gone, but in use");
    }

    #[test]
    fn the_theme_that_the_hub_file_names_now_is_used_once_it_is_there() {
        let mut looks = Looks::new(&OpenSettings::default());
        let wish = |name: &str| ThemeWish {
            name: name.to_owned(),
            line: 7,
        };
        assert_eq!(looks.wish(&wish("light")), Ok(true));
        assert_eq!(looks.current().theme.name, "light");
        assert!(looks.choose("dark"));
        assert_eq!(looks.wish(&wish("light")), Ok(false), "nothing new");
        assert_eq!(
            looks.current().theme.name,
            "dark",
            "what was chosen since stays"
        );
        let why = looks.wish(&wish("mine")).unwrap_err();
        assert!(
            why.starts_with("hub file line 7: there is no theme 'mine'"),
            "{why}"
        );
        assert_eq!(looks.current().theme.name, "dark");
        let text = include_str!("../../themes/light.toml").to_owned();
        looks.renew(&vec![("mine".to_owned(), text)]);
        assert_eq!(looks.current().theme.name, "mine");
        assert_eq!(looks.wish(&wish(AUTO)), Ok(true));
    }
}
