//! An entry at a glance: the sign that the matrix would show for what it says.

use super::{Entry, Step, What};
use crate::domain::{State, Verdict};

impl Entry {
    /// What it says of its service or its project; a problem is what an operator should look at.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match &self.what {
            What::Health { to, blocked_by, .. } => of_state(*to, blocked_by.is_some()),
            What::Started { .. } | What::Resumed => Verdict::Starting,
            // Asked to end, or ended by itself without an error. A kill is worth a look, whoever did it.
            What::Ended {
                code: None | Some(0 | 143),
            }
            | What::Paused => Verdict::Stopped,
            What::Ended { .. } | What::OutOfMemory => Verdict::Down,
            What::Operation { step, .. } => of_step(*step),
            What::Limits { .. } => Verdict::Unchecked,
            What::Errors => Verdict::Slow,
            What::Engine { answers: true } => Verdict::Ok,
            What::Engine { answers: false } => Verdict::Stale,
            What::Other => Verdict::Unseen,
        }
    }

    /// True if it tells of something that somebody did with this program, or of limits.
    #[must_use]
    pub const fn is_deed(&self) -> bool {
        matches!(self.what, What::Operation { .. } | What::Limits { .. })
    }
}

const fn of_state(state: State, waits: bool) -> Verdict {
    match state {
        State::Unhealthy | State::Restarting | State::CrashLooping if waits => Verdict::Blocked,
        State::Unhealthy => Verdict::Down,
        State::Restarting | State::CrashLooping => Verdict::Loop,
        State::Degraded => Verdict::Slow,
        State::Starting => Verdict::Starting,
        State::Healthy => Verdict::Ok,
        State::Stopped | State::Missing => Verdict::Stopped,
        State::Unchecked => Verdict::Unchecked,
        State::Unknown => Verdict::Stale,
        State::Absent => Verdict::Absent,
    }
}

const fn of_step(step: Step) -> Verdict {
    match step {
        Step::Begun => Verdict::Starting,
        Step::Done => Verdict::Ok,
        Step::Refused => Verdict::Slow,
        Step::Failed => Verdict::Down,
        Step::Cancelled => Verdict::Stopped,
        Step::Unknown => Verdict::Stale,
    }
}
