//! The state machine of one service: sightings of its container and results of its checks become one [`Health`].

use super::Health;
use crate::domain::{Container, Safe, Timestamp};
use std::time::Duration;

/// The result of one check, from outside or inside the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// How long the answer (or the failure) took.
    pub latency: Duration,
    /// What it said, or why the service does not count as up.
    pub result: Result<Safe, Safe>,
}

/// Follows the health of one service.
#[derive(Debug, Clone)]
pub struct Tracker {
    slow: Duration,
    start_timeout: Duration,
    health: Health,
}

impl Tracker {
    /// Knows nothing yet. Answers slower than `slow` are degraded; within `start_timeout` of its start a service that
    /// does not answer is starting, not unhealthy.
    #[must_use]
    pub fn new(slow: Duration, start_timeout: Duration) -> Self {
        Self {
            slow,
            start_timeout,
            health: Health::default(),
        }
    }

    /// The verdict so far.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The engine was asked for the container. `planned`: an operation of ours on it is under way, so its exits and
    /// its absence are no surprise.
    pub fn see_container(&mut self, container: Option<&Container>, planned: bool, now: Timestamp) {
        let _ = (container, planned, now, self.slow, self.start_timeout);
    }

    /// A check ended.
    pub fn see_check(&mut self, check: Check, now: Timestamp) {
        let _ = (check, now);
    }

    /// The engine said that the kernel killed a process of the container for memory.
    pub fn see_oom(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Nothing is known any more: the engine is out of reach, or the last result is too old.
    pub fn lose(&mut self, why: Safe, now: Timestamp) {
        let _ = (why, now);
    }

    /// The container runs from another spec than is wished, or not.
    pub fn set_drift(&mut self, drift: bool) {
        self.health.drift = drift;
    }
}
