//! What hides lines or is searched for, one by one: each can be taken away by itself.

use super::{LogPane, search::Purpose};
use crate::{
    app::{Model, toasts::Mood},
    domain::log::Filter,
};

/// Lines around what a filter wants, key press by key press.
const AROUND: [u32; 3] = [0, 3, 10];

/// One of the things that say what of a log is shown or found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chip {
    /// Only entries that are at least so bad.
    Level,
    /// Only standard error.
    Stderr,
    /// Only entries that hold a text, or none that does.
    Text,
    /// So many lines around those.
    Around,
    /// What is searched for.
    Search,
}

impl LogPane {
    /// Takes one away; the others stay.
    pub fn take_away(&mut self, chip: Chip) {
        let filter = self.buffer.sieve().filter.clone();
        match chip {
            Chip::Search => {
                self.stop_asking(Purpose::Search);
                self.end_search();
            }
            Chip::Around => self.buffer.set_context(0),
            Chip::Text => {
                self.stop_asking(Purpose::Filter);
                self.set_filter(Filter {
                    query: None,
                    inverse: false,
                    ..filter
                });
            }
            Chip::Level => self.set_filter(Filter {
                level: None,
                ..filter
            }),
            Chip::Stderr => self.set_filter(Filter {
                stderr: false,
                ..filter
            }),
        }
    }

    fn stop_asking(&mut self, purpose: Purpose) {
        let other = |asking: &super::search::Asking| asking.purpose != purpose;
        self.asking = self.asking.take().filter(other);
    }

    /// The next number of lines around what a filter wants.
    fn next_around(&mut self) -> u32 {
        let now = self.buffer.sieve().context;
        let next = AROUND.into_iter().find(|rows| *rows > now).unwrap_or(0);
        self.buffer.set_context(next);
        self.work();
        next
    }
}

impl Model {
    /// More lines around what a filter wants, or none again; says so where nothing is seen of it.
    pub(in crate::app) fn next_around(&mut self) {
        let rows = self.logs.next_around();
        if self.logs.buffer.sieve().around() == 0 && rows > 0 {
            let text = format!("{rows} lines around what a filter shows, once there is one");
            self.say(Mood::Info, text);
        }
    }
}
