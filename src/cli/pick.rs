//! Which lines `logs` prints: `--grep`, `--level` and `--stderr`, entry by entry as the screen does it, and lines around.

use crate::domain::{
    LogLine, LogStream, PerService, ProjectName, ServiceId,
    log::{Belongs, ENTRY_LINES_MAX, Entries, Filter, Level},
};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// A line with the level of its entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picked {
    pub service: ServiceId,
    pub level: Option<Level>,
    pub line: LogLine,
    /// Which line of all that came it is, from 1.
    pub number: u64,
}

/// Picks lines as they come. Lines of an entry that may still match wait, at most 256 of each stream.
#[derive(Debug, Default)]
pub(super) struct Picker {
    filter: Filter,
    /// Lines before and after what is picked.
    around: usize,
    number: u64,
    logs: BTreeMap<ProjectName, Log>,
    /// The last lines that were not printed, at most [`Self::around`].
    before: VecDeque<Picked>,
    /// Lines that are still to be printed after the last one that was picked.
    after: usize,
}

/// What is known of a project's log.
#[derive(Debug, Default)]
struct Log {
    entries: Entries,
    open: PerService<[Open; 2]>,
}

/// The newest entry of a stream.
#[derive(Debug, Default)]
struct Open {
    holds: bool,
    waiting: Vec<Picked>,
}

impl Picker {
    pub fn new(filter: Filter, around: usize) -> Self {
        Self {
            filter,
            around,
            ..Self::default()
        }
    }

    /// Takes the next line of a service; gives the lines that can be printed now, in their order.
    pub fn take(&mut self, service: ServiceId, line: LogLine) -> Vec<Picked> {
        let (belongs, picked) = self.place(service, line);
        let mut chosen = self.choose(&belongs, &picked);
        if chosen.is_empty() {
            return self.around(picked).into_iter().collect();
        }
        if self.around > 0 {
            chosen.extend(self.before.drain(..));
            chosen.sort_by_key(|picked| picked.number);
            chosen.dedup_by_key(|picked| picked.number);
            self.forget(&chosen);
            self.after = self.around;
        }
        chosen
    }

    /// Lines that the filter shows, now that this one came.
    fn choose(&mut self, belongs: &Belongs, picked: &Picked) -> Vec<Picked> {
        let stream = picked.line.stream;
        if !self.filter.passes(belongs.level, stream) {
            return Vec::new();
        }
        let holds = holds(&self.filter, &picked.line);
        let log = self.logs.entry(picked.service.project.clone());
        let open = &mut log.or_default().open[picked.service.kind][index(stream)];
        if belongs.first {
            *open = Open::default();
        }
        open.holds |= holds;
        open.waiting.push(picked.clone());
        debug_assert!(open.waiting.len() <= ENTRY_LINES_MAX as usize);
        if self.filter.wants(open.holds) {
            std::mem::take(&mut open.waiting)
        } else {
            Vec::new()
        }
    }

    /// The line, if it stands near enough to one that was picked; else it waits for one that will be.
    fn around(&mut self, picked: Picked) -> Option<Picked> {
        if self.after > 0 {
            self.after -= 1;
            self.forget(std::slice::from_ref(&picked));
            return Some(picked);
        }
        self.before.push_back(picked);
        if self.before.len() > self.around {
            self.before.pop_front();
        }
        None
    }

    /// Lines that were printed do not wait any more.
    fn forget(&mut self, printed: &[Picked]) {
        for picked in printed {
            if let Some(log) = self.logs.get_mut(&picked.service.project) {
                let open = &mut log.open[picked.service.kind][index(picked.line.stream)];
                open.waiting
                    .retain(|waiting| waiting.number != picked.number);
            }
        }
    }

    /// Picks among lines that are all there, and leaves them in their order.
    pub fn take_all(&mut self, lines: Vec<(ServiceId, LogLine)>) -> Vec<Picked> {
        let (mut placed, mut holding) = (Vec::with_capacity(lines.len()), HashMap::new());
        for (service, line) in lines {
            let (belongs, picked) = self.place(service, line);
            *holding.entry(belongs.entry).or_insert(false) |= holds(&self.filter, &picked.line);
            placed.push((belongs.entry, picked));
        }
        let chosen: Vec<bool> = placed
            .iter()
            .map(|(entry, picked)| {
                let passes = self.filter.passes(picked.level, picked.line.stream);
                let holds = holding.get(entry).copied().unwrap_or_default();
                passes && self.filter.wants(holds)
            })
            .collect();
        let near = widened(&chosen, self.around);
        let near = placed.into_iter().zip(near).filter(|(_, near)| *near);
        near.map(|((_, picked), _)| picked).collect()
    }

    fn place(&mut self, service: ServiceId, line: LogLine) -> (Belongs, Picked) {
        self.number += 1;
        let log = self.logs.entry(service.project.clone()).or_default();
        let belongs = log.entries.place(self.number, service.kind, &line);
        let picked = Picked {
            service,
            level: belongs.level,
            line,
            number: self.number,
        };
        (belongs, picked)
    }
}

fn index(stream: LogStream) -> usize {
    usize::from(stream == LogStream::Err)
}

/// What is chosen, and so many before and after.
fn widened(chosen: &[bool], around: usize) -> Vec<bool> {
    let mut near = vec![false; chosen.len()];
    let mut next = 0;
    for (n, _) in chosen.iter().enumerate().filter(|(_, chosen)| **chosen) {
        let end = (n + around + 1).min(chosen.len());
        let begin = next.max(n.saturating_sub(around));
        if let Some(near) = near.get_mut(begin..end) {
            near.fill(true);
        }
        next = end;
    }
    near
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
        ServiceKind, Timestamp,
        log::{Part, Query, Syntax},
        safe::LogText,
    };
    use ServiceKind::{Backend, Postgres};

    fn lines() -> Vec<(ServiceId, LogLine)> {
        let shop = "shop".parse().unwrap();
        let line = |kind, stream, text: &str| {
            let line = LogLine {
                at: Timestamp::UNIX_EPOCH,
                stream,
                text: LogText::from_bytes(text.as_bytes()),
                cut: 0,
                part: Part::Whole,
            };
            (ServiceId::new(&shop, kind), line)
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
    fn near(filter: &Filter, around: usize) -> [String; 2] {
        let initial = |picked: &Picked| picked.line.text.as_str().trim().chars().next().unwrap();
        let mut one_by_one = Picker::new(filter.clone(), around);
        let followed = lines()
            .into_iter()
            .flat_map(|(service, line)| one_by_one.take(service, line));
        let all = Picker::new(filter.clone(), around).take_all(lines());
        [
            all.iter().map(initial).collect(),
            followed.map(|p| initial(&p)).collect(),
        ]
    }

    fn picked(filter: &Filter) -> [String; 2] {
        near(filter, 0)
    }

    #[test]
    fn lines_around_are_printed_once_and_whatever_they_are() {
        assert_eq!(near(&filter("slow", None), 1), ["PWp", "PWp"]);
        assert_eq!(
            near(&filter("checkpoint|/pool", None), 1),
            ["ELTIP", "ELTIP"]
        );
        assert_eq!(near(&filter("failed", None), 2), ["ELTIPWp", "ELTIPWp"]);
        assert_eq!(
            near(&filter("checkpoint", None), 1000),
            ["ELTIPWp", "ELTIPWp"]
        );
        // What an entry holds that matches later is there already.
        assert_eq!(near(&filter("GET|empty", None), 1), ["ELTIPW", "TIEPW"]);
        assert_eq!(near(&filter("nothing", None), 3), ["", ""]);
    }

    #[test]
    fn what_does_not_match_is_picked_by_entries_too() {
        let inverse = |text| Filter {
            inverse: true,
            ..filter(text, None)
        };
        assert_eq!(picked(&inverse("slow"))[0], "ELTIP");
        assert_eq!(picked(&inverse("pool of"))[0], "ELTIP");
        assert_eq!(picked(&inverse("(?i)pool"))[0], "");
        assert_eq!(picked(&inverse("slow"))[1], "ELTIP");
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
