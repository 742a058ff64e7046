//! What one cell says of a service: its state in a word, seen together with those that it needs.

use super::{Health, PerService, ServiceKind, State, cause};
use serde::Serialize;

/// A service's state as one cell shows it: what the engine and the probes say, and whom it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Runs and does not answer, was killed, or is missing among running ones.
    Down,
    /// Exits again and again, or is between two tries.
    Loop,
    /// Waits for another service that is down.
    Blocked,
    /// Answers, too slowly or not every time.
    Slow,
    /// On its way up.
    Starting,
    /// Nobody knows: the engine is away or the last check is too old.
    Stale,
    /// Answers in time.
    Ok,
    /// Runs, and nobody can check it.
    Unchecked,
    /// Stopped with the whole project.
    Stopped,
    /// Nothing has been said of it yet.
    Unseen,
    /// The project has no such service.
    Absent,
}

impl Verdict {
    /// Every verdict, worst first.
    pub const ALL: [Self; 11] = [
        Self::Down,
        Self::Loop,
        Self::Blocked,
        Self::Slow,
        Self::Starting,
        Self::Stale,
        Self::Ok,
        Self::Unchecked,
        Self::Stopped,
        Self::Unseen,
        Self::Absent,
    ];

    /// True if an operator should look.
    #[must_use]
    pub fn is_problem(self) -> bool {
        self < Self::Starting || self == Self::Stale
    }

    /// The word for totals.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Loop => "looping",
            Self::Blocked => "blocked",
            Self::Slow => "slow",
            Self::Starting => "starting",
            Self::Stale => "stale",
            Self::Ok => "ok",
            Self::Unchecked => "no check",
            Self::Stopped => "stopped",
            Self::Unseen => "unseen",
            Self::Absent => "absent",
        }
    }
}

/// Where an operation of ours takes a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Course {
    /// Nowhere: nothing is under way that starts or stops.
    #[default]
    None,
    /// Up.
    Up,
    /// Down.
    Down,
}

/// The verdict on `kind` among its siblings.
#[must_use]
pub fn verdict(kind: ServiceKind, all: &PerService<Health>, course: Course) -> Verdict {
    let health = &all[kind];
    if let Some(root) = cause::blocked_by(kind, all) {
        // What waits for something that is on its way is on its way, too.
        return match all[root].state {
            State::Starting => Verdict::Starting,
            State::Stopped | State::Missing if at_rest(root, all, course) == Verdict::Starting => {
                Verdict::Starting
            }
            _ => Verdict::Blocked,
        };
    }
    match health.state {
        State::Healthy => Verdict::Ok,
        State::Degraded => Verdict::Slow,
        State::Starting => Verdict::Starting,
        State::Unhealthy => Verdict::Down,
        State::Restarting | State::CrashLooping => Verdict::Loop,
        State::Stopped | State::Missing => at_rest(kind, all, course),
        State::Unchecked => Verdict::Unchecked,
        State::Absent => Verdict::Absent,
        State::Unknown if *health == Health::default() => Verdict::Unseen,
        State::Unknown => Verdict::Stale,
    }
}

/// The verdict on a container that plays no part among the four: nobody waits for it, and what ended well is done.
#[must_use]
pub fn alone(health: &Health) -> Verdict {
    match health.state {
        State::Healthy => Verdict::Ok,
        State::Degraded => Verdict::Slow,
        State::Starting => Verdict::Starting,
        State::Unhealthy => Verdict::Down,
        State::Restarting | State::CrashLooping => Verdict::Loop,
        State::Stopped | State::Missing if health.is_problem() => Verdict::Down,
        State::Stopped | State::Missing => Verdict::Stopped,
        State::Unchecked => Verdict::Unchecked,
        State::Absent => Verdict::Absent,
        State::Unknown if *health == Health::default() => Verdict::Unseen,
        State::Unknown => Verdict::Stale,
    }
}

/// A service that does not run is a problem if it died, or if the others run and nobody is starting or stopping them.
fn at_rest(kind: ServiceKind, all: &PerService<Health>, course: Course) -> Verdict {
    let needs_starting = |need: &ServiceKind| all[*need].state == State::Starting;
    match course {
        Course::Up => Verdict::Starting,
        Course::Down => Verdict::Stopped,
        Course::None if all[kind].is_problem() => Verdict::Down,
        Course::None if is_at_rest(all) => Verdict::Stopped,
        Course::None if kind.needs().iter().any(needs_starting) => Verdict::Starting,
        Course::None => Verdict::Down,
    }
}

/// True if none of the four runs: the project is stopped as a whole.
fn is_at_rest(all: &PerService<Health>) -> bool {
    let resting = |health: &Health| {
        matches!(
            health.state,
            State::Stopped | State::Missing | State::Absent
        )
    };
    all.0.iter().all(resting)
}
