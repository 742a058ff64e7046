//! The log pane: which logs are followed, where the reader stands in them, and how lines are shown.

mod blocks;
pub mod buffer;
pub mod chips;
pub mod guard;
pub mod lane;
pub mod marks;
pub mod moment;
pub mod pick;
pub mod place;
pub mod plain;
pub mod reach;
pub mod row;
pub mod rows;
pub mod search;
pub mod shape;
pub mod sieve;
mod stamps;
pub mod voices;
pub mod walk;

#[cfg(test)]
mod standing;
#[cfg(test)]
mod tests;

pub use buffer::{Buffer, Shown};
pub use chips::Chip;
pub use guard::Guard;
pub use lane::Lane;
pub use place::{Place, Top};
pub use reach::Reach;
pub use row::{Content, Key, Mark, Row};
pub use shape::Shape;
pub use sieve::Sieve;
pub use stamps::{Stamps, stamp};
pub use walk::Walk;

use super::text;
use crate::{
    domain::{
        LogLine, ServiceId,
        log::{Syntax, Window},
    },
    hub::{Follow, FollowId, LogBatch, LogEvent},
};
use jiff::Timestamp;
use pick::Pick;
use search::Asking;
use std::{borrow::Cow, collections::BTreeSet};

/// Services that are followed together at most: each one is a stream of its own.
pub const SERVICES_MAX: usize = 64;
/// Columns of a project's name in front of its lines, at most: the service must be seen.
const PROJECT_MAX: usize = 15;
/// Columns of the longest service.
const KIND_WIDTH: usize = 8;

/// The size of the pane in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub rows: usize,
}

/// The log pane.
#[derive(Debug, Clone)]
pub struct LogPane {
    /// Whose logs it shows; nobody's while it is not open.
    pub services: Vec<ServiceId>,
    /// The stream that is open for them.
    pub follow: Option<FollowId>,
    /// The lines, and which of them are shown and found.
    pub buffer: Buffer,
    /// Hides secrets in what is shown of them.
    pub guard: Guard,
    /// What is typed to search or filter.
    pub asking: Option<Asking>,
    /// How that is read.
    pub syntax: Syntax,
    /// The match where the reader stands.
    pub current: Option<Key>,
    /// The match at or above this row is still looked for, to go there.
    wanted: Option<Key>,
    /// Where the reader stands.
    pub place: Place,
    /// The line that is chosen, or the range of lines.
    pub(super) picked: Option<Pick>,
    /// The moment around which the log is looked at.
    sought: Option<Timestamp>,
    /// Long lines are wrapped instead of cut.
    pub wrap: bool,
    /// How lines that hold JSON are shown.
    pub shape: Shape,
    /// How timestamps are shown.
    pub stamps: Stamps,
    /// Columns that are scrolled out on the left.
    pub shift: usize,
    /// Size of the pane, told before every change.
    pub extent: Extent,
    /// Which part of the logs is asked for …
    pub reach: Reach,
    /// … and what that was when they were opened.
    pub window: Window,
    /// Lines of history per service.
    tail: u32,
    /// The reader has looked for more at the top.
    looks_back: bool,
    /// Columns of the names in front of lines.
    pub name_width: usize,
    /// Followed and not shown.
    muted: BTreeSet<ServiceId>,
    next_id: u64,
}

impl LogPane {
    /// A pane that keeps at most `bytes_max` bytes and asks for `tail` lines of history per service.
    #[must_use]
    pub fn new(bytes_max: usize, tail: u32) -> Self {
        Self {
            services: Vec::new(),
            follow: None,
            buffer: Buffer::new(bytes_max),
            guard: Guard::default(),
            asking: None,
            syntax: Syntax::Plain,
            current: None,
            wanted: None,
            place: Place::Live,
            picked: None,
            sought: None,
            wrap: false,
            shape: Shape::AsPrinted,
            stamps: Stamps::Local,
            shift: 0,
            extent: Extent::default(),
            reach: Reach::Tail,
            window: Window::Tail(tail),
            tail,
            looks_back: false,
            name_width: KIND_WIDTH,
            muted: BTreeSet::new(),
            next_id: 1,
        }
    }

    /// Turns to other logs; gives the stream that is no longer needed. Search and filter stay.
    pub fn turn_to(&mut self, services: Vec<ServiceId>) -> Option<FollowId> {
        if !self.services.is_empty() {
            self.asking = None;
            if self.reach.ends() {
                self.reach = Reach::Tail;
            }
        }
        self.guard = Guard::default();
        self.services = services;
        self.services.truncate(SERVICES_MAX);
        self.sought = None;
        self.name_width = self.longest_name();
        self.begin()
    }

    /// Begins with nothing; gives the stream that is no longer needed.
    fn begin(&mut self) -> Option<FollowId> {
        self.buffer.begin(&self.services);
        self.hear();
        (self.current, self.wanted) = (None, None);
        (self.place, self.picked) = (self.first_place(), None);
        self.shift = 0;
        self.looks_back = false;
        self.follow.take()
    }

    /// The wish for the logs that it has turned to, if they are not open yet.
    pub fn open(&mut self, now: Timestamp) -> Option<Follow> {
        if self.services.is_empty() || self.follow.is_some() {
            return None;
        }
        self.buffer.open(now);
        self.window = self.reach.window(now, self.tail);
        let id = FollowId(self.next_id);
        self.next_id += 1;
        self.follow = Some(id);
        Some(Follow {
            id,
            services: self.services.clone(),
            window: self.window_to_open(),
        })
    }

    /// Takes lines in; false if they belong to a stream that is no longer followed.
    pub fn take(&mut self, mut batch: LogBatch) -> bool {
        if self.follow != Some(batch.follow) {
            return false;
        }
        self.take_secrets(&mut batch);
        let is_new = batch.arrival == crate::hub::Arrival::New;
        let is_seen = is_new && !self.is_muted(&batch.service);
        if !is_new {
            self.hold_place();
        } else if is_seen && !batch.events.is_empty() {
            self.rule_off();
        }
        let came = self.buffer.add(batch);
        self.hold();
        if let Place::Paused { fresh, .. } = &mut self.place
            && is_seen
        {
            *fresh += came as u64;
        }
        self.centre_on_sought();
        true
    }

    fn take_secrets(&mut self, batch: &mut LogBatch) {
        let is_secrets = |event: &mut LogEvent| matches!(event, LogEvent::Secrets(_));
        for told in batch.events.extract_if(.., is_secrets) {
            if let LogEvent::Secrets(secrets) = told {
                self.guard.learn(secrets);
            }
        }
    }

    /// True if lines of several services are shown together.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.services.len() > 1
    }

    /// The name of a service in front of its lines: with its project where there are several.
    #[must_use]
    pub fn name_of(&self, service: &ServiceId) -> String {
        if self.is_of_one_project() {
            return service.kind.to_string();
        }
        let project = text::cut(service.project.as_str(), PROJECT_MAX);
        format!("{project}/{}", service.kind)
    }

    /// True if no line needs its project's name.
    #[must_use]
    pub fn is_of_one_project(&self) -> bool {
        let first = self.services.first().map(|service| &service.project);
        self.services.iter().all(|s| Some(&s.project) == first)
    }

    /// Columns of the longest name.
    fn longest_name(&self) -> usize {
        if self.is_of_one_project() {
            return KIND_WIDTH;
        }
        let length = |service: &ServiceId| text::columns(&self.name_of(service));
        self.services.iter().map(length).max().unwrap_or(0)
    }

    /// Columns before the text of a line: level, time, service, stream.
    #[must_use]
    pub fn prefix(&self) -> usize {
        let service = if self.is_merged() {
            self.name_width + 1
        } else {
            0
        };
        2 + self.stamps.columns() + service + 2
    }

    /// Columns for the text of a line.
    #[must_use]
    pub fn text_width(&self) -> usize {
        self.extent.width.saturating_sub(self.prefix() + 1).max(2)
    }

    /// What a line says to whoever reads it, with its colours and without secrets: on the screen, in the clipboard, in a
    /// file.
    #[must_use]
    pub fn text_of<'a>(&self, line: &'a LogLine) -> Cow<'a, str> {
        self.guard
            .text_of(line, self.shape, self.stamps != Stamps::Off)
    }

    /// Columns after which a line goes on in the next row; [`usize::MAX`] if it never does.
    #[must_use]
    pub fn wrap_width(&self) -> usize {
        if self.wrap {
            self.text_width()
        } else {
            usize::MAX
        }
    }

    /// True if a line may take several rows.
    #[must_use]
    pub fn has_tall_lines(&self) -> bool {
        self.wrap || self.shape == Shape::Pretty
    }

    /// Rows of the screen that a row takes.
    #[must_use]
    pub fn rows_of(&self, row: &Row) -> usize {
        match &row.content {
            Content::Line(line) if self.has_tall_lines() => {
                text::rows(&self.text_of(line), self.wrap_width())
            }
            Content::Line(_) | Content::Notice(..) | Content::Dropped(..) | Content::Mark(..) => 1,
        }
    }
}
