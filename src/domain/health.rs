//! The verdict: what the engine says of a container and what the probes found become one state of a service.

use super::{Bytes, Safe, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, time::Duration};

mod change;
mod crash;
#[cfg(test)]
mod tests;
mod tracker;

pub use tracker::{Check, Tracker};

/// Failed checks in a row that make a service unhealthy.
pub const FAILURES_MAX: u32 = 3;
/// Unexpected exits within [`CRASH_WINDOW`] that make a crash loop.
pub const CRASH_EXITS: usize = 3;
/// See [`CRASH_EXITS`].
pub const CRASH_WINDOW: Duration = Duration::from_mins(5);
/// Unexpected ends that are remembered: more than decide, so that the number that is shown means something.
pub const CRASHES_MAX: usize = 16;
/// Answers slower than this are degraded when nobody says otherwise.
pub const SLOW: Duration = Duration::from_secs(1);
/// Checks that a history remembers.
pub const HISTORY_MAX: usize = 30;

/// What a service is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Runs, has not answered yet, and is still within its start timeout.
    Starting,
    /// Answers in time.
    Healthy,
    /// Answers slowly, or missed fewer than [`FAILURES_MAX`] checks in a row.
    Degraded,
    /// Runs and does not answer.
    Unhealthy,
    /// Between an exit and the engine's next try.
    Restarting,
    /// Exits again and again.
    CrashLooping,
    /// Its container exists and does not run.
    Stopped,
    /// There is no container.
    Missing,
    /// Runs, and neither this program nor the engine has a way to check it.
    Unchecked,
    /// The project has no such service: only projects that Compose made may lack one of the four.
    Absent,
    /// The engine is out of reach, or the last check is too old.
    #[default]
    Unknown,
}

impl State {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
            Self::Restarting => "restarting",
            Self::CrashLooping => "crash-looping",
            Self::Stopped => "stopped",
            Self::Missing => "missing",
            Self::Unchecked => "unchecked",
            Self::Absent => "absent",
            Self::Unknown => "unknown",
        }
    }

    /// True if a process of it runs or is about to.
    #[must_use]
    pub const fn is_up(self) -> bool {
        !matches!(
            self,
            Self::Stopped | Self::Missing | Self::Absent | Self::Unknown
        )
    }
}

/// One past check, for the strip in the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tick {
    /// Answered within this time.
    Ok(Duration),
    /// Answered, too slowly.
    Slow(Duration),
    /// Did not answer, or not well.
    Failed,
}

/// An end of the process that nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// When it was noticed.
    pub at: Timestamp,
    /// What it ended with, where the engine said so.
    pub code: Option<i64>,
}

/// Everything that is known about the health of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// The verdict.
    pub state: State,
    /// Since when the state has been what it is.
    pub since: Option<Timestamp>,
    /// How it is asked, with the address: `GET http://127.0.0.1:8010/health`; empty if nobody asks it.
    pub asked: Safe,
    /// When the last check ended.
    pub checked: Option<Timestamp>,
    /// How long the last good answer took.
    pub latency: Option<Duration>,
    /// What the last check or the engine said; one line.
    pub message: Safe,
    /// Failed checks in a row.
    pub failures: u32,
    /// Starts by the engine's restart policy.
    pub restarts: u32,
    /// Exit code of the last end, once there was one.
    pub exit_code: Option<i64>,
    /// The last end was the kernel's: out of memory.
    pub oom_killed: bool,
    /// When the last end was noticed.
    pub ended_at: Option<Timestamp>,
    /// The memory limit at the last end; `None` if there was none.
    pub limit: Option<Bytes>,
    /// The highest memory use that was seen of the run before the last end.
    pub peak: Option<Bytes>,
    /// The unexpected ends within [`CRASH_WINDOW`], oldest first, at most [`CRASHES_MAX`].
    pub crashes: VecDeque<Crash>,
    /// Last start of the container's process.
    pub started_at: Option<Timestamp>,
    /// The container runs from another spec, image or limits than the hub file asks for.
    pub drift: bool,
    /// The last checks, oldest first, at most [`HISTORY_MAX`].
    pub history: VecDeque<Tick>,
}

impl Health {
    /// True if the service answers its clients now: its last check was good.
    #[must_use]
    pub fn serves(&self) -> bool {
        matches!(self.state, State::Healthy | State::Degraded) && self.failures == 0
    }

    /// True if an operator should look: it is sick, or it ended in a way that nobody asks for. What was stopped
    /// cleanly, was never started or is not known is no problem of the service.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        match self.state {
            State::Unhealthy | State::Restarting | State::CrashLooping | State::Degraded => true,
            State::Stopped => {
                self.oom_killed || !matches!(self.exit_code, None | Some(0 | 137 | 143))
            }
            State::Starting
            | State::Healthy
            | State::Missing
            | State::Unchecked
            | State::Absent
            | State::Unknown => false,
        }
    }

    /// How often the last checks changed between good and failed.
    #[must_use]
    pub fn flaps(&self) -> usize {
        let good = |tick: &Tick| *tick != Tick::Failed;
        let pairs = self.history.iter().zip(self.history.iter().skip(1));
        pairs.filter(|(one, next)| good(one) != good(next)).count()
    }

    /// What a project shows that has no such service.
    #[must_use]
    pub fn absent() -> Self {
        Self {
            state: State::Absent,
            ..Self::default()
        }
    }

    /// How bad it is, for worst-first ordering: 0 is healthy, 8 a crash loop.
    #[must_use]
    pub fn severity(&self) -> u8 {
        match self.state {
            State::Healthy | State::Unchecked | State::Absent => 0,
            State::Missing => 1,
            State::Stopped if !self.is_problem() => 1,
            State::Starting => 2,
            State::Unknown => 3,
            State::Degraded => 4,
            State::Stopped => 5,
            State::Restarting => 6,
            State::Unhealthy => 7,
            State::CrashLooping => 8,
        }
    }
}
