//! Tells a crash loop from single crashes, and flapping from single failures.

use super::{CRASH_EXITS, CRASH_WINDOW, CRASHES_MAX, Crash};
use crate::domain::Timestamp;
use std::collections::VecDeque;

/// A crash loop is over when nothing has ended for so long and the service answers.
const CALM: std::time::Duration = std::time::Duration::from_mins(1);
/// Answers in a row that it takes to believe in a service that went back and forth.
pub(super) const ANSWERS_TO_TRUST: u32 = 2;
/// Checks that are looked at for flapping.
const FLAP_CHECKS: usize = 10;
/// Changes between good and bad among them that are flapping.
const FLAP_CHANGES: usize = 3;

/// Unexpected ends of the recent past.
#[derive(Debug, Clone, Default)]
pub(super) struct Crashes {
    all: VecDeque<Crash>,
    /// It has answered in peace since the last one.
    calm: bool,
}

impl Crashes {
    /// `times` unexpected ends were noticed, the last of them with `code`.
    pub fn add(&mut self, times: u32, code: Option<i64>, now: Timestamp) {
        let times = usize::try_from(times).unwrap_or(CRASHES_MAX);
        let Some(others) = times.min(CRASHES_MAX).checked_sub(1) else {
            return;
        };
        self.calm = false;
        let unseen = Crash {
            at: now,
            code: None,
        };
        self.all.extend(std::iter::repeat_n(unseen, others));
        self.all.push_back(Crash { at: now, code });
        let surplus = self.all.len().saturating_sub(CRASHES_MAX);
        self.all.drain(..surplus);
    }

    /// These unexpected ends, oldest first, came before anybody looked.
    pub fn precede(&mut self, ends: &[Crash]) {
        let seen = std::mem::take(&mut self.all);
        let unseen = |crash: &&Crash| seen.front().is_none_or(|first| crash.at < first.at);
        self.all = ends.iter().filter(unseen).copied().collect();
        self.all.extend(seen);
        let surplus = self.all.len().saturating_sub(CRASHES_MAX);
        self.all.drain(..surplus);
    }

    /// The engine says what the last end was, after it was noticed.
    pub fn tell(&mut self, code: i64) {
        if let Some(last) = self.all.back_mut() {
            last.code.get_or_insert(code);
        }
    }

    /// The service has answered `answers` times in a row.
    pub fn settle(&mut self, answers: u32, now: Timestamp) {
        let last = self.all.back().map(|crash| crash.at);
        let peace = last.is_none_or(|last| !is_within(CALM, last, now));
        self.calm |= peace && answers >= ANSWERS_TO_TRUST;
    }

    /// Forgets what is older than the window. Distances are absolute, so that a clock that was set back does not keep
    /// ends for hours.
    pub fn prune(&mut self, now: Timestamp) {
        self.all
            .retain(|crash| is_within(CRASH_WINDOW, crash.at, now));
    }

    /// True while the ends in the window make a loop and no peace has followed.
    pub fn are_a_loop(&self) -> bool {
        self.all.len() >= CRASH_EXITS && !self.calm
    }

    /// Those within the window, oldest first.
    pub fn all(&self) -> &VecDeque<Crash> {
        &self.all
    }
}

fn is_within(span: std::time::Duration, at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).unsigned_abs() < span
}

/// Whether the last checks were good, since the service first answered after its start.
#[derive(Debug, Clone, Default)]
pub(super) struct Flaps(VecDeque<bool>);

impl Flaps {
    pub fn push(&mut self, good: bool) {
        if self.0.len() == FLAP_CHECKS {
            self.0.pop_front();
        }
        self.0.push_back(good);
    }

    pub fn are_many(&self) -> bool {
        let changes = self
            .0
            .iter()
            .zip(self.0.iter().skip(1))
            .filter(|(a, b)| a != b);
        changes.count() >= FLAP_CHANGES
    }
}
