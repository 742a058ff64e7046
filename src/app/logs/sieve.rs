//! What of a log is shown and what is found in it. Each service's log keeps the numbers of its rows for both, up to date
//! as rows come and go. A new filter or query looks through what is there from the newest row backwards.

use super::{
    row::{Content, Row},
    rows::Rows,
};
use crate::domain::{
    LogLine,
    log::{Filter, Query},
};
use std::collections::{HashMap, VecDeque};

/// Numbers of rows in their order.
#[derive(Debug, Clone, Default)]
pub struct Numbers(VecDeque<u64>);

impl Numbers {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number at place `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<u64> {
        self.0.get(index).copied()
    }

    /// The place of the first one that is not smaller.
    #[must_use]
    pub fn index_of(&self, number: u64) -> usize {
        self.0.partition_point(|other| *other < number)
    }

    /// The largest one below `number`.
    #[must_use]
    pub fn below(&self, number: u64) -> Option<u64> {
        self.get(self.index_of(number).checked_sub(1)?)
    }

    /// The smallest one that is not below `number`.
    #[must_use]
    pub fn from(&self, number: u64) -> Option<u64> {
        self.get(self.index_of(number))
    }

    /// Puts a number in its place, or takes it away.
    fn set(&mut self, number: u64, there: bool) {
        let index = self.index_of(number);
        let is_there = self.get(index) == Some(number);
        if there && !is_there {
            self.0.insert(index, number);
        } else if is_there && !there {
            self.0.remove(index);
        }
    }

    fn drop_below(&mut self, number: u64) {
        while self.0.front().is_some_and(|first| *first < number) {
            self.0.pop_front();
        }
    }
}

/// What is to be shown and found, for all services of a log.
#[derive(Debug, Clone, Default)]
pub struct Sieve {
    /// What is shown.
    pub filter: Filter,
    /// What is looked for.
    pub query: Option<Query>,
    /// Rows of the same service around those that the filter wants which are shown, too.
    pub context: u32,
}

impl Sieve {
    /// True if every row is shown.
    #[must_use]
    pub fn shows_all(&self) -> bool {
        self.filter.is_empty()
    }

    fn is_idle(&self) -> bool {
        self.shows_all() && self.query.is_none()
    }

    /// What is made to stand out: what is looked for, else what lines are shown for.
    #[must_use]
    pub fn highlighted(&self) -> Option<&Query> {
        let filter = self.filter.query.as_ref();
        let shown_for = filter.filter(|_| !self.filter.inverse);
        self.query.as_ref().or(shown_for)
    }

    fn holds_text(&self, line: &LogLine) -> bool {
        let query = self.filter.query.as_ref();
        query.is_none_or(|query| query.matches(&line.text))
    }

    /// Rows that are shown before and after each one that the filter wants. What is hidden for its text has no
    /// surroundings, and where nothing is hidden there is nothing to add.
    #[must_use]
    pub fn around(&self) -> u64 {
        if self.filter.inverse || self.shows_all() {
            return 0;
        }
        u64::from(self.context)
    }
}

/// What of one service's log is shown and found.
#[derive(Debug, Clone, Default)]
pub struct Sifted {
    /// With a filter: the rows that are shown; words of ours always are.
    shown: Numbers,
    /// Those among them that are no lines.
    words: Numbers,
    /// With a query: the shown lines that hold it.
    found: Numbers,
    /// With surroundings: the rows that the filter wants.
    wanted: Numbers,
    /// Whether a line of an entry of several lines holds the filter's text.
    holds: HashMap<u64, bool>,
    /// Rows from here on have been looked at.
    from: u64,
}

impl Sifted {
    /// The rows that pass the filter; nothing is kept here if all do.
    #[must_use]
    pub fn shown(&self) -> &Numbers {
        &self.shown
    }

    /// The shown lines that hold what is looked for.
    #[must_use]
    pub fn found(&self) -> &Numbers {
        &self.found
    }

    pub(super) fn shown_lines(&self) -> usize {
        self.shown.len() - self.words.len()
    }

    /// Looks at everything again; what is shown stays if only the query is another.
    pub(super) fn begin(&mut self, sieve: &Sieve, rows: &Rows, all: bool) {
        let fresh = Self::default();
        self.found = fresh.found;
        if all {
            (self.shown, self.words) = (fresh.shown, fresh.words);
            (self.wanted, self.holds) = (fresh.wanted, fresh.holds);
        }
        self.from = if sieve.is_idle() {
            0
        } else {
            rows.numbers().end
        };
    }

    /// The newest row that has not been looked at.
    pub(super) fn next_unseen(&self, rows: &Rows) -> Option<u64> {
        let before = self.from.min(rows.numbers().end).checked_sub(1)?;
        rows.numbers().contains(&before).then_some(before)
    }

    /// Looks at the newest row that has not been looked at; gives its number.
    pub(super) fn look_back(&mut self, sieve: &Sieve, rows: &Rows) -> Option<u64> {
        let number = self.next_unseen(rows)?;
        self.look_at(sieve, rows, number);
        self.from = number;
        Some(number)
    }

    /// Looks at a row that has come.
    pub(super) fn take(&mut self, sieve: &Sieve, rows: &Rows, number: u64) {
        if !sieve.is_idle() {
            self.look_at(sieve, rows, number);
        }
    }

    /// The rows before the first one that is there are gone; `gone` was the last of them.
    pub(super) fn forget_before(&mut self, rows: &Rows, gone: &Row) {
        // The word that stands for them has the number of the last one.
        let first = rows.numbers().start;
        for numbers in [
            &mut self.shown,
            &mut self.words,
            &mut self.found,
            &mut self.wanted,
        ] {
            numbers.drop_below(first + 1);
        }
        if gone.forth == 0 {
            self.holds.remove(&gone.belongs.entry);
        }
        if self.from > 0 && self.from <= first + 1 {
            self.from = first;
            self.show_word(rows, first);
        }
    }

    fn show_word(&mut self, rows: &Rows, number: u64) {
        if rows.numbers().contains(&number) {
            self.shown.set(number, true);
            self.words.set(number, true);
        }
    }

    fn look_at(&mut self, sieve: &Sieve, rows: &Rows, number: u64) {
        let Some(row) = rows.get(number) else {
            return;
        };
        let line = match &row.content {
            Content::Line(line) => line,
            _ if sieve.shows_all() => return,
            Content::Notice(..) | Content::Dropped(..) | Content::Mark(..) => {
                return self.show_word(rows, number);
            }
        };
        if sieve.filter.query.is_none() || !rows.has_company(number) {
            return self.place(sieve, rows, number, sieve.holds_text(line));
        }
        let known = self.holds.get(&row.belongs.entry).copied();
        let holds = match known {
            Some(true) => true,
            Some(false) => sieve.holds_text(line),
            // All lines that there are of an entry have their say before the first of them is placed.
            None => lines_of(rows, number).any(|(_, line)| sieve.holds_text(line)),
        };
        if known == Some(holds) {
            return self.place(sieve, rows, number, holds);
        }
        self.holds.insert(row.belongs.entry, holds);
        for (number, _) in lines_of(rows, number) {
            self.place(sieve, rows, number, holds);
        }
    }

    /// Shows a line or hides it.
    fn place(&mut self, sieve: &Sieve, rows: &Rows, number: u64, holds: bool) {
        let Some((row, line)) = rows.get(number).and_then(|row| Some((row, row.line()?))) else {
            return;
        };
        let filter = &sieve.filter;
        let wanted = filter.passes(row.belongs.level, line.stream) && filter.wants(holds);
        let around = sieve.around();
        if around == 0 {
            return self.show(sieve, number, line, wanted);
        }
        self.wanted.set(number, wanted);
        if wanted {
            let there = rows.numbers();
            let from = number.saturating_sub(around).max(there.start);
            for near in from..(number + around + 1).min(there.end) {
                self.show_near(sieve, rows, near);
            }
        } else if self.is_near(number, around) || self.shown.from(number) == Some(number) {
            self.show(sieve, number, line, true);
        }
    }

    fn show_near(&mut self, sieve: &Sieve, rows: &Rows, number: u64) {
        if let Some(line) = rows.get(number).and_then(Row::line) {
            self.show(sieve, number, line, true);
        }
    }

    fn is_near(&self, number: u64, around: u64) -> bool {
        let first = self.wanted.from(number.saturating_sub(around));
        first.is_some_and(|wanted| wanted <= number + around)
    }

    fn show(&mut self, sieve: &Sieve, number: u64, line: &LogLine, there: bool) {
        if !sieve.shows_all() {
            self.shown.set(number, there);
        }
        if let Some(query) = &sieve.query {
            let found = there && query.matches(&line.text);
            self.found.set(number, found);
        }
    }
}

fn lines_of(rows: &Rows, number: u64) -> impl Iterator<Item = (u64, &LogLine)> {
    let numbers = rows.entry_of(number);
    numbers.filter_map(|number| Some((number, rows.get(number)?.line()?)))
}
