//! A key press with its modifiers, as the key map and the hub file name it: `r`, `ctrl-r`, `shift-tab`, `f1`, `space`.

use crate::domain::safe::{is_safe, one_line};
use std::{fmt, str::FromStr};

/// A key, free of the terminal library's types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character; upper case stands for itself, without shift.
    Char(char),
    /// A function key, from 1.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// With control.
    pub ctrl: bool,
    /// With alt.
    pub alt: bool,
    /// With shift; never set for characters.
    pub shift: bool,
}

/// Every named key: how it is written in a file, and on the screen.
const NAMED: [(Key, &str, &str); 16] = [
    (Key::Char(' '), "space", "Space"),
    (Key::Enter, "enter", "Enter"),
    (Key::Esc, "esc", "Esc"),
    (Key::Tab, "tab", "Tab"),
    (Key::Backspace, "backspace", "Backspace"),
    (Key::Delete, "delete", "Del"),
    (Key::Home, "home", "Home"),
    (Key::End, "end", "End"),
    (Key::PageUp, "pageup", "PgUp"),
    (Key::PageDown, "pagedown", "PgDn"),
    (Key::Up, "up", "Up"),
    (Key::Down, "down", "Down"),
    (Key::Left, "left", "Left"),
    (Key::Right, "right", "Right"),
    (Key::Char('-'), "minus", "-"),
    (Key::Char('+'), "plus", "+"),
];

/// A word that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a key: write r, R, ctrl-r, alt-x, shift-tab, space, enter, pageup or f1")]
pub struct InvalidChord(pub String);

impl Chord {
    /// `key` alone.
    #[must_use]
    pub const fn plain(key: Key) -> Self {
        Self {
            key,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// The character that it types into a field, if it types one.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl Chord {
    /// As `[keys]` writes it: `r`, `ctrl-r`, `alt-x`, `shift-tab`, `space`, `f1`.
    #[must_use]
    pub fn word(self) -> String {
        let named = NAMED.iter().find(|(key, ..)| *key == self.key);
        let name = match (self.key, named) {
            (Key::Char(c), _) if c != ' ' => c.to_string(),
            (Key::F(n), _) => format!("f{n}"),
            (_, Some((_, name, _))) => (*name).to_owned(),
            (_, None) => String::new(),
        };
        let ctrl = if self.ctrl { "ctrl-" } else { "" };
        let alt = if self.alt { "alt-" } else { "" };
        let shift = if self.shift { "shift-" } else { "" };
        format!("{ctrl}{alt}{shift}{name}")
    }
}

impl FromStr for Chord {
    type Err = InvalidChord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let mut chord = Self::plain(Key::Enter);
        let mut rest = word.trim();
        loop {
            rest = if let Some(tail) = rest.strip_prefix("ctrl-") {
                chord.ctrl = true;
                tail
            } else if let Some(tail) = rest.strip_prefix("alt-") {
                chord.alt = true;
                tail
            } else if let Some(tail) = rest.strip_prefix("shift-") {
                chord.shift = true;
                tail
            } else {
                break;
            };
        }
        let bad = || InvalidChord(one_line(word));
        chord.key = read_key(rest).ok_or_else(bad)?;
        if let Key::Char(c) = chord.key {
            let c = if chord.shift { upper(c) } else { c };
            chord.shift = false;
            chord.key = Key::Char(if chord.ctrl {
                c.to_ascii_lowercase()
            } else {
                c
            });
        }
        Ok(chord)
    }
}

fn upper(c: char) -> char {
    c.to_uppercase().next().unwrap_or(c)
}

fn read_key(word: &str) -> Option<Key> {
    let mut chars = word.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return is_safe(word).then_some(Key::Char(c));
    }
    let lower = word.to_ascii_lowercase();
    if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse().ok()) {
        return (1..=24).contains(&n).then_some(Key::F(n));
    }
    let named = NAMED.iter().find(|(_, name, _)| *name == lower);
    named.map(|(key, ..)| *key)
}

/// As hints show it: `r`, `^R`, `Alt-x`, `Shift-Tab`, `PgUp`.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMED.iter().find(|(key, ..)| *key == self.key);
        let name = match (self.key, named) {
            (_, Some((_, _, label))) => (*label).to_owned(),
            (Key::F(n), None) => format!("F{n}"),
            (Key::Char(c), None) if self.ctrl => upper(c).to_string(),
            (Key::Char(c), None) => c.to_string(),
            (_, None) => String::new(),
        };
        let ctrl = if self.ctrl { "^" } else { "" };
        let alt = if self.alt { "Alt-" } else { "" };
        let shift = if self.shift { "Shift-" } else { "" };
        f.pad(&format!("{ctrl}{alt}{shift}{name}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn chords_are_read_as_people_write_them() {
        for (word, label) in [
            ("r", "r"),
            ("R", "R"),
            ("shift-r", "R"),
            ("ctrl-R", "^R"),
            ("ctrl-r", "^R"),
            ("space", "Space"),
            ("shift-tab", "Shift-Tab"),
            ("f1", "F1"),
            ("-", "-"),
            ("ctrl--", "^-"),
            ("PageUp", "PgUp"),
        ] {
            let chord: Chord = word.parse().unwrap();
            assert_eq!(chord.to_string(), label, "{word}");
            assert_eq!(chord.word().parse::<Chord>(), Ok(chord), "{word}");
        }
        for bad in ["", "ctrl-", "f0", "f99", "enterr", "hyper-x"] {
            assert!(bad.parse::<Chord>().is_err(), "{bad}");
        }
    }
}
