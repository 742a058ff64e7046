//! Which lines `logs` prints: `--grep`, `--level` and `--stderr`, entry by entry as the screen does it.

use crate::domain::{
    LogLine, LogStream, PerService, ServiceKind,
    log::{Belongs, ENTRY_LINES_MAX, Entries, Filter, Level},
};
use std::collections::HashSet;

/// A line with the level of its entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picked {
    pub kind: ServiceKind,
    pub level: Option<Level>,
    pub line: LogLine,
}

/// Picks lines as they come. Lines of an entry that may still match wait, at most 256 of each stream.
#[derive(Debug, Default)]
pub(super) struct Picker {
    filter: Filter,
    entries: Entries,
    number: u64,
    open: PerService<[Open; 2]>,
}

/// The newest entry of a stream.
#[derive(Debug, Default)]
struct Open {
    holds: bool,
    waiting: Vec<Picked>,
}

impl Picker {
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }

    /// Takes the next line of a service; gives the lines that can be printed now, in their order.
    pub fn take(&mut self, kind: ServiceKind, line: LogLine) -> Vec<Picked> {
        let belongs = self.place(kind, &line);
        let level = belongs.level;
        if !self.filter.passes(level, line.stream) {
            return Vec::new();
        }
        let holds = holds(&self.filter, &line);
        let open = &mut self.open[kind][usize::from(line.stream == LogStream::Err)];
        if belongs.first {
            *open = Open::default();
        }
        open.holds |= holds;
        open.waiting.push(Picked { kind, level, line });
        debug_assert!(open.waiting.len() <= ENTRY_LINES_MAX as usize);
        if open.holds {
            std::mem::take(&mut open.waiting)
        } else {
            Vec::new()
        }
    }

    /// Picks among lines that are all there, and leaves them in their order.
    pub fn take_all(&mut self, lines: Vec<(ServiceKind, LogLine)>) -> Vec<Picked> {
        let (mut placed, mut holding) = (Vec::with_capacity(lines.len()), HashSet::new());
        for (kind, line) in lines {
            let Belongs { entry, level, .. } = self.place(kind, &line);
            if holds(&self.filter, &line) {
                holding.insert(entry);
            }
            placed.push((entry, Picked { kind, level, line }));
        }
        placed.retain(|(entry, picked)| {
            let passes = self.filter.passes(picked.level, picked.line.stream);
            passes && holding.contains(entry)
        });
        placed.into_iter().map(|(_, picked)| picked).collect()
    }

    fn place(&mut self, kind: ServiceKind, line: &LogLine) -> Belongs {
        self.number += 1;
        self.entries.place(self.number, kind, line)
    }
}

fn holds(filter: &Filter, line: &LogLine) -> bool {
    let query = filter.query.as_ref();
    query.is_none_or(|query| query.matches(&line.text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{
        Timestamp,
        log::{Part, Query, Syntax},
        safe::LogText,
    };
    use ServiceKind::{Backend, Postgres};

    fn lines() -> Vec<(ServiceKind, LogLine)> {
        let line = |kind, stream, text: &str| {
            let line = LogLine {
                at: Timestamp::UNIX_EPOCH,
                stream,
                text: LogText::from_bytes(text.as_bytes()),
                cut: 0,
                part: Part::Whole,
            };
            (kind, line)
        };
        vec![
            line(Backend, LogStream::Err, "ERROR: it failed"),
            line(Postgres, LogStream::Err, "LOG:  pool checkpoint"),
            line(
                Backend,
                LogStream::Err,
                "Traceback (most recent call last):",
            ),
            line(Backend, LogStream::Out, "INFO: GET /pool"),
            line(Backend, LogStream::Err, "PoolError: empty"),
            line(Backend, LogStream::Err, "WARNING: slow"),
            line(Backend, LogStream::Err, "  pool of 3"),
        ]
    }

    fn filter(text: &str, level: Option<Level>) -> Filter {
        Filter {
            query: (!text.is_empty()).then(|| Query::new(text, Syntax::Regex).unwrap()),
            level,
            ..Filter::default()
        }
    }

    /// The first letters of the picked lines: all at once, and one by one.
    fn picked(filter: &Filter) -> [String; 2] {
        let initial = |picked: &Picked| picked.line.text.as_str().trim().chars().next().unwrap();
        let mut one_by_one = Picker::new(filter.clone());
        let followed = lines()
            .into_iter()
            .flat_map(|(kind, line)| one_by_one.take(kind, line));
        let all = Picker::new(filter.clone()).take_all(lines());
        [
            all.iter().map(initial).collect(),
            followed.map(|p| initial(&p)).collect(),
        ]
    }

    #[test]
    fn an_entry_is_picked_whole_and_waits_for_its_match() {
        assert_eq!(picked(&filter("", None)), ["ELTIPWp", "ELTIPWp"]);
        // While following, what waited comes with the line that matches.
        assert_eq!(picked(&filter("pool", None)), ["ELTIPWp", "LIETPWp"]);
        assert_eq!(
            picked(&filter("^pool", Some(Level::Warning))),
            ["ETP", "ETP"]
        );
        assert_eq!(
            picked(&filter("", Some(Level::Warning))),
            ["ETPWp", "ETPWp"]
        );
        assert_eq!(picked(&filter("nothing", None)), ["", ""]);
        let stderr = Filter {
            stderr: true,
            ..Filter::default()
        };
        assert_eq!(picked(&stderr), ["ELTPWp", "ELTPWp"]);
    }
}
