//! Whether secrets are hidden in the lines of the log pane. They are, unless the operator has asked to see them.

use super::Shape;
use crate::{
    app::{Model, overlay::confirm::Confirm, toasts::Mood},
    domain::{LogLine, Secret, log::Masker, safe::LogText},
};
use std::borrow::Cow;

/// Stands between the lines that are kept and whoever reads them: on the screen, in the clipboard, in a file.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    masker: Masker,
    open: bool,
}

impl Guard {
    /// Hides these, too.
    pub(super) fn learn(&mut self, secrets: Vec<Secret>) {
        self.masker.learn(secrets);
    }

    /// True if secrets are shown.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows secrets, or hides them again.
    pub fn set_open(&mut self, open: bool) {
        self.open = open;
    }

    /// What may be seen of a line in a shape, with its colours; `stamped` lines have their time before them. What its
    /// escapes stand for may be a secret, too.
    #[must_use]
    pub fn text_of<'a>(&self, line: &'a LogLine, shape: Shape, stamped: bool) -> Cow<'a, str> {
        let shaped = shape.text_of(line, stamped);
        if self.open {
            return shaped;
        }
        if let Cow::Owned(text) = shaped {
            return Cow::Owned(self.masker.coloured(&text).into_owned());
        }
        match self.masker.line(line) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_str()),
            Cow::Owned(text) => Cow::Owned(LogText::into_string(text)),
        }
    }
}

impl Model {
    /// Asks whether secrets are to be shown in the log that is open; hides them at once.
    pub(in crate::app) fn toggle_secrets(&mut self) {
        if self.logs.guard.is_open() {
            self.logs.guard.set_open(false);
        } else if self.logs.services.is_empty() {
            self.say(Mood::Info, "no log is open".to_owned());
        } else {
            self.ask(Confirm::show_secrets(&self.known, &self.logs.services));
        }
    }
}
