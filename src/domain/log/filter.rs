//! Which entries of a log are shown: by text, by level, by stream.

use super::{Level, LogStream, Query};

/// What an entry must be to be shown; the default shows everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A line of it holds this …
    pub query: Option<Query>,
    /// … or none does.
    pub inverse: bool,
    /// It is at least so bad.
    pub level: Option<Level>,
    /// It was printed to standard error.
    pub stderr: bool,
}

impl Filter {
    /// True if it shows everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.query.is_none() && self.level.is_none() && !self.stderr
    }

    /// True if an entry of this level and stream is shown, whatever its text.
    #[must_use]
    pub fn passes(&self, level: Option<Level>, stream: LogStream) -> bool {
        let loud = self.level.is_none_or(|least| level >= Some(least));
        loud && (!self.stderr || stream == LogStream::Err)
    }

    /// True if an entry is shown of which a line holds the text, or none does.
    #[must_use]
    pub fn wants(&self, holds: bool) -> bool {
        self.query.is_none() || holds != self.inverse
    }
}
