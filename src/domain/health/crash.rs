//! Tells a crash loop from single crashes, and flapping from single failures.

use super::{CRASH_EXITS, CRASH_WINDOW};
use crate::domain::Timestamp;
use std::collections::VecDeque;

/// Exits that are remembered: a few more than decide, so that the number that is shown means something.
const EXITS_MAX: usize = 16;
/// A crash loop is over when nothing has ended for so long and the service answers.
const CALM: std::time::Duration = std::time::Duration::from_mins(1);
/// Answers in a row that it takes to believe in a service that went back and forth.
pub(super) const ANSWERS_TO_TRUST: u32 = 2;
/// Checks that are looked at for flapping.
const FLAP_CHECKS: usize = 10;
/// Changes between good and bad among them that are flapping.
const FLAP_CHANGES: usize = 3;

/// Unexpected exits of the recent past.
#[derive(Debug, Clone, Default)]
pub(super) struct Exits {
    at: VecDeque<Timestamp>,
    /// It has answered in peace since the last one.
    calm: bool,
}

impl Exits {
    /// `times` unexpected exits were noticed.
    pub fn add(&mut self, times: u32, now: Timestamp) {
        let times = usize::try_from(times).unwrap_or(EXITS_MAX).min(EXITS_MAX);
        if times == 0 {
            return;
        }
        self.calm = false;
        self.at.extend(std::iter::repeat_n(now, times));
        let surplus = self.at.len().saturating_sub(EXITS_MAX);
        self.at.drain(..surplus);
    }

    /// The service has answered `answers` times in a row.
    pub fn settle(&mut self, answers: u32, now: Timestamp) {
        let last = self.at.back().copied();
        let peace = last.is_none_or(|last| !is_within(CALM, last, now));
        self.calm |= peace && answers >= ANSWERS_TO_TRUST;
    }

    /// Forgets what is older than the window. Distances are absolute, so that a clock that was set back does not keep
    /// exits for hours.
    pub fn prune(&mut self, now: Timestamp) {
        self.at.retain(|&at| is_within(CRASH_WINDOW, at, now));
    }

    /// True while the exits in the window make a loop and no peace has followed.
    pub fn are_a_loop(&self) -> bool {
        self.at.len() >= CRASH_EXITS && !self.calm
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
