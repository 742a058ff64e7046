//! Sets of keys for hands that are used to another program: what differs from the defaults of the table.

use super::{
    Mode::{self, Dialog, Field, Limits, List, Log, Menu, Pick, Query, Text},
    Written,
};
use crate::app::action::Action;

/// A set of keys.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name in `keys.preset`.
    pub name: &'static str,
    /// Whom it is for.
    pub about: &'static str,
    /// What differs: where keys are named for a mode they replace those of the table there; none takes them away.
    pub(super) keys: &'static [(Action, Written)],
}

const READING: &[Mode] = &[List, Text, Log, Pick];
const EVERYWHERE: &[Mode] = &[List, Text, Log, Pick, Menu, Limits, Field, Query, Dialog];

/// All of them; the first one is what holds without a word.
pub const PRESETS: [Preset; 3] = [
    Preset {
        name: "default",
        about: "the keys of the tables in this documentation",
        keys: &[],
    },
    Preset {
        name: "lazydocker",
        about: "E shell, m logs, w URLs, h and l for left and right, d opens the menu",
        keys: LAZYDOCKER,
    },
    Preset {
        name: "k9s",
        about: "s shell, ^K stop, e limits, ^Z only problems",
        keys: K9S,
    },
];

/// There `d` asks what to remove: here the menu does, which has everything.
#[rustfmt::skip] // a table
const LAZYDOCKER: &[(Action, Written)] = &[
    (Action::Urls, &[(&[List], "w u")]),
    (Action::ShowLogs, &[(&[List], "m 2"), (&[Text], "m 2")]),
    (Action::ShowWhy, &[(&[List], "i 1")]),
    (Action::Menu, &[(&[List], "x d")]),
    (Action::Help, &[(READING, "? f1")]),
    (Action::Left, &[(READING, "left h")]),
    (Action::Right, &[(READING, "right l")]),
];

/// There `ctrl-d` deletes: here it scrolls, as everywhere; `ctrl-k` kills there and asks whether to stop here.
#[rustfmt::skip] // as above
const K9S: &[(Action, Written)] = &[
    (Action::Console, &[(&[List], "s")]),
    (Action::Stop, &[(&[List], "ctrl-k")]),
    (Action::ShowLimits, &[(&[List], "e L 3")]),
    (Action::Problems, &[(&[List], "! ctrl-z")]),
    (Action::Suspend, &[(EVERYWHERE, "")]),
];

/// The preset of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}
