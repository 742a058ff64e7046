//! What keys are wished to mean, as the operator wrote it: names and chords are words here, and the screen understands them.

use std::collections::BTreeMap;

/// Wishes for keys, those of a hub file as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyWishes {
    /// The set of keys to begin with, by its name.
    pub preset: Option<KeyWish>,
    /// Chords by the name of the action that they are for.
    pub actions: BTreeMap<String, KeyWish>,
}

/// What was written for one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyWish {
    /// The words, in the order in which they were written.
    pub words: Vec<String>,
    /// The line, from 1; 0 if it stands in no file.
    pub line: usize,
}

impl KeyWish {
    /// How a message about it begins.
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            0 => String::new(),
            line => format!("hub file line {line}: "),
        }
    }
}

impl KeyWishes {
    /// True if both wish for the same, on whatever lines.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let words = |wish: &KeyWish| wish.words.clone();
        let all = |wishes: &Self| -> Vec<_> {
            let actions = wishes.actions.iter();
            actions
                .map(|(name, wish)| (name.clone(), words(wish)))
                .collect()
        };
        self.preset.as_ref().map(words) == other.preset.as_ref().map(words)
            && all(self) == all(other)
    }
}

/// The theme that is wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeWish {
    /// Its name, or the word for one that goes with the terminal.
    pub name: String,
    /// The line that names it, from 1; 0 if none does.
    pub line: usize,
}
