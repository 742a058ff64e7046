//! The entries of one project in order, each said once, the oldest dropped when there are too many.

use super::{ENTRIES_MAX, Entry, GAP, SPAN};
use crate::domain::{State, Timestamp, timeline::What};
use std::sync::Arc;

/// Entries by when they happened first, oldest first.
#[derive(Debug, Clone)]
pub struct Timeline {
    entries: Vec<Arc<Entry>>,
    most: usize,
}

impl Default for Timeline {
    fn default() -> Self {
        Self::of_at_most(ENTRIES_MAX)
    }
}

impl Timeline {
    /// An empty one that keeps the newest `most` entries.
    #[must_use]
    pub const fn of_at_most(most: usize) -> Self {
        Self {
            entries: Vec::new(),
            most,
        }
    }

    /// The entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Something happened now. Counts it where the same was said just before; gives the entry as it stands then, or
    /// nothing if it was known already: the engine tells some things twice.
    pub fn add(&mut self, entry: Entry) -> Option<Arc<Entry>> {
        let Some(at) = self.position_of_same(&entry) else {
            return Some(self.insert(entry));
        };
        let known = self.entries.get_mut(at)?;
        if entry.last <= known.last {
            return None;
        }
        let counted = Arc::make_mut(known);
        counted.times = counted.times.saturating_add(entry.times);
        counted.last = entry.last;
        Some(known.clone())
    }

    /// Takes in what was written down, perhaps by another program that saw the same: what both say is one entry, as
    /// often as the one that counted more has counted. Gives it as it stands then, or nothing if it says nothing new.
    pub fn join(&mut self, entry: Entry) -> Option<Arc<Entry>> {
        let Some(at) = self.position_of_same(&entry) else {
            return Some(self.insert(entry));
        };
        let known = self.entries.get(at)?.clone();
        let both = Entry {
            at: known.at.min(entry.at),
            last: known.last.max(entry.last),
            times: known.times.max(entry.times),
            ..Entry::clone(if entry.at < known.at { &entry } else { &known })
        };
        if both == *known {
            return None;
        }
        self.entries.remove(at);
        Some(self.insert(both))
    }

    /// The newest entry that says the same at about the same time.
    fn position_of_same(&self, entry: &Entry) -> Option<usize> {
        let first = shifted(entry.at, false);
        let begin = self.entries.partition_point(|known| known.at <= first);
        let near = self.entries.iter().enumerate().skip(begin);
        let near = near.take_while(|(_, known)| known.at < shifted(entry.at, true));
        near.filter(|(_, known)| known.says_same(entry) && are_close(known, entry))
            .last()
            .map(|(at, _)| at)
    }

    fn insert(&mut self, entry: Entry) -> Arc<Entry> {
        let at = self.entries.partition_point(|known| known.at <= entry.at);
        let entry = Arc::new(entry);
        self.entries.insert(at, entry.clone());
        let surplus = self.entries.len().saturating_sub(self.most);
        self.entries.drain(..surplus);
        entry
    }

    /// The state of a service that was said last.
    #[must_use]
    pub fn last_state(&self, service: crate::domain::ServiceKind) -> Option<State> {
        let mine = self.entries.iter().filter(|e| e.service == Some(service));
        let states = mine.filter_map(|entry| match entry.what {
            What::Health { to, .. } => Some((entry.last, to)),
            _ => None,
        });
        // Entries that count stand where they began.
        states.max_by_key(|(last, _)| *last).map(|(_, state)| state)
    }
}

/// True if no more than [`GAP`] lies between the two.
fn are_close(one: &Entry, other: &Entry) -> bool {
    let begin = one.at.max(other.at);
    let end = if one.at < other.at {
        one.last
    } else {
        other.last
    };
    begin.duration_since(end) < jiff::SignedDuration::try_from(GAP).unwrap_or_default()
}

/// The moment [`SPAN`] later or earlier.
fn shifted(at: Timestamp, later: bool) -> Timestamp {
    let moved = match later {
        true => at.saturating_add(SPAN),
        false => at.saturating_sub(SPAN),
    };
    moved.unwrap_or(at)
}
