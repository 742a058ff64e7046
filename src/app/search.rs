//! Searching and filtering the log pane: what is typed, the match where the reader stands, the way to the next one.

use super::{
    Action, Chord, Effect, Model,
    field::Field,
    logs::{LogPane, Place},
    pane::{Focus, Tab},
    ring::Key,
    toasts::Mood,
};
use crate::domain::log::{Filter, InvalidQuery, Level, Query, Syntax};

/// What a text is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To find it.
    Search,
    /// To hide what does not hold it; a leading `!` hides what does.
    Filter,
}

/// The text while it is typed.
#[derive(Debug, Clone)]
pub struct Asking {
    /// What for.
    pub purpose: Purpose,
    /// The text.
    pub field: Field,
    /// Why it cannot be used; what could be used before stays.
    pub error: Option<InvalidQuery>,
    /// Where the reader stood …
    place: Place,
    /// … and the last row that was visible: the match at or above it is the first one.
    anchor: Key,
}

impl LogPane {
    /// Begins to type a text.
    pub fn ask(&mut self, purpose: Purpose) {
        let filter = self.sieve.filter();
        let text = match (purpose, &filter.query) {
            (Purpose::Filter, Some(query)) => {
                let not = if filter.inverse { "!" } else { "" };
                format!("{not}{}", query.text())
            }
            _ => String::new(),
        };
        self.asking = Some(Asking {
            purpose,
            field: Field::new(&text),
            error: None,
            place: self.place,
            anchor: self.last_visible(),
        });
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
        }
        .err();
        if let Some(asking) = &mut self.asking {
            asking.error = error;
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
        self.sieve.set_query(query);
        self.work();
        Ok(())
    }

    fn filter_by(&mut self, text: &str) -> Result<(), InvalidQuery> {
        let bare = text.strip_prefix('!');
        let query = self.query(bare.unwrap_or(text))?;
        self.set_filter(Filter {
            inverse: bare.is_some() && query.is_some(),
            query,
            ..self.sieve.filter().clone()
        });
        Ok(())
    }

    fn query(&self, text: &str) -> Result<Option<Query>, InvalidQuery> {
        if text.is_empty() {
            return Ok(None);
        }
        Query::new(text, self.syntax).map(Some)
    }

    fn set_filter(&mut self, filter: Filter) {
        self.sieve.set_filter(filter);
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
            Purpose::Filter => self.set_filter(Filter {
                query: None,
                ..self.sieve.filter().clone()
            }),
        }
    }

    fn end_search(&mut self) {
        self.sieve.set_query(None);
        (self.current, self.wanted) = (None, None);
    }

    /// Ends the search, else shows everything; false if there was neither.
    pub fn clear_one(&mut self) -> bool {
        if self.sieve.query().is_some() {
            self.end_search();
        } else if !self.sieve.filter().is_empty() {
            self.set_filter(Filter::default());
        } else {
            return false;
        }
        true
    }

    /// Everything, warnings and errors, errors.
    pub fn next_level(&mut self) {
        let level = match self.sieve.filter().level {
            None => Some(Level::Warning),
            Some(Level::Warning) => Some(Level::Error),
            Some(_) => None,
        };
        self.set_filter(Filter {
            level,
            ..self.sieve.filter().clone()
        });
    }

    /// Both streams, or standard error only.
    pub fn toggle_stderr(&mut self) {
        let filter = self.sieve.filter().clone();
        self.set_filter(Filter {
            stderr: !filter.stderr,
            ..filter
        });
    }

    /// Looks through a slice of the rows that were there before the question; false if there is nothing left to do.
    pub fn work(&mut self) -> bool {
        let worked = self.sieve.scan(&self.ring);
        if let Some(anchor) = self.wanted {
            let found = self.sieve.found();
            let last = self.sieve.is_done();
            let first = found.get(0).filter(|_| last);
            let at_anchor = found.get(found.index_of(anchor)).filter(|k| *k == anchor);
            let here = at_anchor.or_else(|| found.before(anchor)).or(first);
            if here.is_some() || last {
                self.wanted = None;
                self.current = here;
                here.into_iter().for_each(|key| self.reveal(key));
            }
        }
        worked
    }

    /// Goes to the next match, towards newer or older lines; says why where there is none.
    fn go_to_match(&mut self, newer: bool) -> Result<(), &'static str> {
        if self.sieve.query().is_none() {
            return Err("nothing is searched for");
        }
        let (found, done) = (self.sieve.found(), self.sieve.is_done());
        let here = self.current.unwrap_or_else(|| self.last_visible());
        let next = if newer {
            found.after(here)
        } else {
            found.before(here)
        };
        match next {
            Some(key) => {
                (self.current, self.wanted) = (Some(key), None);
                self.reveal(key);
                Ok(())
            }
            None if newer => Err("no newer line matches"),
            None if done => Err("no older line matches"),
            None => Err("still looking through older lines"),
        }
    }

    /// The number of the match where the reader stands, from 1 at the oldest.
    #[must_use]
    pub fn match_number(&self) -> Option<usize> {
        let (key, found) = (self.current?, self.sieve.found());
        let index = found.index_of(key);
        (found.get(index) == Some(key)).then_some(index + 1)
    }
}

impl Model {
    /// Begins to type what to search for, or to filter by, wherever the keys are.
    pub(super) fn ask_log(&mut self, purpose: Purpose) {
        if self.fleet.project.is_none() {
            return;
        }
        self.show(Tab::Logs);
        self.focus = Focus::Pane;
        self.logs.ask(purpose);
    }

    pub(super) fn press_in_query(&mut self, chord: Chord, action: Option<Action>) -> Vec<Effect> {
        match action {
            Some(Action::Apply) => self.logs.asking = None,
            Some(Action::Back) => self.logs.give_up(),
            Some(Action::Regex) => self.logs.next_syntax(),
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

    pub(super) fn go_to_match(&mut self, newer: bool) {
        if let Err(why) = self.logs.go_to_match(newer) {
            self.say(Mood::Info, why.to_owned());
        }
    }
}
