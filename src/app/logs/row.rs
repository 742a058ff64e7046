//! One row of a log, and its place among all rows.

use crate::{
    domain::{
        LogLine, Safe, Timestamp,
        log::{Belongs, Level},
    },
    hub::LogEvent,
};

/// Where a row stands, for good: what comes or goes around it does not change it. Ordered like the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key {
    /// Nanoseconds since 1970. A service's own lines keep the engine's order even where its clock jumped back.
    pub(super) order: i64,
    /// Equal times keep the order of arrival.
    pub(super) serial: i64,
}

impl Key {
    /// Before every row.
    pub const FIRST: Self = Self {
        order: i64::MIN,
        serial: i64::MIN,
    };
    /// After every row.
    pub const LAST: Self = Self {
        order: i64::MAX,
        serial: i64::MAX,
    };

    /// The place directly after this one.
    #[must_use]
    pub(super) const fn next(self) -> Self {
        Self {
            serial: self.serial.saturating_add(1),
            ..self
        }
    }

    /// Before every row of that moment or later.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self {
            order: order_of(moment),
            serial: i64::MIN,
        }
    }
}

/// Nanoseconds since 1970; years beyond 1677 and 2262 stand at the ends.
pub(super) fn order_of(at: Timestamp) -> i64 {
    let bound = if at < Timestamp::UNIX_EPOCH {
        i64::MIN
    } else {
        i64::MAX
    };
    i64::try_from(at.as_nanosecond()).unwrap_or(bound)
}

/// What stands in one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A line of a container.
    Line(LogLine),
    /// A word of ours at that place.
    Notice(Timestamp, Safe),
    /// So many rows before the next one had to go.
    Dropped(Timestamp, u64),
    /// It belongs to no service.
    Mark(Timestamp, Mark),
}

/// What stands between the lines of all services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The operator's own, by its number.
    Own(u32),
    /// What is below came while the reader stayed.
    New,
}

impl Content {
    /// What stands in the row of an event; secrets stand in none.
    pub(super) fn of(event: LogEvent) -> Option<Self> {
        match event {
            LogEvent::Line(line) => Some(Self::Line(line)),
            LogEvent::Notice(at, text) => Some(Self::Notice(at, text)),
            LogEvent::Secrets(_) => None,
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it stands.
    pub key: Key,
    /// What it says.
    pub content: Content,
    /// Which lines it belongs to, and how bad they are.
    pub belongs: Belongs,
    /// It came after later lines of other services had been there for a while.
    pub late: bool,
    /// How many rows before this one the line before it in its entry stands; 0 for the first.
    pub(super) back: u32,
    /// How many rows after this one the next line of its entry stands; 0 for the last.
    pub(super) forth: u32,
}

impl Row {
    /// Bytes that a search and a filter may keep of it: its number in either.
    const NUMBERS: usize = 2 * size_of::<u64>();

    /// A word of ours that belongs to no service.
    pub(super) fn of_mark(key: Key, at: Timestamp, mark: Mark) -> Self {
        Self::new(key, Content::Mark(at, mark))
    }

    pub(super) fn new(key: Key, content: Content) -> Self {
        Self {
            key,
            content,
            belongs: Belongs::alone(0),
            late: false,
            back: 0,
            forth: 0,
        }
    }

    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match &self.content {
            Content::Line(line) => line.at,
            Content::Notice(at, _) | Content::Dropped(at, _) | Content::Mark(at, _) => *at,
        }
    }

    /// The line of a container that it is.
    #[must_use]
    pub fn line(&self) -> Option<&LogLine> {
        match &self.content {
            Content::Line(line) => Some(line),
            Content::Notice(..) | Content::Dropped(..) | Content::Mark(..) => None,
        }
    }

    /// The level that it is counted under: that of the entry it begins.
    #[must_use]
    pub fn counts_as(&self) -> Option<Level> {
        let level = self.belongs.level.filter(|_| self.belongs.first);
        self.line().and(level)
    }

    /// Bytes that it takes up in memory.
    pub(super) fn bytes(&self) -> usize {
        let text = match &self.content {
            Content::Line(line) => line.text.as_str().len(),
            Content::Notice(_, text) => text.len(),
            Content::Dropped(..) | Content::Mark(..) => 0,
        };
        size_of::<Self>() + Self::NUMBERS + allocated(text)
    }
}

/// What the allocator takes for a text of that length: a header, and steps of 16 bytes.
const fn allocated(length: usize) -> usize {
    const HEADER: usize = size_of::<usize>();
    const STEP: usize = 16;
    match length {
        0 => 0,
        length => (length + HEADER).next_multiple_of(STEP),
    }
}
