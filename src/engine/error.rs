//! What can go wrong with an engine, in terms of what to do about it (`docs/ARCHITECTURE.md`, retry taxonomy).

use crate::domain::Safe;
use std::time::Duration;

/// An error of the engine or of the way to it. Texts are the engine's own, sanitised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers there: no socket file, connection refused.
    #[error("no Docker Engine answers at {endpoint}: {reason}")]
    Absent {
        /// Where it was looked for.
        endpoint: Safe,
        /// The system's words.
        reason: Safe,
    },
    /// The socket may not be opened by this user, or is none.
    #[error("the Docker Engine at {endpoint} cannot be used: {reason}")]
    Denied {
        /// Where it was looked for.
        endpoint: Safe,
        /// The system's words.
        reason: Safe,
    },
    /// The way to the engine is named wrongly, or is of a kind this program does not speak.
    #[error("{0}")]
    Endpoint(Safe),
    /// The engine speaks an API below 1.41.
    #[error("the engine speaks API {found}; 1.41 (Docker 20.10) or newer is needed")]
    TooOld {
        /// Its API version.
        found: Safe,
    },
    /// The call took longer than its deadline: it may have had its effect.
    #[error("{call}: no answer within {}s", after.as_secs())]
    TimedOut {
        /// The call, in words.
        call: &'static str,
        /// The deadline.
        after: Duration,
    },
    /// The connection broke while the call was under way: it may have had its effect.
    #[error("{call}: connection lost: {reason}")]
    Lost {
        /// The call, in words.
        call: &'static str,
        /// The system's words.
        reason: Safe,
    },
    /// The engine answered with a status that says no.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        code: u16,
        /// The engine's words.
        message: Safe,
    },
    /// The answer could not be read.
    #[error("{call}: the engine's answer could not be read: {reason}")]
    Malformed {
        /// The call, in words.
        call: &'static str,
        /// What was wrong.
        reason: Safe,
    },
}

/// What an error means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// May pass by itself: try again after a while.
    Transient,
    /// Something is in the way: inspect, then adopt, wait or refuse.
    Conflict,
    /// The thing is not there.
    NotFound,
    /// Trying again changes nothing.
    Permanent,
}
