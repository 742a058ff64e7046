//! How far a log was read: where a cut stream goes on, and where one that has an end ends. No I/O.

use super::{
    LogEvent,
    resume::{Resume, Skip},
};
use crate::{
    domain::{
        LogLine,
        log::{Part, Window},
    },
    engine::{EngineError, LogQuery},
};

/// How far a log was read; outlives the task that reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Where the next stream goes on.
    pub(super) resume: Resume,
    /// Whole lines so far, of all containers; counted for windows that have an end.
    lines: u32,
}

/// What a piece of a stream brought.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// What is new.
    pub(super) events: Vec<LogEvent>,
    /// The error that ended the stream.
    pub(super) cut: Option<EngineError>,
}

impl Place {
    /// What to ask the engine for.
    pub(super) fn query(self, window: Window) -> LogQuery {
        let resumed = self.resume.since();
        let tail = match window {
            Window::Tail(lines) if resumed.is_none() => Some(lines),
            _ => None,
        };
        LogQuery {
            tail,
            since: resumed.or(window.since()),
            follow: true,
            ..LogQuery::default()
        }
    }

    /// True once all lines of the window are there.
    pub(super) fn is_full(self, window: Window) -> bool {
        window.limit().is_some_and(|lines| self.lines >= lines)
    }

    /// Its container is gone: the next one's log is read from its beginning.
    pub(super) fn forget_container(&mut self) {
        self.resume = Resume::default();
    }

    /// Takes the lines of `chunk` that are new, up to the end of the window. What is only begun when the error comes is held.
    pub(super) fn take(
        &mut self,
        window: Window,
        chunk: Vec<Result<LogLine, EngineError>>,
        skip: &mut Skip,
        held: &mut Vec<LogLine>,
    ) -> Fresh {
        let mut events = Vec::with_capacity(chunk.len());
        for line in chunk {
            if self.is_full(window) {
                break;
            }
            match line {
                // A line counts once, when it ends.
                Ok(line) if line.part == Part::Begun => {
                    if !skip.clone().is_old(&line) {
                        events.push(LogEvent::Line(line));
                    }
                }
                Ok(line) if skip.is_old(&line) => {}
                Ok(line) => events.extend(self.note(line, held)),
                Err(error) => {
                    let new = take_begun(&mut events);
                    if !new.is_empty() {
                        *held = new;
                    }
                    let cut = Some(error);
                    return Fresh { events, cut };
                }
            }
        }
        Fresh { events, cut: None }
    }

    fn note(&mut self, line: LogLine, held: &mut Vec<LogLine>) -> Option<LogEvent> {
        self.resume.note(line.at);
        self.lines = self.lines.saturating_add(1);
        held.retain(|begun| (begun.at, begun.stream) != (line.at, line.stream));
        // All of it was shown before its end came.
        let nothing = line.part == Part::Rest && line.text.is_empty() && line.cut == 0;
        (!nothing).then_some(LogEvent::Line(line))
    }
}

/// Takes the lines off the end that are only begun.
fn take_begun(events: &mut Vec<LogEvent>) -> Vec<LogLine> {
    let begun =
        |event: &LogEvent| matches!(event, LogEvent::Line(line) if line.part == Part::Begun);
    let whole = events
        .iter()
        .rposition(|event| !begun(event))
        .map_or(0, |at| at + 1);
    let lines = events.drain(whole..).filter_map(|event| match event {
        LogEvent::Line(line) => Some(line),
        LogEvent::Notice(..) | LogEvent::Secrets(_) => None,
    });
    lines.collect()
}
