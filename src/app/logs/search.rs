//! Searching and filtering the log pane: what is typed, the match where the reader stands, the way to the next one.

use super::{Chip, Key, LogPane, Place};
use crate::{
    app::{
        Action, Chord, Effect, Model,
        field::Field,
        pane::{Focus, Tab},
        toasts::Mood,
    },
    domain::log::{Filter, InvalidQuery, Level, Query, Syntax},
};

/// What a text is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To find it.
    Search,
    /// To hide what does not hold it; a leading `!` hides what does.
    Filter,
    /// To go to that moment.
    Time,
}

impl Purpose {
    /// What the same text may be typed for as well.
    const fn other(self) -> Option<Self> {
        match self {
            Self::Search => Some(Self::Filter),
            Self::Filter => Some(Self::Search),
            Self::Time => None,
        }
    }
}

/// The text while it is typed.
#[derive(Debug, Clone)]
pub struct Asking {
    /// What for.
    pub purpose: Purpose,
    /// The text.
    pub field: Field,
    /// Why it cannot be used; what could be used before stays.
    pub error: Option<String>,
    /// Where the reader stood …
    place: Place,
    /// … and the last row that was visible: the match at or above it is the first one.
    anchor: Key,
}

impl LogPane {
    /// Begins to type a text.
    pub fn ask(&mut self, purpose: Purpose) {
        self.picked = None;
        let filter = &self.buffer.sieve().filter;
        let text = match (purpose, &filter.query) {
            (Purpose::Filter, Some(query)) => {
                let not = if filter.inverse { "!" } else { "" };
                format!("{not}{}", query.text())
            }
            (Purpose::Filter, None) => {
                let searched = self.buffer.sieve().query.as_ref();
                searched.map_or_else(String::new, |query| query.text().to_owned())
            }
            (Purpose::Search | Purpose::Time, _) => String::new(),
        };
        self.asking = Some(Asking {
            purpose,
            field: Field::new(&text),
            error: None,
            place: self.place,
            anchor: self.last_visible(),
        });
        if purpose == Purpose::Filter && self.buffer.sieve().filter.query.is_none() {
            self.take_text();
        }
    }

    /// The same text for the other purpose: hides the rest, or only stands out among it.
    fn next_purpose(&mut self) {
        let Some(asking) = &mut self.asking else {
            return;
        };
        let Some(other) = asking.purpose.other() else {
            return;
        };
        asking.purpose = other;
        match other {
            Purpose::Filter => self.end_search(),
            Purpose::Search | Purpose::Time => self.take_away(Chip::Text),
        }
        self.take_text();
    }

    /// Takes what is typed now.
    pub fn take_text(&mut self) {
        let Some(asking) = &self.asking else {
            return;
        };
        let (purpose, text) = (asking.purpose, asking.field.text().to_owned());
        let error = match purpose {
            Purpose::Search => self.search(&text),
            Purpose::Filter => self.filter_by(&text),
            Purpose::Time => Ok(()),
        }
        .err();
        if let Some(asking) = &mut self.asking {
            asking.error = error.map(|error| error.to_string());
        }
    }

    fn search(&mut self, text: &str) -> Result<(), InvalidQuery> {
        let query = self.query(text)?;
        let asking = self.asking.as_ref().filter(|_| query.is_some());
        self.wanted = asking.map(|asking| asking.anchor);
        if let Some(asking) = &self.asking {
            self.place = asking.place;
        }
        self.current = None;
        self.buffer.set_query(query);
        self.work();
        Ok(())
    }

    fn filter_by(&mut self, text: &str) -> Result<(), InvalidQuery> {
        let bare = text.strip_prefix('!');
        let query = self.query(bare.unwrap_or(text))?;
        self.set_filter(Filter {
            inverse: bare.is_some() && query.is_some(),
            query,
            ..self.buffer.sieve().filter.clone()
        });
        Ok(())
    }

    fn query(&self, text: &str) -> Result<Option<Query>, InvalidQuery> {
        if text.is_empty() {
            return Ok(None);
        }
        Query::new(text, self.syntax).map(Some)
    }

    pub(super) fn set_filter(&mut self, filter: Filter) {
        self.buffer.set_filter(filter);
        self.work();
    }

    /// Reads the text the other way: as it stands, or as a regular expression.
    pub fn next_syntax(&mut self) {
        self.syntax = match self.syntax {
            Syntax::Plain => Syntax::Regex,
            Syntax::Regex => Syntax::Plain,
        };
        self.take_text();
    }

    /// Gives up what is typed: nothing is searched for, or hidden by its text, any more.
    fn give_up(&mut self) {
        let Some(asking) = self.asking.take() else {
            return;
        };
        match asking.purpose {
            Purpose::Search => {
                self.end_search();
                self.place = asking.place;
            }
            Purpose::Time => {}
            Purpose::Filter => self.set_filter(Filter {
                query: None,
                ..self.buffer.sieve().filter.clone()
            }),
        }
    }

    pub(super) fn end_search(&mut self) {
        self.buffer.set_query(None);
        (self.current, self.wanted) = (None, None);
    }

    /// Ends the search, else shows everything; false if there was neither.
    pub fn clear_one(&mut self) -> bool {
        if self.buffer.sieve().query.is_some() {
            self.end_search();
        } else if !self.buffer.sieve().filter.is_empty() {
            self.set_filter(Filter::default());
        } else {
            return false;
        }
        true
    }

    /// Everything, warnings and errors, errors.
    pub fn next_level(&mut self) {
        let level = match self.buffer.sieve().filter.level {
            None => Some(Level::Warning),
            Some(Level::Warning) => Some(Level::Error),
            Some(_) => None,
        };
        self.set_filter(Filter {
            level,
            ..self.buffer.sieve().filter.clone()
        });
    }

    /// Both streams, or standard error only.
    pub fn toggle_stderr(&mut self) {
        let filter = self.buffer.sieve().filter.clone();
        self.set_filter(Filter {
            stderr: !filter.stderr,
            ..filter
        });
    }

    /// Looks through a slice of the rows that were there before the question; false if there is nothing left to do.
    pub fn work(&mut self) -> bool {
        let worked = self.buffer.scan();
        let Some(anchor) = self.wanted else {
            return worked;
        };
        let (unseen, buffer) = (self.buffer.unseen(), &self.buffer);
        let at_anchor = buffer.match_from(anchor).filter(|key| *key == anchor);
        let above = at_anchor.or_else(|| buffer.match_before(anchor));
        // What has not been looked at may hold a nearer one.
        let above = above.filter(|key| unseen.is_none_or(|unseen| *key > unseen));
        let first = buffer.match_from(Key::FIRST).filter(|_| unseen.is_none());
        let here = above.or(first);
        if here.is_some() || unseen.is_none() {
            (self.wanted, self.current) = (None, here);
            here.into_iter().for_each(|key| self.reveal(key));
        }
        worked
    }

    /// Goes to the next match, towards newer or older lines; says why where there is none.
    fn go_to_match(&mut self, newer: bool) -> Result<(), &'static str> {
        if self.buffer.sieve().query.is_none() {
            return Err("nothing is searched for");
        }
        let here = self.current.unwrap_or_else(|| self.last_visible());
        let next = if newer {
            self.buffer.match_from(here.next())
        } else {
            self.buffer.match_before(here)
        };
        match next {
            Some(key) => {
                (self.current, self.wanted) = (Some(key), None);
                self.reveal(key);
                self.put_cursor(key);
                Ok(())
            }
            None if newer => Err("no newer line matches"),
            None if self.is_sifted() => Err("no older line matches"),
            None => Err("still looking through older lines"),
        }
    }

    /// The number of the match where the reader stands, from 1 at the oldest.
    #[must_use]
    pub fn match_number(&self) -> Option<usize> {
        let key = self.current?;
        let is_found = self.buffer.match_from(key) == Some(key);
        is_found.then(|| self.buffer.found_before(key) + 1)
    }

    /// True if every row has been looked at.
    #[must_use]
    pub fn is_sifted(&self) -> bool {
        self.buffer.unseen().is_none()
    }
}

impl Model {
    /// Begins to type what to search for, or to filter by, wherever the keys are.
    pub(in crate::app) fn ask_log(&mut self, purpose: Purpose) {
        if self.fleet.project.is_none() {
            return;
        }
        self.show(Tab::Logs);
        self.focus = Focus::Pane;
        self.logs.ask(purpose);
    }

    pub(in crate::app) fn press_in_query(
        &mut self,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        let for_time = |asking: &Asking| asking.purpose == Purpose::Time;
        let is_time = self.logs.asking.as_ref().is_some_and(for_time);
        match action {
            Some(Action::Apply) if is_time => return self.jump(),
            Some(Action::Regex) if is_time => {}
            Some(Action::Apply) => self.logs.asking = None,
            Some(Action::Back) => self.logs.give_up(),
            Some(Action::Regex) => self.logs.next_syntax(),
            Some(Action::NextField | Action::PreviousField) => self.logs.next_purpose(),
            Some(Action::Up) => self.logs.scroll(-1),
            Some(Action::Down) => self.logs.scroll(1),
            _ => {
                if let Some(asking) = &mut self.logs.asking {
                    asking.field.input(chord);
                }
                self.logs.take_text();
            }
        }
        Vec::new()
    }

    pub(in crate::app) fn go_to_match(&mut self, newer: bool) {
        if let Err(why) = self.logs.go_to_match(newer) {
            self.say(Mood::Info, why.to_owned());
        }
    }
}
