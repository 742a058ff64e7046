//! Chords to actions by mode: the defaults of the table, what the operator changed, and the way back for hints.

use super::{
    action::{Action, TABLE},
    chord::Chord,
};
use std::collections::{BTreeMap, BTreeSet};

/// Where a key is pressed decides what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The list of projects: letters act on what is selected.
    List,
    /// A pane of text: letters belong to reading.
    Text,
    /// The log: as in a pane of text, and more.
    Log,
    /// A line of the log is chosen: the cursor moves.
    Pick,
    /// A list over the screen: help, menu, operations.
    Menu,
    /// The fields of the limits editor.
    Limits,
    /// What is searched for in a log, or filtered by: what is not bound is typed.
    Query,
    /// Any other text field: what is not bound is typed.
    Field,
    /// A question with two buttons.
    Dialog,
}

/// What `[keys]` of the hub file says: chords by the name of the action.
pub type Overrides = BTreeMap<String, Vec<String>>;

/// The keys in force.
#[derive(Debug, Clone)]
pub struct KeyMap {
    actions: BTreeMap<(Mode, Chord), Action>,
    /// In the order in which they are shown: the first one is the hint.
    chords: BTreeMap<(Mode, Action), Vec<Chord>>,
}

type Bindings = BTreeMap<Action, Vec<(Mode, Chord)>>;

impl KeyMap {
    /// The defaults with `overrides`; what cannot be done is said in the second part, and the old key stays.
    #[must_use]
    pub fn new(overrides: &Overrides) -> (Self, Vec<String>) {
        let (wished, mut notices) = read(overrides);
        let defaults = defaults();
        let mut kept: BTreeSet<Action> = wished.keys().copied().collect();
        // Taking one override back may make another one clash with the key that is back: until nothing changes.
        while let Some((action, notice)) = find_clash(&defaults, &wished, &kept) {
            kept.remove(&action);
            notices.push(notice);
        }
        (
            Self::from_bindings(&merge(&defaults, &wished, &kept)),
            notices,
        )
    }

    fn from_bindings(bindings: &Bindings) -> Self {
        let mut map = Self {
            actions: BTreeMap::new(),
            chords: BTreeMap::new(),
        };
        for (action, keys) in bindings {
            for (mode, chord) in keys {
                map.actions.insert((*mode, *chord), *action);
                map.chords.entry((*mode, *action)).or_default().push(*chord);
            }
        }
        map
    }

    /// What `chord` means in `mode`.
    #[must_use]
    pub fn action(&self, mode: Mode, chord: Chord) -> Option<Action> {
        self.actions.get(&(mode, chord)).copied()
    }

    /// The chords of `action` in `mode`, the one to hint first.
    #[must_use]
    pub fn chords(&self, mode: Mode, action: Action) -> &[Chord] {
        self.chords.get(&(mode, action)).map_or(&[], Vec::as_slice)
    }

    /// The key to show for `action`: that of `mode`, else of the list.
    #[must_use]
    pub fn hint(&self, mode: Mode, action: Action) -> Option<String> {
        let here = self.chords(mode, action).first();
        let chord = here.or_else(|| self.chords(Mode::List, action).first())?;
        Some(chord.to_string())
    }
}

fn defaults() -> Bindings {
    let keys_of = |keys: &[(&[Mode], &str)]| {
        keys.iter()
            .flat_map(|(modes, words)| {
                words
                    .split(' ')
                    .filter_map(|word| word.parse::<Chord>().ok())
                    .flat_map(|chord| modes.iter().map(move |mode| (*mode, chord)))
            })
            .collect()
    };
    TABLE
        .iter()
        .map(|spec| (spec.action, keys_of(spec.keys)))
        .collect()
}

/// The overrides that can be read; the modes of an action stay those of the table.
fn read(overrides: &Overrides) -> (Bindings, Vec<String>) {
    let (mut wished, mut notices) = (Bindings::new(), Vec::new());
    for (name, words) in overrides {
        let Ok(action) = name.parse::<Action>() else {
            let name = crate::domain::safe::one_line(name);
            notices.push(format!("keys: no action '{name}'; it is ignored"));
            continue;
        };
        let chords: Result<Vec<Chord>, _> = words.iter().map(|word| word.parse()).collect();
        match chords {
            Ok(chords) => {
                let modes = modes_of(action);
                let bound = chords
                    .iter()
                    .flat_map(|chord| modes.iter().map(|mode| (*mode, *chord)));
                wished.insert(action, bound.collect());
            }
            Err(error) => notices.push(format!("keys.{name}: {error}; the old key stays")),
        }
    }
    (wished, notices)
}

fn modes_of(action: Action) -> BTreeSet<Mode> {
    let keys = action.spec().keys;
    if keys.is_empty() {
        return BTreeSet::from([Mode::List]);
    }
    keys.iter()
        .flat_map(|(modes, _)| modes.iter().copied())
        .collect()
}

fn merge(defaults: &Bindings, wished: &Bindings, kept: &BTreeSet<Action>) -> Bindings {
    let pick = |(action, keys): (&Action, &Vec<(Mode, Chord)>)| {
        let own = wished.get(action).filter(|_| kept.contains(action));
        (*action, own.unwrap_or(keys).clone())
    };
    defaults.iter().map(pick).collect()
}

/// The first override that takes a key which another action has, with the words for the operator.
fn find_clash(
    defaults: &Bindings,
    wished: &Bindings,
    kept: &BTreeSet<Action>,
) -> Option<(Action, String)> {
    let merged = merge(defaults, wished, kept);
    let mut owners: BTreeMap<(Mode, Chord), Action> = BTreeMap::new();
    // Actions that keep their old keys come first: they win.
    let old = merged.iter().filter(|(action, _)| !kept.contains(action));
    let new = merged.iter().filter(|(action, _)| kept.contains(action));
    for (action, keys) in old.chain(new) {
        for key in keys {
            let Some(owner) = owners.insert(*key, *action).filter(|o| o != action) else {
                continue;
            };
            let (name, other) = (action.spec().name, owner.spec().name);
            let notice = format!(
                "keys.{name}: {} is the key of {other}; the old key stays",
                key.1
            );
            return Some((*action, notice));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn overrides(pairs: &[(&str, &[&str])]) -> Overrides {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
        pairs
            .iter()
            .map(|(name, list)| ((*name).to_owned(), words(list)))
            .collect()
    }

    fn means(map: &KeyMap, mode: Mode, chord: &str) -> Option<Action> {
        map.action(mode, chord.parse().unwrap())
    }

    #[test]
    fn the_shipped_keys_all_parse_and_never_clash() {
        let mut words = 0;
        for spec in TABLE {
            for (_, keys) in spec.keys {
                for word in keys.split(' ') {
                    assert!(word.parse::<Chord>().is_ok(), "{word}");
                    words += 1;
                }
            }
        }
        assert!(words > 60);
        let mut seen = BTreeMap::new();
        for (action, keys) in defaults() {
            for key in keys {
                assert_eq!(seen.insert(key, action), None, "{key:?} {action:?}");
            }
        }
    }

    #[test]
    fn an_override_replaces_the_old_keys() {
        let (map, notices) = KeyMap::new(&overrides(&[("restart", &["R", "ctrl-t"])]));
        assert_eq!(notices, Vec::<String>::new());
        assert_eq!(means(&map, Mode::List, "R"), Some(Action::Restart));
        assert_eq!(means(&map, Mode::List, "r"), None);
        assert_eq!(map.hint(Mode::List, Action::Restart).unwrap(), "R");
    }

    #[test]
    fn a_clash_or_an_unknown_name_is_said_and_the_old_key_stays() {
        let wishes = overrides(&[
            ("restart", &["s"]),
            ("explode", &["e"]),
            ("wrap", &["hyper-w"]),
        ]);
        let (map, notices) = KeyMap::new(&wishes);
        assert_eq!(notices.len(), 3, "{notices:?}");
        assert!(
            notices
                .iter()
                .any(|n| n == "keys.restart: s is the key of stop; the old key stays")
        );
        assert_eq!(means(&map, Mode::List, "r"), Some(Action::Restart));
        assert_eq!(means(&map, Mode::List, "s"), Some(Action::Stop));
        assert_eq!(means(&map, Mode::Log, "w"), Some(Action::Wrap));
    }

    #[test]
    fn two_actions_can_swap_their_keys() {
        let (map, notices) = KeyMap::new(&overrides(&[("restart", &["s"]), ("stop", &["r"])]));
        assert_eq!(notices, Vec::<String>::new());
        assert_eq!(means(&map, Mode::List, "s"), Some(Action::Restart));
        assert_eq!(means(&map, Mode::List, "r"), Some(Action::Stop));
    }
}
