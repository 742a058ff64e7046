//! The log of one service: its rows, what of them is shown and found, and what is known of their beginning and end.

use super::{
    row::{Content, Key, Row, order_of},
    rows::Rows,
    sieve::{Sieve, Sifted},
};
use crate::{
    domain::{LogLine, ServiceId, Timestamp, log::Part},
    hub::{FollowId, LogEvent, Older},
};
use std::time::Duration;

/// A line that came after lines of other services which are later by more than this is marked as late.
const REORDER: i64 = 2_000_000_000;
/// Older lines that have not come after so long will not come: the hub gives up before.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// Lines of the first line's moment are among the first so many.
const SAME_WITHIN: usize = 1_000;

/// What tells a late line, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since {
    /// When the log was opened: what is older came with the history.
    pub(super) opened: i64,
    /// The newest row of all other services.
    pub(super) others: i64,
}

/// One service's log.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Whose it is.
    pub service: ServiceId,
    /// It is not shown.
    pub muted: bool,
    /// The engine has nothing older than what came.
    pub complete: bool,
    /// When older lines were asked for that have not come yet, since the program began.
    pub(super) asked: Option<Duration>,
    rows: Rows,
    sifted: Sifted,
    received: u64,
    dropped: u64,
    newest: i64,
}

impl Lane {
    pub(super) fn new(service: ServiceId) -> Self {
        Self {
            rows: Rows::new(service.kind),
            service,
            muted: false,
            complete: false,
            asked: None,
            sifted: Sifted::default(),
            received: 0,
            dropped: 0,
            newest: i64::MIN,
        }
    }

    /// Its rows.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// What of them is shown and found.
    #[must_use]
    pub fn sifted(&self) -> &Sifted {
        &self.sifted
    }

    /// Rows that ever came: those that are there and those that had to go.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Rows that had to go.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// When its newest row happened, in nanoseconds since 1970.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// Takes in what comes after all rows.
    pub(super) fn add(&mut self, event: LogEvent, serial: i64, since: Since, sieve: &Sieve) {
        let Some(content) = Content::of(event) else {
            return;
        };
        let mut row = Row::new(Key::default(), content);
        row.key = Key {
            order: order_of(row.at()).max(self.newest),
            serial,
        };
        row.late = (since.opened..since.others.saturating_sub(REORDER)).contains(&row.key.order);
        self.newest = row.key.order;
        self.received += 1;
        let number = self.rows.numbers().end;
        self.rows.push(row);
        self.sifted.take(sieve, &self.rows, number);
    }

    /// Takes in what comes before all rows; nothing if rows had to go meanwhile, for there would be a gap.
    pub(super) fn add_older(&mut self, events: Vec<LogEvent>, serial: i64) {
        self.asked = None;
        if self.dropped > 0 {
            return;
        }
        let most = self.rows.front().map_or(i64::MAX, |row| row.key.order);
        let mut newest = i64::MIN;
        let rows: Vec<Row> = (serial..)
            .zip(events.into_iter().filter_map(Content::of))
            .map(|(serial, content)| {
                let mut row = Row::new(Key::default(), content);
                newest = order_of(row.at()).clamp(newest, most);
                row.key = Key {
                    order: newest,
                    serial,
                };
                row
            })
            .collect();
        self.received += rows.len() as u64;
        self.newest = self.newest.max(newest);
        self.rows.push_older(rows);
    }

    /// A wish for what is older, if there is anything, nothing of it was asked for, and no row stands before `top`.
    pub(super) fn older(
        &mut self,
        follow: FollowId,
        top: Key,
        since: Option<Timestamp>,
        up: Duration,
    ) -> Option<Older> {
        let front = self.rows.front().map(|row| row.key);
        let waits = self.asked.is_some_and(|asked| up < asked + ANSWER_MAX);
        if self.complete || self.dropped > 0 || waits || front.is_some_and(|front| front < top) {
            return None;
        }
        let (before, same) = self.first_line().or(since.map(|at| (at, 0)))?;
        self.asked = Some(up);
        Some(Older {
            follow,
            service: self.service.clone(),
            before,
            same,
            kept: self.received,
        })
    }

    /// The moment of the first line, and how many lines are of exactly that one.
    fn first_line(&self) -> Option<(Timestamp, u32)> {
        let lines = || self.rows.numbers().filter_map(|n| self.rows.get(n)?.line());
        let at = lines().next()?.at;
        // A line that came in parts counts once, with its end.
        let counts = |line: &&LogLine| line.at == at && line.part != Part::Begun;
        let same = lines().take(SAME_WITHIN).filter(counts).count();
        Some((at, u32::try_from(same).unwrap_or(u32::MAX).max(1)))
    }

    pub(super) fn drop_oldest(&mut self) -> bool {
        let Some(gone) = self.rows.drop_oldest() else {
            return false;
        };
        self.dropped += 1;
        self.sifted.forget_before(&self.rows, &gone);
        true
    }

    pub(super) fn begin(&mut self, sieve: &Sieve, all: bool) {
        self.sifted.begin(sieve, &self.rows, all);
    }

    /// The newest row that has not been looked at.
    pub(super) fn unseen(&self) -> Option<Key> {
        let number = self.sifted.next_unseen(&self.rows)?;
        self.rows.get(number).map(|row| row.key)
    }

    /// Looks at the newest row that has not been looked at; gives the bytes of its text.
    pub(super) fn look(&mut self, sieve: &Sieve) -> Option<usize> {
        let number = self.sifted.look_back(sieve, &self.rows)?;
        let line = self.rows.get(number).and_then(Row::line);
        Some(line.map_or(0, |line| line.text.as_str().len()))
    }

    /// Rows that pass the filter, muted or not.
    #[must_use]
    pub fn shown_len(&self, sieve: &Sieve) -> usize {
        if sieve.shows_all() {
            let numbers = self.rows.numbers();
            return usize::try_from(numbers.end - numbers.start).unwrap_or(usize::MAX);
        }
        self.sifted.shown().len()
    }

    /// Shown row number `index`.
    #[must_use]
    pub(super) fn shown(&self, sieve: &Sieve, index: usize) -> Option<&Row> {
        let number = if sieve.shows_all() {
            self.rows.numbers().start + index as u64
        } else {
            self.sifted.shown().get(index)?
        };
        self.rows.get(number)
    }

    /// The number of the first shown row that does not stand before `key`.
    pub(super) fn shown_index(&self, sieve: &Sieve, key: Key) -> usize {
        let number = self.rows.number_of(key);
        if sieve.shows_all() {
            let index = number - self.rows.numbers().start;
            return usize::try_from(index).unwrap_or(usize::MAX);
        }
        self.sifted.shown().index_of(number)
    }

    /// Lines of the container that pass the filter.
    #[must_use]
    pub fn shown_lines(&self, sieve: &Sieve) -> usize {
        if sieve.shows_all() {
            self.rows.lines()
        } else {
            self.sifted.shown_lines()
        }
    }

    /// When its oldest row happened.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.rows.front().map(Row::at)
    }
}
