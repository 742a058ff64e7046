//! Where a cut log stream goes on, so that each line is shown once. No I/O.

use crate::domain::{LogLine, Timestamp};
use jiff::SignedDuration;

/// A line that is older by more than this than one before it was written after the clock was set back; the times of the
/// two streams of a container cross by less.
const CROSSING: SignedDuration = SignedDuration::from_secs(5);

/// Where a stream goes on: after so many lines of the last second that any line was of. Counted, not compared by time:
/// the engine writes the two streams of a container in the order in which it takes them, and their times may cross.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Resume {
    latest: Option<Timestamp>,
    /// Lines so far of the second of `latest`.
    seen: u32,
    /// How often the engine's clock was set back, and how far it had come before: until it is there again, times before
    /// and after are the same, and what comes again is told apart by where the clock was set.
    turns: u32,
    ahead: Option<Timestamp>,
}

/// Lines of a reopened stream that were seen before, by [`Resume`].
#[derive(Debug, Clone)]
pub(super) struct Skip {
    point: Resume,
    passed: u32,
    /// How often the clock was set back in this stream, and the latest moment since.
    turns: u32,
    highest: Option<Timestamp>,
}

/// True if the clock was set back between two lines of these moments.
fn is_back(at: Timestamp, before: Option<Timestamp>) -> bool {
    before.is_some_and(|before| before.duration_since(at) > CROSSING)
}

impl Resume {
    /// What has to be skipped when the stream is opened again from [`Self::since`].
    pub(super) fn skip(self) -> Skip {
        Skip {
            point: self,
            passed: 0,
            turns: 0,
            highest: None,
        }
    }

    /// The moment from which to ask again; the engine knows whole seconds only.
    pub(super) fn since(self) -> Option<Timestamp> {
        self.latest
    }

    /// A line of that moment was read.
    pub(super) fn note(&mut self, at: Timestamp) {
        let second = |at: Timestamp| at.as_second();
        if is_back(at, self.latest) {
            *self = Self {
                latest: Some(at),
                seen: 1,
                turns: self.turns + 1,
                ahead: self.ahead.max(self.latest),
            };
            return;
        }
        if self.ahead.is_some_and(|ahead| second(at) > second(ahead)) {
            (self.turns, self.ahead) = (0, None);
        }
        match self.latest.map(second) {
            Some(last) if second(at) == last => self.seen += 1,
            // Asked again from a later second, the engine leaves it out.
            Some(last) if second(at) < last => {}
            _ => self.seen = 1,
        }
        self.latest = self.latest.max(Some(at));
    }
}

impl Skip {
    /// True if `line` was seen before the stream was reopened.
    pub(super) fn is_old(&mut self, line: &LogLine) -> bool {
        let Some(latest) = self.point.latest else {
            return false;
        };
        self.follow_clock(line.at);
        if self.turns < self.point.turns {
            return Some(line.at) <= self.point.ahead;
        }
        // Set back once more since the point was reached.
        if self.turns > self.point.turns && self.passed >= self.point.seen {
            return false;
        }
        if line.at.as_second() < latest.as_second() {
            return true;
        }
        // Nothing that is later was seen, also if the engine has dropped the beginning of its log meanwhile.
        let old = line.at <= latest && self.passed < self.point.seen;
        self.passed += u32::from(old);
        old
    }

    fn follow_clock(&mut self, at: Timestamp) {
        if is_back(at, self.highest) {
            self.turns += 1;
            self.highest = Some(at);
        } else {
            self.highest = self.highest.max(Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{LogStream, log::Part, safe::LogText};

    fn line(second: i64, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::from_second(second).unwrap(),
            stream: LogStream::Out,
            text: LogText::from_bytes(text.as_bytes()),
            cut: 0,
            part: Part::Whole,
        }
    }

    #[test]
    fn p06_a_resumed_stream_shows_each_line_once_also_with_equal_times() {
        let all = [
            line(1, "a"),
            line(2, "b"),
            line(2, "c"),
            line(2, "d"),
            line(3, "e"),
        ];
        for cut in 0..=all.len() {
            let (mut resume, mut shown) = (Resume::default(), Vec::new());
            for line in &all[..cut] {
                resume.note(line.at);
                shown.push(line.text.plain());
            }
            let mut skip = resume.skip();
            for line in all.iter().filter(|line| !skip.is_old(line)) {
                shown.push(line.text.plain());
            }
            assert_eq!(shown.concat(), "abcde", "cut after {cut}");
        }
    }

    #[test]
    fn lines_whose_times_cross_are_neither_lost_nor_repeated() {
        let at = |nanos: i32, text: &str| LogLine {
            at: Timestamp::new(9, nanos).unwrap(),
            ..line(9, text)
        };
        let all = [
            at(5, "a"),
            at(9, "b"),
            at(7, "c"),
            at(8, "d"),
            line(10, "e"),
        ];
        for cut in 0..=all.len() {
            let (mut resume, mut shown) = (Resume::default(), String::new());
            for line in &all[..cut] {
                resume.note(line.at);
                shown += &line.text.plain();
            }
            let since = resume.since().map_or(0, Timestamp::as_second);
            let mut skip = resume.skip();
            for line in all.iter().filter(|line| line.at.as_second() >= since) {
                if !skip.is_old(line) {
                    shown += &line.text.plain();
                }
            }
            assert_eq!(shown, "abcde", "cut after {cut}");
        }
    }

    #[test]
    fn p30_a_clock_that_is_set_back_once_or_twice_neither_loses_nor_repeats_a_line() {
        let seconds = [100, 130, 160, 190, 110, 120, 130, 130, 150, 105, 106, 195];
        let all: Vec<_> = seconds.map(|second| line(second, "x")).to_vec();
        for (first, second) in (0..=all.len()).flat_map(|a| (a..=all.len()).map(move |b| (a, b))) {
            // Cut twice: what was known after the first cut resumes the second time.
            let (mut resume, mut shown, mut start) = (Resume::default(), 0, 0);
            for end in [first, second, all.len()] {
                let mut skip = resume.skip();
                for line in &all[start..end] {
                    if !skip.is_old(line) {
                        resume.note(line.at);
                        shown += 1;
                    }
                }
                assert_eq!(shown, end, "cut at {first} and {second}");
                let since = resume.since().map_or(0, Timestamp::as_second);
                start = all
                    .iter()
                    .take_while(|line| line.at.as_second() < since)
                    .count();
            }
        }
    }

    #[test]
    fn what_the_engine_dropped_meanwhile_makes_no_new_line_old() {
        let mut resume = Resume::default();
        for _ in 0..3 {
            resume.note(line(9, "dropped").at);
        }
        let mut skip = resume.skip();
        let later = LogLine {
            at: Timestamp::new(9, 5).unwrap(),
            ..line(9, "new")
        };
        assert!(!skip.is_old(&later));
    }
}
