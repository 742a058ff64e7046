//! What the operator wishes keys to mean: words to bindings, and a sentence about each that cannot be had.

use super::{
    Bindings, Mode, bindings_of, defaults,
    preset::{self, PRESETS},
};
use crate::{
    app::{action::Action, chord::Chord},
    domain::{KeyWish, KeyWishes, safe::one_line},
};
use std::collections::{BTreeMap, BTreeSet};

/// A wish that takes the key of another action.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clash {
    pub(super) action: Action,
    pub(super) mode: Mode,
    pub(super) chord: Chord,
    pub(super) owner: Action,
}

/// The keys to begin with: those of the table, changed by the preset.
pub(super) fn base(wishes: &KeyWishes) -> (Bindings, Option<String>) {
    let mut keys = defaults();
    let name = |wish: &KeyWish| wish.words.join(" ");
    let found = match &wishes.preset {
        None => Ok(&PRESETS[0]),
        Some(wish) => preset::find(&name(wish)).ok_or_else(|| {
            let (place, name) = (wish.place(), one_line(&name(wish)));
            let names = PRESETS.map(|preset| preset.name).join(", ");
            format!("{place}keys.preset: there is no preset '{name}': use one of {names}")
        }),
    };
    let preset = *found.as_ref().unwrap_or(&&PRESETS[0]);
    for (action, written) in preset.keys {
        keys.extend(bindings_of(*action, written));
    }
    (keys, found.err())
}

/// The wishes that can be read, and a sentence about each that cannot. An action's modes stay those of the table.
pub(super) fn read(wishes: &KeyWishes) -> (Bindings, Vec<String>) {
    let (mut wished, mut notices) = (Bindings::new(), Vec::new());
    for (name, wish) in &wishes.actions {
        match read_one(name, wish) {
            Ok(bindings) => wished.extend(bindings),
            Err(why) => notices.push(format!("{}{why}", wish.place())),
        }
    }
    (wished, notices)
}

fn read_one(name: &str, wish: &KeyWish) -> Result<Bindings, String> {
    let Ok(action) = name.parse::<Action>() else {
        let name = one_line(name);
        return Err(format!("keys: no action '{name}'; it is ignored"));
    };
    let chords: Result<Vec<Chord>, _> = wish.words.iter().map(|word| word.parse()).collect();
    let chords = chords.map_err(|error| format!("keys.{name}: {error}; the old key stays"))?;
    // What is in the palette can be done without a key; a way back, or the end of a field, cannot.
    if chords.is_empty() && !action.spec().palette {
        return Err(format!("keys.{name}: it needs a key; the old one stays"));
    }
    let all = modes_of(action).into_iter().filter_map(|mode| {
        let fits = |chord: &&Chord| !(mode.is_typing() && chord.typed().is_some());
        let here: Vec<Chord> = chords.iter().filter(fits).copied().collect();
        // Where only characters are wished for and those are typed, the old key stays without a word.
        (chords.is_empty() || !here.is_empty()).then_some(((action, mode), here))
    });
    Ok(all.collect())
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

/// A sentence about each clash; the same one in several modes is one.
pub(super) fn say_clashes(wishes: &KeyWishes, clashes: &[Clash]) -> Vec<String> {
    let mut places: BTreeMap<(Action, Chord, Action), BTreeSet<Mode>> = BTreeMap::new();
    for clash in clashes {
        let key = (clash.action, clash.chord, clash.owner);
        places.entry(key).or_default().insert(clash.mode);
    }
    let sentence = |((action, chord, owner), modes): ((Action, Chord, Action), BTreeSet<Mode>)| {
        let (name, other) = (action.spec().name, owner.spec().name);
        let line = wishes.actions.get(name).map(KeyWish::place);
        let places: Vec<&str> = modes.into_iter().map(Mode::place).collect();
        format!(
            "{}keys.{name}: {chord} is the key of {other} in {}; the old key stays there",
            line.unwrap_or_default(),
            places.join(" and ")
        )
    };
    places.into_iter().map(sentence).collect()
}
