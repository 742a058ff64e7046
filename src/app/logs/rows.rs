//! The rows of one service in their order, by number: rows come at either end and go at the front, and a row's number
//! stays the same.

use super::{
    blocks::Blocks,
    row::{Content, Key, Row},
};
use crate::domain::{
    LogStream, ServiceKind,
    log::{Entries, Level},
};
use std::ops::Range;

/// The number of the first row that comes: there is room for as many before it.
const START: u64 = 1 << 40;

/// Rows of one service.
#[derive(Debug, Clone)]
pub struct Rows {
    kind: ServiceKind,
    rows: Blocks<Row>,
    first: u64,
    bytes: usize,
    lines: usize,
    errors: usize,
    warnings: usize,
    together: Entries,
    /// The newest line of each stream's newest entry.
    ends: [Option<u64>; 2],
}

impl Rows {
    pub(super) fn new(kind: ServiceKind) -> Self {
        Self {
            kind,
            rows: Blocks::default(),
            first: START,
            bytes: 0,
            lines: 0,
            errors: 0,
            warnings: 0,
            together: Entries::default(),
            ends: [None; 2],
        }
    }

    /// Numbers of the rows that are there.
    #[must_use]
    pub fn numbers(&self) -> Range<u64> {
        self.first..self.first + self.rows.len() as u64
    }

    /// Bytes that are taken up.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lines of the container that are there.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Errors that are there: entries, not lines.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Warnings that are there: entries, not lines.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }

    /// Row number `number`.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Row> {
        self.rows.get(self.index(number)?)
    }

    /// The number of the first row that does not stand before `key`.
    #[must_use]
    pub fn number_of(&self, key: Key) -> u64 {
        self.first + self.rows.partition_point(|row| row.key < key) as u64
    }

    /// The oldest row that is there.
    #[must_use]
    pub fn front(&self) -> Option<&Row> {
        self.rows.front()
    }

    /// Puts a row after all others.
    pub(super) fn push(&mut self, mut row: Row) {
        let number = self.numbers().end;
        if let Content::Line(line) = &row.content {
            row.belongs = self.together.place(number, self.kind, line);
            let end = &mut self.ends[usize::from(line.stream == LogStream::Err)];
            let before = end.replace(number).filter(|_| !row.belongs.first);
            row.back = before.map_or(0, |before| self.link(before, number));
        }
        self.count(&row, true);
        self.rows.push_back(row);
    }

    /// Puts rows before all others; they are in their order.
    pub(super) fn push_older(&mut self, mut older: Vec<Row>) {
        self.first = self.first.saturating_sub(older.len() as u64);
        self.group(&mut older);
        for row in older.into_iter().rev() {
            self.count(&row, true);
            self.rows.push_front(row);
        }
    }

    /// Puts rows together that come at once; none of them goes on with what is there.
    fn group(&self, older: &mut [Row]) {
        let (mut together, mut ends) = (Entries::default(), [None::<usize>; 2]);
        for index in 0..older.len() {
            let Some(row) = older.get_mut(index) else {
                continue;
            };
            let Content::Line(line) = &row.content else {
                continue;
            };
            let number = self.first + index as u64;
            row.belongs = together.place(number, self.kind, line);
            let end = &mut ends[usize::from(line.stream == LogStream::Err)];
            let before = end.replace(index).filter(|_| !row.belongs.first);
            let Some(before) = before else { continue };
            let step = u32::try_from(index - before).unwrap_or(0);
            row.back = step;
            if let Some(row) = older.get_mut(before) {
                row.forth = step;
            }
        }
    }

    /// Makes `number` the line after `before` in their entry; gives how far they are apart, 0 if `before` is gone.
    fn link(&mut self, before: u64, number: u64) -> u32 {
        let index = self.index(before);
        let row = index.and_then(|index| self.rows.get_mut(index));
        let Some(row) = row.filter(|row| row.line().is_some()) else {
            return 0;
        };
        row.forth = u32::try_from(number - before).unwrap_or(0);
        row.forth
    }

    /// Takes the oldest row that still says something away, and puts a word in its place that counts what went; gives
    /// that row.
    pub(super) fn drop_oldest(&mut self) -> Option<Row> {
        let before = match self.rows.front()?.content {
            Content::Dropped(..) if self.rows.len() == 1 => return None,
            Content::Dropped(_, before) => {
                self.pop();
                before
            }
            Content::Line(_) | Content::Notice(..) | Content::Mark(..) => 0,
        };
        let gone = self.pop()?;
        let word = Row {
            content: Content::Dropped(gone.at(), before + 1),
            belongs: crate::domain::log::Belongs::alone(0),
            forth: 0,
            back: 0,
            late: false,
            key: gone.key,
        };
        self.unlink(&gone);
        self.first -= 1;
        self.count(&word, true);
        self.rows.push_front(word);
        Some(gone)
    }

    fn pop(&mut self) -> Option<Row> {
        let row = self.rows.pop_front()?;
        self.first += 1;
        self.count(&row, false);
        Some(row)
    }

    /// The next line of the entry is its first one now.
    fn unlink(&mut self, gone: &Row) {
        let next = (self.first + u64::from(gone.forth)).checked_sub(1);
        let index = next.filter(|_| gone.forth > 0);
        let index = index.and_then(|number| self.index(number));
        if let Some(row) = index.and_then(|index| self.rows.get_mut(index)) {
            row.back = 0;
        }
    }

    fn count(&mut self, row: &Row, came: bool) {
        let change = |counter: &mut usize, by: usize| {
            *counter = if came { *counter + by } else { *counter - by };
        };
        change(&mut self.bytes, row.bytes());
        change(&mut self.lines, usize::from(row.line().is_some()));
        match row.counts_as() {
            Some(Level::Error) => change(&mut self.errors, 1),
            Some(Level::Warning) => change(&mut self.warnings, 1),
            _ => {}
        }
    }

    /// True if the row's entry has other lines that are there.
    #[must_use]
    pub fn has_company(&self, number: u64) -> bool {
        self.get(number)
            .is_some_and(|row| row.back > 0 || row.forth > 0)
    }

    /// The numbers of all lines of the row's entry that are there, in their order.
    pub fn entry_of(&self, number: u64) -> impl Iterator<Item = u64> + '_ {
        let step = |number: &u64, far: fn(&Row) -> u32| {
            let far = self.get(*number).map_or(0, far);
            (far > 0).then_some(u64::from(far))
        };
        let back = move |number: &u64| Some(number - step(number, |row| row.back)?);
        let forth = move |number: &u64| Some(number + step(number, |row| row.forth)?);
        let head = std::iter::successors(Some(number), back).last();
        std::iter::successors(head, forth)
    }
}
