//! Which part of a log is asked for.

use super::TAIL_DEFAULT;
use crate::domain::Timestamp;

/// Where a log begins to be read, and where it ends. It is followed from there; one that has an end is followed up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last lines of each service, 1 to 10000, and all that come.
    Tail(u32),
    /// The first line of that moment or later, and all that come.
    Since(Timestamp),
    /// The first lines that the engine has of each service, at most so many.
    Head(u32),
    /// A place in the middle: the first line of that moment or later, and those after it.
    From {
        /// The moment.
        at: Timestamp,
        /// Lines of each service at most.
        lines: u32,
    },
}

impl Default for Window {
    fn default() -> Self {
        Self::Tail(TAIL_DEFAULT)
    }
}

impl Window {
    /// The moment of its first line, if it has one.
    #[must_use]
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Since(at) | Self::From { at, .. } => Some(at),
            Self::Tail(_) | Self::Head(_) => None,
        }
    }

    /// Lines of each service after which it ends, if it does.
    #[must_use]
    pub const fn limit(self) -> Option<u32> {
        match self {
            Self::Head(lines) | Self::From { lines, .. } => Some(lines),
            Self::Tail(_) | Self::Since(_) => None,
        }
    }
}
