//! Bursts of errors in the log of one service: so many within so short a time that somebody should know.

use super::{Entries, Level, LogLine};
use crate::domain::{ServiceKind, Timestamp, safe::LogText};
use std::time::Duration;

/// Errors that make a burst …
pub const ERRORS_MIN: u32 = 5;
/// … if they come within this time; it is over when none came for as long.
pub const WINDOW: Duration = Duration::from_secs(10);

/// Errors that came close after one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burst {
    /// When the first one was printed, by the engine's clock.
    pub at: Timestamp,
    /// When the last one was.
    pub last: Timestamp,
    /// How many there were: stack traces count once.
    pub errors: u32,
    /// The first one, as it was printed.
    pub line: LogText,
}

/// Looks for bursts in the lines of one service, as they come.
#[derive(Debug, Clone)]
pub struct Bursts {
    kind: ServiceKind,
    entries: Entries,
    number: u64,
    open: Option<Burst>,
}

impl Bursts {
    /// Has seen no line of `kind` yet.
    #[must_use]
    pub fn new(kind: ServiceKind) -> Self {
        Self {
            kind,
            entries: Entries::default(),
            number: 0,
            open: None,
        }
    }

    /// Takes the next line; gives the burst that it belongs to if it is an error.
    pub fn take(&mut self, line: &LogLine) -> Option<&Burst> {
        self.number += 1;
        let belongs = self.entries.place(self.number, self.kind, line);
        if !belongs.first || belongs.level < Some(Level::Error) {
            return None;
        }
        self.count(line);
        let burst = self.open.as_ref();
        burst.filter(|burst| burst.errors >= ERRORS_MIN)
    }

    fn count(&mut self, line: &LogLine) {
        match &mut self.open {
            Some(burst) if goes_on(burst, line.at) => {
                burst.errors = burst.errors.saturating_add(1);
                burst.last = burst.last.max(line.at);
            }
            open => {
                *open = Some(Burst {
                    at: line.at,
                    last: line.at,
                    errors: 1,
                    line: line.text.clone(),
                });
            }
        }
    }
}

/// What has not become a burst in time begins again; one that has goes on for as long as errors come.
fn goes_on(burst: &Burst, at: Timestamp) -> bool {
    let within = |from: Timestamp| at.duration_since(from).unsigned_abs() < WINDOW;
    if burst.errors < ERRORS_MIN {
        within(burst.at)
    } else {
        within(burst.last)
            && at.duration_since(burst.at).unsigned_abs() < crate::domain::timeline::SPAN
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{LogStream, log::Part};

    fn errors_of(lines: &[(i64, &str)]) -> Vec<(i64, i64, u32)> {
        let mut bursts = Bursts::new(ServiceKind::Backend);
        let mut found: Vec<(i64, i64, u32)> = Vec::new();
        for (ms, text) in lines {
            let line = LogLine {
                at: Timestamp::from_millisecond(*ms).unwrap(),
                stream: LogStream::Err,
                text: LogText::from_bytes(text.as_bytes()),
                cut: 0,
                part: Part::Whole,
            };
            if let Some(burst) = bursts.take(&line) {
                let at = burst.at.as_millisecond();
                found.retain(|known| known.0 != at);
                found.push((at, burst.last.as_millisecond(), burst.errors));
            }
        }
        found
    }

    #[test]
    fn five_errors_within_ten_seconds_are_a_burst_and_stack_traces_count_once() {
        let trace = [
            (0, "ERROR: first"),
            (10, "INFO: between"),
            (20, "ERROR: second"),
            (21, "Traceback (most recent call last):"),
            (22, "  File \"a.py\", line 1"),
            (23, "ValueError: no"),
            (30, "ERROR: third"),
            (40, "WARNING: no error"),
            (50, "ERROR: fourth"),
        ];
        assert_eq!(errors_of(&trace), []);
        let mut more = trace.to_vec();
        more.push((9_999, "ERROR: fifth"));
        assert_eq!(errors_of(&more), [(0, 9_999, 5)]);
        more.push((19_998, "ERROR: sixth"));
        assert_eq!(errors_of(&more), [(0, 19_998, 6)]);
    }

    #[test]
    fn errors_now_and_then_are_no_burst_and_a_pause_ends_one() {
        let slow: Vec<(i64, &str)> = (0..50).map(|n| (n * 3_000, "ERROR: again")).collect();
        assert_eq!(errors_of(&slow), []);
        let at = [
            0, 1, 2, 3, 4, 20_000, 20_001, 20_002, 20_003, 20_004, 20_005,
        ];
        let twice: Vec<(i64, &str)> = at.iter().map(|ms| (*ms, "ERROR: x")).collect();
        assert_eq!(errors_of(&twice), [(0, 4, 5), (20_000, 20_005, 6)]);
    }

    #[test]
    fn errors_that_never_end_are_told_again_every_ten_minutes() {
        let day: Vec<(i64, &str)> = (0..86_400).map(|s| (s * 1_000, "ERROR: x")).collect();
        let found = errors_of(&day);
        assert_eq!(found.len(), 144);
        assert_eq!(found[0], (0, 599_000, 600));
    }
}
