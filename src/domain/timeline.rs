//! What happened to a project, one entry after the other: changes of health, starts and ends, operations, limits, bursts
//! of errors. What repeats is counted, so that a crash loop does not push everything else out.

mod list;
mod markdown;
mod notes;
mod sign;
mod words;

pub use list::Timeline;
pub use markdown::markdown;
pub use notes::{Notes, SETTLE};

use super::{Limits, ProjectName, Safe, ServiceKind, State, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What says the same as an entry counts there, if that was said last less than this before …
pub const GAP: Duration = Duration::from_mins(3);
/// … and first less than this before.
pub const SPAN: Duration = Duration::from_mins(10);
/// Longest reason of an entry, in characters; more is cut.
pub const TEXT_MAX: usize = 160;
/// Entries of one project that are kept in memory; older ones go first.
pub const ENTRIES_MAX: usize = 500;

/// Something that happened, once or several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// To which project; none: to all of them.
    pub project: Option<ProjectName>,
    /// To which service of it; none: to the whole project.
    pub service: Option<ServiceKind>,
    /// When it happened first: by the engine's clock for what the engine or a log tells, else by ours.
    pub at: Timestamp,
    /// When it happened last.
    pub last: Timestamp,
    /// How often, from 1; of errors the number of lines.
    pub times: u32,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
    /// Why, or the first line: short, and without secrets.
    pub text: Safe,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// A service is in another state than before, and stayed there for a moment.
    Health {
        /// Before; unknown where nothing was known.
        from: State,
        /// Since then.
        to: State,
        /// The service that it needs and that is down.
        blocked_by: Option<ServiceKind>,
    },
    /// Its process was started.
    Started {
        /// Soon after it had ended.
        again: bool,
    },
    /// Its process ended.
    Ended {
        /// Exit code, if the engine said it.
        code: Option<i64>,
    },
    /// The kernel killed one of its processes for memory.
    OutOfMemory,
    /// It was frozen.
    Paused,
    /// It goes on.
    Resumed,
    /// Somebody did something to it with this program.
    Operation {
        /// Names the operation: the same in its first and its last entry, in no others.
        id: Safe,
        /// What was asked for: `limits memory 300m`.
        did: Safe,
        /// How far it was.
        step: Step,
        /// Who asked for it, as far as that is known.
        by: Option<Safe>,
        /// Milliseconds from beginning to end; none before the end.
        took_ms: Option<u64>,
    },
    /// Its limits in the engine are others than before.
    Limits {
        /// Before.
        from: Limits,
        /// Since then.
        to: Limits,
    },
    /// Its log told of errors, many in a short time.
    Errors,
    /// The engine could not be reached any more, or again.
    Engine {
        /// Whether it answers.
        answers: bool,
    },
    /// A word of a newer version.
    #[serde(other)]
    Other,
}

/// How far an operation was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It begins.
    Begun,
    /// It did what was asked.
    Done,
    /// Nothing was tried.
    Refused,
    /// It was tried and did not work.
    Failed,
    /// It was cancelled where it was.
    Cancelled,
    /// Nobody knows.
    #[serde(other)]
    Unknown,
}

impl Entry {
    /// Something that happened once.
    #[must_use]
    pub fn once(at: Timestamp, what: What, text: impl AsRef<str>) -> Self {
        Self {
            project: None,
            service: None,
            at,
            last: at,
            times: 1,
            what,
            text: Safe::new(text),
        }
    }

    /// The same with another reason, cut to [`TEXT_MAX`].
    #[must_use]
    pub fn because(self, text: &str) -> Self {
        let mut kept: String = text.chars().take(TEXT_MAX).collect();
        if kept.len() < text.len() {
            kept.pop();
            kept.push('…');
        }
        let text = Safe::new(kept);
        Self { text, ..self }
    }

    /// The same of a project, or of a service of it.
    #[must_use]
    pub fn of(self, project: &ProjectName, service: Option<ServiceKind>) -> Self {
        Self {
            project: Some(project.clone()),
            service,
            ..self
        }
    }

    /// True if both say the same of the same thing, whenever that was.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        (&self.project, self.service, &self.what) == (&other.project, other.service, &other.what)
    }

    /// True if it belongs to what is shown of `service`: its own, and what concerns the whole project.
    #[must_use]
    pub fn concerns(&self, service: Option<ServiceKind>) -> bool {
        service.is_none() || self.service.is_none() || self.service == service
    }
}

#[cfg(test)]
mod tests;
