//! Short messages that go away by themselves.

use std::{collections::VecDeque, time::Duration};

/// Messages on the screen at once; older ones make room.
pub const TOASTS_MAX: usize = 4;
/// How long good news stay.
const SHORT: Duration = Duration::from_secs(6);
/// How long bad news stay: long enough to be read after looking up.
const LONG: Duration = Duration::from_secs(20);

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It worked.
    Good,
    /// Just so that you know.
    Info,
    /// It did not work.
    Bad,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// How it is meant.
    pub mood: Mood,
    /// The words.
    pub text: String,
    /// When it goes away.
    pub until: Duration,
}

/// The messages, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Toasts {
    list: VecDeque<Toast>,
}

impl Toasts {
    /// Shows a message; the same one again only lasts longer.
    pub fn push(&mut self, mood: Mood, text: String, up: Duration) {
        let lasts = if mood == Mood::Bad { LONG } else { SHORT };
        self.push_for(lasts, mood, text, up);
    }

    /// Shows what turned red: not for long, because the list shows it as well, and the timeline keeps it.
    pub fn push_alarm(&mut self, text: String, up: Duration) {
        self.push_for(SHORT, Mood::Bad, text, up);
    }

    fn push_for(&mut self, lasts: Duration, mood: Mood, text: String, up: Duration) {
        self.list.retain(|toast| toast.text != text);
        self.list.push_back(Toast {
            mood,
            text,
            until: up + lasts,
        });
        while self.list.len() > TOASTS_MAX {
            self.list.pop_front();
        }
    }

    /// Takes away what is over; true if there was something.
    pub fn expire(&mut self, up: Duration) -> bool {
        let before = self.list.len();
        self.list.retain(|toast| toast.until > up);
        self.list.len() != before
    }

    /// Takes all away; true if there was something.
    pub fn clear(&mut self) -> bool {
        let any = !self.list.is_empty();
        self.list.clear();
        any
    }

    /// The messages, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Toast> {
        self.list.iter()
    }

    /// When the next one goes away.
    #[must_use]
    pub fn next_end(&self) -> Option<Duration> {
        self.list.iter().map(|toast| toast.until).min()
    }
}
