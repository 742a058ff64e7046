//! Which part of a log is asked for.

use super::TAIL_DEFAULT;
use crate::domain::Timestamp;

/// Where a log begins to be read. It is followed from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// With the last lines of each service, 1 to 10000.
    Tail(u32),
    /// With the first line of that moment or later.
    Since(Timestamp),
}

impl Default for Window {
    fn default() -> Self {
        Self::Tail(TAIL_DEFAULT)
    }
}
