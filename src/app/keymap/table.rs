//! The keys in force as a table, for people and for scripts.

use super::{KeyMap, Mode};
use crate::{
    app::action::{Action, Spec, TABLE},
    domain::KeyWishes,
};

/// One action and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its name, as `[keys]` and the palette know it.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its chords where it has any, as `[keys]` writes them.
    pub keys: Vec<(&'static str, Vec<String>)>,
}

impl KeyRow {
    /// All keys in one text: once where they are the same everywhere.
    #[must_use]
    pub fn text(&self) -> String {
        let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
        for (place, words) in &self.keys {
            let words = words.join(" ");
            match groups.iter_mut().find(|(_, known)| *known == words) {
                Some((places, _)) => places.push(place),
                None => groups.push((vec![place], words)),
            }
        }
        match groups.as_slice() {
            [] => "–".to_owned(),
            [(_, words)] => words.clone(),
            many => {
                let parts = many
                    .iter()
                    .map(|(places, words)| format!("{words} ({})", places.join(", ")));
                parts.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// Every action with its keys under `wishes`, and a sentence about each wish that cannot be had.
#[must_use]
pub fn key_table(wishes: &KeyWishes) -> (Vec<KeyRow>, Vec<String>) {
    let (keys, notices) = KeyMap::new(wishes);
    (TABLE.iter().map(|spec| row(&keys, spec)).collect(), notices)
}

fn row(keys: &KeyMap, spec: &Spec) -> KeyRow {
    let here = |mode: Mode, action: Action| {
        let chords = keys.chords(mode, action).iter();
        let words: Vec<String> = chords.map(|chord| chord.word()).collect();
        (!words.is_empty()).then_some((mode.as_str(), words))
    };
    let places = Mode::ALL.into_iter();
    KeyRow {
        name: spec.name,
        help: spec.help,
        keys: places.filter_map(|mode| here(mode, spec.action)).collect(),
    }
}
