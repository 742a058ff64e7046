//! Rows that belong to all services, and stand under every filter: the operator's marks, and the rule below which
//! everything is new.

use super::{
    LogPane, Place,
    row::{Content, Key, Mark, Row},
};
use crate::domain::Timestamp;
use std::collections::VecDeque;

/// Marks at most; the oldest one goes.
pub const MARKS_MAX: usize = 100;

/// The marks in their order, and the rule among them.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    rows: VecDeque<Row>,
    put: u32,
}

impl Marks {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &VecDeque<Row> {
        &self.rows
    }

    /// The place of the first row that does not stand before `key`.
    pub(super) fn index_of(&self, key: Key) -> usize {
        self.rows.partition_point(|row| row.key < key)
    }

    /// Puts the next mark there; gives its number.
    pub(super) fn put(&mut self, key: Key, at: Timestamp) -> u32 {
        self.put += 1;
        self.insert(key, at, Mark::Own(self.put));
        let is_own = |row: &Row| matches!(row.content, Content::Mark(_, Mark::Own(_)));
        if self.rows.iter().filter(|row| is_own(row)).count() > MARKS_MAX {
            let oldest = self.rows.iter().position(is_own);
            oldest.and_then(|oldest| self.rows.remove(oldest));
        }
        self.put
    }

    pub(super) fn draw_rule(&mut self, key: Key, at: Timestamp) {
        self.remove_rule();
        self.insert(key, at, Mark::New);
    }

    pub(super) fn remove_rule(&mut self) {
        let is_rule = |row: &Row| matches!(row.content, Content::Mark(_, Mark::New));
        self.rows.retain(|row| !is_rule(row));
    }

    /// The rows before `oldest` had to go: a rule above what is new says nothing where nothing stands above it.
    pub(super) fn drop_rule_before(&mut self, oldest: Key) {
        let is_rule = |row: &Row| matches!(row.content, Content::Mark(_, Mark::New));
        self.rows.retain(|row| !is_rule(row) || row.key > oldest);
    }

    fn insert(&mut self, key: Key, at: Timestamp, mark: Mark) {
        let index = self.index_of(key);
        self.rows.insert(index, Row::of_mark(key, at, mark));
    }
}

impl LogPane {
    /// Puts a mark of the operator's at the end; gives its number, or none if no log is open.
    pub fn mark(&mut self, now: Timestamp) -> Option<u32> {
        (!self.services.is_empty()).then(|| self.buffer.put_mark(now))
    }

    /// Draws the rule before the first rows that come while the reader stays.
    pub(super) fn rule_off(&mut self) {
        let is_first = matches!(self.place, Place::Paused { fresh: 0, .. });
        if is_first && !self.buffer.is_empty() {
            self.buffer.draw_rule();
        }
    }

    /// Who follows has seen what is new.
    pub fn settle(&mut self) {
        if self.place == Place::Live {
            self.buffer.remove_rule();
        }
    }
}
