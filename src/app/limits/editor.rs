//! The editor: three fields for one service or for many, checked while they are typed. What nobody touches stays as it is.

use super::Limit;
use crate::{
    app::{chord::Chord, field::Field},
    domain::{Limits, ServiceId, limits::Capacity},
};

/// Where the new value of a field comes from.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    /// Nobody chose one: what is in force stays.
    Kept,
    /// It is typed, the same for all services.
    Typed,
    /// Each service gets its own, in the order of the services: a preset, or what was there before.
    Each {
        /// What they are called together.
        name: String,
        /// Only the field's own part counts.
        values: Vec<Limits>,
    },
}

/// The editor of the limits of one service or of many.
#[derive(Debug, Clone)]
pub struct LimitsEditor {
    /// The services, at least one.
    pub services: Vec<ServiceId>,
    /// The fields, in the order of [`Limit::ALL`].
    pub fields: [Field; 3],
    /// Which field has the keys.
    pub focus: usize,
    /// What the hub file said of each service when something was first touched.
    pub seen: Vec<Limits>,
    /// How many changes back the fields lead; 0: none.
    pub back: usize,
    sources: [Source; 3],
}

impl LimitsEditor {
    /// An editor of `services` that has shown nothing yet.
    #[must_use]
    pub fn new(services: Vec<ServiceId>) -> Self {
        Self {
            services,
            fields: Limit::ALL.map(|_| Field::new("")),
            focus: 0,
            seen: Vec::new(),
            back: 0,
            sources: Limit::ALL.map(|_| Source::Kept),
        }
    }

    /// True if it is about more than one service.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.services.len() > 1
    }

    /// True if something was chosen that is not in force.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.sources.iter().any(|source| *source != Source::Kept)
    }

    /// Shows what is in force (`now`) in the fields that nobody touched. What the hub file says (`saved`) is what a
    /// change is based on, until something is touched.
    pub fn follow(&mut self, now: &[Limits], saved: Vec<Limits>) {
        if !self.is_touched() {
            self.seen = saved;
        }
        for (n, limit) in Limit::ALL.into_iter().enumerate() {
            let text = common(limit, now);
            if self.sources[n] == Source::Kept && self.fields[n].text() != text {
                self.fields[n].set(&text);
            }
        }
    }

    /// Takes a key into the field.
    pub fn input(&mut self, chord: Chord) {
        self.edit(|field| {
            field.input(chord);
        });
    }

    /// Takes pasted text into the field.
    pub fn paste(&mut self, text: &str) {
        self.edit(|field| field.paste(text));
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Field)) {
        let n = self.focused();
        let before = self.fields[n].text().to_owned();
        edit(&mut self.fields[n]);
        if self.fields[n].text() == before {
            return;
        }
        self.back = 0;
        // An empty field of many services means that each keeps its own.
        let is_empty = self.is_many() && self.fields[n].text().is_empty();
        self.sources[n] = if is_empty {
            Source::Kept
        } else {
            Source::Typed
        };
    }

    /// Number of the field that has the keys, 0 to 2.
    #[must_use]
    pub fn focused(&self) -> usize {
        self.focus.min(Limit::ALL.len() - 1)
    }

    /// Moves on by `step` fields, around the ends.
    pub fn move_focus(&mut self, step: usize) {
        self.focus = (self.focus + step) % self.fields.len();
    }

    /// Puts a value for each service into a field.
    pub fn put(&mut self, n: usize, name: &str, values: Vec<Limits>) {
        let (Some(limit), Some(field)) = (Limit::ALL.get(n), self.fields.get_mut(n)) else {
            return;
        };
        field.set(&common(*limit, &values));
        let name = name.to_owned();
        self.sources[n] = Source::Each { name, values };
    }

    /// Puts the default of each service into the field.
    pub fn put_default(&mut self) {
        let defaults = self.services.iter().map(|id| Limits::default_of(id.kind));
        self.back = 0;
        self.put(self.focused(), "default", defaults.collect());
    }

    /// Forgets what was chosen.
    pub fn take_back(&mut self) {
        self.back = 0;
        self.sources = Limit::ALL.map(|_| Source::Kept);
    }

    /// What stands in a field that has no text.
    #[must_use]
    pub fn placeholder(&self, n: usize, now: &[Limits]) -> &str {
        let is_none = |limit: &Limit| now.iter().all(|now| limit.is_none(*now));
        match self.sources.get(n) {
            Some(Source::Each { name, .. }) => name,
            Some(Source::Kept) if Limit::ALL.get(n).is_some_and(is_none) => "none",
            Some(Source::Kept) => "mixed",
            Some(Source::Typed) | None => "",
        }
    }

    /// What is wrong with each field, with what is allowed.
    #[must_use]
    pub fn errors(&self, host: Capacity) -> [Option<String>; 3] {
        let error = |n: usize, limit: Limit| match &self.sources[n] {
            Source::Kept => None,
            Source::Typed => self.error_of(limit, self.fields[n].text(), host),
            Source::Each { values, .. } => {
                let mut texts = values.iter().map(|value| limit.typed(*value));
                texts.find_map(|text| self.error_of(limit, &text, host))
            }
        };
        let [cpus, memory, pids] = Limit::ALL;
        [error(0, cpus), error(1, memory), error(2, pids)]
    }

    fn error_of(&self, limit: Limit, text: &str, host: Capacity) -> Option<String> {
        let first = self.services.first()?;
        let any = Limits::default_of(first.kind);
        limit.parse(any, text, host).err().map(|e| e.to_string())
    }

    /// What the `at`-th service gets, of which `now` is in force; `None` if a field is wrong.
    #[must_use]
    pub fn wished(&self, at: usize, now: Limits, host: Capacity) -> Option<Limits> {
        let mut wished = now;
        for (n, limit) in Limit::ALL.into_iter().enumerate() {
            wished = match &self.sources[n] {
                Source::Kept => wished,
                Source::Typed => limit.parse(wished, self.fields[n].text(), host).ok()?,
                Source::Each { values, .. } => limit.put(wished, *values.get(at)?),
            };
        }
        Some(wished)
    }
}

/// The text of a value that is the same everywhere; else none.
fn common(limit: Limit, values: &[Limits]) -> String {
    let mut texts = values.iter().map(|value| limit.typed(*value));
    let first = texts.next().unwrap_or_default();
    if texts.all(|text| text == first) {
        first
    } else {
        String::new()
    }
}
