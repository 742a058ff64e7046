//! Chords to actions by mode: the defaults of the table, what the operator changed, and the way back for hints.

pub mod preset;
pub mod table;

mod wishes;

use super::{
    action::{Action, TABLE},
    chord::Chord,
};
use crate::domain::KeyWishes;
use std::collections::{BTreeMap, BTreeSet};
use wishes::Clash;

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

impl Mode {
    /// Every mode, in the order in which tables show them.
    pub const ALL: [Self; 9] = [
        Self::List,
        Self::Text,
        Self::Log,
        Self::Pick,
        Self::Menu,
        Self::Limits,
        Self::Query,
        Self::Field,
        Self::Dialog,
    ];

    /// Its name in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Text => "pane",
            Self::Log => "log",
            Self::Pick => "line",
            Self::Menu => "menu",
            Self::Limits => "limits",
            Self::Query => "search",
            Self::Field => "field",
            Self::Dialog => "question",
        }
    }

    /// Where it is, in a sentence.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::List => "the list",
            Self::Text => "a pane",
            Self::Log => "the log",
            Self::Pick => "the log with a line chosen",
            Self::Menu => "menus",
            Self::Limits => "the limits editor",
            Self::Query => "the search field",
            Self::Field => "fields",
            Self::Dialog => "questions",
        }
    }

    /// True where a key that is a character is typed.
    #[must_use]
    pub const fn is_typing(self) -> bool {
        matches!(self, Self::Limits | Self::Query | Self::Field)
    }
}

/// The keys in force.
#[derive(Debug, Clone)]
pub struct KeyMap {
    actions: BTreeMap<(Mode, Chord), Action>,
    /// In the order in which they are shown: the first one is the hint.
    chords: BTreeMap<(Mode, Action), Vec<Chord>>,
}

/// Chords by what they do and where; an action without a key somewhere has an empty list there or none.
type Bindings = BTreeMap<(Action, Mode), Vec<Chord>>;

impl KeyMap {
    /// The keys of a preset with the operator's own `wishes`; what cannot be done is said in the second part, a sentence
    /// each, and the old key stays.
    #[must_use]
    pub fn new(wishes: &KeyWishes) -> (Self, Vec<String>) {
        let (base, unknown) = wishes::base(wishes);
        let (wished, unread) = wishes::read(wishes);
        let mut notices: Vec<String> = unknown.into_iter().chain(unread).collect();
        let (kept, clashes, own) = settle(&base, &wished);
        notices.extend(wishes::say_clashes(wishes, &clashes));
        notices.extend(own.map(|clash| {
            let (chord, place) = (clash.chord, clash.mode.place());
            format!(
                "keys: {chord} has two meanings in {place}: the wishes of the hub file do not count"
            )
        }));
        (Self::from_bindings(&merge(&base, &wished, &kept)), notices)
    }

    fn from_bindings(bindings: &Bindings) -> Self {
        let mut map = Self {
            actions: BTreeMap::new(),
            chords: BTreeMap::new(),
        };
        for ((action, mode), chords) in bindings {
            let all = chords.iter().map(|chord| ((*mode, *chord), *action));
            map.actions.extend(all);
            map.chords.insert((*mode, *action), chords.clone());
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

/// Keys by mode, as tables write them.
type Written = &'static [(&'static [Mode], &'static str)];

fn bindings_of(
    action: Action,
    keys: Written,
) -> impl Iterator<Item = ((Action, Mode), Vec<Chord>)> {
    keys.iter().flat_map(move |(modes, words)| {
        let chords: Vec<Chord> = words
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        modes
            .iter()
            .map(move |mode| ((action, *mode), chords.clone()))
    })
}

fn defaults() -> Bindings {
    let mut all = Bindings::new();
    for spec in TABLE {
        for (key, chords) in bindings_of(spec.action, spec.keys) {
            all.entry(key).or_default().extend(chords);
        }
    }
    all
}

fn merge(base: &Bindings, wished: &Bindings, kept: &BTreeSet<(Action, Mode)>) -> Bindings {
    let mut merged = base.clone();
    let kept = wished.iter().filter(|(key, _)| kept.contains(key));
    merged.extend(kept.map(|(key, chords)| (*key, chords.clone())));
    merged
}

/// Which wishes count, which clash, and a clash of the keys that are built in, where no wish can be judged.
fn settle(
    base: &Bindings,
    wished: &Bindings,
) -> (BTreeSet<(Action, Mode)>, Vec<Clash>, Option<Clash>) {
    let mut kept: BTreeSet<(Action, Mode)> = wished.keys().copied().collect();
    let mut clashes = Vec::new();
    // Taking one wish back may make another one clash with the key that is back: until nothing changes.
    while let Some(clash) = find_clash(base, wished, &kept) {
        if !kept.remove(&(clash.action, clash.mode)) {
            return (BTreeSet::new(), clashes, Some(clash));
        }
        clashes.push(clash);
    }
    (kept, clashes, None)
}

/// The first wish that takes a key which another action has.
fn find_clash(
    base: &Bindings,
    wished: &Bindings,
    kept: &BTreeSet<(Action, Mode)>,
) -> Option<Clash> {
    let merged = merge(base, wished, kept);
    let mut owners: BTreeMap<(Mode, Chord), Action> = BTreeMap::new();
    // Actions that keep their old keys come first: they win.
    let old = merged.iter().filter(|(key, _)| !kept.contains(key));
    let new = merged.iter().filter(|(key, _)| kept.contains(key));
    for ((action, mode), chords) in old.chain(new) {
        for chord in chords {
            let owner = owners.insert((*mode, *chord), *action);
            if let Some(owner) = owner.filter(|owner| owner != action) {
                return Some(Clash {
                    action: *action,
                    mode: *mode,
                    chord: *chord,
                    owner,
                });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
