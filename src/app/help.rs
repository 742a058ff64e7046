//! What the help of a mode says: every action that has a key there, and the signs on the screen.

use super::{
    Model,
    action::{Action, Spec, TABLE},
    keymap::Mode,
};

/// Signs of the log, and what the mouse does there.
const LOG_SIGNS: [(&str, &str); 6] = [
    (
        "E  W",
        "an error, a warning, beside its line; the title counts them",
    ),
    (
        "~",
        "came late, after later lines of others; stands at its time",
    ),
    ("(name)", "a muted service: followed, but not shown"),
    ("±3", "with three lines around each that the filter wants"),
    (
        "a click",
        "on a service: it alone, again: all; on its counts: mute it",
    ),
    ("", "on what filters or is searched for: take it away"),
];
const SAME_TEXT: &str = "while typing: hide the rest, or only highlight the same text";

impl Model {
    /// The rows of the help: keys or signs, and what they mean.
    #[must_use]
    pub fn help(&self, mode: Mode) -> Vec<(String, &'static str)> {
        let keys = |mode, spec: &Spec| {
            let chords = self.keys.chords(mode, spec.action);
            let words: Vec<String> = chords.iter().map(ToString::to_string).collect();
            (!words.is_empty()).then(|| words.join("  "))
        };
        let bound = |spec: &'static Spec| Some((keys(mode, spec)?, spec.help));
        let mut rows: Vec<_> = TABLE.iter().filter_map(bound).collect();
        if mode == Mode::Log {
            let key = keys(Mode::Query, Action::NextField.spec());
            rows.extend(key.map(|key| (key, SAME_TEXT)));
            rows.extend(LOG_SIGNS.map(|(sign, help)| (sign.to_owned(), help)));
        }
        rows
    }
}
